//! One temporary server for all tests of a process, and a database of its own for each.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::{LocalPostgres, Options};

/// Returns the server all tests of this process share, starting it on the first call.
///
/// A static is never dropped; the server goes because its process does.
pub fn shared() -> &'static LocalPostgres {
    static SERVER: OnceLock<LocalPostgres> = OnceLock::new();
    SERVER.get_or_init(|| LocalPostgres::start(Options::temporary()).unwrap_or_else(|error| panic!("{error:#}")))
}

/// Creates an empty database on the shared server and returns its URL.
pub async fn fresh_database(prefix: &str) -> String {
    static CREATED_COUNT: AtomicU32 = AtomicU32::new(0);
    let server = tokio::task::spawn_blocking(shared).await.expect("a start that fails has said why");
    let name = format!("{prefix}_{}", CREATED_COUNT.fetch_add(1, Ordering::Relaxed));
    server.create_database(&name).await.unwrap_or_else(|error| panic!("{error:#}"));
    server.url(&name)
}
