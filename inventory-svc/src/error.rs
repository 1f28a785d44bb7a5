//! How each failure is answered.

use std::time::Duration;

use platform::db::Retryable;
use platform::error::{Refusal, Situation};
use proto::inventory::v1::ErrorReason;
use serde::Deserialize;
use sqlx::postgres::PgDatabaseError;
use tonic::Status;

/// The domain of this service's errors.
pub(crate) const DOMAIN: &str = "inventory.thebackroom";

/// A field of a request that is missing or malformed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) field: String,
    pub(crate) description: String,
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the request has missing or malformed fields")]
    InvalidFields(Vec<Violation>),
    #[error("the shop does not exist")]
    ShopNotFound { shop_id: String },
    #[error("the member is not of this shop")]
    MemberNotFound { member_id: String },
    #[error("nobody is known by these names")]
    PersonUnknown,
    #[error("the person belongs to another shop")]
    MemberElsewhere,
    #[error("the item is not of this shop")]
    ItemNotFound { item_id: String },
    #[error("the name is that of item {item_id}")]
    NameTaken { item_id: String },
    #[error("the place is not of this shop")]
    LocationNotFound { location_id: String },
    #[error("the one is kept in {unit} and the other in {into_unit}, or in other decimals")]
    UnitsDiffer { unit: String, into_unit: String },
    #[error("the shop would be left without an owner")]
    LastOwner,
    #[error("lines with prices are in {currency}")]
    CurrencyInUse { currency: String },
    #[error("the operation is not of this shop")]
    OperationNotFound { operation_id: String },
    #[error("the member has nothing to reverse in the last 24 hours")]
    NothingToReverse,
    #[error("operation {operation_id} was already reversed by {reversed_by}")]
    AlreadyReversed { operation_id: String, reversed_by: String },
    #[error("the paper was booked by operation {operation_id}")]
    PaperBooked { operation_id: String, public_reference: String },
    #[error("the request id was used before with other content")]
    RequestIdReused,
    #[error("only {on_hand} of item {item_id} on hand, {asked} asked for, and the shop refuses stock below zero")]
    InsufficientStock { item_id: String, on_hand: String, asked: String },
    #[error("{on_hand} of item {item_id} on hand where {expected} was expected")]
    BalanceChanged { item_id: String, on_hand: String, expected: String },
    #[error("{field} has more decimals than quantities may have")]
    ScaleExceeded { field: String },
    #[error("the person belongs to no shop and sign-up is by invitation")]
    NotInvited,
    #[error("the role {role} does not allow this")]
    RoleNotAllowed { role: String },
    #[error("the stock-take is not of this shop")]
    CountSessionNotFound { count_session_id: String },
    #[error("the stock-take is over: {state}")]
    CountSessionClosed { state: String },
    #[error("the page token is not of this list, or was made with other filters")]
    InvalidPageToken,
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
    /// The schema should forbid it.
    #[error("{table} holds what this version cannot read: {what}")]
    Inconsistent { table: &'static str, what: String },
}

impl Error {
    /// Refuses one field.
    pub(crate) fn invalid(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self::InvalidFields(vec![Violation { field: field.into(), description: description.into() }])
    }

    /// Names a value that the schema should forbid.
    pub(crate) fn inconsistent(table: &'static str, what: impl Into<String>) -> Self {
        Self::Inconsistent { table, what: what.into() }
    }
}

/// What migration 0009's `refuse` puts beside its SQLSTATE.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RefusalDetail {
    shop_id: String,
    member_id: String,
    operation_id: String,
    reversed_by: String,
    public_reference: String,
    item_id: String,
    on_hand: String,
    asked: String,
    expected: String,
    role: String,
    field: String,
    location_id: String,
    unit: String,
    into_unit: String,
    currency: String,
    count_session_id: String,
    state: String,
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        refused(&error).unwrap_or(Self::Database(error))
    }
}

/// Reads the refusals that the functions of the schema raise: class BR, numbered like `ErrorReason`.
fn refused(error: &sqlx::Error) -> Option<Error> {
    let sqlx::Error::Database(error) = error else { return None };
    let error: &PgDatabaseError = error.try_downcast_ref()?;
    if error.constraint() == Some("operation_shop_fk") {
        return Some(Error::ShopNotFound { shop_id: String::new() }); // closed while this was on its way into it
    }
    if error.code() == "22003" {
        return Some(Error::invalid("lines", "a quantity or the balance after it has more than 15 digits"));
    }
    let number: i32 = error.code().strip_prefix("BR")?.parse().ok()?;
    let detail: RefusalDetail = serde_json::from_str(error.detail().unwrap_or("{}")).unwrap_or_default();
    match ErrorReason::try_from(number).ok()? {
        ErrorReason::InvalidField => Some(Error::invalid(detail.field, error.message())),
        ErrorReason::ShopNotFound => Some(Error::ShopNotFound { shop_id: detail.shop_id }),
        ErrorReason::MemberNotFound if detail.member_id.is_empty() => Some(Error::PersonUnknown),
        ErrorReason::MemberNotFound => Some(Error::MemberNotFound { member_id: detail.member_id }),
        ErrorReason::ItemNotFound => Some(Error::ItemNotFound { item_id: detail.item_id }),
        ErrorReason::NameTaken => Some(Error::NameTaken { item_id: detail.item_id }),
        ErrorReason::ScaleExceeded => Some(Error::ScaleExceeded { field: detail.field }),
        ErrorReason::MemberElsewhere => Some(Error::MemberElsewhere),
        ErrorReason::LocationNotFound => Some(Error::LocationNotFound { location_id: detail.location_id }),
        ErrorReason::UnitsDiffer => Some(Error::UnitsDiffer { unit: detail.unit, into_unit: detail.into_unit }),
        ErrorReason::LastOwner => Some(Error::LastOwner),
        ErrorReason::CurrencyInUse => Some(Error::CurrencyInUse { currency: detail.currency }),
        ErrorReason::PaperBooked => {
            Some(Error::PaperBooked { operation_id: detail.operation_id, public_reference: detail.public_reference })
        }
        ErrorReason::OperationNotFound => Some(Error::OperationNotFound { operation_id: detail.operation_id }),
        ErrorReason::NothingToReverse => Some(Error::NothingToReverse),
        ErrorReason::AlreadyReversed => {
            Some(Error::AlreadyReversed { operation_id: detail.operation_id, reversed_by: detail.reversed_by })
        }
        ErrorReason::RequestIdReused => Some(Error::RequestIdReused),
        ErrorReason::InsufficientStock => {
            Some(Error::InsufficientStock { item_id: detail.item_id, on_hand: detail.on_hand, asked: detail.asked })
        }
        ErrorReason::BalanceChanged => {
            Some(Error::BalanceChanged { item_id: detail.item_id, on_hand: detail.on_hand, expected: detail.expected })
        }
        ErrorReason::CountSessionNotFound => {
            Some(Error::CountSessionNotFound { count_session_id: detail.count_session_id })
        }
        ErrorReason::CountSessionClosed => Some(Error::CountSessionClosed { state: detail.state }),
        ErrorReason::NotInvited => Some(Error::NotInvited),
        ErrorReason::RoleNotAllowed => Some(Error::RoleNotAllowed { role: detail.role }),
        // The schema raises none of these.
        ErrorReason::Unspecified
        | ErrorReason::UnknownCaller
        | ErrorReason::MethodNotAllowed
        | ErrorReason::Internal
        | ErrorReason::InvalidPageToken
        | ErrorReason::DatabaseUnavailable
        | ErrorReason::Contention
        | ErrorReason::RateLimited
        | ErrorReason::OutOfTime
        | ErrorReason::RequestTooLarge
        | ErrorReason::UnknownMethod
        | ErrorReason::Overloaded => None,
    }
}

impl Retryable for Error {
    fn database_error(&self) -> Option<&sqlx::Error> {
        match self {
            Self::Database(error) => Some(error),
            _ => None,
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        let refusal =
            |situation, reason: ErrorReason| Refusal::new(situation, DOMAIN, reason.as_str_name(), message.clone());
        match error {
            Error::InvalidFields(violations) => violations
                .into_iter()
                .fold(refusal(Situation::Malformed, ErrorReason::InvalidField), |refusal, violation| {
                    refusal.violation(violation.field, violation.description)
                }),
            Error::ShopNotFound { shop_id } => refusal(Situation::NotFound, ErrorReason::ShopNotFound)
                .metadata("shopId", shop_id.clone())
                .resource("shop", shop_id),
            Error::MemberNotFound { member_id } => refusal(Situation::NotFound, ErrorReason::MemberNotFound)
                .metadata("memberId", member_id.clone())
                .resource("member", member_id),
            // Without the names: they are in no error.
            Error::PersonUnknown => {
                refusal(Situation::NotFound, ErrorReason::MemberNotFound).resource("member", String::new())
            }
            Error::ItemNotFound { item_id } => refusal(Situation::NotFound, ErrorReason::ItemNotFound)
                .metadata("itemId", item_id.clone())
                .resource("item", item_id),
            Error::NameTaken { item_id } => refusal(Situation::Taken, ErrorReason::NameTaken)
                .metadata("itemId", item_id.clone())
                .resource("item", item_id),
            Error::MemberElsewhere => refusal(Situation::RuleSaysNo, ErrorReason::MemberElsewhere),
            Error::LocationNotFound { location_id } => refusal(Situation::NotFound, ErrorReason::LocationNotFound)
                .metadata("locationId", location_id.clone())
                .resource("location", location_id),
            Error::UnitsDiffer { unit, into_unit } => refusal(Situation::RuleSaysNo, ErrorReason::UnitsDiffer)
                .metadata("unit", unit)
                .metadata("intoUnit", into_unit),
            Error::LastOwner => refusal(Situation::RuleSaysNo, ErrorReason::LastOwner),
            Error::CurrencyInUse { currency } => {
                refusal(Situation::RuleSaysNo, ErrorReason::CurrencyInUse).metadata("currency", currency)
            }
            Error::OperationNotFound { operation_id } => refusal(Situation::NotFound, ErrorReason::OperationNotFound)
                .metadata("operationId", operation_id.clone())
                .resource("operation", operation_id),
            Error::PaperBooked { operation_id, public_reference } => {
                refusal(Situation::Taken, ErrorReason::PaperBooked)
                    .metadata("operationId", operation_id.clone())
                    .metadata("publicReference", public_reference)
                    .resource("operation", operation_id)
            }
            Error::NothingToReverse => refusal(Situation::RuleSaysNo, ErrorReason::NothingToReverse),
            Error::AlreadyReversed { operation_id, reversed_by } => {
                refusal(Situation::RuleSaysNo, ErrorReason::AlreadyReversed)
                    .metadata("operationId", operation_id)
                    .metadata("reversedBy", reversed_by)
            }
            Error::RequestIdReused => refusal(Situation::RuleSaysNo, ErrorReason::RequestIdReused)
                .violation("request_id", "was used before with other content"),
            Error::InsufficientStock { item_id, on_hand, asked } => {
                refusal(Situation::RuleSaysNo, ErrorReason::InsufficientStock)
                    .metadata("itemId", item_id)
                    .metadata("onHand", on_hand)
                    .metadata("asked", asked)
            }
            Error::BalanceChanged { item_id, on_hand, expected } => {
                refusal(Situation::LostRace, ErrorReason::BalanceChanged)
                    .metadata("itemId", item_id)
                    .metadata("onHand", on_hand)
                    .metadata("expected", expected)
            }
            Error::ScaleExceeded { field } => refusal(Situation::Malformed, ErrorReason::ScaleExceeded)
                .metadata("field", field.clone())
                .violation(field, "must have at most three decimals, and no more than its item is kept in"),
            Error::NotInvited => refusal(Situation::RuleSaysNo, ErrorReason::NotInvited),
            Error::RoleNotAllowed { role } => {
                refusal(Situation::NotYours, ErrorReason::RoleNotAllowed).metadata("role", role)
            }
            Error::CountSessionNotFound { count_session_id } => {
                refusal(Situation::NotFound, ErrorReason::CountSessionNotFound)
                    .metadata("countSessionId", count_session_id.clone())
                    .resource("count_session", count_session_id)
            }
            Error::CountSessionClosed { state } => {
                refusal(Situation::RuleSaysNo, ErrorReason::CountSessionClosed).metadata("state", state)
            }
            Error::InvalidPageToken => refusal(Situation::Malformed, ErrorReason::InvalidPageToken)
                .violation("page_token", "is not a token of this list with these filters"),
            Error::Database(cause) if platform::db::lost_race(&cause) => {
                refusal(Situation::LostRace, ErrorReason::Contention)
            }
            Error::Database(cause) if platform::db::unavailable(&cause) => {
                tracing::warn!(error = %Cause(&cause), "the database is not available");
                refusal(Situation::Unavailable, ErrorReason::DatabaseUnavailable).retry_after(Duration::from_secs(1))
            }
            Error::Database(cause) => {
                tracing::error!(error = %Cause(&cause), "the database refused a statement of ours");
                refusal(Situation::Bug, ErrorReason::Internal)
            }
            Error::Inconsistent { .. } => {
                tracing::error!(error = message, "the database holds what the schema should forbid");
                let told = "the ledger holds what this version cannot read";
                Refusal::new(Situation::Bug, DOMAIN, ErrorReason::Internal.as_str_name(), told)
            }
        }
        .into_status()
    }
}

/// A database error for the log: code and constraint, never the detail, which may quote a row.
struct Cause<'a>(&'a sqlx::Error);

impl std::fmt::Display for Cause<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            sqlx::Error::Database(error) => write!(
                formatter,
                "{} (SQLSTATE {}, constraint {})",
                error.message(),
                error.code().as_deref().unwrap_or("none"),
                error.constraint().unwrap_or("none")
            ),
            other => write!(formatter, "{other}"),
        }
    }
}
