//! `backroom stock operation`: one operation with its movements, also by the request that made it.

use anyhow::{Context as _, Result};
use clap::Args;
use proto::inventory::v1 as pb;
use proto::inventory::v1::get_operation_request::Key;
use uuid::Uuid;

use super::call::Call;
use super::history;
use super::json::to_json;
use super::refusal::refused;
use super::table::{minute, word};
use crate::cli::ui;

/// Show one operation with its movements: what became of a request whose answer was lost.
#[derive(Args, Clone, Debug)]
pub(super) struct Operation {
    /// Its id, or the id of the request that made it.
    id: String,
    /// Where the request came from, when it is named by that.
    #[arg(long, value_enum, default_value = "grpc")]
    source: Source,
    #[command(flatten)]
    pub(super) call: Call,
}

/// Where a request comes from: each has ids of its own.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum Source {
    /// A WhatsApp message; the id is its own or derived from it.
    Whatsapp,
    /// Another service of the business, or this command.
    Grpc,
    /// A file.
    Import,
    /// The system itself.
    System,
}

impl From<Source> for pb::Source {
    fn from(source: Source) -> Self {
        match source {
            Source::Whatsapp => Self::Whatsapp,
            Source::Grpc => Self::Grpc,
            Source::Import => Self::Import,
            Source::System => Self::System,
        }
    }
}

impl Operation {
    pub(super) async fn run(self) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let key = if self.id.parse::<Uuid>().is_ok() {
            Key::OperationId(self.id)
        } else {
            Key::Request(pb::RequestKey { source: pb::Source::from(self.source).into(), request_id: self.id })
        };
        let asked = pb::GetOperationRequest { shop_id: ledger.shop_id.clone(), key: Some(key) };
        let answer = ledger.client.get_operation(asked).await.map_err(refused)?.into_inner();
        if ledger.is_json {
            ui::say(format_args!("{:#}", to_json(&answer)?));
            return Ok(());
        }
        let operation = answer.operation.context("the answer holds an operation")?;
        let line = |name: &str, value: &str| {
            if !value.is_empty() {
                ui::say(format_args!("{name:<11} {value}"));
            }
        };
        line("reference", &operation.public_reference);
        line("operation", &operation.operation_id);
        line("kind", &word(operation.kind().as_str_name(), "OPERATION_KIND_"));
        line("member", &operation.member_id);
        line("reverses", &operation.reverses_operation_id);
        line("reversed by", &answer.reversed_by_operation_id);
        line("occurred", &minute(operation.occur_time.as_ref()));
        line("recorded", &minute(operation.record_time.as_ref()));
        ui::say("");
        history::show(&operation.movements, false);
        Ok(())
    }
}
