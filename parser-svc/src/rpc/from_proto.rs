//! Proto to domain: what is malformed is refused here with the path of its field, so that nothing re-checks later.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use platform::error::{Refusal, Situation};
use proto::common::v1 as common;
use proto::parser::v1 as pb;
use proto::parser::v1::action::Intent as PbIntent;
use proto::parser::v1::parse_message_request::Content;
use rust_decimal::Decimal;
use tonic::Status;

use crate::domain::{
    Act, Action, AddReason, CatalogueItem, Channel, Clarification, Context, CorrectTarget, Event, Intent, Item, Line,
    Message, OpenQuestion, Price, PriceBasis, RemoveReason, SetReason, UndoTarget,
};
use crate::error::DOMAIN;
use crate::media::{MAX_BYTES, Media, Refused};

/// Longest text, in code points.
const MAX_TEXT_CHARS: usize = 4096;
/// Most items of a catalogue.
const MAX_CATALOGUE: usize = 200;

/// The zone of a shop that tells none.
const DEFAULT_TIME_ZONE: &str = "Africa/Johannesburg";

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

    fn into_result(self) -> Result<(), Status> {
        if self.0.is_empty() {
            return Ok(());
        }
        let refusal = Refusal::new(
            Situation::Malformed,
            DOMAIN,
            pb::ErrorReason::InvalidField.as_str_name(),
            "the request has fields that are missing or malformed",
        );
        let all =
            self.0.into_iter().fold(refusal, |refusal, (field, description)| refusal.violation(field, description));
        Err(all.into_status())
    }
}

/// Reads a request, or says everything that is wrong with it.
pub fn parse(request: pb::ParseMessageRequest) -> Result<Parsed, Status> {
    let mut wrong = Violations::default();
    if request.shop_id.is_empty() {
        wrong.add("shop_id", "is required");
    }
    let channel = channel(request.channel());
    let day = day_in_shop(request.send_time, &request.time_zone, &mut wrong);
    let mut event = Event::None;
    let (text, media) = match request.content {
        None => {
            wrong.add("content", "is required: text, media, or what became of a message");
            (String::new(), None)
        }
        Some(Content::Text(text)) => (text, None),
        Some(Content::DeletedMessage(deleted)) => {
            read_actions("deleted_message.actions", deleted.actions, &mut wrong);
            event = Event::Deleted;
            (String::new(), None)
        }
        Some(Content::EditedMessage(edited)) => {
            event = Event::Edited(read_actions("edited_message.actions", edited.actions, &mut wrong));
            (edited.text, None)
        }
        Some(Content::Media(media)) => {
            let read = Media::whole(&media.mime_type, &media.file_name, &media.content);
            let read = read.map_err(|refused| refuse(refused, "media.mime_type", "media.content", &mut wrong));
            (media.caption, read.ok())
        }
    };
    let field = if media.is_some() { "media.caption" } else { "text" };
    let message = message(text, field, request.language_code, request.context, request.catalogue, &mut wrong);
    wrong.into_result()?;
    Ok(Parsed { message: Message { channel, event, day, ..message }, media })
}

/// Reads what stands before the bytes of a voice note, photo or document.
pub fn media_message(request: pb::MediaMessage) -> Result<Message, Status> {
    let mut wrong = Violations::default();
    if request.shop_id.is_empty() {
        wrong.add("message.shop_id", "is required");
    }
    let day = day_in_shop(request.send_time, &request.time_zone, &mut wrong);
    let (language, catalogue) = (request.language_code, request.catalogue);
    let message = message(request.caption, "message.caption", language, request.context, catalogue, &mut wrong);
    wrong.into_result()?;
    Ok(Message { day, ..message })
}

/// Says why the bytes of a stream are not taken.
pub fn refused_stream(refused: Refused) -> Status {
    let mut wrong = Violations::default();
    refuse(refused, "message.mime_type", "chunk", &mut wrong);
    wrong.into_result().err().unwrap_or_else(|| Status::internal("a refusal names its field"))
}

/// Says that a part of a stream is not where or what it should be.
pub fn wrong_part(field: &'static str, description: &'static str) -> Status {
    let mut wrong = Violations::default();
    wrong.add(field, description);
    wrong.into_result().err().unwrap_or_else(|| Status::internal("a violation names its field"))
}

fn refuse(refused: Refused, kind_field: &str, bytes_field: &str, wrong: &mut Violations) {
    let (field, description) = match refused {
        Refused::Empty => (bytes_field, "must hold at least one byte"),
        Refused::TooLarge { most: MAX_BYTES } => (bytes_field, "may hold at most 16 MiB"),
        Refused::TooLarge { .. } => (bytes_field, "holds more than its kind may: 5 MiB a photo, 1 MiB a table"),
        Refused::Unknown => (kind_field, "is of no kind that can be read, and neither are the bytes"),
    };
    wrong.add(field, description);
}

fn message(
    text: String,
    field: &str,
    language: String,
    context: Option<pb::Context>,
    catalogue: Vec<pb::CatalogueItem>,
    wrong: &mut Violations,
) -> Message {
    if catalogue.len() > MAX_CATALOGUE {
        wrong.add("catalogue", "may hold at most 200 items");
    }
    if text.chars().count() > MAX_TEXT_CHARS {
        wrong.add(field, "may hold at most 4,096 code points");
    }
    let context = context.map(|context| read_context(context, wrong)).unwrap_or_default();
    let mut item = |(index, item): (usize, pb::CatalogueItem)| CatalogueItem {
        on_hand: read_decimal(item.on_hand, &format!("catalogue[{index}]"), "on_hand", wrong),
        name: item.name,
        aliases: item.aliases,
        units: item.units,
    };
    let catalogue = catalogue.into_iter().enumerate().map(&mut item).collect();
    Message { text, context, catalogue, language, ..Message::default() }
}

fn channel(channel: pb::Channel) -> Channel {
    match channel {
        pb::Channel::Unspecified => Channel::Typed,
        pb::Channel::Voice => Channel::Voice,
        pb::Channel::Photo => Channel::Photo,
    }
}

/// The day on which something was sent, as the shop's wall calendar has it.
fn day_in_shop(time: Option<prost_types::Timestamp>, zone: &str, wrong: &mut Violations) -> Option<Date> {
    let time = time?;
    let Ok(instant) = Timestamp::new(time.seconds, time.nanos) else {
        wrong.add("send_time", "is no time");
        return None;
    };
    let zone = if zone.is_empty() { DEFAULT_TIME_ZONE } else { zone };
    let Ok(zone) = TimeZone::get(zone) else {
        wrong.add("time_zone", "must be an IANA name");
        return None;
    };
    Some(instant.to_zoned(zone).date())
}

fn read_actions(path: &str, list: Vec<pb::Action>, wrong: &mut Violations) -> Vec<Action> {
    list.into_iter()
        .enumerate()
        .map(|(index, action)| read_action(action, &format!("{path}[{index}]"), wrong))
        .collect()
}

fn read_context(context: pb::Context, wrong: &mut Violations) -> Context {
    let last = read_actions("context.last_actions", context.last_actions, wrong);
    let quoted = read_actions("context.quoted_actions", context.quoted_actions, wrong);
    let open_question = context.open_question.map(|question| OpenQuestion {
        asks: clarification(question.asks()),
        drafts: read_actions("context.open_question.drafts", question.drafts, wrong),
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
                pb::CorrectTarget::EditedMessage => CorrectTarget::EditedMessage,
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
