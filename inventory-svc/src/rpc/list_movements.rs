//! `ListMovements`: what happened in a shop, newest first.

use jiff::Timestamp;
use proto::inventory::v1 as pb;

use super::fields::Fields;
use super::{Inventory, answers, page_token};
use crate::error::Error;
use crate::store::{MovementsPage, ToldMovement};

pub(super) async fn list_movements(
    inventory: &Inventory,
    request: pb::ListMovementsRequest,
) -> Result<pb::ListMovementsResponse, Error> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    let page_size = fields.page_size(request.page_size);
    let mut page = MovementsPage {
        item_id: fields.optional_id("item_id", &request.item_id),
        member_id: fields.optional_id("member_id", &request.member_id),
        kinds: kinds(&mut fields, &request.kinds),
        location_id: fields.optional_id("location_id", &request.location_id),
        start: fields.optional_time("start_time", request.start_time),
        end: fields.optional_time("end_time", request.end_time),
        before: None,
        limit: page_size + 1,
    };
    if page.start.zip(page.end).is_some_and(|(start, end)| start >= end) {
        fields.refuse("end_time", "must be after start_time");
    }
    fields.finish()?;
    let filters = filters(&request);
    let filters: Vec<&str> = filters.iter().map(String::as_str).collect();
    page.before = page_token::decode(&filters, &request.page_token)?.map(|key| read_key(&key)).transpose()?;

    let mut rows = inventory.store.list_movements(shop_id, &page).await?;

    let page_length = usize::try_from(page_size).expect("at most 200");
    let has_more = rows.len() > page_length;
    rows.truncate(page_length);
    let next_page_token = match rows.last() {
        Some(last) if has_more => page_token::encode(&filters, &write_key(last)),
        _ => String::new(),
    };
    Ok(pb::ListMovementsResponse {
        movements: rows.into_iter().map(answers::told_movement).collect::<Result<_, _>>()?,
        next_page_token,
    })
}

fn kinds(fields: &mut Fields, kinds: &[i32]) -> Option<Vec<String>> {
    let names = kinds
        .iter()
        .enumerate()
        .filter_map(|(place, kind)| {
            let name = pb::MovementKind::try_from(*kind).ok().and_then(answers::kind_name);
            if name.is_none() {
                fields.refuse(format!("kinds[{place}]"), "must be a kind of movement");
            }
            name.map(str::to_owned)
        })
        .collect::<Vec<_>>();
    (!kinds.is_empty()).then_some(names)
}

/// Returns all that was asked for but where the page begins.
fn filters(request: &pb::ListMovementsRequest) -> Vec<String> {
    let time = |time: Option<prost_types::Timestamp>| {
        time.map(|time| format!("{}.{}", time.seconds, time.nanos)).unwrap_or_default()
    };
    let mut filters = vec!["movements".to_owned(), request.shop_id.to_lowercase(), request.item_id.to_lowercase()];
    let further = [
        request.member_id.to_lowercase(),
        request.kinds.iter().map(i32::to_string).collect::<Vec<_>>().join(","),
        request.location_id.to_lowercase(),
        time(request.start_time),
        time(request.end_time),
    ];
    // Tokens of the version that had no further filters are good in this one.
    if further.iter().any(|filter| !filter.is_empty()) {
        filters.extend(further);
    }
    filters
}

/// The id comes first: it was all there was in the version before this one.
fn write_key(row: &ToldMovement) -> Vec<u8> {
    [row.movement.id.to_be_bytes(), row.movement.occurred_at.as_microsecond().to_be_bytes()].concat()
}

fn read_key(key: &[u8]) -> Result<(Timestamp, i64), Error> {
    let (id, rest) = key.split_first_chunk::<8>().ok_or(Error::InvalidPageToken)?;
    let at = match rest.first_chunk::<8>() {
        Some(at) => Timestamp::from_microsecond(i64::from_be_bytes(*at)).map_err(|_| Error::InvalidPageToken)?,
        None => Timestamp::UNIX_EPOCH,
    };
    Ok((at, i64::from_be_bytes(*id)))
}
