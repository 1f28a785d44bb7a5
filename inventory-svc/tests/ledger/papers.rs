//! An invoice or delivery note is booked once.

use platform::error::metadata_of;
use proto::inventory::v1 as pb;
use tokio::task::JoinSet;
use tonic::{Code, Status};

use crate::world::{Shop, World, add, reason, sell};

fn booking(shop: &Shop, request_id: &str, supplier: &str, number: &str) -> pb::PostOperationRequest {
    pb::PostOperationRequest {
        paper: Some(pb::Paper { supplier: supplier.to_owned(), number: number.to_owned() }),
        ..shop.request(request_id, vec![add("12", "coke")])
    }
}

#[track_caller]
fn assert_booked(refused: &Status, first: &pb::Operation) {
    assert_eq!((refused.code(), reason(refused).as_str()), (Code::AlreadyExists, "ERROR_REASON_PAPER_BOOKED"));
    assert_eq!(metadata_of(refused, "operationId").as_ref(), Some(&first.operation_id));
    assert_eq!(metadata_of(refused, "publicReference").as_ref(), Some(&first.public_reference));
}

#[tokio::test]
async fn the_same_paper_is_refused_however_it_is_printed() {
    let world = World::start().await;
    let shop = world.shop().await;
    let first = shop.send(booking(&shop, "1", "Jumbo C&C", "INV-88213")).await.unwrap().operation.unwrap();

    for (request_id, supplier, number) in [("2", "Jumbo C&C", "INV-88213"), ("3", "JUMBO c & c.", "inv 88213")] {
        let request = booking(&shop, request_id, supplier, number);
        let dry = shop.send(pb::PostOperationRequest { dry_run: true, ..request.clone() }).await.unwrap_err();
        let refused = shop.send(request).await.unwrap_err();
        assert_booked(&dry, &first);
        assert_booked(&refused, &first);
    }

    assert_eq!(shop.on_hand("coke").await, "12");
    // Another number, another supplier, another shop: another paper.
    shop.send(booking(&shop, "4", "Jumbo C&C", "INV-88214")).await.unwrap();
    shop.send(booking(&shop, "5", "Makro", "INV-88213")).await.unwrap();
    let elsewhere = world.shop().await;
    elsewhere.send(booking(&elsewhere, "1", "Jumbo C&C", "INV-88213")).await.unwrap();
    world.finish().await;
}

#[tokio::test]
async fn a_repeat_of_the_request_gets_its_first_answer() {
    let world = World::start().await;
    let shop = world.shop().await;
    let request = booking(&shop, "1", "Jumbo", "88213");
    let first = shop.send(request.clone()).await.unwrap();

    let again = shop.send(request.clone()).await.unwrap();

    assert!(again.replayed);
    assert_eq!((again.operation, again.results), (first.operation, first.results));
    let mut other = request;
    other.paper.as_mut().unwrap().number = "88214".to_owned();
    assert_eq!(reason(&shop.send(other).await.unwrap_err()), "ERROR_REASON_REQUEST_ID_REUSED");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_posts_of_one_paper_at_once_one_wins() {
    let world = World::start().await;
    let shop = world.shop().await;
    for round in 0..10 {
        let mut posts = JoinSet::new();
        for post in 0..6 {
            let (shop, request) =
                (shop.clone(), booking(&shop, &format!("{round}/{}", post / 2), "Jumbo", &format!("{round}")));
            posts.spawn(async move { shop.send(request).await });
        }
        let answers = posts.join_all().await;

        // Each request was sent twice; the twins of the winner are answered the same.
        let won: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
        assert_eq!(won.len(), 2);
        assert_eq!(won[0].operation, won[1].operation);
        for refused in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            assert_booked(refused, won[0].operation.as_ref().unwrap());
        }
    }
    assert_eq!(shop.on_hand("coke").await, "120");
    world.finish().await;
}

#[tokio::test]
async fn a_paper_that_is_taken_back_is_free_and_doing_it_again_books_it_again() {
    let world = World::start().await;
    let shop = world.shop().await;
    let first = shop.send(booking(&shop, "1", "Jumbo", "88213")).await.unwrap().operation.unwrap();
    let undone = shop.send_reversal(shop.reversal("2", Some(&first.operation_id))).await.unwrap().operation.unwrap();

    // Undone: free. Done again: booked. Undone again: free.
    let dry = pb::PostOperationRequest { dry_run: true, ..booking(&shop, "3", "Jumbo", "88213") };
    shop.send(dry).await.unwrap();
    let redone = shop.send_reversal(shop.reversal("4", Some(&undone.operation_id))).await.unwrap().operation.unwrap();
    assert_booked(&shop.send(booking(&shop, "5", "Jumbo", "88213")).await.unwrap_err(), &first);
    let undone = shop.send_reversal(shop.reversal("6", Some(&redone.operation_id))).await.unwrap().operation.unwrap();
    let second = shop.send(booking(&shop, "7", "Jumbo", "88213")).await.unwrap().operation.unwrap();

    // Another took it meanwhile: the first cannot be done again.
    let refused = shop.send_reversal(shop.reversal("8", Some(&undone.operation_id))).await.unwrap_err();

    assert_booked(&refused, &second);
    assert_eq!(shop.on_hand("coke").await, "12");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redo_and_a_new_post_of_one_paper_at_once_book_it_once() {
    let world = World::start().await;
    let shop = world.shop().await;
    for round in 0..10 {
        let number = format!("{round}");
        let first =
            shop.send(booking(&shop, &format!("{round}/1"), "Jumbo", &number)).await.unwrap().operation.unwrap();
        let undone = shop.send_reversal(shop.reversal(&format!("{round}/2"), Some(&first.operation_id))).await.unwrap();

        let redo = shop.reversal(&format!("{round}/3"), Some(&undone.operation.unwrap().operation_id));
        let post = booking(&shop, &format!("{round}/4"), "Jumbo", &number);
        let (redone, posted) = tokio::join!(shop.send_reversal(redo), shop.send(post));

        match (redone, posted) {
            (Ok(_), Err(refused)) => assert_booked(&refused, &first),
            (Err(refused), Ok(posted)) => assert_booked(&refused, &posted.operation.unwrap()),
            (redone, posted) => panic!("one of two: {redone:?} {posted:?}"),
        }
    }
    assert_eq!(shop.on_hand("coke").await, "120");
    world.finish().await;
}

#[tokio::test]
async fn a_paper_of_which_nothing_was_posted_is_not_booked() {
    let world = World::start().await;
    let shop = world.shop().await;
    let nothing =
        pb::PostOperationRequest { lines: vec![sell("1", "caviar")], ..booking(&shop, "1", "Jumbo", "88213") };
    let answer = shop.send(nothing.clone()).await.unwrap();
    assert!(answer.operation.is_none());

    shop.send(booking(&shop, "2", "Jumbo", "88213")).await.unwrap();

    // It is told before the lines are looked at: a draft that cannot be saved is not worth its questions.
    let refused = shop.send(pb::PostOperationRequest { request_id: "3".to_owned(), ..nothing }).await.unwrap_err();
    assert_eq!(reason(&refused), "ERROR_REASON_PAPER_BOOKED");
    world.finish().await;
}

#[tokio::test]
async fn a_paper_needs_a_supplier_and_a_number() {
    let world = World::start().await;
    let shop = world.shop().await;
    let long = "x".repeat(201);
    for (supplier, number) in
        [("", "1"), ("Jumbo", ""), ("Jumbo", "-/-"), (long.as_str(), "1"), ("Jumbo", &long[..101])]
    {
        let refused = shop.send(booking(&shop, "1", supplier, number)).await.unwrap_err();
        assert_eq!(reason(&refused), "ERROR_REASON_INVALID_FIELD");
    }
    shop.send(booking(&shop, "1", &long[..200], &long[..100])).await.unwrap();
    world.finish().await;
}
