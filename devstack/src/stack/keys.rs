//! Caller keys: who may call which service.

use anyhow::{Context as _, Result};
use platform::grpc::key_hash;
use platform::settings::GrpcServer;
use rand::distr::{Alphanumeric, SampleString as _};
use secrecy::{ExposeSecret as _, SecretString};

/// Letters and digits of a key: 43 of 62 possible ones are 256 bits.
const KEY_LENGTH: usize = 43;

/// Makes a key.
pub fn new_key() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), KEY_LENGTH)
}

/// Returns the entry of `CALLER_KEYS` that lets whoever shows `key` call these methods.
pub fn entry(name: &str, key: &str, methods: &str) -> String {
    format!("{name} {} {methods}", key_hash(key))
}

/// Lets the gateway of this process call a server, beside the callers that its settings name already.
///
/// The list becomes fixed: a file of other callers is read once.
pub(super) fn admit_gateway(server: &mut GrpcServer, key: &str, methods: &str) -> Result<()> {
    let listed = match server.caller_keys_file.take() {
        Some(path) => std::fs::read_to_string(&path)
            .with_context(|| format!("CALLER_KEYS_FILE points to {}, which cannot be read", path.display()))?,
        None => server.caller_keys.as_ref().map(|keys| keys.expose_secret().to_owned()).unwrap_or_default(),
    };
    server.caller_keys = Some(SecretString::from(format!("{listed}\n{}", entry("gateway", key, methods))));
    Ok(())
}
