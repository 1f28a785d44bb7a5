//! `backroom stock export`: all that a shop has, or all that happened, as a file.

use std::fs::File;
use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use proto::inventory::v1 as pb;
use tonic::Streaming;

use super::call::Call;
use super::refusal::refused;
use super::table::{plain, wire_time};
use crate::cli::ui;

/// Write all that a shop has into a file that `import` reads; or, with --movements, all that happened.
#[derive(Args, Clone, Debug)]
pub(super) struct Export {
    /// Write what happened, oldest first.
    #[arg(long)]
    movements: bool,
    /// Only of this item, by its name or id.
    #[arg(long, requires = "movements")]
    item: Option<String>,
    /// Only what happened at this time or later.
    #[arg(long, value_name = "TIME", requires = "movements")]
    from: Option<Timestamp>,
    /// Only what happened before this time.
    #[arg(long, value_name = "TIME", requires = "movements")]
    to: Option<Timestamp>,
    /// How the file is written. Without it: as the name of the file says, or CSV.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Where to; `-` is standard output. Without it: a name with the day, in this folder.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write over a file that is there.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    pub(super) call: Call,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
enum Format {
    Csv,
    Xlsx,
}

/// A part of a file, of whichever kind.
enum Part {
    File(pb::FileDescription),
    Chunk(Vec<u8>),
}

impl Export {
    pub(super) async fn run(self) -> Result<()> {
        let mut ledger = self.call.clone().open().await?;
        let shop_id = ledger.shop_id.clone();
        let format = self.format().into();
        if self.movements {
            use pb::export_movements_response::Part as Sent;
            let item_id = match &self.item {
                Some(item) => ledger.item_id(item).await?,
                None => String::new(),
            };
            let (start_time, end_time) = (self.from.map(wire_time), self.to.map(wire_time));
            let asked = pb::ExportMovementsRequest { shop_id, format, item_id, start_time, end_time };
            let parts = ledger.client.export_movements(asked).await.map_err(refused)?.into_inner();
            let read = |answer: pb::ExportMovementsResponse| match answer.part {
                Some(Sent::File(file)) => Some(Part::File(file)),
                Some(Sent::Chunk(chunk)) => Some(Part::Chunk(chunk)),
                None => None,
            };
            self.write(parts, read, ledger.is_json).await
        } else {
            use pb::export_stock_response::Part as Sent;
            let asked = pb::ExportStockRequest { shop_id, format };
            let parts = ledger.client.export_stock(asked).await.map_err(refused)?.into_inner();
            let read = |answer: pb::ExportStockResponse| match answer.part {
                Some(Sent::File(file)) => Some(Part::File(file)),
                Some(Sent::Chunk(chunk)) => Some(Part::Chunk(chunk)),
                None => None,
            };
            self.write(parts, read, ledger.is_json).await
        }
    }

    fn format(&self) -> pb::FileFormat {
        let by_name = self.output.as_ref().and_then(|path| path.extension()).is_some_and(|name| name == "xlsx");
        match self.format {
            Some(Format::Xlsx) => pb::FileFormat::Xlsx,
            None if by_name => pb::FileFormat::Xlsx,
            Some(Format::Csv) | None => pb::FileFormat::Csv,
        }
    }

    async fn write<T>(&self, mut parts: Streaming<T>, read: fn(T) -> Option<Part>, is_json: bool) -> Result<()> {
        let mut next = async || anyhow::Ok(parts.message().await.map_err(refused)?.map(read));
        let Some(Some(Part::File(file))) = next().await? else { bail!("the file does not begin with what it is") };
        if self.output.as_deref() == Some(Path::new("-")) {
            let mut stdout = std::io::stdout();
            if matches!(self.format(), pb::FileFormat::Xlsx) && stdout.is_terminal() {
                bail!("a workbook is nothing for a terminal: name a file by --output");
            }
            while let Some(Some(Part::Chunk(chunk))) = next().await? {
                stdout.write_all(&chunk).context("write to standard output")?;
            }
            return Ok(());
        }
        // Nothing but a bare name: a file goes where the operator says and nowhere else.
        let named = Path::new(&file.file_name).file_name().context("the file has no name")?;
        let path = self.output.clone().unwrap_or_else(|| PathBuf::from(named));
        if path.exists() && !self.force {
            bail!("{} is there already: --force writes over it", path.display());
        }
        // Under another name until it is whole: half a file looks like a small shop.
        let mut partial = path.clone().into_os_string();
        partial.push(".part");
        let partial = PathBuf::from(partial);
        let mut bytes = 0_usize;
        let written = async {
            let mut target = File::create(&partial).with_context(|| format!("cannot write {}", partial.display()))?;
            while let Some(Some(Part::Chunk(chunk))) = next().await? {
                bytes += chunk.len();
                target.write_all(&chunk).with_context(|| format!("cannot write {}", partial.display()))?;
            }
            target.sync_all().context("write the file")?;
            std::fs::rename(&partial, &path).with_context(|| format!("cannot write {}", path.display()))
        }
        .await;
        if written.is_err() {
            std::fs::remove_file(&partial).ok();
        }
        written?;
        if is_json {
            let told =
                serde_json::json!({"file": path.display().to_string(), "bytes": bytes, "mediaType": file.media_type});
            ui::say(format_args!("{told:#}"));
        } else {
            ui::say(format_args!("Written: {}", plain(&path.display().to_string())));
        }
        Ok(())
    }
}
