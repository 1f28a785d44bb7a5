//! A parser in this process, behind its own gRPC.

use anyhow::Context as _;
use clap::Parser as _;
use platform::Process;
use proto::parser::v1 as pb;
use proto::parser::v1::parser_service_client::ParserServiceClient;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::Request;
use tonic::transport::{Channel, Endpoint};

const KEY: &str = "a key of one measurement";

/// A running parser and a way to it.
pub(crate) struct Parser {
    client: ParserServiceClient<Channel>,
    process: Process,
    server: JoinHandle<anyhow::Result<()>>,
}

impl Parser {
    /// Starts one; with Gemini as the environment describes it, or with the grammar alone.
    pub(crate) async fn start(with_gemini: bool) -> anyhow::Result<Self> {
        let callers = format!("benches {} *", platform::grpc::key_hash(KEY));
        let mut settings = parser_svc::Settings::parse_from(["parser-svc", "--caller-keys", &callers]);
        settings.server.caller_keys_file = None;
        // A measurement is one shop that asks more in a minute than a shop does in a week.
        settings.gemini_budget_per_shop_per_day = 0;
        if with_gemini {
            let has_key = settings.gemini_api_key.is_some() || settings.gemini_api_key_file.is_some();
            anyhow::ensure!(has_key, "--gemini needs GEMINI_API_KEY or GEMINI_API_KEY_FILE");
        } else {
            settings.gemini_api_key = None;
            settings.gemini_api_key_file = None;
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.context("open a port")?;
        let endpoint = Endpoint::from_shared(format!("http://{}", listener.local_addr()?))?;
        let process = Process::system();
        let server = tokio::spawn(parser_svc::serve(settings, listener, process.clone()));
        // The key is nobody's and the channel is plain: settings of the environment that ask for TLS do not apply here.
        let client = ParserServiceClient::new(endpoint.connect_lazy());
        Ok(Self { client, process, server })
    }

    /// Reads one message.
    pub(crate) async fn read(&self, message: pb::ParseMessageRequest) -> anyhow::Result<pb::ParseMessageResponse> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {KEY}").parse()?);
        Ok(self.client.clone().parse_message(request).await?.into_inner())
    }

    /// Stops it.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        drop(self.client);
        self.process.shutdown.begin();
        self.server.await.context("stop the parser")?
    }
}
