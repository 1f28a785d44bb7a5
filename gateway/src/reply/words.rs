//! Every sentence, per language.

use proto::inventory::v1::MovementKind;
use rust_decimal::Decimal;

use super::number::{quantity, signed};
use crate::conversation::{Effect, Line, Saying};

/// Languages that have words of their own. Others are answered in English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// English.
    English,
    /// Afrikaans.
    Afrikaans,
}

impl Language {
    /// Picks the language for a BCP 47 tag.
    pub fn of(tag: &str) -> Self {
        if tag == "af" || tag.starts_with("af-") { Self::Afrikaans } else { Self::English }
    }

    fn pick(self, english: &'static str, afrikaans: &'static str) -> &'static str {
        match self {
            Self::English => english,
            Self::Afrikaans => afrikaans,
        }
    }
}

/// A line that was posted.
#[derive(Clone, Debug)]
pub(crate) struct PostedLine {
    /// What was asked for.
    pub line: Line,
    /// The item's name as the shop wrote it.
    pub name: String,
    /// The change in the base unit.
    pub delta: Decimal,
    /// What is on hand now.
    pub balance: Decimal,
    /// What the book said before a count.
    pub expected: Option<Decimal>,
    /// The base unit of the item.
    pub base_unit: String,
    /// Whether the item is new.
    pub is_new: bool,
}

/// What came of the steps of a plan: the facts of an answer.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// Lines were posted.
    Posted(Vec<PostedLine>),
    /// A line named an item that the shop does not have.
    NoSuchItem {
        /// What was said.
        said: String,
        /// How much of it.
        quantity: Option<Decimal>,
    },
    /// How many pieces a unit holds is not known.
    UnknownUnit {
        /// What was said.
        said: String,
        /// The unit.
        unit: String,
    },
    /// The item is counted in whole units.
    WholeUnits {
        /// Its name.
        name: String,
    },
    /// An operation was taken back: name, change that was undone, balance now.
    Undone(Vec<(String, Decimal, Decimal)>),
    /// It was taken back before.
    AlreadyUndone,
    /// There was nothing to take back.
    NothingToUndo,
    /// Taking it back is for the person who did it, or the owner.
    NotYoursToUndo,
    /// The person may only look.
    NotAllowed,
    /// The shop refuses stock below zero.
    NotEnough,
    /// What is on hand: name and quantity; a quantity to be taken off in thought.
    Stock {
        /// What was asked for.
        said: String,
        /// What fits.
        found: Vec<(String, Decimal)>,
        /// Answer as if this much had been taken off.
        minus: Option<Decimal>,
    },
    /// What the shop has, and whether there is more than is shown.
    List {
        /// Names and quantities.
        levels: Vec<(String, Decimal)>,
        /// Whether the list goes on.
        has_more: bool,
    },
    /// A question.
    Asked(Saying),
    /// Something fixed.
    Said(Saying),
}

/// Writes the answer. Empty when there is nothing to say.
pub(crate) fn render(language: Language, outcomes: &[Outcome]) -> String {
    let blocks: Vec<String> = outcomes.iter().map(|outcome| block(language, outcome)).collect();
    blocks.into_iter().filter(|block| !block.is_empty()).collect::<Vec<_>>().join("\n")
}

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
        Saying::ReallyDo { .. } | Saying::ReallyUndo => vec![language.pick("Yes", "Ja"), language.pick("No", "Nee")],
        _ => Vec::new(),
    }
}

/// Returns what the Undo button says.
pub(crate) fn title(language: Language) -> &'static str {
    language.pick("Undo", "Ontdoen")
}

fn block(language: Language, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Posted(lines) => posted(language, lines),
        Outcome::NoSuchItem { said, quantity: asked } => {
            let amount = quantity(asked.unwrap_or(Decimal::from(20)));
            match language {
                Language::English => {
                    format!("❓ {said} is not in your stock yet. To start it, send \"add {amount} {said}\"")
                }
                Language::Afrikaans => {
                    format!("❓ {said} is nog nie in jou voorraad nie. Om te begin, stuur \"voeg {amount} {said} by\"")
                }
            }
        }
        Outcome::UnknownUnit { said, unit } => match language {
            Language::English => format!(
                "❓ How many {said} are in a {unit}? Send it like \"add 2 {} of 12 {said}\"",
                plural(unit, Decimal::TWO)
            ),
            Language::Afrikaans => format!(
                "❓ Hoeveel {said} is in 'n {unit}? Stuur dit so: \"add 2 {} of 12 {said}\"",
                plural(unit, Decimal::TWO)
            ),
        },
        Outcome::WholeUnits { name } => match language {
            Language::English => format!("❓ {name} is counted in whole pieces. How many was it?"),
            Language::Afrikaans => format!("❓ {name} word in heel stukke getel. Hoeveel was dit?"),
        },
        Outcome::Undone(lines) => undone(language, lines),
        Outcome::AlreadyUndone => language
            .pick("↩️ That was undone before. Nothing changed.", "↩️ Dit is reeds ontdoen. Niks het verander nie.")
            .to_owned(),
        Outcome::NothingToUndo => language
            .pick("Nothing of yours from today to undo.", "Niks van jou van vandag om te ontdoen nie.")
            .to_owned(),
        Outcome::NotYoursToUndo => language
            .pick(
                "⚠️ Only the person who sent it, or the owner, can undo that.",
                "⚠️ Net die een wat dit gestuur het, of die eienaar, kan dit ontdoen.",
            )
            .to_owned(),
        Outcome::NotAllowed => language
            .pick(
                "⚠️ Not saved: you may look, not change. Ask the owner.",
                "⚠️ Nie gestoor nie: jy mag kyk, nie verander nie. Vra die eienaar.",
            )
            .to_owned(),
        Outcome::NotEnough => language
            .pick(
                "⚠️ Not saved: there is not so much in stock. Count it: \"counted 0 …\"",
                "⚠️ Nie gestoor nie: daar is nie soveel in voorraad nie. Tel dit eers.",
            )
            .to_owned(),
        Outcome::Stock { said, found, minus } => stock(language, said, found, *minus),
        Outcome::List { levels, has_more } => list(language, levels, *has_more),
        Outcome::Asked(saying) | Outcome::Said(saying) => say(language, saying),
    }
}

fn posted(language: Language, lines: &[PostedLine]) -> String {
    let [line] = lines else {
        let each: Vec<String> = lines
            .iter()
            .map(|line| {
                let new = if line.is_new { " 🆕" } else { "" };
                format!("{} {} → {}{new}", name_of(line), signed(line.delta), quantity(line.balance))
            })
            .collect();
        let saved = language.pick("saved", "gestoor");
        return format!("✅ {} {saved}: {}{}", lines.len(), each.join("\n"), shortfall(language, lines));
    };
    let what = amount(line);
    let balance = quantity(line.balance);
    let unit = measure(&line.base_unit);
    let first = match (&line.line.effect, language) {
        (Effect::Count { .. }, _) => {
            let expected = line.expected.unwrap_or(line.balance - line.delta);
            return match (line.is_new, language) {
                (true, Language::English) => format!("✅ Counted {what} 🆕"),
                (true, Language::Afrikaans) => format!("✅ {what} getel 🆕"),
                (false, Language::English) => {
                    format!("✅ Counted {what} (book said {}, {})", quantity(expected), difference(line.delta))
                }
                (false, Language::Afrikaans) => {
                    format!("✅ {what} getel (boek sê {}, {})", quantity(expected), difference(line.delta))
                }
            };
        }
        (Effect::Change { kind, .. } | Effect::All { kind }, _) => {
            let kind = MovementKind::try_from(*kind).unwrap_or(MovementKind::Unspecified);
            match (kind, language) {
                (MovementKind::Receipt | MovementKind::Opening, Language::English) if !has_pack(line) => {
                    format!("✅ Added {what} to inventory")
                }
                (MovementKind::Receipt | MovementKind::Opening, Language::English) => format!("✅ Added {what}"),
                (MovementKind::Receipt | MovementKind::Opening, Language::Afrikaans) => format!("✅ {what} bygevoeg"),
                (MovementKind::ReturnIn, Language::English) => format!("✅ Took back {what}"),
                (MovementKind::ReturnIn, Language::Afrikaans) => format!("✅ {what} teruggekry"),
                (MovementKind::Sale, Language::English) => format!("✅ Sold {what}"),
                (MovementKind::Sale, Language::Afrikaans) => format!("✅ {what} verkoop"),
                (kind, Language::English) => format!("✅ Took off {what}{}", reason(language, kind)),
                (kind, Language::Afrikaans) => format!("✅ {what} afgetrek{}", reason(language, kind)),
            }
        }
    };
    let short = shortfall(language, lines);
    let second = if !short.is_empty() {
        // The warning carries the balance.
        short.trim_start().to_owned()
    } else if line.delta.is_sign_negative() {
        format!("{balance}{unit} {}", language.pick("left", "oor"))
    } else {
        format!("{} {balance}{unit}", language.pick("Now", "Nou"))
    };
    let third = if line.is_new { language.pick("\n🆕 New item", "\n🆕 Nuwe item") } else { "" };
    format!("{first}\n{second}{third}")
}

/// Warns of the first line that went below zero.
fn shortfall(language: Language, lines: &[PostedLine]) -> String {
    let Some(line) = lines.iter().find(|line| line.balance < Decimal::ZERO && line.delta < Decimal::ZERO) else {
        return String::new();
    };
    let (balance, name) = (quantity(line.balance), &line.name);
    match language {
        Language::English => {
            format!("\nnow {balance}. Something was not written down. When you can, send \"counted 0 {name}\"")
        }
        Language::Afrikaans => {
            format!("\nnou {balance}. Iets is nie neergeskryf nie. Wanneer jy kan, stuur \"getel 0 {name}\"")
        }
    }
}

fn reason(language: Language, kind: MovementKind) -> String {
    let word = match kind {
        MovementKind::Waste => language.pick("waste", "afval"),
        MovementKind::OwnUse => language.pick("own use", "eie gebruik"),
        MovementKind::Theft => language.pick("stolen", "gesteel"),
        MovementKind::Gift => language.pick("given away", "weggegee"),
        MovementKind::ReturnOut => language.pick("sent back", "teruggestuur"),
        _ => return String::new(),
    };
    format!(" ({word})")
}

fn undone(language: Language, lines: &[(String, Decimal, Decimal)]) -> String {
    let what: Vec<String> = lines.iter().map(|(name, delta, _)| format!("{} {name}", signed(*delta))).collect();
    let back: Vec<String> = match lines {
        [(_, _, balance)] => vec![quantity(*balance)],
        _ => lines.iter().map(|(name, _, balance)| format!("{name} {}", quantity(*balance))).collect(),
    };
    let (what, back) = (what.join(", "), back.join(", "));
    match language {
        Language::English => format!("↩️ Undone: {what}. Back to {back}"),
        Language::Afrikaans => format!("↩️ Ontdoen: {what}. Terug na {back}"),
    }
}

fn stock(language: Language, said: &str, found: &[(String, Decimal)], minus: Option<Decimal>) -> String {
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

fn list(language: Language, levels: &[(String, Decimal)], has_more: bool) -> String {
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

fn say(language: Language, saying: &Saying) -> String {
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
        Saying::TextOnly => language.pick(
            "❓ I can only read text so far. Nothing changed. Write it like \"add 20 milk\"",
            "❓ Ek kan tot dusver net teks lees. Niks het verander nie. Skryf dit soos \"voeg 20 melk by\"",
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

/// Returns the name to say: as it was said, unless the ledger took it for an item of another name. Then that one is told.
fn name_of(line: &PostedLine) -> &str {
    let said = &line.line.item.said;
    if said.is_empty() || !is_same_name(said, &line.name) { &line.name } else { said }
}

/// Returns whether two names differ in case, spaces or a plural ending at most.
fn is_same_name(said: &str, name: &str) -> bool {
    let stem = |text: &str| -> String {
        let letters: String = text.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
        letters.trim_end_matches(['s', 'e', 'y', 'i']).to_owned()
    };
    stem(said) == stem(name)
}

fn has_pack(line: &PostedLine) -> bool {
    said_quantity(line).is_some_and(|said| said.abs() != line.delta.abs())
}

fn said_quantity(line: &PostedLine) -> Option<Decimal> {
    match &line.line.effect {
        Effect::Change { quantity, .. } | Effect::Count { quantity } => Some(*quantity),
        Effect::All { .. } => None,
    }
}

/// Writes "50 screws", "1.5 kg cheese", "2 cases (12) coke 2l".
fn amount(line: &PostedLine) -> String {
    let name = name_of(line);
    let said = said_quantity(line).unwrap_or(line.delta).abs();
    let unit = &line.line.unit;
    let is_count = matches!(line.line.effect, Effect::Count { .. });
    match (unit.is_empty(), !is_count && has_pack(line)) {
        (true, _) => format!("{} {name}", quantity(said)),
        (false, true) => format!("{} {} ({}) {name}", quantity(said), plural(unit, said), quantity(line.delta.abs())),
        (false, false) => format!("{} {} {name}", quantity(said), plural(unit, said)),
    }
}

fn difference(delta: Decimal) -> String {
    if delta.is_zero() { "=".to_owned() } else { signed(delta) }
}

/// Returns the unit to show behind a balance: measures are shown, pieces are not.
fn measure(base_unit: &str) -> String {
    match base_unit {
        "" | "each" | "piece" | "unit" => String::new(),
        unit => format!(" {unit}"),
    }
}

fn plural(unit: &str, number: Decimal) -> String {
    const MEASURES: [&str; 10] = ["kg", "g", "mg", "l", "ml", "cl", "m", "cm", "mm", "dozen"];
    if number == Decimal::ONE || MEASURES.contains(&unit) {
        return unit.to_owned();
    }
    match unit {
        "loaf" => "loaves".to_owned(),
        _ if unit.ends_with(['s', 'x']) || unit.ends_with("ch") || unit.ends_with("sh") => format!("{unit}es"),
        _ => format!("{unit}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Line;

    fn line(effect: Effect, said: &str, delta: i64, balance: i64, is_new: bool) -> PostedLine {
        let item = crate::conversation::Item { said: said.to_owned(), ..Default::default() };
        PostedLine {
            line: Line { item, effect, unit: String::new(), pack_size: None, unit_price: None, is_new: false },
            name: said.to_owned(),
            delta: delta.into(),
            balance: balance.into(),
            expected: None,
            base_unit: "each".to_owned(),
            is_new,
        }
    }

    fn change(kind: MovementKind, quantity: i64) -> Effect {
        Effect::Change { kind: kind as i32, quantity: quantity.into() }
    }

    #[test]
    fn answers_read_as_they_should() {
        let english = |outcome: Outcome| render(Language::English, &[outcome]);
        let add = line(change(MovementKind::Receipt, 50), "screws", 50, 230, false);
        let sale = line(change(MovementKind::Sale, 3), "bread", -3, 9, false);
        let short = line(change(MovementKind::Sale, 14), "bread", -14, -2, false);
        let loss = line(change(MovementKind::Waste, 3), "eggs", -3, 57, false);
        let count = line(Effect::Count { quantity: 47.into() }, "coke 2l", -3, 47, false);
        let first = line(change(MovementKind::Receipt, 12), "milk", 12, 12, true);
        let second = line(change(MovementKind::Receipt, 2), "bread", 2, 11, false);
        let mut pack = line(change(MovementKind::Receipt, 2), "coke 2l", 12, 31, false);
        pack.line.unit = "case".to_owned();

        insta::assert_snapshot!(
            [
                english(Outcome::Posted(vec![add])),
                english(Outcome::Posted(vec![sale])),
                english(Outcome::Posted(vec![short])),
                english(Outcome::Posted(vec![loss])),
                english(Outcome::Posted(vec![count])),
                english(Outcome::Posted(vec![pack])),
                english(Outcome::Posted(vec![first, second])),
                english(Outcome::Undone(vec![("screws".to_owned(), 50.into(), 180.into())])),
                english(Outcome::Stock {
                    said: "coke".to_owned(),
                    found: vec![("coke 2l".to_owned(), 31.into()), ("coke can".to_owned(), 0.into())],
                    minus: None
                }),
            ]
            .join("\n--\n")
        );
    }

    #[test]
    fn an_item_of_another_name_is_told_by_its_own() {
        let mut sale = line(change(MovementKind::Sale, 3), "coke", -3, 9, false);
        sale.name = "diet coke".to_owned();
        assert_eq!(render(Language::English, &[Outcome::Posted(vec![sale])]), "✅ Sold 3 diet coke\n9 left");
        assert!(
            is_same_name("Screws", "screw") && is_same_name("batteries", "battery") && is_same_name("boxes", "box")
        );
    }

    #[test]
    fn no_fixed_sentence_is_longer_than_six_lines_or_whatsapps_limit() {
        for language in [Language::English, Language::Afrikaans] {
            for saying in [
                Saying::Help,
                Saying::Hello,
                Saying::NotUnderstood,
                Saying::NotYet,
                Saying::TextOnly,
                Saying::UndoWhich,
            ] {
                let text = say(language, &saying);
                assert!(text.lines().count() <= 6 && text.encode_utf16().count() <= 1024, "{text}");
            }
        }
    }
}
