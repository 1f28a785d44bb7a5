//! Requests that were stored long ago still mean what they meant: nobody reused a number, changed a type or a name's place.
//!
//! `examples/*.hex` are never edited. A new RPC adds a file; a file that no longer decodes is a breaking change.

use std::collections::BTreeSet;
use std::path::PathBuf;

use prost::Message;
use prost_types::{FileDescriptorSet, Timestamp};
use proto::common::v1::{Decimal, Money, WhatsAppUser};
use proto::inventory::v1 as inventory;
use proto::messenger::v1 as messenger;
use proto::parser::v1 as parser;

const SHOP: &str = "01930a5e-0000-7000-8000-000000000001";
const MEMBER: &str = "01930a5e-0000-7000-8000-000000000002";
const OPERATION: &str = "01930a5e-0000-7000-8000-000000000003";
const WAMID: &str = "wamid.HBgLMjc4MjAwMDAwMDAVAgASGBQzQTdB";

#[test]
fn parser_requests_mean_what_they_meant() {
    means(
        "parse_message_request",
        &parser::ParseMessageRequest {
            shop_id: SHOP.into(),
            content: Some(parser::parse_message_request::Content::Text("Added 50 screws".into())),
            send_time: time(),
            time_zone: "Africa/Johannesburg".into(),
            language_code: "en".into(),
            context: Some(parser::Context {
                last_actions: vec![add("screws", "50")],
                open_question: Some(parser::OpenQuestion {
                    asks: parser::Clarification::Item as i32,
                    drafts: vec![add("screws", "50")],
                    options: vec!["screw m4".into(), "screw m6".into()],
                }),
                counting: true,
                previous_text: "50".into(),
                booked_documents: vec!["INV-1".into()],
                ..Default::default()
            }),
            catalogue: vec![parser::CatalogueItem {
                name: "screw m6".into(),
                aliases: vec!["skroewe".into()],
                units: vec!["each".into(), "box".into()],
                ..Default::default()
            }],
            ..Default::default()
        },
    );
}

#[test]
fn media_is_read_in_parts() {
    means(
        "parse_media_request",
        &parser::ParseMediaRequest { part: Some(parser::parse_media_request::Part::Chunk(b"OggS".to_vec())) },
    );
}

#[test]
fn inventory_requests_mean_what_they_meant() {
    means(
        "identify_member_request",
        &inventory::IdentifyMemberRequest {
            user: person(),
            profile_name: "Thandi".into(),
            business_phone_number_id: "106540352242922".into(),
            ..Default::default()
        },
    );
    means(
        "link_identity_request",
        &inventory::LinkIdentityRequest {
            previous: person(),
            current: Some(WhatsAppUser { user_id: "ZA.1350".into(), phone_number: "27830000000".into() }),
        },
    );
    means(
        "add_member_request",
        &inventory::AddMemberRequest {
            shop_id: SHOP.into(),
            request_id: WAMID.into(),
            source: inventory::Source::Whatsapp as i32,
            member_id: MEMBER.into(),
            user: person(),
            display_name: "Sipho".into(),
            role: inventory::Role::Clerk as i32,
        },
    );
    means(
        "get_operation_request",
        &inventory::GetOperationRequest {
            shop_id: SHOP.into(),
            key: Some(inventory::get_operation_request::Key::Request(inventory::RequestKey {
                source: inventory::Source::Whatsapp as i32,
                request_id: WAMID.into(),
            })),
        },
    );
    means(
        "post_operation_request",
        &inventory::PostOperationRequest {
            shop_id: SHOP.into(),
            request_id: WAMID.into(),
            source: inventory::Source::Whatsapp as i32,
            member_id: MEMBER.into(),
            occur_time: time(),
            lines: vec![
                inventory::OperationLine {
                    item: item("screws"),
                    effect: Some(inventory::operation_line::Effect::Change(inventory::Change {
                        kind: inventory::MovementKind::Receipt as i32,
                        quantity: decimal("50"),
                        all: false,
                    })),
                    unit: "box".into(),
                    pack_size: decimal("100"),
                    unit_price: Some(Money { amount: decimal("18.50"), currency_code: "ZAR".into() }),
                    expected_balance: decimal("-2"),
                    create_item: true,
                    ..Default::default()
                },
                inventory::OperationLine {
                    item: item("milk"),
                    effect: Some(inventory::operation_line::Effect::Count(inventory::Count {
                        quantity: decimal("1.5"),
                    })),
                    ..Default::default()
                },
            ],
            all_or_nothing: true,
            backdated: true,
            ..Default::default()
        },
    );
    means(
        "reverse_operation_request",
        &inventory::ReverseOperationRequest {
            shop_id: SHOP.into(),
            request_id: WAMID.into(),
            source: inventory::Source::Whatsapp as i32,
            member_id: MEMBER.into(),
            target: Some(inventory::reverse_operation_request::Target::OperationId(OPERATION.into())),
            dry_run: true,
        },
    );
    means(
        "get_stock_request",
        &inventory::GetStockRequest { shop_id: SHOP.into(), item: item("screws"), ..Default::default() },
    );
    means(
        "list_stock_request",
        &inventory::ListStockRequest {
            shop_id: SHOP.into(),
            page_size: 50,
            page_token: "Cg".into(),
            ..Default::default()
        },
    );
    means(
        "list_movements_request",
        &inventory::ListMovementsRequest {
            shop_id: SHOP.into(),
            page_size: 50,
            page_token: "Cg".into(),
            item_id: OPERATION.into(),
            ..Default::default()
        },
    );
}

#[test]
fn requests_about_corrections_and_items_mean_what_they_meant() {
    let (shop_id, request_id, member_id) = (SHOP.to_owned(), WAMID.to_owned(), MEMBER.to_owned());
    let (source, item_id) = (inventory::Source::Whatsapp as i32, OPERATION.to_owned());
    means(
        "correct_operation_request",
        &inventory::CorrectOperationRequest {
            shop_id: shop_id.clone(),
            request_id: request_id.clone(),
            source,
            member_id: member_id.clone(),
            target: Some(inventory::correct_operation_request::Target::Latest(inventory::Latest {})),
            corrections: vec![
                inventory::LineCorrection { line_number: 2, line: None },
                inventory::LineCorrection {
                    line_number: 1,
                    line: Some(inventory::OperationLine { item: item("screws"), ..Default::default() }),
                },
            ],
            dry_run: true,
        },
    );
    means(
        "list_low_stock_request",
        &inventory::ListLowStockRequest { shop_id: shop_id.clone(), page_size: 50, page_token: "Cg".into() },
    );
    means(
        "rename_item_request",
        &inventory::RenameItemRequest {
            shop_id: shop_id.clone(),
            request_id: request_id.clone(),
            source,
            member_id: member_id.clone(),
            item_id: item_id.clone(),
            display_name: "Screws M6".into(),
        },
    );
    means(
        "add_item_name_request",
        &inventory::AddItemNameRequest {
            shop_id: shop_id.clone(),
            request_id: request_id.clone(),
            source,
            member_id: member_id.clone(),
            item_id: item_id.clone(),
            name: Some(inventory::add_item_name_request::Name::Barcode("6001240100011".into())),
        },
    );
    means(
        "archive_item_request",
        &inventory::ArchiveItemRequest {
            shop_id: shop_id.clone(),
            request_id: request_id.clone(),
            source,
            member_id: member_id.clone(),
            item_id: item_id.clone(),
        },
    );
    means(
        "set_low_level_request",
        &inventory::SetLowLevelRequest {
            shop_id: shop_id.clone(),
            request_id: request_id.clone(),
            source,
            member_id: member_id.clone(),
            item_id: item_id.clone(),
            low_level: decimal("5"),
        },
    );
    means(
        "set_item_pack_request",
        &inventory::SetItemPackRequest {
            shop_id,
            request_id,
            source,
            member_id,
            item_id,
            unit: "case".into(),
            pack_size: decimal("12"),
        },
    );
}

#[test]
fn requests_that_read_the_ledger_mean_what_they_meant() {
    let shop_id = SHOP.to_owned();
    means(
        "get_report_request",
        &inventory::GetReportRequest {
            shop_id: shop_id.clone(),
            period: Some(inventory::get_report_request::Period::Days(inventory::DayRange {
                first_day: "2026-11-01".into(),
                last_day: "2026-11-22".into(),
            })),
            top_count: 10,
        },
    );
    means("get_stock_value_request", &inventory::GetStockValueRequest { shop_id: shop_id.clone() });
    means(
        "get_stock_explanation_request",
        &inventory::GetStockExplanationRequest {
            shop_id: shop_id.clone(),
            item: item("bread"),
            location_id: OPERATION.into(),
        },
    );
    means(
        "list_discrepancies_request",
        &inventory::ListDiscrepanciesRequest { shop_id: shop_id.clone(), page_size: 50, page_token: "Cg".into() },
    );
    means("get_item_request", &inventory::GetItemRequest { shop_id: shop_id.clone(), item_id: OPERATION.into() });
    means(
        "parse_item_name_request",
        &inventory::ParseItemNameRequest { shop_id, item: item("bread"), may_be_new: true, whole: true },
    );
}

#[test]
fn messenger_requests_mean_what_they_meant() {
    means(
        "send_message_request",
        &messenger::SendMessageRequest {
            request_id: format!("{WAMID}/reply"),
            recipient: person(),
            content: Some(messenger::Content {
                kind: Some(messenger::content::Kind::ReplyButtons(messenger::ReplyButtons {
                    body: "✅ Added 50 screws to inventory\nNow 50".into(),
                    buttons: vec![messenger::ReplyButton { button_id: "undo/1".into(), title: "Undo".into() }],
                })),
            }),
            quoted_message_id: WAMID.into(),
            business_phone_number_id: "106540352242922".into(),
            ..Default::default()
        },
    );
    means(
        "record_receipts_request",
        &messenger::RecordReceiptsRequest {
            receipts: vec![messenger::Receipt {
                whatsapp_message_id: WAMID.into(),
                status: "failed".into(),
                occur_time: time(),
                callback_data: OPERATION.into(),
                errors: vec![messenger::ReceiptError { code: 131_047, details: "Re-engagement message".into() }],
                pricing: Some(messenger::Pricing {
                    billable: true,
                    pricing_model: "PMP".into(),
                    pricing_type: "regular".into(),
                    category: "service".into(),
                }),
                recipient: person(),
                traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into(),
            }],
        },
    );
    means(
        "get_message_request",
        &messenger::GetMessageRequest { key: Some(messenger::get_message_request::Key::RequestId(WAMID.into())) },
    );
}

#[test]
fn the_smaller_messenger_requests_mean_what_they_meant() {
    means(
        "mark_read_request",
        &messenger::MarkReadRequest {
            whatsapp_message_id: WAMID.into(),
            show_typing: true,
            business_phone_number_id: "106540352242922".into(),
        },
    );
    means(
        "get_media_request",
        &messenger::GetMediaRequest {
            media_id: "9001".into(),
            kind: messenger::MediaKind::Audio as i32,
            sha256: "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=".into(),
            business_phone_number_id: "106540352242922".into(),
        },
    );
    means(
        "get_cost_report_request",
        &messenger::GetCostReportRequest {
            month: "2026-11".into(),
            business_phone_number_id: "106540352242922".into(),
        },
    );
    means(
        "send_otp_request",
        &messenger::SendOtpRequest {
            request_id: "login/1".into(),
            recipient: person(),
            purpose: "login".into(),
            template_language: "en_US".into(),
        },
    );
    means(
        "verify_otp_request",
        &messenger::VerifyOtpRequest {
            request_id: "login/2".into(),
            recipient: person(),
            purpose: "login".into(),
            code: "483920".into(),
        },
    );
}

#[test]
fn requests_about_people_places_and_changes_mean_what_they_meant() {
    means(
        "merge_items_request",
        &inventory::MergeItemsRequest {
            shop_id: SHOP.into(),
            request_id: WAMID.into(),
            source: inventory::Source::Whatsapp as i32,
            member_id: MEMBER.into(),
            item_id: OPERATION.into(),
            into_item_id: MEMBER.into(),
        },
    );
    means(
        "change_base_unit_request",
        &inventory::ChangeBaseUnitRequest {
            shop_id: SHOP.into(),
            request_id: WAMID.into(),
            source: inventory::Source::Whatsapp as i32,
            member_id: MEMBER.into(),
            item_id: OPERATION.into(),
            unit: "each".into(),
            factor: decimal("12"),
        },
    );
    means(
        "unarchive_item_request",
        &inventory::UnarchiveItemRequest {
            shop_id: SHOP.into(),
            request_id: WAMID.into(),
            source: inventory::Source::Whatsapp as i32,
            member_id: MEMBER.into(),
            item_id: OPERATION.into(),
        },
    );
    means(
        "create_item_request",
        &inventory::CreateItemRequest {
            shop_id: SHOP.into(),
            request_id: WAMID.into(),
            source: inventory::Source::Whatsapp as i32,
            member_id: MEMBER.into(),
            display_name: "Flour".into(),
            unit: "kg".into(),
            scale: Some(2),
            low_level: decimal("1.5"),
        },
    );
    means(
        "list_members_request",
        &inventory::ListMembersRequest {
            shop_id: SHOP.into(),
            page_size: 20,
            page_token: "AQ".into(),
            with_removed: true,
        },
    );
    means(
        "change_member_role_request",
        &inventory::ChangeMemberRoleRequest {
            shop_id: SHOP.into(),
            request_id: WAMID.into(),
            source: inventory::Source::Whatsapp as i32,
            member_id: MEMBER.into(),
            subject_member_id: OPERATION.into(),
            role: inventory::Role::Manager as i32,
        },
    );
    means(
        "remove_member_request",
        &inventory::RemoveMemberRequest {
            shop_id: SHOP.into(),
            request_id: WAMID.into(),
            source: inventory::Source::Whatsapp as i32,
            member_id: MEMBER.into(),
            subject_member_id: OPERATION.into(),
        },
    );
    means(
        "update_shop_request",
        &inventory::UpdateShopRequest {
            shop_id: SHOP.into(),
            request_id: WAMID.into(),
            source: inventory::Source::Whatsapp as i32,
            member_id: MEMBER.into(),
            display_name: Some("Thandi's".into()),
            time_zone: Some("Africa/Johannesburg".into()),
            shortage_policy: Some(inventory::ShortagePolicy::Block as i32),
            currency_code: Some("ZAR".into()),
        },
    );
    means(
        "create_location_request",
        &inventory::CreateLocationRequest {
            shop_id: SHOP.into(),
            request_id: WAMID.into(),
            source: inventory::Source::Whatsapp as i32,
            member_id: MEMBER.into(),
            display_name: "Back room".into(),
        },
    );
    means(
        "list_locations_request",
        &inventory::ListLocationsRequest { shop_id: SHOP.into(), page_size: 20, page_token: "AQ".into() },
    );
    means(
        "rename_location_request",
        &inventory::RenameLocationRequest {
            shop_id: SHOP.into(),
            request_id: WAMID.into(),
            source: inventory::Source::Whatsapp as i32,
            member_id: MEMBER.into(),
            location_id: OPERATION.into(),
            display_name: "Back room".into(),
        },
    );
    means(
        "transfer_stock_request",
        &inventory::TransferStockRequest {
            shop_id: SHOP.into(),
            request_id: WAMID.into(),
            source: inventory::Source::Whatsapp as i32,
            member_id: MEMBER.into(),
            from_location_id: OPERATION.into(),
            to_location_id: MEMBER.into(),
            lines: vec![inventory::TransferLine { item: item("screws"), quantity: decimal("5") }],
            occur_time: None,
            dry_run: true,
        },
    );
    means(
        "watch_stock_request",
        &inventory::WatchStockRequest { shop_id: SHOP.into(), cursor: "AQ".into(), only_new: true },
    );
}

#[test]
fn stock_takes_mean_what_they_meant() {
    means(
        "start_count_session_request",
        &inventory::StartCountSessionRequest {
            shop_id: SHOP.into(),
            request_id: WAMID.into(),
            source: inventory::Source::Whatsapp as i32,
            member_id: MEMBER.into(),
            location_id: OPERATION.into(),
            occur_time: None,
        },
    );
    means(
        "record_count_lines_request",
        &inventory::RecordCountLinesRequest {
            shop_id: SHOP.into(),
            request_id: WAMID.into(),
            source: inventory::Source::Whatsapp as i32,
            member_id: MEMBER.into(),
            count_session_id: OPERATION.into(),
            occur_time: time(),
            lines: vec![inventory::OperationLine {
                item: item("screws"),
                effect: Some(inventory::operation_line::Effect::Count(inventory::Count { quantity: decimal("47") })),
                create_item: true,
                ..Default::default()
            }],
        },
    );
    means(
        "get_count_session_request",
        &inventory::GetCountSessionRequest {
            shop_id: SHOP.into(),
            target: Some(inventory::get_count_session_request::Target::OpenOfMemberId(MEMBER.into())),
            with_variances: true,
            page_size: 20,
            page_token: "AQ".into(),
        },
    );
    means(
        "finish_count_session_request",
        &inventory::FinishCountSessionRequest {
            shop_id: SHOP.into(),
            request_id: WAMID.into(),
            source: inventory::Source::Whatsapp as i32,
            member_id: MEMBER.into(),
            count_session_id: OPERATION.into(),
            dry_run: true,
        },
    );
    means(
        "cancel_count_session_request",
        &inventory::CancelCountSessionRequest {
            shop_id: SHOP.into(),
            request_id: WAMID.into(),
            source: inventory::Source::Whatsapp as i32,
            member_id: MEMBER.into(),
            count_session_id: OPERATION.into(),
        },
    );
}

#[test]
fn files_mean_what_they_meant() {
    means(
        "import_stock_request",
        &inventory::ImportStockRequest {
            part: Some(inventory::import_stock_request::Part::Rows(inventory::StockImportRows {
                rows: vec![inventory::StockImportRow {
                    row_number: 2,
                    name: "Screws".into(),
                    barcode: "6001234567890".into(),
                    quantity: "50".into(),
                    unit: "box".into(),
                    pack_size: "100".into(),
                    unit_cost: "0.45".into(),
                    low_level: "20".into(),
                }],
            })),
        },
    );
    means(
        "export_stock_request",
        &inventory::ExportStockRequest { shop_id: SHOP.into(), format: inventory::FileFormat::Xlsx as i32 },
    );
    means(
        "export_movements_request",
        &inventory::ExportMovementsRequest {
            shop_id: SHOP.into(),
            format: inventory::FileFormat::Csv as i32,
            item_id: OPERATION.into(),
            start_time: time(),
            end_time: time(),
        },
    );
}

#[test]
fn whom_to_forget_is_told_as_ever() {
    means("forget_person_request", &inventory::ForgetPersonRequest { user: person(), ..Default::default() });
    means("forget_person_request", &messenger::ForgetPersonRequest { user: person(), ..Default::default() });
}

#[test]
fn every_rpc_has_a_stored_request() {
    let set = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET).expect("build.rs wrote it");
    let wanted: BTreeSet<String> = set
        .file
        .iter()
        .flat_map(|file| &file.service)
        .flat_map(|service| &service.method)
        .map(|rpc| snake(rpc.input_type().rsplit('.').next().expect("a split has a last part")))
        .collect();

    let stored: BTreeSet<String> = std::fs::read_dir(folder())
        .expect("the folder is in the repository")
        .map(|entry| {
            entry.expect("it can be listed").path().file_stem().expect("a name").to_string_lossy().into_owned()
        })
        .collect();

    assert_eq!(stored, wanted, "proto/tests/examples holds one request of each RPC");
}

/// Asserts that the stored bytes decode into `expected`. Fields added since have their default there.
fn means<M: Message + Default + PartialEq + std::fmt::Debug>(name: &str, expected: &M) {
    let path = folder().join(format!("{name}.hex"));
    let fresh: String = expected.encode_to_vec().iter().map(|byte| format!("{byte:02x}")).collect();
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}. Its bytes today are\n{fresh}", path.display()));

    let decoded = M::decode(&bytes(&text)[..]).unwrap_or_else(|error| panic!("{name} no longer decodes: {error}"));

    assert!(decoded == *expected, "{name} decodes into something else:\n{decoded:#?}\ninstead of\n{expected:#?}");
}

fn bytes(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| (byte as char).to_digit(16))
        .map(|digit| u8::try_from(digit.expect("hex digits")).expect("a digit is below 16"))
        .collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/examples")
}

fn snake(pascal: &str) -> String {
    let mut snake = String::new();
    for letter in pascal.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn add(said: &str, quantity: &str) -> parser::Action {
    parser::Action {
        intent: Some(parser::action::Intent::Add(parser::Add {
            line: Some(parser::StockLine {
                item: Some(parser::ItemMention { name: "screw".into(), said: said.into(), ..Default::default() }),
                quantity: decimal(quantity),
                unit: "box".into(),
                ..Default::default()
            }),
            reason: parser::AddReason::Receipt as i32,
        })),
        confirm: true,
        ..Default::default()
    }
}

fn item(name: &str) -> Option<inventory::ItemReference> {
    Some(inventory::ItemReference {
        reference: Some(inventory::item_reference::Reference::Name(name.into())),
        english_name: "screw".into(),
        ..Default::default()
    })
}

fn decimal(value: &str) -> Option<Decimal> {
    Some(Decimal { value: value.into() })
}

fn person() -> Option<WhatsAppUser> {
    Some(WhatsAppUser { user_id: "ZA.1349".into(), phone_number: "27820000000".into() })
}

fn time() -> Option<Timestamp> {
    Some(Timestamp { seconds: 1_795_339_200, nanos: 0 })
}
