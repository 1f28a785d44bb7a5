//! A file of the shop: made by the ledger, carried in memory, and sent as the answer.
//!
//! Its bytes are kept nowhere. A repeat asks the ledger for them again and may get others, because the shop goes on; the
//! messenger keeps the first under the name of the answer and takes no second one, so one file is sent.

use std::time::Duration;

use futures::{Stream, StreamExt as _};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use proto::inventory::v1::{
    ExportMovementsRequest, ExportMovementsResponse, ExportStockRequest, ExportStockResponse, FileDescription,
    FileFormat, Role, export_movements_response, export_stock_response,
};
use tokio::sync::OwnedSemaphorePermit;
use tonic::{Code, Status};

use super::Acted;
use super::upkeep::Upheld;
use crate::conversation::{Choice, Days, Export, Plan, Saying, Step};
use crate::pipeline::Pipeline;
use crate::pipeline::failure::Failure;
use crate::pipeline::inbound::Inbound;
use crate::pipeline::message::{Sender, time_zone};
use crate::pipeline::send::proto_time;
use crate::reply::{Outcome, Reported, Upkept};

/// Bytes that the messenger takes.
const BYTES_MAX: usize = 3 * 1024 * 1024;
/// How long the ledger may take to write one.
const WRITE_TIMEOUT: Duration = Duration::from_mins(2);
/// Letters of a file's name that are kept.
const NAME_MAX: usize = 100;

/// A file that goes out with the answer.
pub(in crate::pipeline) struct Attachment {
    /// Its name as the person sees it.
    pub file_name: String,
    /// What Meta takes it for.
    pub mime_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its place among the bytes in flight.
    _flow: OwnedSemaphorePermit,
}

/// What came of asking for a file.
enum Written {
    /// It is there.
    File(Outcome, Attachment),
    /// It is not, and this is said or asked.
    Not(Upheld),
}

/// A part of a file.
enum Part {
    Description(FileDescription),
    Bytes(Vec<u8>),
}

/// Why there is no file.
enum Unwritten {
    TooLarge,
    Failed(Status),
}

/// Puts a file beside the answer, or says why there is none. An answer carries one.
pub(super) async fn attach(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    plan: &Plan,
    export: &Export,
    acted: &mut Acted,
) -> Result<(), Failure> {
    if acted.file.is_some() {
        acted.outcomes.push(Outcome::Said(Saying::NotYet));
        return Ok(());
    }
    match file(pipeline, inbound, sender, export).await? {
        Written::File(outcome, attachment) => {
            acted.outcomes.push(outcome);
            acted.file = Some(attachment);
        }
        Written::Not(upheld) => acted.take_upheld(inbound, plan, upheld),
    }
    Ok(())
}

/// Gets a file from the ledger. It changes nothing.
async fn file(pipeline: &Pipeline, inbound: &Inbound, sender: &Sender, export: &Export) -> Result<Written, Failure> {
    // A file leaves the house, and with it everything that the shop knows.
    if !matches!(sender.member.role(), Role::Owner | Role::Manager) {
        return Ok(Written::Not(Upheld::Done(Outcome::Upkept(Upkept::ManagersOnly))));
    }
    let flows = std::sync::Arc::clone(&pipeline.services.media.flows);
    let flow = flows.acquire_owned().await.map_err(|_| Failure::NotYet(Duration::from_secs(1)))?;
    let written = tokio::time::timeout(WRITE_TIMEOUT, write(pipeline, sender, export)).await;
    match written.unwrap_or_else(|_| Err(Unwritten::Failed(Status::deadline_exceeded("the file took too long")))) {
        Ok((description, bytes)) => {
            let file_name = file_name(&description.file_name, export);
            let attachment = Attachment { file_name, mime_type: mime_type(export), bytes, _flow: flow };
            Ok(Written::File(Outcome::Reported(Reported::File(export.clone())), attachment))
        }
        Err(Unwritten::TooLarge) => Ok(Written::Not(too_large(inbound, sender, export))),
        // An older ledger beside a newer gateway: said, so that nobody waits for it.
        Err(Unwritten::Failed(status)) if status.code() == Code::Unimplemented => {
            Ok(Written::Not(Upheld::Done(Outcome::Said(Saying::NotYet))))
        }
        Err(Unwritten::Failed(status)) => Err(Failure::of("export")(status)),
    }
}

async fn write(pipeline: &Pipeline, sender: &Sender, export: &Export) -> Result<(FileDescription, Vec<u8>), Unwritten> {
    let mut exports = pipeline.services.exports.clone();
    let shop_id = sender.shop.shop_id.clone();
    let format = if export.is_csv { FileFormat::Csv } else { FileFormat::Xlsx } as i32;
    match export.movements {
        None => {
            let request = ExportStockRequest { shop_id, format };
            let parts = exports.export_stock(request).await.map_err(Unwritten::Failed)?.into_inner();
            gathered(parts.map(|part| part.map(of_stock))).await
        }
        Some(days) => {
            let (start_time, end_time) = times(days, &time_zone(sender));
            let request = ExportMovementsRequest { shop_id, format, item_id: String::new(), start_time, end_time };
            let parts = exports.export_movements(request).await.map_err(Unwritten::Failed)?.into_inner();
            gathered(parts.map(|part| part.map(of_movements))).await
        }
    }
}

fn of_stock(part: ExportStockResponse) -> Option<Part> {
    Some(match part.part? {
        export_stock_response::Part::File(description) => Part::Description(description),
        export_stock_response::Part::Chunk(bytes) => Part::Bytes(bytes),
    })
}

fn of_movements(part: ExportMovementsResponse) -> Option<Part> {
    Some(match part.part? {
        export_movements_response::Part::File(description) => Part::Description(description),
        export_movements_response::Part::Chunk(bytes) => Part::Bytes(bytes),
    })
}

/// Puts the parts together. What is too large is left where it is: the rest of it is not waited for.
async fn gathered(
    mut parts: impl Stream<Item = Result<Option<Part>, Status>> + Unpin,
) -> Result<(FileDescription, Vec<u8>), Unwritten> {
    let (mut description, mut bytes) = (FileDescription::default(), Vec::new());
    while let Some(part) = parts.next().await {
        match part.map_err(Unwritten::Failed)? {
            Some(Part::Description(said)) => description = said,
            Some(Part::Bytes(more)) if bytes.len() + more.len() > BYTES_MAX => return Err(Unwritten::TooLarge),
            Some(Part::Bytes(more)) => bytes.extend_from_slice(&more),
            None => {}
        }
    }
    if bytes.is_empty() {
        return Err(Unwritten::Failed(Status::internal("inventory-svc sent a file without bytes")));
    }
    Ok((description, bytes))
}

/// Returns when the first day begins and when the last one ends.
pub(super) fn times(days: Days, zone: &TimeZone) -> (Option<prost_types::Timestamp>, Option<prost_types::Timestamp>) {
    let begins = |day: Date| day.to_zoned(zone.clone()).map(|begin| begin.timestamp()).ok();
    let wire = |time: Option<Timestamp>| time.map(proto_time);
    (wire(begins(days.first)), wire(days.last.tomorrow().ok().and_then(begins)))
}

/// Meta takes no `text/csv`; plain text it takes, and the end of its name says what to open it with.
fn mime_type(export: &Export) -> &'static str {
    if export.is_csv { "text/plain" } else { "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" }
}

fn file_name(said: &str, export: &Export) -> String {
    let is_plain = |letter: &char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | ' ');
    let name: String = said.chars().filter(is_plain).take(NAME_MAX).collect();
    match (name.trim(), export.is_csv) {
        ("", true) => "stock.csv".to_owned(),
        ("", false) => "stock.xlsx".to_owned(),
        (name, _) => name.to_owned(),
    }
}

/// Offers fewer days, where there are fewer.
fn too_large(inbound: &Inbound, sender: &Sender, export: &Export) -> Upheld {
    let shorter = |days: Days| days.shorter(inbound.sent_at.as_second(), &sender.shop.time_zone);
    let shorter: Vec<Export> = export
        .movements
        .map(shorter)
        .unwrap_or_default()
        .into_iter()
        .map(|days| Export { movements: Some(days), is_csv: export.is_csv })
        .collect();
    let saying = Saying::FileTooLarge { of: export.clone(), shorter: shorter.clone() };
    if shorter.is_empty() {
        return Upheld::Done(Outcome::Said(saying));
    }
    let choices =
        shorter.into_iter().map(|export| Choice { title: String::new(), steps: vec![Step::Export(export)] }).collect();
    Upheld::Asks { saying, choices }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn part(length: usize) -> Part {
        Part::Bytes(vec![7; length])
    }

    async fn length(parts: Vec<Part>) -> Option<usize> {
        match gathered(futures::stream::iter(parts.into_iter().map(|part| Ok(Some(part))))).await {
            Ok((_, bytes)) => Some(bytes.len()),
            Err(Unwritten::TooLarge) => None,
            Err(Unwritten::Failed(status)) => panic!("{status}"),
        }
    }

    #[tokio::test]
    async fn a_file_has_what_the_messenger_takes_and_no_byte_more() {
        let chunk = 64 * 1024;
        let full = || (0..BYTES_MAX / chunk).map(|_| part(chunk)).collect::<Vec<_>>();

        assert_eq!(length(full()).await, Some(BYTES_MAX));
        assert_eq!(length(full().into_iter().chain([part(1)]).collect()).await, None);
        assert!(
            matches!(gathered(futures::stream::iter(Vec::new())).await, Err(Unwritten::Failed(_))),
            "none is no file"
        );
        let cut = gathered(futures::stream::iter(vec![Ok(Some(part(1))), Err(Status::unavailable("gone"))])).await;
        assert!(matches!(cut, Err(Unwritten::Failed(_))), "half a file is none");
    }

    #[test]
    fn days_begin_and_end_where_the_shop_is() {
        let zone = TimeZone::get("Africa/Johannesburg").unwrap();
        let days = Days { first: date(2026, 11, 1), last: date(2026, 11, 22), called: None };

        let (start, end) = times(days, &zone);

        // Midnight in Johannesburg is ten in the evening in London.
        assert_eq!(start.unwrap().seconds, 1_793_484_000);
        assert_eq!(end.unwrap().seconds - 1_793_484_000, 22 * 24 * 60 * 60);
    }

    #[test]
    fn a_name_that_the_ledger_gave_holds_no_way_out() {
        let export = |is_csv| Export { movements: None, is_csv };

        assert_eq!(file_name("stock-2026-11-22.xlsx", &export(false)), "stock-2026-11-22.xlsx");
        assert_eq!(file_name("../a\"b\n.csv", &export(true)), "..ab.csv");
        assert_eq!(file_name("", &export(true)), "stock.csv");
        assert_eq!(mime_type(&export(true)), "text/plain");
    }
}
