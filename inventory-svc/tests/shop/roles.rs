//! What each role may do: every call, in the name of everybody.

use proto::common::v1::WhatsAppUser;
use proto::inventory::v1 as pb;
use tonic::Status;

use crate::world::{Shop, World, add, count, decimal, named, reason};
use crate::{ask, join};

/// The calls that are made in the name of a member, and the roles that may: o(wner), m(anager), c(lerk), v(iewer). All
/// others read, and name no member.
const TABLE: [(&str, &str); 23] = [
    ("PostOperation", "omc"),
    ("ReverseOperation", "omc"),
    ("CorrectOperation", "omc"),
    ("TransferStock", "omc"),
    ("StartCountSession", "omc"),
    ("RecordCountLines", "omc"),
    ("FinishCountSession", "omc"),
    ("CancelCountSession", "omc"),
    ("CreateItem", "omc"),
    ("AddItemName", "omc"),
    ("SetItemPack", "omc"),
    ("RenameItem", "om"),
    ("ArchiveItem", "om"),
    ("UnarchiveItem", "om"),
    ("SetLowLevel", "om"),
    ("MergeItems", "om"),
    ("ChangeBaseUnit", "om"),
    ("CreateLocation", "om"),
    ("RenameLocation", "om"),
    ("AddMember", "om"),
    ("ChangeMemberRole", "om"),
    ("RemoveMember", "om"),
    ("UpdateShop", "o"),
];

/// Makes a call that the right person would be answered with anything but a refusal of their role.
#[expect(clippy::too_many_lines, reason = "one arm a call, and nothing else")]
async fn call(shop: &Shop, rpc: &str, tag: &str) -> Result<(), Status> {
    let mut client = shop.client.clone();
    let nobody = || "0190b2c4-0000-7000-8000-000000000000".to_owned();
    let latest = pb::correct_operation_request::Target::OperationId(nobody());
    match rpc {
        "PostOperation" => shop.post(tag, vec![add("1", "milk")]).await.map(drop),
        "ReverseOperation" => shop.send_reversal(shop.reversal(tag, Some(&nobody()))).await.map(drop),
        "CorrectOperation" => client
            .correct_operation(ask!(
                shop,
                tag,
                CorrectOperationRequest {
                    target: Some(latest),
                    corrections: vec![pb::LineCorrection { line_number: 1, line: None }],
                }
            ))
            .await
            .map(drop),
        "TransferStock" => client
            .transfer_stock(ask!(
                shop,
                tag,
                TransferStockRequest {
                    to_location_id: nobody(),
                    lines: vec![pb::TransferLine { item: Some(named("milk")), quantity: Some(decimal("1")) }],
                }
            ))
            .await
            .map(drop),
        "StartCountSession" => client.start_count_session(ask!(shop, tag, StartCountSessionRequest {})).await.map(drop),
        "RecordCountLines" => client
            .record_count_lines(ask!(
                shop,
                tag,
                RecordCountLinesRequest { count_session_id: nobody(), lines: vec![count("1", "milk")] }
            ))
            .await
            .map(drop),
        "FinishCountSession" => client
            .finish_count_session(ask!(shop, tag, FinishCountSessionRequest { count_session_id: nobody() }))
            .await
            .map(drop),
        "CancelCountSession" => client
            .cancel_count_session(ask!(shop, tag, CancelCountSessionRequest { count_session_id: nobody() }))
            .await
            .map(drop),
        "CreateItem" => {
            let name = format!("item {}", tag.replace('/', " "));
            client.create_item(ask!(shop, tag, CreateItemRequest { display_name: name })).await.map(drop)
        }
        "AddItemName" => client
            .add_item_name(ask!(
                shop,
                tag,
                AddItemNameRequest {
                    item_id: nobody(),
                    name: Some(pb::add_item_name_request::Name::Alias("x".into())),
                }
            ))
            .await
            .map(drop),
        "SetItemPack" => client
            .set_item_pack(ask!(
                shop,
                tag,
                SetItemPackRequest { item_id: nobody(), unit: "case".into(), pack_size: Some(decimal("6")) }
            ))
            .await
            .map(drop),
        "RenameItem" => client
            .rename_item(ask!(shop, tag, RenameItemRequest { item_id: nobody(), display_name: "x".into() }))
            .await
            .map(drop),
        "ArchiveItem" => client.archive_item(ask!(shop, tag, ArchiveItemRequest { item_id: nobody() })).await.map(drop),
        "UnarchiveItem" => {
            client.unarchive_item(ask!(shop, tag, UnarchiveItemRequest { item_id: nobody() })).await.map(drop)
        }
        "SetLowLevel" => {
            client.set_low_level(ask!(shop, tag, SetLowLevelRequest { item_id: nobody() })).await.map(drop)
        }
        "MergeItems" => client
            .merge_items(ask!(shop, tag, MergeItemsRequest { item_id: nobody(), into_item_id: nobody() }))
            .await
            .map(drop),
        "ChangeBaseUnit" => client
            .change_base_unit(ask!(
                shop,
                tag,
                ChangeBaseUnitRequest { item_id: nobody(), unit: "each".into(), factor: Some(decimal("2")) }
            ))
            .await
            .map(drop),
        "CreateLocation" => {
            client.create_location(ask!(shop, tag, CreateLocationRequest { display_name: tag.into() })).await.map(drop)
        }
        "RenameLocation" => client
            .rename_location(ask!(shop, tag, RenameLocationRequest { location_id: nobody(), display_name: tag.into() }))
            .await
            .map(drop),
        "AddMember" => client
            .add_member(ask!(
                shop,
                tag,
                AddMemberRequest {
                    user: Some(WhatsAppUser { user_id: format!("ZA.{tag}"), phone_number: String::new() }),
                    role: pb::Role::Viewer.into(),
                }
            ))
            .await
            .map(drop),
        "ChangeMemberRole" => client
            .change_member_role(ask!(
                shop,
                tag,
                ChangeMemberRoleRequest { subject_member_id: nobody(), role: pb::Role::Viewer.into() }
            ))
            .await
            .map(drop),
        "RemoveMember" => {
            client.remove_member(ask!(shop, tag, RemoveMemberRequest { subject_member_id: nobody() })).await.map(drop)
        }
        "UpdateShop" => {
            client.update_shop(ask!(shop, tag, UpdateShopRequest { display_name: Some(tag.into()) })).await.map(drop)
        }
        other => panic!("{other} is not made in the name of a member"),
    }
}

#[tokio::test]
async fn every_call_is_open_to_the_roles_of_the_table_and_to_no_other() {
    let world = World::start().await;
    let owner = world.shop().await;
    owner.post("start", vec![add("5", "milk")]).await.unwrap();
    for role in ["owner", "manager", "clerk", "viewer", "removed"] {
        let member = join(&world, &owner, if role == "removed" { "clerk" } else { role }).await;
        if role == "removed" {
            let request = ask!(owner, "removal", RemoveMemberRequest { subject_member_id: member.member_id.clone() });
            owner.client.clone().remove_member(request).await.unwrap();
        }
        for (rpc, roles) in TABLE {
            let answer = call(&member, rpc, &format!("{role}/{rpc}")).await;

            let refused = answer.err().is_some_and(|status| reason(&status) == "ERROR_REASON_ROLE_NOT_ALLOWED");
            assert_eq!(refused, !roles.contains(&role[..1]) || role == "removed", "{role} calls {rpc}");
        }
    }
    world.finish().await;
}

#[test]
fn every_call_in_the_name_of_a_member_is_in_the_table() {
    use prost_types::FileDescriptorSet;
    let set: FileDescriptorSet = prost::Message::decode(proto::FILE_DESCRIPTOR_SET).expect("build.rs wrote it");
    let ours = || set.file.iter().filter(|file| file.package() == "thebackroom.inventory.v1");
    for rpc in ours().flat_map(|file| &file.service).flat_map(|service| &service.method) {
        let wanted = format!("{}Request", rpc.name());
        let request = ours().flat_map(|file| &file.message_type).find(|message| message.name() == wanted);
        let fields: Vec<_> =
            request.expect("each has one").field.iter().map(prost_types::FieldDescriptorProto::name).collect();
        let is_change = fields.contains(&"member_id") && fields.contains(&"request_id");

        assert_eq!(is_change, TABLE.iter().any(|(name, _)| *name == rpc.name()), "{}", rpc.name());
    }
}
