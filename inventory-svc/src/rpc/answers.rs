//! Rows to messages.

use jiff::Timestamp;
use proto::common::v1 as common;
use proto::inventory::v1 as pb;
use rust_decimal::Decimal;

use crate::error::Error;
use crate::store::{
    CandidateRow, ItemNamesRow, ItemRow, LineAnswer, MemberRow, MovementRow, OperationRow, Outcome, ShopRow,
    ToldMovement,
};

pub(super) fn decimal(value: Decimal) -> common::Decimal {
    let value = value.normalize();
    common::Decimal { value: if value.is_zero() { "0".to_owned() } else { value.to_string() } }
}

/// Returns an amount in hundredths, which is what people reckon in.
pub(super) fn money(amount: Decimal, currency: &str) -> common::Money {
    common::Money { amount: Some(decimal(amount.round_dp(2))), currency_code: currency.to_owned() }
}

/// Returns the price of one base unit, which may be a fraction of a cent.
pub(super) fn unit_price(amount: Decimal, currency: &str) -> common::Money {
    common::Money { amount: Some(decimal(amount.round_dp(4))), currency_code: currency.to_owned() }
}

pub(super) fn timestamp(value: Timestamp) -> prost_types::Timestamp {
    // Postgres keeps microseconds after the year 1970 of anything we store, so nanoseconds are never negative.
    prost_types::Timestamp { seconds: value.as_second(), nanos: value.subsec_nanosecond() }
}

pub(super) fn shop(row: ShopRow) -> Result<pb::Shop, Error> {
    let shortage_policy = match row.shortage_policy.as_str() {
        "warn" => pb::ShortagePolicy::Warn,
        "block" => pb::ShortagePolicy::Block,
        other => return Err(Error::inconsistent("shop", format!("shortage_policy {other} of {}", row.id))),
    };
    Ok(pb::Shop {
        shop_id: row.id.to_string(),
        display_name: row.display_name,
        currency_code: row.currency,
        time_zone: row.time_zone,
        shortage_policy: shortage_policy.into(),
    })
}

pub(super) fn member(row: MemberRow) -> Result<pb::Member, Error> {
    let role = match row.role.as_str() {
        "owner" => pb::Role::Owner,
        "manager" => pb::Role::Manager,
        "clerk" => pb::Role::Clerk,
        "viewer" => pb::Role::Viewer,
        other => return Err(Error::inconsistent("member", format!("role {other} of {}", row.id))),
    };
    Ok(pb::Member {
        member_id: row.id.to_string(),
        role: role.into(),
        display_name: row.display_name,
        language_code: row.language_code,
    })
}

pub(super) fn item(row: ItemRow) -> pb::Item {
    pb::Item {
        item_id: row.id.to_string(),
        display_name: row.display_name,
        base_unit: row.base_unit,
        scale: row.scale,
        low_level: row.low_at.map(decimal),
    }
}

pub(super) fn item_names(row: ItemNamesRow) -> pb::ItemNames {
    pb::ItemNames {
        item_id: row.item_id.to_string(),
        display_name: row.display_name,
        aliases: row.aliases,
        units: row.units,
    }
}

pub(super) fn candidate(row: CandidateRow) -> pb::Candidate {
    pb::Candidate { item: Some(item(row.item)), score_ppm: row.score_ppm, on_hand: Some(decimal(row.on_hand)) }
}

pub(super) fn line_result(row: LineAnswer) -> pb::LineResult {
    let outcome = match row.outcome {
        Outcome::Posted => pb::LineOutcome::Posted,
        Outcome::ItemNotFound => pb::LineOutcome::ItemNotFound,
        Outcome::ItemAmbiguous => pb::LineOutcome::ItemAmbiguous,
        Outcome::UnitUnknown => pb::LineOutcome::UnitUnknown,
        Outcome::ScaleExceeded => pb::LineOutcome::ScaleExceeded,
        Outcome::HeldBack => pb::LineOutcome::HeldBack,
        Outcome::Unusual => pb::LineOutcome::Unusual,
    };
    pb::LineResult {
        outcome: outcome.into(),
        item: row.item.map(item),
        item_created: row.item_created,
        delta: row.delta.map(decimal),
        balance_after: row.balance_after.map(decimal),
        expected: row.expected.map(decimal),
        low_level_crossed: row.low_level_crossed,
        usual: row.usual.map(decimal),
        absorbed: false,
        candidates: row.candidates.unwrap_or_default().into_iter().map(candidate).collect(),
    }
}

/// Returns what came of each line of a post, with whether it was absorbed: the line that does that stands right after it on
/// its shelf, and has a number after those of all lines that were asked for.
pub(super) fn line_results(rows: Vec<LineAnswer>, movements: &[MovementRow]) -> Vec<pb::LineResult> {
    let line_count = rows.len();
    let number = |movement: &MovementRow| usize::try_from(movement.line).unwrap_or_default();
    let is_after = |one: &MovementRow, other: &MovementRow| {
        (other.item_id, other.location_id, other.seq) == (one.item_id, one.location_id, one.seq + 1)
    };
    let is_absorbed = |line: usize| {
        movements
            .iter()
            .find(|posted| number(posted) == line)
            .is_some_and(|posted| movements.iter().any(|other| number(other) > line_count && is_after(posted, other)))
    };
    let results = rows.into_iter().enumerate();
    results.map(|(place, row)| pb::LineResult { absorbed: is_absorbed(place + 1), ..line_result(row) }).collect()
}

/// Returns an operation with its movements in the order of the lines. A dry run's has no id: nothing has it.
pub(super) fn operation(
    row: OperationRow,
    mut movements: Vec<MovementRow>,
    dry_run: bool,
) -> Result<pb::Operation, Error> {
    let kind = match row.kind.as_str() {
        "post" => pb::OperationKind::Post,
        "count" => pb::OperationKind::Count,
        "reversal" => pb::OperationKind::Reversal,
        "correction" => pb::OperationKind::Correction,
        other => return Err(Error::inconsistent("operation", format!("kind {other} of {}", row.id))),
    };
    movements.sort_by_key(|movement| movement.line);
    let mut movements = movements.into_iter().map(movement).collect::<Result<Vec<_>, _>>()?;
    if dry_run {
        for movement in &mut movements {
            movement.operation_id.clear();
            movement.movement_id = 0;
        }
    }
    Ok(pb::Operation {
        operation_id: if dry_run { String::new() } else { row.id.to_string() },
        public_reference: if dry_run { String::new() } else { row.public_reference },
        kind: kind.into(),
        member_id: row.member_id.map(|id| id.to_string()).unwrap_or_default(),
        reverses_operation_id: row.reverses.map(|id| id.to_string()).unwrap_or_default(),
        occur_time: Some(timestamp(row.occurred_at)),
        record_time: Some(timestamp(row.recorded_at)),
        movements,
    })
}

/// The kinds of movements, each with its name in the ledger.
const KINDS: [(&str, pb::MovementKind); 13] = [
    ("receipt", pb::MovementKind::Receipt),
    ("sale", pb::MovementKind::Sale),
    ("waste", pb::MovementKind::Waste),
    ("own_use", pb::MovementKind::OwnUse),
    ("theft", pb::MovementKind::Theft),
    ("gift", pb::MovementKind::Gift),
    ("return_in", pb::MovementKind::ReturnIn),
    ("return_out", pb::MovementKind::ReturnOut),
    ("adjustment", pb::MovementKind::Adjustment),
    ("opening", pb::MovementKind::Opening),
    ("count", pb::MovementKind::Count),
    ("transfer", pb::MovementKind::Transfer),
    ("reversal", pb::MovementKind::Reversal),
];

/// Reads a kind as the ledger names it.
pub(super) fn movement_kind(name: &str, place: impl std::fmt::Display) -> Result<pb::MovementKind, Error> {
    KINDS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, kind)| *kind)
        .ok_or_else(|| Error::inconsistent("movement", format!("kind {name} of {place}")))
}

pub(super) fn movement(row: MovementRow) -> Result<pb::Movement, Error> {
    let kind = movement_kind(&row.kind, row.id)?;
    Ok(pb::Movement {
        movement_id: row.id,
        operation_id: row.op_id.to_string(),
        line_number: row.line,
        item_id: row.item_id.to_string(),
        item_name: row.item_name,
        location_id: row.location_id.to_string(),
        kind: kind.into(),
        delta: Some(decimal(row.delta)),
        balance_after: Some(decimal(row.balance_after)),
        base_unit: row.base_unit,
        said_quantity: row.said_quantity.map(decimal),
        said_unit: row.said_unit.unwrap_or_default(),
        unit_price: row
            .unit_price
            .zip(row.currency)
            .map(|(amount, currency_code)| common::Money { amount: Some(decimal(amount)), currency_code }),
        reverses_movement_id: row.reverses.unwrap_or_default(),
        occur_time: Some(timestamp(row.occurred_at)),
        record_time: Some(timestamp(row.recorded_at)),
        sequence_number: row.seq,
        balance_before: Some(decimal(row.balance_after - row.delta)),
        ..Default::default()
    })
}

/// Returns the name of a kind in the ledger; `None` for what is none.
pub(super) fn kind_name(kind: pb::MovementKind) -> Option<&'static str> {
    KINDS.iter().find(|(_, known)| *known == kind).map(|(name, _)| *name)
}

/// Returns a movement with what people want to know of it.
pub(super) fn told_movement(row: ToldMovement) -> Result<pb::Movement, Error> {
    Ok(pb::Movement {
        member_id: row.member_id.map(|id| id.to_string()).unwrap_or_default(),
        member_name: row.member_name.unwrap_or_default(),
        public_reference: row.public_reference,
        reversed_by_operation_id: row.reversed_by.map(|id| id.to_string()).unwrap_or_default(),
        reversed_by_public_reference: row.reversed_by_reference.unwrap_or_default(),
        ..movement(row.movement)?
    })
}
