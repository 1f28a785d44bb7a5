//! The last look at what was read: a sentence that leaves open whether something happened, or how much, is never written unasked.
//!
//! It judges a sentence by what stands in it and not by how it was read, so that a reading that overlooked something still asks.

use rust_decimal::Decimal;

use super::lexicon::{Class, Verb, lexicon};
use super::noun;
use super::suspicion::sentences;
use super::tag::{Lexeme, Names, tag};
use super::token::{Kind, Token};
use crate::domain::{Action, Clarification, Intent, Span};

/// Asks for a yes before what a doubtful sentence seems to say is written.
pub fn guard(actions: &mut [Action], tokens: &[Token], names: &Names, language: &str) {
    let holds_doubt = |tokens: &[Token]| (0..tokens.len()).any(|at| lexicon().begins_doubt(&tokens[at..], language));
    let is_list = tokens.iter().any(|token| token.kind == Kind::Newline);
    let mut is_carried = !is_list && (holds_doubt(tokens) || is_taken_back(&tag(tokens, names)));
    for sentence in sentences(tokens) {
        let Some(span) = sentence.iter().map(|token| token.span).reduce(Span::joined) else { continue };
        let mut found: Vec<&mut Action> = actions
            .iter_mut()
            .filter(|action| action.span.start < span.end.max(span.start + 1) && span.start < action.span.end)
            .collect();
        let has_doubt = holds_doubt(sentence);
        // "Thabo says:" heads all that follows.
        let is_header = sentence.iter().rev().find(|token| token.kind != Kind::Newline).is_some_and(is_colon);
        is_carried |= has_doubt && is_header;
        let lexemes = tag(sentence, names);
        let is_open = is_carried
            || has_doubt
            || is_struck(sentence)
            || leaves_open(&lexemes, names)
            || do_not_agree(&found, &lexemes);
        for action in found.iter_mut().filter(|action| is_open && may_write(action)) {
            action.confirm = true;
        }
    }
}

/// What answers an earlier line is judged where the conversation is known.
fn may_write(action: &Action) -> bool {
    action.is_write() && !matches!(action.intent, Intent::Correct { .. })
}

/// "sold 5 bread, no wait": nothing follows that says what is meant instead.
fn is_taken_back(lexemes: &[Lexeme]) -> bool {
    let mut said = lexemes.iter().rev().filter(|lexeme| !matches!(lexeme.kind, Kind::Mark(_)));
    said.next().is_some_and(|last| last.has(Class::Repair))
}

fn is_colon(token: &Token) -> bool {
    token.kind == Kind::Mark(':')
}

/// "~sold 5 bread~" is crossed out, and what stands in quotation marks is somebody else's.
fn is_struck(tokens: &[Token]) -> bool {
    let mut said = tokens.iter().filter(|token| token.kind != Kind::Newline);
    let (Some(first), Some(last)) = (said.next(), said.next_back()) else { return false };
    let is_tag = |two: &[Token]| two[0].kind == Kind::Mark('#') && two[1].kind == Kind::Word;
    (matches!(first.kind, Kind::Mark('~' | '"' | '\'')) && first.kind == last.kind) || tokens.windows(2).any(is_tag)
}

/// Whether the words leave open which of two is meant, or speak of more than one day.
fn leaves_open(lexemes: &[Lexeme], names: &Names) -> bool {
    let is_range = |three: &[Lexeme]| {
        three[0].number().is_some() && three[2].number().is_some() && lexicon().ranges.contains(&three[1].key)
    };
    let is_either =
        |three: &[Lexeme]| three[0].is_open() && three[1].is_mark('/') && three[2].is_open() && !three[0].is_catalogued;
    // "5 past 6", "2 size 8": what joins two numbers is seldom the name of the first.
    let joins = |three: &[Lexeme]| {
        three[0].number().is_some() && three[2].number().is_some() && three[1].is_open() && !is_known(&three[1], names)
    };
    // "sold 5 bread, wait 3 were milk": a part of what was said, and not another word for it.
    let is_partly_repaired = lexemes.iter().any(|lexeme| lexeme.has(Class::Repair))
        && lexemes.windows(3).any(|three| {
            let says_little = three[1].has(Class::Function) || three[1].has(Class::Filler);
            three[0].number().is_some() && says_little && three[2].is_open()
        });
    let is_share =
        |two: &[Lexeme]| two[0].has(Class::Vague) && (two[1].number().is_some() || two[1].has(Class::Determiner));
    let is_period = |when: &str| ["week", "month", "year"].into_iter().any(|period| when.contains(period));
    lexemes.windows(3).any(|three| is_range(three) || is_either(three) || joins(three))
        || is_partly_repaired
        || lexemes.windows(2).any(is_share)
        || lexemes.iter().filter_map(|lexeme| lexeme.when.as_deref()).any(is_period)
}

/// Whether the shop or a language has this name.
fn is_known(lexeme: &Lexeme, names: &Names) -> bool {
    let singular = noun::singular(&lexeme.key);
    lexeme.is_catalogued || names.has_word(&singular) || lexicon().is_noun(&singular)
}

/// Whether the lines of one sentence cannot all be meant as they were read.
fn do_not_agree(actions: &[&mut Action], lexemes: &[Lexeme]) -> bool {
    let is_unsettled = |action: &&mut Action| match action.clarification {
        Some(Clarification::WhichNumber | Clarification::Direction) => true,
        Some(Clarification::Item) => action.intent.line().is_some_and(|line| line.quantity.is_some()),
        _ => false,
    };
    let has_separator =
        lexemes.iter().any(|lexeme| matches!(lexeme.kind, Kind::Mark(',' | ';')) || lexeme.has(Class::And));
    actions.iter().any(is_unsettled)
        || is_shared_by_one(actions, lexemes)
        || is_sum(actions, lexemes)
        || (!has_separator && holds_its_total(actions, lexemes))
        || is_counted_and_moved(actions)
        || is_between(lexemes, has_separator)
        || turns_without_a_verb(actions, lexemes)
}

/// "2 each coke fanta sprite": a number for each of several, and one name of many words.
fn is_shared_by_one(actions: &[&mut Action], lexemes: &[Lexeme]) -> bool {
    let has_price = lexemes.iter().any(|lexeme| matches!(lexeme.kind, Kind::Price(_)) || lexeme.has(Class::Money));
    let is_each = lexemes.iter().any(|lexeme| lexeme.has(Class::Each)) && !has_price;
    let [only] = actions else { return false };
    is_each && only.intent.item().is_some_and(|item| item.name.contains(' '))
}

/// "5 bread minus 2 plus 3": one item, and words that calculate.
fn is_sum(actions: &[&mut Action], lexemes: &[Lexeme]) -> bool {
    let sums = lexemes.iter().filter(|lexeme| lexicon().sums.contains(&lexeme.key)).count();
    sums > 0 && has_twins(actions, |_, _| true)
}

/// Whether two lines name the same item and fit what is asked of them.
fn has_twins(actions: &[&mut Action], fits: impl Fn(&Intent, &Intent) -> bool) -> bool {
    let name = |action: &Action| action.intent.item().map(|item| noun::name_key(&item.name));
    actions.iter().enumerate().any(|(at, first)| {
        actions[at + 1..]
            .iter()
            .any(|second| name(first).is_some() && name(first) == name(second) && fits(&first.intent, &second.intent))
    })
}

/// "counted 20 bread sold 5": nobody knows whether the count is of before or after.
fn is_counted_and_moved(actions: &[&mut Action]) -> bool {
    let is_count = |intent: &Intent| matches!(intent, Intent::SetStock { .. });
    has_twins(actions, |first, second| is_count(first) != is_count(second))
}

/// "10 drinks 4 coke 6 fanta": one number is the sum of all the others.
fn holds_its_total(actions: &[&mut Action], lexemes: &[Lexeme]) -> bool {
    let quantities: Vec<Decimal> =
        actions.iter().filter_map(|action| action.intent.line().and_then(|line| line.quantity)).collect();
    let total: Decimal = lexemes.iter().filter_map(Lexeme::number).fold(Decimal::ZERO, Decimal::saturating_add);
    let ends = [quantities.first(), quantities.last()];
    quantities.len() > 2 && ends.into_iter().flatten().any(|end| end.saturating_add(*end) == total)
}

/// "bread 5 milk sold 3": one verb with a number on each side, and nothing that parts them.
fn is_between(lexemes: &[Lexeme], has_separator: bool) -> bool {
    let verbs: Vec<usize> = places_of_verbs(lexemes);
    let [verb] = verbs.as_slice() else { return false };
    let counts = |lexemes: &[Lexeme]| {
        lexemes.iter().any(|lexeme| lexeme.number().is_some())
            && lexemes.iter().any(|lexeme| lexeme.is_open() && !lexeme.is_catalogued)
    };
    !has_separator && counts(&lexemes[..*verb]) && lexemes[verb + 1..].iter().any(|lexeme| lexeme.number().is_some())
}

fn places_of_verbs(lexemes: &[Lexeme]) -> Vec<usize> {
    (0..lexemes.len()).filter(|at| lexemes[*at].verb.is_some() && !lexemes[*at].is_catalogued).collect()
}

/// Whether goods come in and go out in one sentence, and a line has not the direction of the word before it, nor all of them
/// that of the word after: "in 10 bread 5 milk out 3 eggs".
fn turns_without_a_verb(actions: &[&mut Action], lexemes: &[Lexeme]) -> bool {
    let moves: Vec<(Span, bool)> = actions
        .iter()
        .filter_map(|action| match action.intent {
            Intent::Add { .. } => Some((action.span, true)),
            Intent::Remove { .. } => Some((action.span, false)),
            _ => None,
        })
        .collect();
    let says: Vec<(Span, bool)> = (0..lexemes.len()).filter_map(|at| direction_at(lexemes, at)).collect();
    let is_mixed = says.iter().any(|(_, comes_in)| *comes_in) && says.iter().any(|(_, comes_in)| !comes_in);
    if !is_mixed || moves.is_empty() {
        return false;
    }
    let before =
        |span: Span| says.iter().rev().find(|(place, _)| place.start < span.end).map(|(_, comes_in)| *comes_in);
    let after = |span: Span| says.iter().find(|(place, _)| place.end > span.start).map(|(_, comes_in)| *comes_in);
    let follow =
        |said: &dyn Fn(Span) -> Option<bool>| moves.iter().all(|(span, comes_in)| said(*span) == Some(*comes_in));
    !(follow(&before) || follow(&after)) || inherits_from_the_end(&moves, &says)
}

/// "sold 3 bread, 10 milk came, 2 eggs": a line without a word of its own after one whose word stood at its end.
fn inherits_from_the_end(moves: &[(Span, bool)], says: &[(Span, bool)]) -> bool {
    let holds = |span: &Span, place: &Span| span.start <= place.start && place.end <= span.end;
    let is_bare = |span: &Span| !says.iter().any(|(place, _)| holds(span, place));
    let ends = |place: &Span| moves.iter().any(|(span, _)| span.start < place.start && holds(span, place));
    moves.iter().filter(|(span, _)| is_bare(span)).any(|(span, _)| {
        says.iter().rev().find(|(place, _)| place.end <= span.start).is_some_and(|(place, _)| ends(place))
    })
}

/// What a word or a sign says of the direction.
fn direction_at(lexemes: &[Lexeme], at: usize) -> Option<(Span, bool)> {
    let lexeme = &lexemes[at];
    let is_sign = lexemes.get(at + 1).is_some_and(|next| next.is_glued && next.number().is_some());
    let comes_in = match lexeme.verb.filter(|_| !lexeme.is_catalogued) {
        Some(Verb::Add | Verb::ReturnIn | Verb::Opening) => true,
        Some(Verb::Count | Verb::Has | Verb::Move) => return None,
        Some(_) => false,
        None if lexeme.is_mark('+') && is_sign => true,
        None if lexeme.is_mark('-') && is_sign && !lexeme.is_glued => false,
        None if lexeme.has(Class::ComeIn) => true,
        None if lexeme.has(Class::GoOut) => false,
        None => return None,
    };
    Some((lexeme.span, comes_in))
}
