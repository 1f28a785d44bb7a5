//! `PostOperation`: changes stock once, however often it is asked.
//!
//! One round trip when every name is an exact key. When one is not, nothing was done: the names of the shop are read,
//! what is near is weighed here, and the operation is posted with what was decided.

use jiff::Timestamp;
use proto::inventory::v1 as pb;

use super::fields::{Fields, request_hash};
use super::lines::{self, LINES_MAX, Line};
use super::{Inventory, answers};
use crate::domain::paper::paper_key;
use crate::domain::reference::public_reference;
use crate::error::Error;
use crate::store::{Asked, NewLine, NewPaper, PostAnswer, Posted};

pub(super) async fn post_operation(
    inventory: &Inventory,
    request: pb::PostOperationRequest,
) -> Result<pb::PostOperationResponse, Error> {
    let (wanted, outdated) = NewOperation::parse(request, inventory)?;
    let asked = &wanted.asked;
    if let Some(refusal) = outdated {
        // A repeat was in time when it was first asked, and is answered at any distance.
        let stored = inventory.store.stored_post(asked).await?;
        return answer(stored.ok_or(refusal)?, asked.dry_run);
    }
    let mut lines: Vec<NewLine> =
        wanted.lines.iter().flatten().enumerate().map(|(place, line)| line.to_store(place + 1)).collect();
    for line in &mut lines {
        line.hold_unusual = wanted.hold_unusual;
    }

    let posted = match wanted.post(inventory, &lines, false).await? {
        PostAnswer::Posted(posted) => posted,
        PostAnswer::Unresolved { unresolved } => {
            let catalogue = inventory.store.catalogue(asked.shop_id).await?;
            lines::decide(inventory, &wanted.lines, &unresolved, &catalogue, &mut lines);
            match wanted.post(inventory, &lines, true).await? {
                PostAnswer::Posted(posted) => posted,
                PostAnswer::Unresolved { .. } => {
                    return Err(Error::inconsistent("item_key", "a line stayed open after it was decided"));
                }
            }
        }
    };

    if let Some(operation) = posted.operation.as_ref().filter(|_| !asked.dry_run) {
        tracing::info!(
            operation.id = %operation.id,
            shop.id = %asked.shop_id,
            replayed = posted.replayed,
            "posted operation {} of {} movements",
            operation.id,
            posted.movements.len()
        );
    }
    answer(posted, asked.dry_run)
}

fn answer(posted: Posted, dry_run: bool) -> Result<pb::PostOperationResponse, Error> {
    let dry_run = dry_run && !posted.replayed;
    Ok(pb::PostOperationResponse {
        results: answers::line_results(posted.results, &posted.movements),
        operation: posted
            .operation
            .map(|operation| answers::operation(operation, posted.movements, dry_run))
            .transpose()?,
        replayed: posted.replayed,
    })
}

/// A request that makes sense in itself.
struct NewOperation {
    asked: Asked,
    occurred_at: Timestamp,
    lines: Vec<Option<Line>>,
    all_or_nothing: bool,
    hold_unusual: bool,
    paper: Option<NewPaper>,
}

impl NewOperation {
    /// Reads a request, with what is wrong with it unless it is a repeat.
    fn parse(mut request: pb::PostOperationRequest, inventory: &Inventory) -> Result<(Self, Option<Error>), Error> {
        let dry_run = std::mem::take(&mut request.dry_run); // asking first and then doing is the same request
        // Who asks again after an update may have learned to set it, and means the same request.
        let hold_unusual = std::mem::take(&mut request.hold_unusual);
        let request_hash = request_hash(&request);
        let now = inventory.clock.now();
        let mut fields = Fields::default();
        let shop_id = fields.id("shop_id", &request.shop_id);
        fields.request_id(&request.request_id);
        let source = fields.source(request.source);
        let member_id = fields.optional_id("member_id", &request.member_id);
        let occurred_at = fields.occur_time(request.occur_time, request.backdated, now);
        if request.lines.is_empty() || request.lines.len() > LINES_MAX {
            fields.refuse("lines", format!("must be 1 to {LINES_MAX}"));
        }
        let lines = request
            .lines
            .iter()
            .take(LINES_MAX)
            .enumerate()
            .map(|(place, line)| Some(Line::parse(&mut fields, &format!("lines[{place}]"), line)))
            .collect();
        let paper = request.paper.as_ref().map(|paper| parse_paper(&mut fields, paper));
        let outdated = fields.finish_unless_repeat()?;
        let operation_id = inventory.ids.uuid();
        let wanted = Self {
            asked: Asked {
                shop_id,
                operation_id,
                public_reference: public_reference(operation_id),
                source,
                request_id: request.request_id,
                request_hash,
                member_id,
                recorded_at: now,
                dry_run,
            },
            occurred_at,
            lines,
            all_or_nothing: request.all_or_nothing,
            hold_unusual,
            paper,
        };
        Ok((wanted, outdated))
    }

    async fn post(&self, inventory: &Inventory, lines: &[NewLine], is_decided: bool) -> Result<PostAnswer, Error> {
        inventory
            .store
            .post_operation(&self.asked, self.occurred_at, lines, is_decided, self.all_or_nothing, self.paper.as_ref())
            .await
    }
}

fn parse_paper(fields: &mut Fields, paper: &pb::Paper) -> NewPaper {
    let mut key = |field: &str, printed: &str, length_max: usize| {
        if printed.chars().count() > length_max || printed.contains('\0') {
            fields.refuse(field, format!("must have at most {length_max} code points and no NUL"));
        }
        let key = paper_key(printed);
        if key.is_empty() {
            fields.refuse(field, "must hold a letter or a digit");
        }
        key
    };
    NewPaper {
        supplier_key: key("paper.supplier", &paper.supplier, 200),
        number_key: key("paper.number", &paper.number, 100),
        supplier: paper.supplier.clone(),
        number: paper.number.clone(),
    }
}
