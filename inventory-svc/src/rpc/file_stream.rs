//! A file that is sent while it is made: what it is first, then its bytes, as fast as its reader takes them.

use std::pin::Pin;

use futures::Stream;
use platform::error::{Refusal, Situation};
use proto::inventory::v1 as pb;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tonic::Status;

use crate::error::{DOMAIN, Error};
use crate::files::{Cell, Format, Table};
use crate::store::READER_PATIENCE;

/// Bytes of a message.
const CHUNK_LENGTH: usize = 64 * 1024;
/// Messages that wait for the reader.
const WAITING_MAX: usize = 4;
/// Files that are made at once: each holds a connection to the database for as long as its reader takes.
static AT_ONCE: Semaphore = Semaphore::const_new(3);

/// What a reader gets.
pub(crate) type Parts<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// What a file is, and some of it.
pub(super) enum Part {
    File(pb::FileDescription),
    Chunk(Vec<u8>),
}

/// Reads how a file is to be written.
pub(super) fn format(fields: &mut super::fields::Fields, value: i32) -> Format {
    match pb::FileFormat::try_from(value) {
        Ok(pb::FileFormat::Csv) => Format::Csv,
        Ok(pb::FileFormat::Xlsx) => Format::Xlsx,
        Ok(pb::FileFormat::Unspecified) | Err(_) => {
            fields.refuse("format", "must be CSV or XLSX");
            Format::Csv
        }
    }
}

/// The file as its maker sees it.
pub(super) struct FileSink {
    table: Table,
    parts: mpsc::Sender<Result<Part, Status>>,
    waiting: Vec<u8>,
}

/// Why a file ends before its end.
pub(super) enum Broken {
    /// Nobody reads any more.
    ReaderGone,
    Failed(Error),
}

impl From<sqlx::Error> for Broken {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<std::io::Error> for Broken {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(Error::inconsistent("item", format!("a file cannot be written: {error}")))
    }
}

impl FileSink {
    /// Begins the file with what it is and the heads of its columns.
    pub(super) async fn begin(mut self, name: &str, format: Format, heads: &[&str]) -> Result<Self, Broken> {
        self.table = Table::new(format)?;
        let file = pb::FileDescription {
            file_name: format!("{name}.{}", format.extension()),
            media_type: format.media_type().to_owned(),
        };
        self.send(Part::File(file)).await?;
        self.table.row(&heads.iter().map(|head| Cell::text(*head)).collect::<Vec<_>>())?;
        Ok(self)
    }

    pub(super) fn row(&mut self, cells: &[Cell]) -> Result<(), Broken> {
        Ok(self.table.row(cells)?)
    }

    /// Sends what is done, and waits while the reader has enough.
    pub(super) async fn flush(&mut self) -> Result<(), Broken> {
        let done = self.table.take()?;
        self.waiting.extend_from_slice(&done);
        while self.waiting.len() >= CHUNK_LENGTH {
            let rest = self.waiting.split_off(CHUNK_LENGTH);
            let chunk = std::mem::replace(&mut self.waiting, rest);
            self.send(Part::Chunk(chunk)).await?;
        }
        Ok(())
    }

    pub(super) async fn finish(mut self) -> Result<(), Broken> {
        self.flush().await?;
        let Self { table, parts, mut waiting } = self;
        waiting.extend(table.finish()?);
        for chunk in waiting.chunks(CHUNK_LENGTH) {
            send(&parts, Part::Chunk(chunk.to_vec())).await?;
        }
        Ok(())
    }

    async fn send(&self, part: Part) -> Result<(), Broken> {
        send(&self.parts, part).await
    }
}

async fn send(parts: &mpsc::Sender<Result<Part, Status>>, part: Part) -> Result<(), Broken> {
    match tokio::time::timeout(READER_PATIENCE, parts.send(Ok(part))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Broken::ReaderGone),
    }
}

/// Makes a file by a task of its own. What is refused is refused before the stream begins.
pub(super) async fn stream<T, M, F>(make: M, message: fn(Part) -> T) -> Result<Parts<T>, Status>
where
    T: 'static,
    M: FnOnce(FileSink) -> F + Send + 'static,
    F: Future<Output = Result<(), Broken>> + Send + 'static,
{
    let (parts, mut sent) = mpsc::channel(WAITING_MAX);
    let table =
        Table::new(Format::Csv).map_err(|error| Status::from(Error::inconsistent("item", error.to_string())))?;
    let sink = FileSink { table, parts: parts.clone(), waiting: Vec::new() };
    let (done, is_whole) = oneshot::channel();
    tokio::spawn(async move {
        let _turn = AT_ONCE.acquire().await.expect("nobody closes it");
        match make(sink).await {
            // Before `parts` is let go, so that it is known when they end.
            Ok(()) => drop(done.send(())),
            Err(Broken::ReaderGone) => tracing::info!("nobody reads a file any more"),
            // Whoever read half of it has to know that it is no whole.
            Err(Broken::Failed(error)) => drop(parts.send(Err(error.into())).await),
        }
    });
    let first = sent.recv().await.ok_or_else(|| Status::internal("a file was not begun"))??;
    let rest = futures::stream::unfold(Some((sent, is_whole)), |sending| async {
        let (mut sent, mut is_whole) = sending?;
        match sent.recv().await {
            Some(Ok(part)) => Some((Ok(part), Some((sent, is_whole)))),
            Some(Err(status)) => Some((Err(status), None)),
            // Parts that wait for a slow reader are no whole file when its maker gave up behind them.
            None => is_whole.try_recv().is_err().then(|| (Err(broken_off()), None)),
        }
    });
    let all = futures::StreamExt::chain(futures::stream::iter([Ok(first)]), rest);
    Ok(Box::pin(futures::StreamExt::map(all, move |part| part.map(message))))
}

fn broken_off() -> Status {
    let told = "the file broke off: nobody read it for a minute, or it could not be made. Ask for it again";
    Refusal::new(Situation::OutOfTime, DOMAIN, pb::ErrorReason::OutOfTime.as_str_name(), told).into_status()
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;

    use super::*;

    async fn read(end: Result<(), Broken>) -> Vec<Result<usize, tonic::Code>> {
        let length = |part| if let Part::Chunk(bytes) = part { bytes.len() } else { 0 };
        let make = |sink: FileSink| async move {
            let sink = sink.begin("list", Format::Csv, &["item"]).await?;
            sink.send(Part::Chunk(vec![0; 7])).await?;
            end
        };
        let Ok(parts) = stream(make, length).await else { panic!("it began") };
        parts.map(|part| part.map_err(|status| status.code())).collect().await
    }

    #[tokio::test]
    async fn a_file_that_breaks_off_is_not_taken_for_a_whole_one() {
        assert_eq!(read(Ok(())).await, [Ok(0), Ok(7)]);
        // As when its reader rests for too long, and reads on.
        assert_eq!(read(Err(Broken::ReaderGone)).await, [Ok(0), Ok(7), Err(tonic::Code::DeadlineExceeded)]);
        let broken = Broken::Failed(Error::inconsistent("item", "broken"));
        assert_eq!(read(Err(broken)).await, [Ok(0), Ok(7), Err(tonic::Code::Internal)]);
    }
}
