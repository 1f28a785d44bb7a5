//! `backroom connect`: from credentials to a number that answers.

mod steps;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use platform::Process;
use secrecy::SecretString;

use super::{dev, doctor, running, ui};
use crate::doctor::address::Caller;
use crate::doctor::graph::{Failure, Graph};
use crate::doctor::report::without;
use crate::doctor::subject::Subject;
use crate::doctor::{Settings, examine, token};
use steps::{Outcome, Plan};

/// Connect a real number: prove that the gateway answers, subscribe the app to the account, set the address of the
/// webhooks, register the number if it is not, and end with `backroom doctor`. May be repeated.
///
/// Reads the variables of the services, from the environment or from `.env`; without an access token it connects the
/// running `backroom dev` to its simulated Meta.
#[derive(Args, Clone, Debug)]
pub(super) struct Connect {
    #[command(flatten)]
    settings: Settings,
    /// Six-digit PIN of the number's two-step verification: the one it has, or one of your choice when it has none.
    #[arg(long, env = "WHATSAPP_PIN", hide_env_values = true, value_parser = pin)]
    pin: Option<SecretString>,
    /// Set the app's own webhook address, too, although it is another one now: an app has one for all its accounts.
    #[arg(long)]
    replace_app_callback: bool,
    /// Say what would be done, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Where `backroom dev` keeps its data.
    #[arg(long, env = "BACKROOM_DATA_DIR", default_value = dev::DATA_DIR)]
    data_dir: PathBuf,
}

impl Connect {
    /// Returns whether it was told where Meta is to call.
    pub(super) fn has_address(&self) -> bool {
        self.settings.public_url.is_some()
    }

    pub(super) async fn run(mut self, process: &Process) -> Result<()> {
        running::complete(&mut self.settings, &self.data_dir)?;
        let subject = Subject::of(&self.settings);
        let graph = Graph::new(&subject)?;
        let mut secrets = subject.secrets();
        secrets.extend(self.pin.clone());
        let say = |line: &str| ui::say(without(line, &secrets));

        let plan = self.plan(&subject, &graph).await.map_err(|words| anyhow::anyhow!(without(&words, &secrets)))?;
        say(&format!("ok    the gateway answers at {}, checks signatures and knows the verify token", plan.url));
        let outcomes = [
            steps::subscribe_account(&graph, &plan).await,
            steps::subscribe_app(&graph, &plan).await,
            steps::register_number(&graph, &plan).await,
        ];
        let mut obstacle_count = 0;
        for outcome in outcomes {
            match outcome {
                Ok(Outcome::Done(what)) => say(&format!("done  {what}")),
                Ok(Outcome::NothingToDo(what)) => say(&format!("ok    {what}: nothing to do")),
                Ok(Outcome::Would(what)) => say(&format!("would {what}")),
                Ok(Outcome::Left(what)) => say(&format!("left  {what}")),
                Err(obstacle) => {
                    obstacle_count += 1;
                    say(&format!("FAIL  {}\n      -> {}", obstacle.found, obstacle.remedy));
                }
            }
        }
        if self.dry_run {
            say("\nNothing was changed: --dry-run.");
            return end(obstacle_count);
        }
        let report = examine(&self.settings, &process.clock).await?;
        say(&format!("\n{}", report.text()));
        doctor::verdict(&report)?;
        end(obstacle_count)
    }

    /// Gathers what every step needs; whatever is missing or down stops here, before Meta is changed.
    async fn plan(&self, subject: &Subject, graph: &Graph) -> Result<Plan, String> {
        let url = subject.public_url.clone().ok_or("--url is missing")?;
        let missing = |name: &str| format!("{name} is not set: docs/go-live.md says where Meta shows it");
        let verify_token = subject.verify_token().ok_or_else(|| missing("WHATSAPP_VERIFY_TOKEN"))?.to_owned();
        let phone_number_id = subject.phone_number_id.clone().ok_or_else(|| missing("WHATSAPP_PHONE_NUMBER_ID"))?;
        if subject.access_token().is_none() {
            return Err(missing("WHATSAPP_ACCESS_TOKEN"));
        }
        let app_secrets = subject.app_secrets();
        let app_secret = app_secrets.first().ok_or_else(|| missing("WHATSAPP_APP_SECRET"))?;
        if url.as_str().len() > steps::URL_LENGTH_MAX {
            return Err(format!("the address is longer than the {} characters that Meta takes", steps::URL_LENGTH_MAX));
        }
        if url.scheme() != "https" && !subject.is_simulated() {
            return Err("the address must begin with https://: Meta calls no other".to_owned());
        }
        prove_door(&url, &verify_token, app_secret).await?;
        let token = token::facts(graph, subject).await.map_err(|failure| in_words(&failure))?;
        if !token.works {
            return Err("the access token is not valid: run `backroom doctor`".to_owned());
        }
        let waba_id = token.waba_id.clone().ok_or_else(|| missing("WHATSAPP_BUSINESS_ACCOUNT_ID"))?;
        Ok(Plan {
            url,
            verify_token,
            phone_number_id,
            waba_id,
            token,
            pin: self.pin.clone(),
            replaces_app_callback: self.replace_app_callback,
            is_dry: self.dry_run,
        })
    }
}

/// Calls the gateway as Meta will: Meta saves no address that does not answer, and says less about why.
async fn prove_door(url: &url::Url, verify_token: &str, app_secret: &str) -> Result<(), String> {
    let caller = Caller::new(url.clone()).map_err(|error| format!("{error:#}"))?;
    let stop = |found: &str, remedy: &str| format!("{url}: {found}\n-> {remedy}\nNothing was changed at Meta.");
    caller.challenge(verify_token).await.map_err(|flaw| stop(&flaw.found, &flaw.remedy))?;
    let status = caller.notify(app_secret).await.map_err(|flaw| stop(&flaw.found, &flaw.remedy))?;
    if status == http::StatusCode::OK {
        return Ok(());
    }
    Err(stop(
        &format!("a signed notification is answered HTTP {}", status.as_u16()),
        "Give the gateway and this command the same WHATSAPP_APP_SECRET; after that the gateway's log says what is wrong.",
    ))
}

fn in_words(failure: &Failure) -> String {
    format!("{}\n-> {}\nNothing was changed at Meta.", failure.words(), failure.remedy())
}

fn end(obstacle_count: usize) -> Result<()> {
    if obstacle_count > 0 {
        bail!("{obstacle_count} steps could not be done");
    }
    Ok(())
}

fn pin(text: &str) -> Result<SecretString, String> {
    if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(SecretString::from(text));
    }
    Err("must be six digits".to_owned())
}
