//! Which market a message belongs to: the country of who gets it.

/// Calling codes and the countries they belong to, one in a line.
const TABLE: &str = include_str!("../../data/calling_codes.txt");
/// Digits of the longest code in the table.
const CODE_DIGITS_MAX: usize = 4;

/// Returns the ISO 3166 code of the recipient's country: by the phone number, or by the user id where there is none.
pub fn of<'a>(phone: Option<&str>, user_id: Option<&'a str>) -> Option<&'a str> {
    match phone {
        Some(phone) => of_phone(phone),
        None => user_id.and_then(|user_id| user_id.split('.').next()).filter(|country| country.len() == 2),
    }
}

fn of_phone(phone: &str) -> Option<&'static str> {
    (1..=CODE_DIGITS_MAX).rev().find_map(|digits| {
        let code = phone.get(..digits)?;
        // About 300 short lines, asked once for a receipt: a search costs a microsecond.
        TABLE
            .lines()
            .find_map(|line| line.split_once(' ').filter(|(known, _)| *known == code).map(|(_, country)| country))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn phone_decides_and_a_user_id_where_there_is_none() {
        let cases = [
            (Some("27820000000"), Some("US.1"), Some("ZA")),
            (Some("919812345678"), None, Some("IN")),
            (Some("447700900000"), None, Some("GB")),
            (Some("254700000000"), None, Some("KE")),
            (Some("12025550123"), None, Some("US")),
            (Some("14165550123"), None, Some("CA")),
            (Some("18765550123"), None, Some("JM")),
            (Some("79161234567"), None, Some("RU")),
            (Some("77012345678"), None, Some("KZ")),
            (Some("99900000000"), None, None),
            (None, Some("DE.ENT.1349"), Some("DE")),
            (None, None, None),
        ];
        for (phone, user_id, market) in cases {
            assert_eq!(of(phone, user_id), market, "{phone:?} {user_id:?}");
        }
    }

    #[test]
    fn table_is_well_formed_and_names_no_code_twice() {
        let mut codes = HashSet::new();
        for line in TABLE.lines() {
            let (code, country) = line.split_once(' ').unwrap_or_else(|| panic!("{line}"));
            assert!(
                (1..=CODE_DIGITS_MAX).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit()),
                "{line}"
            );
            assert!(country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase()), "{line}");
            assert!(codes.insert(code), "{line}");
        }
        assert!(codes.len() > 200);
    }
}
