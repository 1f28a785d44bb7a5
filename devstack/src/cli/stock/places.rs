//! `backroom stock places`: where a shop keeps its stock. And which place was meant.

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use platform::Process;
use proto::inventory::v1 as pb;
use uuid::Uuid;

use super::call::{Call, Ledger};
use super::json::to_json;
use super::refusal::{refused, write_refused};
use super::repeat::{Repeat, say_json};
use super::table::{names, plain, table, words};
use crate::cli::ui;

/// List the places where the shop keeps stock, add to them and rename them.
#[derive(Args, Clone, Debug)]
pub(super) struct Places {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand, Clone, Debug)]
enum Task {
    List(Box<List>),
    Create(Box<Create>),
    Rename(Box<Rename>),
}

/// List the places, oldest first. `show` says what of an item is where.
#[derive(Args, Clone, Debug)]
struct List {
    #[command(flatten)]
    call: Call,
}

/// Create a place: `places create "cold room"`.
#[derive(Args, Clone, Debug)]
struct Create {
    /// What it is called; no two places have the same name.
    name: String,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    call: Call,
}

/// Give a place another name.
#[derive(Args, Clone, Debug)]
struct Rename {
    /// Its name or id.
    place: String,
    /// What it is called from now on.
    name: String,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    call: Call,
}

impl Places {
    pub(super) fn call(&self) -> &Call {
        match &self.task {
            Task::List(list) => &list.call,
            Task::Create(create) => &create.call,
            Task::Rename(rename) => &rename.call,
        }
    }

    pub(super) async fn run(self, process: &Process) -> Result<()> {
        match self.task {
            Task::List(list) => list.run().await,
            Task::Create(create) => create.run(process).await,
            Task::Rename(rename) => rename.run(process).await,
        }
    }
}

impl Ledger {
    async fn places(&mut self) -> Result<pb::ListLocationsResponse> {
        let mut asked = pb::ListLocationsRequest { shop_id: self.shop_id.clone(), ..Default::default() };
        let mut all = pb::ListLocationsResponse::default();
        loop {
            let answer = self.client.list_locations(asked.clone()).await.map_err(refused)?.into_inner();
            all.locations.extend(answer.locations);
            asked.page_token = answer.next_page_token;
            if asked.page_token.is_empty() {
                return Ok(all);
            }
        }
    }

    /// Returns the id of the place that was meant; empty, the shop's default place, when none was.
    pub(super) async fn place_id(&mut self, typed: Option<&str>) -> Result<String> {
        let Some(typed) = typed else { return Ok(String::new()) };
        if typed.parse::<Uuid>().is_ok() {
            return Ok(typed.to_owned());
        }
        let places = self.places().await?.locations;
        let is_meant = |place: &&pb::Location| place.display_name.to_lowercase() == typed.trim().to_lowercase();
        if let Some(place) = places.iter().find(is_meant) {
            return Ok(place.location_id.clone());
        }
        let there: Vec<String> = places.iter().map(|place| plain(&place.display_name)).collect();
        bail!("no place of this shop is called {:?}. There is: {}", plain(typed), there.join(", "))
    }
}

impl List {
    async fn run(self) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let all = ledger.places().await?;
        if ledger.is_json {
            ui::say(format_args!("{:#}", to_json(&all)?));
            return Ok(());
        }
        let rows: Vec<[String; 3]> = all
            .locations
            .iter()
            .map(|place| {
                let what = if place.default { "where nobody says where" } else { "" };
                [plain(&place.display_name), place.location_id.clone(), what.to_owned()]
            })
            .collect();
        for line in table(&[names("place"), words("id"), words("")], &rows).lines() {
            ui::say(line.trim_end());
        }
        Ok(())
    }
}

impl Create {
    async fn run(self, process: &Process) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let request_id = self.repeat.request_id(process);
        let asked = pb::CreateLocationRequest {
            shop_id: ledger.shop_id.clone(),
            request_id: request_id.clone(),
            source: pb::Source::Grpc.into(),
            member_id: self.repeat.member_id(),
            display_name: self.name,
        };
        let answer = ledger.client.create_location(asked).await.map_err(write_refused(&request_id))?.into_inner();
        if ledger.is_json {
            return say_json(&answer, &request_id);
        }
        let place = answer.location.context("the answer holds a place")?;
        ui::say(format_args!("{} is a place from now on.", plain(&place.display_name)));
        ui::say(format_args!("  {}", place.location_id));
        Ok(())
    }
}

impl Rename {
    async fn run(self, process: &Process) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let location_id = ledger.place_id(Some(&self.place)).await?;
        let request_id = self.repeat.request_id(process);
        let asked = pb::RenameLocationRequest {
            shop_id: ledger.shop_id.clone(),
            request_id: request_id.clone(),
            source: pb::Source::Grpc.into(),
            member_id: self.repeat.member_id(),
            location_id,
            display_name: self.name,
        };
        let answer = ledger.client.rename_location(asked).await.map_err(write_refused(&request_id))?.into_inner();
        if ledger.is_json {
            return say_json(&answer, &request_id);
        }
        let place = answer.location.context("the answer holds a place")?;
        ui::say(format_args!("{} is its name now.", plain(&place.display_name)));
        Ok(())
    }
}
