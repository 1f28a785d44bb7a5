//! docs/inventory-api.md is true: the clients that are printed there run against the real service, its tables are those
//! of the contract, and the commands and methods it names exist.
#![expect(clippy::unwrap_used, reason = "a panic is how a test says no")]

mod ledger;
mod other_languages;
mod page;
mod scenario;
mod till;
mod tools;

use proto::inventory::v1 as pb;
use proto::inventory::v1::ErrorReason;
use tonic::Code;

use ledger::Ledger;
use till::{Till, line, reason};

fn balance(answer: &pb::PostOperationResponse) -> &str {
    answer.results[0].balance_after.as_ref().map_or("", |balance| &balance.value)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_does_what_the_guide_says() {
    let ledger = Ledger::start().await;
    let mut till = ledger.till(&ledger.url);

    let delivered = till.receive("delivery-1", "brown bread", "50").await.unwrap();
    assert!(delivered.results[0].item_created);
    let sold = till.sell("receipt-1", "brown bread", "3").await.unwrap();
    assert_eq!((balance(&sold), sold.replayed), ("47", false));
    let again = till.sell("receipt-1", "brown bread", "3").await.unwrap();
    assert_eq!((balance(&again), again.replayed), ("47", true));
    assert_eq!(again.operation, sold.operation);
    let other = till.sell("receipt-1", "brown bread", "4").await.unwrap_err();
    assert_eq!((other.code(), reason(&other)), (Code::FailedPrecondition, Some(ErrorReason::RequestIdReused)));
    // Words are compared, not what they mean.
    let other = till.sell("receipt-1", "brown bread", "3.0").await.unwrap_err();
    assert_eq!(reason(&other), Some(ErrorReason::RequestIdReused));

    let would = till.preview("receipt-2", "bread", "2").await.unwrap();
    assert_eq!(would.balance_after.unwrap().value, "45");
    assert_eq!(till.on_hand("brown bread").await.unwrap().value, "47");
    assert!(!till.sell("receipt-2", "bread", "2").await.unwrap().replayed, "a dry run uses no id up");

    let counted = till.count("count-1", "brown bread", "40").await.unwrap();
    assert_eq!(counted.expected.unwrap().value, "45");
    assert_eq!(counted.delta.unwrap().value, "-5");

    let wrong = till.sell("receipt-3", "brown bread", "10").await.unwrap().operation.unwrap().operation_id;
    let right = line("brown bread", pb::MovementKind::Sale, "1");
    let corrected = till.put_right("right-3", &wrong, right).await.unwrap();
    assert_eq!(corrected.corrected.unwrap().operation_id, wrong);
    assert_eq!(till.on_hand("brown bread").await.unwrap().value, "39");
    let correction = corrected.operation.unwrap().operation_id;
    let reversal = till.take_back("back-3", &correction).await.unwrap();
    assert_eq!(reversal.reverses_operation_id, correction);
    assert_eq!(till.on_hand("brown bread").await.unwrap().value, "40", "neither what was wrong nor what was right");

    let all = till.movements(200).await.unwrap();
    assert_eq!(till.movements(2).await.unwrap(), all, "pages hold what one page holds");
    assert!(all.len() > 5 && all.is_sorted_by_key(|movement| std::cmp::Reverse(movement.movement_id)));
    ledger.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_asked_for_again_and_counts_once() {
    let ledger = Ledger::start().await;
    ledger.till(&ledger.url).receive("delivery-1", "brown bread", "50").await.unwrap();
    let (url, hang_up) = ledger.deaf_once().await;

    let mut till = ledger.till(&url);
    let selling = tokio::spawn(async move { till.sell("receipt-1", "brown bread", "3").await });
    ledger.wait_for_operation("receipt-1").await; // it is done, and its answer is on no way to anybody
    hang_up.cancel();
    let sold = selling.await.unwrap().unwrap();

    assert!(sold.replayed, "the second time it was the stored answer");
    assert_eq!(balance(&sold), "47");
    assert_eq!(ledger.till(&ledger.url).on_hand("brown bread").await.unwrap().value, "47");
    ledger.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_expected_is_compared_before_it_is_done() {
    let ledger = Ledger::start().await;
    let mut till = ledger.till(&ledger.url);
    till.receive("delivery-1", "brown bread", "50").await.unwrap();

    let mut takers: Vec<_> = (0..4).map(|place| (place, ledger.till(&ledger.url))).collect();
    let taking = takers.iter_mut().map(|(place, till)| {
        let (sale, take) = (format!("receipt-{place}"), format!("take-{place}"));
        async move {
            till.sell(&sale, "brown bread", "2").await.unwrap();
            till.take_all(&take, "brown bread").await
        }
    });
    let taken = futures::future::join_all(taking).await;

    // Whoever found nothing left was told so: nothing is taken for a quantity of zero.
    let nothing_left = taken.iter().filter(|answer| answer.is_err()).count();
    for refused in taken.iter().filter_map(|answer| answer.as_ref().err()) {
        assert_eq!(reason(refused), Some(ErrorReason::InvalidField), "{refused:?}");
    }
    assert!(nothing_left < 4, "somebody took it");
    let left: i64 = till.on_hand("brown bread").await.unwrap().value.parse().unwrap();
    assert!((-8..=0).contains(&left), "{left}: a take never takes more than it saw");
    ledger.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_carry_what_the_guide_tells_to_look_at() {
    let ledger = Ledger::start().await;
    let mut till = ledger.till(&ledger.url);

    let unknown = till.sell("receipt-1", "brown bread", "1").await.unwrap();
    assert_eq!(unknown.results[0].outcome(), pb::LineOutcome::ItemNotFound);
    assert!(unknown.operation.is_none(), "nothing was posted, and nothing is stored under the id");
    till.receive("delivery-1", "brown bread", "5").await.unwrap();
    let now_known = till.sell("receipt-1", "brown bread", "1").await.unwrap();
    assert_eq!((balance(&now_known), now_known.replayed), ("4", false));

    let malformed = till.sell("receipt 2", "brown bread", "-1").await.unwrap_err();
    assert_eq!((malformed.code(), reason(&malformed)), (Code::InvalidArgument, Some(ErrorReason::InvalidField)));
    let fields = ledger::violations(&malformed);
    assert_eq!(fields, ["request_id", "lines[0].change.quantity"]);

    let mut nobody = Till::new(&ledger.url, "no key of ours", &ledger.shop_id).unwrap();
    assert_eq!(reason(&nobody.on_hand("bread").await.unwrap_err()), Some(ErrorReason::UnknownCaller));
    let mut reader = ledger.reader();
    assert_eq!(reader.on_hand("brown bread").await.unwrap().value, "4");
    let refused = reader.sell("receipt-3", "brown bread", "1").await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::PermissionDenied, Some(ErrorReason::MethodNotAllowed)));
    let mut elsewhere = Till::new(&ledger.url, ledger::KEY, "00000000-0000-7000-8000-000000000000").unwrap();
    let refused = elsewhere.on_hand("bread").await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::NotFound, Some(ErrorReason::ShopNotFound)));
    ledger.stop();
}
