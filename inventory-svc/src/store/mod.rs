//! SQL. One file per concern; rows become values here.

mod catalogue;
mod changes;
mod corrections;
mod count_sessions;
mod discrepancies;
mod explanation;
mod exports;
mod forget;
mod imports;
mod item_detail;
mod items;
mod members;
mod merges;
mod movements;
mod operations;
mod people;
mod places;
mod report;
mod stock;

pub(crate) use catalogue::{Catalogue, CatalogueItem, ItemNamesRow};
pub(crate) use changes::{ChangeRow, Place, Progress};
pub(crate) use corrections::{CorrectAnswer, Correction, CorrectionReversal, CorrectionStart, PastLine};
pub(crate) use count_sessions::{
    AfterLine, CountSessionKey, CountSessionLineRow, CountSessionRow, RecordAnswer, Recorded,
};
pub(crate) use discrepancies::DiscrepancyRow;
pub(crate) use explanation::CountRow;
pub(crate) use exports::{ExportFilter, ExportHead, ExportedItem, ExportedMovement, ExportedShelf, READER_PATIENCE};
pub(crate) use forget::NameRow;
pub(crate) use imports::{Import, ImportAnswer, RowProblem, StagedRow, Staging};
pub(crate) use item_detail::ItemDetailRow;
pub(crate) use items::{ItemChange, ItemRequest, KeyKind};
pub(crate) use members::{MemberRow, NewMember, Newcomer, ShopRow, Stranger};
pub(crate) use merges::{CreatedItem, Merged};
pub(crate) use movements::{MovementsPage, OperationKey, ToldMovement};
pub(crate) use operations::{
    Asked, CandidateRow, ItemRow, LineAnswer, MovementRow, NewItem, NewLine, NewPaper, OperationRow, Outcome,
    PostAnswer, Posted, Target,
};
pub(crate) use people::{ShopMemberRow, ShopUpdate};
pub(crate) use places::{LocationRow, Transfer, TransferLine};
pub(crate) use report::{ItemTotalRow, KindRow, Period};
pub(crate) use stock::{Moment, StockAfter, StockRow};

use platform::db::Tx;
use sqlx::PgPool;
use uuid::Uuid;

use crate::error::Error;

/// The database of the ledger.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pool: PgPool,
}

impl Store {
    pub(crate) fn new(pool: PgPool) -> Self {
        Self { pool }
    }
}

/// Lets a transaction see one shop, if there is one; before this it sees nothing.
async fn open_shop(tx: &mut Tx, shop_id: Uuid) -> Result<(), Error> {
    sqlx::query!(r#"SELECT open_shop($1)::text AS "opened""#, shop_id).fetch_one(&mut **tx).await?;
    Ok(())
}
