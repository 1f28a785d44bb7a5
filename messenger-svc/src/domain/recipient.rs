//! Who a message goes to: a business-scoped user id, a phone number, or both.

use std::fmt;

use serde::Serialize;

/// Letters and digits after the prefix of a user id.
const USER_ID_SUFFIX_MAX: usize = 128;
/// Digits of a phone number; E.164 allows 15, some WhatsApp ids of Mexico and Argentina carry one more.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 5..=16;

/// A business-scoped user id, for example `ZA.1349` or `ZA.ENT.1349`. Never a phone number, never sent as one.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct UserId(String);

/// A phone number: the digits of a WhatsApp id.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Phone(String);

/// Who a message goes to. Holds at least one name.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Recipient {
    user_id: Option<UserId>,
    phone: Option<Phone>,
}

/// The name a message is sent to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Address<'a> {
    /// Goes into the field `to`, with a `+`.
    Phone(&'a str),
    /// Goes into the field `recipient`: in `to` it would be accepted and lost.
    UserId(&'a str),
}

impl UserId {
    /// Checks the form `^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`.
    pub fn parse(text: &str) -> Option<Self> {
        let (country, rest) = text.split_once('.')?;
        let suffix = rest.strip_prefix("ENT.").unwrap_or(rest);
        let is_user_id = country.len() == 2
            && country.bytes().all(|byte| byte.is_ascii_uppercase())
            && (1..=USER_ID_SUFFIX_MAX).contains(&suffix.len())
            && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_user_id.then(|| Self(text.to_owned()))
    }

    /// Returns it as Meta wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Phone {
    /// Takes digits alone. Nothing is stripped: the digits of a user id look like a phone number.
    pub fn parse(text: &str) -> Option<Self> {
        let is_phone = PHONE_DIGITS.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_phone.then(|| Self(text.to_owned()))
    }

    /// Returns the digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where one mobile number is written in two ways: how the longer one begins, its length, and the digits that it has more.
const SPELLINGS: [(&str, usize, std::ops::Range<usize>); 2] = [("521", 13, 2..3), ("549", 13, 2..3)];

impl Phone {
    /// Returns the digits in the shorter of two ways to write one number: Mexico with and without the 1, Argentina with and
    /// without the 9, mobile numbers of Brazil with and without the ninth digit. For counting alone, never for sending.
    pub fn folded(&self) -> String {
        let mut digits = self.0.clone();
        for (prefix, length, more) in SPELLINGS {
            if digits.len() == length && digits.starts_with(prefix) {
                digits.replace_range(more, "");
                return digits;
            }
        }
        // Only what was a mobile number before the ninth digit came, or it would be somebody's landline.
        let bytes = digits.as_bytes();
        if bytes.len() == 13 && digits.starts_with("55") && bytes[4] == b'9' && (b'6'..=b'9').contains(&bytes[5]) {
            digits.remove(4);
        }
        digits
    }

    /// Returns every way in which the number is written. For finding what was sent, never for sending.
    pub fn spellings(&self) -> Vec<String> {
        let folded = self.folded();
        let mut spellings = vec![self.0.clone(), folded.clone()];
        if folded.len() == 12 {
            let (country, rest) = folded.split_at(2);
            match country {
                "52" => spellings.push(format!("521{rest}")),
                "54" => {
                    spellings.push(format!("549{rest}"));
                    // The 15 that stands for the 9, behind an area code.
                    for area in 2..=4 {
                        let (area, number) = rest.split_at(area);
                        spellings.extend([format!("54{area}15{number}"), format!("549{area}15{number}")]);
                    }
                }
                "55" if (b'6'..=b'9').contains(&rest.as_bytes()[2]) => {
                    spellings.push(format!("55{}9{}", &rest[..2], &rest[2..]));
                }
                _ => {}
            }
        }
        spellings.sort_unstable();
        spellings.dedup();
        spellings
    }
}

impl Recipient {
    /// Returns `None` when there is no name at all.
    pub fn new(user_id: Option<UserId>, phone: Option<Phone>) -> Option<Self> {
        (user_id.is_some() || phone.is_some()).then_some(Self { user_id, phone })
    }

    /// Returns the user id, if known.
    pub fn user_id(&self) -> Option<&UserId> {
        self.user_id.as_ref()
    }

    /// Returns the phone number, if known.
    pub fn phone(&self) -> Option<&Phone> {
        self.phone.as_ref()
    }

    /// Returns where to send: the phone when known, because that keeps Meta sharing it for 30 more days.
    pub fn address(&self) -> Address<'_> {
        match (&self.phone, &self.user_id) {
            (Some(phone), _) => Address::Phone(phone.as_str()),
            (None, Some(user_id)) => Address::UserId(user_id.as_str()),
            (None, None) => unreachable!("a recipient is only made with a name"),
        }
    }

    /// Returns the name that stays the same most of the time, for ordering and counting by person.
    ///
    /// The user id comes first: Meta sends it always and the phone number only sometimes.
    pub fn steady_name(&self) -> &str {
        match (&self.user_id, &self.phone) {
            (Some(user_id), _) => user_id.as_str(),
            (None, Some(phone)) => phone.as_str(),
            (None, None) => unreachable!("a recipient is only made with a name"),
        }
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("UserId(..)")
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Phone(..)")
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Recipient(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_ids_have_a_country_and_up_to_128_letters_and_digits() {
        let longest = format!("ZA.{}", "a".repeat(128));
        for good in ["ZA.1", "US.1349aZ", "US.ENT.1349", longest.as_str(), "ZA.ENT"] {
            assert!(UserId::parse(good).is_some(), "{good}");
        }
        let too_long = format!("ZA.{}", "a".repeat(129));
        for bad in
            ["", "ZA", "ZA.", "za.1", "ZAF.1", "ZA.1-2", "ZA.ENT.", "ZA.1.2", "ZA.é", "27820000000", too_long.as_str()]
        {
            assert!(UserId::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn phones_are_digits_alone() {
        assert!(Phone::parse("27820000000").is_some());
        for bad in ["", "1234", "+27820000000", "27 82", "ZA.1349000000", "2782000000O", "12345678901234567"] {
            assert!(Phone::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn two_spellings_of_one_number_are_folded_into_one() {
        for (one, other) in
            [("5215512345678", "525512345678"), ("5491112345678", "541112345678"), ("5511987654321", "551187654321")]
        {
            assert_eq!(Phone::parse(one).unwrap().folded(), Phone::parse(other).unwrap().folded());
        }
        for alone in ["27820000000", "521551234567", "5511923456789", "551123456789", "54911123456789"] {
            assert_eq!(Phone::parse(alone).unwrap().folded(), alone);
        }
    }

    #[test]
    fn every_spelling_of_a_number_finds_it() {
        for pair in
            [("5215512345678", "525512345678"), ("541112345678", "5491112345678"), ("551187654321", "5511987654321")]
        {
            for (one, other) in [pair, (pair.1, pair.0)] {
                assert!(Phone::parse(one).unwrap().spellings().contains(&other.to_owned()), "{one} {other}");
            }
        }
        assert_eq!(Phone::parse("27820000000").unwrap().spellings(), ["27820000000"]);
        // A landline of Brazil is another number with a 9 in front.
        assert_eq!(Phone::parse("551123456789").unwrap().spellings(), ["551123456789"]);
    }

    #[test]
    fn phone_is_preferred_for_sending_and_user_id_for_counting() {
        let both = Recipient::new(UserId::parse("ZA.1349"), Phone::parse("27820000000")).unwrap();
        let hidden = Recipient::new(UserId::parse("ZA.1349"), None).unwrap();

        assert!(both.address() == Address::Phone("27820000000"));
        assert!(hidden.address() == Address::UserId("ZA.1349"));
        assert_eq!(both.steady_name(), hidden.steady_name());
        assert!(Recipient::new(None, None).is_none());
    }
}
