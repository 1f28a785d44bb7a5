//! Who a person is.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use super::Store;
use crate::error::Error;

/// Ids for somebody who may turn out to be new.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Newcomer {
    pub(crate) shop: Uuid,
    pub(crate) member: Uuid,
    pub(crate) location: Uuid,
}

/// A person in a shop.
#[derive(Clone, Debug)]
pub(crate) struct Identified {
    pub(crate) created: bool,
    pub(crate) shop_id: Uuid,
    pub(crate) shop_display_name: String,
    pub(crate) currency: String,
    pub(crate) time_zone: String,
    pub(crate) shortage_policy: String,
    pub(crate) member_id: Uuid,
    pub(crate) role: String,
    pub(crate) member_display_name: String,
    pub(crate) language_code: String,
}

impl Store {
    /// Returns who a person is, learns the names that were not known, and signs newcomers up when that is open.
    pub(crate) async fn identify_member(
        &self,
        user_id: Option<&str>,
        phone: Option<&str>,
        profile_name: &str,
        signup_is_open: bool,
        newcomer: Newcomer,
        now: Timestamp,
    ) -> Result<Identified, Error> {
        platform::db::statement(&self.pool, "identify_member", || async {
            Ok(sqlx::query_as!(
                Identified,
                r#"
                SELECT
                  created AS "created!",
                  shop_id AS "shop_id!",
                  shop_display_name AS "shop_display_name!",
                  currency AS "currency!",
                  time_zone AS "time_zone!",
                  shortage_policy AS "shortage_policy!",
                  member_id AS "member_id!",
                  role AS "role!",
                  member_display_name AS "member_display_name!",
                  language_code AS "language_code!"
                FROM identify_member($1, $2, $3, $4, $5, $6, $7, $8)
                "#,
                user_id,
                phone,
                profile_name,
                signup_is_open,
                newcomer.shop,
                newcomer.member,
                newcomer.location,
                now.to_sqlx() as _,
            )
            .fetch_one(&self.pool)
            .await?)
        })
        .await
    }
}
