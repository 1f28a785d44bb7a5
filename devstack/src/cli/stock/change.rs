//! `backroom stock rename`, `alias`, `level`, `pack`, `merge` and `archive`: one thing about an item changes.

use anyhow::{Context as _, Result, bail};
use clap::Args;
use platform::Process;
use proto::inventory::v1 as pb;
use proto::inventory::v1::add_item_name_request::Name;

use super::call::{Call, Ledger};
use super::json::Named;
use super::post::decimal;
use super::refusal::write_refused;
use super::repeat::{Repeat, say_json};
use super::table::{amount, plain, wrapped};
use crate::cli::ui;

/// Give an item another name; the old one still finds it.
#[derive(Args, Clone, Debug)]
pub(super) struct Rename {
    /// Its name or id.
    item: String,
    /// What it is called from now on.
    name: String,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    pub(super) call: Call,
}

/// Add a name or a barcode by which an item is found.
#[derive(Args, Clone, Debug)]
pub(super) struct Alias {
    /// Its name or id.
    item: String,
    /// What people call it.
    #[arg(required_unless_present = "barcode", conflicts_with = "barcode")]
    name: Option<String>,
    /// What its package carries: 4 to 32 digits or letters.
    #[arg(long)]
    barcode: Option<String>,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    pub(super) call: Call,
}

/// Set the level of an item at which to warn, or take it away.
#[derive(Args, Clone, Debug)]
pub(super) struct Level {
    /// Its name or id.
    item: String,
    /// The level in the item's own unit, or `none`.
    #[arg(value_name = "LEVEL")]
    at: String,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    pub(super) call: Call,
}

/// Say how much one pack of an item holds, for lines from now on: `pack eggs tray 30`.
#[derive(Args, Clone, Debug)]
pub(super) struct Pack {
    /// Its name or id.
    item: String,
    /// The pack, singular and in English: `case`, `tray`.
    unit: String,
    /// How many of the item's own unit it holds.
    size: String,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    pub(super) call: Call,
}

/// Take an item out of the lists. Its names are free for another one, its history stays.
#[derive(Args, Clone, Debug)]
pub(super) struct Archive {
    /// Its name or id.
    item: String,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    pub(super) call: Call,
}

/// Make one item of two: what the first had and did becomes the other's, and its names find that one.
#[derive(Args, Clone, Debug)]
pub(super) struct Merge {
    /// The item that is put away: its name or id.
    item: String,
    /// The item that stays: its name or id.
    into: String,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    pub(super) call: Call,
}

/// What every request of these has.
pub(super) struct Asked {
    pub(super) shop: String,
    pub(super) request: String,
    pub(super) member: String,
    pub(super) item: String,
}

/// Opens the ledger and finds out what is meant, before a request gets its id.
pub(super) async fn open(call: Call, repeat: &Repeat, item: &str, process: &Process) -> Result<(Ledger, Asked)> {
    let mut ledger = call.open().await?;
    let item = ledger.item_id(item).await?;
    let (shop, member) = (ledger.shop_id.clone(), repeat.member_id());
    Ok((ledger, Asked { shop, request: repeat.request_id(process), member, item }))
}

pub(super) fn source() -> i32 {
    pb::Source::Grpc.into()
}

/// Shows an item that has changed.
pub(super) fn show<M: Named>(
    ledger: &Ledger,
    answer: &M,
    item: Option<&pb::Item>,
    request_id: &str,
    what: &str,
) -> Result<()> {
    if ledger.is_json {
        return say_json(answer, request_id);
    }
    let item = item.context("the answer holds an item")?;
    ui::say(format_args!("{} {what}", plain(&item.display_name)));
    Ok(())
}

impl Rename {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let (mut ledger, of) = open(self.call, &self.repeat, &self.item, process).await?;
        let asked = pb::RenameItemRequest {
            shop_id: of.shop,
            request_id: of.request.clone(),
            source: source(),
            member_id: of.member,
            item_id: of.item,
            display_name: self.name,
        };
        let answer = ledger.client.rename_item(asked).await.map_err(write_refused(&of.request))?.into_inner();
        show(&ledger, &answer, answer.item.as_ref(), &of.request, "is its name now; the old one still finds it.")
    }
}

impl Alias {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let name = match (self.name, self.barcode) {
            (Some(alias), _) => Name::Alias(alias),
            (None, Some(barcode)) => Name::Barcode(barcode),
            (None, None) => bail!("alias needs a name or --barcode"),
        };
        let (mut ledger, of) = open(self.call, &self.repeat, &self.item, process).await?;
        let asked = pb::AddItemNameRequest {
            shop_id: of.shop,
            request_id: of.request.clone(),
            source: source(),
            member_id: of.member,
            item_id: of.item,
            name: Some(name),
        };
        let answer = ledger.client.add_item_name(asked).await.map_err(write_refused(&of.request))?.into_inner();
        show(&ledger, &answer, answer.item.as_ref(), &of.request, "is found by it from now on.")
    }
}

impl Level {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let (mut ledger, of) = open(self.call, &self.repeat, &self.item, process).await?;
        let asked = pb::SetLowLevelRequest {
            shop_id: of.shop,
            request_id: of.request.clone(),
            source: source(),
            member_id: of.member,
            item_id: of.item,
            low_level: (self.at != "none").then(|| decimal(&self.at)),
        };
        let answer = ledger.client.set_low_level(asked).await.map_err(write_refused(&of.request))?.into_inner();
        let item = answer.item.clone().unwrap_or_default();
        let what = match &item.low_level {
            Some(level) => format!("is low at {} from now on.", amount(Some(level), &item.base_unit)),
            None => "has no level any more: it is low when nothing is left.".to_owned(),
        };
        show(&ledger, &answer, answer.item.as_ref(), &of.request, &what)
    }
}

impl Pack {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let (mut ledger, of) = open(self.call, &self.repeat, &self.item, process).await?;
        let asked = pb::SetItemPackRequest {
            shop_id: of.shop,
            request_id: of.request.clone(),
            source: source(),
            member_id: of.member,
            item_id: of.item,
            unit: self.unit.clone(),
            pack_size: Some(decimal(&self.size)),
        };
        let answer = ledger.client.set_item_pack(asked).await.map_err(write_refused(&of.request))?.into_inner();
        let base_unit = answer.item.as_ref().map_or("", |item| item.base_unit.as_str());
        let what = format!("has {} {} to the {} from now on.", self.size, plain(base_unit), plain(&self.unit));
        show(&ledger, &answer, answer.item.as_ref(), &of.request, &what)
    }
}

impl Archive {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let (mut ledger, of) = open(self.call, &self.repeat, &self.item, process).await?;
        let asked = pb::ArchiveItemRequest {
            shop_id: of.shop,
            request_id: of.request.clone(),
            source: source(),
            member_id: of.member,
            item_id: of.item,
        };
        let answer = ledger.client.archive_item(asked).await.map_err(write_refused(&of.request))?.into_inner();
        show(&ledger, &answer, answer.item.as_ref(), &of.request, "is out of the lists; its history stays.")
    }
}

impl Merge {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let (mut ledger, of) = open(self.call, &self.repeat, &self.item, process).await?;
        let into_item_id = ledger.item_id(&self.into).await?;
        if of.item == into_item_id {
            bail!("both mean one item already. To repeat a merge, name the two by their ids");
        }
        let asked = pb::MergeItemsRequest {
            shop_id: of.shop,
            request_id: of.request.clone(),
            source: source(),
            member_id: of.member,
            item_id: of.item,
            into_item_id,
        };
        let answer = ledger.client.merge_items(asked).await.map_err(write_refused(&of.request))?.into_inner();
        if ledger.is_json {
            return say_json(&answer, &of.request);
        }
        let how = if answer.replayed { "Already done" } else { "Done" };
        let stays = answer.merge.and_then(|merge| merge.item).context("the answer holds an item")?;
        ui::say(wrapped("", &format!("{how}: {} stands for both from now on.", plain(&stays.display_name))));
        Ok(())
    }
}
