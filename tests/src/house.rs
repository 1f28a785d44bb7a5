//! The four services as four processes, a Postgres of their own, Meta and Gemini simulated.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use devstack::gemini_sim::{GeminiSim, GeminiSimOptions};
use devstack::meta_sim::{ChatEntry, MetaSim, MetaSimOptions, Person, RetrySchedule};
use local_postgres::LocalPostgres;
use platform::grpc::key_hash;
use rand::Rng as _;
use tokio::net::TcpListener;

use crate::binaries::binary;
use crate::collector::Collector;
use crate::load::eventually;

/// Takes webhooks.
pub const GATEWAY: &str = "gateway";
/// Reads messages.
pub const PARSER: &str = "parser-svc";
/// Keeps the ledger.
pub const INVENTORY: &str = "inventory-svc";
/// Sends answers.
pub const MESSENGER: &str = "messenger-svc";
/// The file that holds the access token, when one does.
const TOKEN_FILE: &str = "access-token";
/// What the replica prints.
const REPLICA_LOG: &str = "replica.log";
/// What people of the stories are called, what their numbers begin with, and a word that they use for an item.
const PRIVATE: [&str; 3] = [crate::load::NAME, crate::load::PHONE, "screws"];

/// All four.
pub const SERVICES: [&str; 4] = [PARSER, INVENTORY, MESSENGER, GATEWAY];

/// Starts something that stands between the gateway and a service: given the service's address, returns its own.
pub type Between = Box<dyn FnOnce(String) -> futures::future::BoxFuture<'static, String> + Send>;

/// How a house is built.
pub struct HouseOptions {
    /// Puts something between the gateway and the parser: given the parser's address and a caller key, returns its own.
    pub before_parser: Option<Between>,
    /// Whether commits are written through to the disk and services say little: for measurements.
    pub measured: bool,
    /// Whether the parser has a Gemini (the simulated one).
    pub gemini: bool,
    /// More settings for a service, as environment.
    pub environment: Vec<(&'static str, &'static str, String)>,
    /// Whether the messenger reads the access token from a file, which [`House::write_token`] changes.
    pub token_file: bool,
    /// Changes the simulated Meta before it starts.
    pub meta: fn(&mut MetaSimOptions),
}

impl Default for HouseOptions {
    fn default() -> Self {
        Self {
            before_parser: None,
            measured: false,
            gemini: false,
            environment: Vec::new(),
            token_file: false,
            meta: |_| (),
        }
    }
}

/// The whole product, running.
pub struct House {
    /// Meta.
    pub meta: MetaSim,
    /// What listens to the spans of all four.
    pub collector: Collector,
    /// Gemini, when it was asked for.
    pub gemini: Option<GeminiSim>,
    /// The server that holds the three databases.
    pub postgres: LocalPostgres,
    /// The key the gateway shows.
    pub caller_key: String,
    /// What must never be printed: secrets, tokens and keys of this house.
    pub secrets: Vec<String>,
    /// Signs webhooks.
    pub app_secret: String,
    /// What the simulated Graph API wants to be shown.
    pub access_token: String,
    ports: HashMap<&'static str, u16>,
    environment: HashMap<&'static str, Vec<(String, String)>>,
    running: Mutex<HashMap<&'static str, Child>>,
    replicas: Mutex<Vec<Child>>,
    folder: tempfile::TempDir,
}

impl House {
    /// Builds the binaries, starts everything and waits until the gateway takes messages.
    pub async fn start(options: HouseOptions) -> Self {
        let measured = options.measured;
        let postgres = start_postgres(measured).await;
        for service in [GATEWAY, INVENTORY, MESSENGER] {
            postgres.create_database(&database(service)).await.expect("a new database");
        }
        let ports: HashMap<&'static str, u16> = SERVICES.map(|service| (service, free_port())).into();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let mut meta = MetaSimOptions::new(listener, format!("http://127.0.0.1:{}/webhook/whatsapp", ports[GATEWAY]));
        meta.retry = RetrySchedule { delay_max: Duration::from_secs(1), ..RetrySchedule::default() };
        (options.meta)(&mut meta);
        let (app_secret, access_token, verify_token) =
            (meta.app_secret.clone(), meta.access_token.clone(), meta.verify_token.clone());
        let phone_number_id = meta.phone_number_id.clone();
        let meta = MetaSim::start(meta).expect("the simulated Meta starts");
        let caller_key = hex::encode(rand::rng().random::<[u8; 32]>());
        let mut secrets = vec![app_secret.clone(), access_token.clone(), verify_token.clone(), caller_key.clone()];

        let folder = tempfile::tempdir().expect("a temporary folder");
        let collector = Collector::start().await;
        let url = |service: &str| format!("http://127.0.0.1:{}", ports[service]);
        let parser_url = match options.before_parser {
            Some(between) => between(url(PARSER)).await,
            None => url(PARSER),
        };
        let mut environment: HashMap<&'static str, Vec<(String, String)>> = HashMap::new();
        for service in SERVICES {
            let mut set = |name: &str, value: String| {
                environment.entry(service).or_default().push((name.to_owned(), value));
            };
            set("LISTEN_ADDR", format!("127.0.0.1:{}", ports[service]));
            set("LOG_FORMAT", "json".to_owned());
            if measured {
                set("RUST_LOG", "warn".to_owned());
            } else {
                set("RUST_LOG", "debug,h2=info,hyper=info,hyper_util=info,tower=info,sqlx=info,tonic=info".to_owned());
                set("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.clone());
                set("OTEL_BSP_SCHEDULE_DELAY", "200".to_owned());
            }
            if service == GATEWAY {
                set("CALLER_KEY", caller_key.clone());
                set("PARSER_URL", parser_url.clone());
                set("INVENTORY_URL", url(INVENTORY));
                set("MESSENGER_URL", url(MESSENGER));
                set("WHATSAPP_APP_SECRET", app_secret.clone());
                set("WHATSAPP_VERIFY_TOKEN", verify_token.clone());
                // A killed worker's lanes come back soon.
                set("LEASE_MS", "3000".to_owned());
            } else {
                set("CALLER_KEYS", format!("gateway {} *", key_hash(&caller_key)));
            }
            if service == MESSENGER {
                let (name, value) = token_setting(options.token_file.then(|| folder.path()), &access_token);
                set(name, value);
                set("WHATSAPP_PHONE_NUMBER_ID", phone_number_id.clone());
                set("GRAPH_API_URL", meta.url());
            }
            if service != PARSER {
                set("DATABASE_URL", postgres.url(&database(service)));
            }
        }
        let gemini = if options.gemini {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            let gemini = GeminiSimOptions::new(listener);
            secrets.push(gemini.api_key.clone());
            let key = gemini.api_key.clone();
            let gemini = GeminiSim::start(gemini).expect("the simulated Gemini starts");
            let parser = environment.entry(PARSER).or_default();
            parser.push(("GEMINI_API_KEY".to_owned(), key));
            parser.push(("GEMINI_API_URL".to_owned(), gemini.url()));
            Some(gemini)
        } else {
            None
        };
        for (service, name, value) in options.environment {
            environment.entry(service).or_default().push((name.to_owned(), value));
        }
        let house = Self {
            meta,
            collector,
            gemini,
            postgres,
            caller_key,
            secrets,
            app_secret,
            access_token,
            ports,
            environment,
            running: Mutex::default(),
            replicas: Mutex::default(),
            folder,
        };
        for service in SERVICES {
            house.spawn(service);
        }
        house.wait_until_ready().await;
        house
    }

    /// Returns the address of a service.
    pub fn url(&self, service: &str) -> String {
        format!("http://127.0.0.1:{}", self.ports[service])
    }

    /// Returns the address of a service's database.
    pub fn database_url(&self, service: &str) -> String {
        self.postgres.url(&database(service))
    }

    /// Returns a pool on a service's database, with the rights of its owner.
    pub async fn pool(&self, service: &str) -> sqlx::PgPool {
        sqlx::postgres::PgPoolOptions::new()
            .max_connections(3)
            .connect(&self.database_url(service))
            .await
            .expect("the database answers")
    }

    /// Waits until the gateway is ready and the three gRPC services say that they serve.
    pub async fn wait_until_ready(&self) {
        let client = reqwest::Client::new();
        eventually("the gateway is ready", || async {
            matches!(client.get(format!("{}/readyz", self.url(GATEWAY))).send().await, Ok(answer) if answer.status().is_success())
        })
        .await;
        for service in [PARSER, INVENTORY, MESSENGER] {
            let url = self.url(service);
            eventually("a gRPC service says that it serves", || is_serving(&url)).await;
        }
    }

    /// Starts a service, or starts it again.
    pub fn spawn(&self, service: &'static str) {
        let log = File::options().create(true).append(true).open(self.log_path(service)).expect("a log file");
        let child = Command::new(binary(service))
            .env_clear()
            .envs(self.environment[service].iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log)
            .spawn()
            .expect("the service starts");
        self.running.lock().expect("no holder panics").insert(service, child);
    }

    /// Starts one more process of a service, on a port of its own and on the same database.
    pub fn spawn_replica(&self, service: &'static str) {
        let log = File::create(self.folder.path().join(REPLICA_LOG)).expect("a log file");
        let child = Command::new(binary(service))
            .env_clear()
            .envs(self.environment[service].iter().map(|(name, value)| (name, value)))
            .env("LISTEN_ADDR", format!("127.0.0.1:{}", free_port()))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log)
            .spawn()
            .expect("the replica starts");
        self.replicas.lock().expect("no holder panics").push(child);
    }

    /// Returns what the last replica printed.
    pub fn replica_log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join(REPLICA_LOG)).unwrap_or_default()
    }

    /// Replaces the access token that the messenger reads, as an operator would: written beside and renamed.
    pub fn write_token(&self, token: &str) {
        let beside = self.folder.path().join("access-token.new");
        std::fs::write(&beside, token).expect("the folder can be written");
        std::fs::rename(beside, self.folder.path().join(TOKEN_FILE)).expect("the file can be replaced");
    }

    /// Returns the memory of a service's process that is in RAM, in KiB.
    pub fn resident_kib(&self, service: &str) -> u64 {
        let id = self.process_id(service).expect("the service runs");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("Linux tells about its processes");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a process has memory");
        line.trim().trim_end_matches(" kB").parse().expect("a number of KiB")
    }

    /// Ends a service as a power cut would.
    pub fn kill(&self, service: &str) {
        if let Some(mut child) = self.running.lock().expect("no holder panics").remove(service) {
            child.kill().ok();
            child.wait().ok();
        }
    }

    /// Starts what is not running, as an orchestrator would, until everything answers.
    pub async fn revive(&self) {
        eventually("every service is up", || async {
            let mut all_up = true;
            for service in SERVICES {
                let has_ended = match self.running.lock().expect("no holder panics").get_mut(service) {
                    Some(child) => child.try_wait().is_ok_and(|status| status.is_some()),
                    None => true,
                };
                if has_ended {
                    all_up = false;
                    self.spawn(service);
                }
            }
            all_up
        })
        .await;
        self.wait_until_ready().await;
    }

    /// Asks a service to leave and returns whether it left well.
    pub fn terminate(&self, service: &str) -> bool {
        let Some(mut child) = self.running.lock().expect("no holder panics").remove(service) else { return false };
        let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        asked.is_ok_and(|asked| asked.success()) && child.wait().is_ok_and(|status| status.success())
    }

    /// Returns the id of a service's process.
    pub fn process_id(&self, service: &str) -> Option<u32> {
        self.running.lock().expect("no holder panics").get(service).map(Child::id)
    }

    /// Returns everything the services printed.
    pub fn logs(&self) -> String {
        SERVICES.iter().filter_map(|service| std::fs::read_to_string(self.log_path(service)).ok()).collect()
    }

    /// Says something and returns the answer.
    pub async fn ask(&self, person: &Person, text: &str) -> ChatEntry {
        let sent = self.meta.say(person, text);
        match self.meta.wait_for_reply(person, &sent.wamid, Duration::from_mins(3)).await {
            Ok(reply) => reply,
            Err(error) => panic!("no answer to {text:?}: {error:#}\n{}", tail(&self.logs())),
        }
    }

    /// Returns every value of every table of a service's database as text; bytes as text and in hex.
    pub async fn dump(&self, service: &str) -> String {
        let pool = self.pool(service).await;
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT quote_ident(table_name) FROM information_schema.tables
             WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
        )
        .fetch_all(&pool)
        .await
        .expect("the catalogue can be read");
        let mut dump = String::new();
        for table in tables {
            // The row as text: bytes stand in hex, so they are looked at once more as letters.
            let rows: Vec<String> =
                sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT row::text FROM {table} AS row")))
                    .fetch_all(&pool)
                    .await
                    .expect("the table can be read");
            for row in rows {
                dump.push_str(&row);
                dump.push_str(&letters_of_hex(&row));
                dump.push('\n');
            }
        }
        dump
    }

    /// Panics when a secret, a phone number, a name or words of a message stand in a log line or a span.
    ///
    /// Every house is asked at its end, so the whole suite is searched.
    pub fn assert_nothing_private_is_told(&self) {
        let private: Vec<&str> = self.secrets.iter().map(String::as_str).chain(PRIVATE).collect();
        assert_private(&self.logs(), &private);
        self.collector.assert_nothing_private(&private);
    }

    /// Panics when the ledger contradicts itself.
    pub async fn assert_ledger_is_sound(&self) {
        let pool = self.pool(INVENTORY).await;
        let wrong: i64 = sqlx::query_scalar("SELECT count(*) FROM ledger_discrepancy")
            .fetch_one(&pool)
            .await
            .expect("the view is there");
        assert_eq!(wrong, 0, "balances differ from the sum of their movements");
    }

    fn log_path(&self, service: &str) -> PathBuf {
        Path::new(self.folder.path()).join(format!("{service}.log"))
    }
}

impl Drop for House {
    fn drop(&mut self) {
        for service in SERVICES {
            self.kill(service);
        }
        for mut replica in self.replicas.lock().expect("no holder panics").drain(..) {
            replica.kill().ok();
            replica.wait().ok();
        }
        if std::thread::panicking() {
            // The folder goes with the house; the last words stay in the test's output.
            last_words(&tail(&self.logs()));
        } else {
            self.assert_nothing_private_is_told();
        }
    }
}

async fn is_serving(url: &str) -> bool {
    let Ok(endpoint) = tonic::transport::Endpoint::from_shared(url.to_owned()) else { return false };
    let Ok(channel) = endpoint.connect().await else { return false };
    let request = tonic_health::pb::HealthCheckRequest::default();
    let answer = tonic_health::pb::health_client::HealthClient::new(channel).check(request).await;
    answer.is_ok_and(|answer| {
        answer.get_ref().status() == tonic_health::pb::health_check_response::ServingStatus::Serving
    })
}

/// Returns the setting that tells the messenger its access token: by a file in `folder`, when one is given.
fn token_setting(folder: Option<&Path>, token: &str) -> (&'static str, String) {
    let Some(folder) = folder else { return ("WHATSAPP_ACCESS_TOKEN", token.to_owned()) };
    let path = folder.join(TOKEN_FILE);
    std::fs::write(&path, token).expect("the folder can be written");
    ("WHATSAPP_ACCESS_TOKEN_FILE", path.display().to_string())
}

async fn start_postgres(measured: bool) -> LocalPostgres {
    tokio::task::spawn_blocking(move || {
        // Commits must survive a SIGKILL of the server; unless it is measured, nobody pulls the plug, and fsync may rest.
        LocalPostgres::start(local_postgres::Options {
            durable: measured,
            settings: vec![("synchronous_commit".to_owned(), "on".to_owned())],
            ..local_postgres::Options::temporary()
        })
    })
    .await
    .expect("starting Postgres does not panic")
    .expect("Postgres starts")
}

/// Panics when one of `private` stands in `text`, without printing it.
pub(crate) fn assert_private(text: &str, private: &[&str]) {
    for (index, secret) in private.iter().enumerate() {
        if let Some(at) = text.find(secret) {
            let line = text[..at].rfind('\n').map_or(0, |line| line + 1);
            panic!("private thing {index} is in the output, in: {}", &text[line..at]);
        }
    }
}

fn tail(text: &str) -> String {
    let interesting: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains("\"level\":\"debug\"") && !line.contains("\"level\":\"info\""))
        .collect();
    interesting[interesting.len().saturating_sub(40)..].join("\n")
}

#[expect(clippy::print_stdout, reason = "a failing test shows what the services said")]
fn last_words(text: &str) {
    println!("{text}");
}

fn database(service: &str) -> String {
    format!("backroom_{}", service.trim_end_matches("-svc"))
}

/// Returns what the runs of hex digits in a text (`\\x6869`) say as letters.
fn letters_of_hex(text: &str) -> String {
    text.split("\\x")
        .skip(1)
        .map(|rest| {
            let digits: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
            let bytes = hex::decode(&digits[..digits.len() / 2 * 2]).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        })
        .collect()
}

/// Picks a port below the range that outgoing connections take, so that it is still free when a killed service returns.
fn free_port() -> u16 {
    loop {
        let port = rand::rng().random_range(20_000..32_000);
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
