//! What a running `backroom dev` leaves for the other commands: addresses, and the keys that go with them.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use platform::settings::GrpcClient;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::doctor;
use crate::meta_sim::MetaSimOptions;

/// The file in the data directory. Nobody else may read it.
const FILE: &str = "stack.json";

/// A running stack, as other processes of this machine reach it.
#[derive(Deserialize, Serialize)]
pub(super) struct Running {
    pub(super) gateway_url: String,
    pub(super) parser_url: String,
    pub(super) inventory_url: String,
    pub(super) messenger_url: String,
    pub(super) caller_key: String,
    pub(super) gateway_database_url: String,
    pub(super) inventory_database_url: String,
    pub(super) messenger_database_url: String,
    /// The simulated Meta; `None`: the real one, whose credentials are in the environment.
    pub(super) meta: Option<SimulatedMeta>,
}

/// The simulated Meta, and what would otherwise be in the environment.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct SimulatedMeta {
    graph_url: String,
    app_id: String,
    app_secret: String,
    verify_token: String,
    access_token: String,
    phone_number_id: String,
    waba_id: String,
}

impl SimulatedMeta {
    /// Notes the credentials before the simulator takes them.
    pub(super) fn of(options: &MetaSimOptions) -> Self {
        Self {
            graph_url: String::new(),
            app_id: options.account.app_id.clone(),
            app_secret: options.app_secret.clone(),
            verify_token: options.verify_token.clone(),
            access_token: options.access_token.clone(),
            phone_number_id: options.phone_number_id.clone(),
            waba_id: options.waba_id.clone(),
        }
    }

    /// Notes where the simulator came to stand.
    pub(super) fn at(self, graph_url: String) -> Self {
        Self { graph_url, ..self }
    }
}

impl Running {
    /// Leaves it in a data directory.
    pub(super) fn write(&self, data_dir: &Path) -> Result<()> {
        let path = data_dir.join(FILE);
        fs::remove_file(&path).ok(); // one of an earlier run may have other rights
        let mut options = fs::OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(&path);
        let mut file = file.context("write to the data directory")?;
        let text = serde_json::to_vec_pretty(self).context("write down the stack")?;
        file.write_all(&text).context("write to the data directory")
    }

    /// Takes it away: a leftover would name a server that is gone.
    pub(super) fn forget(data_dir: &Path) {
        fs::remove_file(data_dir.join(FILE)).ok();
    }

    /// Returns the stack that runs with this data directory, if one does.
    pub(super) fn find(data_dir: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(data_dir.join(FILE)).ok()?).ok()
    }

    /// Returns it, or says which variable would do instead.
    pub(super) fn require(data_dir: &Path, variable: &str) -> Result<Self> {
        Self::find(data_dir).with_context(|| {
            format!("{variable} is not set, and no `backroom dev` runs with its data in {}", data_dir.display())
        })
    }

    /// Shows the key to services of this stack.
    pub(super) fn client(&self) -> GrpcClient {
        GrpcClient {
            caller_key: Some(SecretString::from(self.caller_key.as_str())),
            caller_key_file: None,
            tls_server_ca: None,
            tls_client_cert: None,
            tls_client_key: None,
        }
    }

    /// Fills in what the doctor was not told.
    pub(super) fn complete(self, settings: &mut doctor::Settings) -> Result<()> {
        let secret = |text: String| Some(SecretString::from(text));
        // The real Meta cannot call this machine: its address is that of a tunnel, which only the operator knows.
        if settings.public_url.is_none() && self.meta.is_some() {
            let url = format!("{}/webhook/whatsapp", self.gateway_url);
            settings.public_url = Some(url.parse().context("the gateway's address")?);
        }
        if settings.client.caller_key.is_none() && settings.client.caller_key_file.is_none() {
            settings.client = self.client();
            settings.parser_url = Some(self.parser_url);
            settings.inventory_url = Some(self.inventory_url);
            settings.messenger_url = Some(self.messenger_url);
        }
        settings.gateway_database_url = settings.gateway_database_url.take().or(secret(self.gateway_database_url));
        settings.inventory_database_url =
            settings.inventory_database_url.take().or(secret(self.inventory_database_url));
        settings.messenger_database_url =
            settings.messenger_database_url.take().or(secret(self.messenger_database_url));
        if let Some(meta) = self.meta {
            settings.graph_api_url = meta.graph_url.parse().context("the address of the simulated Graph API")?;
            settings.whatsapp_access_token = secret(meta.access_token);
            settings.whatsapp_app_secret = secret(meta.app_secret);
            settings.whatsapp_app_secret_file = None;
            settings.whatsapp_verify_token = secret(meta.verify_token);
            settings.whatsapp_verify_token_file = None;
            settings.whatsapp_phone_number_id = Some(meta.phone_number_id);
            settings.whatsapp_business_account_id = Some(meta.waba_id);
            settings.whatsapp_app_id = Some(meta.app_id);
        }
        Ok(())
    }
}

/// Lets a command look at the running stack when nobody named another: with an access token somebody did.
pub(super) fn complete(settings: &mut doctor::Settings, data_dir: &Path) -> Result<bool> {
    let names_another =
        super::dev::is_given(settings.whatsapp_access_token.as_ref()) || settings.whatsapp_access_token_file.is_some();
    match Running::find(data_dir) {
        Some(running) if running.meta.is_some() != names_another => {
            running.complete(settings)?;
            Ok(true)
        }
        _ => Ok(false),
    }
}
