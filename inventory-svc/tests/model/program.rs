//! Random programs: what callers ask for, drawn so that most of it makes sense and some of it does not.

use jiff::{SignedDuration, Timestamp};
use proto::common::v1::Decimal;
use proto::inventory::v1 as pb;
use proto::inventory::v1::item_reference::Reference;
use proto::inventory::v1::operation_line::Effect;

use crate::book::Book;
use crate::call::{Call, to_wire};
use crate::dice::Dice;

/// Names that look like no other. Every second one is of something that is weighed.
pub(crate) const NAMES: [&str; 6] = ["bread", "flour", "jik", "mango", "vinegar", "soap"];
const OTHER_NAMES: [&str; 6] = ["zumbo", "kwelix", "dopra", "hytti", "orvul", "quenna"];

/// Who asks, and what they ask for.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) shop_id: String,
    pub(crate) member_id: String,
    /// Whether names, packs and the archive change too, and new items come.
    pub(crate) changes_items: bool,
    /// Whether items are merged and kept in other units.
    pub(crate) puts_away: bool,
}

/// Draws one call.
#[expect(clippy::too_many_lines, reason = "one arm for each call, and nothing else")]
pub(crate) fn draw(
    dice: &mut Dice,
    book: &Book,
    caller: &Caller,
    own: &[String],
    request_id: &str,
    now: Timestamp,
) -> Call {
    let occur_time = dice.one_in(4).then(|| {
        let ago = i64::try_from(dice.below(15_000)).expect("it is small");
        to_wire(now - SignedDuration::from_millis(ago))
    });
    let source = pb::Source::Whatsapp.into();
    let (shop_id, member_id, request_id) = (caller.shop_id.clone(), caller.member_id.clone(), request_id.to_owned());
    loop {
        return match dice.below(100) {
            0..=45 => {
                let line_count = 1 + dice.below(4);
                let is_count = dice.one_in(3);
                let mut lines = Vec::new();
                for _ in 0..line_count {
                    let is_count = is_count && !dice.one_in(8);
                    lines.push(line(dice, book, caller, is_count));
                }
                let all_or_nothing = dice.one_in(4);
                Call::Post(pb::PostOperationRequest {
                    shop_id,
                    request_id,
                    source,
                    member_id,
                    occur_time,
                    lines,
                    all_or_nothing,
                    ..Default::default()
                })
            }
            46..=67 => {
                use pb::reverse_operation_request::Target;
                let target = match (operation(dice, book, own, caller), dice.below(4), member_id.is_empty()) {
                    (_, 0, false) => Target::Latest(pb::Latest {}),
                    (_, 1, false) => Target::LatestReversal(pb::LatestReversal {}),
                    (Some(id), ..) => Target::OperationId(id),
                    (None, ..) => continue,
                };
                let target = Some(target);
                Call::Reverse(pb::ReverseOperationRequest {
                    shop_id,
                    request_id,
                    source,
                    member_id,
                    target,
                    dry_run: false,
                })
            }
            68..=77 => {
                use pb::correct_operation_request::Target;
                let target = match (operation(dice, book, own, caller), dice.one_in(2), member_id.is_empty()) {
                    (_, true, false) => Target::Latest(pb::Latest {}),
                    (Some(id), ..) => Target::OperationId(id),
                    (None, ..) => continue,
                };
                let right = (!dice.one_in(6)).then(|| {
                    let is_count = dice.one_in(3);
                    line(dice, book, caller, is_count)
                });
                let line_number = if dice.one_in(4) { 2 } else { 1 };
                Call::Correct(pb::CorrectOperationRequest {
                    shop_id,
                    request_id,
                    source,
                    member_id,
                    target: Some(target),
                    corrections: vec![pb::LineCorrection { line_number, line: right }],
                    dry_run: false,
                })
            }
            78..=85 => {
                let (from, into) = if dice.one_in(2) { (0, 1) } else { (1, 0) };
                let into = if dice.one_in(20) { from } else { into };
                let lines = (0..=dice.below(2)).map(|_| {
                    let what = dice.below(NAMES.len() as u64);
                    let quantity = Some(quantity(dice, what % 2 == 1));
                    pb::TransferLine { item: Some(named(dice, book, caller, what)), quantity }
                });
                Call::Transfer(pb::TransferStockRequest {
                    shop_id,
                    request_id,
                    source,
                    member_id,
                    occur_time,
                    lines: lines.collect(),
                    from_location_id: book.places[from].clone(),
                    to_location_id: book.places[into].clone(),
                    dry_run: false,
                })
            }
            86..=91 if caller.puts_away => {
                let (Some(item_id), Some(into_item_id)) = (item(dice, book), item(dice, book)) else { continue };
                if dice.one_in(3) {
                    let (unit, factor) = [("g", "1000"), ("kg", "0.001"), ("slice", "20"), ("each", "0.05")]
                        [usize::try_from(dice.below(4)).expect("it is small")];
                    let factor = Some(decimal(factor));
                    let unit = unit.to_owned();
                    Call::ChangeUnit(pb::ChangeBaseUnitRequest {
                        shop_id,
                        request_id,
                        source,
                        member_id,
                        item_id,
                        unit,
                        factor,
                    })
                } else {
                    Call::Merge(pb::MergeItemsRequest { shop_id, request_id, source, member_id, item_id, into_item_id })
                }
            }
            92..=99 if caller.changes_items => {
                let Some(item_id) = item(dice, book) else { continue };
                let name = (*dice.pick(&OTHER_NAMES).expect("there are some")).to_owned();
                match dice.below(5) {
                    0 => Call::Rename(pb::RenameItemRequest {
                        shop_id,
                        request_id,
                        source,
                        member_id,
                        item_id,
                        display_name: name,
                    }),
                    1 => Call::AddName(pb::AddItemNameRequest {
                        shop_id,
                        request_id,
                        source,
                        member_id,
                        item_id,
                        name: Some(pb::add_item_name_request::Name::Alias(name)),
                    }),
                    2 => Call::Archive(pb::ArchiveItemRequest { shop_id, request_id, source, member_id, item_id }),
                    3 => Call::Unarchive(pb::UnarchiveItemRequest { shop_id, request_id, source, member_id, item_id }),
                    _ => {
                        let pack_size = Some(decimal(&(2 + dice.below(11)).to_string()));
                        let unit = if dice.one_in(5) { "each" } else { "case" }.to_owned();
                        Call::SetPack(pb::SetItemPackRequest {
                            shop_id,
                            request_id,
                            source,
                            member_id,
                            item_id,
                            unit,
                            pack_size,
                        })
                    }
                }
            }
            _ => continue,
        };
    }
}

/// Draws a call that changes which item names mean: one puts an item away, or brings back what was put away.
pub(crate) fn draw_structural(
    dice: &mut Dice,
    book: &Book,
    shop_id: &str,
    owner: &str,
    request_id: &str,
) -> Option<Call> {
    let mut put_away = book.operations.iter().map(|operation| &operation.id).filter(|id| book.puts_away(id).is_some());
    if dice.one_in(2)
        && let Some(id) = put_away.next_back()
    {
        return Some(Call::Reverse(pb::ReverseOperationRequest {
            shop_id: shop_id.to_owned(),
            request_id: request_id.to_owned(),
            source: pb::Source::Whatsapp.into(),
            member_id: owner.to_owned(),
            target: Some(pb::reverse_operation_request::Target::OperationId(id.clone())),
            dry_run: false,
        }));
    }
    let caller =
        Caller { shop_id: shop_id.to_owned(), member_id: owner.to_owned(), changes_items: false, puts_away: true };
    (0..200).map(|_| draw(dice, book, &caller, &[], request_id, jiff::Timestamp::UNIX_EPOCH)).find(Call::is_structural)
}

/// The first stock of everything there is a name for.
pub(crate) fn opening(shop_id: &str, names: &[&str]) -> Call {
    let lines = names.iter().enumerate().map(|(what, name)| pb::OperationLine {
        item: Some(pb::ItemReference { reference: Some(Reference::Name((*name).to_owned())), ..Default::default() }),
        effect: Some(Effect::Change(pb::Change {
            kind: pb::MovementKind::Opening.into(),
            quantity: Some(decimal("300")),
            all: false,
        })),
        unit: if what % 2 == 1 { "kg".to_owned() } else { String::new() },
        create_item: true,
        ..Default::default()
    });
    Call::Post(pb::PostOperationRequest {
        shop_id: shop_id.to_owned(),
        request_id: "opening".to_owned(),
        source: pb::Source::System.into(),
        lines: lines.collect(),
        ..Default::default()
    })
}

/// One of the last operations, or of one's own. Who does not put items away brings none back either.
fn operation(dice: &mut Dice, book: &Book, own: &[String], caller: &Caller) -> Option<String> {
    let all: Vec<_> = book.operations.iter().rev().take(10).map(|operation| &operation.id).collect();
    let may = |id: &&String| caller.puts_away || book.puts_away(id).is_none();
    let named: Vec<_> = all.into_iter().chain(own).filter(|id| !id.starts_with("half")).filter(may).cloned().collect();
    dice.pick(&named).cloned()
}

fn item(dice: &mut Dice, book: &Book) -> Option<String> {
    let ids: Vec<_> = book.items.iter().map(|item| &item.id).filter(|id| !id.is_empty()).collect();
    dice.pick(&ids).map(|id| (*id).clone())
}

fn named(dice: &mut Dice, book: &Book, caller: &Caller, what: u64) -> pb::ItemReference {
    let by_id = if caller.changes_items && dice.one_in(6) { item(dice, book) } else { None };
    let reference = by_id.map_or_else(
        || {
            let names = if caller.changes_items && dice.one_in(7) { OTHER_NAMES } else { NAMES };
            Reference::Name(names[usize::try_from(what).expect("it is small")].to_owned())
        },
        Reference::ItemId,
    );
    pb::ItemReference { reference: Some(reference), ..Default::default() }
}

fn line(dice: &mut Dice, book: &Book, caller: &Caller, is_count: bool) -> pb::OperationLine {
    use pb::MovementKind as Kind;
    let what = dice.below(NAMES.len() as u64);
    let is_weighed = what % 2 == 1;
    let quantity = quantity(dice, is_weighed);
    let effect = if is_count {
        Effect::Count(pb::Count { quantity: Some(quantity) })
    } else {
        let kinds = [
            Kind::Receipt,
            Kind::Receipt,
            Kind::Receipt,
            Kind::Sale,
            Kind::Sale,
            Kind::Sale,
            Kind::Waste,
            Kind::OwnUse,
            Kind::Theft,
            Kind::Gift,
            Kind::ReturnIn,
            Kind::ReturnOut,
            Kind::Opening,
            Kind::Adjustment,
        ];
        let kind = *dice.pick(&kinds).expect("there are some");
        // All of nothing leaves no line that could tell when it was, so among many nobody takes all.
        let all = caller.changes_items && dice.one_in(12) && matches!(kind, Kind::Sale | Kind::Waste | Kind::Theft);
        let is_less = kind == Kind::Adjustment && dice.one_in(2);
        let quantity = if is_less { decimal(&format!("-{}", quantity.value)) } else { quantity };
        Effect::Change(pb::Change { kind: kind.into(), quantity: (!all).then_some(quantity), all })
    };
    let (unit, pack_size) = match (is_weighed, dice.below(12)) {
        (true, 0) => ("", None),
        (true, _) => ("kg", None),
        (false, 0) if caller.changes_items => ("case", Some(decimal(&(2 + dice.below(11)).to_string()))),
        (false, 1) if caller.changes_items => ("case", None),
        (false, 2) => ("dozen", None),
        (false, _) => ("", None),
    };
    let place = usize::try_from(dice.below(2)).expect("it is small");
    let item = named(dice, book, caller, what);
    let expected_balance = (dice.one_in(12)).then(|| {
        let known = book.meant_for(&item).map(|item| book.on_hand((item, place)));
        decimal(&known.filter(|_| !dice.one_in(3)).unwrap_or_default().normalize().to_string())
    });
    pb::OperationLine {
        item: Some(item),
        effect: Some(effect),
        unit: unit.to_owned(),
        pack_size,
        location_id: if place == 0 && dice.one_in(2) { String::new() } else { book.places[place].clone() },
        expected_balance,
        create_item: true,
        ..Default::default()
    }
}

fn quantity(dice: &mut Dice, is_weighed: bool) -> Decimal {
    if is_weighed {
        let grams = 1 + dice.below(200_000);
        decimal(&format!("{}.{:03}", grams / 1000, grams % 1000))
    } else if dice.one_in(25) {
        decimal("1.5")
    } else {
        decimal(&(1 + dice.below(200)).to_string())
    }
}

pub(crate) fn decimal(value: &str) -> Decimal {
    Decimal { value: value.to_owned() }
}
