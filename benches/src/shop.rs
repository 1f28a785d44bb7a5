//! One shop of a thousand items, and the ledger that keeps it: the service in this process, behind a port of its own.

use clap::Parser as _;
use local_postgres::LocalPostgres;
use platform::Process;
use proto::common::v1::{Decimal, Money, WhatsAppUser};
use proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use proto::inventory::v1::{self as pb, item_reference::Reference, operation_line::Effect};
use rand::Rng as _;
use sqlx::PgPool;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Status};

/// Items of the shop.
pub(crate) const ITEM_COUNT: u32 = 1_000;
/// Lines a request may have.
const LINES_MAX: usize = 50;
const KEY: &str = "a key of the benches";

type Interceptor = fn(Request<()>) -> Result<Request<()>, Status>;
pub(crate) type Client = InventoryServiceClient<InterceptedService<Channel, Interceptor>>;

/// A shop and the service that keeps it, on a database of its own.
pub(crate) struct Shop {
    pub(crate) id: String,
    pub(crate) member_id: String,
    /// Of one of the items.
    pub(crate) item_id: String,
    /// With the rights of the owner of the schema.
    pub(crate) pool: PgPool,
    pub(crate) database_url: String,
    address: String,
    process: Process,
}

/// Starts a Postgres that writes commits through to the disk, for all shops of a measurement.
pub(crate) async fn start_postgres() -> anyhow::Result<LocalPostgres> {
    tokio::task::spawn_blocking(|| {
        LocalPostgres::start(local_postgres::Options {
            durable: true,
            shared_buffers: "512MB".to_owned(),
            settings: vec![
                ("synchronous_commit".to_owned(), "on".to_owned()),
                ("max_wal_size".to_owned(), "8GB".to_owned()), // a checkpoint is no part of what is compared
                ("checkpoint_timeout".to_owned(), "1h".to_owned()),
            ],
            ..local_postgres::Options::temporary()
        })
    })
    .await?
}

impl Shop {
    /// Starts a ledger on a new database and opens a shop of [`ITEM_COUNT`] items, plenty of each.
    pub(crate) async fn open(postgres: &LocalPostgres, database: &str) -> anyhow::Result<Self> {
        postgres.create_database(database).await?;
        let database_url = postgres.url(database);
        let keys = format!("benches {} *", platform::grpc::key_hash(KEY));
        let settings = inventory_svc::Settings::try_parse_from([
            "inventory-svc",
            "--database-url",
            &database_url,
            "--caller-keys",
            &keys,
            "--discrepancy-check-seconds",
            "0",
            "--report-sums-seconds",
            "1",
        ])?;
        let listener = platform::bind(([127, 0, 0, 1], 0).into(), "LISTEN_ADDR").await?;
        let address = format!("http://{}", listener.local_addr()?);
        let process = Process::system();
        let serving = inventory_svc::serve(settings, listener, process.clone());
        tokio::spawn(async move { serving.await.expect("the ledger of a measurement serves until its end") });
        let mut client = connect(&address).await?;
        let user = Some(WhatsAppUser { user_id: "ZA.1".to_owned(), phone_number: String::new() });
        let request = pb::IdentifyMemberRequest { user, ..Default::default() };
        let answer = client.identify_member(request).await?.into_inner();
        let pool = PgPool::connect(&database_url).await?;
        let mut shop = Self {
            id: answer.shop.unwrap_or_default().shop_id,
            member_id: answer.member.unwrap_or_default().member_id,
            item_id: String::new(),
            pool,
            database_url,
            address,
            process,
        };
        shop.stock_up().await?;
        shop.item_id =
            sqlx::query_scalar("SELECT item_id::text FROM item_key WHERE key = 'item 1'").fetch_one(&shop.pool).await?;
        Ok(shop)
    }

    async fn stock_up(&self) -> anyhow::Result<()> {
        let mut client = self.client().await?;
        let items: Vec<u32> = (1..=ITEM_COUNT).collect();
        for some in items.chunks(LINES_MAX) {
            let lines = some.iter().map(|&number| line(pb::MovementKind::Opening, number, "100000", "10")).collect();
            client.post_operation(self.request(format!("opening.{}", some[0]), lines)).await?;
        }
        let known: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM item_key WHERE key IN (SELECT 'item ' || n FROM generate_series(1, $1) n)",
        )
        .bind(i64::from(ITEM_COUNT))
        .fetch_one(&self.pool)
        .await?;
        anyhow::ensure!(known == i64::from(ITEM_COUNT), "{known} items are known by their names");
        sqlx::raw_sql("VACUUM ANALYZE").execute(&self.pool).await?;
        Ok(())
    }

    /// Returns a client on a connection of its own.
    pub(crate) async fn client(&self) -> anyhow::Result<Client> {
        connect(&self.address).await
    }

    pub(crate) fn request(&self, request_id: String, lines: Vec<pb::OperationLine>) -> pb::PostOperationRequest {
        pb::PostOperationRequest {
            shop_id: self.id.clone(),
            request_id,
            source: pb::Source::Grpc.into(),
            member_id: self.member_id.clone(),
            lines,
            ..Default::default()
        }
    }

    /// Waits until the weeks that are over are summed.
    pub(crate) async fn wait_for_sums(&self) -> anyhow::Result<()> {
        loop {
            let weeks: i32 = sqlx::query_scalar("SELECT coalesce(cardinality(begin_sums($1::uuid, now())), 0)")
                .bind(&self.id)
                .fetch_one(&self.pool)
                .await?;
            if weeks == 0 {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    }

    /// Fails unless every balance follows from its movements.
    pub(crate) async fn check(&self) -> anyhow::Result<()> {
        let found: i64 = sqlx::query_scalar("SELECT count(*) FROM ledger_discrepancy").fetch_one(&self.pool).await?;
        anyhow::ensure!(found == 0, "{found} balances do not follow from their movements");
        Ok(())
    }

    /// Ends the service.
    pub(crate) fn close(&self) {
        self.process.shutdown.begin();
    }
}

/// Returns a line of an item that is named as a person names it.
pub(crate) fn line(kind: pb::MovementKind, item: u32, quantity: &str, price: &str) -> pb::OperationLine {
    let quantity = Some(Decimal { value: quantity.to_owned() });
    let money =
        |price: &str| Money { amount: Some(Decimal { value: price.to_owned() }), currency_code: "ZAR".to_owned() };
    pb::OperationLine {
        item: Some(named(item)),
        effect: Some(Effect::Change(pb::Change { kind: kind.into(), quantity, all: false })),
        create_item: true,
        unit_price: (!price.is_empty()).then(|| money(price)),
        ..Default::default()
    }
}

pub(crate) fn named(item: u32) -> pb::ItemReference {
    pb::ItemReference { reference: Some(Reference::Name(format!("item {item}"))), ..Default::default() }
}

/// Returns the number of any item.
pub(crate) fn any_item() -> u32 {
    rand::rng().random_range(1..=ITEM_COUNT)
}

async fn connect(address: &str) -> anyhow::Result<Client> {
    let endpoint = Channel::from_shared(address.to_owned())?;
    let mut tries = 0;
    let channel = loop {
        match endpoint.connect().await {
            Ok(channel) => break channel,
            Err(error) if tries > 300 => return Err(error.into()),
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(100)).await, // it migrates first
        }
        tries += 1;
    };
    Ok(InventoryServiceClient::with_interceptor(channel, show_key as Interceptor))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that tonic asks for")]
fn show_key(mut request: Request<()>) -> Result<Request<()>, Status> {
    request.metadata_mut().insert("authorization", format!("Bearer {KEY}").parse().expect("it is ASCII"));
    Ok(request)
}
