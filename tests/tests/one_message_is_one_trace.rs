//! One message is one trace, through four services, from the webhook to the Graph call.

use std::collections::HashMap;

use stories::{House, HouseOptions, SERVICES, SpanRecord, eventually, people};

#[tokio::test(flavor = "multi_thread")]
async fn one_message_is_one_trace_with_every_hop_parented_right() {
    let house = House::start(HouseOptions { gemini: true, ..HouseOptions::default() }).await;
    let thandi = people(&house.meta, 1).remove(0);

    let answer = house.ask(&thandi, "Added 50 screws").await;
    let trace_id = answer.trace_id.expect("the Graph call carried a trace");
    let spans_of = || -> Vec<SpanRecord> {
        house.collector.spans().into_iter().filter(|span| span.trace_id == trace_id).collect()
    };
    eventually("spans of all four services and the Graph call are exported", || async {
        let spans = spans_of();
        SERVICES.iter().all(|service| spans.iter().any(|span| span.service == *service))
            && spans.iter().any(is_graph_call)
            && spans.iter().any(|span| span.name == "POST /webhook/whatsapp")
            && spans.iter().any(|span| span.name == "process message")
    })
    .await;

    let spans = spans_of();
    let by_id: HashMap<&str, &SpanRecord> = spans.iter().map(|span| (span.span_id.as_str(), span)).collect();
    let ancestors = |span: &SpanRecord| -> Vec<String> {
        let mut names = Vec::new();
        let mut at = by_id.get(span.parent_id.as_str());
        while let Some(parent) = at {
            names.push(parent.name.clone());
            at = by_id.get(parent.parent_id.as_str());
        }
        names
    };
    let find = |name: &str, service: &str| {
        spans
            .iter()
            .find(|span| span.name == name && span.service == service)
            .unwrap_or_else(|| panic!("no {name} in {service}"))
    };

    // The webhook is the root, or a child of what Meta's request carried.
    let webhook = find("POST /webhook/whatsapp", "gateway");
    assert!(ancestors(webhook).is_empty());
    let process = find("process message", "gateway");
    assert!(ancestors(process).contains(&webhook.name));
    assert!(ancestors(find("inbox wait", "gateway")).contains(&webhook.name));
    for (method, service) in [
        ("thebackroom.inventory.v1.InventoryService/IdentifyMember", "inventory-svc"),
        ("thebackroom.parser.v1.ParserService/ParseMessage", "parser-svc"),
        ("thebackroom.inventory.v1.InventoryService/PostOperation", "inventory-svc"),
        ("thebackroom.messenger.v1.MessengerService/SendMessage", "messenger-svc"),
    ] {
        // The server's span is the child of the client's of the same name, which is below "process message".
        let server = find(method, service);
        let client = by_id[server.parent_id.as_str()];
        assert_eq!((client.name.as_str(), client.service.as_str()), (method, "gateway"));
        assert!(ancestors(client).contains(&process.name), "{method}");
        assert!(client.times.0 <= server.times.0 && server.times.1 <= client.times.1 + 50_000_000, "{method}");
    }
    let post = spans.iter().find(|span| span.name == "post_operation").expect("the ledger's transaction has a name");
    assert!(ancestors(post).iter().any(|name| name.ends_with("PostOperation")));
    let graph = spans.iter().find(|span| is_graph_call(span)).expect("checked above");
    assert_eq!(graph.service, "messenger-svc");
    assert!(ancestors(graph).contains(&"thebackroom.messenger.v1.MessengerService/SendMessage".to_owned()));

    // A receipt that comes later is linked to the message's trace.
    eventually("a receipt is linked", || async {
        house.collector.spans().iter().any(|span| span.trace_id != trace_id && span.links.contains(&trace_id))
    })
    .await;
}

fn is_graph_call(span: &SpanRecord) -> bool {
    span.service == "messenger-svc" && span.attributes.get("http.request.method").is_some_and(|method| method == "POST")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_models_call_is_in_the_trace_too() {
    let house = House::start(HouseOptions { gemini: true, ..HouseOptions::default() }).await;
    let thandi = people(&house.meta, 1).remove(0);

    let answer = house.ask(&thandi, "the wholesaler blorped forty somethings our way whatnot").await;
    let trace_id = answer.trace_id.expect("the Graph call carried a trace");

    eventually("the call to the model is exported", || async {
        house.collector.spans().iter().any(|span| {
            span.trace_id == trace_id
                && span.service == "parser-svc"
                && span.attributes.keys().any(|key| key.starts_with("gen_ai."))
        })
    })
    .await;
    let calls = house.gemini.as_ref().expect("asked for").calls();
    assert!(calls.iter().any(|call| call.traceparent.as_deref().is_some_and(|parent| parent.contains(&trace_id))));
}
