//! Servers and channels: keys, deadlines, repeats, drain, TLS, and errors that say what to do.
#![expect(clippy::unwrap_used, reason = "a panic is how a test says no")]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use platform::Process;
use platform::error::{Refusal, Situation, metadata_of, reason_of, retry_delay_of};
use platform::grpc::{Caller, Channel, Peer, Server, key_hash};
use platform::settings::{GrpcClient, GrpcServer};
use proto::parser::v1::parser_service_client::ParserServiceClient;
use proto::parser::v1::parser_service_server::{ParserService, ParserServiceServer};
use proto::parser::v1::{
    ParseMediaRequest, ParseMediaResponse, ParseMessageRequest, ParseMessageResponse, parse_media_request,
};
use secrecy::SecretString;
use tokio::net::TcpListener;
use tonic::{Code, Request, Response, Status, Streaming};

/// Answers by the shop id it is given.
#[derive(Clone, Default)]
struct Probe {
    calls: Arc<AtomicUsize>,
}

#[tonic::async_trait]
impl ParserService for Probe {
    async fn parse_message(
        &self,
        request: Request<ParseMessageRequest>,
    ) -> Result<Response<ParseMessageResponse>, Status> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let caller = request.extensions().get::<Caller>().expect("the guard names the caller").name.clone();
        match request.get_ref().shop_id.as_str() {
            "slow" => {
                tokio::time::sleep(Duration::from_secs(30)).await;
                Ok(Response::new(ParseMessageResponse::default()))
            }
            "unavailable once" if call == 0 => Err(Status::unavailable("not yet")),
            "refused" => {
                Err(Refusal::new(Situation::NotFound, "parser.thebackroom", "ERROR_REASON_X", "no such thing")
                    .metadata("thingId", "7")
                    .retry_after(Duration::from_secs(3))
                    .into_status())
            }
            _ => Ok(Response::new(ParseMessageResponse { transcript: caller, ..Default::default() })),
        }
    }

    /// Counts each piece as it comes, and tells how many came.
    async fn parse_media(
        &self,
        request: Request<Streaming<ParseMediaRequest>>,
    ) -> Result<Response<ParseMediaResponse>, Status> {
        let mut pieces = request.into_inner();
        while pieces.message().await?.is_some() {
            self.calls.fetch_add(1, Ordering::SeqCst);
        }
        let transcript = self.calls.load(Ordering::SeqCst).to_string();
        Ok(Response::new(ParseMediaResponse { transcript, ..Default::default() }))
    }
}

struct Running {
    address: SocketAddr,
    process: Process,
    probe: Probe,
    serving: tokio::task::JoinHandle<anyhow::Result<()>>,
}

fn server_settings(keys: &str) -> GrpcServer {
    GrpcServer {
        caller_keys: Some(SecretString::from(keys.to_owned())),
        caller_keys_file: None,
        tls_cert: None,
        tls_key: None,
        tls_client_ca: None,
        drain_timeout_ms: 2_000,
        max_concurrent_requests: 2,
        max_request_bytes: 1024,
    }
}

async fn serve(settings: &GrpcServer) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (process, probe) = (Process::system(), Probe::default());
    let server = Server::new("probe", "parser.thebackroom", proto::FILE_DESCRIPTOR_SET, settings, &process)
        .unwrap()
        .service(ParserServiceServer::new(probe.clone()));
    let serving = tokio::spawn(server.serve(listener));
    Running { address, process, probe, serving }
}

fn client_settings(key: &str) -> GrpcClient {
    GrpcClient {
        caller_key: Some(SecretString::from(key.to_owned())),
        caller_key_file: None,
        tls_server_ca: None,
        tls_client_cert: None,
        tls_client_key: None,
    }
}

fn client(url: String, timeout: Duration, settings: &GrpcClient) -> ParserServiceClient<Channel> {
    let peer = Peer { name: "parser-svc", url, variable: "PARSER_URL", timeout };
    ParserServiceClient::new(Channel::new(peer, settings).unwrap())
}

fn ask(shop: &str) -> ParseMessageRequest {
    ParseMessageRequest { shop_id: shop.to_owned(), ..Default::default() }
}

#[tokio::test]
async fn a_stream_is_sent_as_it_comes_and_not_held_whole() {
    let server = serve(&server_settings(&format!("gateway {} *", key_hash("right")))).await;
    let peer = Peer {
        name: "parser-svc",
        url: format!("http://{}", server.address),
        variable: "PARSER_URL",
        timeout: Duration::from_millis(1),
    };
    let channel = Channel::new(peer, &client_settings("right")).unwrap().streaming(Duration::from_secs(20));
    let calls = Arc::clone(&server.probe.calls);
    let piece =
        |text: &str| ParseMediaRequest { part: Some(parse_media_request::Part::Chunk(text.as_bytes().to_vec())) };
    // The second piece is made only once the server has the first.
    let (first, second) = (piece("first"), piece("second"));
    let pieces = futures::StreamExt::chain(
        futures::stream::once(std::future::ready(first)),
        futures::FutureExt::into_stream(async move {
            while calls.load(Ordering::SeqCst) == 0 {
                tokio::task::yield_now().await;
            }
            second
        }),
    );

    let answer = ParserServiceClient::new(channel).parse_media(pieces).await.unwrap().into_inner();

    assert_eq!(answer.transcript, "2");
}

#[tokio::test]
async fn only_known_keys_open_their_methods() {
    let keys = format!("gateway {} *; other {} some.Service/Else", key_hash("right"), key_hash("limited"));
    let server = serve(&server_settings(&keys)).await;
    let url = format!("http://{}", server.address);

    let admitted = client(url.clone(), Duration::from_secs(5), &client_settings("right")).parse_message(ask("x")).await;
    let unknown = client(url.clone(), Duration::from_secs(5), &client_settings("wrong")).parse_message(ask("x")).await;
    let limited =
        client(url.clone(), Duration::from_secs(5), &client_settings("limited")).parse_message(ask("x")).await;
    let bare = ParserServiceClient::connect(url).await.unwrap().parse_message(ask("x")).await;

    assert_eq!(admitted.unwrap().get_ref().transcript, "gateway");
    let unknown = unknown.unwrap_err();
    assert_eq!(
        (unknown.code(), reason_of(&unknown).as_deref()),
        (Code::Unauthenticated, Some("ERROR_REASON_UNKNOWN_CALLER"))
    );
    assert_eq!(limited.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(bare.unwrap_err().code(), Code::Unauthenticated);
    assert_eq!(server.probe.calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_server_without_keys_does_not_start() {
    let mut settings = server_settings("");
    settings.caller_keys = None;
    let error =
        Server::new("probe", "d", proto::FILE_DESCRIPTOR_SET, &settings, &Process::system()).unwrap_err().to_string();

    assert!(error.contains("CALLER_KEYS") && error.contains("backroom caller-key"), "{error}");
}

#[tokio::test]
async fn an_unreachable_server_is_named_with_its_url_and_variable() {
    let error = client("http://127.0.0.1:9".to_owned(), Duration::from_secs(5), &client_settings("k"))
        .parse_message(ask("x"))
        .await
        .unwrap_err();

    assert_eq!(error.code(), Code::Unavailable);
    for part in ["parser-svc", "http://127.0.0.1:9", "PARSER_URL"] {
        assert!(error.message().contains(part), "{}", error.message());
    }
}

#[tokio::test]
async fn a_call_ends_at_its_deadline_and_unavailable_is_tried_again() {
    let server = serve(&server_settings(&format!("gateway {} *", key_hash("k")))).await;
    let url = format!("http://{}", server.address);

    let again =
        client(url.clone(), Duration::from_secs(5), &client_settings("k")).parse_message(ask("unavailable once")).await;
    assert!(again.is_ok());
    assert_eq!(server.probe.calls.load(Ordering::SeqCst), 2);

    let late =
        client(url, Duration::from_millis(100), &client_settings("k")).parse_message(ask("slow")).await.unwrap_err();
    assert!(matches!(late.code(), Code::DeadlineExceeded | Code::Cancelled), "{late:?}");
}

#[tokio::test]
async fn refusals_carry_their_details() {
    let server = serve(&server_settings(&format!("gateway {} *", key_hash("k")))).await;

    let status = client(format!("http://{}", server.address), Duration::from_secs(5), &client_settings("k"))
        .parse_message(ask("refused"))
        .await
        .unwrap_err();

    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(reason_of(&status).as_deref(), Some("ERROR_REASON_X"));
    assert_eq!(metadata_of(&status, "thingId").as_deref(), Some("7"));
    assert_eq!(retry_delay_of(&status), Some(Duration::from_secs(3)));
}

#[tokio::test]
async fn more_than_the_limit_is_shed_and_work_in_hand_is_finished_or_left_in_time() {
    let server = serve(&server_settings(&format!("gateway {} *", key_hash("k")))).await;
    let url = format!("http://{}", server.address);
    let channel = client(url, Duration::from_secs(20), &client_settings("k"));
    for _ in 0..2 {
        let mut busy = channel.clone();
        tokio::spawn(async move { busy.parse_message(ask("slow")).await });
    }
    while server.probe.calls.load(Ordering::SeqCst) < 2 {
        tokio::task::yield_now().await;
    }

    let shed = channel.clone().parse_message(ask("x")).await.unwrap_err();
    assert_eq!(shed.code(), Code::Unavailable);

    server.process.shutdown.begin();
    let left = tokio::time::timeout(Duration::from_secs(10), server.serving).await;
    assert!(left.is_ok(), "DRAIN_TIMEOUT_MS bounds the drain");
}

#[tokio::test]
async fn health_is_asked_without_a_key() {
    let server = serve(&server_settings(&format!("gateway {} *", key_hash("k")))).await;
    let channel =
        tonic::transport::Endpoint::from_shared(format!("http://{}", server.address)).unwrap().connect().await.unwrap();
    let mut health = tonic_health::pb::health_client::HealthClient::new(channel);

    let mut serving = false;
    for _ in 0..200 {
        let request =
            tonic_health::pb::HealthCheckRequest { service: "thebackroom.parser.v1.ParserService".to_owned() };
        if let Ok(answer) = health.check(request).await {
            serving = answer.get_ref().status() == tonic_health::pb::health_check_response::ServingStatus::Serving;
        }
        if serving {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    assert!(serving);
}

struct Pem {
    directory: tempfile::TempDir,
}

impl Pem {
    fn make() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let authority_key = rcgen::KeyPair::generate().unwrap();
        let mut authority = rcgen::CertificateParams::new(vec![]).unwrap();
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority_certificate = authority.self_signed(&authority_key).unwrap();
        let issuer = rcgen::Issuer::new(authority, authority_key);
        std::fs::write(directory.path().join("ca.pem"), authority_certificate.pem()).unwrap();
        for name in ["server", "client"] {
            let key = rcgen::KeyPair::generate().unwrap();
            let certificate =
                rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
            std::fs::write(directory.path().join(format!("{name}.pem")), certificate.pem()).unwrap();
            std::fs::write(directory.path().join(format!("{name}.key")), key.serialize_pem()).unwrap();
        }
        Self { directory }
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::new(self.directory.path()).join(name)
    }
}

#[tokio::test]
async fn with_a_client_authority_only_clients_with_a_certificate_get_in() {
    let pem = Pem::make();
    let mut settings = server_settings(&format!("gateway {} *", key_hash("k")));
    settings.tls_cert = Some(pem.path("server.pem"));
    settings.tls_key = Some(pem.path("server.key"));
    settings.tls_client_ca = Some(pem.path("ca.pem"));
    let server = serve(&settings).await;
    let url = format!("https://localhost:{}", server.address.port());

    let mut with = client_settings("k");
    with.tls_server_ca = Some(pem.path("ca.pem"));
    let without = with.clone();
    with.tls_client_cert = Some(pem.path("client.pem"));
    with.tls_client_key = Some(pem.path("client.key"));

    let admitted = client(url.clone(), Duration::from_secs(5), &with).parse_message(ask("x")).await;
    let refused = client(url, Duration::from_secs(5), &without).parse_message(ask("x")).await;

    assert!(admitted.is_ok(), "{admitted:?}");
    assert_eq!(refused.unwrap_err().code(), Code::Unavailable);
}
