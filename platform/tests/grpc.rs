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
    serve_with(settings, Ok).await
}

async fn serve_with(settings: &GrpcServer, more: impl FnOnce(Server) -> anyhow::Result<Server>) -> Running {
    serve_in(Process::system(), settings, more).await
}

async fn serve_in(
    process: Process,
    settings: &GrpcServer,
    more: impl FnOnce(Server) -> anyhow::Result<Server>,
) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let probe = Probe::default();
    let service = ParserServiceServer::new(probe.clone()).max_decoding_message_size(settings.max_request_bytes);
    let server = Server::new("probe", "parser.thebackroom", proto::FILE_DESCRIPTOR_SET, settings, &process).unwrap();
    let server = more(server).unwrap().service(service);
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

fn entry(name: &str, key: &str, words: &str) -> String {
    format!("{name} {} * {words}", key_hash(key))
}

#[tokio::test]
async fn who_asks_more_often_than_its_key_allows_is_told_when_to_come_back_and_holds_up_nobody() {
    let keys = [entry("till", "k", "rate=3/h"), entry("gateway", "g", "")].join("\n");
    let server = serve(&server_settings(&keys)).await;
    let url = format!("http://{}", server.address);
    let mut till = client(url.clone(), Duration::from_secs(20), &client_settings("k"));

    for _ in 0..3 {
        till.parse_message(ask("x")).await.unwrap();
    }
    let refused = till.parse_message(ask("x")).await.unwrap_err();

    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert_eq!(reason_of(&refused).as_deref(), Some("ERROR_REASON_RATE_LIMITED"));
    let wait = retry_delay_of(&refused).unwrap();
    assert!(wait > Duration::from_mins(10) && wait <= Duration::from_mins(20), "{wait:?}");
    for _ in 0..20 {
        client(url.clone(), Duration::from_secs(20), &client_settings("g")).parse_message(ask("x")).await.unwrap();
    }
    assert_eq!(server.probe.calls.load(Ordering::SeqCst), 23);
}

#[tokio::test]
async fn what_is_refused_without_a_method_says_its_reason_too() {
    let mut settings = server_settings(&entry("gateway", "k", ""));
    settings.max_request_bytes = 4 * 1024 * 1024;
    let server = serve(&settings).await;
    let url = format!("http://{}", server.address);
    let mut ours = client(url.clone(), Duration::from_secs(20), &client_settings("k"));
    let sized = |bytes: usize| {
        // The field, its tag and its length make the whole message.
        let empty = prost::Message::encoded_len(&ask(&"x".repeat(bytes))) - bytes;
        ask(&"x".repeat(bytes - empty))
    };

    ours.parse_message(sized(4 * 1024 * 1024)).await.unwrap();
    let large = ours.parse_message(sized(4 * 1024 * 1024 + 1)).await.unwrap_err();
    assert_eq!(
        (large.code(), reason_of(&large).as_deref()),
        (Code::InvalidArgument, Some("ERROR_REASON_REQUEST_TOO_LARGE"))
    );
    assert_eq!(metadata_of(&large, "maxBytes").as_deref(), Some("4194304"));

    let late = client(url.clone(), Duration::from_secs(1), &client_settings("k")).parse_message(ask("slow")).await;
    // Cancelled: the caller's own clock was quicker than the answer.
    assert!(matches!(late.unwrap_err().code(), Code::DeadlineExceeded | Code::Cancelled));

    let nothing = raw(&server, "/thebackroom.parser.v1.ParserService/NoSuchMethod", &[0; 5], None).await;
    assert_eq!(
        (nothing.code(), reason_of(&nothing).as_deref()),
        (Code::Unimplemented, Some("ERROR_REASON_UNKNOWN_METHOD"))
    );
    // A message that says it is longer than it is, and a deadline that the caller does not hold itself to.
    let method = "/thebackroom.parser.v1.ParserService/ParseMessage";
    let unreadable = raw(&server, method, &[0, 0, 0, 0, 2, 0x0a, 0x05], None).await;
    assert_eq!(
        (unreadable.code(), reason_of(&unreadable).as_deref()),
        (Code::InvalidArgument, Some("ERROR_REASON_INVALID_FIELD"))
    );
    let slow = [&[0, 0, 0, 0, 6][..], &prost::Message::encode_to_vec(&ask("slow"))].concat();
    let late = raw(&server, method, &slow, Some("200m")).await;
    assert_eq!((late.code(), reason_of(&late).as_deref()), (Code::DeadlineExceeded, Some("ERROR_REASON_OUT_OF_TIME")));
    // A deadline that is none, longer than there is time, takes nobody's connection away.
    let endless = raw(&server, method, &[0, 0, 0, 0, 2, 0x0a, 0x05], Some("9223372036854775807S")).await;
    assert_eq!(reason_of(&endless).as_deref(), Some("ERROR_REASON_INVALID_FIELD"));
}

/// Sends bytes as they are, with the key `k`, and returns how they were refused.
async fn raw(server: &Running, path: &str, body: &[u8], timeout: Option<&str>) -> Status {
    let mut channel =
        tonic::transport::Endpoint::from_shared(format!("http://{}", server.address)).unwrap().connect().await.unwrap();
    let mut request = http::Request::builder()
        .method("POST")
        .uri(format!("http://{}{path}", server.address))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("authorization", "Bearer k");
    if let Some(timeout) = timeout {
        request = request.header("grpc-timeout", timeout);
    }
    let body = tonic::body::Body::new(http_body_util::BodyExt::map_err(
        http_body_util::Full::new(bytes::Bytes::copy_from_slice(body)),
        |never| match never {},
    ));
    std::future::poll_fn(|context| tower::Service::poll_ready(&mut channel, context)).await.unwrap();
    let response = tower::Service::call(&mut channel, request.body(body).unwrap()).await.unwrap();
    Status::from_header_map(response.headers()).expect("it is refused by headers alone")
}

#[tokio::test]
async fn a_key_that_is_held_to_something_opens_that_and_nothing_where_nobody_knows_the_word() {
    let keys = [entry("one", "1", "shops=a,b"), entry("typo", "t", "shop=a"), entry("all", "g", "")].join(";");
    let held = serve_with(&server_settings(&keys), |server| {
        server.scope(platform::grpc::Scope {
            word: "shops",
            field: "shop_id",
            read: |value| Ok(value.to_lowercase()),
            missing: |value| Status::not_found(format!("no {value}")),
        })
    })
    .await;
    let plain = serve(&server_settings(&keys)).await;
    let call = async |server: &Running, key: &str, shop: &str| {
        let url = format!("http://{}", server.address);
        client(url, Duration::from_secs(20), &client_settings(key)).parse_message(ask(shop)).await
    };

    assert_eq!(call(&held, "1", "a").await.unwrap().get_ref().transcript, "one");
    assert!(call(&held, "1", "B").await.is_ok(), "a value has one spelling");
    assert_eq!(call(&held, "1", "c").await.unwrap_err().message(), "no c");
    assert_eq!(call(&held, "1", "").await.unwrap_err().message(), "no ");
    assert!(call(&held, "g", "c").await.is_ok());
    // Not `shops`: such a key is held to something that this server does not know.
    assert_eq!(call(&held, "t", "a").await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(call(&plain, "1", "a").await.unwrap_err().code(), Code::PermissionDenied);
    assert!(call(&plain, "g", "a").await.is_ok());

    // Of a stream, the first message; this one's requests name nothing.
    let url = format!("http://{}", held.address);
    let peer = Peer { name: "parser-svc", url, variable: "PARSER_URL", timeout: Duration::from_secs(20) };
    let channel = Channel::new(peer, &client_settings("1")).unwrap().streaming(Duration::from_secs(20));
    let media = ParserServiceClient::new(channel).parse_media(futures::stream::empty()).await;
    assert_ne!(media.unwrap_err().code(), Code::Ok);
}

#[tokio::test]
async fn a_key_counts_until_its_time() {
    let process = Process::new(
        platform::clock::Clock::manual("2026-11-22T10:00:00Z".parse().unwrap()),
        platform::shutdown::Shutdown::new(),
    );
    let clock = process.clock.clone();
    let settings = server_settings(&entry("till", "k", "until=2026-11-22T11:00:00Z"));
    let server = serve_in(process, &settings, Ok).await;
    let mut till = client(format!("http://{}", server.address), Duration::from_secs(20), &client_settings("k"));

    till.parse_message(ask("x")).await.unwrap();
    clock.advance(jiff::SignedDuration::from_mins(60));
    let over = till.parse_message(ask("x")).await.unwrap_err();

    assert_eq!(
        (over.code(), reason_of(&over).as_deref()),
        (Code::Unauthenticated, Some("ERROR_REASON_UNKNOWN_CALLER"))
    );
}
