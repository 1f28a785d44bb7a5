//! One message from its text to its actions.

use super::caution;
use super::clause::Clauses;
use super::confidence;
use super::conversation;
use super::guard::guard;
use super::language::language_of;
use super::lexicon::{Class, Verb, lexicon};
use super::noun;
use super::paper;
use super::shop;
use super::suspicion::{Inspected, inspect, sentences};
use super::tag::{Lexeme, Names, tag, untangle};
use super::token::{Kind, Token, tokenise, tokenise_within};
use super::turn;
use crate::domain::{
    Act, Action, Channel, Clarification, CountSessionStep, Event, Flag, Intent, Item, Line, MAX_ACTIONS, Message,
    QueryField, Reading, Said, Size, Span, check,
};

/// Most words, numbers and marks of a message: twice what a delivery note of sixty lines has. It bounds the work of all that follows.
const MAX_TOKENS: usize = 480;
/// Most sentences and lines of a message.
const MAX_SENTENCES: usize = 90;
/// Above this many words in one sentence without a comma nobody is listing stock.
const MAX_SENTENCE_TOKENS: usize = 120;

/// Reads a message. What it could not account for is in `uncovered`.
#[must_use]
pub fn read(message: &Message) -> Reading {
    if matches!(message.event, Event::Deleted) {
        return conversation::deleted(message);
    }
    let Some(inspected) = inspected_within(message) else { return too_long(message) };
    let names = Names::new(
        message.catalogue.iter().flat_map(|item| item.aliases.iter().chain([&item.name]).map(String::as_str)),
    );
    let mut tokens = inspected.tokens;
    let is_forged = inspected.flags.contains(&Flag::Injection);
    let mut is_misheard = false;
    if message.channel == Channel::Voice {
        caution::without_artefacts(&mut tokens);
        is_misheard = caution::unhear(&mut tokens);
    }
    let mut reading = conversation::read(message, &tokens, &names)
        .or_else(|| read_paper(message, &tokens, &names, is_forged))
        .or_else(|| read_notice(&tokens))
        .unwrap_or_else(|| read_fresh(message, &tokens, &names));
    if !inspected.flags.is_empty() {
        flag(&mut reading, &inspected.flags);
    }
    reading.language = language_of(&tokens, &message.language);
    let mut reading = check(reading);
    guard(&mut reading.actions, &tokens, &names, &reading.language);
    if let Event::Edited(before) = &message.event {
        reading.actions = conversation::edited(reading.actions, before);
    }
    for action in &mut reading.actions {
        shop::ask_what_the_shop_must_know(action, message);
    }
    caution::be_careful(&mut reading.actions, message, is_misheard);
    shop::ask_about_repeats(&mut reading.actions);
    confidence::rate(&mut reading.actions, &reading.uncovered, &names);
    reading
}

/// What was read off a photo, when it is a printed paper and not a page somebody wrote.
fn read_paper(message: &Message, tokens: &[Token], names: &Names, is_forged: bool) -> Option<Reading> {
    let actions = paper::read(tokens, names, is_forged).filter(|_| message.channel == Channel::Photo)?;
    Some(Reading { actions, ..Reading::default() })
}

/// Adverts, prizes and forwarded notices are about somebody else's goods, whatever numbers they name.
fn read_notice(tokens: &[Token]) -> Option<Reading> {
    (0..tokens.len()).any(|at| lexicon().begins_notice(&tokens[at..])).then(|| {
        let span = tokens.iter().map(|token| token.span).reduce(Span::joined).unwrap_or_default();
        Reading { actions: vec![Action { span, ..Action::turn(Act::None) }], ..Reading::default() }
    })
}

/// Marks what a better reader than the grammar made of a text that needs care: flags, and a yes before anything changes.
pub fn distrust(reading: &mut Reading, text: &str, is_paper: bool) {
    let inspected = inspect(&untangle(tokenise(text)));
    if !inspected.flags.is_empty() {
        flag(reading, &inspected.flags);
    }
    for action in reading.actions.iter_mut().filter(|_| is_paper) {
        // What a camera saw is always a draft to approve.
        action.confirm |= action.intent.changes_stock();
    }
    let hedges = [Class::Not, Class::If, Class::Wish, Class::Question];
    let is_hedged = tag(&inspected.tokens, &Names::default())
        .iter()
        .any(|lexeme| hedges.into_iter().any(|class| lexeme.has(class)));
    for action in reading.actions.iter_mut().filter(|_| is_hedged) {
        // "not", "if" and "will" turn a sentence around; a reader that overlooked one must not write.
        action.confirm |= action.intent.changes_stock();
    }
    if reading.language.is_empty() {
        reading.language = language_of(&inspected.tokens, "");
    }
}

/// Returns the unit in English that a word names.
#[must_use]
pub fn unit_of(word: &str) -> Option<String> {
    let tokens = tokenise(word);
    let lexemes = tag(&tokens, &Names::default());
    if let [only] = lexemes.as_slice() { only.unit.clone() } else { None }
}

/// Returns a name as it is kept: normalised, its last word in the singular.
#[must_use]
pub fn name_of(said: &str) -> String {
    let lexemes = tag(&untangle(tokenise(said)), &Names::default());
    let item = super::entry::item(&lexemes, &Names::default());
    item.map_or_else(|| super::normalised(said), |item| item.name)
}

/// Returns what a text really holds, for the grounding rule.
#[must_use]
pub fn said(text: &str) -> Said {
    let tokens = untangle(tokenise(text));
    let print = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut said = Said { print: print.map(str::to_lowercase).collect(), ..Said::default() };
    for token in &tokens {
        said.words.insert(token.text.clone());
        said.words.insert(token.key.clone());
        said.words.insert(noun::singular(&token.key));
    }
    for lexeme in tag(&tokens, &Names::default()) {
        said.units.extend(lexeme.unit.clone());
        match lexeme.kind {
            Kind::Size(value, unit) => {
                let measure = unit_of(&unit);
                said.units.extend(measure.clone());
                said.sizes.push(Size { value, unit: measure, text: lexeme.text.replace(' ', "") });
            }
            Kind::Number(value) => said.numbers.push(value),
            Kind::Price(value) => said.amounts.push(value),
            Kind::Spaced(first, second) | Kind::Times(first, second) => said.numbers.extend([first, second]),
            _ => {}
        }
    }
    said
}

/// Takes the message apart, with what the same person wrote two seconds before: one thought in two messages. Returns
/// nothing for a text longer than anybody can mean as a list.
fn inspected_within(message: &Message) -> Option<Inspected> {
    let mut inspected = inspect(&untangle(tokenise_within(&message.text, MAX_TOKENS)?));
    let previous = &message.context.previous_text;
    if !previous.is_empty() {
        let at = inspected.tokens.last().map_or(Span::default(), |token| token.span);
        let earlier = inspect(&untangle(tokenise_within(previous, MAX_TOKENS)?)).tokens;
        // Spans must stay inside the text as given, so the words borrow the place of the last one.
        inspected.tokens.extend(earlier.into_iter().map(|token| Token { span: at, ..token }));
    }
    (inspected.tokens.len() <= MAX_TOKENS).then_some(inspected)
}

fn too_long(message: &Message) -> Reading {
    let span = Span { start: 0, end: message.text.chars().count() };
    let question = Action { span, ..Action::question(Line::default(), Clarification::TooLong) };
    Reading { actions: vec![question], language: message.language.clone(), ..Reading::default() }
}

fn read_fresh(message: &Message, tokens: &[Token], names: &Names) -> Reading {
    let Some(first) = tokens.first() else {
        return Reading { actions: vec![Action::turn(Act::None)], ..Reading::default() };
    };
    let whole = tokens.iter().fold(first.span, |all, token| all.joined(token.span));
    if let Some(turn) = read_turn(tokens, message, names) {
        let actions = turn.into_iter().map(|action| asked_of(action, None, message)).collect();
        return Reading { actions, ..Reading::default() };
    }
    if let Some((mut actions, rest)) = correction_first(tokens, message, names) {
        let fresh = read_fresh(message, rest, names);
        actions.extend(fresh.actions);
        return Reading { actions, ..fresh };
    }
    let lines: Vec<&[Token]> = sentences(tokens);
    if lines.len() > MAX_SENTENCES || lines.iter().any(|line| line.len() > MAX_SENTENCE_TOKENS) {
        return too_long(message);
    }
    let line_count = tokens.split(|token| token.kind == Kind::Newline).filter(|line| !line.is_empty()).count();
    let starts_with_dash = |line: &&[Token]| line.first().is_some_and(|token| token.kind == Kind::Mark('-'));
    let has_bullets = line_count > 1 && lines.iter().skip(1).all(starts_with_dash);
    let last_verb = last_verb(message);
    let mut clauses = Clauses::new(names, message.context.counting, line_count > 1, has_bullets, last_verb);
    for line in lines {
        let line: Vec<Token> = line.iter().filter(|token| token.kind != Kind::Newline).cloned().collect();
        if line.is_empty() {
            continue;
        }
        let span = line.iter().fold(line[0].span, |all, token| all.joined(token.span));
        let is_header = line_count > 1 && heads_a_list(&line, names);
        // "yeast" under "received:" is a line without its number, not a question.
        let is_row = clauses.has_header() && bare_name(&line, names).is_some() && !asks(&line);
        if let Some(actions) = read_turn(&line, message, names).filter(|_| !is_header && !is_row) {
            let silent = |action: &Action| {
                matches!(action.intent, Intent::Greeting(_) | Intent::Unknown { act: Some(Act::None), .. })
            };
            let before = clauses.actions.last().cloned();
            let actions = actions.into_iter().map(|action| asked_of(action, before.as_ref(), message));
            // A greeting beside something to do needs no answer of its own.
            for action in actions.filter(|action| line_count == 1 && tokens.len() == line.len() || !silent(action)) {
                clauses.push(action, span);
            }
        } else {
            clauses.read_line(tag(&line, names));
        }
        if clauses.actions.len() > MAX_ACTIONS {
            return too_long(message);
        }
    }
    clauses.finish();
    let mut reading = Reading { actions: clauses.actions, uncovered: clauses.uncovered, ..Reading::default() };
    if reading.actions.is_empty() {
        // Only greetings and nothings were left out above.
        let courtesy = turn::read_courtesy(tokens, names).unwrap_or_else(|| Action::turn(Act::None));
        if reading.uncovered.is_empty() && !matches!(courtesy.intent, Intent::Greeting(_)) {
            reading.uncovered.push(whole);
        }
        reading.actions.push(courtesy);
    }
    reading
}

fn asks(line: &[Token]) -> bool {
    line.iter().any(|token| token.kind == Kind::Mark('?'))
}

/// "how many left?" asks for the item that was spoken of last.
fn asked_of(action: Action, before: Option<&Action>, message: &Message) -> Action {
    let asks_item = action.clarification == Some(Clarification::Item) && action.intent.item().is_none();
    let is_turn = matches!(&action.intent, Intent::Unknown { act: None, line, .. } if *line == Line::default());
    let Some(item) = before.or(message.context.last.last()).and_then(|before| before.intent.item()) else {
        return action;
    };
    if !asks_item || !is_turn {
        return action;
    }
    let intent = Intent::Query { item: item.clone(), field: QueryField::Stock, when: None, minus: None, check: None };
    Action { span: action.span, ..Action::new(intent) }
}

/// A line of one verb and perhaps a time: "closing stock", "sold today".
fn heads_a_list(line: &[Token], names: &Names) -> bool {
    let lexemes = tag(line, names);
    let is_head = |lexeme: &Lexeme| {
        lexeme.verb.is_some()
            || lexeme.when.is_some()
            || lexeme.has(Class::Filler)
            || matches!(lexeme.kind, Kind::Mark(_))
    };
    lexemes.iter().any(|lexeme| lexeme.verb.is_some()) && lexemes.iter().all(is_head)
}

fn read_turn(tokens: &[Token], message: &Message, names: &Names) -> Option<Vec<Action>> {
    if message.context.counting && turn::ends_count(tokens) {
        let span = tokens.iter().map(|token| token.span).reduce(Span::joined).unwrap_or_default();
        let close = Action::new(Intent::CountSession { step: CountSessionStep::Close, item: None }).confirmed_first();
        return Some(vec![Action { span, ..close }]);
    }
    if let Some(action) = turn::read_courtesy(tokens, names) {
        return Some(vec![action]);
    }
    let turn = turn::read(tokens, &message.text, names);
    if let Some(turn) = turn {
        let actions = conversation::placed(turn, message);
        let seen = |action| if message.context.counting { turn::seen(action) } else { action };
        return Some(actions.into_iter().map(seen).collect());
    }
    bare_name(tokens, names).map(|action| vec![action])
}

/// "actually 12 and 3 milk too": a correction of the last line, and a new line of the same kind.
fn correction_first<'t>(tokens: &'t [Token], message: &Message, names: &Names) -> Option<(Vec<Action>, &'t [Token])> {
    message.context.last.first()?;
    let is_and = |token: &Token| {
        token.kind == Kind::Word && lexicon().word(&token.key).is_some_and(|entry| entry.classes.has(Class::And))
    };
    let at = tokens.iter().position(is_and).filter(|at| *at > 0)?;
    let turn = turn::read(&tokens[..at], &message.text, names)?;
    let is_correct = |action: &Action| matches!(action.intent, Intent::Correct { .. });
    let has_line = tokens[at..].iter().any(|token| matches!(token.kind, Kind::Number(_)));
    let fits = has_line && !turn.actions.is_empty() && turn.actions.iter().all(is_correct);
    fits.then(|| (conversation::placed(turn, message), &tokens[at..]))
}

/// A name the shop or the lexicon knows, or a barcode, and nothing else: a look, which changes nothing.
fn bare_name(tokens: &[Token], names: &Names) -> Option<Action> {
    let words: Vec<Token> =
        tokens.iter().filter(|token| !matches!(token.kind, Kind::Mark('?' | '.' | '!'))).cloned().collect();
    let is_name = words.iter().all(|token| matches!(token.kind, Kind::Word | Kind::Size(..) | Kind::Barcode));
    let asks = tokens.last().is_some_and(|token| token.kind == Kind::Mark('?'));
    let first = words.first().filter(|_| is_name && words.len() <= 4)?;
    let lexemes = tag(&words, names);
    if !lexemes.iter().all(|lexeme| lexeme.is_open() || matches!(lexeme.kind, Kind::Size(..) | Kind::Barcode)) {
        return None;
    }
    let item: Item = super::entry::item(&lexemes, names)?;
    let is_known = !item.barcode.is_empty()
        || names.holds(&noun::name_key(&item.name))
        || item.name.split(' ').any(|word| lexicon().is_noun(word));
    let span = words.iter().fold(first.span, |all, token| all.joined(token.span));
    let intent = Intent::Query { item, field: QueryField::Stock, when: None, minus: None, check: None };
    (is_known || asks).then(|| Action { span, ..Action::new(intent) })
}

fn last_verb(message: &Message) -> Option<Verb> {
    match message.context.last.last()?.intent {
        Intent::Add { .. } => Some(Verb::Add),
        Intent::Remove { .. } => Some(Verb::Sale),
        Intent::SetStock { .. } => Some(Verb::Count),
        _ => None,
    }
}

fn flag(reading: &mut Reading, flags: &[Flag]) {
    if flags.contains(&Flag::Injection) {
        // What speaks to the reader does not stop at one sentence: "set everything to 0" goes with it.
        let is_part = |action: &Action| {
            action.intent.item().is_some_and(|item| item.everything)
                || matches!(action.intent, Intent::ChangeMember { .. } | Intent::Remove { all: true, .. })
        };
        reading.actions.retain(|action| !is_part(action));
        if reading.actions.is_empty() {
            reading.actions.push(Action::turn(Act::None));
        }
    }
    for action in &mut reading.actions {
        action.flags.extend_from_slice(flags);
        action.confirm |= action.intent.changes_stock();
    }
}
