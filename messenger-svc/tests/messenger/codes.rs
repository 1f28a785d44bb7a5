//! Every code of Meta's table, as a refusal of a send and as a late receipt.

use proto::messenger::v1 as pb;
use proto::messenger::v1::DeliveryState;

use crate::graph::Reply;
use crate::world::{World, eventually, failed, happened, text};

/// What must come of a refusal.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Expected {
    /// Tried again after about so many seconds.
    Again(u32),
    /// Failed for good.
    Failed,
    /// The number halts and tries again after so many seconds.
    Halts(u32),
}
use Expected::{Again, Failed, Halts};

/// Code, HTTP status where the reference gives one, and what must come of it.
const TABLE: &[(i32, u16, Expected)] = &[
    (0, 401, Halts(60)),
    (1, 400, Again(60)),
    (2, 503, Again(1)),
    (3, 500, Halts(60)),
    (4, 400, Again(60)),
    (10, 403, Halts(60)),
    (33, 400, Halts(60)),
    (100, 400, Failed),
    (190, 401, Halts(60)),
    (200, 403, Halts(60)),
    (250, 403, Halts(60)),
    (299, 403, Halts(60)),
    (368, 403, Halts(60)),
    (613, 400, Again(10)),
    (80_007, 400, Again(60)),
    (130_429, 400, Again(1)),
    (130_472, 400, Failed),
    (130_497, 403, Failed),
    (131_000, 500, Again(60)),
    (131_005, 403, Halts(60)),
    (131_008, 400, Failed),
    (131_009, 400, Failed),
    (131_016, 500, Again(1)),
    (131_021, 400, Failed),
    (131_026, 400, Failed),
    (131_030, 400, Failed),
    (131_031, 403, Halts(60)),
    (131_037, 400, Halts(60)),
    (131_042, 400, Halts(60)),
    (131_044, 400, Halts(60)),
    (131_045, 500, Halts(60)),
    (131_047, 400, Failed),
    (131_048, 400, Halts(3600)),
    (131_049, 400, Failed),
    (131_050, 400, Failed),
    (131_051, 400, Failed),
    (131_052, 400, Failed),
    (131_053, 400, Failed),
    (131_055, 400, Failed),
    (131_056, 400, Again(1)),
    (131_057, 500, Again(10)),
    (131_060, 400, Failed),
    (131_062, 400, Failed),
    (131_063, 400, Failed),
    (131_064, 400, Halts(60)),
    (132_000, 400, Failed),
    (132_001, 404, Failed),
    (132_005, 400, Failed),
    (132_007, 400, Failed),
    (132_008, 400, Failed),
    (132_012, 400, Failed),
    (132_015, 400, Failed),
    (132_016, 400, Failed),
    (132_018, 400, Failed),
    (132_068, 400, Failed),
    (132_069, 400, Again(1)),
    (133_000, 500, Again(60)),
    (133_004, 503, Again(1)),
    (133_005, 400, Failed),
    (133_006, 400, Failed),
    (133_008, 400, Failed),
    (133_009, 400, Again(60)),
    (133_010, 400, Halts(60)),
    (133_015, 400, Again(60)),
    (133_016, 400, Failed),
    (134_011, 500, Failed),
    (134_100, 500, Failed),
    (134_199, 500, Failed),
    (135_000, 400, Failed),
    (136_024, 400, Failed),
    (136_025, 400, Failed),
    (137_000, 400, Failed),
    (138_000, 500, Failed),
    (138_999, 500, Failed),
    (139_000, 500, Failed),
    (139_103, 500, Failed),
    (147_001, 500, Failed),
    (147_005, 500, Failed),
    (2_388_293, 500, Failed),
    (2_494_100, 400, Again(1)),
    (2_593_001, 500, Failed),
    // Not in the table: the status decides.
    (999_999, 500, Again(1)),
    (999_999, 400, Failed),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_code_has_its_action() {
    let world = World::start(&["--number-rate-per-second=10000"]).await;
    for (i, (code, http, expected)) in TABLE.iter().enumerate() {
        // A number of its own, so that a halt holds nobody else back.
        let number = format!("{}", 5000 + i);
        world.graph.always(&number, Reply::Error(*http, *code));
        let request = pb::SendMessageRequest {
            business_phone_number_id: number.clone(),
            ..text(&format!("r{i}"), "27820000000", "hello")
        };
        let id = world.client.clone().send_message(request).await.unwrap().into_inner().message_id;

        let state = if *expected == Failed { DeliveryState::Failed } else { DeliveryState::Queued };
        let message = eventually(&format!("code {code} was judged"), || async {
            let message = world.get(&id).await;
            (message.state() == state && !message.error_detail.is_empty()).then_some(message)
        })
        .await;

        assert_eq!(message.error_code, *code);
        // On a busy machine a short wait may be over before anybody looks.
        let is_short = matches!(expected, Again(..5));
        assert!(message.attempt_count == 1 || is_short, "code {code} was tried {} times", message.attempt_count);
        assert!(!message.error_detail.contains("27820000000"), "{}", message.error_detail);
        assert!(message.error_detail.contains("Atrace"), "{}", message.error_detail);
        assert_eq!(is_halted(&world, &number).await, matches!(expected, Halts(_)), "{code}");
        if let Again(seconds) | Halts(seconds) = expected {
            let (delay, seconds) = (world.delay(&id).await, f64::from(*seconds));
            // A second more: the wait may have been stored after the instant from which this is counted.
            let most = if is_short { 8.0 * seconds } else { seconds };
            assert!(delay < most + 1.0 && delay > seconds - 5.0, "code {code} waits {delay} s");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_code_of_a_late_receipt_fails_the_message_and_halts_the_number_where_it_must() {
    let world = World::start(&["--number-rate-per-second=10000"]).await;
    for (i, (code, _, expected)) in TABLE.iter().enumerate() {
        let number = format!("{}", 5000 + i);
        let request = pb::SendMessageRequest {
            business_phone_number_id: number.clone(),
            ..text(&format!("r{i}"), "27820000000", "hello")
        };
        let id = world.client.clone().send_message(request).await.unwrap().into_inner().message_id;
        let message = world.until(&id, DeliveryState::Accepted).await;

        world.record(vec![happened(failed(&message.whatsapp_message_id, *code, &id), world.clock.now())]).await;

        let message = world.get(&id).await;
        assert_eq!((message.state(), message.error_code), (DeliveryState::Failed, *code));
        // In a receipt 0 is no code.
        let halts = matches!(expected, Halts(_)) && *code != 0;
        eventually(&format!("code {code} was judged"), || async {
            (is_halted(&world, &number).await == halts).then_some(())
        })
        .await;
    }
}

async fn is_halted(world: &World, number: &str) -> bool {
    let sql = "SELECT count(*) > 0 FROM number_state WHERE phone_number_id = $1 AND halted_at IS NOT NULL";
    sqlx::query_scalar(sql).bind(number).fetch_one(&world.pool).await.unwrap()
}
