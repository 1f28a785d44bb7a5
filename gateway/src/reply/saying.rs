//! Every fixed sentence and every question.

use proto::inventory::v1::MovementKind;
use rust_decimal::Decimal;

use super::catalogue::{Message, Name, words};
use super::count::{about_count, count_buttons};
use super::language::Language;
use super::media::about_file;
use super::number::quantity;
use super::people::{of_people, of_person, really_add};
use super::report;
use super::talk::{about_talk, talk_buttons};
use super::tampering::stands;
use super::unit::plural;
use crate::conversation::{Effect, FileSaying, Line, Saying};

/// Lines that a question repeats.
const LINES_MAX: usize = 20;

/// Says that a message was given up. `may_have_happened`: it is not known whether stock changed.
pub(crate) fn apology(language: Language, may_have_happened: bool, reference: &str) -> String {
    let message = if may_have_happened { Message::FailedInDoubt { reference } } else { Message::Failed { reference } };
    words(language, message)
}

/// Returns the titles of the buttons that belong to a question, where they are words and not names.
pub(crate) fn buttons_for(language: Language, saying: &Saying) -> Vec<String> {
    let titles: &[Message<'_>] = match saying {
        Saying::WhichDirection { .. } => &[Message::ButtonCameIn, Message::ButtonSold, Message::ButtonCounted],
        Saying::File(FileSaying::Approve) => &[Message::ButtonSaveAll, Message::ButtonFix, Message::ButtonCancel],
        Saying::Talk(talk) => return talk_buttons(language, talk),
        Saying::Count(saying) => return count_buttons(language, *saying),
        Saying::FileTooLarge { shorter, .. } => {
            return shorter.iter().map(|export| report::title(language, export)).collect();
        }
        saying if saying.is_yes_or_no() => &[Message::ButtonYes, Message::ButtonNo],
        _ => &[],
    };
    titles.iter().map(|title| words(language, *title)).collect()
}

/// Returns what the button says that opens a list.
pub(crate) fn list_title(language: Language) -> String {
    words(language, Message::ButtonChoose)
}

/// Returns what the Undo button says.
pub(crate) fn title(language: Language) -> String {
    words(language, Message::ButtonUndo)
}

pub(super) fn say(language: Language, saying: &Saying) -> String {
    let this_person = words(language, Message::ThisPerson);
    let of_person = |name, say| of_person(language, name, &this_person, say);
    let fixed = match saying {
        Saying::Help => Message::Help,
        Saying::Hello => Message::Hello,
        Saying::Welcome => Message::Welcome,
        Saying::NotUnderstood => Message::NotUnderstood,
        Saying::NothingChanged => Message::NothingChanged,
        Saying::OutOfScope => Message::OutOfScope,
        Saying::NotYet => Message::NotYet,
        Saying::Stranger => Message::Stranger,
        Saying::ReallyUndo => Message::ReallyUndo,
        Saying::HowToCorrect => Message::HowToCorrect,
        Saying::UndoWhich => Message::UndoWhich,
        Saying::Dropped => Message::Dropped,
        Saying::AlreadyAnswered => Message::AlreadyAnswered,
        Saying::QuestionGone => Message::QuestionGone,
        Saying::TooLong => Message::TooLong,
        Saying::CannotRead => Message::CannotRead,
        Saying::NoVideo => Message::NoVideo,
        Saying::NoLocation => Message::NoLocation,
        Saying::NoOrders => Message::NoOrders,
        Saying::FileLost => Message::FileLost,
        Saying::StandsNoMore => Message::StandsNoMore,
        Saying::ChangedForNothing => Message::ChangedForNothing,
        Saying::MayNotAdd => Message::MayNotAdd,
        Saying::OneAtATime => Message::OneAtATime,
        Saying::NumberNoted => Message::NumberNoted,
        Saying::NumberTaken => Message::NumberTaken,
        Saying::WhichDays => Message::WhichDays,
        Saying::FileTooLarge { of, shorter } => return report::too_large(language, of, shorter),
        Saying::People(saying) => return of_people(language, saying),
        Saying::ReallyAdd { name, phone, role } => return really_add(language, name, phone, *role),
        Saying::Added { name } => return of_person(name, |person| Message::PersonAdded { person }),
        Saying::AddedBefore { name } => return of_person(name, |person| Message::PersonAddedBefore { person }),
        Saying::Elsewhere { name } => return of_person(name, |person| Message::PersonElsewhere { person }),
        Saying::NoNumber { name } => return of_person(name, |person| Message::PersonWithoutNumber { person }),
        Saying::Stands { tampering, lines } => return stands(language, *tampering, lines),
        Saying::File(saying) => return about_file(language, saying),
        Saying::Talk(talk) => return about_talk(language, talk),
        Saying::Count(saying) => return about_count(language, *saying),
        Saying::ReallyForwarded { lines } if lines.is_empty() => Message::ReallyForwarded,
        Saying::ReallyForwarded { lines } => {
            return words(language, Message::ReallyForwardedLines { lines: &all_asked(language, lines) });
        }
        Saying::ReallyDo { lines } => return words(language, Message::Really { lines: &all_asked(language, lines) }),
        Saying::WhichDirection { lines } => {
            let lines: Vec<String> =
                lines.iter().take(LINES_MAX).map(|(said, number)| format!("{said} {}", quantity(*number))).collect();
            return words(language, Message::WhichDirection { lines: &lines.join(", ") });
        }
        Saying::WhichItem { quantity: None } => Message::WhichItem,
        Saying::WhichItem { quantity: Some(number) } => {
            return words(language, Message::WhichItemOf { amount: &quantity(*number) });
        }
        Saying::WhichOf { said, names } => {
            let names: Vec<String> =
                names.iter().enumerate().map(|(index, name)| format!("{} {name}", index + 1)).collect();
            return words(language, Message::WhichOf { said: Name(said), items: &names.join("\n") });
        }
        Saying::WhichLevel { said } => return words(language, Message::WhichLevel { item: Name(said) }),
        Saying::ReallyArchive { name, on_hand } => {
            return words(language, Message::ReallyArchive { item: Name(name), balance: &quantity(*on_hand) });
        }
        Saying::ReallyMerge { name, into, on_hand } => {
            let balance = &quantity(*on_hand);
            return words(language, Message::ReallyMerge { was: Name(name), item: Name(into), balance });
        }
        Saying::HowMany { said } if said.is_empty() => Message::HowMany,
        Saying::HowMany { said } => Message::HowManyOf { item: Name(said) },
        Saying::WhichNumber { said, numbers } => {
            let numbers: Vec<String> = numbers.iter().map(|number| quantity(*number)).collect();
            let or = format!(" {} ", words(language, Message::Or));
            return words(language, Message::WhichNumber { item: Name(said), numbers: &numbers.join(&or) });
        }
    };
    words(language, fixed)
}

fn all_asked(language: Language, lines: &[Line]) -> String {
    lines.iter().take(LINES_MAX).map(|line| asked(language, line)).collect::<Vec<_>>().join(", ")
}

pub(super) fn asked(language: Language, line: &Line) -> String {
    let (item, unit) = (&line.item.said, &line.unit);
    let what = |number: Decimal| {
        let amount = quantity(number.abs());
        if unit.is_empty() {
            format!("{amount} {item}")
        } else {
            format!("{amount} {} {item}", plural(language, unit, number))
        }
    };
    match &line.effect {
        // Nothing is named where everything is meant.
        Effect::All { .. } | Effect::Count { .. } if item.is_empty() => words(language, Message::DoEmpty),
        Effect::Change { kind, quantity } if *kind == MovementKind::Receipt as i32 => {
            words(language, Message::DoAdd { what: &what(*quantity) })
        }
        Effect::Change { quantity, .. } => words(language, Message::DoTakeOff { what: &what(*quantity) }),
        Effect::All { .. } => words(language, Message::DoTakeOffAll { what: item }),
        Effect::Count { quantity } => words(language, Message::DoSet { what: &what(*quantity) }),
    }
}
