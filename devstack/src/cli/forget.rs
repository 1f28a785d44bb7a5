//! `backroom forget`: a person asked that nothing is known of them any more.
//!
//! The order is gateway, messenger, ledger. The ledger knows which names are one person's, so it forgets last: whoever starts
//! again after a crash still finds everything. The person's messages wait meanwhile.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use clap::Args;
use gateway::forgetting::{self, Kept, Person};
use platform::grpc::{Channel, Peer};
use platform::settings::GrpcClient;
use proto::common::v1::WhatsAppUser;
use proto::inventory::v1 as inventory;
use proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use proto::messenger::v1 as messenger;
use proto::messenger::v1::messenger_service_client::MessengerServiceClient;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use sqlx::PgPool;

use super::running::Running;
use super::{dev, ui};

/// The messenger looks through all messages it keeps.
const TIMEOUT: Duration = Duration::from_mins(5);
/// How long to wait for what is in work.
const PATIENCE: Duration = Duration::from_mins(1);

/// Forget a person: names, numbers and words go, what they did stays in the ledger without a name.
///
/// Ends with 0 when the person is forgotten or nothing is known of them, with 1 when something could not be done or was not
/// confirmed, with 2 when it was asked wrongly. To do it again is harmless.
#[derive(Args, Clone, Debug)]
pub(super) struct Forget {
    /// Their phone number in international form, or their business-scoped user id.
    person: SecretString,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    /// Print JSON. Without --yes it tells what would go, and nothing goes.
    #[arg(long)]
    json: bool,
    /// The gateway's database. Without it: the one of a running `backroom dev`.
    #[arg(long, env = "GATEWAY_DATABASE_URL", hide_env_values = true)]
    gateway_database_url: Option<SecretString>,
    /// Where inventory-svc is. Without it: the one of a running `backroom dev`.
    #[arg(long, env = "INVENTORY_URL")]
    inventory_url: Option<String>,
    /// Where messenger-svc is. Without it: the one of a running `backroom dev`.
    #[arg(long, env = "MESSENGER_URL")]
    messenger_url: Option<String>,
    /// Where `backroom dev` keeps its data.
    #[arg(long, env = "BACKROOM_DATA_DIR", default_value = dev::DATA_DIR)]
    data_dir: PathBuf,
    #[command(flatten)]
    client: GrpcClient,
}

/// Who keeps something of a person.
struct Keepers {
    gateway: PgPool,
    ledger: InventoryServiceClient<Channel>,
    messenger: MessengerServiceClient<Channel>,
}

/// What is known of a person, or was. Holds their names.
struct Known {
    members: Vec<inventory::ForgottenMember>,
    names: Vec<WhatsAppUser>,
    messages: i64,
    kept: Kept,
}

impl Forget {
    pub(super) async fn run(self) -> Result<()> {
        let typed = typed(self.person.expose_secret())?;
        let (yes, is_json) = (self.yes, self.json);
        let mut keepers = self.connect().await?;
        let known = keepers.look(&typed).await?;
        if known.is_nothing() {
            known.show(is_json, false, "Nothing is known of this person.");
            return Ok(());
        }
        if !yes {
            if is_json {
                known.show(true, false, "");
                return Ok(());
            }
            known.show(false, false, "This goes, for good:");
            confirm()?;
        }
        let forgotten = keepers.forget(&typed, known).await?;
        forgotten.show(is_json, true, "Forgotten:");
        keepers.gateway.close().await;
        Ok(())
    }

    async fn connect(self) -> Result<Keepers> {
        let running = |variable| Running::require(&self.data_dir, variable);
        let gateway_url = match &self.gateway_database_url {
            Some(url) => url.expose_secret().to_owned(),
            None => running("GATEWAY_DATABASE_URL")?.gateway_database_url,
        };
        let service = |name, variable, given: &Option<String>, of: fn(&Running) -> &str| -> Result<Channel> {
            let (url, client) = if let Some(url) = given {
                (url.clone(), self.client.clone())
            } else {
                let running = running(variable)?;
                (of(&running).to_owned(), running.client())
            };
            Channel::new(Peer { name, url, variable, timeout: TIMEOUT }, &client)
        };
        let ledger = service("inventory-svc", "INVENTORY_URL", &self.inventory_url, |at| &at.inventory_url)?;
        let messenger = service("messenger-svc", "MESSENGER_URL", &self.messenger_url, |at| &at.messenger_url)?;
        let gateway =
            PgPool::connect(&gateway_url).await.context("connect to the gateway's database (GATEWAY_DATABASE_URL)")?;
        Ok(Keepers {
            gateway,
            ledger: InventoryServiceClient::new(ledger),
            messenger: MessengerServiceClient::new(messenger),
        })
    }
}

impl Keepers {
    /// Asks what there is, and changes nothing.
    async fn look(&mut self, typed: &WhatsAppUser) -> Result<Known> {
        let request = inventory::ForgetPersonRequest { user: Some(typed.clone()), dry_run: true };
        let inventory::ForgetPersonResponse { members, names } =
            self.ledger.forget_person(request).await.map_err(|status| refused("inventory-svc", &status))?.into_inner();
        let kept = forgetting::count(&self.gateway, &person(typed, &names, &members)?).await?;
        let messages = self.write_off(typed, &names, true).await?;
        Ok(Known { members, names, messages, kept })
    }

    async fn forget(&mut self, typed: &WhatsAppUser, known: Known) -> Result<Known> {
        let person = person(typed, &known.names, &known.members)?;
        let held = forgetting::hold(&self.gateway, &person, PATIENCE).await?;
        let forgotten = self.forget_held(typed, known, &person, &held).await;
        held.release(&self.gateway).await?;
        forgotten
    }

    async fn forget_held(
        &mut self,
        typed: &WhatsAppUser,
        known: Known,
        person: &Person,
        held: &forgetting::Held,
    ) -> Result<Known> {
        let kept = held.erase(&self.gateway, person).await?;
        let messages = self.write_off(typed, &known.names, false).await?;
        let request = inventory::ForgetPersonRequest { user: Some(typed.clone()), dry_run: false };
        let forgotten =
            self.ledger.forget_person(request).await.map_err(|status| refused("inventory-svc", &status))?.into_inner();
        Ok(Known { members: forgotten.members, names: forgotten.names, messages, kept })
    }

    async fn write_off(&mut self, typed: &WhatsAppUser, names: &[WhatsAppUser], dry_run: bool) -> Result<i64> {
        let other_names = names.to_vec();
        let request = messenger::ForgetPersonRequest { user: Some(typed.clone()), other_names, dry_run };
        let answer = self.messenger.forget_person(request).await.map_err(|status| refused("messenger-svc", &status))?;
        Ok(answer.into_inner().forgotten_message_count)
    }
}

impl Known {
    fn is_nothing(&self) -> bool {
        self.members.is_empty() && self.messages == 0 && self.kept == Kept::default()
    }

    fn show(&self, is_json: bool, is_done: bool, title: &str) {
        if is_json {
            ui::say(format_args!("{:#}", self.as_json(is_done)));
            return;
        }
        ui::say(title);
        for member in &self.members {
            let note = if member.shop_without_owner { "; the shop has no owner without them" } else { "" };
            ui::say(format_args!("  member {} of shop {}{note}", member.member_id, member.shop_id));
        }
        let kept = &self.kept;
        for (count, what) in [
            (self.messages, "messages written to them: words, files and numbers"),
            (kept.waiting_messages, "messages of theirs that wait to be handled"),
            (kept.dead_letters, "messages of theirs that were given up"),
            (kept.questions, "questions they were asked"),
            (kept.habits, "ways they mean a word"),
            (kept.events, "notifications that name them"),
        ] {
            if count > 0 {
                ui::say(format_args!("{count:>8}  {what}"));
            }
        }
    }

    fn as_json(&self, is_done: bool) -> serde_json::Value {
        let members: Vec<_> = self
            .members
            .iter()
            .map(|member| {
                json!({
                    "shop_id": member.shop_id,
                    "member_id": member.member_id,
                    "shop_without_owner": member.shop_without_owner,
                })
            })
            .collect();
        json!({
            "forgotten": is_done,
            "members": members,
            "messages_to_them": self.messages,
            "waiting_messages": self.kept.waiting_messages,
            "dead_letters": self.kept.dead_letters,
            "questions": self.kept.questions,
            "habits": self.kept.habits,
            "events": self.kept.events,
        })
    }
}

/// Reads what was typed: a number has no letters, and may be written as people write it.
fn typed(text: &str) -> Result<WhatsAppUser> {
    if text.chars().any(char::is_alphabetic) {
        return Ok(WhatsAppUser { user_id: text.trim().to_owned(), phone_number: String::new() });
    }
    let bare: String = text.chars().filter(|letter| !matches!(letter, ' ' | '-' | '(' | ')' | '.')).collect();
    let digits = bare.strip_prefix('+').or_else(|| bare.strip_prefix("00")).unwrap_or(&bare);
    ensure!(
        (6..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()),
        "that is neither a phone number in international form nor a user id like ZA.1349"
    );
    Ok(WhatsAppUser { user_id: String::new(), phone_number: digits.to_owned() })
}

/// Returns everything by which the gateway may keep something of the person.
fn person(typed: &WhatsAppUser, names: &[WhatsAppUser], members: &[inventory::ForgottenMember]) -> Result<Person> {
    let mut person = Person::default();
    for name in names.iter().chain([typed]) {
        if !name.user_id.is_empty() {
            person.add_user_id(&name.user_id);
        }
        if !name.phone_number.is_empty() {
            person.add_phone(&name.phone_number);
        }
    }
    for member in members {
        person.add_member(member.member_id.parse().context("read the id of a member")?);
    }
    Ok(person)
}

fn confirm() -> Result<()> {
    ui::prompt("Nobody can bring it back. Type \"forget\" to go on: ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).context("read the answer")?;
    if !std::io::stdin().is_terminal() {
        ui::say("");
    }
    if answer.trim() != "forget" {
        bail!("nothing was forgotten");
    }
    Ok(())
}

fn refused(service: &str, status: &tonic::Status) -> anyhow::Error {
    anyhow!("{service} refuses ({:?}): {}", status.code(), status.message())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_user_id_are_told_apart_and_nonsense_is_not_repeated() {
        assert_eq!(typed("+27 (82) 555-0101").unwrap().phone_number, "27825550101");
        assert_eq!(typed("ZA.1349").unwrap().user_id, "ZA.1349");
        for wrong in ["", "12", "12345678901234567"] {
            let error = typed(wrong).unwrap_err().to_string();
            assert!(wrong.is_empty() || !error.contains(wrong), "{error}");
        }
    }
}
