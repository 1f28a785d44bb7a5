//! `backroom stock`: the operator's way into the ledger.
//!
//! - `call`: where the ledger is and which shop is meant
//! - `refusal`: what it says no to, and what to do
//! - `json`, `table`: how answers are shown
//! - `item`: which item was meant
//! - `repeat`: ids that make a second run harmless
//! - the rest: a file for each command, or for two that differ little

mod call;
mod change;
mod check;
mod correct;
mod count_session;
mod explain;
mod export;
mod history;
mod import;
mod item;
mod item_life;
mod json;
mod list;
mod members;
mod operation;
mod outcome;
mod places;
mod post;
mod refusal;
mod repeat;
mod report;
mod shop;
mod show;
mod table;
mod transfer;
mod undo;
mod value;
mod watch;

use anyhow::Result;
use clap::{Args, Subcommand};
use platform::Process;

use super::ui;
use call::Call;

/// Look into a shop's stock ledger and change it. What `--json` prints are the messages of the contract.
///
/// Ends with 0 when everything asked for was done, with 1 when something was not, with 2 when it was asked wrongly.
/// docs/inventory-api.md says what requests, repeats and errors mean.
#[derive(Args, Clone, Debug)]
#[command(after_help = "A shop is named by --shop, or by --phone or --user-id of somebody in it.")]
pub(super) struct Stock {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand, Clone, Debug)]
enum Task {
    List(list::List),
    Low(list::Low),
    Show(show::Show),
    History(history::History),
    Explain(explain::Explain),
    Import(import::Import),
    Export(export::Export),
    Report(report::Report),
    Value(value::Value),
    Check(check::Check),
    Watch(watch::Watch),
    Operation(operation::Operation),
    Post(post::Post),
    Count(post::Count),
    CountSession(count_session::CountSession),
    Transfer(transfer::Transfer),
    Correct(correct::Correct),
    Undo(undo::Undo),
    Create(item_life::Create),
    Rename(change::Rename),
    Alias(change::Alias),
    Level(change::Level),
    Pack(change::Pack),
    Unit(item_life::Unit),
    Merge(change::Merge),
    Archive(change::Archive),
    Unarchive(item_life::Unarchive),
    Places(places::Places),
    Members(members::Members),
    Shop(shop::Shop),
}

impl Task {
    fn call(&self) -> &Call {
        match self {
            Self::List(list) => &list.call,
            Self::Low(low) => &low.call,
            Self::Show(show) => &show.call,
            Self::History(history) => &history.call,
            Self::Explain(explain) => &explain.call,
            Self::Import(import) => &import.call,
            Self::Export(export) => &export.call,
            Self::Report(report) => &report.call,
            Self::Value(value) => &value.call,
            Self::Check(check) => &check.call,
            Self::Watch(watch) => &watch.call,
            Self::Operation(operation) => &operation.call,
            Self::Post(post) => &post.call,
            Self::Count(count) => &count.call,
            Self::CountSession(count_session) => count_session.call(),
            Self::Transfer(transfer) => &transfer.call,
            Self::Correct(correct) => &correct.call,
            Self::Undo(undo) => &undo.call,
            Self::Create(create) => &create.call,
            Self::Rename(rename) => &rename.call,
            Self::Alias(alias) => &alias.call,
            Self::Level(level) => &level.call,
            Self::Pack(pack) => &pack.call,
            Self::Unit(unit) => &unit.call,
            Self::Merge(merge) => &merge.call,
            Self::Archive(archive) => &archive.call,
            Self::Unarchive(unarchive) => &unarchive.call,
            Self::Places(places) => places.call(),
            Self::Members(members) => members.call(),
            Self::Shop(shop) => &shop.call,
        }
    }

    async fn run(self, process: &Process) -> Result<()> {
        match self {
            Self::List(list) => list.run().await,
            Self::Low(low) => low.run().await,
            Self::Show(show) => show.run().await,
            Self::History(history) => history.run().await,
            Self::Explain(explain) => explain.run().await,
            Self::Import(import) => import.run(process).await,
            Self::Export(export) => export.run().await,
            Self::Report(report) => report.run().await,
            Self::Value(value) => value.run().await,
            Self::Check(check) => check.run().await,
            Self::Watch(watch) => watch.run(process).await,
            Self::Operation(operation) => operation.run().await,
            Self::Post(post) => post.run(process).await,
            Self::Count(count) => count.run(process).await,
            Self::CountSession(count_session) => count_session.run(process).await,
            Self::Transfer(transfer) => transfer.run(process).await,
            Self::Correct(correct) => correct.run(process).await,
            Self::Undo(undo) => undo.run(process).await,
            Self::Create(create) => create.run(process).await,
            Self::Rename(rename) => rename.run(process).await,
            Self::Alias(alias) => alias.run(process).await,
            Self::Level(level) => level.run(process).await,
            Self::Pack(pack) => pack.run(process).await,
            Self::Unit(unit) => unit.run(process).await,
            Self::Merge(merge) => merge.run(process).await,
            Self::Archive(archive) => archive.run(process).await,
            Self::Unarchive(unarchive) => unarchive.run(process).await,
            Self::Places(places) => places.run(process).await,
            Self::Members(members) => members.run(process).await,
            Self::Shop(shop) => shop.run(process).await,
        }
    }
}

impl Stock {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let is_json = self.task.call().json;
        let result = self.task.run(process).await;
        match &result {
            // Whoever reads JSON gets it also when the answer is no.
            Err(error) if is_json && !outcome::was_shown(error) => {
                ui::say(format_args!("{:#}", refusal::as_json(error)));
            }
            _ => {}
        }
        result
    }
}
