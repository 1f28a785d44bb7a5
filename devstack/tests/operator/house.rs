//! A running stack, and the `backroom` that looks at it from outside.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use devstack::meta_sim::{AccountOptions, MessageTemplate, MetaSim};
use devstack::stack::{Databases, Meta, Stack, StackOptions};
use local_postgres::fresh_database;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

pub(crate) const APP_SECRET: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const ACCESS_TOKEN: &str = "EAAGoperatorsOwnAccessToken";
pub(crate) const VERIFY_TOKEN: &str = "operators-own-verify-token";

/// How long something may take that takes a moment.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What a command did.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Everything that was said.
    pub(crate) fn said(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {}", self.said()))
    }
}

/// A stack with an operator in front of it.
pub(crate) struct House {
    pub(crate) stack: Stack,
    pub(crate) folder: TempDir,
    /// What the operator has in `.env`.
    pub(crate) env: BTreeMap<String, String>,
}

impl House {
    /// A number that was connected before.
    pub(crate) async fn connected() -> Result<Self> {
        Self::start(AccountOptions::default()).await
    }

    pub(crate) async fn start(account: AccountOptions) -> Result<Self> {
        let databases = Databases {
            gateway: fresh_database("operator_gateway").await,
            inventory: fresh_database("operator_inventory").await,
            messenger: fresh_database("operator_messenger").await,
        };
        let mut options = StackOptions::simulated(databases.clone()).await?;
        let Meta::Simulated(meta) = &mut options.meta else { panic!("it is simulated") };
        APP_SECRET.clone_into(&mut meta.app_secret);
        ACCESS_TOKEN.clone_into(&mut meta.access_token);
        VERIFY_TOKEN.clone_into(&mut meta.verify_token);
        let templates = vec![
            MessageTemplate::approved("login_code", "en_US", "AUTHENTICATION"),
            MessageTemplate::approved("low_stock", "en_US", "UTILITY"),
        ];
        meta.account = AccountOptions { templates, ..account };
        let ids = [
            ("WHATSAPP_PHONE_NUMBER_ID", meta.phone_number_id.clone()),
            ("WHATSAPP_BUSINESS_ACCOUNT_ID", meta.waba_id.clone()),
            ("WHATSAPP_APP_ID", meta.account.app_id.clone()),
        ];
        let stack = Stack::start(options).await?;
        let mut env: BTreeMap<String, String> = ids.map(|(name, id)| (name.to_owned(), id)).into();
        let texts = [
            ("PUBLIC_URL", format!("{}/webhook/whatsapp", stack.gateway_url())),
            ("WHATSAPP_ACCESS_TOKEN", ACCESS_TOKEN.to_owned()),
            ("WHATSAPP_APP_SECRET", APP_SECRET.to_owned()),
            ("WHATSAPP_VERIFY_TOKEN", VERIFY_TOKEN.to_owned()),
            ("GRAPH_API_URL", stack.meta().context("Meta is simulated")?.url()),
            ("GRAPH_API_VERSION", "v26.0".to_owned()),
            ("GEMINI_API_KEY", "operators-gemini-key".to_owned()),
            ("OTP_TEMPLATE", "login_code".to_owned()),
            ("OTP_KEY", "operators-own-otp-key-0123456789".to_owned()),
            ("PARSER_URL", stack.parser_url().to_owned()),
            ("INVENTORY_URL", stack.inventory_url().to_owned()),
            ("MESSENGER_URL", stack.messenger_url().to_owned()),
            ("CALLER_KEY", stack.caller_key().to_owned()),
            ("GATEWAY_DATABASE_URL", databases.gateway),
            ("INVENTORY_DATABASE_URL", databases.inventory),
            ("MESSENGER_DATABASE_URL", databases.messenger),
        ];
        env.extend(texts.map(|(name, text)| (name.to_owned(), text)));
        Ok(Self { stack, folder: tempfile::tempdir()?, env })
    }

    pub(crate) fn meta(&self) -> &MetaSim {
        self.stack.meta().expect("it is simulated")
    }

    /// Runs a command with the operator's settings.
    pub(crate) async fn backroom(&self, arguments: &[&str]) -> Result<Ran> {
        self.backroom_with(arguments, &[]).await
    }

    /// Runs a command with some settings changed; `""` takes one away.
    pub(crate) async fn backroom_with(&self, arguments: &[&str], changes: &[(&str, &str)]) -> Result<Ran> {
        let mut env = self.env.clone();
        for (name, value) in changes {
            if value.is_empty() {
                env.remove(*name)
            } else {
                env.insert((*name).to_owned(), (*value).to_owned())
            };
        }
        let ran = backroom(self.folder.path(), arguments, &env).await?;
        self.assert_no_secret(&ran);
        Ok(ran)
    }

    /// The state of the account at the simulated Meta.
    pub(crate) async fn account(&self) -> Result<Value> {
        let url = format!("{}/_sim/account", self.meta().url());
        Ok(reqwest::get(url).await?.json().await?)
    }

    fn assert_no_secret(&self, ran: &Ran) {
        let secrets = [
            "WHATSAPP_ACCESS_TOKEN",
            "WHATSAPP_APP_SECRET",
            "WHATSAPP_VERIFY_TOKEN",
            "GEMINI_API_KEY",
            "OTP_KEY",
            "CALLER_KEY",
        ];
        for name in secrets {
            assert!(!ran.said().contains(&self.env[name]), "{name} was printed: {}", ran.said());
        }
        assert!(!ran.said().contains("postgres://"), "{}", ran.said());
    }
}

/// Runs the built command where it sees neither our environment nor a `.env`.
pub(crate) async fn backroom(folder: &Path, arguments: &[&str], env: &BTreeMap<String, String>) -> Result<Ran> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_backroom"));
    command.args(arguments).current_dir(folder).env_clear().envs(env).stdin(Stdio::null());
    let output = command.output().await?;
    Ok(Ran {
        code: output.status.code().context("it ended by itself")?,
        out: String::from_utf8(output.stdout)?,
        err: String::from_utf8(output.stderr)?,
    })
}

/// Asks again until the answer is there.
pub(crate) async fn eventually<T>(mut ask: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        anyhow::ensure!(began.elapsed() < PATIENCE, "it did not come");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
