//! Postgres: pools, migrations, named transactions that are tried again when they lost a race.

use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::pin::pin;
use std::str::FromStr as _;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use opentelemetry::KeyValue;
use rand::Rng as _;
use sqlx::migrate::{Migrate as _, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, PgConnection, PgPool, Postgres};
use tracing::Instrument as _;

use crate::secret::Secret;
use crate::settings::{Database, Migrate};

/// How often a transaction is tried in all when it loses against others.
const ATTEMPTS_MAX: u32 = 8;

/// How many lost connections a transaction outlives: the pool may hold this many dead ones.
const LOST_CONNECTIONS_MAX: u32 = 20;

/// How long after a call was given up connections are looked at when they come back to the pool.
const GIVEN_UP_RECENTLY: Duration = Duration::from_secs(1);

/// How long a connection that comes back may be at work before it is closed, which ends the work.
const REST_WITHIN: Duration = Duration::from_millis(100);

fn options(settings: &Database, service: &str) -> anyhow::Result<PgConnectOptions> {
    let url =
        Secret::require("DATABASE_URL", settings.database_url.as_ref(), settings.database_url_file.as_ref())?.expose();
    // The parser's error quotes the input, so it is dropped: the input holds a password.
    let options = PgConnectOptions::from_str(&url)
        .map_err(|_| anyhow::anyhow!("DATABASE_URL is not of the form postgres://user:password@host:port/name"))?;
    Ok(options
        .application_name(service)
        .log_statements(tracing::log::LevelFilter::Off)
        .log_slow_statements(tracing::log::LevelFilter::Warn, Duration::from_secs(2)))
}

/// Opens a pool. Connects on first use, so a service starts before its database.
///
/// With `role`, each connection gives up what its login may do for what that role may do.
pub fn connect(settings: &Database, service: &str, role: Option<&'static str>) -> anyhow::Result<PgPool> {
    let set_role = role.map(|role| {
        assert!(role.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "a role is a literal of ours");
        format!("SET ROLE {role}")
    });
    Ok(PgPoolOptions::new()
        .max_connections(settings.database_max_connections)
        .acquire_timeout(Duration::from_secs(5))
        .idle_timeout(Duration::from_mins(5))
        // A dead connection shows at its first statement, and that is tried again: no extra round trip for each use.
        .test_before_acquire(false)
        .after_connect(move |connection, _| {
            let set_role = set_role.clone();
            Box::pin(async move {
                if let Some(statement) = set_role {
                    connection.execute(sqlx::AssertSqlSafe(statement)).await?;
                }
                connection.execute("SET statement_timeout = '15s'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '30s'").await?;
                // A statement ends soon after its connection does. A server on a system that cannot tell says so: there
                // it ends by its timeout.
                connection.execute("SET client_connection_check_interval = '250ms'").await.ok();
                Ok(())
            })
        })
        .after_release(|connection, _| {
            Box::pin(async move {
                if !given_up_recently() {
                    return Ok(true);
                }
                match tokio::time::timeout(REST_WITHIN, connection.ping()).await {
                    Ok(answered) => answered.map(|()| true),
                    Err(_) => Ok(false),
                }
            })
        })
        .connect_lazy_with(options(settings, service)?))
}

/// Milliseconds since the first use, when a call was last given up in the middle of its statements.
static GIVEN_UP_AT_MS: AtomicU64 = AtomicU64::new(u64::MAX);

fn now_ms() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn given_up_recently() -> bool {
    let at = GIVEN_UP_AT_MS.load(Ordering::Relaxed);
    at != u64::MAX && now_ms().saturating_sub(at) <= u64::try_from(GIVEN_UP_RECENTLY.as_millis()).unwrap_or(u64::MAX)
}

/// Notices when statements are given up: the deadline of their call passed, or the caller went away.
///
/// Postgres does not: a statement whose future is dropped runs on and holds its locks, and its connection waits for it.
/// Asking it to stop takes the connection's number, which the driver keeps to itself; a limit of time with every
/// statement takes a round trip more. So connections that come back soon after such a moment are asked whether they are
/// at rest, and closed when they are not: Postgres looks for the other side while it works. Calls that end by themselves
/// pay for one look at an atomic.
struct Underway {
    is_over: bool,
}

impl Drop for Underway {
    fn drop(&mut self) {
        if !self.is_over {
            GIVEN_UP_AT_MS.store(now_ms(), Ordering::Relaxed);
        }
    }
}

/// Brings the schema up to this binary, one process at a time, or refuses when that is not allowed.
///
/// A schema that is ahead is fine: the binary of next week migrated first.
pub async fn migrate(settings: &Database, service: &str, migrator: &Migrator) -> anyhow::Result<()> {
    let options = options(settings, service)?;
    let mut connection = retry_connect(&options).await?;
    let mut migrator = Migrator { migrations: migrator.migrations.clone(), ..Migrator::DEFAULT };
    migrator.set_ignore_missing(true);
    if settings.migrate == Migrate::Never {
        let applied: Vec<i64> = match connection.list_applied_migrations("_sqlx_migrations").await {
            Ok(applied) => applied.iter().map(|migration| migration.version).collect(),
            Err(_) => Vec::new(), // no table yet: nothing was applied
        };
        let missing = migrator.iter().filter(|migration| !applied.contains(&migration.version)).count();
        anyhow::ensure!(
            missing == 0,
            "the schema of {service} is {missing} migrations behind and MIGRATE=never: run `{service} --migrate=only` with the owner's DATABASE_URL first"
        );
        return Ok(());
    }
    // `run_direct` rather than `run`: its future can be sent between threads.
    migrator
        .run_direct(None, &mut connection, false)
        .await
        .with_context(|| format!("migrate the database of {service}"))?;
    connection.close().await.ok();
    Ok(())
}

async fn retry_connect(options: &PgConnectOptions) -> anyhow::Result<PgConnection> {
    let mut delay = Duration::from_millis(100);
    for _ in 0..8 {
        match PgConnection::connect_with(options).await {
            Ok(connection) => return Ok(connection),
            Err(sqlx::Error::Io(_)) => tokio::time::sleep(delay).await,
            // Starting up, shutting down or full: passes.
            Err(sqlx::Error::Database(error))
                if error.code().is_some_and(|code| code.starts_with("57P") || code.starts_with("53")) =>
            {
                tokio::time::sleep(delay).await;
            }
            Err(error) => return Err(error).with_context(|| unreachable(options)),
        }
        delay = (delay * 2).min(Duration::from_secs(2));
    }
    PgConnection::connect_with(options).await.with_context(|| unreachable(options))
}

fn unreachable(options: &PgConnectOptions) -> String {
    format!(
        "cannot reach Postgres at {}:{}, database {} (DATABASE_URL): is it running, does the database exist, is the password right?",
        options.get_host(),
        options.get_port(),
        options.get_database().unwrap_or("(none)")
    )
}

/// Checks that the database answers; for readiness.
pub async fn ping(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(pool).await.map(|_| ())
}

/// An error that may come from the database.
pub trait Retryable {
    /// Returns the database's error, if that is what it is.
    fn database_error(&self) -> Option<&sqlx::Error>;
}

impl Retryable for sqlx::Error {
    fn database_error(&self) -> Option<&sqlx::Error> {
        Some(self)
    }
}

/// Returns whether the same transaction may succeed when tried again: it lost against others and did nothing.
pub fn lost_race(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if matches!(error.code().as_deref(), Some("40001" | "40P01" | "55P03")))
}

/// Returns whether the connection was lost under the statement: a server that restarted leaves dead ones in the pool.
fn connection_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => !matches!(error.kind(), std::io::ErrorKind::ConnectionRefused),
        // Ended by an administrator, or by the crash of another backend.
        sqlx::Error::Database(error) => matches!(error.code().as_deref(), Some("57P01" | "57P02")),
        _ => false,
    }
}

/// Returns whether the database could not be reached or is on its way down or up.
pub fn unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(error) => {
            // Operator intervention, too many connections, connection exceptions, cancelled by our own timeout.
            error.code().is_some_and(|code| code.starts_with("57") || code.starts_with("53") || code.starts_with("08"))
        }
        _ => false,
    }
}

/// A transaction in progress. Dropped without [`Tx::done`], it is rolled back.
#[derive(Debug)]
pub struct Tx(sqlx::Transaction<'static, Postgres>);

/// A transaction that is to be committed, and what it found.
#[derive(Debug)]
pub struct Done<T> {
    tx: Tx,
    value: T,
    commit: bool,
}

impl Tx {
    /// Ends the transaction with a value; [`transact`] commits it.
    pub fn done<T>(self, value: T) -> Done<T> {
        Done { tx: self, value, commit: true }
    }

    /// Ends the transaction with a value and takes back what it did: for a dry run.
    pub fn undone<T>(self, value: T) -> Done<T> {
        Done { tx: self, value, commit: false }
    }
}

impl Deref for Tx {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}

/// Runs `body` in a transaction called `name`, and again when it loses against others or loses its connection.
///
/// The body has no effect outside the transaction, makes no network call and can be repeated after a commit whose answer
/// was lost: everything that writes here carries a key.
pub async fn transact<T, E, F, Fut>(pool: &PgPool, name: &'static str, body: F) -> Result<T, E>
where
    F: Fn(Tx) -> Fut,
    Fut: Future<Output = Result<Done<T>, E>>,
    E: From<sqlx::Error> + Retryable,
{
    again(name, || async {
        // By a task, which ends also when this future is dropped: the driver forgets a BEGIN that nobody waits for, and
        // whoever got the connection next would write into a transaction that is never committed.
        let pool = pool.clone();
        let begun = tokio::spawn(async move { pool.begin().await }.in_current_span()).await;
        let tx = Tx(begun.map_err(|_| sqlx::Error::WorkerCrashed)??);
        let done = body(tx).await?;
        if done.commit {
            done.tx.0.commit().await?;
        } else {
            done.tx.0.rollback().await?;
        }
        Ok(done.value)
    })
    .await
}

/// Runs one statement called `name` that commits by itself, and again as [`transact`] does and under the same rules.
pub async fn statement<T, E, F, Fut>(_pool: &PgPool, name: &'static str, body: F) -> Result<T, E>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<T, E>>,
    E: From<sqlx::Error> + Retryable,
{
    again(name, body).await
}

async fn again<T, E, F, Fut>(name: &'static str, body: F) -> Result<T, E>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<T, E>>,
    E: Retryable,
{
    let span = tracing::info_span!(
        "transaction",
        otel.name = name,
        otel.kind = "client",
        otel.status_code = tracing::field::Empty,
        db.system.name = "postgresql",
        db.operation.name = name,
        db.retries = tracing::field::Empty,
    );
    async {
        let started = Instant::now();
        let mut attempt = 1;
        let mut lost_connections = 0;
        let result = loop {
            // Declared before it is watched: what is given up is noticed first and then dropped, connection and all.
            let mut work = pin!(body());
            let mut underway = Underway { is_over: false };
            let done = work.as_mut().await;
            underway.is_over = true;
            match done {
                Err(error)
                    if lost_connections < LOST_CONNECTIONS_MAX
                        && error.database_error().is_some_and(connection_lost) =>
                {
                    lost_connections += 1;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                Err(error) if attempt < ATTEMPTS_MAX && error.database_error().is_some_and(lost_race) => {
                    let ceiling = 4_u64 << attempt.min(6);
                    let pause = rand::rng().random_range(1..=ceiling);
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                    attempt += 1;
                }
                result => break result,
            }
        };
        let span = tracing::Span::current();
        if attempt > 1 {
            span.record("db.retries", attempt - 1);
        }
        if result.is_err() {
            span.record("otel.status_code", "ERROR");
        }
        crate::metrics::get().transaction_duration.record(
            started.elapsed().as_secs_f64(),
            &[KeyValue::new("db.operation.name", name), KeyValue::new("db.system.name", "postgresql")],
        );
        result
    }
    .instrument(span)
    .await
}
