//! Who belongs to a shop, and what is so of it.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Asked, MemberRow, ShopRow, Store};
use crate::error::Error;

/// A person in the list of a shop.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ShopMemberRow {
    #[serde(flatten)]
    pub(crate) member: MemberRow,
    pub(crate) created_at: Timestamp,
    pub(crate) removed_at: Option<Timestamp>,
    #[serde(default)]
    pub(crate) invited: bool,
}

/// What is to change of a shop; what is absent stays.
#[derive(Clone, Debug)]
pub(crate) struct ShopUpdate {
    pub(crate) display_name: Option<String>,
    pub(crate) time_zone: Option<String>,
    pub(crate) shortage_policy: Option<&'static str>,
    pub(crate) currency: Option<String>,
}

impl Store {
    /// Reads up to `limit` members, those who came first first.
    pub(crate) async fn list_members(
        &self,
        shop_id: Uuid,
        after: Uuid,
        with_removed: bool,
        limit: i64,
    ) -> Result<Vec<ShopMemberRow>, Error> {
        let limit = i32::try_from(limit).expect("at most 201");
        platform::db::statement(&self.pool, "list_members", || async {
            let rows = sqlx::query_scalar!(
                r#"SELECT list_members($1, $2, $3, $4) AS "member!: Json<ShopMemberRow>""#,
                shop_id,
                after,
                with_removed,
                limit,
            )
            .fetch_all(&self.pool)
            .await?;
            Ok(rows.into_iter().map(|row| row.0).collect())
        })
        .await
    }

    /// Gives a member another role, or takes them out of the shop when there is none.
    pub(crate) async fn change_member(
        &self,
        asked: &Asked,
        subject_id: Uuid,
        role: Option<&str>,
    ) -> Result<ShopMemberRow, Error> {
        let member = platform::db::statement(&self.pool, "change_member", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"SELECT change_member($1, $2, $3, $4, $5, $6, $7, $8) AS "member!: Json<ShopMemberRow>""#,
                    asked.shop_id,
                    asked.source,
                    asked.request_id,
                    &asked.request_hash[..],
                    asked.member_id,
                    subject_id,
                    role,
                    asked.recorded_at.to_sqlx() as _,
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(member.0)
    }

    /// Changes what is so of a shop.
    pub(crate) async fn update_shop(&self, asked: &Asked, wanted: &ShopUpdate) -> Result<ShopRow, Error> {
        let shop = platform::db::statement(&self.pool, "update_shop", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"SELECT update_shop($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS "shop!: Json<ShopRow>""#,
                    asked.shop_id,
                    asked.source,
                    asked.request_id,
                    &asked.request_hash[..],
                    asked.member_id,
                    wanted.display_name.as_deref(),
                    wanted.time_zone.as_deref(),
                    wanted.shortage_policy,
                    wanted.currency.as_deref(),
                    asked.recorded_at.to_sqlx() as _,
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(shop.0)
    }
}
