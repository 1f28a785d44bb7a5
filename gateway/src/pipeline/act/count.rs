//! Stock-takes: the ledger keeps what was seen, and is asked for what differs only at the end.

use jiff::Timestamp;
use platform::error::{metadata_of, reason_of};
use proto::inventory::v1::{
    CancelCountSessionRequest, CountSession, CountSessionState, FinishCountSessionRequest, GetCountSessionRequest,
    GetCountSessionResponse, LineOutcome, OperationLine, RecordCountLinesRequest, RecordCountLinesResponse, Source,
    StartCountSessionRequest, get_count_session_request,
};
use rust_decimal::Decimal;
use tonic::Status;
use uuid::Uuid;

use super::post::operation_line;
use super::question::{Draft, ask};
use super::unposted::unposted;
use super::{Acted, decimal};
use crate::conversation::{CountSaying, CountStep, Effect, Line, Plan, Saying, Step, ways_to_end};
use crate::pipeline::Pipeline;
use crate::pipeline::failure::Failure;
use crate::pipeline::inbound::Inbound;
use crate::pipeline::message::{Sender, member_id};
use crate::reply::{Counted, CountedLine, Difference, Outcome};
use crate::store::{self, CountingRow};

/// What differs from the book, as far as it is shown.
const DIFFERENCES_MAX: i32 = 10;

/// Does one step of a stock-take.
pub(super) async fn count(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    plan: &Plan,
    step: &CountStep,
    request_id: String,
    acted: &mut Acted,
) -> Result<(), Failure> {
    let taken = Taken { pipeline, inbound, sender, request_id };
    match step {
        CountStep::Start => taken.start(acted).await,
        CountStep::Record { session_id, lines } => taken.record(plan, session_id, lines, acted).await,
        CountStep::Review { session_id } => taken.review(plan, session_id, acted).await,
        CountStep::Missing { session_id } => taken.missing(session_id, acted).await,
        CountStep::Finish { session_id } => taken.finish(session_id, acted).await,
        CountStep::Cancel { session_id } => taken.cancel(session_id, acted).await,
        CountStep::Expired { session_id } => taken.end(session_id, CountSaying::Expired, acted).await,
    }
}

/// A step with what it needs.
struct Taken<'a> {
    pipeline: &'a Pipeline,
    inbound: &'a Inbound,
    sender: &'a Sender,
    request_id: String,
}

impl Taken<'_> {
    async fn start(&self, acted: &mut Acted) -> Result<(), Failure> {
        let request = StartCountSessionRequest {
            shop_id: self.sender.shop.shop_id.clone(),
            request_id: self.request_id.clone(),
            source: Source::Whatsapp as i32,
            member_id: self.sender.member.member_id.clone(),
            location_id: String::new(),
            occur_time: Some(seconds(self.inbound.sent_at)),
        };
        match self.pipeline.services.inventory.clone().start_count_session(request).await {
            Ok(started) => {
                let started = started.into_inner();
                let session = started.count_session.unwrap_or_default();
                self.keep(&session).await?;
                let count = session.line_count;
                acted.outcomes.push(Outcome::Count(Counted::Started { is_resumed: started.resumed, count }));
                Ok(())
            }
            Err(status) => self.refused("", status, acted).await,
        }
    }

    async fn record(&self, plan: &Plan, session_id: &str, lines: &[Line], acted: &mut Acted) -> Result<(), Failure> {
        let open = store::what_is_open(
            &self.pipeline.pool,
            member_id(self.sender)?,
            &self.inbound.wamid,
            self.pipeline.clock.now(),
        );
        let open = open.await?;
        if let Some((id, shown)) = open.question
            && Draft::read(shown).is_ok_and(|shown| shown.is_count())
        {
            // What was shown is not all any more: a yes to it would save what nobody saw.
            store::close_question(&self.pipeline.pool, id).await?;
        }
        let counting = open.counting.filter(|counting| counting.session_id.to_string() == session_id);
        // A message of before the start that arrives after it is of the start.
        let seen_at = counting.map_or(self.inbound.sent_at, |counting| counting.started_at.max(self.inbound.sent_at));
        let request = RecordCountLinesRequest {
            shop_id: self.sender.shop.shop_id.clone(),
            request_id: self.request_id.clone(),
            source: Source::Whatsapp as i32,
            member_id: self.sender.member.member_id.clone(),
            count_session_id: session_id.to_owned(),
            occur_time: Some(seconds(seen_at)),
            lines: lines.iter().map(seen_line).collect(),
        };
        let recorded = match self.pipeline.services.inventory.clone().record_count_lines(request).await {
            Ok(recorded) => recorded.into_inner(),
            Err(status) => return self.refused(session_id, status, acted).await,
        };
        self.keep(recorded.count_session.as_ref().unwrap_or(&CountSession::default())).await?;
        if recorded.results.iter().any(|result| result.item_created) {
            self.pipeline.items.forget(self.inbound);
        }
        self.take(plan, session_id, lines, &recorded, acted);
        Ok(())
    }

    fn take(
        &self,
        plan: &Plan,
        session_id: &str,
        lines: &[Line],
        recorded: &RecordCountLinesResponse,
        acted: &mut Acted,
    ) {
        let results = || lines.iter().zip(&recorded.results);
        let written: Vec<CountedLine> = results()
            .filter(|(_, result)| result.outcome() == LineOutcome::Posted)
            .map(|(line, result)| CountedLine {
                name: result.item.as_ref().map(|item| item.display_name.clone()).unwrap_or_default(),
                quantity: if let Effect::Count { quantity } = line.effect { quantity } else { Decimal::ZERO },
                unit: line.unit.clone(),
                is_new: result.item_created,
            })
            .collect();
        if !written.is_empty() {
            let count = recorded.count_session.as_ref().map_or(0, |session| session.line_count);
            acted.outcomes.push(Outcome::Count(Counted::Written { lines: written, count }));
        }
        for (line, result) in results().filter(|(_, result)| result.outcome() != LineOutcome::Posted) {
            let again =
                |line, _| Step::Count(CountStep::Record { session_id: session_id.to_owned(), lines: vec![line] });
            unposted(self.inbound, plan, line, result, &again, acted);
        }
    }

    async fn review(&self, plan: &Plan, session_id: &str, acted: &mut Acted) -> Result<(), Failure> {
        let Some(seen) = self.look(session_id, true, acted).await? else { return Ok(()) };
        let total = seen.count_session.as_ref().map_or(0, |session| session.line_count);
        if total == 0 {
            acted.outcomes.push(Outcome::Said(Saying::Count(CountSaying::NothingYet)));
            return Ok(());
        }
        let differing: Vec<Difference> = seen
            .lines
            .into_iter()
            .map(|line| {
                let item = line.item.unwrap_or_default();
                Difference {
                    name: item.display_name,
                    base_unit: item.base_unit,
                    counted: decimal(line.counted.as_ref()),
                    expected: decimal(line.expected.as_ref()),
                }
            })
            .filter(|line| line.counted != line.expected)
            .collect();
        acted.outcomes.push(Outcome::Count(Counted::Review {
            total,
            variance_count: seen.variance_count,
            differing,
            uncounted: names(seen.uncounted_items),
            uncounted_count: seen.uncounted_item_count,
        }));
        ask(self.inbound, plan, &Saying::Count(CountSaying::ReallySave), &ways_to_end(session_id), None, acted);
        Ok(())
    }

    async fn missing(&self, session_id: &str, acted: &mut Acted) -> Result<(), Failure> {
        let Some(seen) = self.look(session_id, false, acted).await? else { return Ok(()) };
        let (uncounted, count) = (names(seen.uncounted_items), seen.uncounted_item_count);
        acted.outcomes.push(Outcome::Count(Counted::Missing { uncounted, count }));
        Ok(())
    }

    /// Returns the stock-take as it is while it goes on; otherwise says that it is over.
    async fn look(
        &self,
        session_id: &str,
        with_variances: bool,
        acted: &mut Acted,
    ) -> Result<Option<GetCountSessionResponse>, Failure> {
        let request = GetCountSessionRequest {
            shop_id: self.sender.shop.shop_id.clone(),
            target: Some(get_count_session_request::Target::CountSessionId(session_id.to_owned())),
            with_variances,
            page_size: DIFFERENCES_MAX,
            page_token: String::new(),
        };
        let seen = match self.pipeline.services.inventory.clone().get_count_session(request).await {
            Ok(seen) => seen.into_inner(),
            Err(status) => return self.refused(session_id, status, acted).await.map(|()| None),
        };
        let state = seen.count_session.as_ref().map_or(CountSessionState::Unspecified, CountSession::state);
        if state == CountSessionState::Open {
            return Ok(Some(seen));
        }
        self.end(session_id, over(state), acted).await.map(|()| None)
    }

    async fn finish(&self, session_id: &str, acted: &mut Acted) -> Result<(), Failure> {
        let request = FinishCountSessionRequest {
            shop_id: self.sender.shop.shop_id.clone(),
            request_id: self.request_id.clone(),
            source: Source::Whatsapp as i32,
            member_id: self.sender.member.member_id.clone(),
            count_session_id: session_id.to_owned(),
            dry_run: false,
        };
        let finished = match self.pipeline.services.inventory.clone().finish_count_session(request).await {
            Ok(finished) => finished.into_inner(),
            Err(status) => return self.refused(session_id, status, acted).await,
        };
        self.forget(session_id).await?;
        let posted = || finished.results.iter().filter(|result| result.outcome() == LineOutcome::Posted);
        let changed = posted().filter(|result| !decimal(result.delta.as_ref()).is_zero()).count();
        acted.outcomes.push(Outcome::Count(Counted::Saved { count: posted().count(), changed }));
        acted.undo = finished.operation.map(|operation| operation.operation_id).filter(|id| !id.is_empty());
        Ok(())
    }

    async fn cancel(&self, session_id: &str, acted: &mut Acted) -> Result<(), Failure> {
        let request = CancelCountSessionRequest {
            shop_id: self.sender.shop.shop_id.clone(),
            request_id: self.request_id.clone(),
            source: Source::Whatsapp as i32,
            member_id: self.sender.member.member_id.clone(),
            count_session_id: session_id.to_owned(),
        };
        // Items that it created are gone with it.
        self.pipeline.items.forget(self.inbound);
        match self.pipeline.services.inventory.clone().cancel_count_session(request).await {
            Ok(_) => self.end(session_id, CountSaying::Cancelled, acted).await,
            Err(status) => self.refused(session_id, status, acted).await,
        }
    }

    /// A rule of the ledger that said no is an answer, anything else a failure.
    async fn refused(&self, session_id: &str, status: Status, acted: &mut Acted) -> Result<(), Failure> {
        let outcome = match reason_of(&status).as_deref() {
            Some("ERROR_REASON_COUNT_SESSION_CLOSED") => {
                let state = metadata_of(&status, "state").unwrap_or_default();
                let state = CountSessionState::from_str_name(&state).unwrap_or_default();
                return self.end(session_id, over(state), acted).await;
            }
            Some("ERROR_REASON_COUNT_SESSION_NOT_FOUND") => {
                return self.end(session_id, CountSaying::Over, acted).await;
            }
            Some("ERROR_REASON_ROLE_NOT_ALLOWED") => Outcome::NotAllowed,
            Some("ERROR_REASON_INSUFFICIENT_STOCK") => Outcome::NotEnough,
            Some("ERROR_REASON_INVALID_FIELD") => Outcome::Said(Saying::Count(CountSaying::Full)),
            _ => return Err(Failure::of("count session")(status)),
        };
        acted.outcomes.push(outcome);
        Ok(())
    }

    async fn end(&self, session_id: &str, saying: CountSaying, acted: &mut Acted) -> Result<(), Failure> {
        self.forget(session_id).await?;
        acted.outcomes.push(Outcome::Said(Saying::Count(saying)));
        Ok(())
    }

    /// Remembers that the person counts, before anybody believes that nothing is open.
    async fn keep(&self, session: &CountSession) -> Result<(), Failure> {
        let Some(row) = row(session) else {
            return Err(Failure::of("count session")(Status::internal("inventory-svc told no whole stock-take")));
        };
        let member = member_id(self.sender)?;
        self.pipeline.asked.note(member, true);
        Ok(store::keep_counting(&self.pipeline.pool, member, &row).await?)
    }

    async fn forget(&self, session_id: &str) -> Result<(), Failure> {
        let Ok(session_id) = Uuid::parse_str(session_id) else { return Ok(()) };
        Ok(store::end_counting(&self.pipeline.pool, member_id(self.sender)?, session_id).await?)
    }
}

/// What is seen may be new to the shop: the first stock-take of a shop is how its items come into being. What is spelt
/// nearly like something else is asked about.
fn seen_line(line: &Line) -> OperationLine {
    OperationLine { create_item: true, unit_price: None, ..operation_line(line) }
}

fn over(state: CountSessionState) -> CountSaying {
    if state == CountSessionState::Expired { CountSaying::Expired } else { CountSaying::Over }
}

fn names(items: Vec<proto::inventory::v1::Item>) -> Vec<String> {
    items.into_iter().map(|item| item.display_name).collect()
}

fn seconds(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.as_second(), nanos: 0 }
}

fn row(session: &CountSession) -> Option<CountingRow> {
    let time = |time: Option<&prost_types::Timestamp>| time.and_then(|at| Timestamp::new(at.seconds, at.nanos).ok());
    Some(CountingRow {
        session_id: Uuid::parse_str(&session.count_session_id).ok()?,
        started_at: time(session.start_time.as_ref())?,
        expires_at: time(session.expire_time.as_ref())?,
    })
}
