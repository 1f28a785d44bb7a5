//! What an item cost that lies at several places.

use rust_decimal::Decimal;

/// Returns the mean cost of a base unit over places, each with what is on hand and what a unit of it cost.
///
/// Places weigh as much as is there; when nothing is anywhere, the highest cost is what the last unit may have been.
pub(crate) fn over_places(places: impl Iterator<Item = (Decimal, Option<Decimal>)>) -> Option<Decimal> {
    let (mut value, mut quantity, mut highest) = (Decimal::ZERO, Decimal::ZERO, None);
    for (on_hand, unit_cost) in places {
        let Some(unit_cost) = unit_cost else { continue };
        let on_hand = on_hand.max(Decimal::ZERO);
        value = value.checked_add(on_hand.checked_mul(unit_cost)?)?;
        quantity = quantity.checked_add(on_hand)?;
        highest = highest.max(Some(unit_cost));
    }
    if quantity.is_zero() { highest } else { value.checked_div(quantity) }
}

/// Returns what is on hand is worth; what is below zero is worth nothing.
pub(crate) fn value(on_hand: Decimal, unit_cost: Decimal) -> Decimal {
    on_hand.max(Decimal::ZERO).checked_mul(unit_cost).unwrap_or(Decimal::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(places: &[(i64, Option<i64>)]) -> Option<Decimal> {
        over_places(places.iter().map(|(on_hand, cost)| (Decimal::from(*on_hand), cost.map(Decimal::from))))
    }

    #[test]
    fn places_weigh_as_much_as_is_there() {
        assert_eq!(cost(&[(30, Some(10)), (10, Some(20))]), Some("12.5".parse().unwrap()));
        assert_eq!(cost(&[(30, Some(10)), (-5, Some(90)), (7, None)]), Some(Decimal::from(10)));
        assert_eq!(cost(&[(0, Some(10)), (-5, Some(20))]), Some(Decimal::from(20)));
        assert_eq!(cost(&[(5, None)]), None);
        assert_eq!(cost(&[]), None);
    }

    #[test]
    fn nothing_is_worth_less_than_nothing() {
        assert_eq!(value(Decimal::from(-3), Decimal::from(10)), Decimal::ZERO);
        assert_eq!(value(Decimal::from(3), Decimal::from(10)), Decimal::from(30));
    }
}
