//! A service that dies and comes back, on a database whose connections are cut, and callers who do not wait for answers.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clap::Parser as _;
use inventory_svc::Settings;
use jiff::Timestamp;
use platform::Process;
use platform::clock::Clock;
use platform::error::reason_of;
use platform::shutdown::Shutdown;
use proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use sqlx::{Connection as _, PgConnection};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Status};

use crate::call::{Answer, Call};
use crate::dice::Dice;

const KEY: &str = "a key of the model";
/// How often a call is made again before the house is taken for dead.
const ATTEMPTS_MAX: usize = 400;

type Interceptor = fn(Request<()>) -> Result<Request<()>, Status>;
pub(crate) type Client = InventoryServiceClient<InterceptedService<Channel, Interceptor>>;

/// What happens to a call between its effect and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crash {
    None,
    /// The caller leaves after so many microseconds.
    CallerLeaves(u64),
    /// Every connection to the database is ended after so many.
    ConnectionsEnd(u64),
    /// The process dies after so many, and another one takes over.
    ProcessDies(u64),
}

impl Crash {
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        let after = dice.below(6_000);
        match dice.below(400) {
            0..=24 => Self::CallerLeaves(after),
            25..=32 => Self::ConnectionsEnd(after),
            33 => Self::ProcessDies(after),
            _ => Self::None,
        }
    }
}

struct Running {
    runtime: tokio::runtime::Runtime,
    client: Client,
}

/// The service and its database.
pub(crate) struct House {
    pub(crate) clock: Clock,
    database_url: String,
    running: Mutex<Option<Running>>,
    pub(crate) crash_count: AtomicUsize,
}

impl House {
    pub(crate) async fn start() -> Self {
        let database_url = local_postgres::fresh_database("model").await;
        let clock = Clock::manual("2026-11-22T10:00:00Z".parse::<Timestamp>().expect("a literal"));
        let house = Self { clock, database_url, running: Mutex::new(None), crash_count: AtomicUsize::new(0) };
        house.run_service("always").await;
        house
    }

    async fn run_service(&self, migrate: &str) {
        let keys = format!("model {} *", platform::grpc::key_hash(KEY));
        let flags = [
            "inventory-svc",
            "--database-url",
            &self.database_url,
            "--caller-keys",
            &keys,
            "--migrate",
            migrate,
            "--discrepancy-check-seconds",
            "0",
        ];
        let settings = Settings::try_parse_from(flags).expect("the flags are ours");
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let clock = self.clock.clone();
        let (tell, told) = tokio::sync::oneshot::channel();
        runtime.spawn(async move {
            let mut listener = platform::bind(([127, 0, 0, 1], 0).into(), "LISTEN_ADDR").await.expect("a free port");
            let address = listener.local_addr().expect("it is bound");
            tell.send(address).expect("somebody waits");
            // Whose connections are ended while it starts does not start, and is started again.
            while let Err(error) =
                inventory_svc::serve(settings.clone(), listener, Process::new(clock.clone(), Shutdown::new())).await
            {
                println!("it did not start: {error:#}");
                listener = platform::bind(address, "LISTEN_ADDR").await.expect("the port of before");
            }
        });
        let address = told.await.expect("it is bound");
        let channel = Channel::from_shared(format!("http://{address}")).expect("an address").connect_lazy();
        let client = InventoryServiceClient::with_interceptor(channel, show_key as Interceptor);
        let before = self.running.lock().expect("nobody panics with it").replace(Running { runtime, client });
        if let Some(before) = before {
            before.runtime.shutdown_background();
        }
    }

    /// Returns a client of the process that runs, unless one is just taking over.
    fn client(&self) -> Option<Client> {
        self.running.lock().expect("nobody panics with it").as_ref().map(|running| running.client.clone())
    }

    /// Returns a client once there is a process that runs.
    pub(crate) async fn reader(&self) -> Client {
        loop {
            if let Some(client) = self.client() {
                return client;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Opens a connection as the owner of the schema.
    pub(crate) async fn owner(&self) -> PgConnection {
        PgConnection::connect(&self.database_url).await.expect("the database is there")
    }

    /// Makes a call, and the same again for as long as nobody knows what became of it.
    pub(crate) async fn call(&self, call: &Call, crash: Crash) -> Result<Answer, Status> {
        let mut client = self.reader().await;
        let first = call.send(&mut client);
        let mut answer = match crash {
            Crash::None => first.await,
            Crash::CallerLeaves(after) => tokio::time::timeout(Duration::from_micros(after), first)
                .await
                .unwrap_or_else(|_| Err(Status::unknown("the caller left"))),
            Crash::ConnectionsEnd(after) => {
                let end = async {
                    let mut owner = self.owner().await;
                    tokio::time::sleep(Duration::from_micros(after)).await;
                    sqlx::query(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                         WHERE datname = current_database() AND application_name = 'inventory-svc'",
                    )
                    .execute(&mut owner)
                    .await
                    .expect("the owner may");
                };
                tokio::join!(first, end).0
            }
            Crash::ProcessDies(after) => {
                let end = async {
                    tokio::time::sleep(Duration::from_micros(after)).await;
                    let before = self.running.lock().expect("nobody panics with it").take();
                    if let Some(before) = before {
                        before.runtime.shutdown_background();
                    }
                };
                let left = tokio::time::timeout(Duration::from_secs(5), async { tokio::join!(first, end).0 }).await;
                self.run_service("never").await;
                left.unwrap_or_else(|_| Err(Status::unknown("the process died")))
            }
        };
        if crash != Crash::None {
            self.crash_count.fetch_add(1, Ordering::Relaxed);
        }
        for _ in 0..ATTEMPTS_MAX {
            match &answer {
                Err(status) if may_be_repeated(status) => {}
                _ => return answer,
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
            answer = call.send(&mut self.reader().await).await;
        }
        answer
    }

    /// Ends the service.
    pub(crate) fn close(self) {
        if let Some(running) = self.running.into_inner().expect("nobody panics with it") {
            running.runtime.shutdown_background();
        }
    }
}

/// Returns whether nobody knows what became of a call, or the ledger said that it may come again.
fn may_be_repeated(status: &Status) -> bool {
    match reason_of(status).as_deref() {
        None => true,
        Some(reason) => ["ERROR_REASON_DATABASE_UNAVAILABLE", "ERROR_REASON_CONTENTION", "ERROR_REASON_OVERLOADED"]
            .contains(&reason),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that tonic asks for")]
fn show_key(mut request: Request<()>) -> Result<Request<()>, Status> {
    request.metadata_mut().insert("authorization", format!("Bearer {KEY}").parse().expect("it is ASCII"));
    Ok(request)
}
