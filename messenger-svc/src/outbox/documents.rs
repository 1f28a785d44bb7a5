//! Files that are sent: uploaded first, then sent by the id that Meta gave them.

use std::sync::Arc;

use platform::db;
use sqlx::PgPool;
use tokio::sync::Semaphore;

use super::numbers::Numbers;
use crate::domain::content::Content;
use crate::domain::verdict::{self, Action, Verdict};
use crate::graph::{Answered, GraphError, Outgoing, SendAnswer};
use crate::store::documents;

/// Documents that are in memory and on their way at the same time; each has 3 MiB at most.
const UPLOADS_AT_ONCE: usize = 4;

/// Uploads documents.
#[derive(Clone, Debug)]
pub(super) struct Documents {
    pool: PgPool,
    numbers: Numbers,
    permits: Arc<Semaphore>,
}

/// Why a document was not uploaded; so its message was not sent.
#[derive(Clone, Debug)]
pub(super) enum NotUploaded {
    /// As many as may be are on their way. Nobody waits for them here: texts need the workers.
    Busy,
    /// It was tried.
    Failed { verdict: Verdict, error: GraphError },
}

impl NotUploaded {
    fn ours(action: Action, meaning: &'static str) -> Self {
        Self::Failed { verdict: Verdict { action, meaning }, error: GraphError::default() }
    }
}

impl Documents {
    pub(super) fn new(pool: PgPool, numbers: Numbers) -> Self {
        Self { pool, numbers, permits: Arc::new(Semaphore::new(UPLOADS_AT_ONCE)) }
    }

    /// Uploads the document of a message and remembers what Meta calls it, unless an earlier try did.
    pub(super) async fn upload(&self, message: &Outgoing) -> Result<(), NotUploaded> {
        let Content::Document(document) = &message.content else { return Ok(()) };
        let Ok(_permit) = self.permits.try_acquire() else { return Err(NotUploaded::Busy) };
        let database = |_| NotUploaded::ours(Action::Retry, "the database did not give the document");
        let stored = db::statement(&self.pool, "read_document", || documents::read(&self.pool, message.id))
            .await
            .map_err(database)?
            .ok_or_else(|| NotUploaded::ours(Action::Never, "the document was erased"))?;
        let content = match (stored.media_id, stored.content) {
            (Some(_), _) => return Ok(()),
            (None, Some(content)) => content,
            (None, None) => return Err(NotUploaded::ours(Action::Never, "the document was erased")),
        };
        let number = message.phone_number_id.as_str();
        let Answered { answer, usage } = self.numbers.graph.upload(number, document, content, message.id).await;
        if let Some(wait) = usage.wait {
            let seconds = u32::try_from(wait.as_secs()).unwrap_or(0);
            if let Err(error) = self.numbers.pause(number, seconds).await {
                tracing::error!(%error, "the state of a number was not recorded");
            }
        }
        let media_id = match answer {
            SendAnswer::Accepted { id } => id,
            SendAnswer::Refused(error) => {
                let verdict = verdict::judge_send(error.code, error.subcode, error.http);
                return Err(NotUploaded::Failed { verdict, error });
            }
            // A file that was taken and never sent disturbs nobody, so a doubt about it is none about the message.
            SendAnswer::Unreached | SendAnswer::Doubtful(_) => {
                return Err(NotUploaded::ours(Action::Retry, "the document could not be uploaded"));
            }
        };
        db::statement(&self.pool, "remember_upload", || documents::uploaded(&self.pool, message.id, &media_id))
            .await
            .map_err(database)
    }
}
