//! Who belongs to the shop, in words.

use super::language::Language;
use crate::conversation::Saying;

/// Says what becomes of a card that was shared.
pub(super) fn person(language: Language, saying: &Saying) -> String {
    let english = language == Language::English;
    match saying {
        Saying::ReallyAdd { name, phone } => {
            let who = if name.trim().is_empty() { format!("+{phone}") } else { format!("{} (+{phone})", name.trim()) };
            if english { format!("❓ Add {who} to the shop?") } else { format!("❓ {who} by die winkel voeg?") }
        }
        Saying::Added { name } => {
            let who = called(language, name);
            if english {
                format!("✅ Added {who} to the shop\nThey can write to this number now.")
            } else {
                format!("✅ {who} is by die winkel gevoeg\nHulle kan nou na hierdie nommer skryf.")
            }
        }
        Saying::AddedBefore { name } => {
            let who = called(language, name);
            if english { format!("👍 {who} is in the shop already. Nothing changed.") } else { format!("👍 {who} is reeds in die winkel. Niks het verander nie.") }
        }
        Saying::Elsewhere { name } => {
            let who = called(language, name);
            if english {
                format!("⚠️ Not added: {who} belongs to another shop.")
            } else {
                format!("⚠️ Nie bygevoeg nie: {who} hoort by 'n ander winkel.")
            }
        }
        Saying::NoNumber { name } => {
            let who = called(language, name);
            if english {
                format!("❓ I see no WhatsApp number of {who}. Nobody was added. Share the contact of somebody who has WhatsApp.")
            } else {
                format!("❓ Ek sien geen WhatsApp-nommer van {who} nie. Niemand is bygevoeg nie. Deel die kontak van iemand wat WhatsApp het.")
            }
        }
        Saying::MayNotAdd => language
            .pick(
                "⚠️ Only the owner or a manager can add people. Nobody was added.",
                "⚠️ Net die eienaar of 'n bestuurder kan mense byvoeg. Niemand is bygevoeg nie.",
            )
            .to_owned(),
        Saying::OneAtATime => language
            .pick(
                "❓ One at a time, please: share one contact, and I will ask before I add them. Nobody was added.",
                "❓ Een op 'n slag, asseblief: deel een kontak, en ek sal vra voor ek hulle byvoeg. Niemand is bygevoeg nie.",
            )
            .to_owned(),
        Saying::NumberNoted => language.pick("👍 Thank you, I have your number now.", "👍 Dankie, ek het nou jou nommer.").to_owned(),
        Saying::NumberTaken => language
            .pick(
                "⚠️ Not noted: that number belongs to somebody else here. Nothing changed.",
                "⚠️ Nie genoteer nie: daardie nommer behoort hier aan iemand anders. Niks het verander nie.",
            )
            .to_owned(),
        _ => String::new(),
    }
}

fn called(language: Language, name: &str) -> &str {
    match name.trim() {
        "" => language.pick("this person", "hierdie persoon"),
        name => name,
    }
}
