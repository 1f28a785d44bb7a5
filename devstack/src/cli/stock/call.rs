//! Where the ledger is, which shop is meant, and how to answer.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use platform::grpc::{Channel, Peer};
use platform::settings::GrpcClient;
use proto::common::v1::WhatsAppUser;
use proto::inventory::v1 as pb;
use proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use secrecy::{ExposeSecret as _, SecretString};

use super::refusal::refused;
use crate::cli::dev;
use crate::cli::running::Running;

const TIMEOUT: Duration = Duration::from_secs(30);

/// What every command is told.
#[derive(Args, Clone, Debug)]
pub(super) struct Call {
    /// Print JSON: the message of the contract, with its names.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten, next_help_heading = "Which shop")]
    which: Which,
    #[command(flatten, next_help_heading = "Where the ledger is")]
    at: At,
}

/// Which shop is meant.
#[derive(Args, Clone, Debug)]
struct Which {
    /// The shop, by its id.
    #[arg(long, env = "BACKROOM_SHOP", value_name = "SHOP_ID")]
    shop: Option<String>,
    /// The shop of the person with this phone number, in international form. Goes before --shop.
    #[arg(long, value_name = "NUMBER", conflicts_with = "user_id")]
    phone: Option<SecretString>,
    /// The shop of the person with this business-scoped user id. Goes before --shop.
    #[arg(long, value_name = "USER_ID")]
    user_id: Option<SecretString>,
}

/// Where inventory-svc is.
#[derive(Args, Clone, Debug)]
struct At {
    /// Where inventory-svc is. Without it: the one of a running `backroom dev`.
    #[arg(long, env = "INVENTORY_URL")]
    inventory_url: Option<String>,
    /// Where `backroom dev` keeps its data.
    #[arg(long, env = "BACKROOM_DATA_DIR", default_value = dev::DATA_DIR)]
    data_dir: PathBuf,
    #[command(flatten, next_help_heading = "Where the ledger is")]
    client: GrpcClient,
}

/// The ledger, opened at one shop.
pub(super) struct Ledger {
    pub(super) client: InventoryServiceClient<Channel>,
    channel: Channel,
    pub(super) shop_id: String,
    /// The member by whom the shop was named.
    pub(super) named_by: Option<pb::Member>,
    pub(super) is_json: bool,
}

impl Ledger {
    /// Returns a client for calls whose requests are streams.
    pub(super) fn streaming(&self, timeout: Duration) -> InventoryServiceClient<Channel> {
        InventoryServiceClient::new(self.channel.streaming(timeout))
    }
}

impl Call {
    /// Opens the ledger and finds the shop.
    pub(super) async fn open(self) -> Result<Ledger> {
        let channel = self.at.connect()?;
        let mut client = InventoryServiceClient::new(channel.clone());
        let Which { shop, phone, user_id } = self.which;
        let (shop_id, named_by) = match (person(phone.as_ref(), user_id.as_ref()), shop) {
            (Some(person), _) => {
                let asked = pb::IdentifyMemberRequest { user: Some(person), lookup_only: true, ..Default::default() };
                let answer = client.identify_member(asked).await.map_err(refused)?.into_inner();
                (answer.shop.context("the answer holds a shop")?.shop_id, answer.member)
            }
            (None, Some(shop_id)) => (shop_id, None),
            (None, None) => bail!(
                "which shop? Name it by --shop SHOP_ID (or BACKROOM_SHOP), or by --phone or --user-id of somebody in it"
            ),
        };
        Ok(Ledger { client, channel, shop_id, named_by, is_json: self.json })
    }
}

impl At {
    fn connect(self) -> Result<Channel> {
        let (url, client) = if let Some(url) = self.inventory_url {
            (url, self.client)
        } else {
            let running = Running::require(&self.data_dir, "INVENTORY_URL")?;
            (running.inventory_url.clone(), running.client())
        };
        let peer = Peer { name: "inventory-svc", url, variable: "INVENTORY_URL", timeout: TIMEOUT };
        Channel::new(peer, &client)
    }
}

fn person(phone: Option<&SecretString>, user_id: Option<&SecretString>) -> Option<WhatsAppUser> {
    match (phone, user_id) {
        (Some(phone), _) => Some(WhatsAppUser { phone_number: digits(phone.expose_secret()), user_id: String::new() }),
        (None, Some(user_id)) => {
            Some(WhatsAppUser { user_id: user_id.expose_secret().to_owned(), phone_number: String::new() })
        }
        (None, None) => None,
    }
}

/// Takes away how people write a number: `+27 82 555-0101`.
pub(super) fn digits(number: &str) -> String {
    let bare: String = number.chars().filter(|char| !matches!(char, ' ' | '-' | '(' | ')' | '.')).collect();
    bare.strip_prefix('+').or_else(|| bare.strip_prefix("00")).unwrap_or(&bare).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_may_be_written_as_people_write_it() {
        for written in ["27825550101", "+27 82 555 0101", "0027-82-555-0101", "+27 (82) 555.0101"] {
            assert_eq!(digits(written), "27825550101", "{written}");
        }
        assert_eq!(digits("ZA.1001"), "ZA1001"); // no number, and refused as one
    }
}
