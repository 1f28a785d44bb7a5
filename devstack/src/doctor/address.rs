//! Our own door as Meta sees it: TLS, the verification call, signed notifications (section 1).

use std::time::Duration;

use anyhow::Result;
use http::{StatusCode, header};
use rand::Rng as _;
use url::Url;

use super::graph::cause_of;
use super::report::Chart;
use super::subject::Subject;
use crate::meta_sim::webhook::sign;

/// A notification that holds nothing: every gateway takes it and does nothing.
const EMPTY: &str = r#"{"object":"whatsapp_business_account","entry":[]}"#;
/// Meta gives no figure; this is far above what it aims at (half of all in 250 ms).
const TIMEOUT: Duration = Duration::from_secs(10);
/// Above this Meta's retries begin to pile up.
const SLOW: Duration = Duration::from_secs(1);

const REACH: &str = "Start the gateway, and let the name, the port and the proxy or tunnel in front of it lead to it.";

/// What is wrong with the door.
pub struct Flaw {
    /// What was found.
    pub found: String,
    /// What to do.
    pub remedy: String,
}

impl Flaw {
    fn new(found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { found: found.into(), remedy: remedy.into() }
    }
}

/// Somebody who calls a webhook as Meta does.
pub struct Caller {
    client: reqwest::Client,
    url: Url,
}

impl Caller {
    /// Prepares to call this address.
    pub fn new(url: Url) -> Result<Self> {
        let client = platform::http::client(&platform::http::Options {
            user_agent_part: "doctor",
            connect_timeout: Duration::from_secs(5),
            timeout: TIMEOUT,
            redirects: false,
        })?;
        Ok(Self { client, url })
    }

    /// Asks for the echo of a challenge, and returns how long it took.
    pub async fn challenge(&self, verify_token: &str) -> Result<Duration, Flaw> {
        let challenge = rand::rng().random_range(100_000_000..1_000_000_000_u32).to_string();
        let began = std::time::Instant::now();
        let (status, body) = self.ask(&challenge, verify_token).await?;
        if status == StatusCode::FORBIDDEN {
            return Err(Flaw::new(
                "the gateway refuses WHATSAPP_VERIFY_TOKEN (HTTP 403)",
                "Give the gateway and this command the same WHATSAPP_VERIFY_TOKEN.",
            ));
        }
        if status.is_redirection() {
            return Err(Flaw::new(
                format!("it answers with a redirect (HTTP {})", status.as_u16()),
                "Meta follows no redirects: use the address that it leads to.",
            ));
        }
        if status != StatusCode::OK {
            let found = format!("it answers HTTP {} to the verification call", status.as_u16());
            return Err(Flaw::new(found, format!("The path must be /webhook/whatsapp. {REACH}")));
        }
        if body != challenge {
            return Err(Flaw::new(
                "it does not echo the challenge: something else than the gateway answers",
                format!("A login page or an interstitial of a tunnel stands in front. {REACH}"),
            ));
        }
        Ok(began.elapsed())
    }

    /// Posts a notification that holds nothing and returns the HTTP status.
    pub async fn notify(&self, app_secret: &str) -> Result<StatusCode, Flaw> {
        let request = self.client.post(self.url.clone());
        let request = request
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-hub-signature-256", sign(app_secret, EMPTY.as_bytes()))
            .body(EMPTY);
        match request.send().await {
            Ok(response) => Ok(response.status()),
            Err(error) => Err(unreachable(&error.without_url())),
        }
    }

    async fn ask(&self, challenge: &str, verify_token: &str) -> Result<(StatusCode, String), Flaw> {
        let query = [("hub.mode", "subscribe"), ("hub.challenge", challenge), ("hub.verify_token", verify_token)];
        // The address holds the verify token here, so errors go without it.
        let answer = self.client.get(self.url.clone()).query(&query).send().await;
        let response = answer.map_err(|error| unreachable(&error.without_url()))?;
        let status = response.status();
        let body = response.text().await.map_err(|error| unreachable(&error.without_url()))?;
        Ok((status, body))
    }
}

fn unreachable(error: &reqwest::Error) -> Flaw {
    let cause = cause_of(error);
    if cause.to_lowercase().contains("certificate") {
        return Flaw::new(
            format!("its certificate is not trusted: {cause}"),
            "Meta takes only certificates of publicly trusted authorities, with their whole chain; self-signed ones are refused.",
        );
    }
    Flaw::new(format!("it cannot be reached: {cause}"), REACH)
}

/// Checks TLS and the verification call.
pub async fn check_challenge(chart: &mut Chart, subject: &Subject) -> Result<()> {
    let Some(url) = &subject.public_url else {
        chart.skip("address.tls", "no public address was given", "Give it with --url or PUBLIC_URL.");
        return Ok(());
    };
    check_scheme(chart, url, subject.is_simulated());
    let Some(verify_token) = subject.verify_token() else {
        chart.skip("address.challenge", "WHATSAPP_VERIFY_TOKEN is not set", "Set it as the gateway has it.");
        return Ok(());
    };
    let caller = Caller::new(url.clone())?;
    match caller.challenge(verify_token).await {
        Ok(took) if took > SLOW => chart.warn(
            "address.challenge",
            format!("{url} echoes the challenge after {} ms", took.as_millis()),
            "Meta wants answers within 250 ms, and hardly any above a second: look at the way from outside.",
        ),
        Ok(_) => chart.pass("address.challenge", format!("{url} echoes the challenge")),
        Err(flaw) => {
            chart.fail("address.challenge", format!("{url}: {}", flaw.found), flaw.remedy);
            return Ok(());
        }
    }
    match caller.ask("1", &format!("not-{verify_token}")).await {
        Ok((status, _)) if status != StatusCode::OK => {
            chart.pass("address.wrong_token", format!("another verify token is refused (HTTP {})", status.as_u16()));
        }
        Ok(_) => chart.fail(
            "address.wrong_token",
            "any verify token is taken: something else than the gateway answers",
            REACH,
        ),
        Err(flaw) => chart.fail("address.wrong_token", flaw.found, flaw.remedy),
    }
    Ok(())
}

fn check_scheme(chart: &mut Chart, url: &Url, is_simulated: bool) {
    match url.scheme() {
        "https" => chart.pass("address.tls", "the address is HTTPS; a certificate that is not trusted fails below"),
        _ if is_simulated => {
            chart.pass("address.tls", "plain HTTP: the simulated Meta takes it, the real one does not");
        }
        _ => chart.fail(
            "address.tls",
            "the address is plain HTTP",
            "Meta calls HTTPS addresses only, with a publicly trusted certificate.",
        ),
    }
}

/// Checks that notifications count with a right signature and with no other.
pub async fn check_notification(chart: &mut Chart, subject: &Subject) -> Result<()> {
    let Some(url) = &subject.public_url else {
        chart.skip("notification.signed", "no public address was given", "Give it with --url or PUBLIC_URL.");
        return Ok(());
    };
    let secrets = subject.app_secrets();
    if secrets.is_empty() {
        chart.skip("notification.signed", "WHATSAPP_APP_SECRET is not set", "Set it as the gateway has it.");
        return Ok(());
    }
    let caller = Caller::new(url.clone())?;
    for (index, secret) in secrets.iter().enumerate() {
        let which = if secrets.len() == 1 { String::new() } else { format!(" with secret {} of the list", index + 1) };
        let id =
            if index == 0 { "notification.signed".to_owned() } else { format!("notification.signed.{}", index + 1) };
        match caller.notify(secret).await {
            Ok(StatusCode::OK) => chart.pass(id, format!("a signed notification is taken{which}")),
            Ok(status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)) => chart.fail(
                id,
                format!("the gateway refuses the signature{which} (HTTP {})", status.as_u16()),
                "Give the gateway and this command the same WHATSAPP_APP_SECRET. If it is, a proxy changes the body on its way.",
            ),
            Ok(status) => chart.fail(
                id,
                format!("a signed notification is answered HTTP {}{which}: Meta takes 200 alone", status.as_u16()),
                "Look at the gateway's log; 503 says that its database does not answer.",
            ),
            Err(flaw) => chart.fail(id, flaw.found, flaw.remedy),
        }
    }
    match caller.notify("not the secret of any app").await {
        Ok(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
            chart.pass("notification.forged", "a forged notification is refused");
        }
        Ok(status) if status.is_success() => chart.fail(
            "notification.forged",
            format!("a forged notification is answered HTTP {}", status.as_u16()),
            "Anybody could change stock: something in front of the gateway answers in its place, or it is not this gateway.",
        ),
        Ok(status) => chart.warn(
            "notification.forged",
            format!("a forged notification is answered HTTP {}, not 401", status.as_u16()),
            REACH,
        ),
        Err(flaw) => chart.fail("notification.forged", flaw.found, flaw.remedy),
    }
    Ok(())
}
