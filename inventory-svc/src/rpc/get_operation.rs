//! `GetOperation`: one operation with its movements.

use proto::inventory::v1 as pb;
use proto::inventory::v1::get_operation_request::Key;
use uuid::Uuid;

use super::fields::{Fields, ItemReference};
use super::reverse_operation::LATEST_MAX;
use super::{Inventory, answers};
use crate::domain::matching;
use crate::error::Error;
use crate::store::OperationKey;

pub(super) async fn get_operation(
    inventory: &Inventory,
    request: pb::GetOperationRequest,
) -> Result<pb::GetOperationResponse, Error> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    let wanted = Wanted::parse(&mut fields, request.key);
    fields.finish()?;

    let key = match wanted {
        Wanted::Known(key) => key,
        Wanted::Latest { member_id, item } => latest(inventory, shop_id, member_id, item.as_ref()).await?,
    };
    let found = inventory.store.operation(shop_id, &key).await?;

    Ok(pb::GetOperationResponse {
        operation: Some(answers::operation(found.operation, found.movements, false)?),
        reversed_by_operation_id: found.reversed_by.map(|id| id.to_string()).unwrap_or_default(),
    })
}

enum Wanted {
    Known(OperationKey),
    Latest { member_id: Uuid, item: Option<ItemReference> },
}

impl Wanted {
    fn parse(fields: &mut Fields, key: Option<Key>) -> Self {
        match key {
            Some(Key::OperationId(id)) => Self::Known(OperationKey::Id(fields.id("operation_id", &id))),
            Some(Key::Request(pb::RequestKey { source, request_id })) => {
                let source = fields.source_at("request.source", source);
                fields.request_id_at("request.request_id", &request_id);
                Self::Known(OperationKey::Request { source, request_id })
            }
            Some(Key::Latest(pb::LatestOperation { member_id, item })) => Self::Latest {
                member_id: fields.id("latest.member_id", &member_id),
                item: item.map(|item| fields.item("latest.item", Some(&item))),
            },
            None => {
                fields.refuse("key", "must be operation_id, request or latest");
                Self::Known(OperationKey::Id(Uuid::nil()))
            }
        }
    }
}

async fn latest(
    inventory: &Inventory,
    shop_id: Uuid,
    member_id: Uuid,
    item: Option<&ItemReference>,
) -> Result<OperationKey, Error> {
    let Some(item) = item else {
        let since = inventory.clock.now() - LATEST_MAX;
        return Ok(OperationKey::Id(inventory.store.latest_operation(shop_id, member_id, None, Some(since)).await?));
    };
    let item_ids: Vec<Uuid> = match item {
        ItemReference::Id(id) => vec![*id],
        ItemReference::Named { keys, .. } => {
            let catalogue = inventory.store.catalogue(shop_id).await?;
            // All that may have been meant, where it is not clear which: what was done last tells them apart.
            let (ranked, exact) = matching::answer(catalogue.rank(keys));
            ranked.into_iter().take(if exact { 1 } else { usize::MAX }).map(|(item, _)| item.item.id).collect()
        }
    };
    Ok(OperationKey::Id(inventory.store.latest_operation(shop_id, member_id, Some(&item_ids), None).await?))
}
