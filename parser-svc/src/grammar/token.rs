//! Characters to tokens: words, numbers in every spelling, sizes, codes, prices, times, barcodes, links and marks.

use rust_decimal::Decimal;

use super::normalise::{Char, normalise, normalise_within, without_marks};
use crate::domain::Span;

/// Most characters a text may have once its signs are written out.
const MAX_CHARS: usize = 4608;

/// How much of one word is kept: more than the longest name that is taken for one, so that it is refused as it should be.
const MAX_WORD_CHARS: usize = 128;

/// One token of the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// The normalised text.
    pub text: String,
    /// The text without marks, to look it up.
    pub key: String,
    /// The text as it was written.
    pub written: String,
    /// Where it stands in the source.
    pub span: Span,
    /// Whether no space stands before it.
    pub is_glued: bool,
}

/// Kinds of token.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A word, perhaps with digits in it: `bread`, `7up`, `a4`, `m8`.
    Word,
    /// A number in digits.
    Number(Decimal),
    /// Two numbers with a space that could be thousands or two numbers: `2 500`.
    Spaced(Decimal, Decimal),
    /// A number with a unit on it: `2l`, `12.5kg`, `6pk`.
    Size(Decimal, String),
    /// Two numbers with an x between: `2x6`.
    Times(Decimal, Decimal),
    /// Day and month, or a fraction: `3/4`.
    Slashed(u32, u32),
    /// An amount of money.
    Price(Decimal),
    /// 8, 12, 13 or 14 digits.
    Barcode,
    /// A phone number, as it was typed.
    Phone,
    /// A time of the day, as `17:00`.
    Clock(String),
    /// An ordinal or another number that counts nothing: `2nd`.
    Ordinal(u32),
    /// A web address.
    Link,
    /// A mark.
    Mark(char),
    /// The end of a line.
    Newline,
}

/// Units that may be glued to a number.
const GLUED_UNITS: [&str; 26] = [
    "l", "lt", "ltr", "litre", "liter", "ml", "kg", "kgs", "kilo", "kilos", "g", "gr", "gram", "grams", "mg", "m",
    "cm", "mm", "pk", "pck", "pack", "s", "w", "v", "cl", "ply",
];

/// Normalises a text and splits it into tokens.
#[must_use]
pub fn tokenise(text: &str) -> Vec<Token> {
    split(&normalise(text), text, usize::MAX)
}

/// Does the same for a text of at most so many tokens, and looks no further than that.
#[must_use]
pub fn tokenise_within(text: &str, most: usize) -> Option<Vec<Token>> {
    let tokens = split(&normalise_within(text, MAX_CHARS)?, text, most);
    (tokens.len() <= most).then_some(tokens)
}

fn split(chars: &[Char], text: &str, most: usize) -> Vec<Token> {
    let source: Vec<char> = text.chars().collect();
    let tokens = Vec::with_capacity(most.min(chars.len() / 4 + 1));
    let mut scanner = Scanner { chars, source: &source, at: 0, tokens };
    while scanner.at < scanner.chars.len() && scanner.tokens.len() <= most {
        scanner.step();
    }
    scanner.tokens
}

struct Scanner<'a> {
    chars: &'a [Char],
    source: &'a [char],
    at: usize,
    tokens: Vec<Token>,
}

impl Scanner<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).map(|char| char.value)
    }

    fn digits_from(&self, from: usize) -> usize {
        self.chars[from.min(self.chars.len())..].iter().take_while(|char| char.value.is_ascii_digit()).count()
    }

    fn text(&self, from: usize, to: usize) -> String {
        self.chars[from..to].iter().map(|char| char.value).collect()
    }

    fn push(&mut self, kind: Kind, from: usize, to: usize) {
        let span = Span { start: self.chars[from].start, end: self.chars[to - 1].end };
        let kept = to.min(from + MAX_WORD_CHARS);
        let text = self.text(from, kept);
        let key = without_marks(&text);
        let is_glued = from > 0 && !self.chars[from - 1].value.is_whitespace();
        let written = self.source[span.start..self.chars[kept - 1].end].iter().collect();
        self.tokens.push(Token { kind, text, key, written, span, is_glued });
        self.at = to;
    }

    fn step(&mut self) {
        let Some(value) = self.peek(0) else { return };
        if value == '\n' {
            self.push(Kind::Newline, self.at, self.at + 1);
        } else if value.is_whitespace() {
            self.at += 1;
        } else if self.link() {
        } else if let Some(to) = self.international(self.at) {
            self.push(Kind::Phone, self.at, to);
        } else if value.is_ascii_digit() {
            self.number();
        } else if value.is_alphanumeric() {
            self.word();
        } else if self.is_article() {
            self.push(Kind::Word, self.at, self.at + 2);
        } else {
            self.push(Kind::Mark(value), self.at, self.at + 1);
        }
    }

    /// "'n" is how Afrikaans writes "a".
    fn is_article(&self) -> bool {
        let is_apart = self.at == 0 || self.chars[self.at - 1].value.is_whitespace();
        is_apart
            && self.peek(0) == Some('\'')
            && self.peek(1) == Some('n')
            && self.peek(2).is_some_and(char::is_whitespace)
    }

    /// `http://...` and `www....` up to the next space or closing bracket.
    fn link(&mut self) -> bool {
        let is_link = ["http://", "https://", "www."]
            .iter()
            .any(|head| head.chars().enumerate().all(|(ahead, value)| self.peek(ahead) == Some(value)));
        if is_link {
            let length = self.chars[self.at..]
                .iter()
                .take_while(|char| !char.value.is_whitespace() && !matches!(char.value, ')' | ']' | '>' | '"'))
                .count();
            self.push(Kind::Link, self.at, self.at + length);
        }
        is_link
    }

    fn number(&mut self) {
        let from = self.at;
        let (value, to) = self.decimal_at(from);
        let run = self.digits_from(from);
        if run == to - from {
            if let Some(kind) = self.long_digits(from, run) {
                return self.push(kind, from, from + run);
            }
            if let Some(to) = self.spaced_phone(from, run) {
                return self.push(Kind::Phone, from, to);
            }
            if self.clock(from, run) || self.slashed(from, run) || self.times(from, run, value) {
                return;
            }
        }
        // "3-in-1": a name, and no number.
        let joins = to + "-in-".len();
        if self.text(to, joins.min(self.chars.len())) == "-in-" && self.digits_from(joins) > 0 {
            return self.word_from(from, joins + self.digits_from(joins));
        }
        let letters = self.letters_from(to);
        if letters == 0 {
            return self.spaced(from, to, value);
        }
        let suffix = self.text(to, to + letters);
        let end = to + letters;
        let is_code = self.digits_from(end) > 0 || self.chars.get(end).is_some_and(|char| char.value == '\'');
        match suffix.as_str() {
            "x" if !is_code || self.size_follows(end) => {
                self.push(Kind::Number(value), from, to);
                self.push(Kind::Mark('x'), to, end);
            }
            // A thumb that meant zero: "1o", "2oo".
            zeros if !is_code && run == to - from && zeros.chars().all(|letter| letter == 'o') => {
                let text = self.text(from, end).replace('o', "0");
                let value = text.parse().unwrap_or(value);
                self.push(Kind::Number(value), from, end);
            }
            "am" | "pm" | "h" if !is_code && run <= 2 => {
                let hour = run_value(&self.text(from, to));
                let hour = if suffix == "pm" && hour < 12 { hour + 12 } else { hour };
                self.push(Kind::Clock(format!("{hour:02}:00")), from, end);
            }
            "st" | "nd" | "rd" | "th" if !is_code && run == to - from => {
                self.push(Kind::Ordinal(run_value(&self.text(from, to))), from, end);
            }
            "k" if !is_code => self.push(Kind::Number(value.saturating_mul(Decimal::ONE_THOUSAND)), from, end),
            unit if !is_code && GLUED_UNITS.contains(&unit) => {
                self.push(Kind::Size(value, unit.to_owned()), from, end);
            }
            _ => self.word_from(from, end),
        }
    }

    /// Reads `1200`, `1,200`, `1,200.50`, `1.5`, `1,5` from `from`: a comma before exactly three digits groups thousands,
    /// any other comma between digits is a decimal comma, as South Africa writes it.
    fn decimal_at(&self, from: usize) -> (Decimal, usize) {
        let at = |index: usize| self.chars.get(index).map(|char| char.value);
        let mut digits = String::new();
        let run = self.digits_from(from);
        digits.push_str(&self.text(from, from + run));
        let mut to = from + run;
        let mut is_grouped = false;
        while run <= 3
            && at(to) == Some(',')
            && self.digits_from(to + 1) == 3
            && (is_grouped || !digits.starts_with('0'))
        {
            digits.push_str(&self.text(to + 1, to + 4));
            to += 4;
            is_grouped = true;
        }
        let is_point = at(to) == Some('.') || (!is_grouped && at(to) == Some(','));
        let fraction = self.digits_from(to + 1);
        if is_point && fraction > 0 && at(to + 1 + fraction) != Some('.') {
            digits.push('.');
            digits.push_str(&self.text(to + 1, to + 1 + fraction));
            to += 1 + fraction;
        }
        // More digits than a decimal holds cannot be a quantity; the cap turns it into a question later on.
        (digits.parse().unwrap_or(Decimal::MAX), to)
    }

    fn letters_from(&self, from: usize) -> usize {
        self.chars[from..].iter().take_while(|char| char.value.is_alphabetic()).count()
    }

    /// Barcodes and phone numbers.
    fn long_digits(&self, from: usize, run: usize) -> Option<Kind> {
        let is_bare = self.letters_from(from + run) == 0;
        let starts_zero = self.chars[from].value == '0';
        if !is_bare {
            None
        } else if (run == 10 && starts_zero)
            || (run == 11 && self.text(from, from + 2) == "27")
            || (run == 13 && self.text(from, from + 4) == "0027")
            || (run == 9 && matches!(self.chars[from].value, '6'..='8'))
        {
            // Of nine digits the first nought was left out: nobody keeps so many of anything.
            Some(Kind::Phone)
        } else if matches!(run, 8 | 12..=14) {
            Some(Kind::Barcode)
        } else {
            None
        }
    }

    /// `073 555 0192`, `073 5550192`: the end of a number that people write in groups.
    fn spaced_phone(&self, from: usize, run: usize) -> Option<usize> {
        let (groups, to) = self.digit_groups(from);
        let is_phone = run == 3 && self.chars[from].value == '0' && matches!(groups.as_slice(), [3, 3, 4] | [3, 7]);
        is_phone.then_some(to)
    }

    /// `+27 82 123 4567`, `+27821234567`: the end of a number in international form.
    fn international(&self, from: usize) -> Option<usize> {
        let first = from + 1;
        if self.chars[from].value != '+' || self.chars.get(first).is_none_or(|char| char.value == '0') {
            return None;
        }
        let (groups, to) = self.digit_groups(first);
        // "+12 24" are amounts.
        let is_grouped = groups.len() == 1 || (groups.len() > 2 && groups.iter().all(|group| (2..=4).contains(group)));
        (is_grouped && (10..=13).contains(&groups.iter().sum::<usize>())).then_some(to)
    }

    /// Digits in groups with one space or hyphen between them, and where they end; no letter may follow.
    fn digit_groups(&self, from: usize) -> (Vec<usize>, usize) {
        let is_gap = |at: usize| self.chars.get(at).is_some_and(|char| matches!(char.value, ' ' | '-'));
        let mut groups = vec![self.digits_from(from)];
        let mut to = from + groups[0];
        while is_gap(to) && self.digits_from(to + 1) > 0 {
            groups.push(self.digits_from(to + 1));
            to += 1 + groups[groups.len() - 1];
        }
        if self.letters_from(to.min(self.chars.len())) > 0 {
            groups.clear();
        }
        (groups, to)
    }

    fn clock(&mut self, from: usize, run: usize) -> bool {
        let minutes = from + run + 1;
        let separator = self.chars.get(from + run).map(|char| char.value);
        let is_clock = run <= 2
            && self.digits_from(minutes) == 2
            && (separator == Some(':') || (separator == Some('h') && self.letters_from(minutes + 2) == 0));
        if is_clock && run_value(&self.text(from, from + run)) < 24 && run_value(&self.text(minutes, minutes + 2)) < 60
        {
            let time = format!("{:0>2}:{}", self.text(from, from + run), self.text(minutes, minutes + 2));
            self.push(Kind::Clock(time), from, minutes + 2);
            return true;
        }
        false
    }

    fn slashed(&mut self, from: usize, run: usize) -> bool {
        let below = from + run + 1;
        let length = self.digits_from(below);
        let is_slashed =
            self.chars.get(from + run).is_some_and(|char| char.value == '/') && run <= 2 && (1..=2).contains(&length);
        if is_slashed {
            let upper = run_value(&self.text(from, from + run));
            let lower = run_value(&self.text(below, below + length));
            self.push(Kind::Slashed(upper, lower), from, below + length);
        }
        is_slashed
    }

    /// `12x500ml`: so many of a size.
    fn size_follows(&self, from: usize) -> bool {
        let digits = self.digits_from(from);
        let letters = self.letters_from(from + digits);
        let unit = self.text(from + digits, from + digits + letters);
        digits > 0 && matches!(unit.as_str(), "ml" | "l" | "g" | "kg" | "lt" | "ltr")
    }

    /// `2x6` in one word; `2 x 6` is left to the line grammar.
    fn times(&mut self, from: usize, run: usize, value: Decimal) -> bool {
        let second = from + run + 1;
        let length = self.digits_from(second);
        let is_times = self.chars.get(from + run).is_some_and(|char| matches!(char.value, 'x' | '*'))
            && length > 0
            && self.letters_from(second + length) == 0;
        if is_times {
            let (other, to) = self.decimal_at(second);
            self.push(Kind::Times(value, other), from, to);
        }
        is_times
    }

    /// A number, or `1 000`: a space before exactly three digits is how South Africa writes thousands. `000` leaves no
    /// doubt; anything else could be two numbers, and the line grammar asks.
    fn spaced(&mut self, from: usize, to: usize, value: Decimal) {
        let run = to - from;
        let group = to + 1;
        let is_group = run <= 3
            && self.digits_from(from) == run
            && self.chars.get(to).is_some_and(|char| char.value == ' ')
            && self.digits_from(group) == 3
            && self.letters_from(group + 3) == 0
            && !self.chars[from..to].iter().all(|char| char.value == '0');
        if !is_group {
            return self.push(Kind::Number(value), from, to);
        }
        let text = self.text(group, group + 3);
        let other: Decimal = text.parse().unwrap_or_default();
        if text == "000" || self.last_is_money() {
            let mut joined = value.saturating_mul(Decimal::ONE_THOUSAND).saturating_add(other);
            let mut end = group + 3;
            while self.chars.get(end).is_some_and(|char| char.value == ' ') && self.text_is_zeros(end + 1) {
                joined = joined.checked_mul(Decimal::from(1000)).unwrap_or(Decimal::MAX);
                end += 4;
            }
            return self.push(Kind::Number(joined), from, end);
        }
        self.push(Kind::Spaced(value, other), from, group + 3);
    }

    fn text_is_zeros(&self, from: usize) -> bool {
        self.digits_from(from) == 3 && self.text(from, from + 3) == "000"
    }

    fn last_is_money(&self) -> bool {
        self.tokens.last().is_some_and(|token| token.key == "r" || token.key == "zar")
    }

    fn word(&mut self) {
        let from = self.at;
        let letters = self.letters_from(from);
        let head = self.text(from, from + letters);
        // R19.99, R14, R5 600, and "R 14" with a space.
        if matches!(head.as_str(), "r" | "zar") {
            let gap = usize::from(self.chars.get(from + letters).is_some_and(|char| char.value == ' '));
            let digits = from + letters + gap;
            if self.digits_from(digits) > 0 {
                let (mut value, mut to) = self.decimal_at(digits);
                if self.chars.get(to).is_some_and(|char| char.value == ' ')
                    && to - digits <= 3
                    && self.digits_from(to + 1) == 3
                {
                    let group: Decimal = self.text(to + 1, to + 4).parse().unwrap_or_default();
                    value = value.saturating_mul(Decimal::ONE_THOUSAND).saturating_add(group);
                    to += 4;
                }
                if self.letters_from(to) == 0 || gap == 0 {
                    return self.push(Kind::Price(value), from, to);
                }
            }
        }
        // A thumb that meant one: "l0", "i5".
        if matches!(head.as_str(), "l" | "i") && self.digits_from(from + 1) > 0 {
            let digits = self.digits_from(from + 1);
            if self.letters_from(from + 1 + digits) == 0 {
                let value = format!("1{}", self.text(from + 1, from + 1 + digits)).parse().unwrap_or(Decimal::MAX);
                return self.push(Kind::Number(value), from, from + 1 + digits);
            }
        }
        if head == "x" && self.digits_from(from + 1) > 0 {
            return self.push(Kind::Mark('x'), from, from + 1);
        }
        if head == "x" && letters == 1 && self.peek(1).is_none_or(|next| !next.is_alphanumeric()) {
            return self.push(Kind::Mark('x'), from, from + 1);
        }
        self.word_from(from, from);
    }

    /// A word of letters and digits, with apostrophes and hyphens between letters.
    fn word_from(&mut self, from: usize, at_least: usize) {
        let mut to = at_least.max(from);
        while let Some(char) = self.chars.get(to) {
            let next = self.chars.get(to + 1).map(|char| char.value);
            let joins = matches!(char.value, '\'' | '-' | '&')
                && to > from
                && next.is_some_and(char::is_alphabetic)
                && self.chars[to - 1].value.is_alphanumeric();
            if char.value.is_alphanumeric() || is_mark(char.value) || joins {
                to += 1;
            } else {
                break;
            }
        }
        self.push(Kind::Word, from, to.max(from + 1));
    }
}

fn is_mark(value: char) -> bool {
    unicode_normalization::char::is_combining_mark(value)
}

fn run_value(digits: &str) -> u32 {
    digits.parse().unwrap_or(u32::MAX)
}
