//! The real service on a database of its own, and a line to it that loses an answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::Parser as _;
use inventory_svc::Settings;
use platform::Process;
use platform::grpc::key_hash;
use platform::shutdown::Shutdown;
use proto::common::v1::WhatsAppUser;
use proto::inventory::v1 as pb;
use proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tonic::{Request, Status};
use tonic_types::StatusExt as _;

use crate::till::Till;

/// Opens everything.
pub const KEY: &str = "the key of the tills";
const READER_KEY: &str = "the key of those who look";
const PATIENCE: Duration = Duration::from_mins(3);

/// A running ledger with one shop.
pub struct Ledger {
    pub url: String,
    pub shop_id: String,
    client: InventoryServiceClient<Channel>,
    shutdown: Shutdown,
}

impl Ledger {
    pub async fn start() -> Self {
        let database_url = local_postgres::fresh_database("guide").await;
        let service = "thebackroom.inventory.v1.InventoryService";
        let keys = format!(
            "tills {} *\nreports {} {service}/GetStock,{service}/ListStock",
            key_hash(KEY),
            key_hash(READER_KEY)
        );
        let flags = ["inventory-svc", "--database-url", &database_url, "--caller-keys", &keys];
        let settings = Settings::try_parse_from(flags).expect("the flags are ours");
        let listener = platform::bind(([127, 0, 0, 1], 0).into(), "LISTEN_ADDR").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let process = Process::system();
        let shutdown = process.shutdown.clone();
        tokio::spawn(async move { inventory_svc::serve(settings, listener, process).await.expect("it serves") });

        let channel = Channel::from_shared(url.clone()).expect("an address").connect_lazy();
        let client = InventoryServiceClient::new(channel);
        let shop_id = signed_up(client.clone(), "ZA.1001").await;
        Self { url, shop_id, client, shutdown }
    }

    /// Returns the shop of somebody else.
    pub async fn shop_of(&self, user_id: &str) -> String {
        signed_up(self.client.clone(), user_id).await
    }

    pub fn till(&self, url: &str) -> Till {
        Self::till_of(url, &self.shop_id)
    }

    pub fn till_of(url: &str, shop_id: &str) -> Till {
        Till::new(url, KEY, shop_id).expect("an address and a key")
    }

    /// A client that may look and nothing else.
    pub fn reader(&self) -> Till {
        Till::new(&self.url, READER_KEY, &self.shop_id).expect("an address and a key")
    }

    /// Waits until a request has had its effect.
    pub async fn wait_for_operation(&self, request_id: &str) {
        self.wait_for_operation_of(&self.shop_id, request_id).await;
    }

    pub async fn wait_for_operation_of(&self, shop_id: &str, request_id: &str) {
        let began = Instant::now();
        let request = pb::RequestKey { source: pb::Source::Grpc.into(), request_id: request_id.to_owned() };
        let key = Some(pb::get_operation_request::Key::Request(request));
        let asked = pb::GetOperationRequest { shop_id: shop_id.to_owned(), key };
        while self.client.clone().get_operation(with_key(asked.clone())).await.is_err() {
            assert!(began.elapsed() < PATIENCE, "{request_id} was not posted");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Returns an address whose first connection lets calls through and no answer back, until it is hung up.
    pub async fn deaf_once(&self) -> (String, CancellationToken) {
        let target = self.url.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let hang_up = CancellationToken::new();
        let until = hang_up.clone();
        let was_called = Arc::new(AtomicBool::new(false));
        tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                let is_first = !was_called.swap(true, Ordering::Relaxed);
                tokio::spawn(relay(caller, target.clone(), is_first.then(|| until.clone())));
            }
        });
        (url, hang_up)
    }

    pub fn stop(self) {
        self.shutdown.begin();
    }
}

async fn signed_up(mut client: InventoryServiceClient<Channel>, user_id: &str) -> String {
    let user = WhatsAppUser { user_id: user_id.to_owned(), phone_number: String::new() };
    let asked = pb::IdentifyMemberRequest { user: Some(user), ..Default::default() };
    let signed_up = client.identify_member(with_key(asked)).await.expect("sign-up is open").into_inner();
    signed_up.shop.expect("a shop").shop_id
}

async fn relay(mut caller: TcpStream, target: String, deaf_until: Option<CancellationToken>) -> std::io::Result<()> {
    let mut service = TcpStream::connect(target).await?;
    let Some(hang_up) = deaf_until else {
        tokio::io::copy_bidirectional(&mut caller, &mut service).await?;
        return Ok(());
    };
    let ((mut asked, mut told), (heard, mut passed_on)) = (caller.split(), service.split());
    let both = async { tokio::join!(tokio::io::copy(&mut asked, &mut passed_on), without_answers(heard, &mut told)) };
    tokio::select! {
        _ = both => {}
        () = hang_up.cancelled() => {}
    }
    Ok(())
}

/// Passes on what HTTP/2 says of the connection itself, without which some clients ask nothing, and no frame of an answer.
async fn without_answers(
    mut heard: impl AsyncRead + Unpin,
    told: &mut (impl AsyncWrite + Unpin),
) -> std::io::Result<()> {
    loop {
        let mut frame = [0; 9];
        heard.read_exact(&mut frame).await?;
        let [high, middle, low, _type, _flags, stream @ ..] = frame;
        let mut payload = vec![0; u32::from_be_bytes([0, high, middle, low]) as usize];
        heard.read_exact(&mut payload).await?;
        if u32::from_be_bytes(stream) == 0 {
            told.write_all(&[&frame[..], &payload].concat()).await?;
        }
    }
}

fn with_key<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {KEY}").parse().expect("it is ASCII"));
    request
}

/// Returns the fields that a refusal names.
pub fn violations(status: &Status) -> Vec<String> {
    let request = status.get_details_bad_request().expect("it names fields");
    request.field_violations.into_iter().map(|violation| violation.field).collect()
}
