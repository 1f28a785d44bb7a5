//! Messages of one sender are handled in order, however long each takes to read.

use std::time::Duration;

use platform::grpc::{Channel, Peer};
use platform::settings::GrpcClient;
use proto::parser::v1::parser_service_client::ParserServiceClient;
use proto::parser::v1::parser_service_server::{ParserService, ParserServiceServer};
use proto::parser::v1::{ParseMediaRequest, ParseMediaResponse, ParseMessageRequest, ParseMessageResponse};
use rand::Rng as _;
use stories::{GATEWAY, House, HouseOptions, INVENTORY, Sender, eventually, now};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, Streaming};

/// The parser, after a pause of up to 300 ms.
struct Dawdling {
    url: String,
}

#[tonic::async_trait]
impl ParserService for Dawdling {
    async fn parse_message(
        &self,
        request: Request<ParseMessageRequest>,
    ) -> Result<Response<ParseMessageResponse>, Status> {
        let pause = rand::rng().random_range(0..300);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let key = request.metadata().get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let settings = GrpcClient {
            caller_key: Some(secrecy_of(key.trim_start_matches("Bearer "))),
            caller_key_file: None,
            tls_server_ca: None,
            tls_client_cert: None,
            tls_client_key: None,
        };
        let peer =
            Peer { name: "parser-svc", url: self.url.clone(), variable: "URL", timeout: Duration::from_secs(20) };
        let channel = Channel::new(peer, &settings).map_err(|error| Status::internal(error.to_string()))?;
        ParserServiceClient::new(channel).parse_message(request.into_inner()).await
    }

    async fn parse_media(
        &self,
        _: Request<Streaming<ParseMediaRequest>>,
    ) -> Result<Response<ParseMediaResponse>, Status> {
        Err(Status::unimplemented("nobody says anything in this story"))
    }
}

fn secrecy_of(key: &str) -> secrecy::SecretString {
    secrecy::SecretString::from(key.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_senders_order_holds_while_parse_times_vary_at_random() {
    const SENDERS: usize = 10;
    const MESSAGES: i64 = 20;
    let before_parser: stories::Between = Box::new(|url| {
        Box::pin(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let own = format!("http://{}", listener.local_addr().unwrap());
            let service = ParserServiceServer::new(Dawdling { url });
            tokio::spawn(
                tonic::transport::Server::builder()
                    .add_service(service)
                    .serve_with_incoming(TcpListenerStream::new(listener)),
            );
            own
        })
    });
    let house = House::start(HouseOptions { before_parser: Some(before_parser), ..HouseOptions::default() }).await;

    // Each sender counts its screws upwards, one message after the other was taken; all within the same second or two.
    let senders: Vec<_> = (0..SENDERS)
        .map(|index| {
            let sender = Sender::new(&house.url(GATEWAY), &house.app_secret, index);
            tokio::spawn(async move {
                sender.say(&format!("wamid.{index}.0"), "add 1000 screws", now()).await;
                for count in 1..=MESSAGES {
                    sender.say(&format!("wamid.{index}.{count}"), &format!("counted {count} screws"), now()).await;
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }

    let pool = house.pool(INVENTORY).await;
    let lines = i64::try_from(SENDERS).unwrap() * (MESSAGES + 1);
    eventually("every message is in the ledger", || async {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM movement").fetch_one(&pool).await.unwrap();
        count == lines
    })
    .await;
    let balances: Vec<(uuid::Uuid, sqlx::types::Decimal)> =
        sqlx::query_as("SELECT shop_id, balance_after FROM movement ORDER BY shop_id, seq")
            .fetch_all(&pool)
            .await
            .unwrap();
    for shop in balances.chunk_by(|one, next| one.0 == next.0) {
        let counted: Vec<i64> = shop.iter().map(|(_, balance)| i64::try_from(*balance).unwrap()).collect();
        let expected: Vec<i64> = std::iter::once(1000).chain(1..=MESSAGES).collect();
        assert_eq!(counted, expected);
    }
}
