//! The four services in one process, wired to each other and to what is simulated of the outside world.
//!
//! - `services`: their settings and their tasks
//! - `keys`: caller keys

pub mod keys;
mod services;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use platform::clock::Clock;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::gemini_sim::{GeminiSim, GeminiSimOptions};
use crate::meta_sim::{MetaSim, MetaSimOptions, control};
use services::{Credentials, GeminiCredentials, GrpcListeners, MetaCredentials, Running, Urls, Wiring};
pub use services::{Databases, Flags};

/// How often a start looks whether everything answers.
const READY_POLL_INTERVAL: Duration = Duration::from_millis(25);
/// How long everything may take to answer.
const READY_TIMEOUT: Duration = Duration::from_mins(1);

/// Who stands for Meta.
pub enum Meta {
    /// The simulator. Its webhooks go to the gateway of the stack, wherever the options point.
    Simulated(Box<MetaSimOptions>),
    /// The real one, with the credentials of the environment. The page says so, where there is one.
    Real {
        /// Where the page is served.
        page_listener: Option<TcpListener>,
    },
}

/// Who stands for Gemini.
pub enum Gemini {
    /// The simulator.
    Simulated,
    /// The real one, with the credentials of the environment; none: the grammar alone.
    Real,
}

/// How a stack is started.
pub struct StackOptions {
    /// Where the services keep their data.
    pub databases: Databases,
    /// Where webhooks come in.
    pub gateway_listener: TcpListener,
    /// Where others of the business can call the inventory; `None` for the gateway alone.
    pub inventory_listener: Option<TcpListener>,
    /// Who stands for Meta.
    pub meta: Meta,
    /// Who stands for Gemini.
    pub gemini: Gemini,
    /// Further flags of the services.
    pub flags: Flags,
    /// The time of the services.
    pub clock: Clock,
}

impl StackOptions {
    /// Returns options for a stack on free ports with everything simulated.
    pub async fn simulated(databases: Databases) -> Result<Self> {
        Ok(Self {
            databases,
            gateway_listener: any_port().await?,
            inventory_listener: None,
            meta: Meta::Simulated(Box::new(MetaSimOptions::new(any_port().await?, String::new()))),
            gemini: Gemini::Simulated,
            flags: Flags::default(),
            clock: Clock::system(),
        })
    }
}

/// A running stack.
pub struct Stack {
    services: Vec<Running>,
    meta: Option<MetaSim>,
    gemini: Option<GeminiSim>,
    gateway_address: SocketAddr,
    urls: Urls,
    caller_key: String,
    page: CancellationToken,
    abandon: CancellationToken,
}

impl Drop for Stack {
    /// Ends what [`Stack::stop`] did not end, without a drain.
    fn drop(&mut self) {
        self.abandon.cancel();
        self.page.cancel();
    }
}

impl Stack {
    /// Starts everything and returns when everything answers.
    pub async fn start(options: StackOptions) -> Result<Self> {
        let gateway_address = options.gateway_listener.local_addr().context("ask the gateway for its address")?;
        let grpc_listeners = GrpcListeners {
            parser: any_port().await?,
            inventory: match options.inventory_listener {
                Some(listener) => listener,
                None => any_port().await?,
            },
            messenger: any_port().await?,
        };
        let mut credentials = Credentials::default();
        let page = CancellationToken::new();
        let meta = match options.meta {
            Meta::Simulated(mut options) => {
                options.webhook_url = format!("http://{}/webhook/whatsapp", reachable(gateway_address));
                let given = MetaCredentials {
                    app_secret: options.app_secret.clone(),
                    verify_token: options.verify_token.clone(),
                    access_token: options.access_token.clone(),
                    phone_number_id: options.phone_number_id.clone(),
                    graph_url: String::new(),
                };
                let meta = MetaSim::start(*options)?;
                credentials.meta = Some(MetaCredentials { graph_url: meta.url(), ..given });
                Some(meta)
            }
            Meta::Real { page_listener } => {
                if let Some(listener) = page_listener {
                    let notice = real_notice(gateway_address);
                    tokio::spawn(crate::wire::serve(listener, control::notice_routes(&notice), page.clone()));
                }
                None
            }
        };
        let gemini = match options.gemini {
            Gemini::Simulated => {
                let mut options = GeminiSimOptions::new(any_port().await?);
                if let Some(meta) = &meta {
                    options.hearsay = meta.hearsay(); // what people say their recordings say
                }
                let api_key = options.api_key.clone();
                let gemini = GeminiSim::start(options)?;
                credentials.gemini = Some(GeminiCredentials { api_key, url: gemini.url() });
                Some(gemini)
            }
            Gemini::Real => None,
        };
        let urls = Urls::of(&grpc_listeners)?;
        let caller_key = keys::new_key();
        let wiring = Wiring {
            databases: options.databases,
            credentials,
            flags: options.flags,
            clock: options.clock,
            caller_key: caller_key.clone(),
            gateway_listener: options.gateway_listener,
            grpc_listeners,
        };
        let abandon = CancellationToken::new();
        let services = services::start(wiring, &abandon)?;
        let mut stack = Self { services, meta, gemini, gateway_address, urls, caller_key, page, abandon };
        match stack.wait_until_ready().await {
            Ok(()) => Ok(stack),
            Err(error) => {
                stack.stop().await.ok(); // the first error is the one to tell
                Err(error)
            }
        }
    }

    /// Returns the simulated Meta, unless the real one is used.
    pub fn meta(&self) -> Option<&MetaSim> {
        self.meta.as_ref()
    }

    /// Returns the simulated Gemini, unless the real one is used.
    pub fn gemini(&self) -> Option<&GeminiSim> {
        self.gemini.as_ref()
    }

    /// Returns the address of the gateway.
    pub fn gateway_url(&self) -> String {
        format!("http://{}", reachable(self.gateway_address))
    }

    /// Returns the address of parser-svc.
    pub fn parser_url(&self) -> &str {
        &self.urls.parser
    }

    /// Returns the address of messenger-svc.
    pub fn messenger_url(&self) -> &str {
        &self.urls.messenger
    }

    /// Returns the gateway's key, which opens every service of this stack.
    pub fn caller_key(&self) -> &str {
        &self.caller_key
    }

    /// Returns the address of inventory-svc, for callers with a key of their own.
    pub fn inventory_url(&self) -> &str {
        &self.urls.inventory
    }

    /// Waits until a service ends by itself and returns why; a healthy stack never gets there.
    pub async fn failed(&mut self) -> anyhow::Error {
        let tasks = self.services.iter_mut().map(|service| &mut service.task);
        let (result, index, _) = futures::future::select_all(tasks).await;
        let ended = self.services.remove(index);
        match result {
            Ok(Ok(())) => anyhow!("{} ended although nobody asked it to", ended.name),
            Ok(Err(error)) => error.context(ended.name),
            Err(panic) => anyhow::Error::new(panic).context(ended.name),
        }
    }

    /// Drains the services, the gateway first so that what it has in hand can still be done, and stops the rest.
    pub async fn stop(mut self) -> Result<()> {
        let others = self.services.split_off(self.services.len().min(1));
        let mut result = drain(std::mem::take(&mut self.services)).await;
        result = result.and(drain(others).await);
        if let Some(meta) = &self.meta {
            meta.stop().await;
        }
        if let Some(gemini) = &self.gemini {
            gemini.stop().await;
        }
        self.page.cancel();
        result
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let everything = everything_answers(
            self.gateway_url(),
            [self.urls.parser.clone(), self.urls.inventory.clone(), self.urls.messenger.clone()],
        );
        tokio::select! {
            error = self.failed() => Err(error),
            ready = tokio::time::timeout(READY_TIMEOUT, everything) => {
                ready.with_context(|| format!("not everything answers after {READY_TIMEOUT:?}"))
            }
        }
    }
}

async fn everything_answers(gateway_url: String, grpc_urls: [String; 3]) {
    for url in grpc_urls {
        while !serves(&url).await {
            tokio::time::sleep(READY_POLL_INTERVAL).await;
        }
    }
    platform::http::install_tls_provider();
    let client = reqwest::Client::new();
    let is_ready = || async {
        let answer = client.get(format!("{gateway_url}/readyz")).send().await;
        answer.is_ok_and(|response| response.status().is_success())
    };
    while !is_ready().await {
        tokio::time::sleep(READY_POLL_INTERVAL).await;
    }
}

async fn serves(url: &str) -> bool {
    let Ok(endpoint) = tonic::transport::Endpoint::from_shared(url.to_owned()) else { return false };
    let Ok(channel) = endpoint.timeout(Duration::from_secs(2)).connect().await else { return false };
    let answer = HealthClient::new(channel).check(HealthCheckRequest::default()).await;
    answer.is_ok_and(|answer| answer.into_inner().status() == ServingStatus::Serving)
}

async fn drain(services: Vec<Running>) -> Result<()> {
    for service in &services {
        service.shutdown.begin();
    }
    let mut result = Ok(());
    for service in services {
        let ended = service.task.await.map_err(anyhow::Error::new).and_then(|result| result);
        result = result.and(ended.context(service.name));
    }
    result
}

async fn any_port() -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("find a free port")
}

/// Returns an address that can be called: a listener may stand on all of them.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    address
}

fn real_notice(gateway_address: SocketAddr) -> String {
    format!(
        "WHATSAPP_ACCESS_TOKEN is set, so this stack talks to the real Graph API and there are no phones here. \
         Write to the business number from a phone. Meta has to reach http://{gateway_address}/webhook/whatsapp, \
         for example through a tunnel. Take the token out of .env to get the simulated phones back."
    )
}
