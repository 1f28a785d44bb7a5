//! Table `message` as far as costs go: what arrived, added up.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgPool;
use uuid::Uuid;

use crate::domain::market;
use crate::domain::receipt::{Pricing, month_of};

/// Messages of one category, type and market that arrived in one month.
#[derive(Clone, Debug)]
pub struct Sum {
    /// Meta's category and pricing type; `None` when no receipt named a price.
    pub priced: Option<(String, String)>,
    /// ISO 3166 code of the recipient's country.
    pub market: Option<String>,
    /// How many.
    pub count: i64,
}

/// Adds up a month, of one business number or of all. Reads one index and nothing else.
pub async fn sums(pool: &PgPool, month: Date, phone_number_id: Option<&str>) -> Result<Vec<Sum>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        SELECT price_category, price_type, market, count(*) AS "count!"
        FROM message
        WHERE delivered_month = $1 AND ($2::text IS NULL OR phone_number_id = $2)
        GROUP BY price_category, price_type, market
        "#,
        month.to_sqlx() as jiff_sqlx::Date,
        phone_number_id,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Sum { priced: row.price_category.zip(row.price_type), market: row.market, count: row.count })
        .collect())
}

/// Fills in what messages cost whose receipts an older version recorded: it kept Meta's words alone. A batch at a
/// time; returns how many it had.
pub async fn fill_in(pool: &PgPool) -> Result<usize, sqlx::Error> {
    let rows = sqlx::query!(
        r#"
        SELECT m.id, m.recipient_phone, m.recipient_user_id, m.pricing,
               coalesce(e.arrived_at, m.updated_at) AS "arrived_at!: jiff_sqlx::Timestamp"
        FROM message AS m
        LEFT JOIN LATERAL (
            SELECT min(occurred_at) AS arrived_at
            FROM delivery_event
            WHERE message_id = m.id AND state BETWEEN 5 AND 7
        ) AS e ON true
        WHERE m.delivered_month IS NULL AND m.state BETWEEN 5 AND 7
        ORDER BY m.id
        LIMIT 1000
        "#,
    )
    .fetch_all(pool)
    .await?;
    let count = rows.len();
    if count == 0 {
        return Ok(0);
    }
    let (mut ids, mut months, mut markets) = (Vec::<Uuid>::new(), Vec::new(), Vec::new());
    let (mut categories, mut types) = (Vec::new(), Vec::new());
    for row in rows {
        let pricing = row.pricing.and_then(|json| serde_json::from_value::<Pricing>(json).ok());
        let country = market::of(row.recipient_phone.as_deref(), row.recipient_user_id.as_deref()).map(str::to_owned);
        let (category, kind) = pricing.map(|pricing| (pricing.category, pricing.kind)).unzip();
        ids.push(row.id);
        months.push(month_of(row.arrived_at.to_jiff()).to_sqlx());
        markets.push(country);
        categories.push(category);
        types.push(kind);
    }
    sqlx::query!(
        r#"
        UPDATE message AS m
        SET delivered_month = given.month, price_category = given.category, price_type = given.type,
            market = given.market
        FROM unnest($1::uuid[], $2::date[], $3::text[], $4::text[], $5::text[])
            AS given (id, month, category, type, market)
        WHERE m.id = given.id AND m.delivered_month IS NULL
        "#,
        &ids,
        &months as &[jiff_sqlx::Date],
        &categories as &[Option<String>],
        &types as &[Option<String>],
        &markets as &[Option<String>],
    )
    .execute(pool)
    .await
    .map(|_| count)
}
