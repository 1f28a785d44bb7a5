//! `GetOperation`: one operation with its movements.

use proto::inventory::v1 as pb;
use proto::inventory::v1::get_operation_request::Key;
use uuid::Uuid;

use super::fields::Fields;
use super::{Inventory, answers};
use crate::error::Error;
use crate::store::OperationKey;

pub(super) async fn get_operation(
    inventory: &Inventory,
    request: pb::GetOperationRequest,
) -> Result<pb::GetOperationResponse, Error> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    let key = match request.key {
        Some(Key::OperationId(id)) => OperationKey::Id(fields.id("operation_id", &id)),
        Some(Key::Request(pb::RequestKey { source, request_id })) => {
            let source = fields.source_at("request.source", source);
            fields.request_id_at("request.request_id", &request_id);
            OperationKey::Request { source, request_id }
        }
        Some(Key::Latest(_)) | None => {
            fields.refuse("key", "must be operation_id or request");
            OperationKey::Id(Uuid::nil())
        }
    };
    fields.finish()?;

    let found = inventory.store.operation(shop_id, &key).await?;

    Ok(pb::GetOperationResponse {
        operation: Some(answers::operation(found.operation, found.movements, false)?),
        reversed_by_operation_id: found.reversed_by.map(|id| id.to_string()).unwrap_or_default(),
    })
}
