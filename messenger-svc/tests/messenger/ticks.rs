//! The read tick and the typing indicator: tried once, never queued.

use platform::error::reason_of;
use proto::messenger::v1 as pb;
use tonic::Code;

use crate::graph::Reply;
use crate::world::{NUMBER, World};

fn tick(whatsapp_id: &str, show_typing: bool) -> pb::MarkReadRequest {
    pb::MarkReadRequest {
        whatsapp_message_id: whatsapp_id.to_owned(),
        show_typing,
        business_phone_number_id: String::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn message_is_shown_as_read_and_typing_only_when_asked_for() {
    let world = World::start(&[]).await;

    world.client.clone().mark_read(tick("wamid.A", true)).await.unwrap();
    world.client.clone().mark_read(tick("wamid.B", false)).await.unwrap();

    let ticks = world.graph.ticks();
    assert_eq!(
        ticks,
        [
            serde_json::json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.A",
                               "typing_indicator": {"type": "text"}}),
            serde_json::json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.B"}),
        ]
    );
    // Nothing of it is kept, and it takes nothing from anybody's limit.
    for table in ["message", "job", "pair_limit", "number_state"] {
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
            .fetch_one(&world.pool)
            .await
            .unwrap();
        assert_eq!(count, 0, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusal_is_told_once_and_not_tried_again() {
    let world = World::start(&[]).await;
    let cases = [
        (Reply::Error(400, 131_009), Code::InvalidArgument, "ERROR_REASON_INVALID_FIELD"),
        (Reply::Error(401, 190), Code::Unavailable, "ERROR_REASON_GRAPH_UNAVAILABLE"),
        (Reply::Error(503, 2), Code::Unavailable, "ERROR_REASON_GRAPH_UNAVAILABLE"),
        (Reply::Raw(502, "<html>"), Code::Unavailable, "ERROR_REASON_GRAPH_UNAVAILABLE"),
        (Reply::Raw(200, "{\"success\":false}"), Code::Unavailable, "ERROR_REASON_GRAPH_UNAVAILABLE"),
    ];
    for (i, (reply, code, reason)) in cases.into_iter().enumerate() {
        world.graph.always(NUMBER, reply);

        let status = world.client.clone().mark_read(tick("wamid.A", true)).await.unwrap_err();

        assert_eq!((status.code(), reason_of(&status).as_deref()), (code, Some(reason)));
        assert_eq!(world.graph.ticks().len(), i + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn server_that_cannot_be_reached_is_unavailable_and_a_missing_id_is_named() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let world = World::start(&[&format!("--graph-api-url=http://{address}")]).await;

    let unreached = world.client.clone().mark_read(tick("wamid.A", true)).await.unwrap_err();
    let missing = world.client.clone().mark_read(tick("", true)).await.unwrap_err();

    assert_eq!(unreached.code(), Code::Unavailable);
    assert_eq!(missing.code(), Code::InvalidArgument);
}
