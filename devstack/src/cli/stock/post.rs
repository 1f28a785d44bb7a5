//! `backroom stock post` and `count`: stock comes, goes or is counted.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use platform::Process;
use proto::common::v1::{Decimal, Money};
use proto::inventory::v1 as pb;
use proto::inventory::v1::operation_line::Effect;
use serde_json::Value;

use super::call::Call;
use super::item::reference;
use super::json::{Named, from_json};
use super::outcome;
use super::refusal::write_refused;
use super::repeat::{Repeat, say_json};
use super::table::wire_time;

/// Post that stock came or went: `post receipt 50 screws`, `post sale 3 brown bread`, `post waste all milk`.
#[derive(Args, Clone, Debug)]
pub(super) struct Post {
    /// Why stock changed.
    #[arg(value_enum, required_unless_present = "lines")]
    kind: Option<Kind>,
    /// How much, or `all`. Below zero for an adjustment that takes away.
    #[arg(allow_negative_numbers = true, required_unless_present = "lines")]
    quantity: Option<String>,
    /// Of what: a name or an id.
    #[arg(required_unless_present = "lines")]
    item: Vec<String>,
    /// Post the lines of a file instead: a JSON array of `OperationLine`, up to 100. `-` is the standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["kind", "quantity", "item", "unit", "pack_size", "price", "expect", "create", "place"])]
    lines: Option<PathBuf>,
    /// Post the lines of the file that can be posted, also when others cannot.
    #[arg(long, requires = "lines")]
    partly: bool,
    /// The price of one base unit with its currency, for example `18.50 ZAR`.
    #[arg(long, num_args = 2, value_names = ["AMOUNT", "CURRENCY"])]
    price: Option<Vec<String>>,
    #[command(flatten)]
    said: Said,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    pub(super) call: Call,
}

/// Set the stock of an item to what was counted: `count 47 brown bread`.
#[derive(Args, Clone, Debug)]
pub(super) struct Count {
    /// What is there.
    quantity: String,
    /// Of what: a name or an id.
    #[arg(required = true)]
    item: Vec<String>,
    #[command(flatten)]
    said: Said,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    pub(super) call: Call,
}

/// What both say of a line and of when it was.
#[derive(Args, Clone, Debug)]
struct Said {
    /// The unit of the quantity, for example `kg` or `case`. Without it: the item's own.
    #[arg(long)]
    unit: Option<String>,
    /// How many base units one unit holds; remembered for the item.
    #[arg(long)]
    pack_size: Option<String>,
    /// What should be on hand before it; when it is not, nothing is posted.
    #[arg(long, value_name = "QUANTITY", allow_negative_numbers = true)]
    expect: Option<String>,
    /// Create the item if there is none of that name. What leaves must have been there.
    #[arg(long)]
    create: bool,
    /// Where: the place's name or id. Without it: where stock is when nobody says where.
    #[arg(long)]
    place: Option<String>,
    /// When it happened, for example `2026-11-22T10:00:00Z`. Without it: now.
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Let --at lie more than 24 hours back.
    #[arg(long, requires = "at")]
    backdated: bool,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
}

/// Why stock changed.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Goods came in or were made.
    Receipt,
    /// Goods were sold.
    Sale,
    /// Goods broke, spoiled or expired.
    Waste,
    /// Goods were used by the shop itself.
    OwnUse,
    /// Goods were stolen.
    Theft,
    /// Goods were given away.
    Gift,
    /// A customer brought goods back.
    ReturnIn,
    /// Goods went back to the supplier.
    ReturnOut,
    /// For a reason not given, up or down.
    Adjustment,
    /// First stock of a new shop.
    Opening,
}

impl From<Kind> for pb::MovementKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Receipt => Self::Receipt,
            Kind::Sale => Self::Sale,
            Kind::Waste => Self::Waste,
            Kind::OwnUse => Self::OwnUse,
            Kind::Theft => Self::Theft,
            Kind::Gift => Self::Gift,
            Kind::ReturnIn => Self::ReturnIn,
            Kind::ReturnOut => Self::ReturnOut,
            Kind::Adjustment => Self::Adjustment,
            Kind::Opening => Self::Opening,
        }
    }
}

impl Post {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let lines = match (&self.lines, self.kind, &self.quantity) {
            (Some(file), ..) => read_json_lines(file, "OperationLine")?,
            (None, Some(kind), Some(quantity)) => vec![self.line(kind, quantity)],
            (None, ..) => bail!("post needs KIND, QUANTITY and ITEM, or --lines FILE"),
        };
        post(self.call, self.said, self.repeat, lines, !self.partly, process).await
    }

    fn line(&self, kind: Kind, quantity: &str) -> pb::OperationLine {
        let all = quantity == "all";
        let quantity = (!all).then(|| decimal(quantity));
        let change = pb::Change { kind: pb::MovementKind::from(kind).into(), quantity, all };
        let unit_price = self.price.as_deref().and_then(price);
        pb::OperationLine { unit_price, ..self.said.line(&self.item, Effect::Change(change)) }
    }
}

impl Count {
    pub(super) async fn run(self, process: &Process) -> Result<()> {
        let effect = Effect::Count(pb::Count { quantity: Some(decimal(&self.quantity)) });
        let line = self.said.line(&self.item, effect);
        post(self.call, self.said, self.repeat, vec![line], true, process).await
    }
}

impl Said {
    fn line(&self, item: &[String], effect: Effect) -> pb::OperationLine {
        pb::OperationLine {
            item: Some(reference(&item.join(" "))),
            effect: Some(effect),
            unit: self.unit.clone().unwrap_or_default(),
            pack_size: self.pack_size.as_deref().map(decimal),
            expected_balance: self.expect.as_deref().map(decimal),
            create_item: self.create,
            ..Default::default()
        }
    }
}

async fn post(
    call: Call,
    said: Said,
    repeat: Repeat,
    mut lines: Vec<pb::OperationLine>,
    all_or_nothing: bool,
    process: &Process,
) -> Result<()> {
    let mut ledger = call.open().await?;
    if said.place.is_some() {
        let location_id = ledger.place_id(said.place.as_deref()).await?;
        for line in &mut lines {
            line.location_id.clone_from(&location_id);
        }
    }
    let request_id = repeat.request_id(process);
    let asked = pb::PostOperationRequest {
        shop_id: ledger.shop_id.clone(),
        request_id: request_id.clone(),
        source: pb::Source::Grpc.into(),
        member_id: repeat.member_id(),
        occur_time: said.at.map(wire_time),
        lines,
        dry_run: said.dry_run,
        all_or_nothing,
        backdated: said.backdated,
        ..Default::default()
    };
    let answer = ledger.client.post_operation(asked).await.map_err(write_refused(&request_id))?.into_inner();
    if ledger.is_json {
        say_json(&answer, &request_id)?;
    } else {
        outcome::show(&answer, said.dry_run);
    }
    outcome::verdict(&answer.results)
}

/// Reads the lines of a file as messages of the contract.
pub(super) fn read_json_lines<M: Named>(file: &Path, message: &str) -> Result<Vec<M>> {
    let text = if file.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin()).context("read the lines from the standard input")?
    } else {
        std::fs::read_to_string(file).with_context(|| format!("read the lines from {}", file.display()))?
    };
    let lines: Vec<Value> =
        serde_json::from_str(&text).with_context(|| format!("--lines wants a JSON array of `{message}`"))?;
    lines.iter().enumerate().map(|(place, line)| from_json(line).with_context(|| format!("lines[{place}]"))).collect()
}

/// Takes a price as it was typed: an amount and a currency.
pub(super) fn price(typed: &[String]) -> Option<Money> {
    let [amount, currency] = typed else { return None };
    Some(Money { amount: Some(decimal(amount)), currency_code: currency.clone() })
}

/// Takes a number as it was typed: the ledger says what is wrong with it.
pub(super) fn decimal(typed: &str) -> Decimal {
    Decimal { value: typed.strip_prefix('+').unwrap_or(typed).to_owned() }
}
