//! A reader of "add 50 screws", "sold 3 bread", "undo", "help" and "slow", which it thinks about until it is let go.

use std::sync::Arc;

use proto::common::v1::Decimal;
use proto::parser::v1::action::Intent;
use proto::parser::v1::{self as pb, parse_message_request};
use tokio::sync::Notify;
use tonic::Status;

use super::Script;
use super::media::Readings;

/// The reader. Cheap to clone.
#[derive(Clone, Default)]
pub struct Parser {
    /// Ends its thinking.
    pub enough: Arc<Notify>,
    /// What it makes of files.
    pub readings: Readings,
}

impl Parser {
    pub async fn start(&self) -> String {
        let parser = self.clone();
        self.readings
            .on(Script::of("thebackroom.parser.v1.ParserService"))
            .on_slow("ParseMessage", move |request| {
                let parser = parser.clone();
                Box::pin(async move { parser.read(request).await })
            })
            .start()
            .await
    }

    async fn read(&self, request: pb::ParseMessageRequest) -> Result<pb::ParseMessageResponse, Status> {
        let Some(parse_message_request::Content::Text(text)) = request.content else {
            return Err(Status::invalid_argument("only text"));
        };
        // A grammar does not think.
        if text.starts_with("slow") && !request.grammar_only {
            self.enough.notified().await;
        }
        // "af: add 5 milk" is Afrikaans, and what begins with a colon is in no language that is known.
        let (language, text) = match text.split_once(": ") {
            Some((language, text)) if language.len() <= 2 => (language, text),
            _ => ("en", text.strip_prefix(": ").unwrap_or(&text)),
        };
        let context = request.context.unwrap_or_default();
        // "… unread" ends with words that nobody understands, and "budget" wants a model that has none left.
        let (text, uncovered) = match text.strip_suffix(" unread") {
            Some(text) => (text, vec![pb::TextSpan::default()]),
            None => (text, Vec::new()),
        };
        let outcome = match (text, request.grammar_only) {
            ("budget", true) => pb::ModelOutcome::NotAsked,
            ("budget", false) => pb::ModelOutcome::Budget,
            _ => pb::ModelOutcome::Unspecified,
        };
        let said = match text.strip_suffix(" and export") {
            Some(first) => vec![first, "export"],
            None => vec![text],
        };
        let read = |text: &str| of_talk(text, &context).unwrap_or_else(|| only(intent_of(text)));
        Ok(pb::ParseMessageResponse {
            actions: said.into_iter().map(read).collect(),
            language_code: language.to_owned(),
            uncovered,
            model_outcome: outcome as i32,
            ..pb::ParseMessageResponse::default()
        })
    }
}

fn only(intent: Intent) -> pb::Action {
    pb::Action { intent: Some(intent), ..pb::Action::default() }
}

/// Reads "its 6 in a case" as an answer while a case is asked about, else as six of something that is called "in a case".
fn of_case(number: &str, context: &pb::Context) -> pb::Action {
    let number = Some(Decimal { value: number.to_owned() });
    let draft = context.open_question.as_ref().and_then(|question| question.drafts.first()).cloned();
    if let Some(pb::Action { intent: Some(Intent::Remove(remove)), .. }) = draft {
        let line = remove.line.map(|line| pb::StockLine { pack_size: number, ..line });
        return only(Intent::Remove(pb::Remove { line, ..remove }));
    }
    let item = pb::ItemMention { said: "in a case".to_owned(), ..pb::ItemMention::default() };
    let line = pb::StockLine { item: Some(item), quantity: number, ..pb::StockLine::default() };
    only(Intent::Add(pb::Add { line: Some(line), reason: pb::AddReason::Receipt as i32 }))
}

/// Reads "no 40", "meant nails", "undo item nails", "undo 3", "redo", a number alone, "its 6 in a case", and "screws came
/// in", which wants a number before it.
fn of_talk(text: &str, context: &pb::Context) -> Option<pb::Action> {
    let words: Vec<&str> = text.split(' ').collect();
    let mention = |words: &[&str]| {
        let name = words.join(" ");
        Some(pb::ItemMention { said: name.clone(), name, ..pb::ItemMention::default() })
    };
    let number = |word: &str| word.parse::<i64>().is_ok().then(|| Decimal { value: word.to_owned() });
    let correct = |line| only(Intent::Correct(pb::Correct { line: Some(line), ..pb::Correct::default() }));
    let undo = |target: pb::UndoTarget, count, item| {
        only(Intent::Undo(pb::Undo { target: target as i32, count, item, line_number: 0 }))
    };
    let count =
        |step: pb::CountSessionStep| only(Intent::CountSession(pb::CountSession { step: step.into(), item: None }));
    Some(match words.as_slice() {
        ["start", "count"] => count(pb::CountSessionStep::Start),
        ["count", "done"] => count(pb::CountSessionStep::Close),
        [item, quantity] if context.counting && number(quantity).is_some() => {
            let line = pb::StockLine { item: mention(&[item]), quantity: number(quantity), ..pb::StockLine::default() };
            only(Intent::SetStock(pb::SetStock { line: Some(line), ..pb::SetStock::default() }))
        }
        ["no", quantity] => correct(pb::StockLine { quantity: number(quantity), ..pb::StockLine::default() }),
        ["meant", item @ ..] => correct(pb::StockLine { item: mention(item), ..pb::StockLine::default() }),
        ["undo", "item", item @ ..] => undo(pb::UndoTarget::Item, 0, mention(item)),
        ["undo", count] => undo(pb::UndoTarget::LastN, count.parse().ok()?, None),
        ["clear", "everything"] => {
            let item =
                pb::ItemMention { said: "everything".to_owned(), everything: true, ..pb::ItemMention::default() };
            let line = pb::StockLine { item: Some(item), ..pb::StockLine::default() };
            only(Intent::Remove(pb::Remove { line: Some(line), all: true, ..pb::Remove::default() }))
        }
        ["its", number, "in", "a", "case"] => of_case(number, context),
        ["redo"] => undo(pb::UndoTarget::LastUndo, 0, None),
        [quantity] if number(quantity).is_some() => {
            let line = pb::StockLine { quantity: number(quantity), ..pb::StockLine::default() };
            if context.quoted_actions.is_empty() {
                only(Intent::Unknown(pb::Unknown { line: Some(line), ..pb::Unknown::default() }))
            } else {
                correct(line)
            }
        }
        [item @ .., "came", "in"] => {
            let quantity = number(&context.previous_text);
            let clarification = if quantity.is_none() { pb::Clarification::Quantity as i32 } else { 0 };
            let line = pb::StockLine { item: mention(item), quantity, ..pb::StockLine::default() };
            let add = Intent::Add(pb::Add { line: Some(line), reason: pb::AddReason::Receipt as i32 });
            pb::Action { clarification, ..only(add) }
        }
        ["sold", quantity, "case", item @ ..] => {
            let line = pb::StockLine {
                item: mention(item),
                quantity: number(quantity),
                unit: "case".to_owned(),
                ..pb::StockLine::default()
            };
            let reason = pb::RemoveReason::Sale as i32;
            only(Intent::Remove(pb::Remove { line: Some(line), reason, ..pb::Remove::default() }))
        }
        _ => return None,
    })
}

fn intent_of(text: &str) -> Intent {
    let words: Vec<&str> = text.split(' ').collect();
    let line = || match words.as_slice() {
        [_, quantity, item @ ..] => Some(pb::StockLine {
            item: Some(pb::ItemMention { said: item.join(" "), ..pb::ItemMention::default() }),
            quantity: Some(Decimal { value: (*quantity).to_owned() }),
            ..pb::StockLine::default()
        }),
        _ => None,
    };
    match words.first().copied().unwrap_or_default() {
        "add" | "restock" => Intent::Add(pb::Add { line: line(), reason: pb::AddReason::Receipt as i32 }),
        "sold" => {
            let reason = pb::RemoveReason::Sale as i32;
            Intent::Remove(pb::Remove { line: line(), reason, ..pb::Remove::default() })
        }
        "undo" => Intent::Undo(pb::Undo { target: pb::UndoTarget::Last as i32, ..pb::Undo::default() }),
        "help" => Intent::Help(pb::Help::default()),
        _ => of_shop(&words).or_else(|| of_shelf(&words)).unwrap_or(Intent::Unknown(pb::Unknown::default())),
    }
}

/// Reads "low", "out", "warn 5 bread", "quiet bread", "rename a to b", "alias a is b", "archive a" and "history a".
fn of_shelf(words: &[&str]) -> Option<Intent> {
    let mention = |words: &[&str]| Some(pb::ItemMention { said: words.join(" "), ..pb::ItemMention::default() });
    let threshold = |words: &[&str], quantity: Option<&str>, off| {
        let quantity = quantity.map(|value| Decimal { value: value.to_owned() });
        let line = Some(pb::StockLine { item: mention(words), quantity, ..pb::StockLine::default() });
        Intent::Threshold(pb::Threshold { line, off })
    };
    let rename = |item: &[&str], name: &str, mode: pb::RenameMode| {
        Intent::Rename(pb::Rename { item: mention(item), new_name: name.to_owned(), mode: mode as i32 })
    };
    Some(match words {
        ["low"] => Intent::LowStock(pb::LowStock { out_only: false }),
        ["out"] => Intent::LowStock(pb::LowStock { out_only: true }),
        ["warn", number, item @ ..] if number.parse::<i64>().is_ok() => threshold(item, Some(number), false),
        ["warn", item @ ..] => threshold(item, None, false),
        ["quiet", item @ ..] => threshold(item, None, true),
        ["rename", item, "to", name] => rename(&[item], name, pb::RenameMode::Rename),
        ["alias", item, "is", name] => rename(&[item], name, pb::RenameMode::Alias),
        ["same", item, "as", name] => rename(&[item], name, pb::RenameMode::Merge),
        ["archive", item @ ..] => rename(item, "", pb::RenameMode::Archive),
        ["history", item @ ..] => Intent::Report(pb::Report {
            kind: pb::ReportKind::History as i32,
            item: mention(item),
            ..pb::Report::default()
        }),
        _ => return None,
    })
}

/// Reads "people", "join a", "leave a", "manager a", "report today", "sales today a", "worth", "why a" and "export".
fn of_shop(words: &[&str]) -> Option<Intent> {
    let mention = |words: &[&str]| Some(pb::ItemMention { said: words.join(" "), ..pb::ItemMention::default() });
    let report = |kind: pb::ReportKind, period: &str| {
        Intent::Report(pb::Report { kind: kind as i32, period: period.to_owned(), ..pb::Report::default() })
    };
    let export = |format: &str, period: &str, movements| {
        Intent::Report(pb::Report {
            kind: pb::ReportKind::Export as i32,
            format: format.to_owned(),
            period: period.to_owned(),
            movements,
            ..pb::Report::default()
        })
    };
    let member = |change: pb::MemberChange, name: &str, role: pb::MemberRole| {
        Intent::ChangeMember(pb::ChangeMember {
            change: change as i32,
            name: name.to_owned(),
            role: role as i32,
            ..pb::ChangeMember::default()
        })
    };
    Some(match words {
        ["people"] => member(pb::MemberChange::List, "", pb::MemberRole::Unspecified),
        ["join", name, phone] => Intent::ChangeMember(pb::ChangeMember {
            change: pb::MemberChange::Add as i32,
            name: (*name).to_owned(),
            phone_number: (*phone).to_owned(),
            ..pb::ChangeMember::default()
        }),
        ["join", name] => member(pb::MemberChange::Add, name, pb::MemberRole::Unspecified),
        ["manager", name @ ..] => member(pb::MemberChange::Role, &name.join(" "), pb::MemberRole::Manager),
        ["viewer", name] => member(pb::MemberChange::Role, name, pb::MemberRole::Viewer),
        ["leave", phone] if phone.starts_with('+') => Intent::ChangeMember(pb::ChangeMember {
            change: pb::MemberChange::Remove as i32,
            phone_number: (*phone).to_owned(),
            ..pb::ChangeMember::default()
        }),
        ["leave", name] => member(pb::MemberChange::Remove, name, pb::MemberRole::Unspecified),
        ["report", period] => report(pb::ReportKind::Summary, period),
        ["sales", period] => report(pb::ReportKind::Sales, period),
        ["sales", period, item @ ..] => {
            let kind = pb::ReportKind::Sales as i32;
            let period = (*period).to_owned();
            Intent::Report(pb::Report { kind, period, item: mention(item), ..pb::Report::default() })
        }
        ["worth"] => report(pb::ReportKind::Valuation, ""),
        ["why", item @ ..] => Intent::Report(pb::Report {
            kind: pb::ReportKind::History as i32,
            item: mention(item),
            why: true,
            ..pb::Report::default()
        }),
        ["export", format @ ("csv" | "xlsx")] => export(format, "", false),
        ["export", "movements", period] => export("", period, true),
        ["export"] => export("", "", false),
        ["history", "yesterday", item @ ..] => Intent::Report(pb::Report {
            kind: pb::ReportKind::History as i32,
            period: "yesterday".to_owned(),
            item: mention(item),
            ..pb::Report::default()
        }),
        _ => return None,
    })
}
