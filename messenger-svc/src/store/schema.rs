//! The schema brought up to this binary, with indexes that are built while messages are sent.

use std::time::Duration;

use anyhow::Context as _;
use platform::settings::{Database, Migrate};
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Postgres};

/// How often to ask whether the other replica is done.
const ASK_INTERVAL: Duration = Duration::from_millis(200);

/// Brings the schema up to this binary, one replica at a time.
///
/// Building an index beside the sending waits for every statement of the database, also for one in which another replica
/// waits for the lock of the migrations, and that would never end. So replicas wait here, by asking again and again.
pub async fn migrate(settings: &Database) -> anyhow::Result<()> {
    if settings.migrate == Migrate::Never {
        return platform::db::migrate(settings, "messenger-svc", &sqlx::migrate!()).await;
    }
    // Connects patiently and says what is wrong: the first statement of a service is here.
    let pool = platform::db::connect(settings, "messenger-svc", None)?;
    let migrated = match pool.acquire().await {
        Ok(turn) => migrate_in_turn(settings, turn).await,
        // Tries for longer, and has the words for what an operator reads.
        Err(_) => platform::db::migrate(settings, "messenger-svc", &sqlx::migrate!()).await,
    };
    pool.close().await;
    migrated
}

// The lock goes with the connection.
async fn migrate_in_turn(settings: &Database, mut turn: PoolConnection<Postgres>) -> anyhow::Result<()> {
    let lock = "SELECT pg_try_advisory_lock(hashtextextended('messenger-svc migrates ' || current_schema(), 0))";
    while !sqlx::query_scalar::<_, bool>(lock).fetch_one(&mut *turn).await.context("wait for the turn to migrate")? {
        tokio::time::sleep(ASK_INTERVAL).await;
    }
    drop_unfinished_indexes(&mut turn).await.context("drop the indexes that were not finished")?;
    let migrated = platform::db::migrate(settings, "messenger-svc", &sqlx::migrate!()).await;
    turn.close().await.ok();
    migrated
}

// A process that died while it built one left it there, and `IF NOT EXISTS` would take that for the whole.
async fn drop_unfinished_indexes(connection: &mut PoolConnection<Postgres>) -> Result<(), sqlx::Error> {
    let unfinished: Vec<String> = sqlx::query_scalar(
        "SELECT index.indexrelid::regclass::text FROM pg_index AS index \
         WHERE NOT index.indisvalid AND index.indrelid = to_regclass('message')",
    )
    .fetch_all(&mut **connection)
    .await?;
    for name in unfinished {
        tracing::warn!("building index {name} was cut short: building it once more");
        sqlx::query(AssertSqlSafe(format!("DROP INDEX IF EXISTS {name}"))).execute(&mut **connection).await?;
    }
    Ok(())
}
