//! Sentences and lists about stock: which verb goes with which line, and what the two make together.

mod compose;
mod divide;
mod emit;
mod packs;
mod spread;
mod subject;

use super::adjunct::{Adjuncts, split_adjuncts};
use super::entry::{self, Entry};
use super::lexicon::{Class, Verb, lexicon};
use super::repair;
use super::tag::{Lexeme, Names};
use super::token::Kind;
use super::verb::{VerbHit, misspelt_verb};
use crate::domain::{Act, Action, Clarification, Line, Span};
use compose::compose;
pub use compose::directed;
use divide::{divide, join_counted, join_csv, share_heads, split_at_verbs};
use spread::fill_ellipses;
use subject::{drop_auxiliaries, take_subject, wants_to_sell};

#[expect(clippy::struct_excessive_bools, reason = "facts about one message that do not exclude each other")]
/// Reads the lines of one message, the first to the last, and remembers what the earlier ones said for the later ones.
pub struct Clauses<'a> {
    names: &'a Names,
    /// Whether a stock-take is going on.
    is_counting: bool,
    /// Whether the message has several lines.
    is_list: bool,
    /// Whether every line of the list begins with a dash.
    has_bullets: bool,
    carried: Option<Carried>,
    /// Whether the line ends in a question mark.
    is_asked: bool,
    /// Whether the line was corrected while it was written.
    is_repaired: bool,
    /// The verb of the person's last operation, for "and 5 fanta".
    last_verb: Option<Verb>,
    /// What was read.
    pub actions: Vec<Action>,
    /// What was not.
    pub uncovered: Vec<Span>,
    /// Where the lines stand that no verb was found for.
    undirected: Vec<usize>,
}

#[derive(Clone)]
struct Carried {
    verb: VerbHit,
    adjuncts: Adjuncts,
}

/// A part of a line between commas and "and".
#[expect(clippy::struct_excessive_bools, reason = "facts about one part that do not exclude each other")]
struct Part {
    verb: Option<VerbHit>,
    adjuncts: Adjuncts,
    entries: Vec<Entry>,
    span: Span,
    has_not: bool,
    has_doubt: bool,
    has_wish: bool,
    is_compared: bool,
    /// Whether something came back or went back, and nobody said who brought it.
    is_anonymous: bool,
}

impl<'a> Clauses<'a> {
    /// Begins a message.
    pub fn new(names: &'a Names, is_counting: bool, is_list: bool, has_bullets: bool, last_verb: Option<Verb>) -> Self {
        Self {
            names,
            is_counting,
            is_list,
            has_bullets,
            carried: None,
            is_asked: false,
            is_repaired: false,
            last_verb,
            actions: Vec::new(),
            uncovered: Vec::new(),
            undirected: Vec::new(),
        }
    }

    /// Whether a line above said what becomes of the lines under it.
    pub fn has_header(&self) -> bool {
        self.is_list && self.carried.is_some()
    }

    /// Reads one line.
    pub fn read_line(&mut self, lexemes: Vec<Lexeme>) {
        let length = lexemes.len();
        self.is_asked = lexemes.iter().any(|lexeme| lexeme.is_mark('?'));
        let lexemes = repair::repaired(lexemes);
        self.is_repaired = lexemes.len() < length;
        let lexemes = self.without_bullet(lexemes);
        let Some(first) = lexemes.first() else { return };
        let span = lexemes.iter().fold(first.span, |all, lexeme| all.joined(lexeme.span));
        let lexemes = packs::attached(lexemes);
        if packs::only_describe(&lexemes) {
            self.uncovered.push(span);
            return self.push(Action::default(), span);
        }
        let Some(first) = lexemes.first() else { return };
        let continues = first.has(Class::And);
        let own_verb = lexemes.iter().find_map(|lexeme| lexeme.verb.filter(|_| !lexeme.is_catalogued));
        let line_verb = own_verb.or_else(|| self.carried.as_ref().map(|carried| carried.verb.verb));
        let mut parts: Vec<Part> =
            divide(&lexemes).into_iter().flat_map(|part| self.read_part(part, line_verb)).collect();
        parts.retain(|part| {
            !part.entries.is_empty()
                || part.verb.is_some()
                || part.has_not
                || part.has_doubt
                || part.adjuncts.says_something()
        });
        if parts.iter().any(|part| part.has_not) {
            return self.denied(&parts, span);
        }
        if parts.iter().any(|part| part.has_doubt) {
            self.uncovered.push(span);
            return self.push(Action::default(), span);
        }
        if parts.iter().any(|part| part.is_compared) {
            // "20 more than yesterday" compares; it moves nothing.
            return self.push(Action::question(Line::default(), Clarification::Item), span);
        }
        join_csv(&mut parts);
        join_counted(&mut parts);
        share_heads(&mut parts);
        fill_ellipses(&mut parts);
        self.spread_verbs(&mut parts, continues);
        self.emit(parts, span);
    }

    /// Takes the bullet or the number off a line of a list.
    fn without_bullet(&self, mut lexemes: Vec<Lexeme>) -> Vec<Lexeme> {
        let number_then_mark = lexemes.len() > 2
            && (lexemes[0].number().is_some())
            && (lexemes[1].is_mark('.') || lexemes[1].is_mark(')'))
            && lexemes[1].is_glued;
        if number_then_mark {
            lexemes.drain(..2);
        } else if lexemes.len() > 1 && lexemes[0].is_mark('*') {
            lexemes.remove(0);
        } else if lexemes.len() > 1 && lexemes[0].is_mark('-') {
            let is_before_number = matches!(lexemes[1].kind, Kind::Number(_) | Kind::Size(..));
            if !is_before_number
                || (self.is_list && (!lexemes[1].is_glued || (self.has_bullets && self.carried.is_some())))
            {
                lexemes.remove(0);
            }
        }
        lexemes
    }

    fn read_part(&self, lexemes: Vec<Lexeme>, line_verb: Option<Verb>) -> Vec<Part> {
        split_at_verbs(lexemes).into_iter().map(|clause| self.read_clause(clause, line_verb)).collect()
    }

    fn read_clause(&self, mut lexemes: Vec<Lexeme>, line_verb: Option<Verb>) -> Part {
        let span = lexemes.iter().fold(lexemes[0].span, |all, lexeme| all.joined(lexeme.span));
        let has =
            |class: Class, lexemes: &[Lexeme]| lexemes.iter().any(|lexeme| !lexeme.is_catalogued && lexeme.has(class));
        let has_not = has(Class::Not, &lexemes);
        let has_doubt = has(Class::Question, &lexemes) || has(Class::If, &lexemes);
        let is_compared = has(Class::Than, &lexemes);
        let has_wish = has(Class::Wish, &lexemes) || wants_to_sell(&lexemes);
        let verb = VerbHit::find(&lexemes).or_else(|| misspelt_verb(&lexemes, self.names));
        let mut adjuncts = Adjuncts::default();
        let is_anonymous =
            lexemes.first().is_some_and(|first| first.verb == Some(Verb::ReturnIn) && !first.key.contains(' '));
        drop_auxiliaries(&mut lexemes);
        if let Some(verb) = &verb {
            take_subject(&mut lexemes, verb, &mut adjuncts);
            lexemes.retain(|lexeme| !verb.covers(lexeme));
        }
        lexemes.retain(|lexeme| !lexeme.has(Class::Not) && !lexeme.has(Class::Wish) || lexeme.is_catalogued);
        let (rest, found) = split_adjuncts(&lexemes, verb.as_ref().map(|verb| verb.verb).or(line_verb));
        adjuncts.absorb(found);
        let mut entries: Vec<Entry> = if rest.is_empty() {
            Vec::new()
        } else {
            entry::split_runs(&rest).into_iter().map(|run| entry::read(run, self.names)).collect()
        };
        // Words that say nothing make no line, but what they leave uncovered counts.
        let empty_uncovered: Vec<Span> =
            entries.iter().filter(|entry| is_silent(entry)).flat_map(|entry| entry.uncovered.clone()).collect();
        adjuncts.uncovered.extend(empty_uncovered);
        entries.retain(|entry| !is_silent(entry));
        // "the truck was here": who came, and nothing of what came.
        entries.retain(|entry| !(entry.is_bare_name() && only_arrives(entry)));
        // "no bread came"
        let has_not =
            has_not || (verb.is_some() && entries.iter().any(|entry| entry.is_none && entry.line.quantity.is_none()));
        // "verkoop 5 brood more": a greeting, or tomorrow.
        adjuncts
            .uncovered
            .extend(lexemes.last().filter(|last| verb.is_some() && last.has(Class::Hello)).map(|last| last.span));
        Part { verb, adjuncts, entries, span, has_not, has_doubt, has_wish, is_compared, is_anonymous }
    }

    /// A denial changes nothing. Numbers in it may be what did happen ("3 not 5"), so those are left to a better reader.
    fn denied(&mut self, parts: &[Part], span: Span) {
        let has_number = parts.iter().flat_map(|part| &part.entries).any(|entry| entry.line.quantity.is_some());
        let has_verb = parts.iter().any(|part| part.verb.is_some());
        if has_number || !has_verb {
            self.uncovered.push(span);
            return self.push(Action::default(), span);
        }
        self.push(Action::turn(Act::None), span);
    }

    /// Whether a header is waiting for lines that never came: "sold" by itself.
    pub fn finish(&mut self) {
        let Some(carried) = self.carried.take().filter(|_| self.actions.is_empty()) else { return };
        let span = carried.verb.span;
        let entry = Entry { span, ..Entry::default() };
        let action = compose(entry, &carried.verb, &carried.adjuncts);
        self.push(action, span);
    }

    /// Adds an action.
    pub fn push(&mut self, mut action: Action, span: Span) {
        action.span = span;
        self.actions.push(action);
    }
}

fn only_arrives(entry: &Entry) -> bool {
    let name = entry.line.item.as_ref().map(|item| item.name.as_str()).unwrap_or_default();
    lexicon().subjects.contains(name)
}

fn is_silent(entry: &Entry) -> bool {
    entry.is_empty() && !entry.is_all && entry.direction.is_none() && !entry.is_left && entry.line.price.is_none()
}
