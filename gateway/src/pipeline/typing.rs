//! The read tick and "typing…", when an answer takes longer than a moment.

use std::time::Duration;

use proto::messenger::v1::MarkReadRequest;
use tracing::Instrument as _;

use super::Pipeline;
use super::inbound::Inbound;

/// Work that takes longer is a model's; a grammar is done long before.
const PATIENCE: Duration = Duration::from_millis(500);

/// Does `work`. When it takes longer than a moment, the shopkeeper sees that the message was read and is being answered.
///
/// Best effort, once, beside the work: it costs a quick message nothing and never fails one.
pub(super) async fn shown_while<T>(pipeline: &Pipeline, inbound: &Inbound, work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    tokio::select! {
        done = &mut work => return done,
        () = tokio::time::sleep(PATIENCE) => show(pipeline, inbound),
    }
    work.await
}

/// Shows it at once.
pub(super) fn show(pipeline: &Pipeline, inbound: &Inbound) {
    let Some(whatsapp_message_id) = inbound.meta_id.clone() else { return };
    let request = MarkReadRequest {
        whatsapp_message_id,
        show_typing: true,
        business_phone_number_id: inbound.phone_number_id.clone(),
    };
    let mut messenger = pipeline.services.messenger.clone();
    let shown = async move {
        if let Err(status) = messenger.mark_read(request).await {
            tracing::debug!("typing was not shown: {:?}: {}", status.code(), status.message());
        }
    };
    tokio::spawn(shown.in_current_span());
}
