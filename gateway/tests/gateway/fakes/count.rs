//! Stock-takes of the fake ledger: one at a time, of items by their names, that the book has ten of each.

use platform::error::Situation;
use proto::inventory::v1::{self as pb, operation_line};
use tonic::Status;
use uuid::Uuid;

use super::inventory::{Inventory, decimal};
use super::{Script, refuse};

/// The stock-take of the shop.
#[derive(Default)]
pub struct Count {
    /// Its id, from its start on.
    pub id: Option<Uuid>,
    /// How far it is.
    pub state: pb::CountSessionState,
    /// What was seen.
    pub lines: Vec<(String, String)>,
    /// The requests that did something.
    pub done: Vec<String>,
}

impl Count {
    fn session(&self) -> pb::CountSession {
        let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
        pb::CountSession {
            count_session_id: self.id.unwrap_or_default().to_string(),
            state: self.state.into(),
            start_time: at(0),
            expire_time: at(i64::from(u32::MAX)),
            line_count: i32::try_from(self.lines.len()).unwrap(),
            ..pb::CountSession::default()
        }
    }

    /// Returns whether a request is new; it is not any more then. What is over refuses new ones.
    fn is_new(&mut self, request_id: &str) -> Result<bool, Status> {
        if self.done.iter().any(|known| known == request_id) {
            return Ok(false);
        }
        if self.state != pb::CountSessionState::Open {
            return Err(refuse(Situation::RuleSaysNo, "ERROR_REASON_COUNT_SESSION_CLOSED"));
        }
        self.done.push(request_id.to_owned());
        Ok(true)
    }
}

impl Inventory {
    pub(super) fn count(&self, script: Script) -> Script {
        script
            .on("StartCountSession", self.method(Self::start_count_session))
            .on("RecordCountLines", self.method(Self::record_count_lines))
            .on("GetCountSession", self.method(Self::get_count_session))
            .on("FinishCountSession", self.method(Self::finish_count_session))
    }

    fn start_count_session(
        &self,
        request: pb::StartCountSessionRequest,
    ) -> Result<pb::StartCountSessionResponse, Status> {
        let mut state = self.state();
        let count = &mut state.count;
        let resumed = count.state == pb::CountSessionState::Open && !count.done.contains(&request.request_id);
        if count.id.is_none() {
            count.id = Some(Uuid::from_u128(7));
            count.state = pb::CountSessionState::Open;
        }
        count.done.push(request.request_id);
        let count_session = Some(count.session());
        state.lose("StartCountSession")?;
        Ok(pb::StartCountSessionResponse { count_session, resumed })
    }

    fn record_count_lines(&self, request: pb::RecordCountLinesRequest) -> Result<pb::RecordCountLinesResponse, Status> {
        let mut state = self.state();
        let is_new = state.count.is_new(&request.request_id)?;
        let mut results = Vec::new();
        for line in request.lines {
            let name = match line.item.and_then(|item| item.reference) {
                Some(pb::item_reference::Reference::Name(name) | pb::item_reference::Reference::ItemId(name)) => name,
                None => String::new(),
            };
            let Some(operation_line::Effect::Count(seen)) = line.effect else {
                return Err(refuse(Situation::Malformed, "ERROR_REASON_INVALID_FIELD"));
            };
            let item = pb::Item { item_id: name.clone(), display_name: name.clone(), ..pb::Item::default() };
            results.push(pb::LineResult {
                outcome: pb::LineOutcome::Posted.into(),
                item: Some(item),
                ..pb::LineResult::default()
            });
            if is_new {
                state.count.lines.push((name, seen.quantity.unwrap_or_default().value));
            }
        }
        let count_session = Some(state.count.session());
        state.lose("RecordCountLines")?;
        Ok(pb::RecordCountLinesResponse { count_session, results, replayed: !is_new })
    }

    #[expect(clippy::unnecessary_wraps, reason = "the shape of every method")]
    fn get_count_session(&self, _: pb::GetCountSessionRequest) -> Result<pb::GetCountSessionResponse, Status> {
        let state = self.state();
        let line = |(name, seen): &(String, String)| pb::CountSessionLine {
            item: Some(pb::Item { display_name: name.clone(), base_unit: "each".to_owned(), ..pb::Item::default() }),
            counted: Some(proto::common::v1::Decimal { value: seen.clone() }),
            expected: Some(decimal(10)),
            ..pb::CountSessionLine::default()
        };
        Ok(pb::GetCountSessionResponse {
            lines: state.count.lines.iter().map(line).collect(),
            count_session: Some(state.count.session()),
            variance_count: i32::try_from(state.count.lines.len()).unwrap(),
            ..pb::GetCountSessionResponse::default()
        })
    }

    fn finish_count_session(
        &self,
        request: pb::FinishCountSessionRequest,
    ) -> Result<pb::FinishCountSessionResponse, Status> {
        let mut state = self.state();
        let request_id = request.request_id;
        let replayed = !state.count.is_new(&request_id)?;
        state.count.state = pb::CountSessionState::Finished;
        let posted = |_: &(String, String)| pb::LineResult {
            outcome: pb::LineOutcome::Posted.into(),
            delta: Some(decimal(1)),
            ..pb::LineResult::default()
        };
        let results = state.count.lines.iter().map(posted).collect();
        let count_session = Some(state.count.session());
        state.lose("FinishCountSession")?;
        let operation =
            Some(pb::Operation { operation_id: Uuid::from_u128(8).to_string(), ..pb::Operation::default() });
        Ok(pb::FinishCountSessionResponse { count_session, operation, results, replayed })
    }
}
