//! What happened in some days, the sums that make many days quick to tell, and what all that is on hand cost.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use rust_decimal::Decimal;
use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;

use super::{ItemRow, Store};
use crate::error::Error;

/// Days of a shop, in its own time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Period {
    /// One day; today when there is none.
    Day(Option<Date>),
    /// The week from Monday to Sunday with this day in it; this week when there is none.
    Week(Option<Date>),
    /// From the first to the last.
    Days {
        /// The first day.
        first: Date,
        /// The last day, which is part of it.
        last: Date,
    },
}

/// What happened in some days.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ReportRow {
    pub(crate) first_day: String,
    pub(crate) last_day: String,
    pub(crate) starts_at: Timestamp,
    pub(crate) ends_at: Timestamp,
    pub(crate) time_zone: String,
    pub(crate) currency: String,
    pub(crate) kinds: Vec<KindRow>,
    pub(crate) top_items: Vec<ItemTotalRow>,
    pub(crate) unpriced_line_count: i64,
    pub(crate) margin: Option<Decimal>,
    pub(crate) margin_line_count: i64,
}

/// What happened in one way.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct KindRow {
    pub(crate) kind: String,
    pub(crate) line_count: i64,
    pub(crate) item_count: i64,
    pub(crate) quantity: Option<Decimal>,
    pub(crate) base_unit: String,
    pub(crate) value: Option<Decimal>,
    pub(crate) unvalued_line_count: i64,
}

/// What happened with one item.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ItemTotalRow {
    pub(crate) item: ItemRow,
    pub(crate) sold: Decimal,
    pub(crate) received: Decimal,
    pub(crate) lost: Decimal,
    pub(crate) sales_value: Option<Decimal>,
    pub(crate) margin: Option<Decimal>,
}

/// What all that is on hand cost.
#[derive(Clone, Debug)]
pub(crate) struct StockValueRow {
    pub(crate) currency: String,
    pub(crate) value: Option<Decimal>,
    pub(crate) valued_item_count: i64,
    pub(crate) unvalued_item_count: i64,
}

impl Store {
    /// Adds up what happened in some days.
    pub(crate) async fn report(
        &self,
        shop_id: Uuid,
        period: Period,
        top_count: i32,
        now: Timestamp,
    ) -> Result<ReportRow, Error> {
        let (is_week, first, last) = match period {
            Period::Day(day) => (false, day, None),
            Period::Week(day) => (true, day, None),
            Period::Days { first, last } => (false, Some(first), Some(last)),
        };
        let report = platform::db::statement(&self.pool, "report", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"SELECT report($1, $2, $3, $4, $5, $6) AS "report!: Json<ReportRow>""#,
                    shop_id,
                    is_week,
                    first.map(jiff_sqlx::ToSqlx::to_sqlx) as _,
                    last.map(jiff_sqlx::ToSqlx::to_sqlx) as _,
                    now.to_sqlx() as _,
                    top_count,
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(report.0)
    }

    /// Returns the Mondays of weeks whose sums are missing or do not hold. From now on, what is posted into them is noted;
    /// what was on its way must have ended before [`Self::sum_week`].
    pub(crate) async fn begin_sums(&self, shop_id: Uuid, now: Timestamp) -> Result<Vec<String>, Error> {
        platform::db::statement(&self.pool, "begin_sums", || async {
            Ok(sqlx::query_scalar!(
                r#"SELECT w.monday::text AS "monday!" FROM unnest(begin_sums($1, $2)) w (monday)"#,
                shop_id,
                now.to_sqlx() as _,
            )
            .fetch_all(&self.pool)
            .await?)
        })
        .await
    }

    /// Makes the sum of a week from the ledger.
    pub(crate) async fn sum_week(&self, shop_id: Uuid, monday: &str) -> Result<(), Error> {
        platform::db::statement(&self.pool, "sum_week", || async {
            sqlx::query!(r#"SELECT sum_week($1, $2::text::date)::text AS "made""#, shop_id, monday)
                .fetch_one(&self.pool)
                .await?;
            Ok(())
        })
        .await
    }

    /// Returns a number that no transaction has yet: all that run now are below.
    pub(crate) async fn next_transaction(&self) -> Result<i64, Error> {
        platform::db::statement(&self.pool, "next_transaction", || async {
            Ok(sqlx::query_scalar!(r#"SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS "next!""#)
                .fetch_one(&self.pool)
                .await?)
        })
        .await
    }

    /// Returns the number below which every transaction has ended.
    pub(crate) async fn settled_before(&self) -> Result<i64, Error> {
        platform::db::statement(&self.pool, "settled_before", || async {
            Ok(sqlx::query_scalar!(r#"SELECT settled_before() AS "settled!""#).fetch_one(&self.pool).await?)
        })
        .await
    }

    /// Adds up what all that is on hand cost; `None` when nothing is on hand.
    pub(crate) async fn stock_value(&self, shop_id: Uuid) -> Result<Option<StockValueRow>, Error> {
        platform::db::statement(&self.pool, "stock_value", || async {
            Ok(sqlx::query_as!(
                StockValueRow,
                r#"
                SELECT
                  currency AS "currency!",
                  value,
                  valued_item_count AS "valued_item_count!",
                  unvalued_item_count AS "unvalued_item_count!"
                FROM stock_value($1)
                "#,
                shop_id,
            )
            .fetch_optional(&self.pool)
            .await?)
        })
        .await
    }
}
