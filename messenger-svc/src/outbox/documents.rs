//! Files that are sent: uploaded first, then sent by the id that Meta gave them.

use platform::db;
use sqlx::PgPool;

use crate::domain::content::Document;
use crate::domain::verdict::{self, Action, Verdict};
use crate::graph::{Graph, GraphError, Outgoing, SendAnswer};
use crate::store::documents;

/// Uploads documents.
#[derive(Clone, Debug)]
pub(super) struct Documents {
    pub(super) pool: PgPool,
    pub(super) graph: Graph,
}

/// Why a document was not uploaded; so its message was not sent.
#[derive(Clone, Debug)]
pub(super) struct NotUploaded {
    pub(super) verdict: Verdict,
    pub(super) error: GraphError,
}

impl NotUploaded {
    fn ours(action: Action, meaning: &'static str) -> Self {
        Self { verdict: Verdict { action, meaning }, error: GraphError::default() }
    }
}

impl Documents {
    /// Returns Meta's id of the document of a message; uploads it unless an earlier try did.
    pub(super) async fn upload(&self, message: &Outgoing, document: &Document) -> Result<String, NotUploaded> {
        let database = |_| NotUploaded::ours(Action::Retry, "the database did not give the document");
        let stored = db::statement(&self.pool, "read_document", || documents::read(&self.pool, message.id))
            .await
            .map_err(database)?
            .ok_or_else(|| NotUploaded::ours(Action::Never, "the document was erased"))?;
        let content = match (stored.media_id, stored.content) {
            (Some(media_id), _) => return Ok(media_id),
            (None, Some(content)) => content,
            (None, None) => return Err(NotUploaded::ours(Action::Never, "the document was erased")),
        };
        let answered = self.graph.upload(&message.phone_number_id, document, content, message.id).await;
        let media_id = match answered.answer {
            SendAnswer::Accepted { id } => id,
            SendAnswer::Refused(error) => {
                let verdict = verdict::judge_send(error.code, error.subcode, error.http);
                return Err(NotUploaded { verdict, error });
            }
            // A file that was taken and never sent disturbs nobody, so a doubt about it is none about the message.
            SendAnswer::Unreached | SendAnswer::Doubtful(_) => {
                return Err(NotUploaded::ours(Action::Retry, "the document could not be uploaded"));
            }
        };
        db::statement(&self.pool, "remember_upload", || documents::uploaded(&self.pool, message.id, &media_id))
            .await
            .map_err(database)?;
        Ok(media_id)
    }
}
