//! Posts webhooks over plain connections: a client that costs little, so that the machine is left to what is measured.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// One kept-alive connection to the gateway.
pub(crate) struct Connection {
    stream: TcpStream,
    host: String,
    buffer: Vec<u8>,
}

impl Connection {
    /// Opens one to `http://host:port`.
    pub(crate) async fn open(url: &str) -> anyhow::Result<Self> {
        let host = url.trim_start_matches("http://").to_owned();
        let stream = TcpStream::connect(&host).await.with_context(|| format!("connect to {host}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host, buffer: vec![0; 4096] })
    }

    /// Posts a signed body and returns how long the 200 took; anything else is an error.
    pub(crate) async fn post(&mut self, body: &str, secret: &str) -> anyhow::Result<Duration> {
        let signature = stories::signature(secret, body.as_bytes());
        let request = format!(
            "POST /webhook/whatsapp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nX-Hub-Signature-256: {signature}\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        let started = Instant::now();
        self.stream.write_all(request.as_bytes()).await?;
        // A 200 has no body, so its head is all there is.
        let mut filled = 0;
        while !self.buffer[..filled].ends_with(b"\r\n\r\n") {
            let read = self.stream.read(&mut self.buffer[filled..]).await?;
            anyhow::ensure!(read > 0, "the gateway closed the connection");
            filled += read;
        }
        anyhow::ensure!(
            self.buffer.starts_with(b"HTTP/1.1 200"),
            "not acked: {}",
            String::from_utf8_lossy(&self.buffer[..filled]).lines().next().unwrap_or_default()
        );
        Ok(started.elapsed())
    }
}
