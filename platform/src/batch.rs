//! Group commit: items that arrive while the last flush runs go into the next one together.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use opentelemetry::KeyValue;
use tokio::sync::{mpsc, oneshot};

/// Limits of a batcher.
#[derive(Clone, Copy, Debug)]
pub struct BatchOptions {
    /// Items in one flush at most.
    pub max_items: usize,
    /// Items that may wait; more are refused.
    pub max_queue: usize,
    /// Flushes that may run at the same time. One gathers best; two hide the round trip.
    pub flushes_at_once: usize,
}

/// Why an item was not flushed.
#[derive(Debug)]
pub enum BatchError<E> {
    /// The queue is full: shed the work, it was not stored.
    Full,
    /// The flush failed; every item of it gets the same error.
    Failed(Arc<E>),
    /// The process is leaving.
    Closed,
}

impl<E: fmt::Display> fmt::Display for BatchError<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => formatter.write_str("the queue of the batcher is full"),
            Self::Failed(error) => write!(formatter, "the batch failed: {error}"),
            Self::Closed => formatter.write_str("the batcher is closed"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for BatchError<E> {}

type Answer<O, E> = oneshot::Sender<Result<O, BatchError<E>>>;

/// Gathers items of concurrent callers into shared flushes. Cheap to clone.
#[derive(Debug)]
pub struct Batcher<I, O, E> {
    queue: mpsc::Sender<(I, Answer<O, E>)>,
}

impl<I, O, E> Clone for Batcher<I, O, E> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone() }
    }
}

impl<I, O, E> Batcher<I, O, E>
where
    I: Send + 'static,
    O: Send + 'static,
    E: Send + Sync + 'static,
{
    /// Starts one. `flush` gets the items in the order of arrival and returns one result for each, in that order.
    pub fn new<F, Fut>(name: &'static str, options: BatchOptions, flush: F) -> Self
    where
        F: Fn(Vec<I>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<O>, E>> + Send + 'static,
    {
        let (queue, items) = mpsc::channel(options.max_queue);
        tokio::spawn(run(name, options, items, flush));
        Self { queue }
    }

    /// Hands in one item and waits until the flush that holds it is over.
    pub async fn submit(&self, item: I) -> Result<O, BatchError<E>> {
        let (answer, wait) = oneshot::channel();
        self.queue.try_send((item, answer)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => BatchError::Full,
            mpsc::error::TrySendError::Closed(_) => BatchError::Closed,
        })?;
        wait.await.unwrap_or(Err(BatchError::Closed))
    }
}

async fn run<I, O, E, F, Fut>(
    name: &'static str,
    options: BatchOptions,
    mut items: mpsc::Receiver<(I, Answer<O, E>)>,
    flush: F,
) where
    I: Send + 'static,
    O: Send + 'static,
    E: Send + Sync + 'static,
    F: Fn(Vec<I>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Vec<O>, E>> + Send + 'static,
{
    let permits = Arc::new(tokio::sync::Semaphore::new(options.flushes_at_once.max(1)));
    let mut gathered = Vec::with_capacity(options.max_items);
    loop {
        // The permit first: what arrives while the last flush runs is gathered, not flushed one by one.
        let permit = Arc::clone(&permits).acquire_owned().await.expect("the semaphore is never closed");
        if items.recv_many(&mut gathered, options.max_items).await == 0 {
            return;
        }
        let (batch, answers): (Vec<I>, Vec<Answer<O, E>>) = gathered.drain(..).unzip();
        crate::metrics::get().batch_size.record(batch.len() as u64, &[KeyValue::new("batch", name)]);
        let work: Pin<Box<dyn Future<Output = Result<Vec<O>, E>> + Send>> = Box::pin(flush(batch));
        tokio::spawn(async move {
            let _permit = permit;
            match work.await {
                Ok(results) => {
                    debug_assert_eq!(results.len(), answers.len(), "{name}: one result for each item");
                    for (answer, result) in answers.into_iter().zip(results) {
                        // A caller that went away no longer needs its answer; the item is stored all the same.
                        answer.send(Ok(result)).ok();
                    }
                }
                Err(error) => {
                    let error = Arc::new(error);
                    for answer in answers {
                        answer.send(Err(BatchError::Failed(Arc::clone(&error)))).ok();
                    }
                }
            }
        });
    }
}
