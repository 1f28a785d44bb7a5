//! `backroom stock count-session`: a stock-take, line by line, before any of it changes stock.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use platform::Process;
use proto::inventory::v1 as pb;
use proto::inventory::v1::get_count_session_request::Target;
use proto::inventory::v1::operation_line::Effect;

use super::call::{Call, Ledger};
use super::item::reference;
use super::json::to_json;
use super::outcome;
use super::post::{decimal, read_json_lines};
use super::refusal::{refused, write_refused};
use super::repeat::{Repeat, say_json};
use super::table::{amount, minute, names, number, numbers, plain, signed, table, wire_time, word, wrapped};
use crate::cli::ui;

/// Count the shelves of a place: `start`, a `line` for each item, `show --variances`, and then `finish` or `cancel`.
///
/// Stock changes at the end, all of it at once. What is sold meanwhile stays sold.
#[derive(Args, Clone, Debug)]
pub(super) struct CountSession {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand, Clone, Debug)]
enum Task {
    Start(Box<Start>),
    Line(Box<Line>),
    Show(Box<Show>),
    Finish(Box<Finish>),
    Cancel(Box<Cancel>),
}

/// Which stock-take is meant.
#[derive(Args, Clone, Debug)]
struct StockTake {
    /// The stock-take, by its id. Without it: the open one of --member.
    #[arg(long, value_name = "SESSION_ID")]
    session: Option<String>,
}

/// Begin a stock-take, or go on with the one that is open there.
#[derive(Args, Clone, Debug)]
struct Start {
    /// The place that is counted: its name or id. Without it: where stock is when nobody says where.
    #[arg(long)]
    place: Option<String>,
    /// When it began, for example `2026-11-22T10:00:00Z`. Without it: now.
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    call: Call,
}

/// Write down what was seen of an item: `count-session line 40 brown bread`. Its last line counts.
#[derive(Args, Clone, Debug)]
struct Line {
    /// What is there.
    #[arg(required_unless_present = "lines")]
    quantity: Option<String>,
    /// Of what: a name or an id.
    #[arg(required_unless_present = "lines")]
    item: Vec<String>,
    /// Write down the lines of a file instead: a JSON array of `OperationLine`, up to 100. `-` is the standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["quantity", "item", "unit", "pack_size", "create"])]
    lines: Option<PathBuf>,
    /// The unit of the quantity, for example `kg` or `case`. Without it: the item's own.
    #[arg(long, default_value = "")]
    unit: String,
    /// How many base units one unit holds; remembered for the item.
    #[arg(long)]
    pack_size: Option<String>,
    /// Create the item if there is none of that name.
    #[arg(long)]
    create: bool,
    /// When it was seen, for example `2026-11-22T10:00:00Z`. Without it: now.
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    #[command(flatten)]
    which: StockTake,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    call: Call,
}

/// Show what was counted so far, and what was not. Blind unless variances are asked for.
#[derive(Args, Clone, Debug)]
struct Show {
    /// Say what the book says, the biggest variance first.
    #[arg(long)]
    variances: bool,
    /// The member whose open stock-take is meant, by id.
    #[arg(long, value_name = "MEMBER_ID")]
    member: Option<String>,
    #[command(flatten)]
    which: StockTake,
    #[command(flatten)]
    call: Call,
}

/// Make stock what was seen: one count of all lines.
#[derive(Args, Clone, Debug)]
struct Finish {
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    which: StockTake,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    call: Call,
}

/// Give the stock-take up; stock stays as it was.
#[derive(Args, Clone, Debug)]
struct Cancel {
    #[command(flatten)]
    which: StockTake,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    call: Call,
}

impl CountSession {
    pub(super) fn call(&self) -> &Call {
        match &self.task {
            Task::Start(start) => &start.call,
            Task::Line(line) => &line.call,
            Task::Show(show) => &show.call,
            Task::Finish(finish) => &finish.call,
            Task::Cancel(cancel) => &cancel.call,
        }
    }

    pub(super) async fn run(self, process: &Process) -> Result<()> {
        match self.task {
            Task::Start(start) => start.run(process).await,
            Task::Line(line) => line.run(process).await,
            Task::Show(show) => show.run().await,
            Task::Finish(finish) => finish.run(process).await,
            Task::Cancel(cancel) => cancel.run(process).await,
        }
    }
}

impl StockTake {
    fn target(&self, member: Option<&String>) -> Result<Target> {
        match (&self.session, member) {
            (Some(id), _) => Ok(Target::CountSessionId(id.clone())),
            (None, Some(member)) => Ok(Target::OpenOfMemberId(member.clone())),
            (None, None) => bail!("which stock-take? Name it by --session, or whose open one it is by --member"),
        }
    }

    /// Returns the id of the stock-take that was meant.
    async fn id(&self, ledger: &mut Ledger, repeat: &Repeat) -> Result<String> {
        if let Some(id) = &self.session {
            return Ok(id.clone());
        }
        let target = Some(self.target(repeat.member.as_ref())?);
        let asked =
            pb::GetCountSessionRequest { shop_id: ledger.shop_id.clone(), target, page_size: 1, ..Default::default() };
        let answer = ledger.client.get_count_session(asked).await.map_err(refused)?.into_inner();
        Ok(answer.count_session.context("the answer holds a stock-take")?.count_session_id)
    }
}

fn in_words(session: &pb::CountSession) -> String {
    let state = word(session.state().as_str_name(), "COUNT_SESSION_STATE_");
    let since = minute(session.start_time.as_ref());
    format!("{state} since {since}, {} items counted\n  session {}", session.line_count, session.count_session_id)
}

impl Start {
    async fn run(self, process: &Process) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let location_id = ledger.place_id(self.place.as_deref()).await?;
        let request_id = self.repeat.request_id(process);
        let asked = pb::StartCountSessionRequest {
            shop_id: ledger.shop_id.clone(),
            request_id: request_id.clone(),
            source: pb::Source::Grpc.into(),
            member_id: self.repeat.member_id(),
            location_id,
            occur_time: self.at.map(wire_time),
        };
        let answer = ledger.client.start_count_session(asked).await.map_err(write_refused(&request_id))?.into_inner();
        if ledger.is_json {
            return say_json(&answer, &request_id);
        }
        let session = answer.count_session.context("the answer holds a stock-take")?;
        ui::say(format_args!("{}{}", if answer.resumed { "Was begun before: " } else { "" }, in_words(&session)));
        Ok(())
    }
}

impl Line {
    async fn run(self, process: &Process) -> Result<()> {
        let lines = match (&self.lines, &self.quantity) {
            (Some(file), _) => read_json_lines(file, "OperationLine")?,
            (None, Some(quantity)) => vec![pb::OperationLine {
                item: Some(reference(&self.item.join(" "))),
                effect: Some(Effect::Count(pb::Count { quantity: Some(decimal(quantity)) })),
                unit: self.unit.clone(),
                pack_size: self.pack_size.as_deref().map(decimal),
                create_item: self.create,
                ..Default::default()
            }],
            (None, None) => bail!("line needs QUANTITY and ITEM, or --lines FILE"),
        };
        let mut ledger = self.call.open().await?;
        let count_session_id = self.which.id(&mut ledger, &self.repeat).await?;
        let request_id = self.repeat.request_id(process);
        let asked = pb::RecordCountLinesRequest {
            shop_id: ledger.shop_id.clone(),
            request_id: request_id.clone(),
            source: pb::Source::Grpc.into(),
            member_id: self.repeat.member_id(),
            count_session_id,
            occur_time: self.at.map(wire_time),
            lines,
        };
        let answer = ledger.client.record_count_lines(asked).await.map_err(write_refused(&request_id))?.into_inner();
        if ledger.is_json {
            say_json(&answer, &request_id)?;
        } else {
            let how = if answer.replayed { "Already written down" } else { "Written down" };
            let written = answer.results.iter().filter(|result| result.outcome() == pb::LineOutcome::Posted).count();
            ui::say(format_args!("{how}: {written} of {} lines.", answer.results.len()));
            outcome::show_unposted(&answer.results);
        }
        outcome::verdict(&answer.results)
    }
}

impl Show {
    async fn run(self) -> Result<()> {
        let target = Some(self.which.target(self.member.as_ref())?);
        let mut ledger = self.call.open().await?;
        let mut asked = pb::GetCountSessionRequest {
            shop_id: ledger.shop_id.clone(),
            target,
            with_variances: self.variances,
            page_size: 200,
            ..Default::default()
        };
        let mut all = pb::GetCountSessionResponse::default();
        loop {
            let mut answer = ledger.client.get_count_session(asked.clone()).await.map_err(refused)?.into_inner();
            all.lines.append(&mut answer.lines);
            asked.page_token = std::mem::take(&mut answer.next_page_token);
            let lines = std::mem::take(&mut all.lines);
            all = pb::GetCountSessionResponse { lines, ..answer };
            if asked.page_token.is_empty() {
                break;
            }
        }
        if ledger.is_json {
            ui::say(format_args!("{:#}", to_json(&all)?));
            return Ok(());
        }
        ui::say(in_words(all.count_session.as_ref().context("the answer holds a stock-take")?));
        show_lines(&all.lines, self.variances);
        if all.uncounted_item_count > 0 {
            let names: Vec<String> = all.uncounted_items.iter().map(|item| plain(&item.display_name)).collect();
            let more = if usize::try_from(all.uncounted_item_count).is_ok_and(|count| count > names.len()) {
                " and more"
            } else {
                ""
            };
            let said = format!("{} not counted yet: {}{more}", all.uncounted_item_count, names.join(", "));
            ui::say(format_args!("\n{}", wrapped("", &said)));
        }
        Ok(())
    }
}

fn show_lines(lines: &[pb::CountSessionLine], with_variances: bool) {
    if lines.is_empty() {
        return;
    }
    let cells = |line: &pb::CountSessionLine| {
        let item = line.item.clone().unwrap_or_default();
        (plain(&item.display_name), amount(line.counted.as_ref(), &item.base_unit))
    };
    ui::say("");
    if with_variances {
        let rows: Vec<[String; 4]> = lines
            .iter()
            .map(|line| {
                let (name, counted) = cells(line);
                [name, counted, number(line.expected.as_ref()), signed(line.variance.as_ref())]
            })
            .collect();
        let columns = [names("item"), numbers("counted"), numbers("the book said"), numbers("variance")];
        ui::say(table(&columns, &rows));
    } else {
        let rows: Vec<[String; 2]> = lines.iter().map(|line| cells(line).into()).collect();
        ui::say(table(&[names("item"), numbers("counted")], &rows));
    }
}

impl Finish {
    async fn run(self, process: &Process) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let count_session_id = self.which.id(&mut ledger, &self.repeat).await?;
        let request_id = self.repeat.request_id(process);
        let asked = pb::FinishCountSessionRequest {
            shop_id: ledger.shop_id.clone(),
            request_id: request_id.clone(),
            source: pb::Source::Grpc.into(),
            member_id: self.repeat.member_id(),
            count_session_id,
            dry_run: self.dry_run,
        };
        let answer = ledger.client.finish_count_session(asked).await.map_err(write_refused(&request_id))?.into_inner();
        if ledger.is_json {
            say_json(&answer, &request_id)?;
        } else {
            let posted = pb::PostOperationResponse {
                operation: answer.operation,
                results: answer.results.clone(),
                replayed: answer.replayed,
            };
            outcome::show(&posted, self.dry_run);
        }
        outcome::verdict(&answer.results)
    }
}

impl Cancel {
    async fn run(self, process: &Process) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let count_session_id = self.which.id(&mut ledger, &self.repeat).await?;
        let request_id = self.repeat.request_id(process);
        let asked = pb::CancelCountSessionRequest {
            shop_id: ledger.shop_id.clone(),
            request_id: request_id.clone(),
            source: pb::Source::Grpc.into(),
            member_id: self.repeat.member_id(),
            count_session_id,
        };
        let answer = ledger.client.cancel_count_session(asked).await.map_err(write_refused(&request_id))?.into_inner();
        if ledger.is_json {
            return say_json(&answer, &request_id);
        }
        ui::say("Given up; stock stays as it was.");
        Ok(())
    }
}
