//! Every fixed sentence and every question, per language.

use proto::inventory::v1::MovementKind;
use rust_decimal::Decimal;

use super::draft::draft_buttons;
use super::language::Language;
use super::media::about_file;
use super::number::quantity;
use super::people::person;
use super::tampering::stands;
use super::unit::plural;
use crate::conversation::{Effect, FileSaying, Line, Saying};

/// Says that a message was given up. `may_have_happened`: it is not known whether stock changed.
pub(crate) fn apology(language: Language, may_have_happened: bool, reference: &str) -> String {
    let words = if may_have_happened {
        language.pick(
            "⚠️ Our side failed before we could answer. Send \"stock\" to see if it was saved before you send it again.",
            "⚠️ Ons kant het gefaal voor ons kon antwoord. Stuur \"voorraad\" om te sien of dit gestoor is voor jy dit weer stuur.",
        )
    } else {
        language.pick(
            "⚠️ Not saved, our side failed. Nothing changed. Send it again in a minute.",
            "⚠️ Nie gestoor nie, ons kant het gefaal. Niks het verander nie. Stuur dit oor 'n minuut weer.",
        )
    };
    format!("{words} Ref {reference}")
}

/// Returns the titles of the buttons that belong to a question, where they are words and not names.
pub(crate) fn buttons_for(language: Language, saying: &Saying) -> Vec<&'static str> {
    match saying {
        Saying::WhichDirection { .. } => vec![
            language.pick("Came in", "Ingekom"),
            language.pick("Sold", "Verkoop"),
            language.pick("Counted", "Getel"),
        ],
        Saying::File(FileSaying::Approve) => draft_buttons(language),
        saying if saying.is_yes_or_no() => vec![language.pick("Yes", "Ja"), language.pick("No", "Nee")],
        _ => Vec::new(),
    }
}

/// Returns what the button says that opens a list.
pub(crate) fn list_title(language: Language) -> &'static str {
    language.pick("Choose", "Kies")
}

/// Returns what the Undo button says.
pub(crate) fn title(language: Language) -> &'static str {
    language.pick("Undo", "Ontdoen")
}

#[expect(clippy::too_many_lines, reason = "a table: one arm for each sentence, and none can be forgotten")]
pub(super) fn say(language: Language, saying: &Saying) -> String {
    let fixed = match saying {
        Saying::Help => language.pick(
            "I keep your stock. Write for example:\n\"add 20 milk\" · \"sold 3 bread\" · \"2 eggs broke\"\n\"counted 40 screws\" · \"how many eggs\" · \"stock\"\n\"undo\" takes the last one back.",
            "Ek hou jou voorraad by. Skryf byvoorbeeld:\n\"voeg 20 melk by\" · \"3 brood verkoop\" · \"2 eiers gebreek\"\n\"getel 40 skroewe\" · \"hoeveel eiers\" · \"voorraad\"\n\"ontdoen\" vat die laaste een terug.",
        ),
        Saying::Hello => language.pick("👋 Hello! Tell me what came in or was sold, like \"add 20 bread\" or \"sold 3 milk\"", "👋 Hallo! Sê wat ingekom het of verkoop is, soos \"voeg 20 brood by\" of \"3 melk verkoop\""),
        Saying::Welcome => "👍",
        Saying::NotUnderstood => language.pick(
            "❓ I did not get that. Try: \"sold 3 bread\", \"add 20 milk\", \"how many eggs\"",
            "❓ Ek het dit nie gekry nie. Probeer: \"3 brood verkoop\", \"voeg 20 melk by\", \"hoeveel eiers\"",
        ),
        Saying::NothingChanged => language.pick("👍 Nothing changed.", "👍 Niks het verander nie."),
        Saying::OutOfScope => language.pick("I keep stock. I cannot do that yet.", "Ek hou voorraad. Ek kan dit nog nie doen nie."),
        Saying::NotYet => language.pick(
            "I cannot do that yet. Nothing changed. I can add, take off, count, show stock and undo.",
            "Ek kan dit nog nie doen nie. Niks het verander nie. Ek kan byvoeg, aftrek, tel, voorraad wys en ontdoen.",
        ),
        Saying::Stranger => language.pick(
            "This number is not linked to a shop. Ask the owner of the shop to add you.",
            "Hierdie nommer is nie aan 'n winkel gekoppel nie. Vra die eienaar om jou by te voeg.",
        ),
        Saying::ReallyUndo => language.pick("❓ Undo the last one?", "❓ Die laaste een ontdoen?"),
        Saying::HowToCorrect => language.pick(
            "❓ To fix it: send \"undo\", then the right line, like \"add 40 screws\". Nothing changed yet.",
            "❓ Om reg te maak: stuur \"ontdoen\", dan die regte reël, soos \"voeg 40 skroewe by\". Niks het nog verander nie.",
        ),
        Saying::UndoWhich => language.pick(
            "❓ Which one? Tap Undo under the answer you mean, or send just \"undo\" for the last one. Nothing changed.",
            "❓ Watter een? Druk Ontdoen onder die antwoord wat jy bedoel, of stuur net \"ontdoen\" vir die laaste een. Niks het verander nie.",
        ),
        Saying::Dropped => language.pick("👍 Left as it was. Nothing changed.", "👍 Gelos soos dit was. Niks het verander nie."),
        Saying::AlreadyAnswered => language.pick("👍 You answered that already. Nothing more changed.", "👍 Jy het dit reeds geantwoord. Niks meer het verander nie."),
        Saying::QuestionGone => language.pick(
            "That question is closed. Nothing changed. Send it again, like \"sold 3 bread\"",
            "Daardie vraag is toe. Niks het verander nie. Stuur dit weer, soos \"3 brood verkoop\"",
        ),
        Saying::TooLong => language.pick("❓ That is too long to read safely. Nothing changed. Send it in shorter messages.", "❓ Dit is te lank om veilig te lees. Niks het verander nie. Stuur dit in korter boodskappe."),
        Saying::CannotRead => language.pick(
            "❓ I cannot read that kind of message. Nothing changed. Write it like \"add 20 milk\"",
            "❓ Ek kan nie daardie soort boodskap lees nie. Niks het verander nie. Skryf dit soos \"voeg 20 melk by\"",
        ),
        Saying::NoVideo => language.pick(
            "❓ I cannot watch videos. Nothing changed. Write it like \"add 20 milk\"",
            "❓ Ek kan nie video's kyk nie. Niks het verander nie. Skryf dit soos \"voeg 20 melk by\"",
        ),
        Saying::NoLocation => language.pick(
            "I keep stock. I cannot use a place on the map. Nothing changed.",
            "Ek hou voorraad. Ek kan nie 'n plek op die kaart gebruik nie. Niks het verander nie.",
        ),
        Saying::NoOrders => language.pick(
            "I keep stock. I cannot take orders. Nothing changed. When it is sold, send \"sold 3 bread\"",
            "Ek hou voorraad. Ek kan nie bestellings neem nie. Niks het verander nie. As dit verkoop is, stuur \"3 brood verkoop\"",
        ),
        Saying::FileLost => language.pick(
            "❓ WhatsApp could not hand me that file. Nothing changed. Send a smaller one, or write it like \"add 20 milk\"",
            "❓ WhatsApp kon nie daardie lêer vir my gee nie. Niks het verander nie. Stuur 'n kleiner een, of skryf dit soos \"voeg 20 melk by\"",
        ),
        Saying::StandsNoMore => language.pick(
            "↩️ What that message saved was undone before. Nothing changed.",
            "↩️ Wat daardie boodskap gestoor het, is reeds ontdoen. Niks het verander nie.",
        ),
        Saying::ChangedForNothing => language.pick(
            "❓ I cannot read a message that was changed later. Nothing changed. Send it again as a new one.",
            "❓ Ek kan nie 'n boodskap lees wat later verander is nie. Niks het verander nie. Stuur dit weer as 'n nuwe een.",
        ),
        Saying::Stands { tampering, lines } => return stands(language, *tampering, lines),
        Saying::File(saying) => return about_file(language, saying),
        Saying::MayNotAdd
        | Saying::OneAtATime
        | Saying::NumberNoted
        | Saying::NumberTaken
        | Saying::ReallyAdd { .. }
        | Saying::Added { .. }
        | Saying::AddedBefore { .. }
        | Saying::Elsewhere { .. }
        | Saying::NoNumber { .. } => return person(language, saying),
        Saying::ReallyForwarded { lines } => {
            let question = language.pick("You forwarded this. Should I record it?", "Jy het dit aangestuur. Moet ek dit aanteken?");
            let lines: Vec<String> = lines.iter().take(20).map(|line| asked(language, line)).collect();
            return if lines.is_empty() { format!("❓ {question}") } else { format!("❓ {question}\n{}", lines.join(", ")) };
        }
        Saying::WhichDirection { lines } => {
            let lines: Vec<String> = lines.iter().take(20).map(|(said, number)| format!("{said} {}", quantity(*number))).collect();
            return format!("❓ {}: {}", lines.join(", "), language.pick("came in, sold or counted?", "ingekom, verkoop of getel?"));
        }
        Saying::WhichItem { quantity: Some(number) } => {
            return match language {
                Language::English => format!("❓ {} of what? Write it like \"sold {} bread\"", quantity(*number), quantity(*number)),
                Language::Afrikaans => format!("❓ {} van wat? Skryf dit soos \"{} brood verkoop\"", quantity(*number), quantity(*number)),
            };
        }
        Saying::WhichItem { quantity: None } => language.pick("❓ Of what? Write it like \"sold 3 bread\"", "❓ Van wat? Skryf dit soos \"3 brood verkoop\""),
        Saying::WhichOf { said, names } => {
            let names: Vec<String> = names.iter().enumerate().map(|(index, name)| format!("{} {name}", index + 1)).collect();
            return format!("❓ {} \"{said}\"?\n{}", language.pick("Which", "Watter"), names.join("\n"));
        }
        Saying::HowMany { said } if said.is_empty() => language.pick("❓ How many? Write it like \"sold 3 bread\"", "❓ Hoeveel? Skryf dit soos \"3 brood verkoop\""),
        Saying::HowMany { said } => {
            return match language {
                Language::English => format!("❓ How many {said}? Write it like \"sold 3 {said}\""),
                Language::Afrikaans => format!("❓ Hoeveel {said}? Skryf dit soos \"3 {said} verkoop\""),
            };
        }
        Saying::WhichNumber { said, numbers } => {
            let numbers: Vec<String> = numbers.iter().map(|number| quantity(*number)).collect();
            let or = language.pick(" or ", " of ");
            return format!("❓ {said}: {}? {}", numbers.join(or), language.pick("Send one number, like \"add 20 bread\"", "Stuur een getal, soos \"voeg 20 brood by\""));
        }
        Saying::ReallyDo { lines } => {
            let lines: Vec<String> = lines.iter().take(20).map(|line| asked(language, line)).collect();
            return format!("❓ {}?", lines.join(", "));
        }
    };
    fixed.to_owned()
}

fn asked(language: Language, line: &Line) -> String {
    let unit = &line.unit;
    let amount = |number: Decimal| {
        if unit.is_empty() {
            quantity(number.abs())
        } else {
            format!("{} {}", quantity(number.abs()), plural(unit, number))
        }
    };
    let (verb, what) = match &line.effect {
        Effect::Change { kind, quantity } if *kind == MovementKind::Receipt as i32 => {
            (language.pick("Add", "Voeg by"), amount(*quantity))
        }
        Effect::Change { quantity, .. } => (language.pick("Take off", "Trek af"), amount(*quantity)),
        Effect::All { .. } => (language.pick("Take off all", "Trek alles af"), String::new()),
        Effect::Count { quantity } => (language.pick("Set to", "Stel op"), amount(*quantity)),
    };
    [verb, &what, &line.item.said].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_fixed_sentence_is_longer_than_six_lines_or_whatsapps_limit() {
        for language in [Language::English, Language::Afrikaans] {
            for saying in [
                Saying::Help,
                Saying::Hello,
                Saying::NotUnderstood,
                Saying::NotYet,
                Saying::CannotRead,
                Saying::NoVideo,
                Saying::NoLocation,
                Saying::NoOrders,
                Saying::FileLost,
                Saying::StandsNoMore,
                Saying::ChangedForNothing,
                Saying::MayNotAdd,
                Saying::OneAtATime,
                Saying::NumberNoted,
                Saying::NumberTaken,
                Saying::UndoWhich,
            ] {
                let text = say(language, &saying);
                assert!(text.lines().count() <= 6 && text.encode_utf16().count() <= 1024, "{text}");
            }
        }
    }
}
