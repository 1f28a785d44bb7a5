//! What is ours: variables, services, databases.

use std::time::Duration;

use platform::error::reason_of;
use platform::grpc::{Channel, Peer};
use platform::settings::GrpcClient;
use proto::inventory::v1 as inventory;
use proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use proto::messenger::v1 as messenger;
use proto::messenger::v1::messenger_service_client::MessengerServiceClient;
use proto::parser::v1 as parser;
use proto::parser::v1::parser_service_client::ParserServiceClient;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgPoolOptions;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::report::{Chart, Section};
use super::settings::Settings;
use super::subject::{Given, Subject};

/// How long a service or a database may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The shortest key that messenger-svc takes.
const OTP_KEY_CHARS_MIN: usize = 32;

// Read at build time beside the services, so that the doctor of a release knows the schema of that release.
static GATEWAY_MIGRATIONS: Migrator = sqlx::migrate!("../gateway/migrations");
static INVENTORY_MIGRATIONS: Migrator = sqlx::migrate!("../inventory-svc/migrations");
static MESSENGER_MIGRATIONS: Migrator = sqlx::migrate!("../messenger-svc/migrations");

/// Checks that every variable a real number needs is there and looks right.
pub(super) fn check_variables(chart: &mut Chart, subject: &Subject) {
    chart.section(Section::Here);
    let token = ("WHATSAPP_ACCESS_TOKEN", "Business settings, System users: generate one.");
    check_secret(chart, token, &subject.access_token, |token| {
        (token.contains(char::is_whitespace)).then_some("it has a blank or a line break in it: copy it again, whole")
    });
    let app_secret = ("WHATSAPP_APP_SECRET", "App dashboard, App settings, Basic, App secret.");
    check_secret(chart, app_secret, &subject.app_secret_list, |list| {
        let looks_right = list.split(',').map(str::trim).all(|secret| {
            secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase())
        });
        let is_odd = !looks_right && !subject.is_simulated();
        is_odd.then_some("Meta's app secrets are 32 lower-case hex digits; this one is not")
    });
    let verify_token = ("WHATSAPP_VERIFY_TOKEN", "Invent one, and give it to the gateway.");
    check_secret(chart, verify_token, &subject.verify_token, |token| {
        (token.len() < 8).then_some("it is short: a longer one cannot be guessed")
    });
    let id = |value: &Option<String>| value.clone();
    check_id(
        chart,
        "WHATSAPP_PHONE_NUMBER_ID",
        id(&subject.phone_number_id),
        Some("WhatsApp, API setup, Phone number ID."),
    );
    check_id(chart, "WHATSAPP_BUSINESS_ACCOUNT_ID", id(&subject.waba_id), None);
    check_id(chart, "WHATSAPP_APP_ID", id(&subject.app_id), None);
    match (&subject.gemini_key, subject.is_simulated()) {
        (Err(problem), _) => chart.fail("variables.gemini_api_key", problem, "Keep one of the two."),
        (Ok(Some(_)), _) => chart.pass("variables.gemini_api_key", "GEMINI_API_KEY is set"),
        (Ok(None), _) => chart.warn(
            "variables.gemini_api_key",
            "GEMINI_API_KEY is not set: the grammar reads alone, and nobody reads voice notes and photos",
            "Make a key of a project with billing at aistudio.google.com and give it to parser-svc.",
        ),
    }
    check_codes(chart, subject);
}

fn check_secret(
    chart: &mut Chart,
    (name, source): (&str, &str),
    given: &Given,
    odd: impl Fn(&str) -> Option<&'static str>,
) {
    let id = format!("variables.{}", name.to_lowercase());
    match given {
        Err(problem) => chart.fail(id, problem, format!("Set {name} or {name}_FILE, one of the two.")),
        Ok(None) => chart.fail(id, format!("{name} is not set"), source),
        Ok(Some(secret)) => match odd(secret.expose_secret()) {
            Some(what) => chart.warn(id, format!("{name}: {what}"), source),
            None => chart.pass(id, format!("{name} is set")),
        },
    }
}

/// Checks an id of Meta's; one without a source can be found out.
fn check_id(chart: &mut Chart, name: &str, value: Option<String>, source: Option<&str>) {
    let id = format!("variables.{}", name.to_lowercase());
    match (value, source) {
        (Some(value), _) if value.bytes().all(|byte| byte.is_ascii_digit()) => {
            chart.pass(id, format!("{name} is {value}"));
        }
        // What is no id may be something else that was put there by mistake: it is not shown.
        (Some(_), _) => {
            chart.fail(id, format!("{name} is not an id: Meta's are digits alone"), "WhatsApp, API setup shows it.");
        }
        (None, Some(source)) => chart.fail(id, format!("{name} is not set"), source),
        (None, None) => chart.pass(id, format!("{name} is not set: it is taken from the access token")),
    }
}

fn check_codes(chart: &mut Chart, subject: &Subject) {
    const ID: &str = "variables.otp";
    match (&subject.otp_key, subject.sends_codes) {
        (Err(problem), _) => chart.fail(ID, problem, "Keep one of the two."),
        (Ok(None), true) => chart.fail(
            ID,
            "OTP_TEMPLATE is set and OTP_KEY is not",
            "deploy/make-secrets makes one; give it to messenger-svc as OTP_KEY or OTP_KEY_FILE.",
        ),
        (Ok(Some(_)), true) if subject.otp_keys().iter().any(|key| key.chars().count() < OTP_KEY_CHARS_MIN) => chart
            .fail(
                ID,
                format!("OTP_KEY holds a key of less than {OTP_KEY_CHARS_MIN} characters"),
                "deploy/make-secrets makes a good one, and so does `openssl rand -base64 32`.",
            ),
        (Ok(Some(_)), true) => chart.pass(ID, "OTP_TEMPLATE and OTP_KEY are set"),
        (Ok(_), false) => {
            chart.skip(ID, "OTP_TEMPLATE is not set: no one-time codes are sent", "Set it if you want them.");
        }
    }
}

/// Checks that the services answer, and that the key opens them.
pub(super) async fn check_services(chart: &mut Chart, settings: &Settings) {
    let has_key = settings.client.caller_key_file.is_some()
        || settings.client.caller_key.as_ref().is_some_and(|key| !key.expose_secret().is_empty());
    let services = [
        ("parser-svc", "PARSER_URL", settings.parser_url.as_deref(), "http://127.0.0.1:50051"),
        ("inventory-svc", "INVENTORY_URL", settings.inventory_url.as_deref(), "http://127.0.0.1:50052"),
        ("messenger-svc", "MESSENGER_URL", settings.messenger_url.as_deref(), "http://127.0.0.1:50053"),
    ];
    for (name, variable, given, default) in services {
        let id = format!("services.{name}");
        if !has_key {
            let remedy = "Set CALLER_KEY as the gateway has it. `backroom serve` keeps its services to itself: there is nothing to check.";
            chart.skip(id, "CALLER_KEY is not set, so it cannot be asked", remedy);
            continue;
        }
        let peer = Peer { name, url: given.unwrap_or(default).to_owned(), variable, timeout: TIMEOUT };
        let status = match ask(name, peer, &settings.client).await {
            Ok(status) => status,
            Err(error) => {
                chart.fail(id, format!("{error:#}"), format!("Look at {variable}, CALLER_KEY and the TLS_ variables."));
                continue;
            }
        };
        judge_service(chart, &id, variable, given.unwrap_or(default), given.is_some(), &status);
    }
}

/// Asks for its health, then makes a call that reads nothing and changes nothing; returns how that was refused.
async fn ask(name: &'static str, peer: Peer, client: &GrpcClient) -> anyhow::Result<Status> {
    let channel = Channel::new(peer, client)?;
    match HealthClient::new(channel.clone()).check(HealthCheckRequest::default()).await {
        Ok(health) if health.get_ref().status() == ServingStatus::Serving => {}
        Ok(_) => return Ok(Status::unavailable("it says that it is not ready: its database, or it is being stopped")),
        Err(status) => return Ok(status),
    }
    let refused = match name {
        "parser-svc" => {
            let asked = ParserServiceClient::new(channel).parse_message(parser::ParseMessageRequest::default()).await;
            asked.err()
        }
        "inventory-svc" => {
            let asked = InventoryServiceClient::new(channel).get_stock(inventory::GetStockRequest::default()).await;
            asked.err()
        }
        _ => {
            let asked = MessengerServiceClient::new(channel).get_message(messenger::GetMessageRequest::default()).await;
            asked.err()
        }
    };
    Ok(refused.unwrap_or_else(|| Status::ok("")))
}

/// An empty question is refused for being empty by whoever may be asked at all.
fn judge_service(chart: &mut Chart, id: &str, variable: &str, url: &str, is_given: bool, status: &Status) {
    match status.code() {
        Code::Ok | Code::InvalidArgument | Code::NotFound => {
            chart.pass(id, format!("{url} answers, and the key opens it"));
        }
        Code::Unauthenticated => chart.fail(
            id,
            format!("{url} does not know the caller key"),
            "Its CALLER_KEYS needs the entry of CALLER_KEY: `backroom caller-key` makes both.",
        ),
        Code::PermissionDenied => chart.fail(
            id,
            format!("the caller key does not open {url}"),
            "Its entry in CALLER_KEYS names other methods: the gateway needs all of the service.",
        ),
        _ if !is_given => chart.skip(
            id,
            format!("nothing answers at {url}, where it is by default"),
            format!("Set {variable} if it runs elsewhere. `backroom serve` keeps its services to itself."),
        ),
        code => {
            let reason = reason_of(status).unwrap_or_else(|| format!("{code:?}"));
            let remedy =
                format!("Start it, and let {variable} name it; `grpc.health.v1` and its log say why it is not ready.");
            chart.fail(id, format!("{url} does not answer ({reason}): {}", status.message()), remedy);
        }
    }
}

/// Checks that the databases answer and have the schema of this release.
pub(super) async fn check_databases(chart: &mut Chart, settings: &Settings) {
    let databases = [
        ("gateway", "GATEWAY_DATABASE_URL", &settings.gateway_database_url, &GATEWAY_MIGRATIONS),
        ("inventory-svc", "INVENTORY_DATABASE_URL", &settings.inventory_database_url, &INVENTORY_MIGRATIONS),
        ("messenger-svc", "MESSENGER_DATABASE_URL", &settings.messenger_database_url, &MESSENGER_MIGRATIONS),
    ];
    for (service, variable, url, migrator) in databases {
        let id = format!("databases.{service}");
        let Some(url) = url.as_ref().filter(|url| !url.expose_secret().is_empty()) else {
            chart.skip(
                id,
                format!("{variable} is not set"),
                "Set it to look at the database; the services check their own at start.",
            );
            continue;
        };
        match missing_migrations(url, migrator).await {
            Ok(0) => chart.pass(id, "it answers, and its schema is that of this release"),
            Ok(count) => chart.fail(
                id,
                format!("its schema is {count} migrations behind this release"),
                format!(
                    "Start {service} with MIGRATE=always, or run `{service} --migrate=only` with the owner's login."
                ),
            ),
            Err(error) => chart.fail(
                id,
                format!("it cannot be used: {error}"),
                format!("Is Postgres running, does the database of {variable} exist, is the password right?"),
            ),
        }
    }
}

async fn missing_migrations(url: &SecretString, migrator: &Migrator) -> Result<usize, sqlx::Error> {
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(TIMEOUT);
    // A URL that cannot be read would be quoted with its password.
    let pool = pool.connect(url.expose_secret()).await.map_err(|error| match error {
        sqlx::Error::Configuration(_) => {
            sqlx::Error::Protocol("it is not of the form postgres://user:password@host:port/name".into())
        }
        other => other,
    })?;
    let has_any: bool =
        sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").fetch_one(&pool).await?;
    let applied: Vec<i64> = if has_any {
        sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success").fetch_all(&pool).await?
    } else {
        Vec::new()
    };
    pool.close().await;
    Ok(migrator.iter().filter(|migration| !applied.contains(&migration.version)).count())
}
