//! A service on a database of its own, and short ways to say what the tests say often.

use std::sync::atomic::{AtomicU32, Ordering};

use clap::Parser as _;
use inventory_svc::Settings;
use jiff::{SignedDuration, Timestamp};
use platform::Process;
use platform::clock::Clock;
use platform::shutdown::Shutdown;
use proto::common::v1::{Decimal, WhatsAppUser};
use proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use proto::inventory::v1::{self as pb, item_reference::Reference, operation_line::Effect};
use sqlx::{Connection as _, PgConnection};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Status};

const KEY: &str = "a key of the tests";

type Interceptor = fn(Request<()>) -> Result<Request<()>, Status>;
pub(crate) type Client = InventoryServiceClient<InterceptedService<Channel, Interceptor>>;

/// A running service.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) client: Client,
    pub(crate) clock: Clock,
    pub(crate) database_url: String,
    pub(crate) address: String,
    shutdown: Shutdown,
}

/// A shop with its owner.
#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) client: Client,
    pub(crate) id: String,
    pub(crate) member_id: String,
    clock: Clock,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts with further flags.
    pub(crate) async fn start_with(flags: &[&str]) -> Self {
        let database_url = local_postgres::fresh_database("inventory").await;
        Self::start_on(&database_url, flags).await
    }

    pub(crate) async fn start_on(database_url: &str, flags: &[&str]) -> Self {
        let keys = format!("tests {} *", platform::grpc::key_hash(KEY));
        let own = ["inventory-svc", "--database-url", database_url, "--caller-keys", &keys];
        let settings = Settings::try_parse_from(own.iter().chain(flags)).expect("the flags are ours");
        let listener = platform::bind(([127, 0, 0, 1], 0).into(), "LISTEN_ADDR").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let clock = Clock::manual("2026-11-22T10:00:00Z".parse::<Timestamp>().expect("a literal"));
        let shutdown = Shutdown::new();
        let process = Process::new(clock.clone(), shutdown.clone());
        tokio::spawn(async move { inventory_svc::serve(settings, listener, process).await.expect("it serves") });
        let address = format!("http://{address}");
        let client = client_at(&address);
        Self { client, clock, database_url: database_url.to_owned(), address, shutdown }
    }

    pub(crate) async fn identify(&self, user_id: &str, phone: &str) -> Result<pb::IdentifyMemberResponse, Status> {
        let request = pb::IdentifyMemberRequest {
            user: Some(WhatsAppUser { user_id: user_id.to_owned(), phone_number: phone.to_owned() }),
            profile_name: "Thandi".to_owned(),
            business_phone_number_id: "1".to_owned(),
            ..Default::default()
        };
        Ok(self.client.clone().identify_member(request).await?.into_inner())
    }

    /// Signs up a shop.
    pub(crate) async fn shop(&self) -> Shop {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let user_id = format!("ZA.{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let answer = self.identify(&user_id, "").await.expect("sign-up is open");
        self.as_member(&answer.shop.expect("a shop").shop_id, &answer.member.expect("a member").member_id)
    }

    pub(crate) fn as_member(&self, shop_id: &str, member_id: &str) -> Shop {
        Shop {
            client: self.client.clone(),
            id: shop_id.to_owned(),
            member_id: member_id.to_owned(),
            clock: self.clock.clone(),
        }
    }

    /// Opens a connection as the owner of the schema.
    pub(crate) async fn owner(&self) -> PgConnection {
        PgConnection::connect(&self.database_url).await.expect("the database is there")
    }

    /// Opens a connection with the rights of the service, seeing one shop.
    pub(crate) async fn service_role(&self, shop_id: &str) -> PgConnection {
        let mut connection = self.owner().await;
        sqlx::query("SET ROLE backroom_inventory").execute(&mut connection).await.expect("the role is there");
        sqlx::query("SELECT set_config('backroom.shop_id', $1, false)")
            .bind(shop_id)
            .execute(&mut connection)
            .await
            .expect("a setting");
        connection
    }

    /// Runs a statement as the owner.
    pub(crate) async fn execute(&self, statement: &'static str) {
        sqlx::raw_sql(statement).execute(&mut self.owner().await).await.expect("the statement is fine");
    }

    /// Ends the test: the alarm must be silent.
    pub(crate) async fn finish(self) {
        let discrepancies: i64 = sqlx::query_scalar("SELECT count(*) FROM ledger_discrepancy")
            .fetch_one(&mut self.owner().await)
            .await
            .expect("the view is there");
        assert_eq!(discrepancies, 0, "a balance does not follow from its movements");
        self.shutdown.begin();
    }

    /// Returns a channel that shows no key.
    pub(crate) fn plain_channel(&self) -> Channel {
        connect(&self.address)
    }

    pub(crate) fn pass(&self, time: SignedDuration) {
        self.clock.advance(time);
    }
}

/// Returns a client on a connection of its own.
pub(crate) fn client_at(address: &str) -> Client {
    InventoryServiceClient::with_interceptor(connect(address), show_key as Interceptor)
}

fn connect(address: &str) -> Channel {
    Channel::from_shared(address.to_owned()).expect("an address").connect_lazy()
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that tonic asks for")]
fn show_key(mut request: Request<()>) -> Result<Request<()>, Status> {
    request.metadata_mut().insert("authorization", format!("Bearer {KEY}").parse().expect("it is ASCII"));
    Ok(request)
}

impl Shop {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A request with one moment later on the clock, so that "latest" is never a tie.
    pub(crate) fn request(&self, request_id: &str, lines: Vec<pb::OperationLine>) -> pb::PostOperationRequest {
        self.clock.advance(SignedDuration::from_millis(10));
        pb::PostOperationRequest {
            shop_id: self.id.clone(),
            request_id: request_id.to_owned(),
            source: pb::Source::Whatsapp.into(),
            member_id: self.member_id.clone(),
            lines,
            ..Default::default()
        }
    }

    pub(crate) async fn send(&self, request: pb::PostOperationRequest) -> Result<pb::PostOperationResponse, Status> {
        Ok(self.client.clone().post_operation(request).await?.into_inner())
    }

    pub(crate) async fn post(
        &self,
        request_id: &str,
        lines: Vec<pb::OperationLine>,
    ) -> Result<pb::PostOperationResponse, Status> {
        self.send(self.request(request_id, lines)).await
    }

    /// Posts one line and returns what came of it.
    pub(crate) async fn line(&self, request_id: &str, line: pb::OperationLine) -> pb::LineResult {
        let mut answer = self.post(request_id, vec![line]).await.expect("it is posted or explained");
        assert_eq!(answer.results.len(), 1);
        answer.results.remove(0)
    }

    pub(crate) fn reversal(&self, request_id: &str, operation_id: Option<&str>) -> pb::ReverseOperationRequest {
        use pb::reverse_operation_request::Target;
        self.clock.advance(SignedDuration::from_millis(10));
        let target = operation_id.map_or(Target::Latest(pb::Latest {}), |id| Target::OperationId(id.to_owned()));
        pb::ReverseOperationRequest {
            shop_id: self.id.clone(),
            request_id: request_id.to_owned(),
            source: pb::Source::Whatsapp.into(),
            member_id: self.member_id.clone(),
            target: Some(target),
            dry_run: false,
        }
    }

    pub(crate) async fn send_reversal(
        &self,
        request: pb::ReverseOperationRequest,
    ) -> Result<pb::ReverseOperationResponse, Status> {
        Ok(self.client.clone().reverse_operation(request).await?.into_inner())
    }

    /// Takes back the latest.
    pub(crate) async fn undo(&self, request_id: &str) -> Result<pb::ReverseOperationResponse, Status> {
        self.send_reversal(self.reversal(request_id, None)).await
    }

    pub(crate) async fn stock(&self, name: &str) -> pb::GetStockResponse {
        let item = Some(named(name));
        let request = pb::GetStockRequest { shop_id: self.id.clone(), item, ..Default::default() };
        self.client.clone().get_stock(request).await.expect("stock can be asked").into_inner()
    }

    /// Returns what is on hand of the one item of that name.
    pub(crate) async fn on_hand(&self, name: &str) -> String {
        let stock = self.stock(name).await;
        let first = stock.candidates.into_iter().next().expect("there is such an item");
        text(first.on_hand.as_ref())
    }

    pub(crate) async fn movements(&self) -> Vec<pb::Movement> {
        let request = pb::ListMovementsRequest { shop_id: self.id.clone(), page_size: 200, ..Default::default() };
        self.client.clone().list_movements(request).await.expect("movements can be listed").into_inner().movements
    }
}

pub(crate) fn decimal(value: &str) -> Decimal {
    Decimal { value: value.to_owned() }
}

/// Returns a decimal as it was sent; empty when it is absent.
pub(crate) fn text(value: Option<&Decimal>) -> String {
    value.map(|decimal| decimal.value.clone()).unwrap_or_default()
}

pub(crate) fn named(name: &str) -> pb::ItemReference {
    pb::ItemReference { reference: Some(Reference::Name(name.to_owned())), ..Default::default() }
}

pub(crate) fn change(kind: pb::MovementKind, quantity: &str, name: &str) -> pb::OperationLine {
    pb::OperationLine {
        item: Some(named(name)),
        effect: Some(Effect::Change(pb::Change { kind: kind.into(), quantity: Some(decimal(quantity)), all: false })),
        create_item: true,
        ..Default::default()
    }
}

pub(crate) fn add(quantity: &str, name: &str) -> pb::OperationLine {
    change(pb::MovementKind::Receipt, quantity, name)
}

pub(crate) fn sell(quantity: &str, name: &str) -> pb::OperationLine {
    change(pb::MovementKind::Sale, quantity, name)
}

pub(crate) fn count(quantity: &str, name: &str) -> pb::OperationLine {
    pb::OperationLine { effect: Some(Effect::Count(pb::Count { quantity: Some(decimal(quantity)) })), ..add("1", name) }
}

pub(crate) fn in_unit(line: pb::OperationLine, unit: &str, pack_size: Option<&str>) -> pb::OperationLine {
    pb::OperationLine { unit: unit.to_owned(), pack_size: pack_size.map(decimal), ..line }
}

/// Returns the reason that a refusal carries, after checking that it comes from this service.
pub(crate) fn reason(status: &Status) -> String {
    use tonic_types::StatusExt as _;
    let info = status.get_details_error_info().expect("every error says its reason");
    assert_eq!(info.domain, "inventory.thebackroom");
    info.reason
}
