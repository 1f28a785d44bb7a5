//! A messenger over gRPC with a database of its own and a Graph API that answers by script.

use std::future::Future;
use std::time::Duration;

use clap::Parser as _;
use jiff::{SignedDuration, Timestamp};
use platform::Process;
use platform::clock::Clock;
use platform::shutdown::Shutdown;
use proto::common::v1::WhatsAppUser;
use proto::messenger::v1 as pb;
use proto::messenger::v1::messenger_service_client::MessengerServiceClient;
use sqlx::PgPool;
use tokio::net::TcpListener;
use tonic::metadata::MetadataValue;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use crate::graph::GraphStandIn;

pub const KEY: &str = "a key of the tests";
pub const TOKEN: &str = "token-of-the-tests";
pub const NUMBER: &str = "100200300";

type Auth = fn(Request<()>) -> Result<Request<()>, Status>;
pub type Client = MessengerServiceClient<InterceptedService<Channel, Auth>>;

pub struct World {
    pub client: Client,
    pub graph: GraphStandIn,
    pub pool: PgPool,
    pub database_url: String,
    pub clock: Clock,
    shutdown: Shutdown,
}

impl World {
    /// On the machine's clock.
    pub async fn start(args: &[&str]) -> Self {
        Self::start_on(Clock::system(), args).await
    }

    /// On a clock that stands still.
    pub async fn start_frozen(args: &[&str]) -> Self {
        Self::start_on(Clock::manual(Timestamp::from_second(1_800_000_000).unwrap()), args).await
    }

    async fn start_on(clock: Clock, args: &[&str]) -> Self {
        let database_url = local_postgres::fresh_database("messenger").await;
        Self::join(database_url, GraphStandIn::start().await, clock, args).await
    }

    /// One more replica on the same database and Graph API.
    pub async fn replica(&self, args: &[&str]) -> Self {
        Self::join(self.database_url.clone(), self.graph.clone(), self.clock.clone(), args).await
    }

    /// On a database and a Graph API.
    pub async fn join(database_url: String, graph: GraphStandIn, clock: Clock, args: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut all = arguments(&database_url, &graph);
        let is_given = |name: &str| args.iter().any(|arg| arg.split('=').next() == Some(name));
        all.retain(|arg| !is_given(arg.split('=').next().unwrap()));
        if is_given("--whatsapp-access-token-file") {
            all.retain(|arg| !arg.starts_with("--whatsapp-access-token="));
        }
        all.extend(args.iter().map(|arg| (*arg).to_owned()));
        let settings = messenger_svc::Settings::parse_from(all);
        let shutdown = Shutdown::new();
        let process = Process::new(clock.clone(), shutdown.clone());
        tokio::spawn(async move { messenger_svc::serve(settings, listener, process).await.unwrap() });
        let pool = PgPool::connect(&database_url).await.unwrap();
        let client = client(&format!("http://{address}")).await;
        Self { client, graph, pool, database_url, clock, shutdown }
    }

    /// Puts a message in and returns its id.
    pub async fn put(&self, request: pb::SendMessageRequest) -> String {
        self.client.clone().send_message(request).await.unwrap().into_inner().message_id
    }

    /// Puts a text in for a person and returns the message's id.
    pub async fn send(&self, request_id: &str, phone: &str, body: &str) -> String {
        self.client.clone().send_message(text(request_id, phone, body)).await.unwrap().into_inner().message_id
    }

    pub async fn get(&self, message_id: &str) -> pb::Message {
        let key = Some(pb::get_message_request::Key::MessageId(message_id.to_owned()));
        let request = pb::GetMessageRequest { key };
        self.client.clone().get_message(request).await.unwrap().into_inner().message.unwrap()
    }

    pub async fn record(&self, receipts: Vec<pb::Receipt>) -> pb::RecordReceiptsResponse {
        self.client.clone().record_receipts(pb::RecordReceiptsRequest { receipts }).await.unwrap().into_inner()
    }

    /// Waits until a message has come that far.
    pub async fn until(&self, message_id: &str, state: pb::DeliveryState) -> pb::Message {
        eventually(&format!("message is {state:?}"), || async {
            let message = self.get(message_id).await;
            (message.state() == state).then_some(message)
        })
        .await
    }

    /// Waits until that many lanes wait for the given reason.
    pub async fn until_waiting(&self, count: i64, reason: &str) {
        eventually(&format!("{count} lanes wait: {reason}"), || async {
            let sql = "SELECT count(*) FROM lane WHERE pending > 0 AND NOT held AND ready_at > now() AND \
                       (SELECT last_error FROM job WHERE job.lane = lane.name AND settled_at IS NULL ORDER BY sort_key, id LIMIT 1) = $1";
            let waiting: i64 = sqlx::query_scalar(sql).bind(reason).fetch_one(&self.pool).await.unwrap();
            (waiting == count).then_some(())
        })
        .await;
    }

    /// Waits until that many calls have come.
    pub async fn until_calls(&self, count: usize) {
        eventually(&format!("{count} calls"), || async { (self.graph.calls().len() >= count).then_some(()) }).await;
    }

    /// Moves the clock, and lets the lanes see it: they wait by Postgres' clock.
    pub async fn advance(&self, by: SignedDuration) {
        self.clock.advance(by);
        sqlx::query("UPDATE lane SET ready_at = now() WHERE pending > 0 AND NOT held")
            .execute(&self.pool)
            .await
            .unwrap();
    }

    /// Seconds until the lane of a message is tried again.
    pub async fn delay(&self, message_id: &str) -> f64 {
        let sql = "SELECT extract(epoch FROM lane.ready_at - now())::float8 FROM lane JOIN message ON message.lane = lane.name \
                   WHERE message.id = $1::uuid AND NOT lane.held AND lane.pending > 0";
        eventually("the lane waits", || async {
            sqlx::query_scalar(sql).bind(message_id).fetch_optional(&self.pool).await.unwrap()
        })
        .await
    }
}

impl World {
    /// Has the messenger leave; database and Graph API stay.
    pub fn leave(&self) {
        self.shutdown.begin();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.leave();
    }
}

/// The flags of a messenger on a database and a Graph API.
pub fn arguments(database_url: &str, graph: &GraphStandIn) -> Vec<String> {
    vec![
        "messenger-svc".to_owned(),
        "--listen-addr=127.0.0.1:0".to_owned(),
        format!("--database-url={database_url}"),
        format!("--graph-api-url={}", graph.url),
        format!("--whatsapp-access-token={TOKEN}"),
        format!("--whatsapp-phone-number-id={NUMBER}"),
        format!("--caller-keys=tests {} *", platform::grpc::key_hash(KEY)),
    ]
}

pub async fn client(url: &str) -> Client {
    let endpoint = Endpoint::from_shared(url.to_owned()).unwrap();
    let channel = eventually("the messenger listens", || async { endpoint.connect().await.ok() }).await;
    let auth: Auth = |mut request| {
        let bearer = MetadataValue::try_from(format!("Bearer {KEY}")).unwrap();
        request.metadata_mut().insert("authorization", bearer);
        Ok(request)
    };
    MessengerServiceClient::with_interceptor(channel, auth)
}

pub fn user(user_id: &str, phone_number: &str) -> WhatsAppUser {
    WhatsAppUser { user_id: user_id.to_owned(), phone_number: phone_number.to_owned() }
}

pub fn text(request_id: &str, phone: &str, body: &str) -> pb::SendMessageRequest {
    pb::SendMessageRequest {
        request_id: request_id.to_owned(),
        recipient: Some(user("", phone)),
        content: Some(pb::Content { kind: Some(pb::content::Kind::Text(pb::Text { body: body.to_owned() })) }),
        ..pb::SendMessageRequest::default()
    }
}

/// A request with any kind of content.
pub fn sending(request_id: &str, phone: &str, kind: pb::content::Kind) -> pb::SendMessageRequest {
    pb::SendMessageRequest { content: Some(pb::Content { kind: Some(kind) }), ..text(request_id, phone, "") }
}

pub fn reaction(request_id: &str, phone: &str, whatsapp_id: &str, emoji: &str) -> pb::SendMessageRequest {
    let reaction = pb::Reaction { whatsapp_message_id: whatsapp_id.to_owned(), emoji: emoji.to_owned() };
    sending(request_id, phone, pb::content::Kind::Reaction(reaction))
}

pub fn template(name: &str, parameter: &str) -> pb::Template {
    let parameter = pb::TemplateParameter { name: String::new(), text: parameter.to_owned() };
    pb::Template {
        name: name.to_owned(),
        language_code: "en".to_owned(),
        body_parameters: vec![parameter],
        ..pb::Template::default()
    }
}

pub fn wire(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() }
}

pub fn receipt(whatsapp_id: &str, status: &str, callback_data: &str) -> pb::Receipt {
    pb::Receipt {
        whatsapp_message_id: whatsapp_id.to_owned(),
        status: status.to_owned(),
        occur_time: Some(prost_types::Timestamp { seconds: 1_790_416_810, nanos: 0 }),
        callback_data: callback_data.to_owned(),
        ..pb::Receipt::default()
    }
}

pub fn failed(whatsapp_id: &str, code: i32, callback_data: &str) -> pb::Receipt {
    let errors = vec![pb::ReceiptError { code, details: "about 27820000000".to_owned() }];
    pb::Receipt { errors, ..receipt(whatsapp_id, "failed", callback_data) }
}

/// The receipt of something that happened then.
pub fn happened(receipt: pb::Receipt, at: Timestamp) -> pb::Receipt {
    pb::Receipt { occur_time: Some(prost_types::Timestamp { seconds: at.as_second(), nanos: 0 }), ..receipt }
}

/// Waits for a condition, for half a minute at most.
pub async fn eventually<T, F, Fut>(what: &str, mut condition: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(value) = condition().await {
            return value;
        }
        assert!(std::time::Instant::now() < deadline, "gave up waiting: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
