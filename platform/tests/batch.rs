//! Group commit: items share a flush, each hears of its own.

use std::sync::Arc;
use std::sync::Mutex;

use platform::batch::{BatchError, BatchOptions, Batcher};
use tokio::sync::Semaphore;

const OPTIONS: BatchOptions = BatchOptions { max_items: 100, max_queue: 10, flushes_at_once: 1 };

#[tokio::test]
async fn what_arrives_during_a_flush_shares_the_next_one() {
    let gate = Arc::new(Semaphore::new(0));
    let sizes = Arc::new(Mutex::new(Vec::new()));
    let (held, seen) = (Arc::clone(&gate), Arc::clone(&sizes));
    let batcher: Batcher<u32, u32, String> = Batcher::new("test", OPTIONS, move |items: Vec<u32>| {
        let (held, seen) = (Arc::clone(&held), Arc::clone(&seen));
        async move {
            seen.lock().unwrap().push(items.len());
            held.acquire().await.unwrap().forget();
            Ok(items.into_iter().map(|item| item * 2).collect())
        }
    });

    let calls: Vec<_> = (0..5)
        .map(|item| {
            let batcher = batcher.clone();
            tokio::spawn(async move { batcher.submit(item).await.unwrap() })
        })
        .collect();
    // The first flush took what was there when it began; release flush after flush.
    gate.add_permits(5);
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }

    assert_eq!(answers, [0, 2, 4, 6, 8], "each gets its own answer");
    assert_eq!(sizes.lock().unwrap().iter().sum::<usize>(), 5);
}

#[tokio::test]
async fn a_full_queue_sheds_and_a_failed_flush_tells_everybody() {
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    let batcher: Batcher<u32, u32, String> = Batcher::new("test", OPTIONS, move |_: Vec<u32>| {
        let held = Arc::clone(&held);
        async move {
            held.acquire().await.unwrap().forget();
            Err("down".to_owned())
        }
    });

    let mut calls: Vec<_> = (0..30).map(|item| Box::pin(batcher.submit(item))).collect();
    let mut full = 0;
    for call in &mut calls {
        if let Some(Err(BatchError::Full)) = futures::FutureExt::now_or_never(call) {
            full += 1;
        }
    }
    assert!((10..30).contains(&full), "{full} of 30 were shed by a queue of ten");
    gate.add_permits(30);

    let error = batcher.submit(1).await;
    assert!(
        matches!(error, Err(BatchError::Failed(ref why)) if why.as_str() == "down")
            || matches!(error, Err(BatchError::Full))
    );
}
