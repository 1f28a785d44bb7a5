//! `backroom stock shop`: what is so of a shop.

use anyhow::{Context as _, Result};
use clap::{ArgGroup, Args, ValueEnum};
use platform::Process;
use proto::inventory::v1 as pb;

use super::call::Call;
use super::refusal::write_refused;
use super::repeat::{Repeat, say_json};
use super::table::{plain, word};
use crate::cli::ui;

/// Change the name, time zone, currency or policy of the shop. What is not said stays.
#[derive(Args, Clone, Debug)]
#[command(group(ArgGroup::new("what").required(true).multiple(true)))]
pub(super) struct Shop {
    /// What it is called.
    #[arg(long, group = "what")]
    name: Option<String>,
    /// Its time zone by its IANA name: `Africa/Johannesburg`. Days of reports begin and end by it.
    #[arg(long, group = "what")]
    time_zone: Option<String>,
    /// Its currency by its ISO 4217 code: `ZAR`. Changes only while no line has a price.
    #[arg(long, group = "what")]
    currency: Option<String>,
    /// What happens when stock would go below zero.
    #[arg(long, value_enum, group = "what")]
    below_zero: Option<Policy>,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    pub(super) call: Call,
}

/// What happens when stock would go below zero.
#[derive(ValueEnum, Clone, Copy, Debug)]
enum Policy {
    /// Post and warn: a sale that happened, happened.
    Warn,
    /// Refuse.
    Block,
}

impl From<Policy> for pb::ShortagePolicy {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::Warn => Self::Warn,
            Policy::Block => Self::Block,
        }
    }
}

impl Shop {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let request_id = self.repeat.request_id(process);
        let asked = pb::UpdateShopRequest {
            shop_id: ledger.shop_id.clone(),
            request_id: request_id.clone(),
            source: pb::Source::Grpc.into(),
            member_id: self.repeat.member_id(),
            display_name: self.name,
            time_zone: self.time_zone,
            shortage_policy: self.below_zero.map(|policy| pb::ShortagePolicy::from(policy).into()),
            currency_code: self.currency,
        };
        let answer = ledger.client.update_shop(asked).await.map_err(write_refused(&request_id))?.into_inner();
        if ledger.is_json {
            return say_json(&answer, &request_id);
        }
        let shop = answer.shop.context("the answer holds a shop")?;
        let name = if shop.display_name.is_empty() { "-".to_owned() } else { plain(&shop.display_name) };
        ui::say(format_args!("name        {name}"));
        ui::say(format_args!("time zone   {}", plain(&shop.time_zone)));
        ui::say(format_args!("currency    {}", plain(&shop.currency_code)));
        ui::say(format_args!("below zero  {}", word(shop.shortage_policy().as_str_name(), "SHORTAGE_POLICY_")));
        Ok(())
    }
}
