//! `backroom dev`: the whole product on this machine, with whatever has no credentials simulated.

use std::fs::{self, File, TryLockError};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use crate::meta_sim::{MetaSim, MetaSimOptions, Person, Rules};
use crate::stack::{Databases, Flags, Gemini, Meta, Stack, StackOptions};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use local_postgres::{LocalPostgres, Options, fetch_installation, find_installation};
use platform::Process;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::net::TcpListener;

use super::running::{Running, SimulatedMeta};
use super::ui;

/// Where data is kept unless something else is said.
pub(super) const DATA_DIR: &str = ".backroom";
const DATABASE_NAMES: [&str; 3] = ["backroom_gateway", "backroom_inventory", "backroom_messenger"];

/// Run the whole product on this machine. What has no credentials in the environment or in `.env` is simulated.
#[derive(Args, Clone, Debug)]
pub(super) struct Dev {
    /// Forget what earlier runs stored.
    #[arg(long)]
    fresh: bool,
    /// Port of the gateway, where webhooks come in; 0 for any.
    #[arg(long, env = "BACKROOM_PORT", default_value_t = 8080)]
    port: u16,
    /// Port of the chat page; 0 for any.
    #[arg(long, env = "BACKROOM_CHAT_PORT", default_value_t = 8081)]
    chat_port: u16,
    /// Where data is kept between runs.
    #[arg(long, env = "BACKROOM_DATA_DIR", default_value = DATA_DIR)]
    data_dir: PathBuf,
    /// Folder of `postgres` and `initdb`, when they are in no usual place.
    #[arg(long, env = "POSTGRES_BIN_DIR")]
    postgres_bin_dir: Option<PathBuf>,
    /// Set: the real Graph API is used; WHATSAPP_PHONE_NUMBER_ID, WHATSAPP_APP_SECRET and WHATSAPP_VERIFY_TOKEN go with it.
    #[arg(long, env = "WHATSAPP_ACCESS_TOKEN", hide_env_values = true)]
    whatsapp_access_token: Option<SecretString>,
    /// File that holds WHATSAPP_ACCESS_TOKEN.
    #[arg(long, env = "WHATSAPP_ACCESS_TOKEN_FILE")]
    whatsapp_access_token_file: Option<PathBuf>,
    /// Set: the real Gemini is used.
    #[arg(long, env = "GEMINI_API_KEY", hide_env_values = true)]
    gemini_api_key: Option<SecretString>,
    /// File that holds GEMINI_API_KEY.
    #[arg(long, env = "GEMINI_API_KEY_FILE")]
    gemini_api_key_file: Option<PathBuf>,
}

impl Dev {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        // Ports first: they fail fast, and a stack that runs already holds them.
        let gateway_listener = bind(self.port, "--port").await?;
        let chat_listener = bind(self.chat_port, "--chat-port").await?;
        let chat_address = chat_listener.local_addr().context("ask the chat page for its address")?;
        let _lock = self.lock_data_dir()?;
        let starting = async {
            let postgres = self.start_postgres().await?;
            let databases = self.databases(&postgres).await?;
            anyhow::Ok((postgres, databases))
        };
        let (postgres, databases) = tokio::select! {
            () = process.shutdown.draining() => return Ok(()),
            started = starting => started?,
        };
        let options = self.options(process, databases.clone(), gateway_listener, chat_listener);
        let simulated = match &options.meta {
            Meta::Simulated(options) => Some(SimulatedMeta::of(options)),
            Meta::Real { .. } => None,
        };
        let stack = tokio::select! {
            () = process.shutdown.draining() => return Ok(()),
            started = Stack::start(options) => started?,
        };
        self.remember(&stack, databases, simulated)?;
        self.greet(&stack, chat_address);
        let result = run_until_told(stack, process).await;
        tokio::task::spawn_blocking(move || drop(postgres)).await.context("stop Postgres")?;
        Running::forget(&self.data_dir);
        result
    }

    fn uses_real_meta(&self) -> bool {
        is_given(self.whatsapp_access_token.as_ref()) || self.whatsapp_access_token_file.is_some()
    }

    fn uses_real_gemini(&self) -> bool {
        is_given(self.gemini_api_key.as_ref()) || self.gemini_api_key_file.is_some()
    }

    /// Keeps two stacks off one data directory.
    fn lock_data_dir(&self) -> Result<File> {
        fs::create_dir_all(&self.data_dir).with_context(|| format!("create {}", self.data_dir.display()))?;
        let file = File::create(self.data_dir.join("lock")).context("create the lock of the data directory")?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                bail!("another `backroom dev` uses {}: stop it, or give this one --data-dir", self.data_dir.display())
            }
            Err(TryLockError::Error(error)) => Err(error).context("lock the data directory"),
        }
    }

    /// Starts the Postgres of this machine, or one that is downloaded once.
    async fn start_postgres(&self) -> Result<LocalPostgres> {
        let bin_dir = match find_installation(self.postgres_bin_dir.as_deref()) {
            Ok(found) => found.bin_dir().to_owned(),
            Err(error) if self.postgres_bin_dir.is_some() => return Err(error),
            Err(_) => {
                ui::say("No Postgres on this machine: downloading one, once.");
                fetch_installation(&self.data_dir.join("postgres-binaries")).await?.bin_dir().to_owned()
            }
        };
        let data_dir = self.data_dir.join("postgres");
        if self.fresh {
            wipe(&data_dir)?;
        }
        let options = Options { bin_dir: Some(bin_dir), ..Options::durable(data_dir) };
        tokio::task::spawn_blocking(|| LocalPostgres::start(options)).await.context("start Postgres")?
    }

    async fn databases(&self, postgres: &LocalPostgres) -> Result<Databases> {
        for name in DATABASE_NAMES {
            if self.fresh {
                drop_database(postgres, name).await?; // the data may lie elsewhere than asked for
            }
            postgres.create_database(name).await?;
        }
        let [gateway, inventory, messenger] = DATABASE_NAMES.map(|name| postgres.url(name));
        Ok(Databases { gateway, inventory, messenger })
    }

    /// Leaves addresses and keys to the other commands.
    fn remember(&self, stack: &Stack, databases: Databases, simulated: Option<SimulatedMeta>) -> Result<()> {
        let graph_url = stack.meta().map(MetaSim::url).unwrap_or_default();
        let running = Running {
            gateway_url: stack.gateway_url(),
            parser_url: stack.parser_url().to_owned(),
            inventory_url: stack.inventory_url().to_owned(),
            messenger_url: stack.messenger_url().to_owned(),
            caller_key: stack.caller_key().to_owned(),
            gateway_database_url: databases.gateway,
            inventory_database_url: databases.inventory,
            messenger_database_url: databases.messenger,
            meta: simulated.map(|meta| meta.at(graph_url)),
        };
        running.write(&self.data_dir)
    }

    fn options(
        &self,
        process: &Process,
        databases: Databases,
        gateway_listener: TcpListener,
        chat_listener: TcpListener,
    ) -> StackOptions {
        StackOptions {
            databases,
            gateway_listener,
            inventory_listener: None,
            meta: if self.uses_real_meta() {
                Meta::Real { page_listener: Some(chat_listener) }
            } else {
                // Who wrote in an earlier run is forgotten, and what waits for them must still go out.
                let rules = Rules { strangers_need_templates: false, ..Rules::metas() };
                let options = MetaSimOptions { rules, ..MetaSimOptions::new(chat_listener, String::new()) };
                Meta::Simulated(Box::new(options))
            },
            gemini: if self.uses_real_gemini() { Gemini::Real } else { Gemini::Simulated },
            flags: Flags::default(),
            clock: process.clock.clone(),
        }
    }

    fn greet(&self, stack: &Stack, chat_address: SocketAddr) {
        if let Some(meta) = stack.meta() {
            meta.person(Person::new("Thandi", "27825550101", "ZA.1001"));
            meta.person(Person::new("Sipho", "27825550102", "ZA.1002"));
        }
        let meta = if self.uses_real_meta() { "the real one" } else { "simulated: WHATSAPP_ACCESS_TOKEN is not set" };
        let gemini = if self.uses_real_gemini() { "the real one" } else { "simulated: GEMINI_API_KEY is not set" };
        ui::say(format_args!(
            "\nThe Backroom is running. Open the chat and type \"Added 50 screws\".\n\n  \
             Chat      http://{chat_address}\n  Webhook   {}/webhook/whatsapp\n  WhatsApp  {meta}\n  \
             Gemini    {gemini}\n  Data      {}, kept between runs; `backroom dev --fresh` forgets it\n\n\
             Ctrl-C stops everything.",
            stack.gateway_url(),
            self.data_dir.display(),
        ));
    }
}

/// Runs a stack until the process is told to leave, then drains it. A service that ends by itself ends the rest.
pub(super) async fn run_until_told(mut stack: Stack, process: &Process) -> Result<()> {
    let failure = tokio::select! {
        () = process.shutdown.draining() => None,
        error = stack.failed() => Some(error),
    };
    let drained = stack.stop().await;
    failure.map_or(drained, Err)
}

async fn bind(port: u16, flag: &str) -> Result<TcpListener> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "port {port} is taken: stop what listens there (another `backroom dev`?), or choose another with {flag}"
        )
    })
}

/// Removes a data directory, and nothing that is not one.
fn wipe(data_dir: &Path) -> Result<()> {
    if !data_dir.join("PG_VERSION").exists() {
        return Ok(());
    }
    fs::remove_dir_all(data_dir).with_context(|| format!("remove {}", data_dir.display()))?;
    fs::remove_file(data_dir.with_extension("password")).ok(); // a new one is made; missing is fine
    Ok(())
}

async fn drop_database(postgres: &LocalPostgres, name: &str) -> Result<()> {
    let mut connection = PgConnection::connect(&postgres.url("postgres")).await.context("connect to Postgres")?;
    let statement = format!(r#"DROP DATABASE IF EXISTS "{name}" WITH (FORCE)"#); // one of our own three names
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.with_context(|| format!("drop {name}"))?;
    connection.close().await.context("leave Postgres")
}

/// Returns whether a secret is there and not empty.
pub(super) fn is_given(secret: Option<&SecretString>) -> bool {
    secret.is_some_and(|secret| !secret.expose_secret().is_empty())
}
