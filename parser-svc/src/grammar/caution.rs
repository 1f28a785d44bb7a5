//! What makes a reading doubtful although its words are plain: how it was heard or photographed, what the shop has, the calendar.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::lexicon::lexicon;
use super::noun;
use super::token::{Kind, Token};
use crate::domain::{Action, Channel, Clarification, Intent, Message};

/// A sale of twice what is on hand is a slip sooner than a shortfall; below this difference it is a shortfall.
const SHORTFALL_MIN: i64 = 10;
/// A year that has every date there is.
const LEAP_YEAR: i16 = 2024;

/// Writes numbers that were heard as other words back: "for tea candles" may be forty. Returns whether any was found.
pub fn unhear(tokens: &mut Vec<Token>) -> bool {
    let mut found = false;
    let mut at = 0;
    while at < tokens.len() {
        if let Some((length, value)) = lexicon().misheard(&tokens[at..])
            && tokens.get(at + length).is_some_and(|next| next.kind == Kind::Word)
        {
            let span = tokens[at].span.joined(tokens[at + length - 1].span);
            tokens.drain(at + 1..at + length);
            let number = &mut tokens[at];
            (number.kind, number.text, number.span) = (Kind::Number(value), value.to_string(), span);
            number.key.clone_from(&number.text);
            found = true;
        }
        at += 1;
    }
    found
}

/// Cuts off what a transcript of silence ends in: words that nobody said.
pub fn without_artefacts(tokens: &mut Vec<Token>) {
    let words = |tokens: &[Token]| -> Vec<usize> {
        (0..tokens.len()).filter(|at| !matches!(tokens[*at].kind, Kind::Mark(_) | Kind::Newline)).collect()
    };
    let places = words(tokens);
    let ends = |phrase: &&Vec<String>| {
        // A transcript that is nothing else is read as such elsewhere.
        phrase.len() < places.len()
            && phrase.iter().rev().zip(places.iter().rev()).all(|(word, at)| *word == tokens[*at].key)
    };
    let longest = lexicon().artefacts.iter().filter(ends).map(Vec::len).max();
    if let Some(length) = longest {
        tokens.truncate(places[places.len() - length]);
    }
}

/// Asks for a yes, or for more, where the words alone do not make it safe to write.
pub fn be_careful(actions: &mut [Action], message: &Message, is_misheard: bool) {
    for action in actions.iter_mut().filter(|action| action.intent.changes_stock()) {
        // What a camera saw is always a draft to approve.
        action.confirm |= message.channel == Channel::Photo;
        if is_misheard && action.clarification.is_none() {
            action.clarification = Some(Clarification::Quantity);
            action.confirm = false;
        }
        if is_no_date(action) && action.clarification.is_none() {
            action.clarification = Some(Clarification::DateOrder);
        }
        if message.day.is_some_and(|day| lies_ahead(action, day)) && action.clarification.is_none() {
            action.clarification = Some(Clarification::DateOrder);
        }
        action.confirm |= takes_far_too_much(action, message);
    }
}

/// Whether the line tells a date that has not come yet: the year is not said, so a date of the last months is the past and one
/// of the next weeks is a slip.
fn lies_ahead(action: &Action, day: Date) -> bool {
    let Some((number, month)) = date_of(action) else { return false };
    let Ok(date) = Date::new(day.year(), month, number) else { return true };
    let is_near = day.until(date).is_ok_and(|span| (1..=180).contains(&span.get_days()));
    date > day && is_near
}

/// "31/02": no year has it.
fn is_no_date(action: &Action) -> bool {
    date_of(action).is_some_and(|(number, month)| Date::new(LEAP_YEAR, month, number).is_err())
}

/// The day and the month that a line tells.
fn date_of(action: &Action) -> Option<(i8, i8)> {
    let mut words = action.intent.line()?.when.as_deref()?.split(' ');
    let number = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month = super::adjunct::MONTHS.iter().position(|month| *month == name)?;
    Some((number, i8::try_from(month + 1).ok()?))
}

fn takes_far_too_much(action: &Action, message: &Message) -> bool {
    let Intent::Remove { line, .. } = &action.intent else { return false };
    let (Some(item), Some(quantity)) = (&line.item, line.quantity) else { return false };
    let key = noun::name_key(&item.name);
    let known = message.catalogue.iter().find(|known| noun::name_key(&known.name) == key);
    let Some(on_hand) = known.filter(|_| line.unit.is_empty()).and_then(|known| known.on_hand) else { return false };
    quantity > on_hand.saturating_mul(Decimal::TWO) && quantity - on_hand >= Decimal::from(SHORTFALL_MIN)
}
