//! Stock-takes: what a person saw is written down line by line, and becomes stock at the end.
//!
//! - `record`: `RecordCountLines`
//! - `look`: `GetCountSession`
//! - here: `StartCountSession`, `FinishCountSession` and `CancelCountSession`

mod look;
mod record;

use proto::inventory::v1 as pb;

pub(super) use self::look::get_count_session;
pub(super) use self::record::record_count_lines;
use super::asked::asked;
use super::fields::Fields;
use super::{Inventory, answers};
use crate::error::Error;
use crate::store::{Asked, CountSessionRow};

pub(super) async fn start_count_session(
    inventory: &Inventory,
    request: pb::StartCountSessionRequest,
) -> Result<pb::StartCountSessionResponse, Error> {
    let mut fields = Fields::default();
    let asked = asked!(inventory, fields, request);
    let location_id = fields.optional_id("location_id", &request.location_id);
    // Who asks again a day later is told of the one that began then.
    let started_at = fields.occur_time(request.occur_time, true, asked.recorded_at);
    fields.finish()?;

    let held = inventory.store.start_count_session(&asked, location_id, started_at).await?;

    tracing::info!(shop.id = %asked.shop_id, count_session.id = %held.session.id, resumed = held.resumed, "started a stock-take");
    Ok(pb::StartCountSessionResponse { count_session: Some(session(&held.session)?), resumed: held.resumed })
}

pub(super) async fn finish_count_session(
    inventory: &Inventory,
    mut request: pb::FinishCountSessionRequest,
) -> Result<pb::FinishCountSessionResponse, Error> {
    let dry_run = std::mem::take(&mut request.dry_run); // asking first and then doing is the same request
    let mut fields = Fields::default();
    let asked = Asked { dry_run, ..asked!(inventory, fields, request) };
    let session_id = fields.id("count_session_id", &request.count_session_id);
    fields.finish()?;

    let finished = inventory.store.finish_count_session(&asked, session_id).await?;

    let dry_run = dry_run && !finished.replayed;
    if !dry_run {
        tracing::info!(
            operation.id = %finished.operation.id,
            shop.id = %asked.shop_id,
            count_session.id = %finished.session.id,
            replayed = finished.replayed,
            "finished a stock-take of {} items",
            finished.results.len()
        );
    }
    let mut count_session = session(&finished.session)?;
    if dry_run {
        count_session.operation_id.clear();
        count_session.set_state(pb::CountSessionState::Open);
    }
    Ok(pb::FinishCountSessionResponse {
        count_session: Some(count_session),
        operation: Some(answers::operation(finished.operation, Vec::new(), dry_run)?),
        results: finished.results.into_iter().map(answers::line_result).collect(),
        replayed: finished.replayed,
    })
}

pub(super) async fn cancel_count_session(
    inventory: &Inventory,
    request: pb::CancelCountSessionRequest,
) -> Result<pb::CancelCountSessionResponse, Error> {
    let mut fields = Fields::default();
    let asked = asked!(inventory, fields, request);
    let pb::CancelCountSessionRequest { count_session_id, .. } = request;
    let session_id = fields.id("count_session_id", &count_session_id);
    fields.finish()?;

    let held = inventory.store.cancel_count_session(&asked, session_id).await?;

    tracing::info!(shop.id = %asked.shop_id, count_session.id = %held.session.id, "gave a stock-take up");
    Ok(pb::CancelCountSessionResponse { count_session: Some(session(&held.session)?) })
}

fn session(row: &CountSessionRow) -> Result<pb::CountSession, Error> {
    let state = match row.state.as_str() {
        "open" => pb::CountSessionState::Open,
        "finished" => pb::CountSessionState::Finished,
        "cancelled" => pb::CountSessionState::Cancelled,
        "expired" => pb::CountSessionState::Expired,
        other => return Err(Error::inconsistent("count_session", format!("state {other} of {}", row.id))),
    };
    Ok(pb::CountSession {
        count_session_id: row.id.to_string(),
        member_id: row.member_id.map(|id| id.to_string()).unwrap_or_default(),
        location_id: row.location_id.to_string(),
        state: state.into(),
        start_time: Some(answers::timestamp(row.started_at)),
        expire_time: Some(answers::timestamp(row.expires_at)),
        line_count: row.line_count,
        operation_id: row.operation_id.map(|id| id.to_string()).unwrap_or_default(),
    })
}
