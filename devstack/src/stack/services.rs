//! The four services in this process: their settings come from the environment, their wiring from here.

use anyhow::{Context as _, Result, anyhow};
use clap::Parser;
use platform::settings::{Database, GrpcServer};
use platform::shutdown::Shutdown;
use platform::{Process, clock::Clock};
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::keys;

/// Where each service keeps its data.
#[derive(Clone)]
pub struct Databases {
    /// The gateway's: inbox, open questions.
    pub gateway: String,
    /// The inventory's: the ledger.
    pub inventory: String,
    /// The messenger's: outbox, receipts.
    pub messenger: String,
}

/// A service in this process.
pub(super) struct Running {
    pub(super) name: &'static str,
    pub(super) shutdown: Shutdown,
    pub(super) task: JoinHandle<Result<()>>,
}

/// The three that are called, each on its own port.
pub(super) struct GrpcListeners {
    pub(super) parser: TcpListener,
    pub(super) inventory: TcpListener,
    pub(super) messenger: TcpListener,
}

/// Everything the services have to be told beside their own settings.
pub(super) struct Wiring {
    pub(super) databases: Databases,
    pub(super) credentials: Credentials,
    pub(super) flags: Flags,
    pub(super) clock: Clock,
    /// What the gateway shows to the others.
    pub(super) caller_key: String,
    pub(super) gateway_listener: TcpListener,
    pub(super) grpc_listeners: GrpcListeners,
}

/// Credentials of what is simulated; what is not comes from the environment.
#[derive(Default)]
pub(super) struct Credentials {
    pub(super) meta: Option<MetaCredentials>,
    pub(super) gemini: Option<GeminiCredentials>,
}

#[derive(Clone)]
pub(super) struct MetaCredentials {
    pub(super) app_secret: String,
    pub(super) verify_token: String,
    pub(super) access_token: String,
    pub(super) phone_number_id: String,
    pub(super) graph_url: String,
}

pub(super) struct GeminiCredentials {
    pub(super) api_key: String,
    pub(super) url: String,
}

/// Further flags of the services, as on their command lines.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// For the gateway.
    pub gateway: Vec<String>,
    /// For parser-svc.
    pub parser: Vec<String>,
    /// For inventory-svc.
    pub inventory: Vec<String>,
    /// For messenger-svc.
    pub messenger: Vec<String>,
}

/// Starts all four; the gateway is the first of the list.
pub(super) fn start(wiring: Wiring, abandon: &CancellationToken) -> Result<Vec<Running>> {
    let Wiring { databases, credentials, flags, clock, caller_key: key, gateway_listener, grpc_listeners } = wiring;
    let urls = Urls::of(&grpc_listeners)?;
    let gateway = gateway_settings(&flags, &databases, &credentials, &urls, &key)?;
    let inventory = inventory_settings(&flags, &databases, &key)?;
    let parser = parser_settings(&flags, &credentials, &key)?;
    let messenger = messenger_settings(&flags, &databases, &credentials, &key)?;
    let process = || Process::new(clock.clone(), Shutdown::new());
    let abandon = || abandon.clone();
    let GrpcListeners { parser: at_parser, inventory: at_inventory, messenger: at_messenger } = grpc_listeners;
    Ok(vec![
        run("gateway", &process(), abandon(), |process| gateway::serve(gateway, gateway_listener, process)),
        run("inventory-svc", &process(), abandon(), |process| inventory_svc::serve(inventory, at_inventory, process)),
        run("parser-svc", &process(), abandon(), |process| parser_svc::serve(parser, at_parser, process)),
        run("messenger-svc", &process(), abandon(), |process| messenger_svc::serve(messenger, at_messenger, process)),
    ])
}

/// Runs a service on a thread of its own: the futures of sqlx' migrator are not `Send` in the compiler's eyes.
/// What the service spawns runs beside everything else. `abandon` ends it without a drain, because a runtime waits for
/// such threads when it ends.
fn run<F>(
    name: &'static str,
    process: &Process,
    abandon: CancellationToken,
    serve: impl FnOnce(Process) -> F + Send + 'static,
) -> Running
where
    F: Future<Output = Result<()>>,
{
    let runtime = tokio::runtime::Handle::current();
    let handed = process.clone();
    let task = tokio::task::spawn_blocking(move || {
        let served = runtime.block_on(abandon.run_until_cancelled_owned(serve(handed)));
        served.unwrap_or_else(|| Err(anyhow!("abandoned")))
    });
    Running { name, shutdown: process.shutdown.clone(), task }
}

pub(super) struct Urls {
    pub(super) parser: String,
    pub(super) inventory: String,
    pub(super) messenger: String,
}

impl Urls {
    pub(super) fn of(listeners: &GrpcListeners) -> Result<Self> {
        let url = |listener: &TcpListener| -> Result<String> {
            let mut address = listener.local_addr().context("ask a listener for its address")?;
            if address.ip().is_unspecified() {
                address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
            }
            Ok(format!("http://{address}"))
        };
        Ok(Self {
            parser: url(&listeners.parser)?,
            inventory: url(&listeners.inventory)?,
            messenger: url(&listeners.messenger)?,
        })
    }
}

fn gateway_settings(
    flags: &Flags,
    databases: &Databases,
    credentials: &Credentials,
    urls: &Urls,
    key: &str,
) -> Result<gateway::Settings> {
    let mut settings: gateway::Settings = parse("gateway", &flags.gateway)?;
    use_database(&mut settings.database, &databases.gateway);
    settings.parser_url.clone_from(&urls.parser);
    settings.inventory_url.clone_from(&urls.inventory);
    settings.messenger_url.clone_from(&urls.messenger);
    settings.client.caller_key = Some(SecretString::from(key));
    settings.client.caller_key_file = None;
    if let Some(meta) = &credentials.meta {
        settings.whatsapp_app_secret = Some(SecretString::from(meta.app_secret.as_str()));
        settings.whatsapp_app_secret_file = None;
        settings.whatsapp_verify_token = Some(SecretString::from(meta.verify_token.as_str()));
        settings.whatsapp_verify_token_file = None;
    }
    Ok(settings)
}

fn inventory_settings(flags: &Flags, databases: &Databases, key: &str) -> Result<inventory_svc::Settings> {
    let mut settings: inventory_svc::Settings = parse("inventory-svc", &flags.inventory)?;
    use_database(&mut settings.database, &databases.inventory);
    use_loopback(&mut settings.server);
    keys::admit_gateway(&mut settings.server, key, "thebackroom.inventory.v1.InventoryService/*")?;
    Ok(settings)
}

fn parser_settings(flags: &Flags, credentials: &Credentials, key: &str) -> Result<parser_svc::Settings> {
    let mut settings: parser_svc::Settings = parse("parser-svc", &flags.parser)?;
    use_loopback(&mut settings.server);
    keys::admit_gateway(&mut settings.server, key, "thebackroom.parser.v1.ParserService/*")?;
    if let Some(gemini) = &credentials.gemini {
        settings.gemini_api_key = Some(SecretString::from(gemini.api_key.as_str()));
        settings.gemini_api_key_file = None;
        settings.gemini_api_url = gemini.url.parse().context("the address of the simulated Gemini")?;
    }
    Ok(settings)
}

fn messenger_settings(
    flags: &Flags,
    databases: &Databases,
    credentials: &Credentials,
    key: &str,
) -> Result<messenger_svc::Settings> {
    let mut settings: messenger_svc::Settings = parse("messenger-svc", &flags.messenger)?;
    use_database(&mut settings.database, &databases.messenger);
    use_loopback(&mut settings.server);
    keys::admit_gateway(&mut settings.server, key, "thebackroom.messenger.v1.MessengerService/*")?;
    if let Some(meta) = &credentials.meta {
        settings.whatsapp_access_token = Some(SecretString::from(meta.access_token.as_str()));
        settings.whatsapp_access_token_file = None;
        settings.whatsapp_phone_number_id = Some(meta.phone_number_id.clone());
        settings.graph_api_url = meta.graph_url.parse().context("the address of the simulated Graph API")?;
    }
    Ok(settings)
}

fn parse<S: Parser>(name: &str, flags: &[String]) -> Result<S> {
    let arguments = std::iter::once(name).chain(flags.iter().map(String::as_str));
    S::try_parse_from(arguments).with_context(|| format!("settings of {name}"))
}

fn use_database(settings: &mut Database, url: &str) {
    settings.database_url = Some(SecretString::from(url));
    settings.database_url_file = None;
}

/// Inside one process there is nobody to hide from: certificates are for the four apart.
fn use_loopback(settings: &mut GrpcServer) {
    settings.tls_cert = None;
    settings.tls_key = None;
    settings.tls_client_ca = None;
}
