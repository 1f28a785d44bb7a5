//! What is on hand, in words.

use rust_decimal::Decimal;

use super::language::Language;
use super::number::quantity;

pub(super) fn stock(language: Language, said: &str, found: &[(String, Decimal)], minus: Option<Decimal>) -> String {
    if found.is_empty() {
        return match language {
            Language::English => format!("📦 {said} is not in your stock. To start it, send \"add 20 {said}\""),
            Language::Afrikaans => {
                format!("📦 {said} is nie in jou voorraad nie. Om te begin, stuur \"voeg 20 {said} by\"")
            }
        };
    }
    let lines: Vec<String> = found
        .iter()
        .map(|(name, on_hand)| match minus {
            Some(minus) => format!("{name} {} → {}", quantity(*on_hand), quantity(*on_hand - minus)),
            None => format!("{name} {}", quantity(*on_hand)),
        })
        .collect();
    format!("📦 {}", lines.join("\n"))
}

pub(super) fn list(language: Language, levels: &[(String, Decimal)], has_more: bool) -> String {
    if levels.is_empty() {
        return language
            .pick(
                "📦 Nothing in stock yet. Start with \"add 20 bread\"",
                "📦 Nog niks in voorraad nie. Begin met \"voeg 20 brood by\"",
            )
            .to_owned();
    }
    let lines: Vec<String> = levels.iter().map(|(name, on_hand)| format!("{name} {}", quantity(*on_hand))).collect();
    let more = if has_more { language.pick("\n… and more: ask by name", "\n… en nog: vra by naam") } else { "" };
    format!("📦 {}{more}", lines.join("\n"))
}
