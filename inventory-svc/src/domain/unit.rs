//! What a unit is, what converts into what, and what a new item is kept in.

use rust_decimal::Decimal;

/// A unit as it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// None: the item's base unit.
    Base,
    /// Single pieces.
    Each,
    /// Twelve pieces, whatever the item.
    Dozen,
    /// A measure that converts by itself.
    Measure(&'static Measure),
    /// A pack or another word for a piece: case, tray, loaf. What it holds depends on the item.
    Pack(String),
}

/// A measure of weight, volume or length.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Measure {
    name: &'static str,
    others: &'static [&'static str],
    dimension: Dimension,
    /// In the smallest measure of the dimension.
    size: i64,
    /// Decimals of an item kept in it.
    scale: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dimension {
    Weight,
    Volume,
    Length,
}

/// Every measure that is known.
static MEASURES: [Measure; 9] = [
    measure("mg", &["milligram"], Dimension::Weight, 1, 0),
    measure("g", &["gram", "gm", "gr"], Dimension::Weight, 1_000, 0),
    measure("kg", &["kilogram", "kilo", "kgs"], Dimension::Weight, 1_000_000, 3),
    measure("ml", &["millilitre", "milliliter"], Dimension::Volume, 1, 0),
    measure("cl", &["centilitre", "centiliter"], Dimension::Volume, 10, 0),
    measure("l", &["litre", "liter", "lt", "ltr"], Dimension::Volume, 1_000, 3),
    measure("mm", &["millimetre", "millimeter"], Dimension::Length, 1, 0),
    measure("cm", &["centimetre", "centimeter"], Dimension::Length, 10, 0),
    measure("m", &["metre", "meter"], Dimension::Length, 1_000, 3),
];

const fn measure(
    name: &'static str,
    others: &'static [&'static str],
    dimension: Dimension,
    size: i64,
    scale: u32,
) -> Measure {
    Measure { name, others, dimension, size, scale }
}

/// What a new item is kept in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keeping {
    /// The base unit.
    pub(crate) base_unit: String,
    /// Decimals its quantities may have.
    pub(crate) scale: u32,
}

impl Unit {
    /// Reads a unit, singular or not.
    pub(crate) fn of(said: &str) -> Self {
        let said = said.trim().to_lowercase();
        let singular = singular(&said);
        match singular.as_str() {
            "" => Self::Base,
            "each" | "piece" | "pc" | "pce" | "unit" | "item" | "single" => Self::Each,
            "dozen" | "doz" | "dz" => Self::Dozen,
            _ => MEASURES
                .iter()
                .find(|measure| {
                    [said.as_str(), &singular].iter().any(|name| measure.name == *name || measure.others.contains(name))
                })
                .map_or_else(|| Self::Pack(singular.clone()), Self::Measure),
        }
    }

    /// Returns its name in the ledger; `None` for the base unit.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Base => None,
            Self::Each => Some("each"),
            Self::Dozen => Some("dozen"),
            Self::Measure(measure) => Some(measure.name),
            Self::Pack(name) => Some(name),
        }
    }

    /// Returns the base units it converts into by itself, with the factor.
    pub(crate) fn conversions(&self) -> Vec<(&'static str, Decimal)> {
        let Self::Measure(said) = self else { return Vec::new() };
        MEASURES
            .iter()
            .filter(|base| base.dimension == said.dimension)
            .map(|base| (base.name, (Decimal::from(said.size) / Decimal::from(base.size)).normalize()))
            .collect()
    }

    /// Returns how many pieces one of it holds unless the item says otherwise. Of use where the item is kept in pieces.
    pub(crate) fn usual_factor(&self) -> Option<Decimal> {
        match self {
            Self::Each => Some(Decimal::ONE),
            Self::Dozen => Some(Decimal::from(12)),
            Self::Base | Self::Measure(_) | Self::Pack(_) => None,
        }
    }

    /// Decides what a new item is kept in that is first said in this unit.
    ///
    /// A pack of unknown content becomes the base unit itself, so that "3 boxes A4 paper" is understood at once.
    pub(crate) fn keeping(&self, quantity: Option<Decimal>, pack_size: Option<Decimal>) -> Keeping {
        let quantity = quantity.unwrap_or_default();
        let (base_unit, base_quantity, scale_min) = match (self, pack_size) {
            (Self::Measure(measure), None) => (measure.name, quantity, measure.scale),
            (Self::Pack(name), None) => (name.as_str(), quantity, 0),
            (Self::Dozen, None) => ("each", quantity * Decimal::from(12), 0),
            (Self::Base | Self::Each, None) => ("each", quantity, 0),
            (_, Some(pack_size)) => ("each", quantity.checked_mul(pack_size).unwrap_or_default(), 0),
        };
        let scale = base_quantity.normalize().scale().max(scale_min).min(3);
        Keeping { base_unit: base_unit.to_owned(), scale }
    }
}

/// Returns the singular of an English unit, which is shown to people.
fn singular(word: &str) -> String {
    let ends_with_any = |word: &str, endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    if let Some(stem) = word.strip_suffix("oaves") {
        return format!("{stem}oaf");
    }
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    if let Some(stem) = word.strip_suffix("es").filter(|stem| ends_with_any(stem, &["x", "ch", "sh", "ss", "zz"])) {
        return stem.to_owned();
    }
    let is_plural = !ends_with_any(word, &["ss", "us", "is"]);
    word.strip_suffix('s').filter(|stem| is_plural && stem.len() > 1).unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_have_one_name_whether_one_or_many() {
        for (many, one) in [
            ("boxes", "box"),
            ("bags", "bag"),
            ("Cases", "case"),
            ("crates", "crate"),
            ("trays", "tray"),
            ("bunches", "bunch"),
            ("glasses", "glass"),
            ("loaves", "loaf"),
            ("sleeves", "sleeve"),
            ("gross", "gross"),
        ] {
            assert_eq!(Unit::of(many), Unit::Pack(one.to_owned()));
            assert_eq!(Unit::of(one), Unit::Pack(one.to_owned()));
        }
    }

    fn keeping(unit: &str, quantity: &str, pack_size: Option<&str>) -> (String, u32) {
        let keeping =
            Unit::of(unit).keeping(Some(quantity.parse().unwrap()), pack_size.map(|size| size.parse().unwrap()));
        (keeping.base_unit, keeping.scale)
    }

    #[test]
    fn a_new_item_is_kept_in_what_it_was_said_in() {
        assert_eq!(keeping("", "50", None), ("each".to_owned(), 0));
        assert_eq!(keeping("", "1.50", None), ("each".to_owned(), 1));
        assert_eq!(keeping("kg", "10", None), ("kg".to_owned(), 3));
        assert_eq!(keeping("g", "500", None), ("g".to_owned(), 0));
        assert_eq!(keeping("box", "3", None), ("box".to_owned(), 0));
        assert_eq!(keeping("case", "2", Some("6")), ("each".to_owned(), 0));
        assert_eq!(keeping("dozen", "2", None), ("each".to_owned(), 0));
        assert_eq!(keeping("dozen", "0.5", None), ("each".to_owned(), 0));
    }

    #[test]
    fn measures_convert_exactly() {
        let factor = |said: &str, base: &str| {
            Unit::of(said)
                .conversions()
                .into_iter()
                .find(|(name, _)| *name == base)
                .map(|(_, factor)| factor.to_string())
        };

        assert_eq!(factor("g", "kg").as_deref(), Some("0.001"));
        assert_eq!(factor("kilograms", "g").as_deref(), Some("1000"));
        assert_eq!(factor("mg", "kg").as_deref(), Some("0.000001"));
        assert_eq!(factor("litres", "ml").as_deref(), Some("1000"));
        assert_eq!(factor("kg", "l"), None);
        assert_eq!(factor("case", "each"), None);
    }
}
