//! Sentences and lists about stock: which verb goes with which line, and what the two make together.

use rust_decimal::Decimal;

use super::adjunct::{Adjuncts, split_adjuncts};
use super::entry::{self, Entry};
use super::lexicon::{Class, Verb, lexicon};
use super::noun;
use super::repair;
use super::tag::{Lexeme, Names};
use super::token::Kind;
use super::verb::{VerbHit, misspelt_verb};
use crate::domain::{
    Act, Action, AddReason, Clarification, Intent, Item, Line, PriceBasis, RemoveReason, SetReason, Span,
};

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

    /// Reads one line.
    pub fn read_line(&mut self, lexemes: Vec<Lexeme>) {
        let length = lexemes.len();
        self.is_asked = lexemes.iter().any(|lexeme| lexeme.is_mark('?'));
        let lexemes = repair::repaired(lexemes);
        self.is_repaired = lexemes.len() < length;
        let lexemes = self.without_bullet(lexemes);
        let Some(first) = lexemes.first() else { return };
        let span = lexemes.iter().fold(first.span, |all, lexeme| all.joined(lexeme.span));
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
        share_heads(&mut parts);
        self.fill_ellipses(&mut parts);
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

    /// Gives every part its verb: its own, the one before it in the line, the only one after it, or that of the header.
    fn spread_verbs(&self, parts: &mut [Part], continues: bool) {
        let has_header = parts.first().is_some_and(|part| part.verb.is_some());
        let mut current: Option<Carried> = None;
        let only_later = (!has_header)
            .then(|| parts.iter().filter_map(|part| part.verb.clone()).collect::<Vec<_>>())
            .filter(|verbs| verbs.len() == 1);
        let last = parts.len().saturating_sub(1);
        let later_closes = parts.last().is_some_and(|part| part.verb.as_ref().is_some_and(|verb| verb.is_at_end));
        for (index, part) in parts.iter_mut().enumerate() {
            if let Some(verb) = &part.verb {
                let mut adjuncts = part.adjuncts.clone();
                adjuncts.uncovered.clear();
                current = Some(Carried { verb: verb.clone(), adjuncts });
                continue;
            }
            // "+12 milk and 2 bread": the plus goes on until something else is said.
            if let Some(sign) = part.entries.iter().find_map(|entry| entry.sign) {
                let verb = if sign == '+' { Verb::Add } else { Verb::Remove };
                current = Some(Carried { verb: VerbHit::inherited(verb, part.span), adjuncts: Adjuncts::default() });
                continue;
            }
            // "sold 3 milk, 2 left": what is left was counted, not sold.
            if part
                .entries
                .iter()
                .any(|entry| entry.direction.is_some() || (entry.is_left && entry.line.quantity.is_some()))
            {
                continue;
            }
            let inherited = current.clone().or_else(|| {
                let verb = only_later.as_ref().filter(|_| later_closes && index < last)?.first()?.clone();
                Some(Carried { verb, adjuncts: Adjuncts::default() })
            });
            let inherited = inherited.or_else(|| self.carried.clone());
            let inherited = inherited.or_else(|| {
                let verb = self.last_verb.filter(|_| continues)?;
                Some(Carried { verb: VerbHit::inherited(verb, part.span), adjuncts: Adjuncts::default() })
            });
            if let Some(Carried { verb, adjuncts }) = inherited {
                part.verb = Some(verb);
                part.adjuncts.fill_from(&adjuncts);
            }
        }
        direct_from_the_end(parts);
        // A time or a party said once in a line goes for the whole of it.
        let mut shared = Adjuncts::default();
        for part in parts.iter() {
            shared.fill_from(&part.adjuncts);
        }
        for part in parts.iter_mut() {
            part.adjuncts.fill_from(&shared);
        }
    }

    /// "sold 5 bread, 2 broken", "got 10 bread and sold 4": a verb of its own and a number speak of the item before.
    fn fill_ellipses(&self, parts: &mut [Part]) {
        let mut before: Option<Item> = None;
        for part in parts.iter_mut() {
            for entry in &mut part.entries {
                let has_own_deed =
                    part.verb.is_some() || entry.is_spoilt || entry.is_left || part.adjuncts.when.is_some();
                if entry.is_bare_number() && has_own_deed && !entry.is_each && entry.line.unit.is_empty() {
                    entry.line.item.clone_from(&before);
                }
                // A sum of money, a list of several or a doubtful line leaves open what is spoken of.
                before =
                    entry.line.item.clone().filter(|_| entry.clarification.is_none() && entry.uncovered.is_empty());
            }
        }
    }

    fn emit(&mut self, parts: Vec<Part>, line_span: Span) {
        let (first, gaps) = (self.actions.len(), self.uncovered.len());
        self.emit_parts(parts, line_span);
        if self.uncovered.len() > gaps {
            // What nobody accounted for may change the meaning of every line beside it: "used flour to bake 20 bread".
            for action in &mut self.actions[first..] {
                action.confirm |= action.intent.changes_stock();
            }
        }
    }

    fn emit_parts(&mut self, parts: Vec<Part>, line_span: Span) {
        let has_entries = parts.iter().any(|part| !part.entries.is_empty());
        let only_all =
            parts.iter().flat_map(|part| &part.entries).all(|entry| entry.is_all && entry.line.quantity.is_none());
        if !has_entries || (only_all && !self.undirected.is_empty()) {
            return self.header(parts, line_span);
        }
        let mut each: Option<Entry> = None;
        let part_count = parts.len();
        for part in parts {
            if part.verb.is_some() && part.entries.is_empty() {
                let carried = Carried { verb: part.verb.clone().expect("just seen"), adjuncts: part.adjuncts.clone() };
                self.uncovered.extend(&part.adjuncts.uncovered);
                self.carried = Some(carried);
                continue;
            }
            self.uncovered.extend(&part.adjuncts.uncovered);
            for mut entry in part.entries.iter().cloned() {
                if entry.is_each && entry.line.quantity.is_some() {
                    each = Some(entry.clone());
                } else if let Some(each) = each.as_ref().filter(|_| entry.is_bare_name()) {
                    entry.line.quantity = each.line.quantity;
                    entry.line.unit.clone_from(&each.line.unit);
                } else if entry.is_bare_name() && part_count > 1 && part.verb.is_some() {
                    // "5 salt and pepper": one product, or a second line without its number. The line before is in doubt too.
                    if let Some(before) = self.actions.last_mut().filter(|_| entry.span.start > line_span.start) {
                        before.confirm |=
                            before.intent.changes_stock() && !matches!(before.intent, Intent::SetStock { .. });
                    }
                }
                self.emit_entry(entry, &part);
            }
            if let Some(verb) = part.verb.filter(|verb| !verb.is_at_end && !verb.is_guess) {
                self.carried = Some(Carried { verb, adjuncts: part.adjuncts.without_uncovered() });
            }
        }
    }

    /// A line with a verb and nothing else heads the lines after it; "add all" at the end goes for those before it.
    fn header(&mut self, parts: Vec<Part>, span: Span) {
        let mut adjuncts = Adjuncts::default();
        for part in &parts {
            self.uncovered.extend(&part.adjuncts.uncovered);
            adjuncts.fill_from(&part.adjuncts);
        }
        let Some(verb) = parts.into_iter().find_map(|part| part.verb) else {
            if adjuncts.says_something() && adjuncts.uncovered.is_empty() {
                return;
            }
            self.uncovered.push(span);
            return;
        };
        if !self.undirected.is_empty() {
            self.direct_earlier_lines(&verb, &adjuncts);
            return;
        }
        self.carried = Some(Carried { verb, adjuncts: adjuncts.without_uncovered() });
    }

    fn direct_earlier_lines(&mut self, verb: &VerbHit, adjuncts: &Adjuncts) {
        for index in std::mem::take(&mut self.undirected) {
            let action = &mut self.actions[index];
            let span = action.span;
            if action.clarification == Some(Clarification::Direction)
                && let Some(line) = action.intent.line()
            {
                let entry = Entry { line: line.clone(), span, ..Entry::default() };
                *action = compose(entry, verb, adjuncts);
                action.span = span;
            }
        }
    }

    /// Whether a header is waiting for lines that never came: "sold" by itself.
    pub fn finish(&mut self) {
        let Some(carried) = self.carried.take().filter(|_| self.actions.is_empty()) else { return };
        let span = carried.verb.span;
        let entry = Entry { span, ..Entry::default() };
        let action = compose(entry, &carried.verb, &carried.adjuncts);
        self.push(action, span);
    }

    fn emit_entry(&mut self, entry: Entry, part: &Part) {
        let span = if part.entries.len() == 1 { part.span } else { entry.span };
        let uncovered = entry.uncovered.clone();
        let mut entry = entry;
        let unplaced = place_leading(&mut entry, part);
        self.uncovered.extend(uncovered);
        self.uncovered.extend(unplaced);
        let mut action = if part.has_wish {
            let mut line = entry.line;
            part.adjuncts.apply(&mut line);
            Action::question(line, Clarification::RequestOrAdd)
        } else if let Some(verb) = &part.verb {
            let action = compose(entry, verb, &part.adjuncts);
            let is_open = part.is_anonymous && !part.adjuncts.is_sent && action.is_write();
            if is_open { action.asking(Clarification::Direction) } else { action }
        } else {
            self.compose_without_verb(entry, part)
        };
        // "sold 5 and 10 bread": a number without its item leaves the next line in doubt; so does a question mark.
        let after_gap = self.actions.last().is_some_and(|before| {
            before.clarification.is_none() && before.intent.changes_stock() && before.intent.item().is_none()
        });
        action.confirm |= (after_gap || self.is_asked) && action.intent.changes_stock();
        // Much stock and a slip of the tongue together want a second look.
        if self.is_repaired && action.intent.line().is_some_and(|line| pieces(line) > Decimal::ONE_HUNDRED) {
            action.confirm = true;
        }
        if action.clarification == Some(Clarification::Direction) {
            self.undirected.push(self.actions.len());
        }
        self.push(action, span);
    }

    fn compose_without_verb(&self, entry: Entry, part: &Part) -> Action {
        let hit = |verb| VerbHit::inherited(verb, part.span);
        if entry.is_left && !entry.is_vague {
            return compose(entry, &hit(Verb::Count), &part.adjuncts);
        }
        if entry.is_spoilt && entry.line.quantity.is_some() {
            return compose(entry, &hit(Verb::Waste), &part.adjuncts);
        }
        match (entry.direction, entry.sign) {
            (Some(Class::ComeIn), None | Some('+')) | (None, Some('+')) => {
                return compose(entry, &hit(Verb::Add), &part.adjuncts);
            }
            (Some(Class::GoOut), None | Some('-')) | (None, Some('-')) => {
                let is_loose = entry.is_sign_loose && !self.is_list;
                let action = compose(Entry { sign: None, ..entry }, &hit(Verb::Remove), &part.adjuncts);
                return if is_loose { action.asking(Clarification::SignOrDash) } else { action };
            }
            _ => {}
        }
        if self.is_counting && entry.line.quantity.is_some() && entry.line.item.is_some() {
            return compose(entry, &hit(Verb::Count), &part.adjuncts);
        }
        if entry.line.quantity == Some(Decimal::ZERO) && entry.line.item.is_some() && entry.numbers.is_empty() {
            // Nothing comes in or goes out by none: "bread 0" is what was found.
            return compose(entry, &hit(Verb::Count), &part.adjuncts);
        }
        let mut line = entry.line;
        part.adjuncts.apply(&mut line);
        let is_cost = line.price.as_ref().is_some_and(|price| price.basis == Some(PriceBasis::Each));
        if is_cost && line.item.is_some() && line.quantity.is_some() {
            // "10 milk at R18.50": what one pays for looks like a delivery, but nobody said so.
            let intent = Intent::Add { line, reason: AddReason::Receipt };
            return Action::new(intent).asking(Clarification::Direction);
        }
        if entry.is_dashed && !self.is_list && line.item.is_some() {
            let intent = Intent::Remove { line, reason: None, all: false };
            return Action::new(intent).asking(Clarification::SignOrDash);
        }
        let question = match (&line.item, &line.quantity) {
            _ if entry.clarification == Some(Clarification::WhichNumber) => Clarification::WhichNumber,
            (Some(_), None) if entry.is_more => Clarification::RequestOrAdd,
            (None, Some(_)) => Clarification::Item,
            (Some(_), None) if entry.is_vague => Clarification::Quantity,
            _ => Clarification::Direction,
        };
        Action { numbers: entry.numbers, confirm: false, ..Action::question(line, question) }
    }

    /// Adds an action.
    pub fn push(&mut self, mut action: Action, span: Span) {
        action.span = span;
        self.actions.push(action);
    }
}

/// "brown bread 10 and white bread 15 in": one direction at the end goes for every line before it.
fn direct_from_the_end(parts: &mut [Part]) {
    let Some((last, before)) = parts.split_last_mut() else { return };
    let [.., closing] = last.entries.as_slice() else { return };
    let verb = match closing.direction.filter(|_| closing.has_last_direction && last.verb.is_none()) {
        Some(Class::ComeIn) => Verb::Add,
        Some(_) => Verb::Remove,
        None => return,
    };
    let is_undirected = |part: &Part| part.verb.is_none() && part.entries.iter().all(|entry| entry.direction.is_none());
    if before.iter().all(is_undirected) {
        for part in before {
            part.verb = Some(VerbHit::inherited(verb, part.span));
        }
    }
}

/// Names whoever stands before the number: "gave my son 2 bread". Returns the words that are nobody.
fn place_leading(entry: &mut Entry, part: &Part) -> Vec<Span> {
    let leading = std::mem::take(&mut entry.leading);
    let is_outgoing =
        part.verb.as_ref().is_some_and(|verb| matches!(verb.verb, Verb::Gift | Verb::Sale | Verb::ReturnOut));
    let is_gift = part.verb.as_ref().is_some_and(|verb| verb.verb == Verb::Gift);
    let is_outgoing = is_outgoing && (is_gift || entry.has_named_leading);
    let is_person = |name: &str| !name.split(' ').any(|word| lexicon().is_noun(&noun::singular(word)));
    let words: Vec<&str> = leading.iter().map(|(word, _)| word.as_str()).collect();
    let name = words.join(" ");
    if is_outgoing && !name.is_empty() && is_person(&name) {
        entry.line.party = name;
        return Vec::new();
    }
    leading.into_iter().map(|(_, span)| span).collect()
}

fn pieces(line: &Line) -> Decimal {
    let quantity = line.quantity.unwrap_or_default();
    quantity.saturating_mul(line.pack_size.unwrap_or(Decimal::ONE))
}

fn is_silent(entry: &Entry) -> bool {
    entry.is_empty() && !entry.is_all && entry.direction.is_none() && !entry.is_left && entry.line.price.is_none()
}

/// Makes the action of a line whose direction was asked for and answered.
pub fn directed(line: Line, verb: Verb, span: Span) -> Action {
    let entry = Entry { line, span, ..Entry::default() };
    Action { span, ..compose(entry, &VerbHit::inherited(verb, span), &Adjuncts::default()) }
}

/// Makes the action of a verb and a line.
fn compose(entry: Entry, verb: &VerbHit, adjuncts: &Adjuncts) -> Action {
    let Entry {
        mut line, clarification, numbers, confirm, sign, is_spoilt, is_last, is_vague, is_all, is_left, ..
    } = entry;
    adjuncts.apply(&mut line);
    if clarification == Some(Clarification::WhichNumber) {
        return Action { numbers, ..Action::question(line, Clarification::WhichNumber) };
    }
    let kind = match verb.verb {
        _ if adjuncts.is_sent => Verb::ReturnOut,
        // "got 5 left" counts what is there.
        Verb::Add if is_left => Verb::Count,
        said => said,
    };
    let is_incoming = matches!(kind, Verb::Add | Verb::ReturnIn);
    let disagrees = match sign {
        Some('-') => is_incoming || matches!(kind, Verb::Sale | Verb::Count | Verb::Has),
        Some('+') => !is_incoming && !matches!(kind, Verb::Count | Verb::Has),
        _ => false,
    };
    // "milk sold 3 left": sold, or left?
    let is_either = is_left && line.quantity.is_some() && !matches!(kind, Verb::Count | Verb::Has | Verb::Opening);
    if disagrees || is_either {
        return Action::question(line, Clarification::Direction);
    }
    let question = clarification.or_else(|| open_question(&line, is_vague, adjuncts));
    let mut is_risky = confirm || verb.is_guess;
    let intent = match kind {
        Verb::Add => Intent::Add { line, reason: AddReason::Receipt },
        Verb::ReturnIn => Intent::Add { line, reason: AddReason::Return },
        Verb::Count | Verb::Has | Verb::Opening => {
            let reason = if kind == Verb::Opening { SetReason::Opening } else { SetReason::Count };
            Intent::SetStock { line, reason }
        }
        Verb::Move => {
            let mut action = Action::question(line, Clarification::Direction);
            action.confirm = true;
            return action;
        }
        removal => compose_removal(line, removal, is_spoilt, is_last, is_all && !is_left, &mut is_risky),
    };
    let mut action = Action { confirm: is_risky, clarification: question, ..Action::new(intent) };
    if let Some(item) = action.intent.item()
        && item.everything
    {
        action.confirm = true;
    }
    action
}

fn compose_removal(
    mut line: Line,
    verb: Verb,
    is_spoilt: bool,
    is_last: bool,
    is_all: bool,
    is_risky: &mut bool,
) -> Intent {
    let reason = match verb {
        Verb::Sale => Some(RemoveReason::Sale),
        Verb::Waste => Some(RemoveReason::Waste),
        Verb::Theft => Some(RemoveReason::Theft),
        Verb::OwnUse => Some(RemoveReason::OwnUse),
        Verb::Gift => Some(RemoveReason::Gift),
        Verb::ReturnOut => Some(RemoveReason::Return),
        _ => is_spoilt.then_some(RemoveReason::Waste),
    };
    // Sold although spoilt: which of the two counts is for the person to say.
    *is_risky |= is_spoilt && matches!(verb, Verb::Sale | Verb::Gift);
    if line.credit {
        return Intent::Remove { line, reason: Some(RemoveReason::Sale), all: false };
    }
    if is_last && line.quantity.is_some() {
        line.quantity_after = Some(Decimal::ZERO);
    }
    let takes_all = is_all && line.quantity.is_none();
    if takes_all && verb == Verb::Sale {
        line.quantity = Some(Decimal::ZERO);
        return Intent::SetStock { line, reason: SetReason::Sale };
    }
    Intent::Remove { line, reason, all: takes_all }
}

fn open_question(line: &Line, is_vague: bool, adjuncts: &Adjuncts) -> Option<Clarification> {
    if adjuncts.is_date_loose {
        return Some(Clarification::DateOrder);
    }
    if is_vague && line.quantity.is_none() {
        return Some(Clarification::Quantity);
    }
    let price = line.price.as_ref()?;
    let is_several = line.quantity.is_none_or(|quantity| quantity != Decimal::ONE);
    (price.basis.is_none() && is_several).then_some(Clarification::PriceBasis)
}

/// "is" before a deed says when, not what: "5 bread are sold".
fn drop_auxiliaries(lexemes: &mut Vec<Lexeme>) {
    let mut at = 1;
    while at < lexemes.len() {
        if lexemes[at].verb.is_some() && lexicon().auxiliaries.contains(&lexemes[at - 1].key) {
            lexemes.remove(at - 1);
        } else {
            at += 1;
        }
    }
}

/// "i want to add" is an order to this system; "i want to sell" is a hope.
fn wants_to_sell(lexemes: &[Lexeme]) -> bool {
    let sells = |lexeme: &Lexeme| matches!(lexeme.verb, Some(Verb::Sale | Verb::Gift | Verb::ReturnOut));
    lexemes.windows(2).any(|pair| pair[0].has(Class::Wanting) && sells(&pair[1]))
        || (lexemes.iter().any(|lexeme| lexeme.has(Class::Wanting)) && lexemes.last().is_some_and(sells))
}

/// Cuts a line at commas, "and" and plus signs between lines.
fn divide(lexemes: &[Lexeme]) -> Vec<Vec<Lexeme>> {
    let mut parts = vec![Vec::new()];
    for (at, lexeme) in lexemes.iter().enumerate() {
        let before_number = lexemes.get(at + 1).is_some_and(|next| next.number().is_some());
        let after_name = at > 0 && lexemes[at - 1].kind == Kind::Word;
        let is_cut = match lexeme.kind {
            Kind::Mark(',' | ';' | '&' | '.' | '!') => true,
            Kind::Mark('+') if at + 1 == lexemes.len() => false,
            Kind::Mark('+') => {
                !before_number || (after_name && lexemes[..at].iter().any(|lexeme| lexeme.number().is_some()))
            }
            Kind::Word => lexeme.has(Class::And) && !lexeme.is_catalogued,
            _ => false,
        };
        if is_cut {
            parts.push(Vec::new());
        } else {
            parts.last_mut().expect("never empty").push(lexeme.clone());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Cuts a part that has verbs of different directions: "in: 5 jik out: 2 bread".
fn split_at_verbs(lexemes: Vec<Lexeme>) -> Vec<Vec<Lexeme>> {
    let verbs: Vec<usize> =
        (0..lexemes.len()).filter(|at| lexemes[*at].verb.is_some() && !lexemes[*at].is_catalogued).collect();
    let directions: Vec<bool> = verbs
        .iter()
        .filter_map(|at| lexemes[*at].verb)
        .map(|verb| matches!(verb, Verb::Add | Verb::ReturnIn))
        .collect();
    let is_uniform = directions.windows(2).all(|pair| pair[0] == pair[1]);
    let has_lines_between =
        verbs.windows(2).all(|pair| lexemes[pair[0]..pair[1]].iter().any(|lexeme| lexeme.number().is_some()));
    let content_first =
        verbs.first().is_some_and(|first| lexemes[..*first].iter().any(|lexeme| lexeme.number().is_some()));
    let content_last =
        verbs.last().is_some_and(|last| lexemes[last + 1..].iter().any(|lexeme| lexeme.number().is_some()));
    if verbs.len() < 2 || !has_lines_between || (is_uniform && !content_last) {
        return vec![lexemes];
    }
    let cuts: Vec<usize> = if content_first && !content_last {
        verbs.iter().map(|at| at + 1).collect()
    } else {
        verbs.iter().skip(1).copied().collect()
    };
    let mut clauses = Vec::new();
    let mut from = 0;
    for cut in cuts {
        clauses.push(lexemes[from..cut].to_vec());
        from = cut;
    }
    clauses.push(lexemes[from..].to_vec());
    clauses.retain(|clause| !clause.is_empty());
    clauses
}

/// Who did it, said before the verb: "Mam Thandi took 2 bread".
fn take_subject(lexemes: &mut Vec<Lexeme>, verb: &VerbHit, adjuncts: &mut Adjuncts) {
    let Some(at) = lexemes.iter().position(|lexeme| verb.covers(lexeme)) else { return };
    let after = &lexemes[at + 1..];
    let has_line =
        after.iter().any(|lexeme| lexeme.number().is_some() || lexeme.has(Class::Article) || lexeme.has(Class::Couple))
            && after.iter().any(|lexeme| lexeme.is_open() || lexeme.unit.is_some());
    let before = &lexemes[..at];
    // "my wife sold 2": who, not what.
    let is_somebody = |lexeme: &Lexeme| {
        lexeme.has(Class::Determiner)
            || (lexeme.is_open() && !lexeme.is_catalogued && !lexicon().is_noun(&noun::singular(&lexeme.key)))
    };
    let is_bare = after.iter().any(|lexeme| lexeme.number().is_some()) && !after.iter().any(Lexeme::is_open);
    if is_bare && before.len() == 2 && before[0].has(Class::Determiner) && is_somebody(&before[1]) {
        lexemes.drain(..at);
        return;
    }
    let is_subject = has_line
        && before.iter().all(|lexeme| lexeme.kind == Kind::Word && lexeme.number().is_none())
        && before.iter().any(Lexeme::is_open);
    if is_subject {
        let words: Vec<&str> =
            before.iter().filter(|lexeme| lexeme.is_open()).map(|lexeme| lexeme.text.as_str()).collect();
        let names_nobody = |lexeme: &Lexeme| !lexeme.is_open() || lexicon().subjects.contains(&lexeme.key);
        if before.iter().all(names_nobody) && !before.iter().any(|lexeme| lexeme.has(Class::Determiner)) {
            lexemes.drain(..at);
            return;
        }
        // An unknown word without a capital may be "barely" as well as a name.
        let is_named = before.iter().any(|lexeme| {
            lexeme.has(Class::Determiner) || (lexeme.is_open() && lexeme.written.starts_with(char::is_uppercase))
        });
        let takes_party = matches!(verb.verb, Verb::Sale | Verb::Remove | Verb::Gift | Verb::Add);
        if takes_party && is_named && words.len() <= 3 {
            adjuncts.party = words.join(" ");
        } else if !is_named || words.len() > 3 {
            adjuncts.uncovered.extend(before.iter().filter(|lexeme| lexeme.is_open()).map(|lexeme| lexeme.span));
        }
        let about: Vec<Lexeme> = lexemes.drain(..at).filter(|lexeme| lexeme.has(Class::About)).collect();
        lexemes.extend(about);
    }
}

/// Joins "bread" and "12" of a pasted row "bread,12".
fn join_csv(parts: &mut Vec<Part>) {
    let mut index = 1;
    while index < parts.len() {
        let fits = matches!(parts[index - 1].entries.as_slice(), [name] if name.is_bare_name())
            && matches!(parts[index].entries.as_slice(), [number] if number.is_bare_number())
            && parts[index].verb.is_none();
        if fits {
            let part = parts.remove(index);
            let number = part.entries.into_iter().next().expect("matched one");
            let name = &mut parts[index - 1];
            name.span = name.span.joined(part.span);
            let entry = &mut name.entries[0];
            entry.line.quantity = number.line.quantity;
            entry.line.unit = number.line.unit;
            entry.clarification = number.clarification;
            entry.span = entry.span.joined(number.span);
        } else {
            index += 1;
        }
    }
}

/// Gives "5 red" of "5 red and 3 blue pens" its pens.
fn share_heads(parts: &mut [Part]) {
    let mut head: Option<String> = None;
    for part in parts.iter_mut().rev() {
        for entry in part.entries.iter_mut().rev() {
            let Some(item) = &mut entry.line.item else { continue };
            if entry.is_adjective {
                if let Some(head) = &head {
                    let said = format!("{} {head}", item.said);
                    *item = Item { said, ..Item::named(format!("{} {head}", item.name)) };
                    entry.is_adjective = false;
                }
            } else {
                head = item.name.rsplit_once(' ').map(|(_, head)| head.to_owned());
            }
        }
    }
}
