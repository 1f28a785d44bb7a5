//! Messages of the contract as JSON, by their own description: names, enums and times as protobuf writes them.

use std::sync::LazyLock;

use anyhow::{Context as _, Result};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, SerializeOptions};
use proto::inventory::v1 as pb;
use serde_json::Value;

static CONTRACT: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(proto::FILE_DESCRIPTOR_SET).expect("the build made it"));

/// A message with its name in the contract.
pub(super) trait Named: Message + Default {
    /// Its name within the package.
    const NAME: &'static str;
}

macro_rules! named {
    ($($message:ident),+ $(,)?) => {
        $(impl Named for pb::$message {
            const NAME: &'static str = stringify!($message);
        })+
    };
}

named!(
    AddItemNameResponse,
    AddMemberResponse,
    ArchiveItemResponse,
    CancelCountSessionResponse,
    ChangeBaseUnitResponse,
    ChangeMemberRoleResponse,
    CorrectOperationResponse,
    CreateItemResponse,
    CreateLocationResponse,
    FinishCountSessionResponse,
    GetCountSessionResponse,
    GetItemResponse,
    GetOperationResponse,
    ImportStockResponse,
    GetReportResponse,
    GetStockExplanationResponse,
    GetStockResponse,
    GetStockValueResponse,
    LineCorrection,
    ListDiscrepanciesResponse,
    ListLocationsResponse,
    ListLowStockResponse,
    ListMembersResponse,
    ListMovementsResponse,
    ListStockResponse,
    MergeItemsResponse,
    OperationLine,
    PostOperationResponse,
    RecordCountLinesResponse,
    RemoveMemberResponse,
    RenameItemResponse,
    RenameLocationResponse,
    ReverseOperationResponse,
    SetItemPackResponse,
    SetLowLevelResponse,
    StartCountSessionResponse,
    TransferStockResponse,
    UnarchiveItemResponse,
    UpdateShopResponse,
    WatchStockResponse,
);

fn description<M: Named>() -> Result<MessageDescriptor> {
    let name = format!("thebackroom.inventory.v1.{}", M::NAME);
    CONTRACT.get_message_by_name(&name).with_context(|| format!("{name} is in the contract"))
}

/// Returns a message as JSON. Every field is there that has a value by itself, so that readers need no defaults.
pub(super) fn to_json<M: Named>(message: &M) -> Result<Value> {
    let mut dynamic = DynamicMessage::new(description::<M>()?);
    dynamic.transcode_from(message).context("describe the answer")?;
    let options = SerializeOptions::new().skip_default_fields(false);
    dynamic.serialize_with_options(serde_json::value::Serializer, &options).context("write the answer")
}

/// Reads a message from JSON; a field that it does not have is an error.
pub(super) fn from_json<M: Named>(value: &Value) -> Result<M> {
    let dynamic = DynamicMessage::deserialize(description::<M>()?, value)?;
    Ok(dynamic.transcode_to()?)
}

#[cfg(test)]
mod tests {
    use proto::common::v1::Decimal;
    use serde_json::json;

    use super::*;

    #[test]
    fn messages_are_written_with_the_names_of_the_contract() {
        let item = pb::Item { item_id: "7".to_owned(), display_name: "bread".to_owned(), ..Default::default() };
        let on_hand = Some(Decimal { value: "47".to_owned() });
        let level = pb::StockLevel { item: Some(item), on_hand, ..Default::default() };
        let answer = pb::ListStockResponse { stock_levels: vec![level], next_page_token: String::new() };

        let written = to_json(&answer).unwrap();

        assert_eq!(
            written,
            json!({"stockLevels": [{"item": {"itemId": "7", "displayName": "bread", "baseUnit": "", "scale": 0},
                                    "onHand": {"value": "47"}}],
                   "nextPageToken": ""})
        );
    }

    #[test]
    fn lines_are_read_and_a_misspelt_field_is_refused() {
        let line: pb::OperationLine = from_json(&json!({
            "item": {"name": "screws"},
            "change": {"kind": "MOVEMENT_KIND_RECEIPT", "quantity": {"value": "50"}},
        }))
        .unwrap();
        assert!(matches!(line.effect, Some(pb::operation_line::Effect::Change(_))));

        let error = from_json::<pb::OperationLine>(&json!({"itme": {}})).unwrap_err();
        assert!(error.to_string().contains("itme"), "{error}");
    }
}
