//! Putting an operation right, and doing again what was taken back.

use proto::inventory::v1 as pb;
use proto::inventory::v1::correct_operation_request::Target;
use tokio::task::JoinSet;
use tonic::{Code, Status};

use crate::people::join;
use crate::world::{Shop, World, add, change, count, in_unit, reason, sell, text};

fn correction(
    shop: &Shop,
    request_id: &str,
    operation_id: Option<&str>,
    lines: Vec<(i32, Option<pb::OperationLine>)>,
) -> pb::CorrectOperationRequest {
    let later = shop.request("only for its time", Vec::new()); // one moment later, so that "latest" is never a tie
    let target = operation_id.map_or(Target::Latest(pb::Latest {}), |id| Target::OperationId(id.to_owned()));
    pb::CorrectOperationRequest {
        shop_id: later.shop_id,
        request_id: request_id.to_owned(),
        source: later.source,
        member_id: later.member_id,
        target: Some(target),
        corrections: lines.into_iter().map(|(line_number, line)| pb::LineCorrection { line_number, line }).collect(),
        dry_run: false,
    }
}

async fn send(shop: &Shop, request: pb::CorrectOperationRequest) -> Result<pb::CorrectOperationResponse, Status> {
    Ok(shop.client.clone().correct_operation(request).await?.into_inner())
}

/// Corrects the first line of the latest operation.
async fn correct(
    shop: &Shop,
    request_id: &str,
    line: pb::OperationLine,
) -> Result<pb::CorrectOperationResponse, Status> {
    send(shop, correction(shop, request_id, None, vec![(1, Some(line))])).await
}

fn redo(shop: &Shop, request_id: &str) -> pb::ReverseOperationRequest {
    use pb::reverse_operation_request::Target;
    pb::ReverseOperationRequest {
        target: Some(Target::LatestReversal(pb::LatestReversal {})),
        ..shop.reversal(request_id, None)
    }
}

#[tokio::test]
async fn no_40_replaces_the_50_and_keeps_what_was_sold_since() {
    let world = World::start().await;
    let shop = world.shop().await;
    let wrong = shop.post("1", vec![add("50", "screws")]).await.unwrap().operation.unwrap();
    let clerk = world.as_member(&shop.id, &join(&world, &shop.id, "clerk").await);
    clerk.post("2", vec![sell("7", "screws")]).await.unwrap();

    let answer = correct(&shop, "3", add("40", "screws")).await.unwrap();

    assert_eq!(answer.corrected.as_ref(), Some(&wrong));
    let right = answer.operation.clone().unwrap();
    assert_eq!(right.kind(), pb::OperationKind::Correction);
    assert_eq!(right.reverses_operation_id, wrong.operation_id);
    assert_eq!(right.occur_time, wrong.occur_time, "at the time of what was wrong");
    assert_eq!(
        (text(answer.results[0].delta.as_ref()), text(answer.results[0].balance_after.as_ref())),
        ("40".into(), "33".into())
    );
    assert_eq!(shop.on_hand("screws").await, "33");
    // Asked for by its id, it is told the same way; and the wrong one was taken back.
    let get = async |id: &str| {
        use pb::get_operation_request::Key;
        let request = pb::GetOperationRequest { shop_id: shop.id.clone(), key: Some(Key::OperationId(id.to_owned())) };
        shop.client.clone().get_operation(request).await.unwrap().into_inner()
    };
    assert_eq!(get(&right.operation_id).await.operation, Some(right));
    let reversal = get(&wrong.operation_id).await.reversed_by_operation_id;
    assert_ne!(reversal, "");
    // Half of it cannot be taken back.
    let refused = shop.send_reversal(shop.reversal("4", Some(&reversal))).await.unwrap_err();
    assert_eq!(reason(&refused), "ERROR_REASON_INVALID_FIELD");
    world.finish().await;
}

#[tokio::test]
async fn a_correction_equals_an_undo_and_a_post() {
    let world = World::start().await;
    for (place, (wrong, right)) in [
        (add("50", "rice"), sell("5", "rice")),
        (sell("9", "rice"), sell("6", "rice")),
        (in_unit(add("2", "rice"), "case", Some("12")), in_unit(add("3", "rice"), "case", None)),
        (change(pb::MovementKind::Adjustment, "-3", "rice"), count("20", "rice")),
        (count("30", "rice"), count("31", "rice")),
        (add("5", "rice"), add("5", "beans")),
    ]
    .into_iter()
    .enumerate()
    {
        let (one, other) = (world.shop().await, world.shop().await);
        for shop in [&one, &other] {
            shop.post("0", vec![add("10", "rice"), add("1", "beans")]).await.unwrap();
            shop.post("1", vec![wrong.clone()]).await.unwrap();
        }

        correct(&one, "2", right.clone()).await.unwrap();
        other.undo("2").await.unwrap();
        other.post("3", vec![right]).await.unwrap();

        for item in ["rice", "beans"] {
            assert_eq!(one.on_hand(item).await, other.on_hand(item).await, "{item} of case {place}");
        }
    }
    world.finish().await;
}

#[tokio::test]
async fn lines_that_were_right_stay_and_one_may_go() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("0", vec![add("10", "eggs"), add("5", "salt")]).await.unwrap();
    let mut all = sell("1", "salt");
    all.effect = Some(pb::operation_line::Effect::Change(pb::Change {
        kind: pb::MovementKind::Waste.into(),
        quantity: None,
        all: true,
    }));
    let lines = vec![
        add("12", "bread"),
        in_unit(add("2", "milk"), "case", Some("6")),
        count("8", "eggs"),
        all,
        add("3", "jam"),
    ];
    shop.post("1", lines).await.unwrap();

    let lines = vec![(1, Some(add("10", "bread"))), (5, None)];
    let answer = send(&shop, correction(&shop, "2", None, lines)).await.unwrap();

    assert_eq!(answer.results.len(), 4);
    for (item, expected) in [("bread", "10"), ("milk", "12"), ("eggs", "8"), ("salt", "0"), ("jam", "0")] {
        assert_eq!(shop.on_hand(item).await, expected, "{item}");
    }
    world.finish().await;
}

#[tokio::test]
async fn undo_and_redo_of_a_correction_are_those_of_any_operation() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("0", vec![add("100", "screws")]).await.unwrap();
    shop.post("1", vec![add("50", "screws")]).await.unwrap();
    correct(&shop, "2", add("40", "screws")).await.unwrap();
    correct(&shop, "3", add("45", "screws")).await.unwrap();
    assert_eq!(shop.on_hand("screws").await, "145", "a correction can be corrected");

    let nothing = shop.send_reversal(redo(&shop, "4")).await.unwrap_err();
    assert_eq!(reason(&nothing), "ERROR_REASON_NOTHING_TO_REVERSE", "what a correction took back is not done again");
    shop.undo("5").await.unwrap();
    assert_eq!(shop.on_hand("screws").await, "100");
    shop.send_reversal(redo(&shop, "6")).await.unwrap();
    assert_eq!(shop.on_hand("screws").await, "145");
    // What was done again can be corrected, and taken back.
    correct(&shop, "7", add("44", "screws")).await.unwrap();
    assert_eq!(shop.on_hand("screws").await, "144");
    shop.undo("8").await.unwrap();
    shop.undo("9").await.unwrap();
    assert_eq!(shop.on_hand("screws").await, "0");
    // Redo goes back through what was undone, newest first.
    shop.send_reversal(redo(&shop, "10")).await.unwrap();
    assert_eq!(shop.on_hand("screws").await, "100");
    shop.send_reversal(redo(&shop, "11")).await.unwrap();
    assert_eq!(shop.on_hand("screws").await, "144");
    let nothing = shop.send_reversal(redo(&shop, "12")).await.unwrap_err();
    assert_eq!(reason(&nothing), "ERROR_REASON_NOTHING_TO_REVERSE");
    world.finish().await;
}

#[tokio::test]
async fn redo_is_of_the_one_who_asks_and_once_for_a_request() {
    let world = World::start().await;
    let shop = world.shop().await;
    let clerk = world.as_member(&shop.id, &join(&world, &shop.id, "clerk").await);
    shop.post("1", vec![add("50", "screws")]).await.unwrap();
    shop.undo("2").await.unwrap();

    let refused = clerk.send_reversal(redo(&clerk, "3")).await.unwrap_err();
    assert_eq!(reason(&refused), "ERROR_REASON_NOTHING_TO_REVERSE");
    let request = redo(&shop, "4");
    let done = shop.send_reversal(request.clone()).await.unwrap();
    let again = shop.send_reversal(request).await.unwrap();

    assert!(again.replayed && !done.replayed);
    assert_eq!(again.operation, done.operation);
    assert_eq!(shop.on_hand("screws").await, "50");
    let service = pb::ReverseOperationRequest { member_id: String::new(), ..redo(&shop, "5") };
    assert_eq!(reason(&shop.send_reversal(service).await.unwrap_err()), "ERROR_REASON_INVALID_FIELD");
    world.finish().await;
}

#[tokio::test]
async fn a_line_older_than_a_count_is_corrected_and_the_count_stays() {
    let world = World::start().await;
    let shop = world.shop().await;
    let wrong = shop.post("1", vec![add("50", "rice")]).await.unwrap().operation.unwrap();
    world.pass(jiff::SignedDuration::from_mins(5));
    shop.post("2", vec![count("47", "rice")]).await.unwrap();

    let request = correction(&shop, "3", Some(&wrong.operation_id), vec![(1, Some(add("40", "rice")))]);
    send(&shop, request).await.unwrap();

    assert_eq!(shop.on_hand("rice").await, "47", "today's number stays what the person saw");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_corrections_at_once_one_wins_and_its_twins_answer_the_same() {
    let world = World::start().await;
    let shop = world.shop().await;
    for round in 0..5 {
        let item = format!("thing {round}x");
        let wrong = shop.post(&format!("{round}"), vec![add("50", &item)]).await.unwrap().operation.unwrap();
        let mut calls = JoinSet::new();
        for call in 0..8 {
            let (shop, id) = (shop.clone(), format!("{round}/{}", call / 2));
            let quantity = format!("{}", 40 + call / 2);
            let request = correction(&shop, &id, Some(&wrong.operation_id), vec![(1, Some(add(&quantity, &item)))]);
            calls.spawn(async move { send(&shop, request).await });
        }
        let answers = calls.join_all().await;

        let won: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
        assert_eq!(won.len(), 2, "the winner and its twin");
        assert_eq!((&won[0].operation, &won[0].results), (&won[1].operation, &won[1].results));
        assert_eq!(won.iter().filter(|answer| answer.replayed).count(), 1);
        for refused in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            assert_eq!(reason(refused), "ERROR_REASON_ALREADY_REVERSED");
        }
        assert_eq!(shop.on_hand(&item).await, text(won[0].results[0].balance_after.as_ref()));
    }
    world.finish().await;
}

#[tokio::test]
async fn a_dry_run_and_a_line_that_is_not_clear_change_nothing() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("0", vec![add("1", "coke 2l"), add("1", "coke 500ml")]).await.unwrap();
    shop.post("1", vec![add("50", "screws")]).await.unwrap();
    let mut request = correction(&shop, "2", None, vec![(1, Some(add("40", "screws")))]);
    request.dry_run = true;

    let dry = send(&shop, request.clone()).await.unwrap();
    assert_eq!(text(dry.results[0].balance_after.as_ref()), "40");
    assert_eq!(dry.operation.unwrap().operation_id, "");
    assert_eq!(shop.on_hand("screws").await, "50");

    let unclear = correct(&shop, "3", sell("1", "coke")).await.unwrap();
    assert_eq!(unclear.results[0].outcome(), pb::LineOutcome::ItemAmbiguous);
    assert!(unclear.operation.is_none() && unclear.corrected.is_none());
    assert_eq!(shop.on_hand("screws").await, "50");

    request.dry_run = false;
    let done = send(&shop, request.clone()).await.unwrap();
    let again = send(&shop, request).await.unwrap();
    assert!(!done.replayed && again.replayed);
    assert_eq!((again.operation, again.corrected, again.results), (done.operation, done.corrected, done.results));
    world.finish().await;
}

#[tokio::test]
async fn the_paper_goes_on_to_the_correction() {
    let world = World::start().await;
    let shop = world.shop().await;
    let booking = |request_id: &str| pb::PostOperationRequest {
        paper: Some(pb::Paper { supplier: "Jumbo".into(), number: "88213".into() }),
        ..shop.request(request_id, vec![add("12", "coke")])
    };
    shop.send(booking("1")).await.unwrap();
    let right = correct(&shop, "2", add("10", "coke")).await.unwrap().operation.unwrap();

    let refused = shop.send(booking("3")).await.unwrap_err();
    assert_eq!(platform::error::metadata_of(&refused, "operationId"), Some(right.operation_id));
    shop.undo("4").await.unwrap();
    shop.send(booking("5")).await.unwrap();

    assert_eq!(shop.on_hand("coke").await, "12");
    world.finish().await;
}

#[tokio::test]
async fn a_shop_that_refuses_to_go_below_zero_looks_at_the_whole_correction() {
    let world = World::start().await;
    let shop = world.shop().await;
    world.execute("UPDATE shop SET shortage_policy = 'block'").await;
    let wrong = shop.post("1", vec![add("50", "rice")]).await.unwrap().operation.unwrap();
    shop.post("2", vec![sell("30", "rice")]).await.unwrap();
    let to = |request_id: &str, quantity: &str| {
        correction(&shop, request_id, Some(&wrong.operation_id), vec![(1, Some(add(quantity, "rice")))])
    };

    let refused = send(&shop, to("3", "29")).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::FailedPrecondition, "ERROR_REASON_INSUFFICIENT_STOCK")
    );
    assert_eq!(shop.on_hand("rice").await, "20");
    send(&shop, to("4", "30")).await.unwrap();

    assert_eq!(shop.on_hand("rice").await, "0");
    world.finish().await;
}

#[tokio::test]
async fn what_cannot_be_corrected_is_refused_with_its_reason() {
    let world = World::start().await;
    let (shop, elsewhere) = (world.shop().await, world.shop().await);
    let line = || vec![(1, Some(add("1", "rice")))];
    let nothing = correct(&shop, "0", add("1", "rice")).await.unwrap_err();
    assert_eq!(reason(&nothing), "ERROR_REASON_NOTHING_TO_REVERSE");
    let posted = shop.post("1", vec![add("50", "rice")]).await.unwrap().operation.unwrap();
    let theirs = elsewhere.post("1", vec![add("50", "rice")]).await.unwrap().operation.unwrap();
    let (clerk, viewer) = (join(&world, &shop.id, "clerk").await, join(&world, &shop.id, "viewer").await);
    let id = Some(posted.operation_id.as_str());
    let as_member = |member_id: &str| world.as_member(&shop.id, member_id);

    for (what, request, wanted) in [
        ("not theirs", correction(&as_member(&clerk), "2", id, line()), "ROLE_NOT_ALLOWED"),
        ("a viewer", correction(&as_member(&viewer), "2", id, line()), "ROLE_NOT_ALLOWED"),
        ("a stranger", correction(&as_member(&elsewhere.member_id), "2", id, line()), "MEMBER_NOT_FOUND"),
        ("another shop's", correction(&shop, "2", Some(&theirs.operation_id), line()), "OPERATION_NOT_FOUND"),
        ("none", correction(&shop, "2", Some("0190b2c4-0000-7000-8000-000000000000"), line()), "OPERATION_NOT_FOUND"),
        ("no such line", correction(&shop, "2", id, vec![(2, None)]), "INVALID_FIELD"),
        ("no line left", correction(&shop, "2", id, vec![(1, None)]), "INVALID_FIELD"),
        ("no correction", correction(&shop, "2", id, vec![]), "INVALID_FIELD"),
        ("twice the same", correction(&shop, "2", id, vec![(1, None), (1, None)]), "INVALID_FIELD"),
        ("a wrong line", correction(&shop, "2", id, vec![(1, Some(add("-1", "rice")))]), "INVALID_FIELD"),
        ("the id of a post", correction(&shop, "1", id, line()), "REQUEST_ID_REUSED"),
    ] {
        let refused = send(&shop, request).await.expect_err(what);
        assert_eq!(reason(&refused), format!("ERROR_REASON_{wanted}"), "{what}");
    }
    let undone = shop.undo("3").await.unwrap().operation.unwrap();
    for (what, target, wanted) in [("undone", &posted, "ALREADY_REVERSED"), ("a reversal", &undone, "INVALID_FIELD")] {
        let refused = send(&shop, correction(&shop, "4", Some(&target.operation_id), line())).await.expect_err(what);
        assert_eq!(reason(&refused), format!("ERROR_REASON_{wanted}"), "{what}");
    }
    assert_eq!(shop.on_hand("rice").await, "0");
    world.finish().await;
}
