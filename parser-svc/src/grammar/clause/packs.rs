//! How many pieces a pack holds, said beside the line: "2 boxes razor blades, 50 in a box".

use std::ops::Range;

use rust_decimal::Decimal;

use crate::grammar::lexicon::Class;
use crate::grammar::tag::Lexeme;
use crate::grammar::token::Kind;

/// "50 in a box": where it stands, how many, and in what.
struct Packing {
    range: Range<usize>,
    size: Decimal,
    unit: String,
}

/// Puts a pack's size to the pack it belongs to, if the line names one.
pub(super) fn attached(mut lexemes: Vec<Lexeme>) -> Vec<Lexeme> {
    let Some(packing) = find(&lexemes) else { return lexemes };
    let is_pack = |at: usize| {
        lexemes[at].unit.as_deref() == Some(packing.unit.as_str())
            && at > 0
            && (lexemes[at - 1].number().is_some() || lexemes[at - 1].has(Class::Article))
    };
    let Some(pack) = (0..packing.range.start).find(|at| is_pack(*at)) else { return lexemes };
    let mut size = lexemes[packing.range.start].clone();
    size.kind = Kind::Size(packing.size, "pack".to_owned());
    let mut range = packing.range;
    let is_bracket =
        |lexeme: &Lexeme| matches!(lexeme.kind, Kind::Mark(',' | '(' | '-' | ';')) || lexeme.has(Class::With);
    while range.start > pack + 1 && is_bracket(&lexemes[range.start - 1]) {
        range.start -= 1;
    }
    if lexemes.get(range.end).is_some_and(|next| next.is_mark(')')) {
        range.end += 1;
    }
    lexemes.drain(range);
    lexemes.insert(pack + 1, size);
    lexemes
}

/// "there are 6 in a case of coke": tells about packs and moves nothing.
pub(super) fn only_describe(lexemes: &[Lexeme]) -> bool {
    let numbers = lexemes.iter().filter(|lexeme| lexeme.number().is_some()).count();
    numbers == 1 && find(lexemes).is_some()
}

fn find(lexemes: &[Lexeme]) -> Option<Packing> {
    (0..lexemes.len()).find_map(|at| {
        let size = lexemes[at].number()?;
        let joins = |lexeme: &Lexeme| lexeme.has(Class::ComeIn) || lexeme.has(Class::Per);
        let link = lexemes.get(at + 1).filter(|next| joins(next))?;
        let after = at + 2;
        let is_article = |lexeme: &Lexeme| {
            [Class::Article, Class::Each, Class::Determiner].into_iter().any(|class| lexeme.has(class))
        };
        let has_article = lexemes.get(after).is_some_and(is_article);
        // "5 in box" may be five that came in; "50 per box" is plain.
        let to = if has_article { after + 1 } else { after };
        let unit = lexemes.get(to).filter(|_| has_article || link.has(Class::Per))?.unit.clone()?;
        Some(Packing { range: at..to + 1, size, unit })
    })
}
