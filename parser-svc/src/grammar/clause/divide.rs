//! A line of the message, cut into its parts, and parts that belong together joined.

use super::Part;
use crate::domain::Item;
use crate::grammar::lexicon::{Class, Verb};
use crate::grammar::tag::Lexeme;
use crate::grammar::token::Kind;

/// Cuts a line at commas, "and" and plus signs between lines.
pub(super) fn divide(lexemes: &[Lexeme]) -> Vec<Vec<Lexeme>> {
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
pub(super) fn split_at_verbs(lexemes: Vec<Lexeme>) -> Vec<Vec<Lexeme>> {
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

/// Joins "bread" and "12" of a pasted row "bread,12".
pub(super) fn join_csv(parts: &mut Vec<Part>) {
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

/// Joins "we counted the sugar" and "there are 18 bags": what was counted, and how much of it there is.
pub(super) fn join_counted(parts: &mut Vec<Part>) {
    let counts = |part: &Part| part.verb.as_ref().is_some_and(|verb| matches!(verb.verb, Verb::Count | Verb::Has));
    let mut index = 1;
    while index < parts.len() {
        let fits = counts(&parts[index - 1])
            && counts(&parts[index])
            && matches!(parts[index - 1].entries.as_slice(), [name] if name.is_bare_name())
            && matches!(parts[index].entries.as_slice(), [number] if number.is_bare_number());
        if fits {
            let name = parts.remove(index - 1);
            let part = &mut parts[index - 1];
            part.span = part.span.joined(name.span);
            part.verb = name.verb;
            part.entries[0].line.item = name.entries.into_iter().next().and_then(|entry| entry.line.item);
        } else {
            index += 1;
        }
    }
}

/// Gives "5 red" of "5 red and 3 blue pens" its pens.
pub(super) fn share_heads(parts: &mut [Part]) {
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
