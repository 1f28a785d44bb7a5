//! `RecordCountLines`: what was seen is written down. Blind: nothing of the answer tells what the book says.

use proto::inventory::v1 as pb;

use super::session;
use crate::error::Error;
use crate::rpc::asked::asked;
use crate::rpc::fields::Fields;
use crate::rpc::lines::{self, LINES_MAX, Line};
use crate::rpc::{Inventory, answers};
use crate::store::{NewLine, RecordAnswer, Recorded};

pub(in crate::rpc) async fn record_count_lines(
    inventory: &Inventory,
    request: pb::RecordCountLinesRequest,
) -> Result<pb::RecordCountLinesResponse, Error> {
    let mut fields = Fields::default();
    let asked = asked!(inventory, fields, request);
    let session_id = fields.id("count_session_id", &request.count_session_id);
    // How far back it may lie is a matter of when the stock-take began.
    let seen_at = fields.occur_time(request.occur_time, true, asked.recorded_at);
    if request.lines.is_empty() || request.lines.len() > LINES_MAX {
        fields.refuse("lines", format!("must be 1 to {LINES_MAX}"));
    }
    let said: Vec<_> = request
        .lines
        .iter()
        .take(LINES_MAX)
        .enumerate()
        .map(|(place, line)| Some(read_line(&mut fields, &format!("lines[{place}]"), line)))
        .collect();
    fields.finish()?;
    let mut lines: Vec<NewLine> =
        said.iter().flatten().enumerate().map(|(place, line)| line.to_store(place + 1)).collect();

    let store = &inventory.store;
    let recorded = match store.record_count_lines(&asked, session_id, seen_at, &lines, false).await? {
        RecordAnswer::Recorded(recorded) => recorded,
        RecordAnswer::Unresolved { unresolved } => {
            let catalogue = store.catalogue(asked.shop_id).await?;
            lines::decide(inventory, &said, &unresolved, &catalogue, &mut lines);
            match store.record_count_lines(&asked, session_id, seen_at, &lines, true).await? {
                RecordAnswer::Recorded(recorded) => recorded,
                RecordAnswer::Unresolved { .. } => {
                    return Err(Error::inconsistent("item_key", "a line stayed open after it was decided"));
                }
            }
        }
    };

    tracing::info!(
        shop.id = %asked.shop_id,
        count_session.id = %session_id,
        replayed = recorded.replayed,
        "wrote down {} lines of a stock-take",
        recorded.results.len()
    );
    answer(recorded)
}

fn read_line(fields: &mut Fields, path: &str, line: &pb::OperationLine) -> Line {
    if matches!(line.effect, Some(pb::operation_line::Effect::Change(_))) {
        fields.refuse(path, "must hold a count");
    }
    // The one would tell what the book says, the other is no part of what is seen.
    if line.expected_balance.is_some() {
        fields.refuse(format!("{path}.expected_balance"), "must be absent in a stock-take");
    }
    if line.unit_price.is_some() {
        fields.refuse(format!("{path}.unit_price"), "must be absent in a stock-take");
    }
    Line::parse(fields, path, line)
}

fn answer(recorded: Recorded) -> Result<pb::RecordCountLinesResponse, Error> {
    let blind = |mut result: pb::LineResult| {
        // What is on hand of others is what the book says, too.
        for candidate in &mut result.candidates {
            candidate.on_hand = None;
        }
        result
    };
    Ok(pb::RecordCountLinesResponse {
        count_session: Some(session(&recorded.session)?),
        results: recorded.results.into_iter().map(|row| blind(answers::line_result(row))).collect(),
        replayed: recorded.replayed,
    })
}
