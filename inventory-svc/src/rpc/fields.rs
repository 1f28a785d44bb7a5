//! Reading fields of requests. All violations of a request are told at once, each with its full path.

use jiff::{SignedDuration, Timestamp};
use proto::common::v1 as common;
use proto::inventory::v1 as pb;
use rust_decimal::Decimal;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::domain::key::Key;
use crate::error::{Error, Violation};
use crate::store::Moment;

/// Code points a name may have.
const NAME_LENGTH_MAX: usize = 200;
/// How far the caller's clock may be ahead of ours; it counts as now.
const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(5);
/// How far back an operation may lie without being called backdated.
const BACK_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Collects what is wrong with a request.
#[derive(Debug, Default)]
pub(super) struct Fields {
    violations: Vec<Violation>,
    over_scaled: Option<String>,
    /// What is wrong by now, and was not when a repeat of the request was first asked.
    outdated: Option<Violation>,
}

/// An item as a request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ItemReference {
    Id(Uuid),
    Named {
        /// As it was said.
        name: String,
        /// Of the name, then of the English name.
        keys: Vec<Key>,
    },
}

/// A price of one base unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Price {
    pub(super) amount: Decimal,
    pub(super) currency: String,
}

/// A person as WhatsApp names them. Neither name is ever made from the other: a user id holds digits, and they are no
/// phone number.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) user_id: Option<String>,
    /// As it was sent; the database knows which spellings are one number.
    pub(super) phone: Option<String>,
}

impl Fields {
    /// Says that a field is wrong.
    pub(super) fn refuse(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.violations.push(Violation { field: field.into(), description: description.into() });
    }

    /// Ends the reading: everything was fine, or nothing is done.
    pub(super) fn finish(self) -> Result<(), Error> {
        match (self.violations.is_empty(), self.over_scaled) {
            (true, None) => Ok(()),
            (true, Some(field)) => Err(Error::ScaleExceeded { field }),
            (false, _) => Err(Error::InvalidFields(self.violations)),
        }
    }

    /// Ends the reading as [`finish`](Self::finish) does. What is wrong with a new request and may be right for a repeat
    /// is returned instead, when nothing else is wrong.
    pub(super) fn finish_unless_repeat(mut self) -> Result<Option<Error>, Error> {
        match self.outdated.take() {
            Some(outdated) if self.violations.is_empty() && self.over_scaled.is_none() => {
                Ok(Some(Error::InvalidFields(vec![outdated])))
            }
            outdated => {
                self.violations.extend(outdated);
                self.finish().map(|()| None)
            }
        }
    }

    /// Reads a required id.
    pub(super) fn id(&mut self, field: &str, value: &str) -> Uuid {
        Uuid::try_parse(value).unwrap_or_else(|_| {
            self.refuse(field, "must be a UUID");
            Uuid::nil()
        })
    }

    /// Reads an id that may be empty.
    pub(super) fn optional_id(&mut self, field: &str, value: &str) -> Option<Uuid> {
        (!value.is_empty()).then(|| self.id(field, value))
    }

    /// Reads a time that may be absent.
    pub(super) fn optional_time(&mut self, field: &str, value: Option<prost_types::Timestamp>) -> Option<Timestamp> {
        let value = value?;
        let read = Timestamp::new(value.seconds, value.nanos)
            .ok()
            .and_then(|time| Timestamp::from_microsecond(time.as_microsecond()).ok())
            .filter(|time| *time >= Timestamp::UNIX_EPOCH);
        if read.is_none() {
            self.refuse(field, "must be a time since 1970");
        }
        read
    }

    /// Reads a moment of the past that may be absent.
    pub(super) fn moment(&mut self, field: &str, value: Option<pb::PastMoment>, now: Timestamp) -> Option<Moment> {
        use pb::past_moment::Moment as Wanted;
        let (name, time, moment): (_, _, fn(Timestamp) -> Moment) = match value?.moment {
            Some(Wanted::OccurTime(time)) => ("occur_time", time, Moment::Occurred),
            Some(Wanted::RecordTime(time)) => ("record_time", time, Moment::Recorded),
            None => {
                self.refuse(field, "must be occur_time or record_time");
                return None;
            }
        };
        let field = format!("{field}.{name}");
        let time = self.optional_time(&field, Some(time))?;
        if now.duration_until(time) > AHEAD_MAX {
            self.refuse(field, "must not lie ahead");
        }
        Some(moment(time))
    }

    /// Reads when something happened; absent: now. What is too long ago is refused by `finish_unless_repeat`.
    pub(super) fn occur_time(
        &mut self,
        value: Option<prost_types::Timestamp>,
        backdated: bool,
        now: Timestamp,
    ) -> Timestamp {
        let said = self.optional_time("occur_time", value).unwrap_or(now);
        if now.duration_until(said) > AHEAD_MAX {
            self.refuse("occur_time", "must not lie ahead");
        } else if said.duration_until(now) > BACK_MAX && !backdated {
            self.outdated = Some(Violation {
                field: "occur_time".to_owned(),
                description: "must not lie more than 24 hours back unless it is called backdated".to_owned(),
            });
        }
        said.min(now)
    }

    /// Reads the id of a request.
    pub(super) fn request_id(&mut self, value: &str) {
        self.request_id_at("request_id", value);
    }

    /// Reads the id of a request in another field.
    pub(super) fn request_id_at(&mut self, field: &str, value: &str) {
        if value.is_empty() || value.len() > 256 || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.refuse(field, "must be 1 to 256 visible ASCII characters");
        }
    }

    /// Reads where a request comes from, as the ledger names it.
    pub(super) fn source(&mut self, value: i32) -> &'static str {
        self.source_at("source", value)
    }

    /// Reads where a request comes from in another field.
    pub(super) fn source_at(&mut self, field: &str, value: i32) -> &'static str {
        match pb::Source::try_from(value) {
            Ok(pb::Source::Whatsapp) => "whatsapp",
            Ok(pb::Source::Grpc) => "grpc",
            Ok(pb::Source::Import) => "import",
            Ok(pb::Source::System) => "system",
            Ok(pb::Source::Unspecified) | Err(_) => {
                self.refuse(field, "must be one of the sources");
                ""
            }
        }
    }

    /// Reads what a person may do, as the database names it.
    pub(super) fn role(&mut self, field: &str, value: i32) -> &'static str {
        match pb::Role::try_from(value) {
            Ok(pb::Role::Owner) => "owner",
            Ok(pb::Role::Manager) => "manager",
            Ok(pb::Role::Clerk) => "clerk",
            Ok(pb::Role::Viewer) => "viewer",
            Ok(pb::Role::Unspecified) | Err(_) => {
                self.refuse(field, "must be one of the roles");
                ""
            }
        }
    }

    /// Reads how many rows a page may have.
    pub(super) fn page_size(&mut self, value: i32) -> i64 {
        match value {
            0 => 50,
            1.. => i64::from(value.min(200)),
            _ => {
                self.refuse("page_size", "must not be negative");
                1
            }
        }
    }

    /// Reads a quantity: at most 15 digits before the point and 3 after it.
    pub(super) fn quantity(&mut self, field: &str, value: &common::Decimal) -> Decimal {
        let quantity = self.decimal(field, value, 15);
        if quantity.scale() > 3 {
            self.over_scaled.get_or_insert_with(|| field.to_owned());
        }
        quantity
    }

    /// Reads a factor: above zero, at most 12 digits before the point and 6 after it.
    pub(super) fn factor(&mut self, field: &str, value: &common::Decimal) -> Decimal {
        let factor = self.decimal(field, value, 12);
        if factor <= Decimal::ZERO || factor.scale() > 6 {
            self.refuse(field, "must be above zero and have at most six decimals");
        }
        factor
    }

    /// Reads a price.
    pub(super) fn price(&mut self, field: &str, value: &common::Money) -> Price {
        let amount = if let Some(amount) = &value.amount {
            self.decimal(&format!("{field}.amount"), amount, 14)
        } else {
            self.refuse(format!("{field}.amount"), "is required");
            Decimal::ZERO
        };
        if amount.is_sign_negative() && !amount.is_zero() || amount.scale() > 4 {
            self.refuse(format!("{field}.amount"), "must not be negative and have at most four decimals");
        }
        if value.currency_code.len() != 3 || !value.currency_code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            self.refuse(format!("{field}.currency_code"), "must be an ISO 4217 code in capitals");
        }
        Price { amount, currency: value.currency_code.clone() }
    }

    fn decimal(&mut self, field: &str, value: &common::Decimal, digits_max: usize) -> Decimal {
        read_decimal(&value.value, digits_max).unwrap_or_else(|| {
            self.refuse(
                field,
                format!("must be a decimal number like -1.5 with at most {digits_max} digits before the point"),
            );
            Decimal::ZERO
        })
    }

    /// Reads how an item is named.
    pub(super) fn item(&mut self, field: &str, value: Option<&pb::ItemReference>) -> ItemReference {
        let nothing = ItemReference::Id(Uuid::nil());
        let Some(value) = value else {
            self.refuse(field, "is required");
            return nothing;
        };
        match &value.reference {
            None => {
                self.refuse(field, "must name an item by item_id or name");
                nothing
            }
            Some(pb::item_reference::Reference::ItemId(id)) => {
                ItemReference::Id(self.id(&format!("{field}.item_id"), id))
            }
            Some(pb::item_reference::Reference::Name(name)) => {
                let display_name = name.split_whitespace().collect::<Vec<_>>().join(" ");
                self.length(&format!("{field}.name"), name);
                self.length(&format!("{field}.english_name"), &value.english_name);
                self.length(&format!("{field}.singular_name"), &value.singular_name);
                let Some(key) = Key::of(name) else {
                    self.refuse(format!("{field}.name"), "must hold a letter or a digit");
                    return nothing;
                };
                let mut keys = vec![key];
                for other in [&value.singular_name, &value.english_name] {
                    let other = Key::of(other);
                    keys.extend(other.filter(|other| !keys.contains(other)));
                }
                ItemReference::Named { name: display_name, keys }
            }
        }
    }

    /// Reads how a person is named on WhatsApp.
    pub(super) fn names(&mut self, field: &str, value: Option<common::WhatsAppUser>) -> Names {
        let common::WhatsAppUser { user_id, phone_number } = value.unwrap_or_default();
        if user_id.is_empty() && phone_number.is_empty() {
            self.refuse(field, "must have a user_id or a phone_number");
        }
        if user_id.len() > 256 || !user_id.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.refuse(format!("{field}.user_id"), "must be at most 256 visible ASCII characters");
        }
        let digits = phone_number.as_bytes();
        // A user id here would be taken for a number by whoever strips what is no digit, so nothing is stripped.
        let is_phone = (6..=15).contains(&digits.len()) && digits[0] != b'0' && digits.iter().all(u8::is_ascii_digit);
        if !digits.is_empty() && !is_phone {
            self.refuse(
                format!("{field}.phone_number"),
                "must be 6 to 15 digits in international form without +, and no user id",
            );
        }
        let given = |name: String| (!name.is_empty()).then_some(name);
        Names { user_id: given(user_id), phone: given(phone_number) }
    }

    /// Reads a unit as it was said.
    pub(super) fn unit(&mut self, field: &str, value: &str) -> String {
        if value.chars().count() > 40 || value.chars().any(char::is_control) {
            self.refuse(field, "must have at most 40 code points and no control characters");
        }
        value.to_owned()
    }

    /// Checks the length of a text that a person wrote.
    pub(super) fn length(&mut self, field: &str, value: &str) {
        if value.chars().count() > NAME_LENGTH_MAX || value.contains('\0') {
            self.refuse(field, format!("must have at most {NAME_LENGTH_MAX} code points and no NUL"));
        }
    }
}

/// Reads plain digits: no exponent, no grouping, no sign but a minus.
fn read_decimal(text: &str, digits_max: usize) -> Option<Decimal> {
    let (sign, unsigned) = text.strip_prefix('-').map_or(("", text), |unsigned| ("-", unsigned));
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let is_plain = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let (short_whole, short_fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if !is_plain(whole) || !is_plain(fraction) || short_whole.len() > digits_max || short_fraction.len() > 9 {
        return None;
    }
    format!("{sign}0{short_whole}.{short_fraction}0").parse().ok().map(|decimal: Decimal| decimal.normalize())
}

/// Returns the digest that tells a repeat of a request from another one under the same id.
///
/// prost writes fields in the order of their numbers and leaves defaults out, so a field that a later version adds does
/// not change the digest of what an earlier one sent.
pub(super) fn request_hash(request: &impl prost::Message) -> [u8; 32] {
    Sha256::digest(request.encode_to_vec()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(value: &str) -> Result<Decimal, Error> {
        let mut fields = Fields::default();
        let quantity = fields.quantity("q", &common::Decimal { value: value.to_owned() });
        fields.finish().map(|()| quantity)
    }

    #[test]
    fn a_quantity_is_plain_digits() {
        assert_eq!(quantity("50").unwrap().to_string(), "50");
        assert_eq!(quantity("-1.500").unwrap().to_string(), "-1.5");
        assert_eq!(quantity("0001").unwrap().to_string(), "1");
        assert_eq!(quantity("1.5000000000000000000000000000000").unwrap().to_string(), "1.5");
        for bad in ["", "-", "1e3", "1,5", " 1", "+1", "1.", ".5", "0x1", "1_000", "NaN", "١", "1000000000000000"] {
            assert!(matches!(quantity(bad), Err(Error::InvalidFields(_))), "{bad:?} was read");
        }
        assert!(matches!(quantity("1.2345"), Err(Error::ScaleExceeded { .. })));
    }
}
