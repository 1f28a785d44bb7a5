//! People correct themselves while they write: "50 no wait 15", "3, sorry 4", "10 milk oh no its maas".

use super::lexicon::Class;
use super::tag::Lexeme;
use super::token::Kind;

/// Returns the line as it was meant, with what was taken back gone.
#[must_use]
pub fn repaired(mut lexemes: Vec<Lexeme>) -> Vec<Lexeme> {
    // "15 eggs not 50": what is contrasted was never meant.
    if let [before @ .., not, number] = lexemes.as_slice()
        && not.has(Class::Not)
        && number.number().is_some()
        && before.iter().any(|lexeme| lexeme.number().is_some())
        && !before.iter().any(|lexeme| lexeme.has(Class::Not))
    {
        lexemes.truncate(lexemes.len() - 2);
    }
    while let Some(at) = repair_at(&lexemes) {
        let mut to = at;
        while to < lexemes.len() && (is_repair(&lexemes[to]) || is_noise(&lexemes[to])) {
            to += 1;
        }
        let mut from = at;
        while from > 0 && (is_noise(&lexemes[from - 1])) {
            from -= 1;
        }
        let right_number = lexemes.get(to).and_then(Lexeme::number);
        let left_number = lexemes[..from].iter().rposition(|lexeme| lexeme.number().is_some());
        let right_end = lexemes[to..].iter().position(ends_line).map_or(lexemes.len(), |length| to + length);
        let right_has_name = lexemes[to..right_end].iter().any(Lexeme::is_open);
        match (left_number, right_number) {
            (Some(left), Some(_)) if right_has_name => {
                lexemes.drain(left..to);
            }
            (Some(left), Some(_)) => {
                lexemes[left].kind = lexemes[to].kind.clone();
                lexemes[left].span = lexemes[left].span.joined(lexemes[to].span);
                lexemes.drain(from..=to);
            }
            (Some(left), None) if right_has_name => {
                lexemes.drain(left + 1..to);
            }
            _ => {
                lexemes.drain(at..to);
            }
        }
    }
    lexemes
}

fn repair_at(lexemes: &[Lexeme]) -> Option<usize> {
    (1..lexemes.len()).find(|at| {
        let between_numbers = lexemes[*at].has(Class::No)
            && lexemes[at - 1].number().is_some()
            && lexemes.get(at + 1).is_some_and(|next| next.number().is_some());
        !lexemes[*at].is_catalogued && (lexemes[*at].has(Class::Repair) || between_numbers)
    })
}

fn is_repair(lexeme: &Lexeme) -> bool {
    lexeme.has(Class::Repair) || lexeme.has(Class::No)
}

fn is_noise(lexeme: &Lexeme) -> bool {
    matches!(lexeme.kind, Kind::Mark(',' | '.' | '-' | '!' | '?'))
        || (lexeme.has(Class::Filler) && lexeme.number().is_none())
}

fn ends_line(lexeme: &Lexeme) -> bool {
    matches!(lexeme.kind, Kind::Mark(',' | ';')) || lexeme.has(Class::And)
}
