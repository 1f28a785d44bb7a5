//! Looking at the ledger.

use proto::inventory::v1::{GetStockRequest, ListStockRequest, StockLevel};
use rust_decimal::Decimal;

use super::{decimal, reference};
use crate::conversation::{Effect, Item, Line};
use crate::pipeline::Pipeline;
use crate::pipeline::failure::Failure;
use crate::pipeline::message::Sender;
use crate::reply::Outcome;

/// Items that a list shows at once.
const LIST_MAX: i32 = 40;

pub(super) async fn stock(
    pipeline: &Pipeline,
    sender: &Sender,
    item: &Item,
    minus: Option<Decimal>,
) -> Result<Outcome, Failure> {
    let request =
        GetStockRequest { shop_id: sender.shop.shop_id.clone(), item: Some(reference(item)), ..Default::default() };
    let response =
        pipeline.services.inventory.clone().get_stock(request).await.map_err(Failure::of("get stock"))?.into_inner();
    let found = response
        .candidates
        .into_iter()
        .take(20)
        .map(|candidate| (candidate.item.unwrap_or_default().display_name, decimal(candidate.on_hand.as_ref())))
        .collect();
    Ok(Outcome::Stock { said: item.said.clone(), found, minus })
}

pub(super) async fn list(pipeline: &Pipeline, sender: &Sender) -> Result<Outcome, Failure> {
    let request = ListStockRequest { shop_id: sender.shop.shop_id.clone(), page_size: LIST_MAX, ..Default::default() };
    let response =
        pipeline.services.inventory.clone().list_stock(request).await.map_err(Failure::of("list stock"))?.into_inner();
    let levels = response
        .stock_levels
        .into_iter()
        .map(|level| (level.item.unwrap_or_default().display_name, decimal(level.on_hand.as_ref())))
        .collect();
    Ok(Outcome::List { levels, has_more: !response.next_page_token.is_empty() })
}

/// Lines that one operation may have.
const LINES_MAX: i32 = 100;

/// Returns a line for each item that has stock; `None`: there are more than one operation may have.
pub(super) async fn everything(
    pipeline: &Pipeline,
    sender: &Sender,
    effect: &Effect,
) -> Result<Option<Vec<Line>>, Failure> {
    let shop_id = sender.shop.shop_id.clone();
    let request = ListStockRequest { shop_id, page_size: 2 * LINES_MAX, ..ListStockRequest::default() };
    let response =
        pipeline.services.inventory.clone().list_stock(request).await.map_err(Failure::of("list stock"))?.into_inner();
    let with_stock = |level: &StockLevel| !decimal(level.on_hand.as_ref()).is_zero();
    let items = response.stock_levels.into_iter().filter(with_stock).filter_map(|level| level.item);
    let lines: Vec<Line> = items
        .map(|item| Line {
            item: Item { id: Some(item.item_id), said: item.display_name, ..Item::default() },
            effect: effect.clone(),
            unit: String::new(),
            pack_size: None,
            unit_price: None,
            is_new: false,
        })
        .collect();
    let is_all =
        response.next_page_token.is_empty() && i32::try_from(lines.len()).is_ok_and(|count| count <= LINES_MAX);
    Ok(is_all.then_some(lines))
}

/// Returns how many items the shop has, up to `limit`.
pub(in crate::pipeline) async fn item_count_up_to(
    pipeline: &Pipeline,
    sender: &Sender,
    limit: i32,
) -> Result<usize, Failure> {
    let request = ListStockRequest { shop_id: sender.shop.shop_id.clone(), page_size: limit, ..Default::default() };
    let response =
        pipeline.services.inventory.clone().list_stock(request).await.map_err(Failure::of("list stock"))?.into_inner();
    Ok(response.stock_levels.len())
}
