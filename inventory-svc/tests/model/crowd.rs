//! Many callers at once: what was done is compared in the order in which the ledger did it.
//!
//! Callers work in rounds. After each, the calls that made operations are ordered by the numbers of their movements on
//! each shelf, by what was over before what began, and around the one call of a round that changes which item a name
//! means. If there is no such order, the ledger did something that no single caller could have brought about.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use futures::future::join_all;
use jiff::SignedDuration;
use platform::error::{metadata_of, reason_of};
use proto::inventory::v1 as pb;
use tonic::Status;

use crate::book::{Book, Strictness};
use crate::call::{Answer, Call, from_wire};
use crate::dice::Dice;
use crate::house::{Crash, House};
use crate::program::{Caller, NAMES, draw, draw_structural, opening};
use crate::shop::Shop;

const CLERK_COUNT: usize = 4;
const CALLS_OF_ROUND: usize = 6;

/// A call that was answered, and when, by the count of what began and ended.
struct Done {
    call: Call,
    answer: Result<Answer, Status>,
    began: u64,
    ended: u64,
}

/// A line that an operation left on a shelf: movements and counts.
#[derive(sqlx::FromRow)]
struct Trace {
    op_id: uuid::Uuid,
    item_id: uuid::Uuid,
    location_id: uuid::Uuid,
    seq: i64,
    is_count_line: bool,
    kind: String,
    delta: rust_decimal::Decimal,
}

/// Runs so many calls, or says in which round of which seed the ledger was wrong.
pub(crate) async fn run(
    house: &House,
    seed: u64,
    call_count: usize,
    is_strict: bool,
    orders: bool,
) -> Result<(), String> {
    let mut dice = Dice::new(seed);
    let shop = Shop::open(house, &format!("crowd.{seed}"), is_strict, CLERK_COUNT).await;
    let mut book = Book::new(&shop.owner, shop.places.clone(), is_strict);
    let first = opening(&shop.id, &NAMES);
    let now = house.clock.now();
    let answer = house.call(&first, Crash::None).await;
    book.take(&first, &answer, now, Strictness::Alone)?;
    let rounds = call_count.div_ceil((CLERK_COUNT + 1) * CALLS_OF_ROUND);
    for round in 0..rounds {
        let tell = |error| format!("seed {seed}, round {round} of {rounds}, shop {}: {error}", shop.id);
        let done = play(house, &shop, &book, &mut dice, round).await.map_err(tell)?;
        let made = check_refusals(house, &shop, done).await.map_err(tell)?;
        if orders {
            settle(house, &shop, &mut book, made).await.map_err(tell)?;
            shop.compare(house, &book).await.map_err(tell)?;
        }
    }
    Ok(())
}

/// Lets everybody call.
async fn play(house: &House, shop: &Shop, book: &Book, dice: &mut Dice, round: usize) -> Result<Vec<Done>, String> {
    let count = AtomicU64::new(0);
    let structural_at = dice.below(CALLS_OF_ROUND as u64);
    let members = shop.clerks.iter().map(String::as_str).chain([""]);
    let callers = members.enumerate().map(|(number, member)| {
        let mut dice = Dice::new(dice.below(u64::MAX));
        let count = &count;
        async move {
            let caller = Caller {
                shop_id: shop.id.clone(),
                member_id: member.to_owned(),
                changes_items: false,
                puts_away: false,
            };
            let (mut done, mut own) = (Vec::new(), Vec::new());
            for step in 0..CALLS_OF_ROUND {
                let passed = i64::try_from(dice.below(300)).expect("it is small");
                house.clock.advance(SignedDuration::from_millis(passed + 1));
                let now = house.clock.now();
                let request_id = format!("{round}/{number}/{step}");
                let structural = (number == 0 && step as u64 == structural_at)
                    .then(|| draw_structural(&mut dice, book, &shop.id, &shop.owner, &request_id))
                    .flatten();
                let mut call = structural.unwrap_or_else(|| draw(&mut dice, book, &caller, &own, &request_id, now));
                if dice.one_in(12) {
                    call.set_dry_run(true);
                }
                let began = count.fetch_add(1, Ordering::SeqCst);
                let (crash, other_crash) = (Crash::draw(&mut dice), Crash::draw(&mut dice));
                let mut answer = if dice.one_in(8) {
                    twins(house, &call, crash, other_crash).await?
                } else {
                    house.call(&call, crash).await
                };
                let ended = count.fetch_add(1, Ordering::SeqCst);
                if let Ok(answer) = &mut answer {
                    answer.take_replayed();
                    own.extend(answer.operation().map(|operation| operation.operation_id.clone()));
                    own.retain(|id| !id.is_empty());
                }
                done.push(Done { call, answer, began, ended });
            }
            repeat(house, &done).await?;
            Ok::<_, String>(done)
        }
    });
    let callers: Vec<_> = callers.collect();
    Ok(join_all(callers).await.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// Sends the same request twice at once: what is stored is stored once.
async fn twins(house: &House, call: &Call, crash: Crash, other: Crash) -> Result<Result<Answer, Status>, String> {
    let (mut one, mut other) = tokio::join!(house.call(call, crash), house.call(call, other));
    let is_stored =
        |answer: &Result<Answer, Status>| answer.as_ref().is_ok_and(Answer::is_stored) && !call.is_dry_run();
    if is_stored(&other) && !is_stored(&one) {
        std::mem::swap(&mut one, &mut other);
    }
    if is_stored(&one) && is_stored(&other) {
        for twin in [&mut one, &mut other] {
            twin.as_mut().map(Answer::take_replayed).map_err(|error| error.to_string())?;
        }
        if one.as_ref().ok() != other.as_ref().ok() {
            return Err(format!("twins of {} were answered {one:?} and {other:?}", call.request_id()));
        }
    }
    Ok(one)
}

/// Sends what was done last again.
async fn repeat(house: &House, done: &[Done]) -> Result<(), String> {
    let stored = |done: &&Done| done.answer.as_ref().is_ok_and(Answer::is_stored) && !done.call.is_dry_run();
    let Some(last) = done.iter().rev().find(stored) else { return Ok(()) };
    let mut again = house.call(&last.call, Crash::None).await;
    let replayed = again.as_mut().ok().map(Answer::take_replayed);
    if replayed == Some(Some(true)) && again.as_ref().ok() == last.answer.as_ref().ok() {
        return Ok(());
    }
    Err(format!("{:?} was answered {:?}, and again {again:?}", last.call, last.answer))
}

/// Proves what was refused, and returns what was done.
async fn check_refusals(house: &House, shop: &Shop, done: Vec<Done>) -> Result<Vec<Done>, String> {
    let mut made = Vec::new();
    for done in done {
        match &done.answer {
            Err(status) => refused(house, shop, &done.call, status).await?,
            Ok(answer) if answer.operation().is_some() && !done.call.is_dry_run() => made.push(done),
            Ok(_) => {}
        }
    }
    Ok(made)
}

/// Takes a round into the book.
async fn settle(house: &House, shop: &Shop, book: &mut Book, made: Vec<Done>) -> Result<(), String> {
    let id_of = |done: &Done| {
        let operation = done.answer.as_ref().ok().and_then(Answer::operation).expect("it made one");
        operation.operation_id.clone()
    };
    let ids: Vec<String> = made.iter().map(id_of).collect();
    let traces: Vec<Trace> = sqlx::query_as(
        "SELECT coalesce(c.op_id, m.op_id) AS op_id, m.item_id, m.location_id, m.seq, false AS is_count_line, m.kind,
           m.delta
         FROM movement m LEFT JOIN correction c ON c.shop_id = m.shop_id AND c.reversal_id = m.op_id
         WHERE m.shop_id = $1::uuid AND coalesce(c.op_id, m.op_id) = ANY ($2::uuid[])
         UNION ALL
         SELECT op_id, item_id, location_id, coalesce(seq, 0), true, 'count', 0 FROM count_line
         WHERE shop_id = $1::uuid AND op_id = ANY ($2::uuid[])",
    )
    .bind(&shop.id)
    .bind(&ids)
    .fetch_all(&mut house.owner().await)
    .await
    .expect("the owner may look");

    let all: Vec<(String, String)> = sqlx::query_as(
        "SELECT o.id::text, o.request_id FROM operation o WHERE o.shop_id = $1::uuid AND NOT EXISTS (
           SELECT FROM correction c WHERE c.shop_id = o.shop_id AND c.reversal_id = o.id)",
    )
    .bind(&shop.id)
    .fetch_all(&mut house.owner().await)
    .await
    .expect("the owner may look");
    if let Some((id, request_id)) = all.iter().find(|(id, _)| !ids.contains(id) && !book.has_operation(id)) {
        return Err(format!("{request_id} made {id} and was answered as if it had not"));
    }

    for place in order(book, &made, &ids, &traces)? {
        let done = &made[place];
        let operation = done.answer.as_ref().ok().and_then(Answer::operation).expect("it made one");
        let now = from_wire(operation.record_time.as_ref());
        book.take(&done.call, &done.answer, now, Strictness::Among)
            .map_err(|error| format!("{:?} made {}: {error}", done.call, operation.operation_id))?;
    }
    Ok(())
}

/// Orders what was done, each by its place.
fn order(book: &Book, made: &[Done], ids: &[String], traces: &[Trace]) -> Result<Vec<usize>, String> {
    let mut edges: BTreeMap<(usize, usize), &str> = BTreeMap::new();
    let mut shelves: BTreeMap<_, Vec<(i64, bool, usize)>> = BTreeMap::new();
    for trace in traces {
        let place = ids.iter().position(|id| *id == trace.op_id.to_string()).expect("it was asked for");
        shelves.entry((trace.item_id, trace.location_id)).or_default().push((trace.seq, trace.is_count_line, place));
    }
    for shelf in shelves.values_mut() {
        shelf.sort_unstable();
        let moved: Vec<_> = shelf.iter().filter(|(_, is_count_line, _)| !is_count_line).copied().collect();
        let pairs = moved.windows(2).map(|pair| (pair[0].2, pair[1].2));
        // A count without a difference is between the movement it saw last and the next one.
        let seen = shelf.iter().filter(|(_, is_count_line, _)| *is_count_line).flat_map(|(seq, _, count)| {
            let last = moved.iter().rev().find(|(moved, ..)| moved <= seq).map(|(.., place)| (*place, *count));
            let next = moved.iter().find(|(moved, ..)| moved > seq).map(|(.., place)| (*count, *place));
            last.into_iter().chain(next)
        });
        let pairs = pairs.chain(seen).filter(|(one, other)| one != other);
        edges.extend(pairs.map(|pair| (pair, "on a shelf")));
    }
    for (one, before) in made.iter().enumerate() {
        let later = made.iter().enumerate().filter(|(_, after)| before.ended < after.began);
        edges.extend(later.map(|(other, _)| ((one, other), "over before")));
    }
    if let Some(place) = made.iter().position(|done| is_structural(book, &done.call)) {
        structural_edges(book, made, ids, traces, place, &mut edges);
    }
    let mut left: BTreeSet<usize> = (0..made.len()).collect();
    let mut ordered = Vec::new();
    while let Some(next) = left
        .iter()
        .copied()
        .filter(|place| !edges.keys().any(|(before, after)| after == place && left.contains(before)))
        .min_by_key(|place| made[*place].began)
    {
        left.remove(&next);
        ordered.push(next);
    }
    if left.is_empty() {
        return Ok(ordered);
    }
    let name = |place: &usize| {
        let own = traces.iter().filter(|trace| trace.op_id.to_string() == ids[*place]);
        let own: Vec<_> = own.map(|trace| format!("{} {} {}", trace.item_id, trace.seq, trace.kind)).collect();
        (*place, made[*place].call.request_id(), &ids[*place], is_structural(book, &made[*place].call), own)
    };
    let stuck: Vec<_> = left.iter().map(name).collect();
    edges.retain(|(one, other), _| left.contains(one) && left.contains(other));
    Err(format!("no order of single calls leads to this: {stuck:?}, {edges:?}"))
}

/// Returns whether a call changes which item a name means.
fn is_structural(book: &Book, call: &Call) -> bool {
    match call {
        Call::Reverse(request) => match &request.target {
            Some(pb::reverse_operation_request::Target::OperationId(id)) => book.puts_away(id).is_some(),
            _ => false,
        },
        call => call.is_structural(),
    }
}

/// Says of all others whether they came before the call that put an item away or brought it back, by where they landed.
fn structural_edges(
    book: &Book,
    made: &[Done],
    ids: &[String],
    traces: &[Trace],
    structural: usize,
    edges: &mut BTreeMap<(usize, usize), &str>,
) {
    let (item_id, names, brings_back) = match &made[structural].call {
        Call::Reverse(request) => {
            let Some(pb::reverse_operation_request::Target::OperationId(id)) = &request.target else { return };
            let (item, names, stands) = book.puts_away(id).expect("it is structural");
            (book.items[item].id.clone(), names, stands)
        }
        Call::Merge(request) => (request.item_id.clone(), book.names_of(&request.item_id), false),
        Call::ChangeUnit(request) => (request.item_id.clone(), book.names_of(&request.item_id), false),
        _ => return,
    };
    // A merge is told which item it put away: the one that was named may have been merged before.
    let item_id = match made[structural].answer.as_ref().ok() {
        Some(Answer::Merge(answer)) => answer.merge.as_ref().map_or(item_id, |merge| merge.merged_item_id.clone()),
        Some(Answer::ChangeUnit(answer)) => answer.merge.as_ref().map_or(item_id, |merge| merge.merged_item_id.clone()),
        _ => item_id,
    };
    for (place, done) in made.iter().enumerate().filter(|(place, _)| *place != structural) {
        let own: Vec<_> = traces
            .iter()
            .filter(|trace| trace.op_id.to_string() == ids[place] && trace.item_id.to_string() == item_id)
            .collect();
        let is_transfer = matches!(done.call, Call::Transfer(_));
        let landed = own.iter().any(|trace| {
            trace.kind != "reversal" && (is_transfer || trace.kind != "transfer") && !is_mirror(done, trace)
        });
        // What was late is mirrored and absorbed, and leaves nothing that could be passed on.
        let mirrored = own.iter().any(|trace| trace.kind == "reversal")
            && !own.iter().map(|trace| trace.delta).sum::<rust_decimal::Decimal>().is_zero();
        let passed_on = !is_transfer && own.iter().any(|trace| trace.kind == "transfer");
        // As long as the item stands for itself, it is what its names mean.
        let named = names_said(done, &names).map(|told| told == item_id);
        let is_own = if landed || (mirrored && !passed_on) || named == Some(true) {
            true
        } else if passed_on || named.is_some() {
            false
        } else {
            continue;
        };
        edges.insert(if is_own == brings_back { (structural, place) } else { (place, structural) }, "by its name");
    }
}

/// Returns whether a line of a count settles what was taken back, and says nothing of what a name means.
fn is_mirror(done: &Done, trace: &Trace) -> bool {
    matches!(done.call, Call::Reverse(_)) && trace.kind == "count"
        || matches!(done.call, Call::Correct(_)) && trace.kind == "count" && !trace.is_count_line
}

/// Returns what the first of these names that a call says was taken for, if it says one; empty where the traces tell.
fn names_said(done: &Done, names: &[String]) -> Option<String> {
    let is_said = |item: Option<&pb::ItemReference>| {
        let reference = item.and_then(|item| item.reference.as_ref());
        matches!(reference, Some(pb::item_reference::Reference::Name(name)) if names.contains(name))
    };
    match (&done.call, done.answer.as_ref().ok()?) {
        (Call::Post(request), Answer::Post(answer)) => {
            let place = request.lines.iter().position(|line| is_said(line.item.as_ref()))?;
            answer.results.get(place)?.item.as_ref().map(|item| item.item_id.clone())
        }
        (Call::Transfer(request), _) => {
            request.lines.iter().any(|line| is_said(line.item.as_ref())).then_some(String::new())
        }
        (Call::Correct(request), _) => {
            let mut lines = request.corrections.iter().filter_map(|correction| correction.line.as_ref());
            lines.any(|line| is_said(line.item.as_ref())).then_some(String::new())
        }
        _ => None,
    }
}

/// Checks that a refusal among many is one that could have been, and that what it says was so.
async fn refused(house: &House, shop: &Shop, call: &Call, status: &Status) -> Result<(), String> {
    let reason = reason_of(status).unwrap_or_default();
    let told = |key: &str| metadata_of(status, key).unwrap_or_default();
    let proof = match (call, reason.as_str()) {
        (Call::Reverse(_) | Call::Correct(_), "ERROR_REASON_ALREADY_REVERSED") => Some((
            "SELECT count(*) FROM operation WHERE shop_id = $1::uuid AND reverses = $2::uuid AND id = $3::uuid",
            told("operationId"),
            told("reversedBy"),
        )),
        (Call::Post(request), "ERROR_REASON_BALANCE_CHANGED" | "ERROR_REASON_INSUFFICIENT_STOCK")
            if request.lines.len() == 1 =>
        {
            Some((
                "SELECT count(*) FROM movement
                 WHERE shop_id = $1::uuid AND item_id = $2::uuid AND balance_after = $3::numeric OR $3::numeric = 0",
                told("itemId"),
                told("onHand"),
            ))
        }
        (Call::Post(_), "ERROR_REASON_BALANCE_CHANGED" | "ERROR_REASON_INSUFFICIENT_STOCK")
        | (
            Call::Reverse(_) | Call::Correct(_),
            "ERROR_REASON_NOTHING_TO_REVERSE"
            | "ERROR_REASON_ROLE_NOT_ALLOWED"
            | "ERROR_REASON_INVALID_FIELD"
            | "ERROR_REASON_INSUFFICIENT_STOCK"
            | "ERROR_REASON_BALANCE_CHANGED"
            | "ERROR_REASON_ITEM_NOT_FOUND",
        )
        | (
            Call::Transfer(_),
            "ERROR_REASON_INVALID_FIELD" | "ERROR_REASON_SCALE_EXCEEDED" | "ERROR_REASON_INSUFFICIENT_STOCK",
        )
        | (
            Call::Merge(_),
            "ERROR_REASON_INVALID_FIELD" | "ERROR_REASON_UNITS_DIFFER" | "ERROR_REASON_ITEM_NOT_FOUND",
        )
        | (
            Call::ChangeUnit(_),
            "ERROR_REASON_INVALID_FIELD" | "ERROR_REASON_SCALE_EXCEEDED" | "ERROR_REASON_ITEM_NOT_FOUND",
        ) => None,
        _ => return Err(format!("{call:?} was refused: {status:?}")),
    };
    let Some((proof, one, other)) = proof else { return Ok(()) };
    let found: i64 = sqlx::query_scalar(proof)
        .bind(&shop.id)
        .bind(&one)
        .bind(&other)
        .fetch_one(&mut house.owner().await)
        .await
        .expect("the owner may look");
    if found == 0 { Err(format!("{call:?} was refused for what was never so: {status:?}")) } else { Ok(()) }
}
