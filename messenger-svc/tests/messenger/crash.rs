//! A process killed between the call and its record.

use std::process::{Child, Command, Stdio};

use proto::messenger::v1::DeliveryState;

use crate::graph::Reply;
use crate::world::{NUMBER, World, arguments, client, eventually, receipt, text};

/// The real binary on the database and Graph API of a world.
fn spawn(world: &World, port: u16) -> Child {
    spawn_with(world, port, &[])
}

fn spawn_with(world: &World, port: u16, more: &[&str]) -> Child {
    let arguments = arguments(&world.database_url, &world.graph);
    Command::new(env!("CARGO_BIN_EXE_messenger-svc"))
        .args(arguments.iter().skip(1).filter(|argument| !argument.starts_with("--listen-addr")))
        .arg(format!("--listen-addr=127.0.0.1:{port}"))
        .args(more)
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Has a message handed over by a process that is killed before the answer, and returns its id.
async fn kill_between_call_and_record(world: &World) -> String {
    let port = free_port();
    let mut process = spawn(world, port);
    let mut client = client(&format!("http://127.0.0.1:{port}")).await;
    world.graph.always(NUMBER, Reply::Hang);
    let message = client.send_message(text("r1", "27820000001", "1")).await.unwrap().into_inner().message_id;
    world.until_calls(1).await;
    process.kill().unwrap(); // SIGKILL
    process.wait().unwrap();
    world.graph.always(NUMBER, Reply::Accept);
    message
}

/// A world whose own messenger has left, so that only the killed one works.
async fn empty_world() -> World {
    let world = World::start(&[]).await;
    world.leave();
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_between_call_and_record_sends_no_second_message_when_the_receipt_comes() {
    let world = empty_world().await;
    let message = kill_between_call_and_record(&world).await;

    let world = world.replica(&["--settle-after-seconds=3600"]).await;
    assert_eq!(world.get(&message).await.state(), DeliveryState::InDoubt);
    let next = world.send("r2", "27820000001", "2").await;
    world.record(vec![receipt("wamid.KILLED", "delivered", &message)]).await;

    world.until(&next, DeliveryState::Accepted).await;
    assert_eq!(world.get(&message).await.state(), DeliveryState::Delivered);
    assert_eq!(world.graph.texts(), ["1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_between_call_and_record_sends_one_more_when_no_receipt_comes() {
    let world = empty_world().await;
    let message = kill_between_call_and_record(&world).await;

    let world = world.replica(&["--settle-after-seconds=1"]).await;

    let message = world.until(&message, DeliveryState::Accepted).await;
    assert_eq!(message.attempt_count, 2);
    let next = world.send("r2", "27820000001", "2").await;
    world.until(&next, DeliveryState::Accepted).await;
    assert_eq!(world.graph.texts(), ["1", "1", "2"]);
}

/// Has two messages go out as one by a process that is killed before the answer.
async fn kill_between_merge_and_record(world: &World) -> (String, String) {
    let port = free_port();
    let mut process = spawn_with(world, port, &["--pair-burst=1", "--pair-period-ms=3000"]);
    let mut client = client(&format!("http://127.0.0.1:{port}")).await;
    let mut send = async |request_id: &str, body: &str| {
        client.send_message(text(request_id, "27820000001", body)).await.unwrap().into_inner().message_id
    };
    send("r0", "0").await;
    world.until_calls(1).await;
    world.graph.always(NUMBER, Reply::Hang);
    let (leader, follower) = (send("r1", "1").await, send("r2", "2").await);
    world.until_calls(2).await;
    process.kill().unwrap(); // SIGKILL
    process.wait().unwrap();
    world.graph.always(NUMBER, Reply::Accept);
    (leader, follower)
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_after_a_merge_loses_nothing_and_doubles_nothing() {
    let world = empty_world().await;
    let (leader, follower) = kill_between_merge_and_record(&world).await;

    let world = world.replica(&["--settle-after-seconds=3600"]).await;
    assert_eq!(world.get(&follower).await.merged_into_message_id, leader);
    assert_eq!(world.get(&follower).await.state(), DeliveryState::InDoubt);
    let next = world.send("r3", "27820000001", "3").await;
    world.record(vec![receipt("wamid.KILLED", "delivered", &leader)]).await;

    world.until(&next, DeliveryState::Accepted).await;
    for message in [&leader, &follower] {
        assert_eq!(world.get(message).await.state(), DeliveryState::Delivered);
    }
    assert_eq!(world.graph.texts(), ["0", "1\n\n2", "3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_after_a_merge_sends_all_of_its_words_once_more_when_no_receipt_comes() {
    let world = empty_world().await;
    let (leader, follower) = kill_between_merge_and_record(&world).await;

    let world = world.replica(&["--settle-after-seconds=1"]).await;

    for message in [&leader, &follower] {
        world.until(message, DeliveryState::Accepted).await;
    }
    assert_eq!(world.graph.texts(), ["0", "1\n\n2", "1\n\n2"]);
}

#[test]
fn missing_token_is_an_error_that_says_what_to_set() {
    let output = Command::new(env!("CARGO_BIN_EXE_messenger-svc"))
        .env_remove("WHATSAPP_ACCESS_TOKEN")
        .env_remove("WHATSAPP_ACCESS_TOKEN_FILE")
        .args(["--listen-addr=127.0.0.1:0", "--database-url=postgres://nobody@127.0.0.1:1/none"])
        .output()
        .unwrap();

    let words = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(words.contains("WHATSAPP_ACCESS_TOKEN is not set"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn drain_finishes_the_send_in_hand_and_leaves() {
    let world = empty_world().await;
    let port = free_port();
    let mut process = spawn(&world, port);
    let mut client = client(&format!("http://127.0.0.1:{port}")).await;
    world.graph.always(NUMBER, Reply::Hang);
    client.send_message(text("r1", "27820000001", "1")).await.unwrap();
    world.until_calls(1).await;

    Command::new("kill").arg(process.id().to_string()).status().unwrap(); // SIGTERM
    eventually("it no longer listens", || async {
        tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err().then_some(())
    })
    .await;
    world.graph.release();

    let status = eventually("it leaves", || std::future::ready(process.try_wait().unwrap())).await;
    assert!(status.success());
    let state: i16 = sqlx::query_scalar("SELECT state FROM message").fetch_one(&world.pool).await.unwrap();
    assert_eq!(state, 3);
}
