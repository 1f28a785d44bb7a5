//! A Postgres of one's own, from installed binaries, for tests, benches and `backroom dev`.
//!
//! - `installation`: where `postgres` and `initdb` are
//! - `fetch`: a download of them (feature `fetch`)
//! - `home`: the data directory, its password, and the user who owns both
//! - `server`: one run of the server, ended by a shell when this process ends
//! - `shared`: one server for all tests of a process, one database for each
//!
//! Everything but [`LocalPostgres::create_database`], [`fresh_database`] and the download blocks; async callers use `spawn_blocking`.

#[cfg(feature = "fetch")]
mod fetch;
mod home;
mod installation;
mod server;
mod shared;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

#[cfg(feature = "fetch")]
pub use crate::fetch::fetch_installation;
use crate::home::Home;
pub use crate::installation::{Installation, find_installation};
use crate::server::Server;
pub use crate::shared::{fresh_database, shared};

/// How long a start is tried again while children of a killed server still hold its memory.
const LINGERING_DURATION_MAX: Duration = Duration::from_secs(10);
/// How long a start is tried again while somebody else holds the very port that was asked for.
const PORT_TAKEN_DURATION_MAX: Duration = Duration::from_secs(2);

/// What kind of server to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the data lives; `None` for a temporary directory that goes when this process ends, however it ends.
    /// Unless `durable`, it is made in memory where there is plenty.
    pub data_dir: Option<PathBuf>,
    /// Whether commits survive a power cut; `false` trades that for speed.
    pub durable: bool,
    /// Further settings, as `-c name=value`; they win over the ones chosen here.
    pub settings: Vec<(String, String)>,
    /// The port on 127.0.0.1; `None` for any free one.
    pub port: Option<u16>,
    /// Postgres' `max_connections`.
    pub connection_count_max: u16,
    /// Postgres' `shared_buffers`.
    pub shared_buffers: String,
    /// The folder of `postgres` and `initdb`; `None` to look in the usual places.
    pub bin_dir: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            data_dir: None,
            durable: false,
            settings: Vec::new(),
            port: None,
            connection_count_max: 200,
            shared_buffers: "128MB".to_owned(),
            bin_dir: None,
        }
    }
}

impl Options {
    /// A server for tests: temporary and quick.
    pub fn temporary() -> Self {
        Self::default()
    }

    /// A server that keeps what it is told, in `data_dir`.
    pub fn durable(data_dir: impl Into<PathBuf>) -> Self {
        Self { data_dir: Some(data_dir.into()), durable: true, ..Self::default() }
    }

    fn settings_for(&self, port: u16) -> Vec<(String, String)> {
        let mut settings = vec![
            ("listen_addresses".to_owned(), "127.0.0.1".to_owned()),
            ("unix_socket_directories".to_owned(), String::new()), // a socket path may be at most 107 bytes long
            ("port".to_owned(), port.to_string()),
            ("max_connections".to_owned(), self.connection_count_max.to_string()),
            ("shared_buffers".to_owned(), self.shared_buffers.clone()),
        ];
        if !self.durable {
            for name in ["fsync", "synchronous_commit", "full_page_writes"] {
                settings.push((name.to_owned(), "off".to_owned()));
            }
            settings.push(("max_wal_size".to_owned(), "256MB".to_owned())); // it may live in memory
            settings.push(("dynamic_shared_memory_type".to_owned(), "mmap".to_owned())); // goes with the data directory
        }
        settings.extend(self.settings.iter().cloned());
        settings
    }
}

/// A running Postgres that ends when this is dropped or when the process ends, by SIGKILL too.
#[derive(Debug)]
pub struct LocalPostgres {
    running: Mutex<Option<Server>>, // dropped before `home`, which may remove the directory
    home: Home,
    installation: Installation,
    options: Options,
    port: u16,
}

impl LocalPostgres {
    /// Starts a server and returns once it takes connections. A server left over in the same directory is stopped first.
    pub fn start(options: Options) -> Result<Self> {
        let installation = find_installation(options.bin_dir.as_deref())?;
        let home = Home::open(&installation, &options)?;
        home.stop_leftover(&installation);
        let (server, port) = launch(&installation, &home, &options, options.port)?;
        tracing::info!(port, data_dir = %home.data_dir().display(), "started Postgres {}", installation.major_version());
        Ok(Self { running: Mutex::new(Some(server)), home, installation, options, port })
    }

    /// Returns the URL of a database on this server, password included.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{}:{}@127.0.0.1:{}/{database}", home::SUPERUSER, self.home.password(), self.port)
    }

    /// Returns the port on 127.0.0.1, which a restart keeps.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns where the data really is; not the place asked for when the server's user could not get there.
    pub fn data_dir(&self) -> &Path {
        self.home.data_dir()
    }

    /// Creates a database unless there is one of that name.
    pub async fn create_database(&self, name: &str) -> Result<()> {
        let mut connection = PgConnection::connect(&self.url("postgres")).await.context("connect to Postgres")?;
        let statement = format!(r#"CREATE DATABASE "{}""#, name.replace('"', r#""""#));
        let created = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await;
        connection.close().await.ok(); // the answer is already here
        match created {
            // Two creators at once: one is told of the name, or of the name's unique index.
            Err(sqlx::Error::Database(error)) if matches!(error.code().as_deref(), Some("42P04" | "23505")) => Ok(()),
            other => other.map(drop).with_context(|| format!("create database {name}")),
        }
    }

    /// Kills the postmaster with SIGKILL, as a crash would; its children notice and exit by themselves.
    ///
    /// A server that is not durable may forget its last half second: set `synchronous_commit` to `on`
    /// where a story relies on what was committed.
    pub fn kill(&self) -> Result<()> {
        self.lock().take().map_or(Ok(()), Server::kill)
    }

    /// Starts the server again on the same port and data, stopping it first if it runs.
    pub fn restart(&self) -> Result<()> {
        let mut running = self.lock();
        drop(running.take());
        let (server, _) = launch(&self.installation, &self.home, &self.options, Some(self.port))?;
        *running = Some(server);
        Ok(())
    }

    /// Stops the server: open transactions are rolled back, clients cut off, data written out.
    pub fn stop(&self) {
        drop(self.lock().take());
    }

    fn lock(&self) -> MutexGuard<'_, Option<Server>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts a server, again and again while what stands in the way is of the passing kind.
fn launch(installation: &Installation, home: &Home, options: &Options, port: Option<u16>) -> Result<(Server, u16)> {
    let began = Instant::now();
    loop {
        let candidate = port.map_or_else(free_port, Ok)?;
        let error = match Server::launch(installation, home, &options.settings_for(candidate)) {
            Ok(server) => return Ok((server, candidate)),
            Err(error) => error,
        };
        let says = |reason| error.to_string().contains(reason);
        let patience = if says("Address already in use") && port.is_some() {
            PORT_TAKEN_DURATION_MAX
        } else if says("Address already in use") || says("is still in use") || says("postmaster.pid\" already exists") {
            LINGERING_DURATION_MAX // or a port that was free a moment ago: the next one will be
        } else {
            Duration::ZERO
        };
        if began.elapsed() > patience {
            return Err(error.context(format!("start Postgres on port {candidate}")));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("find a free port")?;
    Ok(listener.local_addr()?.port())
}
