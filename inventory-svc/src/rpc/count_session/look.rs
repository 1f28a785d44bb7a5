//! `GetCountSession`: how far a stock-take is, and what differs from the book when that is asked for.

use proto::inventory::v1 as pb;
use proto::inventory::v1::get_count_session_request::Target;
use uuid::Uuid;

use super::session;
use crate::error::Error;
use crate::rpc::fields::Fields;
use crate::rpc::{Inventory, answers, page_token};
use crate::store::{AfterLine, CountSessionKey, CountSessionLineRow};

pub(in crate::rpc) async fn get_count_session(
    inventory: &Inventory,
    request: pb::GetCountSessionRequest,
) -> Result<pb::GetCountSessionResponse, Error> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    let key = match &request.target {
        Some(Target::CountSessionId(id)) => CountSessionKey::Id(fields.id("count_session_id", id)),
        Some(Target::OpenOfMemberId(id)) => CountSessionKey::OpenOf(fields.id("open_of_member_id", id)),
        None => {
            fields.refuse("target", "must be count_session_id or open_of_member_id");
            CountSessionKey::Id(Uuid::nil())
        }
    };
    let page_size = fields.page_size(request.page_size);
    fields.finish()?;
    let (shop, target) = (shop_id.to_string(), format!("{key:?}"));
    let order = if request.with_variances { "by variance" } else { "as counted" };
    let filters = ["count session", shop.as_str(), target.as_str(), order];
    let after = page_token::decode(&filters, &request.page_token)?.map(read_place).transpose()?;
    let now = inventory.clock.now();

    let mut page =
        inventory.store.count_session(shop_id, key, request.with_variances, after, page_size + 1, now).await?;

    let page_length = usize::try_from(page_size).expect("at most 200");
    let has_more = page.lines.len() > page_length;
    page.lines.truncate(page_length);
    let last = page.lines.last().filter(|_| has_more);
    Ok(pb::GetCountSessionResponse {
        next_page_token: last.map(|row| page_token::encode(&filters, &write_place(row))).unwrap_or_default(),
        lines: page.lines.into_iter().map(line).collect(),
        count_session: Some(session(&page.session)?),
        variance_count: page.variance_count,
        uncounted_items: page.uncounted_items.into_iter().map(answers::item).collect(),
        uncounted_item_count: page.uncounted_item_count,
    })
}

fn line(row: CountSessionLineRow) -> pb::CountSessionLine {
    pb::CountSessionLine {
        item: Some(answers::item(row.item)),
        counted: Some(answers::decimal(row.counted)),
        occur_time: Some(answers::timestamp(row.seen_at)),
        expected: row.expected.map(answers::decimal),
        variance: row.expected.map(|expected| answers::decimal(row.counted - expected)),
    }
}

fn write_place(row: &CountSessionLineRow) -> Vec<u8> {
    format!("{} {}", row.size, row.number).into_bytes()
}

fn read_place(key: Vec<u8>) -> Result<AfterLine, Error> {
    let read = || {
        let text = String::from_utf8(key).ok()?;
        let (size, number) = text.split_once(' ')?;
        Some(AfterLine { size: size.parse().ok()?, number: number.parse().ok()? })
    };
    read().ok_or(Error::InvalidPageToken)
}
