//! Numbers as people read them: no trailing zeros, a thin grouping, a real minus.

use rust_decimal::Decimal;

/// Writes a quantity: `50`, `1.5`, `50 000`, `−2`.
pub(crate) fn quantity(value: Decimal) -> String {
    let plain = value.abs().normalize().to_string();
    let (whole, fraction) = plain.split_once('.').map_or((plain.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut text = String::new();
    if value.is_sign_negative() && !value.is_zero() {
        text.push('−');
    }
    for (index, digit) in whole.chars().enumerate() {
        // Four digits stand together: 1200. From five on they are grouped: 50 000.
        if index > 0 && whole.len() > 4 && (whole.len() - index).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// Writes an amount of money: `R18.50`, `R12 345.00`, `−R45.00`, `USD 12.00`.
pub(crate) fn money(currency: &str, amount: Decimal) -> String {
    let mut amount = amount.round_dp(2);
    amount.rescale(2);
    let sign = if amount.is_sign_negative() && !amount.is_zero() { "−" } else { "" };
    let cents = amount.abs().to_string();
    let cents = cents.split_once('.').map_or("00", |(_, cents)| cents);
    let whole = quantity(amount.abs().trunc());
    if currency == "ZAR" || currency.is_empty() {
        format!("{sign}R{whole}.{cents}")
    } else {
        format!("{sign}{currency} {whole}.{cents}")
    }
}

/// Writes a change with its sign: `+50`, `−3`, `0`.
pub(crate) fn signed(value: Decimal) -> String {
    if value.is_zero() || value.is_sign_negative() { quantity(value) } else { format!("+{}", quantity(value)) }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use super::*;

    #[test]
    fn numbers_read_like_numbers() {
        let cases =
            [("50", "50"), ("1.500", "1.5"), ("-2", "−2"), ("1200", "1200"), ("50000", "50\u{a0}000"), ("0.0", "0")];
        for (value, text) in cases {
            assert_eq!(quantity(Decimal::from_str(value).unwrap()), text);
        }
        for (currency, amount, text) in [
            ("ZAR", "18.5", "R18.50"),
            ("", "1200", "R1200.00"),
            ("ZAR", "12345.678", "R12\u{a0}345.68"),
            ("ZAR", "-45", "−R45.00"),
            ("USD", "0.004", "USD 0.00"),
        ] {
            assert_eq!(money(currency, Decimal::from_str(amount).unwrap()), text);
        }
        assert_eq!(signed(Decimal::from(12)), "+12");
        assert_eq!(signed(Decimal::from(-3)), "−3");
    }
}
