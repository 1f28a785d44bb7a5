//! `PostOperation`: changes stock once, however often it is asked.
//!
//! One round trip when every name is an exact key. When one is not, nothing was done: the names of the shop are read,
//! what is near is weighed here, and the operation is posted with what was decided.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use proto::inventory::v1 as pb;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::fields::{Fields, ItemReference, Price, request_hash};
use super::{Inventory, answers};
use crate::domain::key::Key;
use crate::domain::matching::{self, Decision};
use crate::domain::movement_kind::{Direction, MovementKind};
use crate::domain::paper::paper_key;
use crate::domain::reference::public_reference;
use crate::domain::unit::Unit;
use crate::error::Error;
use crate::store::{Asked, Catalogue, NewItem, NewLine, NewPaper, Outcome, PostAnswer, Posted};

/// Lines an operation may have.
const LINES_MAX: usize = 100;
/// How far back an operation may lie without being called backdated.
const BACK_MAX: SignedDuration = SignedDuration::from_hours(24);
/// How far the caller's clock may be ahead of ours; it counts as now.
const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(5);

pub(super) async fn post_operation(
    inventory: &Inventory,
    request: pb::PostOperationRequest,
) -> Result<pb::PostOperationResponse, Error> {
    let wanted = NewOperation::parse(request, inventory)?;
    let asked = &wanted.asked;
    let mut lines: Vec<NewLine> =
        wanted.lines.iter().enumerate().map(|(place, line)| line.to_store(place + 1)).collect();

    let posted = match wanted.post(inventory, &lines, false).await? {
        PostAnswer::Posted(posted) => posted,
        PostAnswer::Unresolved { unresolved } => {
            let catalogue = inventory.store.catalogue(asked.shop_id).await?;
            wanted.decide(inventory, &unresolved, &catalogue, &mut lines);
            match wanted.post(inventory, &lines, true).await? {
                PostAnswer::Posted(posted) => posted,
                PostAnswer::Unresolved { .. } => {
                    return Err(Error::inconsistent("item_key", "a line stayed open after it was decided"));
                }
            }
        }
    };

    if let Some(operation) = posted.operation.as_ref().filter(|_| !asked.dry_run) {
        tracing::info!(
            operation.id = %operation.id,
            shop.id = %asked.shop_id,
            replayed = posted.replayed,
            "posted operation {} of {} movements",
            operation.id,
            posted.movements.len()
        );
    }
    answer(posted, asked.dry_run)
}

fn answer(posted: Posted, dry_run: bool) -> Result<pb::PostOperationResponse, Error> {
    let dry_run = dry_run && !posted.replayed;
    Ok(pb::PostOperationResponse {
        operation: posted
            .operation
            .map(|operation| answers::operation(operation, posted.movements, dry_run))
            .transpose()?,
        results: posted.results.into_iter().map(answers::line_result).collect(),
        replayed: posted.replayed,
    })
}

/// A request that makes sense in itself.
struct NewOperation {
    asked: Asked,
    occurred_at: Timestamp,
    lines: Vec<Line>,
    all_or_nothing: bool,
    paper: Option<NewPaper>,
}

struct Line {
    item: ItemReference,
    effect: Effect,
    unit: Unit,
    pack_size: Option<Decimal>,
    price: Option<Price>,
    location_id: Option<Uuid>,
    expected_balance: Option<Decimal>,
    create_item: bool,
    create_despite_similar: bool,
}

enum Effect {
    Change { kind: MovementKind, quantity: Decimal },
    All { kind: MovementKind },
    Count { quantity: Decimal },
}

impl NewOperation {
    fn parse(mut request: pb::PostOperationRequest, inventory: &Inventory) -> Result<Self, Error> {
        let dry_run = std::mem::take(&mut request.dry_run); // asking first and then doing is the same request
        let request_hash = request_hash(&request);
        let now = inventory.clock.now();
        let mut fields = Fields::default();
        let shop_id = fields.id("shop_id", &request.shop_id);
        fields.request_id(&request.request_id);
        let source = fields.source(request.source);
        let member_id = fields.optional_id("member_id", &request.member_id);
        let occurred_at = occurred_at(&mut fields, request.occur_time, request.backdated, now);
        if request.lines.is_empty() || request.lines.len() > LINES_MAX {
            fields.refuse("lines", format!("must be 1 to {LINES_MAX}"));
        }
        let lines = request
            .lines
            .iter()
            .take(LINES_MAX)
            .enumerate()
            .map(|(place, line)| Line::parse(&mut fields, &format!("lines[{place}]"), line))
            .collect();
        let paper = request.paper.as_ref().map(|paper| parse_paper(&mut fields, paper));
        fields.finish()?;
        let operation_id = inventory.ids.uuid();
        Ok(Self {
            asked: Asked {
                shop_id,
                operation_id,
                public_reference: public_reference(operation_id),
                source,
                request_id: request.request_id,
                request_hash,
                member_id,
                recorded_at: now,
                dry_run,
            },
            occurred_at,
            lines,
            all_or_nothing: request.all_or_nothing,
            paper,
        })
    }

    async fn post(&self, inventory: &Inventory, lines: &[NewLine], is_decided: bool) -> Result<PostAnswer, Error> {
        inventory
            .store
            .post_operation(&self.asked, self.occurred_at, lines, is_decided, self.all_or_nothing, self.paper.as_ref())
            .await
    }

    /// Decides what the lines mean whose names are no exact keys. `unresolved` are places in the request, from 1.
    fn decide(&self, inventory: &Inventory, unresolved: &[usize], catalogue: &Catalogue, lines: &mut [NewLine]) {
        // Two lines that name the same new thing create it once.
        let mut new_items: HashMap<Key, NewItem> = HashMap::new();
        for place in unresolved {
            let Some((line, stored)) =
                place.checked_sub(1).and_then(|place| self.lines.get(place).zip(lines.get_mut(place)))
            else {
                continue;
            };
            let ItemReference::Named { name, keys } = &line.item else { continue };
            let not_posted = |ranked: Vec<(&crate::store::CatalogueItem, matching::Fit)>| {
                Some(ranked.into_iter().map(|(item, fit)| item.candidate(fit)).collect())
            };
            let decision = if line.create_despite_similar && line.may_create() {
                Decision::Create
            } else {
                matching::decide(catalogue.rank(keys), line.may_create(), line.is_whole())
            };
            match decision {
                Decision::Accept(item) => stored.item_id = Some(item.item.id),
                Decision::Ask(ranked) => {
                    stored.outcome = Some(Outcome::ItemAmbiguous);
                    stored.candidates = not_posted(ranked);
                }
                Decision::NotFound(ranked) => {
                    stored.outcome = Some(Outcome::ItemNotFound);
                    stored.candidates = not_posted(ranked);
                }
                Decision::Create => {
                    let new_item = keys.iter().find_map(|key| new_items.get(key)).cloned().unwrap_or_else(|| {
                        let keeping = line.unit.keeping(line.effect.quantity(), line.pack_size);
                        NewItem {
                            id: inventory.ids.uuid(),
                            display_name: name.clone(),
                            base_unit: keeping.base_unit,
                            scale: keeping.scale,
                            keys: keys.iter().map(Key::to_string).collect(),
                        }
                    });
                    for key in keys {
                        new_items.entry(key.clone()).or_insert_with(|| new_item.clone());
                    }
                    stored.new_item = Some(new_item);
                }
            }
        }
    }
}

fn parse_paper(fields: &mut Fields, paper: &pb::Paper) -> NewPaper {
    let mut key = |field: &str, printed: &str, length_max: usize| {
        if printed.chars().count() > length_max || printed.contains('\0') {
            fields.refuse(field, format!("must have at most {length_max} code points and no NUL"));
        }
        let key = paper_key(printed);
        if key.is_empty() {
            fields.refuse(field, "must hold a letter or a digit");
        }
        key
    };
    NewPaper {
        supplier_key: key("paper.supplier", &paper.supplier, 200),
        number_key: key("paper.number", &paper.number, 100),
        supplier: paper.supplier.clone(),
        number: paper.number.clone(),
    }
}

fn occurred_at(
    fields: &mut Fields,
    value: Option<prost_types::Timestamp>,
    backdated: bool,
    now: Timestamp,
) -> Timestamp {
    let Some(value) = value else { return now };
    let Some(said) = Timestamp::new(value.seconds, value.nanos)
        .ok()
        .and_then(|said| Timestamp::from_microsecond(said.as_microsecond()).ok())
        .filter(|said| *said >= Timestamp::UNIX_EPOCH)
    else {
        fields.refuse("occur_time", "must be a time since 1970");
        return now;
    };
    if now.duration_until(said) > AHEAD_MAX {
        fields.refuse("occur_time", "must not lie ahead");
    } else if said.duration_until(now) > BACK_MAX && !backdated {
        fields.refuse("occur_time", "must not lie more than 24 hours back unless backdated is set");
    }
    said.min(now)
}

impl Line {
    fn parse(fields: &mut Fields, path: &str, line: &pb::OperationLine) -> Self {
        let item = fields.item(&format!("{path}.item"), line.item.as_ref());
        let effect = Effect::parse(fields, path, line.effect.as_ref());
        if line.unit.chars().count() > 40 || line.unit.chars().any(char::is_control) {
            fields.refuse(format!("{path}.unit"), "must have at most 40 code points and no control characters");
        }
        Self {
            item,
            effect,
            unit: Unit::of(&line.unit),
            pack_size: line.pack_size.as_ref().map(|size| fields.factor(&format!("{path}.pack_size"), size)),
            price: line.unit_price.as_ref().map(|price| fields.price(&format!("{path}.unit_price"), price)),
            location_id: fields.optional_id(&format!("{path}.location_id"), &line.location_id),
            expected_balance: line
                .expected_balance
                .as_ref()
                .map(|balance| fields.quantity(&format!("{path}.expected_balance"), balance)),
            create_item: line.create_item || line.create_despite_similar,
            create_despite_similar: line.create_despite_similar,
        }
    }

    /// Returns whether the line may create its item: what leaves must have been there.
    fn may_create(&self) -> bool {
        self.create_item
            && match &self.effect {
                Effect::Change { kind, quantity } => match kind.direction() {
                    Direction::In => true,
                    Direction::Out => false,
                    Direction::Signed => quantity.is_sign_positive(),
                },
                Effect::All { .. } => false,
                Effect::Count { .. } => true,
            }
    }

    /// Returns whether the line speaks of all there is of its item.
    fn is_whole(&self) -> bool {
        matches!(self.effect, Effect::All { .. } | Effect::Count { .. })
    }

    fn to_store(&self, line: usize) -> NewLine {
        let (item_id, keys) = match &self.item {
            ItemReference::Id(id) => (Some(*id), Vec::new()),
            ItemReference::Named { keys, .. } => (None, keys.iter().map(Key::to_string).collect()),
        };
        let (is_count, kind) = match &self.effect {
            Effect::Change { kind, .. } | Effect::All { kind } => (false, Some(*kind)),
            Effect::Count { .. } => (true, None),
        };
        NewLine {
            line,
            item_id,
            keys,
            new_item: None,
            outcome: None,
            candidates: None,
            is_count,
            kind: kind.map(MovementKind::as_str),
            sign: if kind.is_some_and(|kind| kind.direction() == Direction::Out) { -1 } else { 1 },
            quantity: self.effect.quantity(),
            takes_all: matches!(self.effect, Effect::All { .. }),
            unit: self.unit.name().map(str::to_owned),
            measures: self.unit.conversions().into_iter().collect(),
            usual_factor: self.unit.usual_factor(),
            pack_size: self.pack_size,
            unit_price: self.price.as_ref().map(|price| price.amount),
            currency: self.price.as_ref().map(|price| price.currency.clone()),
            location_id: self.location_id,
            expected_balance: self.expected_balance,
        }
    }
}

impl Effect {
    fn parse(fields: &mut Fields, path: &str, effect: Option<&pb::operation_line::Effect>) -> Self {
        match effect {
            None => {
                fields.refuse(path, "must hold a change or a count");
                Self::Count { quantity: Decimal::ZERO }
            }
            Some(pb::operation_line::Effect::Count(count)) => {
                let field = format!("{path}.count.quantity");
                let quantity = required_quantity(fields, &field, count.quantity.as_ref());
                if quantity < Decimal::ZERO {
                    fields.refuse(field, "must not be below zero");
                }
                Self::Count { quantity }
            }
            Some(pb::operation_line::Effect::Change(change)) => {
                let kind = movement_kind(fields, &format!("{path}.change.kind"), change.kind);
                let field = format!("{path}.change.quantity");
                if change.all {
                    if change.quantity.is_some() {
                        fields.refuse(field, "must be absent where all goes");
                    }
                    if kind.direction() != Direction::Out {
                        fields.refuse(format!("{path}.change.all"), "is for what takes stock out");
                    }
                    return Self::All { kind };
                }
                let quantity = required_quantity(fields, &field, change.quantity.as_ref());
                match kind.direction() {
                    Direction::In | Direction::Out if quantity <= Decimal::ZERO => {
                        fields.refuse(field, "must be above zero");
                    }
                    Direction::Signed if quantity.is_zero() => fields.refuse(field, "must not be zero"),
                    Direction::In | Direction::Out | Direction::Signed => {}
                }
                Self::Change { kind, quantity }
            }
        }
    }

    fn quantity(&self) -> Option<Decimal> {
        match self {
            Self::Change { quantity, .. } | Self::Count { quantity } => Some(*quantity),
            Self::All { .. } => None,
        }
    }
}

fn required_quantity(fields: &mut Fields, field: &str, value: Option<&proto::common::v1::Decimal>) -> Decimal {
    let Some(value) = value else {
        fields.refuse(field, "is required");
        return Decimal::ONE;
    };
    fields.quantity(field, value)
}

fn movement_kind(fields: &mut Fields, field: &str, value: i32) -> MovementKind {
    match pb::MovementKind::try_from(value) {
        Ok(pb::MovementKind::Receipt) => MovementKind::Receipt,
        Ok(pb::MovementKind::Sale) => MovementKind::Sale,
        Ok(pb::MovementKind::Waste) => MovementKind::Waste,
        Ok(pb::MovementKind::OwnUse) => MovementKind::OwnUse,
        Ok(pb::MovementKind::Theft) => MovementKind::Theft,
        Ok(pb::MovementKind::Gift) => MovementKind::Gift,
        Ok(pb::MovementKind::ReturnIn) => MovementKind::ReturnIn,
        Ok(pb::MovementKind::ReturnOut) => MovementKind::ReturnOut,
        Ok(pb::MovementKind::Adjustment) => MovementKind::Adjustment,
        Ok(pb::MovementKind::Opening) => MovementKind::Opening,
        Ok(
            pb::MovementKind::Unspecified
            | pb::MovementKind::Count
            | pb::MovementKind::Transfer
            | pb::MovementKind::Reversal,
        )
        | Err(_) => {
            fields.refuse(field, "must be a reason a caller may give");
            MovementKind::Adjustment
        }
    }
}
