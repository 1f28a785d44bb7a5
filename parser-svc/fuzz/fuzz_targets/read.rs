//! Any text, in any place of a conversation, gets an answer whose spans stay inside the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proto::parser::v1 as pb;
use proto::parser::v1::parse_message_request::Content;

fuzz_target!(|data: &[u8]| {
    let (place, text) = data.split_first().unwrap_or((&0, &[]));
    let text: String = String::from_utf8_lossy(text).chars().take(4096).collect();
    let length = i32::try_from(text.chars().count()).expect("4,096 at most");

    let answer = parser_svc::read_alone(request(*place, &text)).expect("the request is well formed");

    assert!(!answer.actions.is_empty());
    for span in answer.actions.iter().filter_map(|action| action.span).chain(answer.uncovered) {
        assert!(0 <= span.start && span.start <= span.end && span.end <= length);
    }
});

/// The same text means other things after a question, under a quoted answer and in a stock-take.
fn request(place: u8, text: &str) -> pb::ParseMessageRequest {
    let mut context = pb::Context { counting: place & 1 != 0, ..pb::Context::default() };
    if place & 2 != 0 {
        context.last_actions = vec![posted()];
    }
    if place & 4 != 0 {
        context.quoted_actions = vec![posted()];
    }
    if place & 8 != 0 {
        let asks = pb::Clarification::try_from(i32::from(place >> 4)).unwrap_or_default();
        let options = vec!["coke 2l".to_owned(), "coke can".to_owned()];
        context.open_question = Some(pb::OpenQuestion { asks: asks.into(), drafts: vec![posted()], options });
    }
    let names = ["bread", "coke 2l", "coke can", "salt and pepper", "stock cubes"];
    let item = |name: &str| pb::CatalogueItem { name: name.to_owned(), ..pb::CatalogueItem::default() };
    pb::ParseMessageRequest {
        shop_id: "0190a000-0000-7000-8000-000000000001".to_owned(),
        content: Some(Content::Text(text.to_owned())),
        catalogue: if place & 16 != 0 { names.iter().map(|name| item(name)).collect() } else { Vec::new() },
        context: Some(context),
        ..pb::ParseMessageRequest::default()
    }
}

fn posted() -> pb::Action {
    let line = pb::StockLine {
        item: Some(pb::ItemMention { name: "coke".to_owned(), ..pb::ItemMention::default() }),
        quantity: Some(proto::common::v1::Decimal { value: "5".to_owned() }),
        ..pb::StockLine::default()
    };
    let add = pb::Add { line: Some(line), ..pb::Add::default() };
    pb::Action { intent: Some(pb::action::Intent::Add(add)), ..pb::Action::default() }
}
