//! The public address over TLS: a certificate that is trusted, one that is not, and doors that are none.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use devstack::meta_sim::webhook::sign;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::house::{APP_SECRET, House, VERIFY_TOKEN};

/// How a door behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A gateway behind TLS.
    Tls,
    /// A gateway without TLS.
    Plain,
    /// Sends elsewhere.
    Redirect,
    /// Answers everything with a page.
    Page,
}

/// Something that stands where a gateway should.
pub(crate) struct Door {
    port: u16,
    kind: Kind,
    /// The authority to trust, in PEM.
    pub(crate) authority: String,
}

impl Door {
    pub(crate) fn open(kind: Kind) -> Result<Self> {
        platform::http::install_tls_provider();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .context("a certificate of our own")?;
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let config = Arc::clone(&config);
                std::thread::spawn(move || answer(stream, kind, config));
            }
        });
        Ok(Self { port, kind, authority: made.cert.pem() })
    }

    pub(crate) fn url(&self) -> String {
        let scheme = if self.kind == Kind::Tls { "https" } else { "http" };
        format!("{scheme}://localhost:{}/webhook/whatsapp", self.port)
    }
}

fn answer(stream: TcpStream, kind: Kind, config: Arc<ServerConfig>) -> Option<()> {
    if kind == Kind::Tls {
        exchange(StreamOwned::new(ServerConnection::new(config).ok()?, stream), kind)
    } else {
        exchange(stream, kind)
    }
}

/// Reads one request and answers it as the gateway would.
fn exchange(mut stream: impl Read + Write, kind: Kind) -> Option<()> {
    let mut bytes = Vec::new();
    let mut buffer = [0_u8; 4_096];
    let (head, body) = loop {
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = header(head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0_usize);
        if body.len() >= length {
            break (head.to_owned(), body.to_owned());
        }
    };
    let (status, answer) = match kind {
        Kind::Redirect => ("301 Moved Permanently\r\nLocation: https://elsewhere.example/", String::new()),
        Kind::Page => ("200 OK", "<html>Log in</html>".to_owned()),
        Kind::Tls | Kind::Plain => as_gateway(&head, &body),
    };
    let length = answer.len();
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}").ok()?;
    stream.flush().ok()
}

fn as_gateway(head: &str, body: &str) -> (&'static str, String) {
    if head.starts_with("POST") {
        let is_signed = header(head, "x-hub-signature-256") == Some(&sign(APP_SECRET, body.as_bytes()));
        return (if is_signed { "200 OK" } else { "401 Unauthorized" }, String::new());
    }
    let target = head.split_whitespace().nth(1).unwrap_or_default();
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let asked: HashMap<String, String> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    if asked.get("hub.verify_token").is_some_and(|token| token == VERIFY_TOKEN) {
        return ("200 OK", asked["hub.challenge"].clone());
    }
    ("403 Forbidden", String::new())
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_must_be_trusted_and_redirects_and_pages_are_no_gateway() -> Result<()> {
    let house = House::connected().await?;
    let door = Door::open(Kind::Tls)?;
    let authority = house.folder.path().join("authority.pem");
    std::fs::write(&authority, &door.authority)?;
    let authority = authority.to_str().context("a path")?;

    let url = door.url();
    let trusted = house.backroom_with(&["doctor", "--url", &url], &[("SSL_CERT_FILE", authority)]).await?;
    let untrusted = house.backroom(&["doctor", "--url", &url]).await?;
    assert!(trusted.out.contains(&format!("{url} echoes the challenge")), "{}", trusted.out);
    assert!(trusted.out.contains("a signed notification is taken"), "{}", trusted.out);
    assert!(trusted.out.contains("the address is HTTPS"), "{}", trusted.out);
    assert!(untrusted.out.contains("its certificate is not trusted"), "{}", untrusted.out);
    assert!(untrusted.out.contains("self-signed ones are refused"), "{}", untrusted.out);
    assert_eq!(untrusted.code, 1);

    for (kind, words) in [(Kind::Redirect, "Meta follows no redirects"), (Kind::Page, "does not echo the challenge")] {
        let url = Door::open(kind)?.url();
        let ran = house.backroom(&["doctor", "--url", &url]).await?;
        assert!(ran.out.contains(words), "no {words:?} in\n{}", ran.out);
        assert_eq!(ran.code, 1);
    }
    house.stack.stop().await
}
