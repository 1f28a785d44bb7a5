//! Waiting for conditions, making people, signing bodies.

use std::future::Future;
use std::time::{Duration, Instant};

use devstack::meta_sim::{MetaSim, Person};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Waits until a condition holds; fails after two minutes.
pub async fn eventually<F: Future<Output = bool>>(what: &str, condition: impl Fn() -> F) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !condition().await {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Makes people with phones, each the owner of a shop of their own.
pub fn people(meta: &MetaSim, count: usize) -> Vec<Person> {
    (0..count)
        .map(|index| {
            meta.person(Person::new(format!("Person {index}"), format!("2782555{index:04}"), format!("ZA.77{index:06}")))
        })
        .collect()
}

/// Signs a body as Meta does.
pub fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}
