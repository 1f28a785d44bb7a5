//! `backroom stock import`: a shop's own list, looked at first and then taken in as a whole.
//!
//! - `sheet`: reading a file into rows of cells
//! - `heads`: what its columns mean

mod heads;
mod sheet;

use std::fmt;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use platform::Process;
use proto::inventory::v1 as pb;
use proto::inventory::v1::get_operation_request::Key;
use proto::inventory::v1::import_stock_request::Part;
use sha2::{Digest as _, Sha256};

use super::call::{Call, Ledger};
use super::refusal::write_refused;
use super::repeat::say_json;
use super::table::{minute, names, numbers, plain, table, wire_time, words, wrapped};
use crate::cli::ui;
use heads::{Field, Heads};

/// A list of a hundred thousand rows has a few megabytes.
const FILE_LENGTH_MAX: u64 = 64 * 1024 * 1024;
const PART_LENGTH: usize = 1_000;
/// How long a hundred thousand rows may take.
const PATIENCE: Duration = Duration::from_mins(5);
/// Rows above the heads: the name of the shop, the month.
const TITLE_ROWS_MAX: usize = 10;
const PREVIEW_ROWS: usize = 5;
const ERRORS_SHOWN_MAX: usize = 50;

/// Take in a list of stock: CSV, or a workbook of Excel's or LibreOffice's. All of it, or nothing when a row is wrong.
///
/// The first row names the columns: item, quantity, and as far as they are there barcode, unit, pack size, unit cost, low
/// level and place, in English or Afrikaans. The same file is taken in once.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(in crate::cli::stock) struct Import {
    /// The file.
    file: PathBuf,
    /// The quantities are first stock, and come on top of what is there. So it is unless --count is given.
    #[arg(long, conflicts_with = "count")]
    opening: bool,
    /// The quantities were counted: stock is that afterwards.
    #[arg(long)]
    count: bool,
    /// The sheet of a workbook. Without it: the first.
    #[arg(long)]
    sheet: Option<String>,
    /// The place that is meant, by name: rows of other places are left out. Without it: the shop's default place.
    #[arg(long)]
    place: Option<String>,
    /// When it was so. Without it: now.
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
    /// Take it in without asking.
    #[arg(long)]
    yes: bool,
    /// Names this list for good. Without it: the digest of the file, so that the same file is taken in once.
    #[arg(long)]
    request_id: Option<String>,
    /// The member it is done for, by id. Without it: nobody, the operator does it.
    #[arg(long, value_name = "MEMBER_ID")]
    member: Option<String>,
    #[command(flatten)]
    pub(in crate::cli::stock) call: Call,
}

/// Rows that are wrong, which were shown.
#[derive(Debug)]
pub(in crate::cli::stock) struct WrongRows(i32);

impl std::error::Error for WrongRows {}

impl fmt::Display for WrongRows {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = if self.0 == 1 { "row is" } else { "rows are" };
        write!(formatter, "{} {rows} wrong, and nothing was taken in: correct the file and run this again", self.0)
    }
}

/// A file that was read.
struct List {
    rows: Vec<pb::StockImportRow>,
    ignored: Vec<String>,
    digest: String,
}

impl Import {
    pub(in crate::cli::stock) async fn run(self, _process: &Process) -> Result<()> {
        let list = self.read()?;
        let mut ledger = self.call.clone().open().await?;
        let header = pb::StockImport {
            shop_id: ledger.shop_id.clone(),
            request_id: self.request_id.clone().unwrap_or_else(|| list.digest.clone()),
            source: pb::Source::Import.into(),
            member_id: self.member.clone().unwrap_or_default(),
            mode: if self.count { pb::StockImportMode::Count } else { pb::StockImportMode::Opening }.into(),
            occur_time: self.at.map(wire_time),
            location_id: self.location_id(&mut ledger).await?,
            dry_run: true,
        };
        let is_json = ledger.is_json;
        // Whoever wants no question is told what is wrong by the list itself.
        if self.dry_run || !self.yes {
            let looked = send(&ledger, &header, &list.rows, &ProgressBar::hidden()).await?;
            if self.dry_run || looked.replayed || looked.error_row_count > 0 {
                return self.show(&mut ledger, &list, &looked, &header.request_id).await;
            }
            if is_json || !std::io::stdin().is_terminal() {
                bail!("nobody is there to be asked: give --yes to take it in, or --dry-run to look only");
            }
            self.preview(&list, &looked);
            if !confirmed()? {
                ui::say("Nothing was taken in.");
                return Ok(());
            }
        }
        let bar = progress(list.rows.len());
        let header = pb::StockImport { dry_run: false, ..header };
        let answer = send(&ledger, &header, &list.rows, &bar).await;
        bar.finish_and_clear();
        self.show(&mut ledger, &list, &answer?, &header.request_id).await
    }

    /// Says what came of it, or would.
    async fn show(
        &self,
        ledger: &mut Ledger,
        list: &List,
        answer: &pb::ImportStockResponse,
        request_id: &str,
    ) -> Result<()> {
        if ledger.is_json {
            say_json(answer, request_id)?;
        } else if answer.error_row_count > 0 {
            show_errors(answer);
        } else if answer.replayed {
            let when = match answer.operation_ids.first() {
                Some(operation_id) => format!(" on {}", recorded(ledger, operation_id).await?),
                None => String::new(),
            };
            let file = plain(&self.file.display().to_string());
            ui::say(wrapped("", &format!("Already done: {file} was taken in{when}, {} rows.", answer.row_count)));
        } else if self.dry_run {
            self.preview(list, answer);
            ui::say("A dry run: nothing was stored.");
        } else {
            let (rows, items) = (answer.row_count, answer.created_item_count);
            ui::say(format_args!("Taken in: {rows} rows, {items} new items. Each operation can be taken back:"));
            for operation_id in &answer.operation_ids {
                ui::say(format_args!("  operation {operation_id}"));
            }
        }
        if answer.error_row_count > 0 { Err(WrongRows(answer.error_row_count).into()) } else { Ok(()) }
    }

    /// Reads the file, and what its columns say.
    fn read(&self) -> Result<List> {
        let shown = self.file.display();
        let length = std::fs::metadata(&self.file).with_context(|| format!("cannot read {shown}"))?.len();
        if length > FILE_LENGTH_MAX {
            bail!("{shown} has more than {} MiB: split the list", FILE_LENGTH_MAX / 1024 / 1024);
        }
        let bytes = std::fs::read(&self.file).with_context(|| format!("cannot read {shown}"))?;
        let digest = format!("sha256:{}", hex::encode(Sha256::digest(&bytes)));
        let rows = sheet::read(&self.file, &bytes, self.sheet.as_deref())?;
        let (heads, rows) = split(&self.file, &rows)?;
        let rows = self.of_place(&heads, rows)?;
        if rows.is_empty() {
            bail!("{shown} has no rows below its heads");
        }
        let rows = rows.into_iter().map(|(number, cells)| row(&heads, *number, cells)).collect();
        Ok(List { rows, ignored: heads.ignored, digest })
    }

    /// Keeps the rows of one place; a list of several is taken in place by place.
    fn of_place<'a>(&self, heads: &Heads, rows: &'a [(i32, Vec<String>)]) -> Result<Vec<&'a (i32, Vec<String>)>> {
        let place_of = |cells: &'a [String]| heads.cell(cells, Field::Place);
        if let (Some(place), true) = (&self.place, heads.has(Field::Place)) {
            let is_there = |said: &str| said.is_empty() || said.to_lowercase() == place.to_lowercase();
            return Ok(rows.iter().filter(|(_, cells)| is_there(place_of(cells))).collect());
        }
        let mut places: Vec<&str> =
            rows.iter().map(|(_, cells)| place_of(cells)).filter(|place| !place.is_empty()).collect();
        places.sort_unstable();
        places.dedup();
        if self.place.is_none() && places.len() > 1 {
            bail!(
                "the list is of several places ({}): take it in for each of them, by --place and a --request-id of its own",
                plain(&places.join(", "))
            );
        }
        Ok(rows.iter().collect())
    }

    async fn location_id(&self, ledger: &mut Ledger) -> Result<String> {
        let Some(place) = &self.place else { return Ok(String::new()) };
        let mut asked =
            pb::ListLocationsRequest { shop_id: ledger.shop_id.clone(), page_size: 200, ..Default::default() };
        loop {
            let answer =
                ledger.client.list_locations(asked.clone()).await.map_err(super::refusal::refused)?.into_inner();
            let found = answer.locations.iter().find(|found| found.display_name.to_lowercase() == place.to_lowercase());
            if let Some(found) = found {
                return Ok(found.location_id.clone());
            }
            if answer.next_page_token.is_empty() {
                bail!("the shop has no place called {place:?}");
            }
            asked.page_token = answer.next_page_token;
        }
    }

    fn preview(&self, list: &List, looked: &pb::ImportStockResponse) {
        let file = plain(&self.file.display().to_string());
        let what = if self.count {
            "What was counted: stock is that afterwards"
        } else {
            "First stock: it comes on top of what is there"
        };
        ui::say(wrapped("", &format!("{file}: {} rows. {what}.", looked.row_count)));
        ui::say(format_args!(
            "  {} items are new, {} rows change stock.",
            looked.created_item_count, looked.changed_row_count
        ));
        if !list.ignored.is_empty() {
            ui::say(wrapped("  ", &format!("Not read: {}.", plain(&list.ignored.join(", ")))));
        }
        let rows: Vec<[String; 4]> = list
            .rows
            .iter()
            .take(PREVIEW_ROWS)
            .map(|row| {
                let name = if row.name.is_empty() { &row.barcode } else { &row.name };
                [row.row_number.to_string(), plain(name), plain(&row.quantity), plain(&row.unit)]
            })
            .collect();
        ui::say(table(&[numbers("line"), names("item"), numbers("quantity"), words("unit")], &rows));
    }
}

/// A row of a file and its line.
type Row = (i32, Vec<String>);

/// Finds the heads below what may stand above them.
fn split<'a>(file: &Path, rows: &'a [Row]) -> Result<(Heads, &'a [Row])> {
    for (place, (_, cells)) in rows.iter().take(TITLE_ROWS_MAX).enumerate() {
        if let Some(heads) = Heads::read(cells)? {
            return Ok((heads, &rows[place + 1..]));
        }
    }
    let first = rows.first().map(|(_, cells)| cells.join(" | ")).unwrap_or_default();
    bail!(
        "{} does not say what its columns are. Its first row should be heads such as: item, quantity, unit, barcode, unit cost, \
         low level. It is: {}",
        file.display(),
        plain(&first.chars().take(200).collect::<String>())
    )
}

fn row(heads: &Heads, row_number: i32, cells: &[String]) -> pb::StockImportRow {
    let cell = |field| heads.cell(cells, field).to_owned();
    pb::StockImportRow {
        row_number,
        name: cell(Field::Name),
        barcode: cell(Field::Barcode),
        quantity: cell(Field::Quantity),
        unit: cell(Field::Unit),
        pack_size: cell(Field::PackSize),
        unit_cost: cell(Field::UnitCost),
        low_level: cell(Field::LowLevel),
    }
}

async fn send(
    ledger: &Ledger,
    header: &pb::StockImport,
    rows: &[pb::StockImportRow],
    bar: &ProgressBar,
) -> Result<pb::ImportStockResponse> {
    let head = pb::ImportStockRequest { part: Some(Part::StockImport(header.clone())) };
    let bar = bar.clone();
    let parts: Vec<Vec<pb::StockImportRow>> = rows.chunks(PART_LENGTH).map(<[_]>::to_vec).collect();
    let parts = parts.into_iter().map(move |rows| {
        bar.inc(rows.len().try_into().unwrap_or_default());
        pb::ImportStockRequest { part: Some(Part::Rows(pb::StockImportRows { rows })) }
    });
    let requests = futures::stream::iter(std::iter::once(head).chain(parts));
    let answer = ledger.streaming(PATIENCE).import_stock(requests).await;
    Ok(answer.map_err(write_refused(&header.request_id))?.into_inner())
}

fn show_errors(answer: &pb::ImportStockResponse) {
    for error in answer.row_errors.iter().take(ERRORS_SHOWN_MAX) {
        let column = error.field.replace('_', " ");
        ui::say(wrapped("", &format!("line {}, column {column}: {}", error.row_number, plain(&error.description))));
    }
    let more = answer.row_errors.len().saturating_sub(ERRORS_SHOWN_MAX);
    if more > 0 {
        ui::say(format_args!("and {more} more: --json tells up to 1,000"));
    }
}

/// Returns when an operation was recorded.
async fn recorded(ledger: &mut Ledger, operation_id: &str) -> Result<String> {
    let asked = pb::GetOperationRequest {
        shop_id: ledger.shop_id.clone(),
        key: Some(Key::OperationId(operation_id.to_owned())),
    };
    let answer = ledger.client.get_operation(asked).await.map_err(super::refusal::refused)?.into_inner();
    Ok(minute(answer.operation.and_then(|operation| operation.record_time).as_ref()))
}

fn confirmed() -> Result<bool> {
    ui::prompt("Take it in? [y/N] ");
    let mut said = String::new();
    std::io::stdin().read_line(&mut said).context("read the answer")?;
    Ok(matches!(said.trim().to_lowercase().as_str(), "y" | "yes" | "ja" | "j"))
}

/// Shows how far it came, where somebody looks.
fn progress(rows: usize) -> ProgressBar {
    let bar = ProgressBar::new(rows.try_into().unwrap_or_default());
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} rows  {elapsed}").expect("a literal");
    bar.set_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
