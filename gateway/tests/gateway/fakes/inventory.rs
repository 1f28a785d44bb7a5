//! A ledger in memory.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use platform::error::{Refusal, Situation};
use proto::common::v1::{Decimal, WhatsAppUser};
use proto::inventory::v1::{self as pb, item_reference, operation_line, reverse_operation_request};
use tonic::Status;
use uuid::Uuid;

use super::count::Count;
use super::people::Staff;
use super::shelf::Shelf;
use super::told::Told;
use super::{Script, refuse};

/// A member that is known.
#[derive(Clone)]
pub struct Known {
    pub user: WhatsAppUser,
    pub role: pb::Role,
    pub id: Uuid,
}

/// An operation that was posted.
#[derive(Clone)]
pub struct Posted {
    pub request_id: String,
    pub operation: pb::Operation,
    pub reversed_by: String,
}

#[derive(Default)]
pub struct State {
    pub members: Vec<Known>,
    pub posted: Vec<Posted>,
    pub added: Vec<pb::AddMemberRequest>,
    pub linked: Vec<pb::LinkIdentityRequest>,
    /// Numbers that belong to another shop.
    pub elsewhere: Vec<String>,
    /// Names that fit several items.
    pub alike: HashMap<String, Vec<String>>,
    /// Seconds by which operations look older than they are.
    pub age_seconds: i64,
    /// Methods whose next answer is lost on its way, after they did their work.
    pub lost: Vec<&'static str>,
    /// What posting is refused with, one after the other, before anything is done.
    pub refusals: VecDeque<(Situation, &'static str)>,
    /// Supplier and number of the papers that were booked.
    pub papers: Vec<(String, String)>,
    /// How often somebody asked for the items together with a person.
    pub item_lists: usize,
    /// The items beside their stock.
    pub shelf: Shelf,
    /// Its stock-take.
    pub count: Count,
    /// Who belongs to the shop.
    pub staff: Staff,
    /// What it tells of its days.
    pub told: Told,
    /// What people speak, as a tag.
    pub language: String,
    /// What is usual for an item: ten times that is asked about.
    pub usual: HashMap<String, i64>,
    /// How many pieces a case holds, by item; items that are not here have none that is known.
    pub cases: HashMap<String, i64>,
    pub(super) balances: HashMap<(String, String), i64>,
}

impl State {
    pub(super) fn lose(&mut self, method: &'static str) -> Result<(), Status> {
        let place = self.lost.iter().position(|lost| *lost == method);
        let Some(place) = place else { return Ok(()) };
        self.lost.remove(place);
        Err(refuse(Situation::Unavailable, "ERROR_REASON_DATABASE_UNAVAILABLE"))
    }
}

/// The ledger. Cheap to clone.
#[derive(Clone, Default)]
pub struct Inventory {
    state: Arc<Mutex<State>>,
}

impl Inventory {
    pub async fn start(&self) -> String {
        self.told(self.staff(self.count(self.shelf(Script::of("thebackroom.inventory.v1.InventoryService")))))
            .on("IdentifyMember", self.method(Self::identify_member))
            .on("LinkIdentity", self.method(Self::link_identity))
            .on("AddMember", self.method(Self::add_member))
            .on("PostOperation", self.method(Self::post_operation))
            .on("ReverseOperation", self.method(Self::reverse_operation))
            .on("GetOperation", self.method(Self::get_operation))
            .on("CorrectOperation", self.method(Self::correct_operation))
            .on("ListStock", self.method(Self::list_stock))
            .start()
            .await
    }

    pub(super) fn method<Q, A>(
        &self,
        method: fn(&Self, Q) -> Result<A, Status>,
    ) -> impl Fn(Q) -> Result<A, Status> + Clone + Send + Sync + use<Q, A> {
        let inventory = self.clone();
        move |request| method(&inventory, request)
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Makes somebody known with a role.
    pub fn know(&self, phone: &str, role: pb::Role) {
        let user = WhatsAppUser { user_id: String::new(), phone_number: phone.to_owned() };
        self.state().members.push(Known { user, role, id: new_id() });
    }

    /// Returns what was posted by this request.
    pub fn posted_by(&self, request_id: &str) -> Option<Posted> {
        self.state().posted.iter().find(|posted| posted.request_id == request_id).cloned()
    }
}

fn is_same(known: &WhatsAppUser, asked: &WhatsAppUser) -> bool {
    (!asked.user_id.is_empty() && known.user_id == asked.user_id)
        || (!asked.phone_number.is_empty() && known.phone_number == asked.phone_number)
}

pub(super) fn decimal(value: i64) -> Decimal {
    Decimal { value: value.to_string() }
}

fn answer(known: &Known, language: &str) -> (Option<pb::Shop>, Option<pb::Member>) {
    let shop = pb::Shop {
        shop_id: known.id.to_string(),
        currency_code: "ZAR".to_owned(),
        time_zone: "Africa/Johannesburg".to_owned(),
        ..pb::Shop::default()
    };
    let member = pb::Member {
        member_id: known.id.to_string(),
        role: known.role as i32,
        language_code: language.to_owned(),
        ..pb::Member::default()
    };
    (Some(shop), Some(member))
}

impl Inventory {
    fn identify_member(&self, request: pb::IdentifyMemberRequest) -> Result<pb::IdentifyMemberResponse, Status> {
        let user = request.user.unwrap();
        if user.user_id.is_empty() && user.phone_number.is_empty() {
            return Err(refuse(Situation::Malformed, "ERROR_REASON_INVALID_FIELD"));
        }
        let mut state = self.state();
        state.item_lists += usize::from(request.with_items);
        let found = state.members.iter().find(|known| is_same(&known.user, &user)).cloned();
        let created = found.is_none();
        let known = match found {
            Some(known) => known,
            None if request.lookup_only => {
                return Err(refuse(Situation::NotFound, "ERROR_REASON_MEMBER_NOT_FOUND"));
            }
            None => {
                let known = Known { user, role: pb::Role::Owner, id: new_id() };
                state.members.push(known.clone());
                known
            }
        };
        let (shop, member) = answer(&known, &state.language);
        Ok(pb::IdentifyMemberResponse { shop, member, created, items: Vec::new() })
    }

    #[expect(
        clippy::unnecessary_wraps,
        clippy::needless_pass_by_value,
        reason = "methods of the ledger take requests and can refuse"
    )]
    fn list_stock(&self, request: pb::ListStockRequest) -> Result<pb::ListStockResponse, Status> {
        let state = self.state();
        let level = |(id, on_shelf): (&String, &i64)| {
            let balance = state.balances.get(&(request.shop_id.clone(), id.clone())).unwrap_or(on_shelf);
            let (item, on_hand) = (Some(state.shelf.item(id)), Some(decimal(*balance)));
            pb::StockLevel { item, on_hand, ..pb::StockLevel::default() }
        };
        let stock_levels = state.shelf.stock.iter().map(level).collect();
        Ok(pb::ListStockResponse { stock_levels, ..pb::ListStockResponse::default() })
    }

    fn link_identity(&self, request: pb::LinkIdentityRequest) -> Result<pb::LinkIdentityResponse, Status> {
        let mut state = self.state();
        state.linked.push(request.clone());
        let (previous, current) = (request.previous.unwrap(), request.current.unwrap());
        let language = state.language.clone();
        let Some(known) = state.members.iter_mut().find(|known| is_same(&known.user, &previous)) else {
            return Err(refuse(Situation::NotFound, "ERROR_REASON_MEMBER_NOT_FOUND"));
        };
        if !current.user_id.is_empty() {
            known.user.user_id = current.user_id;
        }
        if !current.phone_number.is_empty() {
            known.user.phone_number = current.phone_number;
        }
        let (shop, member) = answer(known, &language);
        state.lose("LinkIdentity")?;
        Ok(pb::LinkIdentityResponse { shop, member, other_shop_id: String::new() })
    }

    fn add_member(&self, request: pb::AddMemberRequest) -> Result<pb::AddMemberResponse, Status> {
        let mut state = self.state();
        let user = request.user.clone().unwrap();
        if state.elsewhere.contains(&user.phone_number) {
            return Err(refuse(Situation::RuleSaysNo, "ERROR_REASON_MEMBER_ELSEWHERE"));
        }
        let is_repeat = state.added.iter().any(|added| added.request_id == request.request_id);
        let existed = !is_repeat && state.members.iter().any(|known| is_same(&known.user, &user));
        if !existed && !is_repeat {
            state.members.push(Known { user, role: pb::Role::Clerk, id: Uuid::parse_str(&request.shop_id).unwrap() });
        }
        state.added.push(request);
        state.lose("AddMember")?;
        Ok(pb::AddMemberResponse { member: Some(pb::Member::default()), existed })
    }

    #[expect(clippy::too_many_lines, reason = "a ledger in one place")]
    fn post_operation(&self, request: pb::PostOperationRequest) -> Result<pb::PostOperationResponse, Status> {
        let mut state = self.state();
        if let Some((situation, reason)) = state.refusals.pop_front() {
            return Err(refuse(situation, reason));
        }
        if !state.members.iter().any(|known| known.id.to_string() == request.shop_id) {
            return Err(refuse(Situation::NotFound, "ERROR_REASON_SHOP_NOT_FOUND"));
        }
        let state = &mut *state;
        let is_known = state.posted.iter().any(|posted| posted.request_id == request.request_id);
        if let Some(paper) = &request.paper {
            let paper = (paper.supplier.clone(), paper.number.clone());
            if state.papers.contains(&paper) && !is_known {
                let refusal = Refusal::new(Situation::Taken, "fake", "ERROR_REASON_PAPER_BOOKED", "refused by script");
                return Err(refusal.metadata("publicReference", "K7Q2").into_status());
            }
            if !request.dry_run && !is_known {
                state.papers.push(paper);
            }
        }
        let mut operation = pb::Operation {
            operation_id: new_id().to_string(),
            kind: pb::OperationKind::Post as i32,
            member_id: request.member_id.clone(),
            record_time: Some(prost_types::Timestamp {
                seconds: platform::clock::Clock::system().now().as_second() - state.age_seconds,
                nanos: 0,
            }),
            ..pb::Operation::default()
        };
        let replayed = state.posted.iter().find(|posted| posted.request_id == request.request_id).cloned();
        let mut results = Vec::new();
        for (line, index) in request.lines.iter().zip(1..) {
            // An item goes by its name as its id, too; only a name fits several.
            let (name, alike) = match line.item.as_ref().and_then(|item| item.reference.clone()).unwrap() {
                item_reference::Reference::ItemId(id) => (id, None),
                item_reference::Reference::Name(name) => (name.clone(), state.alike.get(&name)),
            };
            if let Some(names) = alike {
                let candidates = names
                    .iter()
                    .map(|name| pb::Candidate { item: Some(item(name)), score_ppm: 1, on_hand: Some(decimal(0)) })
                    .collect();
                let outcome = pb::LineOutcome::ItemAmbiguous as i32;
                results.push(pb::LineResult { outcome, candidates, ..pb::LineResult::default() });
                continue;
            }
            let (kind, said) = match line.effect.clone().unwrap() {
                operation_line::Effect::Change(change) => (change.kind(), change.quantity),
                operation_line::Effect::Count(count) => (pb::MovementKind::Count, count.quantity),
            };
            let mut quantity: i64 = said.as_ref().unwrap().value.parse().unwrap();
            if !line.unit.is_empty() {
                if let Some(size) = &line.pack_size {
                    state.cases.insert(name.clone(), size.value.parse().unwrap());
                }
                let Some(size) = state.cases.get(&name) else {
                    let outcome = pb::LineOutcome::UnitUnknown as i32;
                    results.push(pb::LineResult { outcome, item: Some(item(&name)), ..pb::LineResult::default() });
                    continue;
                };
                quantity *= size;
            }
            if let Some(usual) = state.usual.get(&name).filter(|usual| request.hold_unusual && quantity > *usual * 10) {
                let (outcome, usual) = (pb::LineOutcome::Unusual as i32, Some(decimal(*usual)));
                results.push(pb::LineResult { outcome, item: Some(item(&name)), usual, ..pb::LineResult::default() });
                continue;
            }
            let on_shelf = state.shelf.stock.get(&name).copied().unwrap_or_default();
            let balance = state.balances.entry((request.shop_id.clone(), name.clone())).or_insert(on_shelf);
            let before = *balance;
            let delta = match kind {
                pb::MovementKind::Sale => -quantity,
                pb::MovementKind::Count => quantity - before,
                _ => quantity,
            };
            if replayed.is_none() && !request.dry_run {
                *balance += delta;
            }
            let level = state.shelf.levels.get(&name).map(|level| level.parse::<i64>().unwrap());
            let balance_after = Some(decimal(*balance));
            results.push(pb::LineResult {
                outcome: pb::LineOutcome::Posted as i32,
                item: Some(state.shelf.item(&name)),
                delta: Some(decimal(delta)),
                balance_after: balance_after.clone(),
                low_level_crossed: level.is_some_and(|level| before > level && *balance <= level),
                ..pb::LineResult::default()
            });
            operation.movements.push(pb::Movement {
                movement_id: index,
                line_number: i32::try_from(index).unwrap(),
                item_id: name.clone(),
                item_name: name.clone(),
                said_quantity: said,
                said_unit: line.unit.clone(),
                kind: kind as i32,
                delta: Some(decimal(delta)),
                balance_after,
                ..pb::Movement::default()
            });
        }
        if let Some(posted) = replayed {
            operation = posted.operation;
        } else if !operation.movements.is_empty() && !request.dry_run {
            state.posted.push(Posted {
                request_id: request.request_id,
                operation: operation.clone(),
                reversed_by: String::new(),
            });
        }
        let operation = (!operation.movements.is_empty()).then_some(operation);
        state.lose("PostOperation")?;
        Ok(pb::PostOperationResponse { operation, results, replayed: false })
    }

    fn reverse_operation(&self, request: pb::ReverseOperationRequest) -> Result<pb::ReverseOperationResponse, Status> {
        let mut state = self.state();
        let target = match request.target.unwrap() {
            reverse_operation_request::Target::OperationId(id) => {
                state.posted.iter_mut().find(|posted| posted.operation.operation_id == id)
            }
            // The newest; nothing else is asked for here.
            _ => state
                .posted
                .iter_mut()
                .rev()
                .find(|posted| posted.operation.member_id == request.member_id && posted.reversed_by.is_empty()),
        };
        let Some(posted) = target else {
            return Err(refuse(Situation::RuleSaysNo, "ERROR_REASON_NOTHING_TO_REVERSE"));
        };
        if !posted.reversed_by.is_empty() {
            return Err(refuse(Situation::RuleSaysNo, "ERROR_REASON_ALREADY_REVERSED"));
        }
        let reversed = posted.operation.clone();
        let mut operation = reversed.clone();
        operation.operation_id = new_id().to_string();
        for movement in &mut operation.movements {
            let delta: i64 = movement.delta.as_ref().unwrap().value.parse().unwrap();
            movement.reverses_movement_id = movement.movement_id;
            movement.delta = Some(decimal(-delta));
            movement.balance_after = Some(decimal(0));
        }
        if !request.dry_run {
            posted.reversed_by.clone_from(&operation.operation_id);
        }
        Ok(pb::ReverseOperationResponse { operation: Some(operation), reversed: Some(reversed), replayed: false })
    }
}

pub(super) fn item(name: &str) -> pb::Item {
    pb::Item {
        item_id: name.to_owned(),
        display_name: name.to_owned(),
        base_unit: "each".to_owned(),
        ..pb::Item::default()
    }
}

pub(super) fn new_id() -> Uuid {
    platform::ids::Ids::new(platform::clock::Clock::system()).uuid()
}
