//! Whole turns of a conversation: questions, reports, undo, help, greetings, and what they mean.

use std::ops::Range;

use rust_decimal::Decimal;

use super::entry;
use super::lexicon::{Class, Meaning, Verb, lexicon};
use super::noun;
use super::tag::{Lexeme, Names, tag};
use super::template::{Found, Slot, Template};
use super::token::{Kind, Token};
use crate::domain::{
    Act, Action, Clarification, CorrectTarget, CountSessionStep, GreetingKind, Intent, Item, Line, MemberChange,
    MemberRole, Price, PriceBasis, QueryField, RemoveReason, RenameMode, Report, ReportKind, SetReason, Span,
    UndoTarget,
};

/// Longest text that is tried as a turn with all its politeness; longer ones are stories or lists.
const MAX_TOKENS: usize = 48;

/// Words of a file that say it is of what happened.
const EXPORTED_MOVEMENTS: [&str; 7] =
    ["movements", "sales", "transactions", "history", "bewegings", "verkope", "transaksies"];

/// A turn that was recognised.
pub struct ReadTurn {
    /// What it asks for.
    pub actions: Vec<Action>,
    /// What it means.
    pub meaning: Meaning,
}

impl ReadTurn {
    /// Whether it changes nothing.
    fn only_asks(&self) -> bool {
        !self.actions.iter().any(|action| action.intent.changes_stock())
    }
}

/// Reads the tokens of one sentence as a whole turn, if they are one.
#[must_use]
pub fn read(tokens: &[Token], source: &str, names: &Names) -> Option<ReadTurn> {
    if tokens.len() > MAX_TOKENS {
        return None;
    }
    let bare = without_marks(tokens);
    let trimmed = within_fillers(&bare);
    let polite = without_fillers(&bare);
    let inner = without_wrapper(&bare);
    read_as(&bare, source, names)
        .or_else(|| read_as(trimmed, source, names).filter(|_| trimmed.len() < bare.len()))
        .or_else(|| read_as(&polite, source, names).filter(|_| polite.len() < bare.len()))
        .or_else(|| read_wrapped(inner, source, names).filter(|_| inner.len() < bare.len()))
        .or_else(|| read_wrapped(without_wrapper(&polite), source, names).filter(|_| polite.len() < bare.len()))
}

/// Whether a text says that a stock-take which goes on is done: "done" alone means nothing otherwise.
#[must_use]
pub fn ends_count(tokens: &[Token]) -> bool {
    let bare = without_marks(tokens);
    let is_done = |tokens: &[Token]| {
        let mut turns = lexicon().turns_for(tokens).filter(|turn| turn.meaning == Meaning::CountDone);
        Template::may_match(tokens) && turns.any(|turn| turn.template.matches(tokens).is_some())
    };
    [bare.as_slice(), within_fillers(&bare), &without_fillers(&bare)]
        .into_iter()
        .any(|way| !way.is_empty() && is_done(way))
}

/// What a price that nothing calls one is while somebody counts: "milk is 12" is what they see.
#[must_use]
pub fn seen(action: Action) -> Action {
    match action.intent {
        Intent::SetPrice { item, price: Some(price) } if action.confirm => {
            let line = Line { item: Some(item), quantity: Some(price.amount), ..Line::default() };
            let count = Action::new(Intent::SetStock { line, reason: SetReason::Count });
            Action { span: action.span, ..count }
        }
        intent => Action { intent, ..action },
    }
}

/// A question inside "can you tell me ..." changes nothing.
fn read_wrapped(inner: &[Token], source: &str, names: &Names) -> Option<ReadTurn> {
    let turn = read_as(inner, source, names).or_else(|| read_as(&without_fillers(inner), source, names));
    turn.filter(ReadTurn::only_asks)
}

/// Of the turns that fit, the one with the most words of its own that makes sense.
fn read_as(tokens: &[Token], source: &str, names: &Names) -> Option<ReadTurn> {
    let first = tokens.first().filter(|_| Template::may_match(tokens))?;
    let mut fitting: Vec<(&super::lexicon::Turn, Found)> = lexicon()
        .turns_for(tokens)
        .filter(|turn| turn.meaning != Meaning::CountDone)
        .filter_map(|turn| Some((turn, turn.template.matches(tokens)?)))
        .collect();
    // Who is called by a name with a capital is a person before it is an item whose line is taken back.
    fitting
        .sort_by_key(|(turn, found)| (std::cmp::Reverse(found.literal_count), turn.meaning != Meaning::MemberRemove));
    let span = tokens.iter().fold(first.span, |all, token| all.joined(token.span));
    fitting.into_iter().find_map(|(turn, found)| {
        let mut actions = Scene { tokens, source, names, found: &found }.actions(turn.meaning)?;
        for action in &mut actions {
            action.span = span;
        }
        Some(ReadTurn { actions, meaning: turn.meaning })
    })
}

/// Reads a text that is nothing but greetings, thanks and politeness.
#[must_use]
pub fn read_courtesy(tokens: &[Token], names: &Names) -> Option<Action> {
    if tokens.len() > MAX_TOKENS {
        return None;
    }
    let lexemes = tag(tokens, names);
    let is_courtesy = |lexeme: &Lexeme| {
        matches!(lexeme.kind, Kind::Mark(_))
            || [Class::Hello, Class::Thanks, Class::Filler].into_iter().any(|class| lexeme.has(class))
            || lexeme.when.is_some()
    };
    if lexemes.is_empty() || !lexemes.iter().all(is_courtesy) {
        return None;
    }
    let has = |class| lexemes.iter().any(|lexeme| lexeme.has(class));
    let kind = match () {
        () if has(Class::Thanks) => GreetingKind::Thanks,
        () if has(Class::Hello) => GreetingKind::Hello,
        () => return None,
    };
    let span = tokens.iter().fold(tokens[0].span, |all, token| all.joined(token.span));
    Some(Action { span, ..Action::new(Intent::Greeting(kind)) })
}

/// Takes marks off both ends, but leaves a question mark and signs that carry meaning.
fn without_marks(tokens: &[Token]) -> Vec<Token> {
    let is_noise = |token: &Token| matches!(token.kind, Kind::Mark('.' | '!' | ',' | '"' | '\'' | '*' | '_'));
    let mut tokens: Vec<Token> = tokens.iter().skip_while(|token| is_noise(token)).cloned().collect();
    while tokens.last().is_some_and(is_noise) {
        tokens.pop();
    }
    while tokens.len() > 2
        && tokens[tokens.len() - 2].kind == Kind::Mark('?')
        && tokens[tokens.len() - 1].kind == Kind::Mark('?')
    {
        tokens.pop();
    }
    tokens
}

fn is_filler(token: &Token) -> bool {
    token.kind == Kind::Word
        && lexicon().word(&token.key).is_some_and(|entry| {
            entry.verb.is_none() && (entry.classes.has(Class::Filler) || entry.classes.has(Class::Hello))
        })
}

/// What stands between the fillers at both ends: "please it was 12 not 9 man".
fn within_fillers(tokens: &[Token]) -> &[Token] {
    let is_end = |token: &Token| is_filler(token) || token.kind == Kind::Mark(',');
    let from = tokens.iter().position(|token| !is_end(token)).unwrap_or(tokens.len());
    let to = tokens.iter().rposition(|token| !is_end(token)).map_or(from, |last| last + 1);
    &tokens[from..to]
}

fn without_fillers(tokens: &[Token]) -> Vec<Token> {
    let mut rest: Vec<Token> = tokens.iter().filter(|token| !is_filler(token)).cloned().collect();
    while rest.first().is_some_and(|token| token.kind == Kind::Mark(',')) {
        rest.remove(0);
    }
    while rest.last().is_some_and(|token| token.kind == Kind::Mark(',')) {
        rest.pop();
    }
    rest
}

/// The question inside "can you tell me ...".
fn without_wrapper(tokens: &[Token]) -> &[Token] {
    let begins = |phrase: &&Vec<String>| {
        phrase.len() < tokens.len() && phrase.iter().zip(tokens).all(|(word, token)| *word == token.key)
    };
    let longest = lexicon().wrappers.iter().filter(begins).map(Vec::len).max().unwrap_or_default();
    &tokens[longest..]
}

struct Scene<'a> {
    tokens: &'a [Token],
    source: &'a str,
    names: &'a Names,
    found: &'a Found,
}

impl Scene<'_> {
    fn lexemes(&self, range: Range<usize>) -> Vec<Lexeme> {
        tag(&self.tokens[range], self.names)
    }

    fn item(&self) -> Option<Item> {
        self.item_in(self.found.slot(Slot::Item)?)
    }

    fn item_in(&self, range: Range<usize>) -> Option<Item> {
        entry::item(&self.lexemes(range), self.names)
    }

    fn items(&self) -> Option<Vec<Item>> {
        let range = self.found.slot(Slot::Items)?;
        let lexemes = self.lexemes(range);
        let is_cut = |lexeme: &Lexeme| !lexeme.is_catalogued && (lexeme.is_mark(',') || lexeme.has(Class::And));
        lexemes.split(is_cut).filter(|part| !part.is_empty()).map(|part| entry::item(part, self.names)).collect()
    }

    fn number(&self) -> Option<Decimal> {
        let lexemes = self.lexemes(self.found.slot(Slot::Number)?);
        match lexemes.as_slice() {
            [lexeme] => lexeme.number(),
            _ => None,
        }
    }

    fn line(&self) -> Option<Line> {
        let lexemes = self.lexemes(self.found.slot(Slot::Line)?);
        if lexemes.iter().any(|lexeme| lexeme.verb.is_some()) {
            return None;
        }
        let entry = entry::read(&lexemes, self.names);
        (entry.uncovered.is_empty() && entry.clarification.is_none()).then_some(entry.line)
    }

    fn price(&self) -> Option<Price> {
        let range = self.found.slot(Slot::Price)?;
        let (Kind::Price(amount) | Kind::Number(amount)) = self.tokens[range.start].kind else { return None };
        Some(Price { amount, basis: Some(PriceBasis::Each) })
    }

    fn when(&self) -> Option<String> {
        let lexemes = self.lexemes(self.found.slot(Slot::When)?);
        lexemes.into_iter().find_map(|lexeme| lexeme.when)
    }

    /// The source text of a slot, as it was written.
    fn raw(&self, range: Range<usize>) -> String {
        let span = self.tokens[range].iter().map(|token| token.span).reduce(Span::joined).unwrap_or_default();
        self.source.chars().skip(span.start).take(span.end - span.start).collect()
    }

    fn said_line(&self, item: Item, quantity: Decimal) -> Line {
        Line { item: Some(item), quantity: Some(quantity), when: self.when(), ..Line::default() }
    }

    fn report(&self, kind: ReportKind, default_period: &str) -> Action {
        let line = self.line();
        let when = self.when().or_else(|| line.as_ref()?.when.clone()).or_else(|| self.whose_day());
        let period = when.map_or_else(|| default_period.to_owned(), |when| when.replace(' ', "_"));
        let item = self.item().or_else(|| line?.item);
        Action::new(Intent::Report(Report { period, item, ..Report::of(kind) }))
    }

    /// "yesterday's sales": a day that something is of.
    fn whose_day(&self) -> Option<String> {
        let of = |token: &Token| lexicon().word(token.key.strip_suffix("'s")?)?.when.clone();
        self.tokens.iter().find_map(of)
    }

    /// "hoekom is brood -3": how a number came about. Only of a name, or every "why" would be about stock.
    fn explanation(&self) -> Option<Action> {
        let item = self.item().or_else(|| self.line()?.item)?;
        let report = Report { item: Some(item), why: true, ..Report::of(ReportKind::History) };
        Some(Action::new(Intent::Report(report)))
    }

    fn export(&self) -> Action {
        let says = |words: &[&str]| self.tokens.iter().any(|token| words.contains(&token.key.as_str()));
        let format = match () {
            () if says(&["xlsx", "excel", "spreadsheet", "sheet", "sigblad"]) => "xlsx",
            () if says(&["csv"]) => "csv",
            () => "",
        };
        let period = self.when().map(|when| when.replace(' ', "_")).unwrap_or_default();
        // What has a period happened in it.
        let movements = !period.is_empty() || says(&EXPORTED_MOVEMENTS);
        let report = Report { period, format: format.to_owned(), movements, ..Report::of(ReportKind::Export) };
        Action::new(Intent::Report(report))
    }

    fn actions(&self, meaning: Meaning) -> Option<Vec<Action>> {
        if meaning == Meaning::Query && self.found.slot(Slot::Items).is_some() {
            let query = |item| {
                Action::new(Intent::Query {
                    item,
                    field: QueryField::Stock,
                    when: self.when(),
                    minus: None,
                    check: None,
                })
            };
            return Some(self.items()?.into_iter().map(query).collect());
        }
        if meaning == Meaning::SameAgain {
            // What it was stands in the conversation, not in the words.
            return Some(Vec::new());
        }
        self.stock_action(meaning)
            .or_else(|| self.correction(meaning))
            .or_else(|| self.talk(meaning))
            .map(|action| vec![action])
    }

    fn query(&self, item: Item, field: QueryField) -> Intent {
        Intent::Query { item, field, when: self.when(), minus: None, check: None }
    }

    fn stock_action(&self, meaning: Meaning) -> Option<Action> {
        let zero = Decimal::ZERO;
        let everything = || Item { everything: true, ..Item::default() };
        let intent = match meaning {
            Meaning::Query => self.query(self.item()?, QueryField::Stock),
            Meaning::QueryPrice => self.query(self.item()?, QueryField::Price),
            Meaning::QueryAfter => {
                let line = self.line()?;
                Intent::Query {
                    item: line.item?,
                    field: QueryField::Stock,
                    when: None,
                    minus: line.quantity,
                    check: None,
                }
            }
            Meaning::QueryCheck => {
                let line = self.line()?;
                Intent::Query {
                    item: line.item?,
                    field: QueryField::Stock,
                    when: None,
                    minus: None,
                    check: line.quantity,
                }
            }
            Meaning::Set => Intent::SetStock { line: self.set_line()?, reason: SetReason::Count },
            Meaning::SetLeft => Intent::SetStock {
                line: self.line().filter(|line| line.item.is_some() && line.quantity.is_some())?,
                reason: SetReason::Count,
            },
            Meaning::SetZero => Intent::SetStock { line: self.said_line(self.item()?, zero), reason: SetReason::Count },
            Meaning::SoldAll => Intent::SetStock { line: self.said_line(self.item()?, zero), reason: SetReason::Sale },
            Meaning::GoneAll => {
                let line = Line { item: Some(self.item()?), ..Line::default() };
                Intent::Remove { line, reason: Some(RemoveReason::Waste), all: true }
            }
            Meaning::SetAllZero => {
                let line = self.said_line(everything(), zero);
                return Some(Action::new(Intent::SetStock { line, reason: SetReason::Count }).confirmed_first());
            }
            Meaning::PartGone => {
                let line = Line { item: Some(self.item()?), ..Line::default() };
                return Some(
                    Action::new(Intent::Remove { line, reason: None, all: false }).asking(Clarification::Quantity),
                );
            }
            Meaning::Threshold => {
                let line = match self.found.slot(Slot::Number) {
                    Some(_) => {
                        let unit =
                            self.found.slot(Slot::Unit).and_then(|range| self.lexemes(range).first()?.unit.clone());
                        Line { unit: unit.unwrap_or_default(), ..self.said_line(self.item()?, self.number()?) }
                    }
                    None => self
                        .line()
                        .filter(|line| line.item.is_some() && line.quantity.is_some())
                        .or_else(|| self.level())?,
                };
                Intent::Threshold { line, off: false }
            }
            Meaning::ThresholdOff => {
                Intent::Threshold { line: Line { item: Some(self.item()?), ..Line::default() }, off: true }
            }
            Meaning::SetPrice => return self.pricing(),
            Meaning::ZeroOrCancel => {
                return Some(Action::question(
                    Line { item: Some(self.item()?), ..Line::default() },
                    Clarification::ZeroOrCancel,
                ));
            }
            Meaning::MoreOf => {
                return Some(Action::question(
                    Line { item: Some(self.item()?), ..Line::default() },
                    Clarification::RequestOrAdd,
                ));
            }
            Meaning::OwesFor => {
                let mut line = self.line()?;
                line.credit = true;
                line.party =
                    self.found.slot(Slot::Person).map(|range| self.raw(range).to_lowercase()).unwrap_or_default();
                let intent = Intent::Remove { line, reason: Some(RemoveReason::Sale), all: false };
                return Some(Action::new(intent).asking(Clarification::AlreadyRecorded));
            }
            Meaning::Transfer => {
                let mut line = self.line()?;
                line.location = self.raw(self.found.slot(Slot::Name)?).to_lowercase();
                let to_location = self.raw(self.found.second(Slot::Name)?).to_lowercase();
                Intent::Transfer { line, to_location }
            }
            Meaning::Archive => {
                let (item, mode) = (self.item()?, RenameMode::Archive);
                let intent = Intent::Rename { item, new_name: String::new(), mode };
                return Some(Action::new(intent).confirmed_first());
            }
            Meaning::Rename | Meaning::Alias | Meaning::Merge => return self.renaming(meaning),
            _ => return None,
        };
        Some(Action::new(intent))
    }

    fn pricing(&self) -> Option<Action> {
        let action = Action::new(Intent::SetPrice { item: self.item()?, price: Some(self.price()?) });
        Some(if self.may_be_a_count() { action.confirmed_first() } else { action })
    }

    /// "milk is 8 now": no word and no sign says that it is money.
    fn may_be_a_count(&self) -> bool {
        let says_little = |(at, token): (usize, &Token)| {
            let is_slot = self.found.slots.iter().any(|(_, range)| range.contains(&at));
            is_slot || is_filler(token) || lexicon().auxiliaries.contains(&token.key)
        };
        let is_bare = self
            .found
            .slot(Slot::Price)
            .is_some_and(|range| range.len() == 1 && matches!(self.tokens[range.start].kind, Kind::Number(_)));
        is_bare && self.tokens.iter().enumerate().all(says_little)
    }

    /// "set bread to 30", "milk = 12 cases".
    fn set_line(&self) -> Option<Line> {
        let lexemes = self.lexemes(self.found.slot(Slot::Number).or_else(|| self.found.slot(Slot::Line))?);
        let mut line = entry::read(&lexemes, self.names).line;
        line.quantity?;
        if self.found.slot(Slot::Item).is_some() {
            // "closing stock bread 10" names two things, so one of them is no name.
            if line.item.is_some() {
                return None;
            }
            line.item = self.item();
        }
        line.item.as_ref()?;
        Some(line)
    }

    /// "alert sugar at 3 bags": the level stands in a slot of its own.
    fn level(&self) -> Option<Line> {
        let lexemes = self.lexemes(self.found.slot(Slot::Line)?);
        let mut line = entry::read(&lexemes, self.names).line;
        line.quantity?;
        line.item = Some(self.item()?);
        Some(line)
    }

    fn renaming(&self, meaning: Meaning) -> Option<Action> {
        let new_name = self.raw(self.found.slot(Slot::Name)?);
        let mode = match meaning {
            Meaning::Rename => RenameMode::Rename,
            Meaning::Alias => RenameMode::Alias,
            _ => RenameMode::Merge,
        };
        let action = Action::new(Intent::Rename { item: self.item()?, new_name, mode });
        Some(if mode == RenameMode::Merge { action.confirmed_first() } else { action })
    }

    fn correction(&self, meaning: Meaning) -> Option<Action> {
        let last = |line| Action::new(Intent::Correct { line, target: CorrectTarget::Last });
        Some(match meaning {
            Meaning::CorrectQuantity => {
                let mut line = match self.found.slot(Slot::Line) {
                    Some(_) => self.line()?,
                    None => Line { quantity: Some(self.right_number()?), ..Line::default() },
                };
                line.quantity?;
                line.item = line.item.or_else(|| self.item());
                last(line)
            }
            Meaning::CorrectItem => last(Line { item: Some(self.right_item()?), ..Line::default() }),
            Meaning::CorrectUnit => {
                let unit = self.lexemes(self.right(Slot::Unit)?).first()?.unit.clone()?;
                last(Line { unit, ..Line::default() })
            }
            Meaning::CorrectWhen => last(Line { when: Some(self.when()?), ..Line::default() }),
            Meaning::CorrectPrice => last(Line { price: Some(self.price()?), ..Line::default() }),
            Meaning::CorrectLine => {
                let line_number = u32::try_from(self.number()?).ok()?;
                let range = self.found.second(Slot::Number)?;
                let quantity = self.lexemes(range).first()?.number()?;
                let line = Line { quantity: Some(quantity), ..Line::default() };
                Action::new(Intent::Correct { line, target: CorrectTarget::Line(line_number) })
            }
            Meaning::CorrectNamed => {
                let line = self.said_line(self.item()?, self.number()?);
                Action::new(Intent::Correct { line, target: CorrectTarget::Item })
            }
            Meaning::WrongItem => last(Line::default()).asking(Clarification::Item),
            _ => return None,
        })
    }

    /// What a "how do i ..." asks about, when it names one of the things that can be done.
    fn topic(&self) -> &'static str {
        let Some(rest) = self.found.slot(Slot::Rest) else { return "" };
        let undoes = |lexeme: &Lexeme| lexicon().undoing.contains(&lexeme.key);
        let lexemes = self.lexemes(rest);
        let named = lexemes.iter().find(|lexeme| undoes(lexeme) || lexeme.verb.is_some());
        match named.map(|lexeme| (undoes(lexeme), lexeme.verb)) {
            Some((true, _)) => "undo",
            Some((false, Some(Verb::Add))) => "add",
            Some((false, Some(Verb::Sale))) => "sell",
            Some((false, Some(Verb::Count))) => "count",
            _ => "",
        }
    }

    /// Of "not milk, maas" and "maas not milk" the one that was meant: the one that is neither denied nor left behind, as in
    /// "from 9 to 6".
    fn right(&self, slot: Slot) -> Option<Range<usize>> {
        let first = self.found.slot(slot)?;
        let Some(second) = self.found.second(slot) else { return Some(first) };
        let has = |range: Range<usize>, class| self.lexemes(range).iter().any(|lexeme| lexeme.has(class));
        let is_second = has(0..first.start, Class::Not) || has(first.end..second.start, Class::To);
        Some(if is_second { second } else { first })
    }

    fn right_number(&self) -> Option<Decimal> {
        match self.lexemes(self.right(Slot::Number)?).as_slice() {
            [lexeme] => lexeme.number(),
            _ => None,
        }
    }

    /// The item that was meant; "bags not kg" speaks of units.
    fn right_item(&self) -> Option<Item> {
        let range = self.right(Slot::Item)?;
        let lexemes = self.lexemes(range.clone());
        let is_named = lexemes.iter().any(|lexeme| lexeme.is_open() || lexeme.is_catalogued);
        let is_unit = !is_named && lexemes.iter().any(|lexeme| lexeme.unit.is_some());
        if is_unit { None } else { self.item_in(range) }
    }

    fn talk(&self, meaning: Meaning) -> Option<Action> {
        let undo = |target| Action::new(Intent::Undo(target));
        let help = |topic: &str| Action::new(Intent::Help { topic: topic.to_owned() });
        let topic = |act, topic: &str, line| {
            Action::new(Intent::Unknown { act: Some(act), line, topic: topic.to_owned(), shop: String::new() })
        };
        let session = |step, item| Action::new(Intent::CountSession { step, item });
        let place = || self.tokens.iter().find_map(|token| lexicon().ordinals.get(&token.key).copied());
        let count = || self.number().or_else(place).and_then(|number| u32::try_from(number).ok());
        Some(match meaning {
            Meaning::List => Action::new(Intent::List),
            // Which item stands in the message before it.
            Meaning::QueryIt => Action::question(Line::default(), Clarification::Item),
            Meaning::LowStock => Action::new(Intent::LowStock { out_only: false }),
            Meaning::OutOfStock => Action::new(Intent::LowStock { out_only: true }),
            Meaning::Undo => undo(UndoTarget::Last),
            Meaning::UndoMaybe => undo(UndoTarget::Last).confirmed_first(),
            Meaning::UndoCount => undo(UndoTarget::LastN(count()?)).confirmed_first(),
            Meaning::UndoItem => undo(UndoTarget::Item(self.item()?)),
            Meaning::UndoLine => undo(UndoTarget::Line(count()?)),
            Meaning::Redo => undo(UndoTarget::LastUndo),
            Meaning::Help => help(self.topic()),
            Meaning::HelpCounting => help("count"),
            Meaning::HelpHuman => help("human"),
            Meaning::CallHuman => topic(Act::None, "human", Line::default()),
            Meaning::Hello => Action::new(Intent::Greeting(GreetingKind::Hello)),
            Meaning::Thanks => Action::new(Intent::Greeting(GreetingKind::Thanks)),
            Meaning::Nothing => Action::turn(Act::None),
            Meaning::Yes => Action::turn(Act::Affirm),
            Meaning::No => Action::turn(Act::Deny),
            Meaning::Cancel => Action::turn(Act::CancelPending),
            Meaning::ReportSummary => self.report(ReportKind::Summary, "today"),
            Meaning::ReportSales => self.report(ReportKind::Sales, "today"),
            Meaning::ReportRevenue => self.report(ReportKind::Revenue, "today"),
            Meaning::ReportProfit => self.report(ReportKind::Profit, "this_month"),
            Meaning::ReportTop => self.report(ReportKind::Top, "this_month"),
            // Without its item another way to read the same words may have it.
            Meaning::ReportHistory => {
                Some(self.report(ReportKind::History, "")).filter(|action| action.intent.item().is_some())?
            }
            Meaning::ReportValue => self.report(ReportKind::Valuation, ""),
            Meaning::ReportWhy => self.explanation()?,
            Meaning::Export => self.export(),
            Meaning::CountStart => session(CountSessionStep::Start, None),
            Meaning::CountClose => session(CountSessionStep::Close, None).confirmed_first(),
            Meaning::CountCancel => session(CountSessionStep::Cancel, None).confirmed_first(),
            Meaning::CountMissing => session(CountSessionStep::Missing, None),
            Meaning::CountSkip => session(CountSessionStep::Skip, Some(self.item()?)),
            Meaning::MemberAdd => self.member(MemberChange::Add)?,
            Meaning::MemberRemove => self.member(MemberChange::Remove)?,
            Meaning::MemberRole => self.member(MemberChange::Role)?,
            Meaning::MemberList => {
                let (change, name, phone_number) = (MemberChange::List, String::new(), String::new());
                Action::new(Intent::ChangeMember { change, name, phone_number, role: None })
            }
            Meaning::SwitchShop => {
                let shop = self.raw(self.found.slot(Slot::Name)?);
                Action::new(Intent::Unknown {
                    act: Some(Act::SwitchShop),
                    line: Line::default(),
                    topic: String::new(),
                    shop,
                })
            }
            Meaning::Order => topic(Act::Unsupported, "purchase_order", self.line().unwrap_or_default()),
            Meaning::Reserve => {
                let mut line = self.line()?;
                line.party =
                    self.found.slot(Slot::Person).map(|range| self.raw(range).to_lowercase()).unwrap_or_default();
                topic(Act::Unsupported, "reserve", line)
            }
            Meaning::Unsupported => topic(Act::Unsupported, "", Line::default()),
            Meaning::Attachment => Action::turn(Act::None).asking(Clarification::Attachment),
            _ => return None,
        })
    }

    fn member(&self, change: MemberChange) -> Option<Action> {
        let phone = self.found.slot(Slot::Phone);
        let person = self.found.slot(Slot::Person);
        let written = person.clone().map(|range| self.raw(range)).unwrap_or_default();
        if written.is_empty() && phone.is_none() {
            return None;
        }
        let name = written.to_lowercase();
        let is_named = phone.is_some() || self.found.literal_count > 1;
        let known = noun::singular(&name);
        let is_item = lexicon().is_noun(&known) || self.names.holds(&known) || written.contains(' ');
        if phone.is_none() && (lexicon().is_noun(&known) || self.names.holds(&known)) {
            return None;
        }
        // "remove Thabo": a capital in the middle of a text makes a name, unless it is that of an item.
        if !is_named && (is_item || !written.starts_with(char::is_uppercase)) {
            return None;
        }
        let is_of_name = |at: usize| person.as_ref().is_some_and(|range| range.contains(&at));
        let mut said = self.tokens.iter().enumerate().rev().filter(|(at, _)| !is_of_name(*at));
        let role: Option<MemberRole> = said.find_map(|(_, token)| lexicon().roles.get(&token.key).copied());
        if change == MemberChange::Role && role.is_none() {
            return None;
        }
        let phone_number = phone.map(|range| e164(&self.tokens[range.start].key)).unwrap_or_default();
        Some(Action::new(Intent::ChangeMember { change, name, phone_number, role }).confirmed_first())
    }
}

/// Writes a number of South Africa, or one in international form, as E.164.
fn e164(typed: &str) -> String {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix('0') {
        Some(rest) => format!("+27{}", rest.strip_prefix("027").unwrap_or(rest)),
        None if digits.len() == 9 => format!("+27{digits}"),
        None => format!("+{digits}"),
    }
}
