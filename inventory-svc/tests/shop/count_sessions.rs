//! Stock-takes: written down blind, line by line, and one count at the end in which each line is of when it was seen.

use jiff::SignedDuration;
use proto::inventory::v1 as pb;
use proto::inventory::v1::get_count_session_request::Target;
use tokio::task::JoinSet;
use tonic::{Code, Status};

use crate::world::{Shop, World, add, count, in_unit, reason, sell, text};
use crate::{ask, join};

type Answer<T> = Result<T, Status>;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const TWELVE_HOURS: SignedDuration = SignedDuration::from_hours(12);

#[expect(clippy::unnecessary_wraps, reason = "as requests take it")]
fn now(shop: &Shop) -> Option<prost_types::Timestamp> {
    let now = shop.now();
    Some(prost_types::Timestamp { seconds: now.as_second(), nanos: now.subsec_nanosecond() })
}

async fn start(shop: &Shop, request_id: &str) -> Answer<pb::StartCountSessionResponse> {
    shop.request("", Vec::new()); // a moment passes
    Ok(shop.client.clone().start_count_session(ask!(shop, request_id, StartCountSessionRequest {})).await?.into_inner())
}

async fn open(shop: &Shop) -> String {
    start(shop, "start").await.unwrap().count_session.unwrap().count_session_id
}

fn lines(shop: &Shop, id: &str, request_id: &str, lines: Vec<pb::OperationLine>) -> pb::RecordCountLinesRequest {
    shop.request("", Vec::new());
    ask!(shop, request_id, RecordCountLinesRequest { count_session_id: id.to_owned(), lines: lines })
}

async fn send(shop: &Shop, request: pb::RecordCountLinesRequest) -> Answer<pb::RecordCountLinesResponse> {
    Ok(shop.client.clone().record_count_lines(request).await?.into_inner())
}

async fn see(shop: &Shop, id: &str, request_id: &str, said: Vec<pb::OperationLine>) -> pb::RecordCountLinesResponse {
    send(shop, lines(shop, id, request_id, said)).await.expect("it is written down or explained")
}

async fn look(shop: &Shop, id: &str, with_variances: bool) -> pb::GetCountSessionResponse {
    let target = Some(Target::CountSessionId(id.to_owned()));
    let request = pb::GetCountSessionRequest { shop_id: shop.id.clone(), target, with_variances, ..Default::default() };
    shop.client.clone().get_count_session(request).await.expect("it is there").into_inner()
}

fn finishing(shop: &Shop, id: &str, request_id: &str) -> pb::FinishCountSessionRequest {
    shop.request("", Vec::new());
    ask!(shop, request_id, FinishCountSessionRequest { count_session_id: id.to_owned() })
}

async fn end(shop: &Shop, request: pb::FinishCountSessionRequest) -> Answer<pb::FinishCountSessionResponse> {
    Ok(shop.client.clone().finish_count_session(request).await?.into_inner())
}

async fn finish(shop: &Shop, id: &str) -> pb::FinishCountSessionResponse {
    end(shop, finishing(shop, id, "finish")).await.expect("it is finished")
}

async fn cancel(shop: &Shop, id: &str, request_id: &str) -> Answer<pb::CountSession> {
    let request = ask!(shop, request_id, CancelCountSessionRequest { count_session_id: id.to_owned() });
    Ok(shop.client.clone().cancel_count_session(request).await?.into_inner().count_session.expect("a stock-take"))
}

async fn all(world: &World) -> String {
    let on_hand: rust_decimal::Decimal =
        sqlx::query_scalar("SELECT sum(on_hand) FROM stock").fetch_one(&mut world.owner().await).await.expect("a sum");
    on_hand.normalize().to_string()
}

fn told(results: &[pb::LineResult]) -> Vec<(String, String, String)> {
    let row = |result: &pb::LineResult| {
        let name = result.item.as_ref().map(|item| item.display_name.clone()).unwrap_or_default();
        (name, text(result.delta.as_ref()), text(result.balance_after.as_ref()))
    };
    results.iter().map(row).collect()
}

fn row(name: &str, delta: &str, balance: &str) -> (String, String, String) {
    (name.to_owned(), delta.to_owned(), balance.to_owned())
}

#[tokio::test]
async fn what_was_seen_becomes_stock_in_one_operation_and_is_blind_until_then() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("50", "milk"), add("30", "bread"), add("9", "eggs"), add("4", "jik")]).await.unwrap();
    let id = open(&shop).await;

    let seen = see(&shop, &id, "2", vec![count("47", "milk"), count("31", "bread"), count("9", "eggs")]).await;

    let session = seen.count_session.unwrap();
    assert_eq!((session.line_count, session.state()), (3, pb::CountSessionState::Open));
    for result in &seen.results {
        assert_eq!(result.outcome(), pb::LineOutcome::Posted);
        assert!(result.delta.is_none() && result.balance_after.is_none() && result.expected.is_none());
    }
    assert_eq!(shop.on_hand("milk").await, "50");
    let blind = look(&shop, &id, false).await;
    assert!(blind.lines.iter().all(|line| line.expected.is_none() && line.variance.is_none()));
    assert_eq!((blind.lines.len(), blind.variance_count), (3, 0));
    let open_eyed = look(&shop, &id, true).await;
    let variances: Vec<_> = open_eyed.lines.iter().map(|line| text(line.variance.as_ref())).collect();
    assert_eq!((variances, open_eyed.variance_count), (vec!["-3".into(), "1".into(), "0".into()], 2));
    assert_eq!((open_eyed.uncounted_item_count, open_eyed.uncounted_items[0].display_name.as_str()), (1, "jik"));

    let request = finishing(&shop, &id, "3");
    let dry = end(&shop, pb::FinishCountSessionRequest { dry_run: true, ..request.clone() }).await.unwrap();
    assert_eq!(shop.on_hand("milk").await, "50");
    assert!(dry.operation.unwrap().operation_id.is_empty());
    assert_eq!(dry.count_session.unwrap().state(), pb::CountSessionState::Open);
    let done = end(&shop, request.clone()).await.unwrap();
    let again = end(&shop, request).await.unwrap();

    assert_eq!(told(&done.results), [row("milk", "-3", "47"), row("bread", "1", "31"), row("eggs", "0", "9")]);
    assert_eq!(told(&dry.results), told(&done.results));
    let operation = done.operation.clone().unwrap();
    assert_eq!(operation.kind(), pb::OperationKind::Count);
    assert_eq!(done.count_session.as_ref().unwrap().operation_id, operation.operation_id);
    assert_eq!(again, pb::FinishCountSessionResponse { replayed: true, ..done });
    let after = look(&shop, &id, true).await;
    assert_eq!(text(after.lines[0].expected.as_ref()), "50", "what the book said then stays told");
    shop.undo("4").await.unwrap();
    assert_eq!((shop.on_hand("milk").await, shop.on_hand("bread").await), ("50".to_owned(), "30".to_owned()));
    let reversal = shop.movements().await.into_iter().next().unwrap().operation_id;
    shop.send_reversal(shop.reversal("5", Some(&reversal))).await.unwrap();
    assert_eq!((shop.on_hand("milk").await, shop.on_hand("bread").await), ("47".to_owned(), "31".to_owned()));
    world.finish().await;
}

#[tokio::test]
async fn what_was_sold_after_a_line_was_seen_stays_sold_and_what_was_before_is_covered() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("50", "milk")]).await.unwrap();
    world.pass(SignedDuration::from_hours(1));
    let id = open(&shop).await;
    world.pass(MINUTE);
    see(&shop, &id, "2", vec![count("47", "milk")]).await;
    world.pass(MINUTE);
    shop.post("3", vec![sell("5", "milk")]).await.unwrap(); // after it was seen
    let mut late = shop.request("4", vec![sell("2", "milk")]); // heard of now, and before it was seen
    let then = shop.now() - SignedDuration::from_mins(10);
    late.occur_time = Some(prost_types::Timestamp { seconds: then.as_second(), nanos: 0 });
    shop.send(late.clone()).await.unwrap();
    assert_eq!(shop.on_hand("milk").await, "43");

    let done = finish(&shop, &id).await;

    assert_eq!(text(done.results[0].expected.as_ref()), "48");
    assert_eq!(told(&done.results), [row("milk", "-1", "42")]);
    let explained = pb::GetStockExplanationRequest {
        shop_id: shop.id.clone(),
        item: Some(crate::world::named("milk")),
        ..Default::default()
    };
    let explained = shop.client.clone().get_stock_explanation(explained).await.unwrap().into_inner();
    let explained = explained.stock_explanation.unwrap();
    let since: Vec<_> = explained.movements.iter().map(|line| text(line.delta.as_ref())).collect();
    assert_eq!((text(explained.last_count.unwrap().counted.as_ref()).as_str(), since), ("47", vec!["-5".to_owned()]));

    // Heard of after the end: before the line it is absorbed, after the line it is not.
    late.request_id = "5".to_owned();
    assert!(shop.send(late.clone()).await.unwrap().results[0].absorbed);
    let between = shop.now() - MINUTE;
    late.request_id = "6".to_owned();
    late.occur_time = Some(prost_types::Timestamp { seconds: between.as_second(), nanos: between.subsec_nanosecond() });
    assert!(!shop.send(late).await.unwrap().results[0].absorbed);
    assert_eq!(shop.on_hand("milk").await, "40");
    let undo = shop.reversal("7", Some(&done.operation.unwrap().operation_id));
    shop.send_reversal(undo).await.unwrap();
    assert_eq!(shop.on_hand("milk").await, "39", "50, less 5, 2, 2 and 2");
    world.finish().await;
}

#[tokio::test]
async fn within_one_second_what_was_known_decides_what_the_person_has_seen() {
    let world = World::start().await;
    let shop = world.shop().await;
    let whole = || Some(prost_types::Timestamp { seconds: shop.now().as_second(), nanos: 0 }); // as Meta tells it
    let post = async |request_id: &str, line| {
        let request = pb::PostOperationRequest { occur_time: whole(), ..shop.request(request_id, vec![line]) };
        shop.send(request).await.unwrap();
    };
    post("1", add("50", "milk")).await;
    let id = open(&shop).await;
    post("2", sell("1", "milk")).await;
    let mut request = lines(&shop, &id, "3", vec![count("49", "milk")]);
    request.occur_time = whole();
    send(&shop, request).await.unwrap();
    post("4", sell("4", "milk")).await;

    let done = finish(&shop, &id).await;

    assert_eq!(told(&done.results), [row("milk", "0", "45")]);
    post("5", sell("1", "milk")).await;
    assert_eq!(shop.on_hand("milk").await, "44");
    world.finish().await;
}

#[tokio::test]
async fn the_last_observation_of_an_item_counts_by_when_it_was_seen() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("50", "milk")]).await.unwrap();
    let id = open(&shop).await;
    let early = now(&shop);
    world.pass(MINUTE);
    see(&shop, &id, "2", vec![count("40", "milk"), count("3", "bread")]).await;
    let counted = see(&shop, &id, "3", vec![count("41", "milk")]).await;
    let mut late = lines(&shop, &id, "4", vec![count("45", "milk")]);
    late.occur_time = early;
    send(&shop, late).await.unwrap();

    let told = look(&shop, &id, false).await;

    assert_eq!(counted.count_session.unwrap().line_count, 2);
    let lines: Vec<_> = told.lines.iter().map(|line| text(line.counted.as_ref())).collect();
    assert_eq!(lines, ["3", "41"], "in the order counted");
    world.finish().await;
}

#[tokio::test]
async fn a_repeat_of_each_call_is_answered_the_same_and_other_content_is_refused() {
    let world = World::start().await;
    let shop = world.shop().await;
    let first = start(&shop, "1").await.unwrap();
    let id = first.count_session.clone().unwrap().count_session_id;
    assert!(!first.resumed);
    assert_eq!(start(&shop, "1").await.unwrap(), first);
    let resumed = start(&shop, "1b").await.unwrap();
    assert!(resumed.resumed && resumed.count_session.unwrap().count_session_id == id);

    // The answer was lost on its way: it is asked again, and the item is not created twice.
    let request = lines(&shop, &id, "2", vec![count("40", "screws")]);
    let seen = send(&shop, request.clone()).await.unwrap();
    see(&shop, &id, "3", vec![count("42", "screws")]).await;
    let again = send(&shop, request.clone()).await.unwrap();

    assert!(seen.results[0].item_created);
    assert_eq!(again, pb::RecordCountLinesResponse { replayed: true, ..seen });
    assert_eq!(text(look(&shop, &id, false).await.lines[0].counted.as_ref()), "42");
    let other = pb::RecordCountLinesRequest { lines: vec![count("1", "screws")], ..request };
    assert_eq!(reason(&send(&shop, other).await.unwrap_err()), "ERROR_REASON_REQUEST_ID_REUSED");
    let done = finish(&shop, &id).await;
    assert_eq!(finish(&shop, &id).await, pb::FinishCountSessionResponse { replayed: true, ..done });
    let second = end(&shop, finishing(&shop, &id, "finish-again")).await.unwrap_err();
    assert_eq!(reason(&second), "ERROR_REASON_COUNT_SESSION_CLOSED");
    let id = start(&shop, "4").await.unwrap().count_session.unwrap().count_session_id;
    let other = end(&shop, finishing(&shop, &id, "finish")).await.unwrap_err();
    assert_eq!(reason(&other), "ERROR_REASON_REQUEST_ID_REUSED");
    let gone = cancel(&shop, &id, "5").await.unwrap();
    assert_eq!(cancel(&shop, &id, "5").await.unwrap(), gone);
    assert_eq!(reason(&cancel(&shop, &id, "6").await.unwrap_err()), "ERROR_REASON_COUNT_SESSION_CLOSED");
    assert_eq!(shop.on_hand("screws").await, "42");
    world.finish().await;
}

#[tokio::test]
async fn lines_that_cannot_be_written_down_are_explained_without_what_the_book_says() {
    use pb::LineOutcome::{ItemAmbiguous, ItemNotFound, Posted, ScaleExceeded, UnitUnknown};

    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("3", "rice bran oil"), add("4", "sunflower oil"), add("24", "coke")]).await.unwrap();
    let id = open(&shop).await;
    let known = |line| pb::OperationLine { create_item: false, ..line };

    let said = vec![
        known(count("1", "oil")),
        known(count("1", "gold")),
        in_unit(count("2", "coke"), "case", None),
        count("0.5", "coke"),
        in_unit(count("2", "coke"), "case", Some("12")),
    ];
    let seen = see(&shop, &id, "2", said).await;

    let outcomes: Vec<_> = seen.results.iter().map(pb::LineResult::outcome).collect();
    assert_eq!(outcomes, [ItemAmbiguous, ItemNotFound, UnitUnknown, ScaleExceeded, Posted]);
    assert_eq!(seen.results[0].candidates.len(), 2);
    assert!(seen.results[0].candidates.iter().all(|fit| fit.on_hand.is_none()));
    assert_eq!(text(look(&shop, &id, false).await.lines[0].counted.as_ref()), "24");
    let none = lines(&shop, &id, "3", vec![known(count("1", "gold"))]);
    send(&shop, none.clone()).await.unwrap();
    let taught = pb::RecordCountLinesRequest { lines: vec![count("1", "gold")], ..none };
    assert!(send(&shop, taught).await.unwrap().results[0].item_created, "nothing was stored of what nothing came of");
    world.finish().await;
}

#[tokio::test]
async fn nobody_goes_on_for_twelve_hours_and_it_is_over() {
    let world = World::start().await;
    let shop = world.shop().await;
    let id = open(&shop).await;
    world.pass(TWELVE_HOURS - SignedDuration::from_millis(10));
    let line = lines(&shop, &id, "1", vec![count("5", "milk")]);
    world.pass(SignedDuration::from_millis(-11));
    send(&shop, line).await.unwrap();
    world.pass(TWELVE_HOURS - SignedDuration::from_millis(1));
    assert_eq!(look(&shop, &id, false).await.count_session.unwrap().state(), pb::CountSessionState::Open);
    world.pass(SignedDuration::from_millis(1));

    let over = look(&shop, &id, true).await;

    assert_eq!(over.count_session.unwrap().state(), pb::CountSessionState::Expired);
    assert_eq!(over.lines.len(), 1);
    let late = send(&shop, lines(&shop, &id, "2", vec![count("5", "milk")])).await.unwrap_err();
    assert_eq!((late.code(), reason(&late).as_str()), (Code::FailedPrecondition, "ERROR_REASON_COUNT_SESSION_CLOSED"));
    let ended = end(&shop, finishing(&shop, &id, "3")).await.unwrap_err();
    assert_eq!(reason(&ended), "ERROR_REASON_COUNT_SESSION_CLOSED");
    assert_eq!(reason(&cancel(&shop, &id, "4").await.unwrap_err()), "ERROR_REASON_COUNT_SESSION_CLOSED");
    let next = start(&shop, "5").await.unwrap();
    assert!(!next.resumed && next.count_session.unwrap().count_session_id != id);
    let over = look(&shop, &id, false).await.count_session.unwrap();
    assert_eq!(over.state(), pb::CountSessionState::Expired);
    world.finish().await;
}

#[tokio::test]
async fn one_that_is_given_up_leaves_no_trace_in_stock_nor_in_the_names() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("50", "milk")]).await.unwrap();
    let id = open(&shop).await;
    see(&shop, &id, "2", vec![count("1", "milk"), count("2", "screws"), count("3", "nails")]).await;
    shop.post("3", vec![add("7", "nails")]).await.unwrap(); // somebody found them useful meanwhile

    let gone = cancel(&shop, &id, "4").await.unwrap();

    assert_eq!(gone.state(), pb::CountSessionState::Cancelled);
    assert_eq!((shop.on_hand("milk").await, shop.on_hand("nails").await), ("50".to_owned(), "7".to_owned()));
    let sold = shop.line("5", sell("1", "screws")).await;
    assert_eq!(sold.outcome(), pb::LineOutcome::ItemNotFound);
    assert!(!start(&shop, "6").await.unwrap().resumed);
    world.finish().await;
}

#[tokio::test]
async fn items_that_were_merged_or_put_away_meanwhile_are_counted_as_what_they_are_now() {
    let world = World::start().await;
    let shop = world.shop().await;
    let posted =
        shop.post("1", vec![add("5", "milk"), add("7", "full cream"), add("4", "jik"), add("6", "tea")]).await.unwrap();
    let item = |place: usize| posted.results[place].item.as_ref().unwrap().item_id.clone();
    let id = open(&shop).await;
    world.pass(MINUTE);
    see(&shop, &id, "2", vec![count("4", "milk"), count("9", "full cream"), count("1", "jik"), count("5", "tea")])
        .await;
    world.pass(MINUTE);
    let merge = ask!(shop, "3", MergeItemsRequest { item_id: item(0), into_item_id: item(1) });
    shop.client.clone().merge_items(merge).await.unwrap();
    shop.client.clone().archive_item(ask!(shop, "4", ArchiveItemRequest { item_id: item(2) })).await.unwrap();
    let unit = ask!(
        shop,
        "5",
        ChangeBaseUnitRequest { item_id: item(3), unit: "g".into(), factor: Some(crate::world::decimal("100")) }
    );
    shop.client.clone().change_base_unit(unit).await.unwrap();
    world.pass(MINUTE);

    let done = finish(&shop, &id).await;

    let outcome = |name: &str| {
        let result = done.results.iter().find(|result| result.item.as_ref().unwrap().display_name == name).unwrap();
        (result.outcome(), text(result.delta.as_ref()))
    };
    assert_eq!(outcome("jik"), (pb::LineOutcome::ItemNotFound, String::new()));
    assert_eq!(outcome("milk"), (pb::LineOutcome::Posted, "-1".to_owned()));
    assert_eq!(shop.on_hand("full cream").await, "13", "four of the one and nine of the other");
    assert_eq!(shop.on_hand("tea").await, "500");
    shop.send_reversal(shop.reversal("6", Some(&done.operation.unwrap().operation_id))).await.unwrap();
    assert_eq!((shop.on_hand("full cream").await, shop.on_hand("tea").await), ("12".to_owned(), "600".to_owned()));
    world.finish().await;
}

#[tokio::test]
async fn a_newer_count_stands_beside_one_that_was_seen_before_it() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("50", "milk")]).await.unwrap();
    let id = open(&shop).await;
    see(&shop, &id, "2", vec![count("40", "milk")]).await;
    world.pass(MINUTE);
    shop.post("3", vec![count("38", "milk")]).await.unwrap();

    let done = finish(&shop, &id).await;

    assert_eq!(told(&done.results), [row("milk", "0", "38")]);
    shop.send_reversal(shop.reversal("4", Some(&done.operation.unwrap().operation_id))).await.unwrap();
    assert_eq!(shop.on_hand("milk").await, "38");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_finish_while_others_sell_one_does_and_nothing_is_lost() {
    let world = World::start().await;
    let shop = world.shop().await;
    shop.post("1", vec![add("1000", "milk"), add("1000", "bread")]).await.unwrap();
    world.pass(MINUTE);
    let id = open(&shop).await;
    see(&shop, &id, "2", vec![count("900", "milk"), count("800", "bread")]).await;
    world.pass(MINUTE);

    let mut writers = JoinSet::new();
    for writer in 0..4 {
        let (seller, finisher, id) = (shop.clone(), shop.clone(), id.clone());
        writers.spawn(async move {
            for round in 0..10 {
                seller.post(&format!("{writer}/{round}"), vec![sell("1", "bread"), sell("1", "milk")]).await.unwrap();
            }
            0
        });
        writers.spawn(async move {
            let request = finishing(&finisher, &id, &format!("finish/{}", writer % 2));
            match end(&finisher, request).await {
                Ok(done) => i32::from(!done.replayed),
                Err(refused) => {
                    assert_eq!(reason(&refused), "ERROR_REASON_COUNT_SESSION_CLOSED");
                    0
                }
            }
        });
    }
    let finished: i32 = writers.join_all().await.into_iter().sum();

    assert_eq!(finished, 1);
    assert_eq!((shop.on_hand("milk").await, shop.on_hand("bread").await), ("860".to_owned(), "760".to_owned()));
    world.finish().await;
}

#[tokio::test]
async fn five_thousand_items_are_one_count_and_one_more_is_refused() {
    let world = World::start().await;
    let shop = world.shop().await;
    let id = open(&shop).await;
    see(&shop, &id, "1", vec![count("5", "milk")]).await;
    world
        .execute(
            "INSERT INTO item (shop_id, id, display_name, base_unit, scale, created_at)
             SELECT s.id, gen_random_uuid(), 'item ' || n, 'each', 0, now() FROM shop s, generate_series(1, 4998) n;
             INSERT INTO count_session_line
               (shop_id, session_id, item_id, counted, said_quantity, factor, seen_at, seen_seq, is_new_item)
             SELECT i.shop_id, c.id, i.id, 3, 3, 1, c.started_at, 0, false
             FROM item i JOIN count_session c ON c.shop_id = i.shop_id WHERE i.display_name LIKE 'item %'",
        )
        .await;
    let last = see(&shop, &id, "2", vec![count("5", "bread")]).await;
    assert_eq!(last.count_session.unwrap().line_count, 5000);
    let refused = send(&shop, lines(&shop, &id, "3", vec![count("5", "eggs")])).await.unwrap_err();
    assert_eq!(reason(&refused), "ERROR_REASON_INVALID_FIELD");
    see(&shop, &id, "4", vec![count("6", "bread")]).await;

    let done = finish(&shop, &id).await;

    assert_eq!((done.results.len(), all(&world).await.as_str()), (5000, "15005"));
    shop.undo("5").await.unwrap();
    assert_eq!((all(&world).await.as_str(), shop.on_hand("bread").await.as_str()), ("0", "0"));
    world.finish().await;
}

#[tokio::test]
async fn pages_hold_what_they_say_and_go_on_where_they_ended() {
    let world = World::start().await;
    let shop = world.shop().await;
    let id = open(&shop).await;
    let said = (1..=7).map(|n| count(&n.to_string(), &format!("thing {}", char::from(b'a' + n)))).collect();
    see(&shop, &id, "1", said).await;
    for (with_variances, all) in [(true, "7654321"), (false, "1234567")] {
        let mut request = pb::GetCountSessionRequest {
            shop_id: shop.id.clone(),
            target: Some(Target::OpenOfMemberId(shop.member_id.clone())),
            with_variances,
            page_size: 3,
            ..Default::default()
        };
        let (mut read, mut pages) = (String::new(), 0);
        loop {
            let page = shop.client.clone().get_count_session(request.clone()).await.unwrap().into_inner();
            read.extend(page.lines.iter().map(|line| text(line.counted.as_ref())));
            pages += 1;
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                break;
            }
        }
        assert_eq!((read.as_str(), pages), (all, 3));
    }
    let bad = pb::GetCountSessionRequest {
        shop_id: shop.id.clone(),
        target: Some(Target::CountSessionId(id)),
        page_token: "nonsense!".to_owned(),
        ..Default::default()
    };
    let refused = shop.client.clone().get_count_session(bad).await.unwrap_err();
    assert_eq!(reason(&refused), "ERROR_REASON_INVALID_PAGE_TOKEN");
    world.finish().await;
}

#[tokio::test]
async fn members_and_places_have_stock_takes_of_their_own() {
    let world = World::start().await;
    let shop = world.shop().await;
    let clerk = join(&world, &shop, "clerk").await;
    let (mine, theirs) = (open(&shop).await, start(&clerk, "theirs").await.unwrap());
    assert!(!theirs.resumed);
    let place = ask!(shop, "1", CreateLocationRequest { display_name: "Back room".into() });
    let back = shop.client.clone().create_location(place).await.unwrap().into_inner().location.unwrap().location_id;
    let there = ask!(shop, "2", StartCountSessionRequest { location_id: back.clone() });
    let there = shop.client.clone().start_count_session(there).await.unwrap().into_inner();
    assert!(!there.resumed);
    let id = there.count_session.unwrap().count_session_id;
    assert!(id != mine && id != theirs.count_session.unwrap().count_session_id);

    shop.post("3", vec![add("9", "milk")]).await.unwrap();
    see(&shop, &id, "4", vec![pb::OperationLine { location_id: back, ..count("2", "milk") }]).await;
    finish(&shop, &id).await;

    assert_eq!(shop.stock("milk").await.candidates[0].on_hand.as_ref().map(|held| held.value.as_str()), Some("11"));
    let elsewhere = pb::OperationLine { location_id: mine.clone(), ..count("2", "milk") };
    let wrong = send(&shop, lines(&shop, &mine, "5", vec![elsewhere])).await.unwrap_err();
    assert_eq!(reason(&wrong), "ERROR_REASON_INVALID_FIELD");
    world.finish().await;
}

#[tokio::test]
async fn wrong_requests_are_refused_and_nothing_is_seen_of_another_shop() {
    let world = World::start().await;
    let (shop, elsewhere) = (world.shop().await, world.shop().await);
    let viewer = join(&world, &shop, "viewer").await;
    shop.post("0", vec![add("5", "milk")]).await.unwrap();
    let id = open(&shop).await;
    assert_eq!(reason(&start(&viewer, "1").await.unwrap_err()), "ERROR_REASON_ROLE_NOT_ALLOWED");
    let seen = send(&viewer, lines(&viewer, &id, "1", vec![count("1", "milk")])).await.unwrap_err();
    assert_eq!(reason(&seen), "ERROR_REASON_ROLE_NOT_ALLOWED");
    let ended = end(&viewer, finishing(&viewer, &id, "1")).await.unwrap_err();
    assert_eq!(reason(&ended), "ERROR_REASON_ROLE_NOT_ALLOWED");
    assert_eq!(reason(&cancel(&viewer, &id, "1").await.unwrap_err()), "ERROR_REASON_ROLE_NOT_ALLOWED");
    let nowhere = ask!(shop, "1", StartCountSessionRequest { location_id: id.clone() });
    let nowhere = shop.client.clone().start_count_session(nowhere).await.unwrap_err();
    assert_eq!(reason(&nowhere), "ERROR_REASON_LOCATION_NOT_FOUND");

    let not_found = "ERROR_REASON_COUNT_SESSION_NOT_FOUND";
    let foreign = send(&elsewhere, lines(&elsewhere, &id, "1", vec![count("1", "milk")])).await.unwrap_err();
    assert_eq!((foreign.code(), reason(&foreign).as_str()), (Code::NotFound, not_found));
    assert_eq!(reason(&end(&elsewhere, finishing(&elsewhere, &id, "1")).await.unwrap_err()), not_found);
    assert_eq!(reason(&cancel(&elsewhere, &id, "1").await.unwrap_err()), not_found);
    for target in [Target::CountSessionId(id.clone()), Target::OpenOfMemberId(shop.member_id.clone())] {
        let request =
            pb::GetCountSessionRequest { shop_id: elsewhere.id.clone(), target: Some(target), ..Default::default() };
        let refused = elsewhere.client.clone().get_count_session(request).await.unwrap_err();
        assert_eq!(reason(&refused), not_found);
    }
    let unseen: i64 = sqlx::query_scalar("SELECT count(*) FROM count_session")
        .fetch_one(&mut world.service_role(&elsewhere.id).await)
        .await
        .unwrap();
    assert_eq!(unseen, 0);

    let line = |line| lines(&shop, &id, "2", vec![line]);
    let expecting = pb::OperationLine { expected_balance: Some(crate::world::decimal("5")), ..count("1", "milk") };
    let before = pb::RecordCountLinesRequest {
        occur_time: Some(prost_types::Timestamp { seconds: shop.now().as_second() - 2, nanos: 0 }),
        ..line(count("1", "milk"))
    };
    let many = lines(&shop, &id, "2", vec![count("1", "milk"); 101]);
    let invalid = "ERROR_REASON_INVALID_FIELD";
    for (request, refusal) in [
        (line(add("1", "milk")), invalid),
        (line(expecting), invalid),
        (line(count("-1", "milk")), invalid),
        (before, invalid),
        (many.clone(), invalid),
        (lines(&shop, &id, "2", Vec::new()), invalid),
        (line(count("0.0001", "milk")), "ERROR_REASON_SCALE_EXCEEDED"),
    ] {
        assert_eq!(reason(&send(&shop, request).await.unwrap_err()), refusal);
    }
    let empty = end(&shop, finishing(&shop, &id, "3")).await.unwrap_err();
    assert_eq!(reason(&empty), invalid, "nothing was counted");
    send(&shop, pb::RecordCountLinesRequest { lines: many.lines[..100].to_vec(), ..many }).await.unwrap();
    shop.post("4", vec![sell("4", "milk")]).await.unwrap();
    world.execute("UPDATE shop SET shortage_policy = 'block'").await;
    let short = end(&shop, finishing(&shop, &id, "5")).await.unwrap_err();
    assert_eq!((short.code(), reason(&short).as_str()), (Code::FailedPrecondition, "ERROR_REASON_INSUFFICIENT_STOCK"));
    world.execute("UPDATE shop SET shortage_policy = 'warn'").await;
    let done = finish(&shop, &id).await;
    assert_eq!(told(&done.results), [row("milk", "-4", "-3")]);
    let correction = ask!(
        shop,
        "6",
        CorrectOperationRequest {
            target: Some(pb::correct_operation_request::Target::Latest(pb::Latest {})),
            corrections: vec![pb::LineCorrection { line_number: 1, line: Some(count("3", "milk")) }],
        }
    );
    let refused = shop.client.clone().correct_operation(correction).await.unwrap_err();
    assert_eq!(reason(&refused), invalid);
    world.finish().await;
}
