//! Proto to domain: what is malformed is refused here with the path of its field, so that nothing re-checks later.

use platform::error::{Refusal, Situation};
use proto::common::v1 as common;
use proto::parser::v1 as pb;
use proto::parser::v1::action::Intent as PbIntent;
use proto::parser::v1::parse_message_request::Content;
use rust_decimal::Decimal;
use tonic::Status;

use crate::domain::{
    Act, Action, AddReason, CatalogueItem, Clarification, Context, CorrectTarget, Intent, Item, Line, Message,
    OpenQuestion, Price, PriceBasis, RemoveReason, SetReason, UndoTarget,
};
use crate::error::DOMAIN;
use crate::model::Media;

/// Longest text, in code points.
const MAX_TEXT_CHARS: usize = 4096;
/// Most items of a catalogue.
const MAX_CATALOGUE: usize = 200;
/// Largest voice note, photo or document.
const MAX_MEDIA_BYTES: usize = 16 * 1024 * 1024;

/// What is to be read.
pub struct Parsed {
    /// The text, or the caption of the media, with its context.
    pub message: Message,
    /// The media, when there is one.
    pub media: Option<Media>,
}

/// Collects what is wrong with a request.
#[derive(Default)]
struct Violations(Vec<(String, &'static str)>);

impl Violations {
    fn add(&mut self, field: impl Into<String>, description: &'static str) {
        self.0.push((field.into(), description));
    }
}

/// Reads a request, or says everything that is wrong with it.
pub fn parse(request: pb::ParseMessageRequest) -> Result<Parsed, Status> {
    let mut wrong = Violations::default();
    if request.shop_id.is_empty() {
        wrong.add("shop_id", "is required");
    }
    if request.catalogue.len() > MAX_CATALOGUE {
        wrong.add("catalogue", "may hold at most 200 items");
    }
    let (text, media) = match request.content {
        None => {
            wrong.add("content", "is required: text or media");
            (String::new(), None)
        }
        Some(Content::Text(text)) => (text, None),
        Some(Content::Media(media)) => {
            if media.content.is_empty() || media.content.len() > MAX_MEDIA_BYTES {
                wrong.add("media.content", "must hold 1 byte to 16 MiB");
            }
            if media.mime_type.is_empty() {
                wrong.add("media.mime_type", "is required");
            }
            let caption = media.caption;
            (caption, Some(Media { content: media.content, mime_type: media.mime_type }))
        }
    };
    if text.chars().count() > MAX_TEXT_CHARS {
        wrong.add(if media.is_some() { "media.caption" } else { "text" }, "may hold at most 4,096 code points");
    }
    let context = request.context.map(|context| read_context(context, &mut wrong)).unwrap_or_default();
    if !wrong.0.is_empty() {
        let refusal = Refusal::new(
            Situation::Malformed,
            DOMAIN,
            pb::ErrorReason::InvalidField.as_str_name(),
            "the request has fields that are missing or malformed",
        );
        return Err(wrong
            .0
            .into_iter()
            .fold(refusal, |refusal, (field, description)| refusal.violation(field, description))
            .into_status());
    }
    let catalogue = request.catalogue.into_iter().map(|item| CatalogueItem {
        name: item.name,
        aliases: item.aliases,
        units: item.units,
    });
    let message = Message { text, context, catalogue: catalogue.collect(), language: request.language_code };
    Ok(Parsed { message, media })
}

fn read_context(context: pb::Context, wrong: &mut Violations) -> Context {
    let mut actions = |field: &str, list: Vec<pb::Action>| -> Vec<Action> {
        list.into_iter()
            .enumerate()
            .map(|(index, action)| read_action(action, &format!("context.{field}[{index}]"), wrong))
            .collect()
    };
    let last = actions("last_actions", context.last_actions);
    let quoted = actions("quoted_actions", context.quoted_actions);
    let open_question = context.open_question.map(|question| OpenQuestion {
        asks: clarification(question.asks()),
        drafts: actions("open_question.drafts", question.drafts),
        options: question.options,
    });
    Context {
        last,
        quoted,
        open_question,
        counting: context.counting,
        previous_text: context.previous_text,
        booked_documents: context.booked_documents,
    }
}

fn read_action(action: pb::Action, path: &str, wrong: &mut Violations) -> Action {
    let clarification = clarification(action.clarification());
    let mut number = |value: Option<common::Decimal>, field: &str| read_decimal(value, path, field, wrong);
    let mut line = |line: Option<pb::StockLine>| read_line(line.unwrap_or_default(), &mut number);
    let intent = match action.intent {
        Some(PbIntent::Add(add)) => {
            let reason = if add.reason() == pb::AddReason::Return { AddReason::Return } else { AddReason::Receipt };
            Intent::Add { line: line(add.line), reason }
        }
        Some(PbIntent::Remove(remove)) => {
            let reason = remove_reason(remove.reason());
            Intent::Remove { line: line(remove.line), reason, all: remove.all }
        }
        Some(PbIntent::SetStock(set)) => {
            let reason = match set.reason() {
                pb::SetReason::Opening => SetReason::Opening,
                pb::SetReason::Sale => SetReason::Sale,
                pb::SetReason::Unspecified | pb::SetReason::Count => SetReason::Count,
            };
            Intent::SetStock { line: line(set.line), reason }
        }
        Some(PbIntent::Correct(correct)) => {
            let target = match correct.target() {
                pb::CorrectTarget::Reply => CorrectTarget::Reply,
                pb::CorrectTarget::Item => CorrectTarget::Item,
                pb::CorrectTarget::Line => CorrectTarget::Line(u32::try_from(correct.line_number).unwrap_or_default()),
                pb::CorrectTarget::Unspecified | pb::CorrectTarget::Last => CorrectTarget::Last,
            };
            Intent::Correct { line: line(correct.line), target }
        }
        Some(PbIntent::Transfer(transfer)) => {
            Intent::Transfer { line: line(transfer.line), to_location: transfer.to_location }
        }
        Some(PbIntent::Threshold(threshold)) => Intent::Threshold { line: line(threshold.line), off: threshold.off },
        Some(PbIntent::Unknown(unknown)) => {
            let act = (unknown.act() == pb::Act::None).then_some(Act::None);
            Intent::Unknown { act, line: line(unknown.line), topic: unknown.topic, shop: unknown.shop }
        }
        Some(PbIntent::Undo(_)) => Intent::Undo(UndoTarget::Last),
        // The other intents leave nothing behind that a later message could speak of.
        _ => Intent::default(),
    };
    Action { clarification, confirm: action.confirm, options: action.options, ..Action::new(intent) }
}

fn read_line(line: pb::StockLine, number: &mut impl FnMut(Option<common::Decimal>, &str) -> Option<Decimal>) -> Line {
    let price = line.price.and_then(|price| {
        let basis = match price.basis() {
            pb::PriceBasis::Unspecified => None,
            pb::PriceBasis::Each => Some(PriceBasis::Each),
            pb::PriceBasis::Total => Some(PriceBasis::Total),
            pb::PriceBasis::Unit => Some(PriceBasis::Unit),
        };
        let amount = number(price.money?.amount, "line.price.money.amount")?;
        Some(Price { amount, basis })
    });
    Line {
        item: line.item.map(|item| Item {
            name: item.name,
            english_name: item.english_name,
            barcode: item.barcode,
            everything: item.everything,
            said: item.said,
        }),
        quantity: number(line.quantity, "line.quantity"),
        unit: line.unit,
        pack_size: number(line.pack_size, "line.pack_size"),
        price,
        party: line.party,
        when: line.when.map(|when| when.phrase),
        location: line.location,
        credit: line.credit,
        approximate: line.approximate,
        quantity_after: number(line.quantity_after, "line.quantity_after"),
        document_number: line.document_number,
        payment: line.payment,
    }
}

fn read_decimal(value: Option<common::Decimal>, path: &str, field: &str, wrong: &mut Violations) -> Option<Decimal> {
    let value = value?;
    let parsed = value.value.parse().ok();
    if parsed.is_none() {
        wrong.add(format!("{path}.{field}"), "must be a decimal number");
    }
    parsed
}

fn remove_reason(reason: pb::RemoveReason) -> Option<RemoveReason> {
    Some(match reason {
        pb::RemoveReason::Unspecified => return None,
        pb::RemoveReason::Sale => RemoveReason::Sale,
        pb::RemoveReason::Waste => RemoveReason::Waste,
        pb::RemoveReason::Theft => RemoveReason::Theft,
        pb::RemoveReason::OwnUse => RemoveReason::OwnUse,
        pb::RemoveReason::Gift => RemoveReason::Gift,
        pb::RemoveReason::Return => RemoveReason::Return,
    })
}

fn clarification(asks: pb::Clarification) -> Option<Clarification> {
    Some(match asks {
        pb::Clarification::Unspecified => return None,
        pb::Clarification::Item => Clarification::Item,
        pb::Clarification::Quantity => Clarification::Quantity,
        pb::Clarification::Direction => Clarification::Direction,
        pb::Clarification::WhichNumber => Clarification::WhichNumber,
        pb::Clarification::PackSize => Clarification::PackSize,
        pb::Clarification::Unit => Clarification::Unit,
        pb::Clarification::PriceBasis => Clarification::PriceBasis,
        pb::Clarification::SignOrDash => Clarification::SignOrDash,
        pb::Clarification::ZeroOrCancel => Clarification::ZeroOrCancel,
        pb::Clarification::Repeat => Clarification::Repeat,
        pb::Clarification::AlreadyRecorded => Clarification::AlreadyRecorded,
        pb::Clarification::WholeUnits => Clarification::WholeUnits,
        pb::Clarification::DateOrder => Clarification::DateOrder,
        pb::Clarification::RequestOrAdd => Clarification::RequestOrAdd,
        pb::Clarification::TooLong => Clarification::TooLong,
        pb::Clarification::Attachment => Clarification::Attachment,
    })
}
