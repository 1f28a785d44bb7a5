//! Voice notes, photos and documents: from Meta through the messenger into the parser, a piece at a time, and from what was
//! heard or seen to a plan.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::Stream;
use jiff::SignedDuration;
use platform::error::{metadata_of, reason_of};
use proto::inventory::v1::ListStockRequest;
use proto::messenger::v1 as messages;
use proto::messenger::v1::get_media_response::Part as FilePart;
use proto::messenger::v1::{GetMediaRequest, GetMediaResponse};
use proto::parser::v1::parse_media_request::Part;
use proto::parser::v1::{
    Action, CatalogueItem, Clarification, MediaMessage, ModelOutcome, ParseMediaRequest, ParseMediaResponse,
};
use tokio::sync::OwnedSemaphorePermit;
use tonic::{Code, Status, Streaming};

use super::answer::{short_answer, take_words};
use super::context::{Context, gather};
use super::failure::Failure;
use super::inbound::Inbound;
use super::message::{Sender, member_id};
use super::read::{is_asked, understood};
use super::{Pipeline, typing};
use crate::conversation::{self, FileKind, FileSaying, Known, PaperDraft, Plan, Saying, Step, Talk};
use crate::webhook::{Media, MediaKind};

/// The hop that fetches a file.
const HOP_FETCH: &str = "get media";
/// The hop that reads it.
const HOP_READ: &str = "parse media";
/// When to look for a free place again.
const NO_PLACE: Duration = Duration::from_millis(500);
/// How long a person waits for a model that is busy, before hearing so. Their next messages wait behind it.
const MODEL_PATIENCE: SignedDuration = SignedDuration::from_secs(60);
/// How long a person waits for a file that cannot be fetched, or for whoever reads it. Their next messages wait behind it.
const READ_PATIENCE: SignedDuration = SignedDuration::from_mins(3);
/// Lines of a paper that can be shown at once.
const LINES_MAX: usize = 60;
/// Largest table that the parser unpacks.
const TABLE_MAX_BYTES: u64 = 1024 * 1024;
/// Names of items that help to hear and to read.
const CATALOGUE_MAX: i32 = 200;
const MIB: u64 = 1024 * 1024;

/// Why there is no reading.
enum Unread {
    /// The person is told this.
    Said(FileSaying),
    /// It is tried again, or given up.
    Failed(Failure),
}

impl From<Failure> for Unread {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Makes the plan for a file. The caller saves it before anything is done: a model asked twice may answer differently.
pub(super) async fn plan(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    file: &Media,
) -> Result<Plan, Failure> {
    let language = sender.member.language_code.clone();
    let say = |saying| Plan { language: language.clone(), steps: vec![Step::Say(saying)] };
    let (kind, asked) = match file.kind {
        MediaKind::Audio { .. } => (FileKind::Voice, messages::MediaKind::Audio),
        MediaKind::Image => (FileKind::Photo, messages::MediaKind::Image),
        MediaKind::Document => (FileKind::Document, messages::MediaKind::Document),
        MediaKind::Video | MediaKind::Sticker => return Ok(say(Saying::NoVideo)),
    };
    // Who finds no place comes back: waiting here would keep a worker from somebody else's text.
    let Ok(_place) = Arc::clone(&pipeline.services.media.places).try_acquire_owned() else {
        return Err(Failure::NotYet(NO_PLACE));
    };
    typing::show(pipeline, inbound);
    // What is said while a question is open may be its answer.
    let may_answer = kind == FileKind::Voice && !inbound.riders.is_forwarded;
    let context = if may_answer && is_asked(pipeline, inbound, member_id(sender)?).await? {
        Some(gather(pipeline, inbound, sender, None).await?)
    } else {
        None
    };
    let heard = match read(pipeline, inbound, sender, file, asked, context.as_ref()).await {
        Ok(heard) => heard,
        Err(Unread::Said(saying)) => return Ok(say(Saying::File(saying))),
        Err(Unread::Failed(failure)) => {
            let age = pipeline.clock.now().duration_since(inbound.received_at);
            return wait_for(failure, age).map(|()| say(Saying::File(FileSaying::Busy(kind))));
        }
    };
    let age = pipeline.clock.now().duration_since(inbound.received_at);
    if heard.model_outcome() == ModelOutcome::Budget {
        return Ok(say(Saying::Talk(Talk::PlainWordsOnly)));
    }
    if let Some(saying) = judge(&heard, kind, age)? {
        return Ok(say(Saying::File(saying)));
    }
    if kind == FileKind::Voice {
        from_voice(pipeline, inbound, sender, &heard, context.as_ref()).await
    } else {
        let known = Known { currency: sender.shop.currency_code.clone(), ..Known::default() };
        Ok(Plan { language: language_of(&heard, &language), steps: vec![from_paper(&heard, kind, &known)] })
    }
}

/// Lets a file be read again that failed for the moment; `Ok`: the person waited long enough. A parser that dies of a file
/// gets it six times at most.
fn wait_for(failure: Failure, age: SignedDuration) -> Result<(), Failure> {
    let Failure::Hop { hop: hop @ (HOP_FETCH | HOP_READ), status } = &failure else { return Err(failure) };
    let is_of_the_moment = matches!(
        status.code(),
        Code::Unavailable
            | Code::Aborted
            | Code::ResourceExhausted
            | Code::Cancelled
            | Code::DeadlineExceeded
            | Code::Unauthenticated
            | Code::PermissionDenied
            | Code::Unimplemented
            | Code::Unknown
            | Code::Internal
    );
    if !is_of_the_moment {
        return Err(failure);
    }
    tracing::warn!("{hop}: {:?}: {}", status.code(), status.message());
    let delay = (age * 2).max(SignedDuration::from_secs(1));
    if age + delay > READ_PATIENCE {
        return Ok(());
    }
    Err(Failure::NotYet(delay.unsigned_abs()))
}

/// Says why nothing can be planned, or lets it be tried again while the person may still wait.
fn judge(heard: &ParseMediaResponse, kind: FileKind, age: SignedDuration) -> Result<Option<FileSaying>, Failure> {
    let is_nothing = heard.transcript.trim().is_empty();
    Ok(match heard.model_outcome() {
        ModelOutcome::Used if is_nothing => Some(FileSaying::Nothing(kind)),
        // A table that cannot be unpacked.
        ModelOutcome::NotNeeded if is_nothing => Some(FileSaying::Unclear(kind)),
        ModelOutcome::Used | ModelOutcome::NotNeeded => None,
        // What the grammar made of the transcript stands, with a question before anything changes.
        ModelOutcome::Ungrounded if kind == FileKind::Voice && !is_nothing => None,
        ModelOutcome::NotConfigured => Some(FileSaying::NotConfigured(kind)),
        ModelOutcome::Unavailable | ModelOutcome::Quota => {
            let asked = heard.retry_delay.and_then(|delay| Duration::try_from(delay).ok());
            let delay = asked.unwrap_or(Duration::from_secs(5)).max(Duration::from_secs(1));
            let waited = age + SignedDuration::try_from(delay).unwrap_or(SignedDuration::MAX);
            if waited <= MODEL_PATIENCE {
                return Err(Failure::NotYet(delay));
            }
            Some(FileSaying::Busy(kind))
        }
        ModelOutcome::Budget | ModelOutcome::Misconfigured => Some(FileSaying::Busy(kind)),
        ModelOutcome::Blocked
        | ModelOutcome::Unusable
        | ModelOutcome::Ungrounded
        | ModelOutcome::NotAsked
        | ModelOutcome::Unspecified => Some(FileSaying::Unclear(kind)),
    })
}

async fn from_voice(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    heard: &ParseMediaResponse,
    context: Option<&Context>,
) -> Result<Plan, Failure> {
    let answer = match context {
        Some(context) => answered_by_voice(pipeline, inbound, sender, heard, context).await?,
        None => None,
    };
    let mut plan = if let Some(plan) = answer {
        plan
    } else {
        let (language, said) = (&heard.language_code, &heard.transcript);
        understood(pipeline, inbound, sender, &heard.actions, language, said, context).await?
    };
    let mut numbers = Vec::new();
    for number in heard.actions.iter().flat_map(conversation::numbers_of) {
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    let said = heard.transcript.clone();
    if inbound.riders.is_forwarded {
        plan = conversation::forwarded(plan);
    }
    plan.steps.insert(0, Step::Say(Saying::File(FileSaying::Heard { said, numbers })));
    Ok(plan)
}

/// Takes what was heard as the answer to the open question, if it is one.
async fn answered_by_voice(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    heard: &ParseMediaResponse,
    context: &Context,
) -> Result<Option<Plan>, Failure> {
    let Some((id, draft)) = &context.question else { return Ok(None) };
    let said = heard.transcript.as_str();
    if let Some(plan) = short_answer(pipeline, inbound, sender, said, Some(context)).await? {
        return Ok(Some(plan));
    }
    let taken = draft.asked.as_ref().and_then(|asked| asked.take(&heard.actions, draft.choices.len()));
    let Some(taken) = taken else { return Ok(None) };
    take_words(pipeline, inbound, sender, *id, draft, taken, said).await.map(Some)
}

fn from_paper(heard: &ParseMediaResponse, kind: FileKind, known: &Known) -> Step {
    let is_too_long = |action: &Action| action.clarification() == Clarification::TooLong;
    if heard.actions.iter().any(is_too_long) {
        return Step::Say(Saying::File(FileSaying::TooManyLines));
    }
    let draft = PaperDraft::read(&heard.actions, heard.document.as_ref(), known);
    match (draft.lines.is_empty(), draft.unread_count) {
        (false, _) if draft.lines.len() > LINES_MAX => Step::Say(Saying::File(FileSaying::TooManyLines)),
        (false, _) => Step::ShowPaper { draft },
        (true, 0) => Step::Say(Saying::File(FileSaying::Nothing(kind))),
        (true, _) => Step::Say(Saying::File(FileSaying::Unclear(kind))),
    }
}

fn language_of(heard: &ParseMediaResponse, known: &str) -> String {
    // The language of a paper is its printer's; the person's own is the one to answer in.
    if known.is_empty() { heard.language_code.clone() } else { known.to_owned() }
}

/// Pipes the bytes from the messenger into the parser. Nothing but the piece in hand is held here.
async fn read(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    file: &Media,
    kind: messages::MediaKind,
    context: Option<&Context>,
) -> Result<ParseMediaResponse, Unread> {
    let services = &pipeline.services.media;
    let catalogue = catalogue(pipeline, sender).await?;
    // Bytes in flight are bounded by how many flow at once; the time in which a model thinks costs no bytes.
    let flow = Arc::clone(&services.flows).acquire_owned().await.map_err(|_| Failure::NotYet(NO_PLACE))?;
    let request = GetMediaRequest {
        media_id: file.id.clone(),
        kind: kind.into(),
        sha256: file.sha256.clone(),
        business_phone_number_id: inbound.phone_number_id.clone(),
    };
    let mut bytes = services.messenger.clone().get_media(request).await.map_err(not_fetched)?.into_inner();
    let first = bytes.message().await.map_err(not_fetched)?.and_then(|part| part.part);
    let Some(FilePart::Description(description)) = first else {
        return Err(Failure::of(HOP_FETCH)(Status::internal("messenger-svc sent no description")).into());
    };
    let mime_type = if description.mime_type.is_empty() { file.mime_type.clone() } else { description.mime_type };
    let message = MediaMessage {
        shop_id: sender.shop.shop_id.clone(),
        mime_type,
        caption: file.caption.chars().take(4096).collect(),
        file_name: file.file_name.clone(),
        send_time: Some(prost_types::Timestamp { seconds: inbound.sent_at.as_second(), nanos: 0 }),
        time_zone: sender.shop.time_zone.clone(),
        language_code: sender.member.language_code.clone(),
        context: context.map(Context::wire),
        catalogue,
    };
    let length = Arc::new(AtomicU64::new(0));
    let fault = Arc::new(Mutex::new(None));
    let parts = pipe(message, bytes, flow, Arc::clone(&length), Arc::clone(&fault));
    let parsed = services.parser.clone().parse_media(parts).await;
    if let Some(status) = fault.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(not_fetched(status));
    }
    match parsed {
        Ok(response) => Ok(response.into_inner()),
        Err(status) if status.code() == Code::InvalidArgument => {
            let is_table_too_large =
                kind == messages::MediaKind::Document && length.load(Ordering::Relaxed) > TABLE_MAX_BYTES;
            Err(Unread::Said(if is_table_too_large {
                FileSaying::TooLarge { mebibytes: 1 }
            } else {
                FileSaying::UnknownKind
            }))
        }
        Err(status) => Err(Failure::of(HOP_READ)(status).into()),
    }
}

/// The request to the parser: what it is, then its bytes as they come. Gives `flow` back when the last one is handed over.
///
/// A file that breaks off ends with a part that says nothing, which the parser refuses: neither an end nor a cut stream is
/// told from a whole one there, and half of a voice note must not be read. `fault` says why.
fn pipe(
    message: MediaMessage,
    bytes: Streaming<GetMediaResponse>,
    flow: OwnedSemaphorePermit,
    length: Arc<AtomicU64>,
    fault: Arc<Mutex<Option<Status>>>,
) -> impl Stream<Item = ParseMediaRequest> + Send + 'static {
    enum State {
        Beginning(Box<MediaMessage>, Streaming<GetMediaResponse>, OwnedSemaphorePermit),
        Flowing(Streaming<GetMediaResponse>, OwnedSemaphorePermit),
        Broken,
    }
    let begin = State::Beginning(Box::new(message), bytes, flow);
    futures::stream::unfold(begin, move |state| {
        let (length, fault) = (Arc::clone(&length), Arc::clone(&fault));
        async move {
            let (mut bytes, flow) = match state {
                State::Beginning(message, bytes, flow) => {
                    let first = ParseMediaRequest { part: Some(Part::Message(message)) };
                    return Some((first, State::Flowing(bytes, flow)));
                }
                State::Flowing(bytes, flow) => (bytes, flow),
                State::Broken => return None,
            };
            let status = match bytes.message().await {
                Ok(Some(GetMediaResponse { part: Some(FilePart::Chunk(chunk)) })) => {
                    length.fetch_add(chunk.len() as u64, Ordering::Relaxed);
                    let next = ParseMediaRequest { part: Some(Part::Chunk(chunk)) };
                    return Some((next, State::Flowing(bytes, flow)));
                }
                Ok(None) => return None,
                Ok(Some(_)) => Status::internal("messenger-svc sent a part that is no piece of a file"),
                Err(status) => status,
            };
            *fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(status);
            Some((ParseMediaRequest { part: None }, State::Broken))
        }
    })
}

/// What the messenger's refusal means to the person.
fn not_fetched(status: Status) -> Unread {
    match reason_of(&status).as_deref() {
        Some("ERROR_REASON_MEDIA_GONE" | "ERROR_REASON_MEDIA_REFUSED") => Unread::Said(FileSaying::Gone),
        Some("ERROR_REASON_MEDIA_TOO_LARGE") => {
            let bytes =
                metadata_of(&status, "maxBytes").and_then(|bytes| bytes.parse::<u64>().ok()).unwrap_or(16 * MIB);
            Unread::Said(FileSaying::TooLarge { mebibytes: u32::try_from(bytes / MIB).unwrap_or(16).max(1) })
        }
        _ => Unread::Failed(Failure::of(HOP_FETCH)(status)),
    }
}

/// Returns names of the shop's items, so that they are heard as they are called here.
async fn catalogue(pipeline: &Pipeline, sender: &Sender) -> Result<Vec<CatalogueItem>, Failure> {
    let request =
        ListStockRequest { shop_id: sender.shop.shop_id.clone(), page_size: CATALOGUE_MAX, ..Default::default() };
    let response =
        pipeline.services.inventory.clone().list_stock(request).await.map_err(Failure::of("list stock"))?.into_inner();
    let names = response.stock_levels.into_iter().filter_map(|level| level.item).map(|item| item.display_name);
    Ok(names.map(|name| CatalogueItem { name, ..CatalogueItem::default() }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_waited_for_three_minutes_and_six_times_at_most() {
        for (hop, code) in [(HOP_FETCH, Code::Unavailable), (HOP_READ, Code::Unavailable), (HOP_READ, Code::Internal)] {
            let (mut age, mut tries) = (SignedDuration::ZERO, 1);
            while let Err(failure) = wait_for(Failure::of(hop)(Status::new(code, "why")), age) {
                let Failure::NotYet(delay) = failure else { panic!("it waits") };
                age += SignedDuration::try_from(delay).unwrap();
                tries += 1;
            }
            assert!(age <= READ_PATIENCE && tries <= 6, "{tries} tries in {age}");
        }
        let other = wait_for(Failure::of("list stock")(Status::unavailable("why")), SignedDuration::from_hours(1));
        assert!(matches!(other, Err(Failure::Hop { .. })), "the ledger is waited for as ever");
        let wrong = wait_for(Failure::of(HOP_FETCH)(Status::invalid_argument("why")), SignedDuration::from_hours(1));
        assert!(matches!(wrong, Err(Failure::Hop { .. })));
    }
}
