//! Domain to proto.

use proto::common::v1 as common;
use proto::parser::v1 as pb;
use proto::parser::v1::action::Intent as PbIntent;
use rust_decimal::Decimal;

use crate::domain::{
    Act, Action, AddReason, Clarification, CorrectTarget, CountSessionStep, Flag, GreetingKind, Intent, Item, Line,
    MemberChange, MemberRole, Paper, Price, PriceBasis, QueryField, RemoveReason, RenameMode, Report, ReportKind,
    SetReason, Span, UndoTarget,
};
use crate::model::Usage;

/// The currency of every shop so far; a shop with another one names it in its own record.
const CURRENCY: &str = "ZAR";

pub fn action(action: Action) -> pb::Action {
    pb::Action {
        intent: Some(intent(action.intent)),
        clarification: action.clarification.map_or(0, |asks| clarification(asks).into()),
        confirm: action.confirm,
        flags: action.flags.into_iter().map(|flag| pb_flag(flag).into()).collect(),
        numbers: action.numbers.into_iter().map(decimal).collect(),
        span: Some(span(action.span)),
        options: action.options,
        confidence_ppm: action.confidence_ppm,
    }
}

/// What the paper says of itself; nothing when it says nothing.
pub fn document(paper: Paper) -> Option<pb::Document> {
    (paper != Paper::default()).then(|| pb::Document {
        number: paper.number,
        supplier: paper.supplier,
        total: paper.total.map(money),
    })
}

pub fn usage(usage: Usage) -> pb::ModelUsage {
    pb::ModelUsage {
        model_version: usage.model_version,
        input_token_count: usage.input_token_count,
        output_token_count: usage.output_token_count,
        latency: prost_types::Duration::try_from(usage.latency).ok(),
        cost: usage.cost.map(dollars),
    }
}

/// Fractions of a cent count here.
fn dollars(amount: Decimal) -> common::Money {
    common::Money { amount: Some(decimal(amount)), currency_code: "USD".to_owned() }
}

pub fn span(span: Span) -> pb::TextSpan {
    // A text has at most 4,096 code points, so both fit.
    let position = |at: usize| i32::try_from(at).unwrap_or(i32::MAX);
    pb::TextSpan { start: position(span.start), end: position(span.end) }
}

pub fn decimal(value: Decimal) -> common::Decimal {
    common::Decimal { value: value.normalize().to_string() }
}

pub fn money(amount: Decimal) -> common::Money {
    // Money keeps its cents: 18.50, not 18.5.
    let mut amount = amount.normalize();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    common::Money { amount: Some(common::Decimal { value: amount.to_string() }), currency_code: CURRENCY.to_owned() }
}

fn intent(intent: Intent) -> PbIntent {
    match intent {
        Intent::Add { line, reason } => {
            let reason = match reason {
                AddReason::Receipt => pb::AddReason::Receipt,
                AddReason::Return => pb::AddReason::Return,
            };
            PbIntent::Add(pb::Add { line: Some(stock_line(line)), reason: reason.into() })
        }
        Intent::Remove { line, reason, all } => {
            let reason = reason.map_or(0, |reason| remove_reason(reason).into());
            PbIntent::Remove(pb::Remove { line: Some(stock_line(line)), reason, all })
        }
        Intent::SetStock { line, reason } => {
            let reason = match reason {
                SetReason::Count => pb::SetReason::Count,
                SetReason::Opening => pb::SetReason::Opening,
                SetReason::Sale => pb::SetReason::Sale,
            };
            PbIntent::SetStock(pb::SetStock { line: Some(stock_line(line)), reason: reason.into() })
        }
        Intent::Query { item, field, when, minus, check } => {
            let field = match field {
                QueryField::Stock => pb::QueryField::Stock,
                QueryField::Price => pb::QueryField::Price,
            };
            PbIntent::Query(pb::Query {
                item: Some(mention(item)),
                field: field.into(),
                when: when.map(pb_when),
                minus: minus.map(decimal),
                check: check.map(decimal),
            })
        }
        Intent::List => PbIntent::List(pb::List {}),
        Intent::Undo(target) => PbIntent::Undo(undo(target)),
        Intent::Correct { line, target } => PbIntent::Correct(correct(line, target)),
        Intent::Help { topic } => PbIntent::Help(pb::Help { topic }),
        Intent::Greeting(kind) => {
            let kind = match kind {
                GreetingKind::Hello => pb::GreetingKind::Hello,
                GreetingKind::Thanks => pb::GreetingKind::Thanks,
            };
            PbIntent::Greeting(pb::Greeting { kind: kind.into() })
        }
        Intent::Unknown { act, line, topic, shop } => {
            let choice =
                if let Some(Act::Select(choice)) = act { i32::try_from(choice).unwrap_or(i32::MAX) } else { 0 };
            PbIntent::Unknown(pb::Unknown {
                act: act.map_or(0, |act| pb_act(act).into()),
                document_number: line.document_number.clone(),
                line: (line != Line::default()).then(|| stock_line(line)),
                topic,
                shop,
                choice,
            })
        }
        Intent::LowStock { out_only } => PbIntent::LowStock(pb::LowStock { out_only }),
        Intent::Report(said) => PbIntent::Report(report(said)),
        Intent::Threshold { line, off } => PbIntent::Threshold(pb::Threshold { line: Some(stock_line(line)), off }),
        Intent::Rename { item, new_name, mode } => {
            let mode = match mode {
                RenameMode::Rename => pb::RenameMode::Rename,
                RenameMode::Alias => pb::RenameMode::Alias,
                RenameMode::Merge => pb::RenameMode::Merge,
                RenameMode::Archive => pb::RenameMode::Archive,
            };
            PbIntent::Rename(pb::Rename { item: Some(mention(item)), new_name, mode: mode.into() })
        }
        Intent::CountSession { step, item } => {
            let step = match step {
                CountSessionStep::Start => pb::CountSessionStep::Start,
                CountSessionStep::Close => pb::CountSessionStep::Close,
                CountSessionStep::Skip => pb::CountSessionStep::Skip,
                CountSessionStep::Cancel => pb::CountSessionStep::Cancel,
                CountSessionStep::Missing => pb::CountSessionStep::Missing,
            };
            PbIntent::CountSession(pb::CountSession { step: step.into(), item: item.map(mention) })
        }
        Intent::SetPrice { item, price } => {
            PbIntent::SetPrice(pb::SetPrice { item: Some(mention(item)), price: price.as_ref().map(pb_price) })
        }
        Intent::ChangeMember { change, name, phone_number, role } => {
            let change = match change {
                MemberChange::Add => pb::MemberChange::Add,
                MemberChange::Remove => pb::MemberChange::Remove,
                MemberChange::Role => pb::MemberChange::Role,
                MemberChange::List => pb::MemberChange::List,
            };
            let role = role.map_or(0, |role| member_role(role).into());
            PbIntent::ChangeMember(pb::ChangeMember { change: change.into(), name, phone_number, role })
        }
        Intent::Transfer { line, to_location } => {
            PbIntent::Transfer(pb::Transfer { line: Some(stock_line(line)), to_location })
        }
    }
}

fn undo(target: UndoTarget) -> pb::Undo {
    let count = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let mut undo = pb::Undo::default();
    let target = match target {
        UndoTarget::Last => pb::UndoTarget::Last,
        UndoTarget::LastN(number) => {
            undo.count = count(number);
            pb::UndoTarget::LastN
        }
        UndoTarget::Item(item) => {
            undo.item = Some(mention(item));
            pb::UndoTarget::Item
        }
        UndoTarget::Reply => pb::UndoTarget::Reply,
        UndoTarget::Line(number) => {
            undo.line_number = count(number);
            pb::UndoTarget::Line
        }
        UndoTarget::LastUndo => pb::UndoTarget::LastUndo,
        UndoTarget::DeletedMessage => pb::UndoTarget::DeletedMessage,
    };
    undo.target = target.into();
    undo
}

fn correct(line: Line, target: CorrectTarget) -> pb::Correct {
    let mut line_number = 0;
    let target = match target {
        CorrectTarget::Last => pb::CorrectTarget::Last,
        CorrectTarget::Reply => pb::CorrectTarget::Reply,
        CorrectTarget::Item => pb::CorrectTarget::Item,
        CorrectTarget::Line(number) => {
            line_number = i32::try_from(number).unwrap_or(i32::MAX);
            pb::CorrectTarget::Line
        }
        CorrectTarget::EditedMessage => pb::CorrectTarget::EditedMessage,
    };
    pb::Correct { line: Some(stock_line(line)), target: target.into(), line_number }
}

fn stock_line(line: Line) -> pb::StockLine {
    pb::StockLine {
        item: line.item.map(mention),
        quantity: line.quantity.map(decimal),
        unit: line.unit,
        pack_size: line.pack_size.map(decimal),
        price: line.price.as_ref().map(pb_price),
        party: line.party,
        when: line.when.map(pb_when),
        location: line.location,
        credit: line.credit,
        approximate: line.approximate,
        quantity_after: line.quantity_after.map(decimal),
        document_number: line.document_number,
        payment: line.payment,
    }
}

fn mention(item: Item) -> pb::ItemMention {
    pb::ItemMention {
        name: item.name,
        english_name: item.english_name,
        barcode: item.barcode,
        everything: item.everything,
        said: item.said,
    }
}

fn pb_price(price: &Price) -> pb::Price {
    let basis = price.basis.map_or(pb::PriceBasis::Unspecified, |basis| match basis {
        PriceBasis::Each => pb::PriceBasis::Each,
        PriceBasis::Total => pb::PriceBasis::Total,
        PriceBasis::Unit => pb::PriceBasis::Unit,
    });
    pb::Price { money: Some(money(price.amount)), basis: basis.into() }
}

fn pb_when(phrase: String) -> pb::When {
    pb::When { phrase }
}

fn remove_reason(reason: RemoveReason) -> pb::RemoveReason {
    match reason {
        RemoveReason::Sale => pb::RemoveReason::Sale,
        RemoveReason::Waste => pb::RemoveReason::Waste,
        RemoveReason::Theft => pb::RemoveReason::Theft,
        RemoveReason::OwnUse => pb::RemoveReason::OwnUse,
        RemoveReason::Gift => pb::RemoveReason::Gift,
        RemoveReason::Return => pb::RemoveReason::Return,
    }
}

fn report(said: Report) -> pb::Report {
    let Report { kind, period, item, format, why, movements } = said;
    pb::Report { kind: report_kind(kind).into(), period, item: item.map(mention), format, why, movements }
}

fn member_role(role: MemberRole) -> pb::MemberRole {
    match role {
        MemberRole::Owner => pb::MemberRole::Owner,
        MemberRole::Manager => pb::MemberRole::Manager,
        MemberRole::Clerk => pb::MemberRole::Clerk,
        MemberRole::Viewer => pb::MemberRole::Viewer,
    }
}

fn report_kind(kind: ReportKind) -> pb::ReportKind {
    match kind {
        ReportKind::Summary => pb::ReportKind::Summary,
        ReportKind::Sales => pb::ReportKind::Sales,
        ReportKind::Revenue => pb::ReportKind::Revenue,
        ReportKind::Profit => pb::ReportKind::Profit,
        ReportKind::Top => pb::ReportKind::Top,
        ReportKind::History => pb::ReportKind::History,
        ReportKind::Valuation => pb::ReportKind::Valuation,
        ReportKind::Export => pb::ReportKind::Export,
    }
}

fn pb_act(act: Act) -> pb::Act {
    match act {
        Act::None => pb::Act::None,
        Act::Affirm => pb::Act::Affirm,
        Act::Deny => pb::Act::Deny,
        Act::CancelPending => pb::Act::CancelPending,
        Act::Unsupported => pb::Act::Unsupported,
        Act::DuplicateDocument => pb::Act::DuplicateDocument,
        Act::SwitchShop => pb::Act::SwitchShop,
        Act::Select(_) => pb::Act::Select,
    }
}

fn pb_flag(flag: Flag) -> pb::Flag {
    match flag {
        Flag::Injection => pb::Flag::Injection,
        Flag::Link => pb::Flag::Link,
    }
}

fn clarification(asks: Clarification) -> pb::Clarification {
    match asks {
        Clarification::Item => pb::Clarification::Item,
        Clarification::Quantity => pb::Clarification::Quantity,
        Clarification::Direction => pb::Clarification::Direction,
        Clarification::WhichNumber => pb::Clarification::WhichNumber,
        Clarification::PackSize => pb::Clarification::PackSize,
        Clarification::Unit => pb::Clarification::Unit,
        Clarification::PriceBasis => pb::Clarification::PriceBasis,
        Clarification::SignOrDash => pb::Clarification::SignOrDash,
        Clarification::ZeroOrCancel => pb::Clarification::ZeroOrCancel,
        Clarification::Repeat => pb::Clarification::Repeat,
        Clarification::AlreadyRecorded => pb::Clarification::AlreadyRecorded,
        Clarification::WholeUnits => pb::Clarification::WholeUnits,
        Clarification::DateOrder => pb::Clarification::DateOrder,
        Clarification::RequestOrAdd => pb::Clarification::RequestOrAdd,
        Clarification::TooLong => pb::Clarification::TooLong,
        Clarification::Attachment => pb::Clarification::Attachment,
    }
}
