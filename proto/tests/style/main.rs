//! The contract keeps its style: each rule of the house holds for every file, and each rule can say no.

mod contract;
mod names;
mod rules;
mod snippet;

use prost::Message as _;
use prost_types::FileDescriptorSet;

use crate::rules::complaints;
use crate::snippet::{GOOD, compile};

#[test]
fn the_contract_follows_every_rule() {
    let set = FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET).expect("build.rs wrote it");

    let found = complaints(&set);

    assert!(found.is_empty(), "the contract breaks its style:\n{}", found.join("\n"));
}

#[test]
fn the_rules_are_content_with_a_good_file() {
    let found = complaints(&compile("thebackroom/shop/v1/shop_service.proto", GOOD));

    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn each_rule_refuses_what_breaks_it() {
    // What is put in place of what, and a part of the complaint it must lead to.
    let cases: &[(&str, &str, &str)] = &[
        ("package thebackroom.shop.v1;", "package shop.v1;", "package is not thebackroom.<noun>.v<number>"),
        ("package thebackroom.shop.v1;", "package thebackroom.store.v1;", "lies outside the folder of its package"),
        (
            "package thebackroom.shop.v1;",
            "package thebackroom.shop.one;",
            "package is not thebackroom.<noun>.v<number>",
        ),
        ("service ShopService", "service Shop", "service name does not end in Service"),
        ("service ShopService", "service TillService", "file is not named for its service"),
        ("rpc ListBells", "rpc Bells", "RPC is not named by a verb and a noun"),
        ("rpc RingBell(", "rpc RingBellAtDoor(", "RPC name holds a preposition"),
        ("returns (RingBellResponse)", "returns (Bell)", "response is not named RingBellResponse"),
        ("(RingBellRequest)", "(ListBellsRequest)", "request is not named RingBellRequest"),
        ("(RingBellRequest)", "(ListBellsRequest)", "is used by RingBell and ListBells"),
        ("Bell bell = 2;", "ListBellsRequest bell = 2;", "is also used by the field"),
        ("message Bell {", "message bell {}\nmessage Bell {", "message name is not PascalCase"),
        ("string display_name = 2;", "string displayName = 2;", "field name is not lower_snake_case"),
        ("bool loud = 5;", "bool is_loud = 5;", "field name begins with is_"),
        ("Timestamp ring_time = 3;", "Timestamp rung_at = 3;", "timestamp does not end in _time"),
        ("Timestamp ring_time = 3;", "Timestamp ringing = 3;", "timestamp does not end in _time"),
        ("google.protobuf.Timestamp ring_time = 3;", "int64 ring_time = 3;", "is no google.protobuf.Timestamp"),
        ("string amount = 4;", "double amount = 4;", "floats cannot carry amounts"),
        ("oneof tone {", "oneof Tone {", "oneof name is not lower_snake_case"),
        ("enum BellKind {", "enum bell_kind { NO = 0; }\nenum BellKind {", "enum name is not PascalCase"),
        ("BELL_KIND_DOOR = 1;", "DOOR = 1;", "value does not begin with BELL_KIND_"),
        ("BELL_KIND_UNSPECIFIED = 0;", "BELL_KIND_NONE = 0;", "value 0 is not BELL_KIND_UNSPECIFIED"),
        ("int32 page_size = 1;", "int64 page_size = 1;", "list request has no `int32 page_size`"),
        ("string page_token = 2;", "string token = 2;", "list request has no `string page_token`"),
        ("repeated Bell bells = 1;", "Bell bells = 1;", "field 1 of a list response is not repeated"),
        ("repeated Bell bells = 1;", "repeated Bell results = 1;", "field 1 of a list response is not named bells"),
        ("string next_page_token = 2;", "string next_token = 2;", "list response has no `string next_page_token`"),
        ("string request_id = 1;", "string id = 1;", "mutating request has no `string request_id`"),
        (
            "// Required. Names this request for good.",
            "// Names this request.",
            "comment does not begin with Required.",
        ),
        ("// Keeps the bells.\n", "", "service has no comment"),
        ("// Lists bells.\n", "", "RPC has no comment"),
        ("// A bell.\n", "", "message has no comment"),
        ("// Its name.\n", "", "field has no comment"),
        ("// How it sounds.\n", "", "oneof has no comment"),
        ("// What a bell is for.\n", "", "enum has no comment"),
        ("// At the door.\n", "", "enum value has no comment"),
        ("`ERROR_REASON_BROKEN`", "`ERROR_REASON_CRACKED`", "ERROR_REASON_CRACKED is no reason of this package"),
        (
            "import \"google/protobuf/timestamp.proto\";",
            "import \"google/protobuf/timestamp.proto\";\nimport \"thebackroom/till/v1/till.proto\";",
            "imports thebackroom/till/v1/till.proto",
        ),
    ];

    for (good, bad, complaint) in cases {
        let source = GOOD.replace(good, bad);
        assert_ne!(source, GOOD, "nothing was replaced: {good}");
        let found = complaints(&compile("thebackroom/shop/v1/shop_service.proto", &source));
        assert!(
            found.iter().any(|found| found.contains(complaint)),
            "`{bad}` must be refused by `{complaint}`; the rules say {found:#?}"
        );
    }
}

#[test]
fn a_noun_file_without_its_noun_is_refused() {
    let source = "syntax = \"proto3\"; package thebackroom.shop.v1;\n// A bell.\nmessage Bell {}";

    let found = complaints(&compile("thebackroom/shop/v1/misc.proto", source));

    assert_eq!(found, ["thebackroom/shop/v1/misc.proto: file is not named for a message or enum in it"]);
}
