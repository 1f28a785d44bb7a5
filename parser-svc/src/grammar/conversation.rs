//! What a text means because of what stands before it: an answer to the open question, a correction of the last or quoted line.

use rust_decimal::Decimal;

use super::choice::{chosen, only_number, row, selected};
use super::clause::directed;
use super::entry;
use super::lexicon::{Class, Meaning};
use super::noun;
use super::tag::{Lexeme, Names, tag};
use super::token::{Kind, Token};
use super::turn::ReadTurn;
use crate::domain::{
    Act, Action, Clarification, CorrectTarget, Intent, Item, Line, Message, OpenQuestion, PriceBasis, Reading,
    SetReason, Span, UndoTarget,
};

/// Longest text that can be an answer or a correction.
const MAX_TOKENS: usize = 64;

/// Reads the text as an answer, if a question is open and it is one; or as a correction of a quoted line.
#[must_use]
pub fn read(message: &Message, tokens: &[Token], names: &Names) -> Option<Reading> {
    let context = &message.context;
    let first = tokens.first().filter(|_| tokens.len() <= MAX_TOKENS)?;
    if context.open_question.is_none() && context.quoted.is_empty() && context.booked_documents.is_empty() {
        return None;
    }
    let span = tokens.iter().fold(first.span, |all, token| all.joined(token.span));
    let lexemes: Vec<Lexeme> = tag(tokens, names)
        .into_iter()
        .filter(|lexeme| {
            !matches!(lexeme.kind, Kind::Mark(_) | Kind::Newline)
                && (!lexeme.has(Class::Filler) || lexeme.has(Class::Yes))
        })
        .collect();
    let is_affirmed = message.context.open_question.as_ref().is_some_and(|question| question.asks.is_none());
    let actions = match &message.context.open_question {
        Some(question) => answer(question, tokens, &lexemes, names)?,
        None => vec![booked_document(message, tokens).or_else(|| quoted_number(message, &lexemes))?],
    };
    let actions = actions.into_iter().map(|action| Action { span, ..action }).collect();
    Some(Reading { actions, is_affirmed, ..Reading::default() })
}

/// What is to become of the lines of a message that its sender deleted: perhaps it was only tidied away, so it asks.
#[must_use]
pub fn deleted(message: &Message) -> Reading {
    let action = Action::new(Intent::Undo(UndoTarget::DeletedMessage)).confirmed_first();
    Reading { actions: vec![action], language: message.language.clone(), ..Reading::default() }
}

/// Turns what an edited message says now into corrections of what it had done before. Only one line against one line leaves no
/// doubt which of them is meant; anything else asks whether it stands already.
#[must_use]
pub fn edited(actions: Vec<Action>, before: &[Action]) -> Vec<Action> {
    let is_line = |action: &Action| action.intent.changes_stock() && action.intent.line().is_some();
    let (now, then) =
        (actions.iter().filter(|action| is_line(action)).count(), before.iter().filter(|action| is_line(action)));
    let is_same_kind =
        |now: &Action, then: &Action| std::mem::discriminant(&now.intent) == std::mem::discriminant(&then.intent);
    let then: Vec<&Action> = then.collect();
    actions
        .into_iter()
        .map(|action| match (action.intent.line(), then.as_slice()) {
            _ if !is_line(&action) || then.is_empty() => action,
            (Some(line), [then]) if now == 1 && is_same_kind(&action, then) => {
                let intent = Intent::Correct { line: line.clone(), target: CorrectTarget::EditedMessage };
                Action { intent, ..action }
            }
            _ => action.asking(Clarification::AlreadyRecorded),
        })
        .collect()
}

/// Puts a turn in its place: corrections get the line they are about, undo the quoted message.
#[must_use]
pub fn placed(turn: ReadTurn, message: &Message) -> Vec<Action> {
    let context = &message.context;
    let has_quote = !context.quoted.is_empty();
    if turn.meaning == Meaning::SameAgain {
        return context
            .last
            .iter()
            .cloned()
            .map(|action| Action { span: Span::default(), ..action }.confirmed_first())
            .collect::<Vec<_>>();
    }
    turn.actions.into_iter().map(|action| place(action, message, has_quote)).collect()
}

fn place(mut action: Action, message: &Message, has_quote: bool) -> Action {
    let context = &message.context;
    match &mut action.intent {
        Intent::Undo(target @ UndoTarget::Last) if has_quote => *target = UndoTarget::Reply,
        // Nobody asked, so there is nothing to agree to.
        Intent::Unknown { act: Some(act @ (Act::Affirm | Act::CancelPending)), .. }
            if context.open_question.is_none() =>
        {
            *act = Act::None;
        }
        Intent::Correct { line, target } => {
            if has_quote && *target == CorrectTarget::Last {
                *target = CorrectTarget::Reply;
            }
            let earlier = if has_quote { &context.quoted } else { &context.last };
            let index = match target {
                CorrectTarget::Line(number) => usize::try_from(*number).unwrap_or_default().checked_sub(1),
                CorrectTarget::Item => {
                    let key = line.item.as_ref().map(|item| noun::name_key(&item.name)).unwrap_or_default();
                    earlier
                        .iter()
                        .position(|action| action.intent.item().is_some_and(|item| noun::name_key(&item.name) == key))
                }
                _ => earlier.len().checked_sub(1),
            };
            let before = index.and_then(|index| earlier.get(index)).and_then(|action| action.intent.line());
            if *target == CorrectTarget::Item && before.is_none() {
                let line = line.clone();
                let span = action.span;
                return Action {
                    span,
                    ..Action::new(Intent::SetStock { line, reason: SetReason::Count }).confirmed_first()
                };
            }
            if earlier.is_empty() && action.clarification.is_none() {
                // Nobody told what went before, so nobody knows what is to be corrected.
                action.clarification = Some(Clarification::Item);
            }
            if let Some(before) = before
                && action.clarification.is_none()
            {
                line.item = match (line.item.take(), &before.item) {
                    (Some(said), Some(before)) => Some(resized(said, before)),
                    (said, before) => said.or_else(|| before.clone()),
                };
                // "cases" or "yesterday" leaves the number as it was; another item or price says nothing of it.
                if line.when.is_some() || !line.unit.is_empty() {
                    line.quantity = line.quantity.or(before.quantity);
                }
                if line.unit.is_empty() {
                    line.unit.clone_from(&before.unit);
                }
            }
        }
        _ => {}
    }
    action
}

/// "2l, not 500ml": the same item in another size.
fn resized(said: Item, before: &Item) -> Item {
    let is_size =
        |word: &str| word.starts_with(|first: char| first.is_ascii_digit()) && word.ends_with(char::is_alphabetic);
    if !is_size(&said.name) || said.name.contains(' ') || !before.name.split(' ').any(is_size) {
        return said;
    }
    let words = before.name.split(' ').map(|word| if is_size(word) { said.name.as_str() } else { word });
    Item::named(words.collect::<Vec<_>>().join(" "))
}

/// A paper whose number is already booked is not booked again, whatever else it says.
fn booked_document(message: &Message, tokens: &[Token]) -> Option<Action> {
    let booked = &message.context.booked_documents;
    let number = booked.iter().find(|number| tokens.iter().any(|token| number.to_lowercase() == token.key))?;
    let line = Line { document_number: number.clone(), ..Line::default() };
    let (topic, shop) = (String::new(), String::new());
    Some(Action::new(Intent::Unknown { act: Some(Act::DuplicateDocument), line, topic, shop }))
}

/// A bare number that quotes one of our answers, perhaps with its unit, replaces the number in it.
fn quoted_number(message: &Message, lexemes: &[Lexeme]) -> Option<Action> {
    let (number, said_unit) = match lexemes {
        [number] => (number, None),
        [number, unit] => (number, Some(unit.unit.clone()?)),
        _ => return None,
    };
    let before = message.context.quoted.last()?.intent.line()?;
    let line = Line {
        quantity: Some(number.number()?),
        item: before.item.clone(),
        unit: said_unit.unwrap_or_else(|| before.unit.clone()),
        ..Line::default()
    };
    Some(Action::new(Intent::Correct { line, target: CorrectTarget::Reply }))
}

fn answer(question: &OpenQuestion, tokens: &[Token], lexemes: &[Lexeme], names: &Names) -> Option<Vec<Action>> {
    let drafts = || question.drafts.iter().map(|draft| Action { clarification: None, confirm: false, ..draft.clone() });
    let settled = |change: &dyn Fn(&mut Action)| -> Vec<Action> {
        drafts()
            .map(|mut draft| {
                change(&mut draft);
                draft
            })
            .collect()
    };
    let all = |class: Class| !lexemes.is_empty() && lexemes.iter().all(|lexeme| lexeme.has(class));
    let number = only_number(lexemes);
    match question.asks {
        None if all(Class::Yes) => return Some(drafts().collect()),
        None if all(Class::No) => return Some(vec![Action::turn(Act::Deny)]),
        None => {
            let denied = lexemes.first().filter(|first| first.has(Class::No));
            if let Some(corrected) = denied.and_then(|_| only_number(&lexemes[1..])) {
                return Some(settled(&|draft| set_quantity(draft, corrected, "")));
            }
        }
        Some(Clarification::Item) => {
            if let Some(option) = chosen(question, tokens, number.or_else(|| row(lexemes))) {
                return Some(settled(&|draft| set_item(draft, &option)));
            }
            if let Some(item) = named(question, lexemes, names) {
                return Some(settled(&|draft| {
                    if let Some(line) = draft.intent.line_mut() {
                        line.item = Some(item.clone());
                    }
                }));
            }
        }
        Some(Clarification::Quantity | Clarification::WhichNumber | Clarification::WholeUnits)
            if repeats_item(lexemes, question) =>
        {
            let value = lexemes[0].number()?;
            return Some(settled(&|draft| set_quantity(draft, value, "")));
        }
        Some(Clarification::Quantity | Clarification::WhichNumber | Clarification::WholeUnits) => {
            if let Some((value, unit)) = quantity(lexemes) {
                return Some(settled(&|draft| set_quantity(draft, value, &unit)));
            }
        }
        Some(Clarification::PackSize) => {
            if let Some(size) = number.or_else(|| pack_size(lexemes)) {
                return Some(settled(&|draft| {
                    if let Some(line) = draft.intent.line_mut() {
                        line.pack_size = Some(size);
                    }
                }));
            }
        }
        Some(Clarification::Direction | Clarification::RequestOrAdd) => {
            // "they came in": one verb, and words that say nothing of stock.
            let is_plain = |lexeme: &&Lexeme| !lexeme.is_open() && lexeme.number().is_none() && !lexeme.has(Class::Not);
            let mut verbs = lexemes.iter().filter_map(|lexeme| lexeme.verb);
            if let Some(verb) = verbs.next().filter(|_| lexemes.iter().all(|lexeme| is_plain(&lexeme)))
                && verbs.next().is_none()
            {
                let directed = drafts().map(|draft| {
                    draft.intent.line().map_or_else(|| draft.clone(), |line| directed(line.clone(), verb, draft.span))
                });
                return Some(directed.collect());
            }
        }
        Some(Clarification::PriceBasis) => {
            let basis = if all(Class::Each) {
                Some(PriceBasis::Each)
            } else {
                (all(Class::All) || all(Class::Total)).then_some(PriceBasis::Total)
            };
            if let Some(basis) = basis {
                return Some(settled(&|draft| {
                    if let Some(price) = draft.intent.line_mut().and_then(|line| line.price.as_mut()) {
                        price.basis = Some(basis);
                    }
                }));
            }
        }
        Some(Clarification::Unit) => {
            if let [only] = lexemes
                && let Some(unit) = &only.unit
            {
                return Some(settled(&|draft| {
                    if let Some(line) = draft.intent.line_mut() {
                        line.unit.clone_from(unit);
                    }
                }));
            }
        }
        Some(_) if all(Class::Yes) => return Some(drafts().collect()),
        Some(_) => {}
    }
    selected(question, lexemes)
}

/// "12", "6 trays", "it was a dozen": one number, perhaps with its unit, beside words that say nothing of stock.
fn quantity(lexemes: &[Lexeme]) -> Option<(Decimal, String)> {
    let silent = [Class::Filler, Class::Function, Class::Determiner, Class::Person, Class::Thanks];
    let is_said = |lexeme: &&Lexeme| {
        lexeme.is_open()
            || lexeme.number().is_some()
            || lexeme.unit.is_some()
            || lexeme.verb.is_some()
            || !(silent.into_iter().any(|class| lexeme.has(class)) || matches!(lexeme.kind, Kind::Mark('.' | '!')))
    };
    let said: Vec<&Lexeme> = lexemes.iter().filter(is_said).collect();
    match said.as_slice() {
        [number] => Some((number.number()?, String::new())),
        [one, unit] if one.has(Class::Article) => Some((Decimal::ONE, unit.unit.clone()?)),
        [number, unit] => Some((number.number()?, unit.unit.clone()?)),
        _ => None,
    }
}

/// A name, where the item was asked for and none was offered.
fn named(question: &OpenQuestion, lexemes: &[Lexeme], names: &Names) -> Option<Item> {
    let is_name = |lexeme: &Lexeme| lexeme.is_open() || matches!(lexeme.kind, Kind::Size(..) | Kind::Barcode);
    let is_answer = question.options.is_empty() && lexemes.len() <= 4 && lexemes.iter().all(is_name);
    entry::item(lexemes, names).filter(|_| is_answer)
}

/// "8 bread" where only the number was asked for.
fn repeats_item(lexemes: &[Lexeme], question: &OpenQuestion) -> bool {
    let [number, name @ ..] = lexemes else { return false };
    let said: Vec<String> = name.iter().map(|lexeme| noun::singular(&lexeme.key)).collect();
    let is_item = |draft: &Action| draft.intent.item().is_some_and(|item| noun::name_key(&item.name) == said.join(" "));
    number.number().is_some() && !name.is_empty() && question.drafts.iter().all(is_item) && !question.drafts.is_empty()
}

/// "its 6 in a case": one number, and a unit beside words that say nothing.
fn pack_size(lexemes: &[Lexeme]) -> Option<Decimal> {
    let mut numbers = lexemes.iter().filter_map(Lexeme::number);
    let number = numbers.next().filter(|_| numbers.next().is_none())?;
    let is_plain = lexemes.iter().all(|lexeme| !lexeme.is_open() && lexeme.verb.is_none());
    is_plain.then_some(number)
}

fn set_quantity(draft: &mut Action, value: Decimal, unit: &str) {
    if let Some(line) = draft.intent.line_mut() {
        line.quantity = Some(value);
        if !unit.is_empty() {
            unit.clone_into(&mut line.unit);
        }
    }
}

fn set_item(draft: &mut Action, name: &str) {
    if let Some(line) = draft.intent.line_mut() {
        line.item = Some(Item::named(name));
    }
}
