//! Who a person is.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use serde::Deserialize;
use sqlx::types::Json;
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

/// What becomes of somebody whom nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stranger {
    /// They get a shop.
    SignsUp,
    /// They are told to be invited.
    NeedsInvitation,
    /// They stay unknown: it was only asked, and nothing is learned of others either.
    Unknown,
}

/// A shop.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ShopRow {
    pub(crate) id: Uuid,
    pub(crate) display_name: String,
    pub(crate) currency: String,
    pub(crate) time_zone: String,
    pub(crate) shortage_policy: String,
}

/// A person in a shop.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct MemberRow {
    pub(crate) id: Uuid,
    pub(crate) role: String,
    pub(crate) display_name: String,
    pub(crate) language_code: String,
}

/// Who somebody is.
#[derive(Clone, Debug)]
pub(crate) struct Identified {
    pub(crate) created: bool,
    pub(crate) shop: ShopRow,
    pub(crate) member: MemberRow,
}

/// Who somebody is after a change of names.
#[derive(Clone, Debug)]
pub(crate) struct Linked {
    pub(crate) shop: ShopRow,
    pub(crate) member: MemberRow,
    /// A shop of the same person that could not be put together with it.
    pub(crate) other_shop_id: Option<Uuid>,
}

/// A person to add.
#[derive(Clone)]
pub(crate) struct NewMember {
    pub(crate) shop_id: Uuid,
    pub(crate) source: &'static str,
    pub(crate) request_id: String,
    pub(crate) request_hash: [u8; 32],
    pub(crate) actor_id: Option<Uuid>,
    pub(crate) user_id: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) display_name: String,
    pub(crate) role: &'static str,
    pub(crate) member_id: Uuid,
}

/// What came of adding a person.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct AddedMember {
    pub(crate) member: MemberRow,
    pub(crate) existed: bool,
}

impl Store {
    /// Returns who a person is, learns the names that were not known, and signs newcomers up when that is open.
    pub(crate) async fn identify_member(
        &self,
        user_id: Option<&str>,
        phone: Option<&str>,
        profile_name: &str,
        stranger: Stranger,
        newcomer: Newcomer,
        now: Timestamp,
    ) -> Result<Identified, Error> {
        platform::db::statement(&self.pool, "identify_member", || async {
            let row = sqlx::query!(
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
                FROM identify_member($1, $2, $3, $4, $5, $6, $7, $8, $9)
                "#,
                user_id,
                phone,
                profile_name,
                stranger == Stranger::Unknown,
                stranger == Stranger::SignsUp,
                newcomer.shop,
                newcomer.member,
                newcomer.location,
                now.to_sqlx() as _,
            )
            .fetch_one(&self.pool)
            .await?;
            Ok(Identified {
                created: row.created,
                shop: ShopRow {
                    id: row.shop_id,
                    display_name: row.shop_display_name,
                    currency: row.currency,
                    time_zone: row.time_zone,
                    shortage_policy: row.shortage_policy,
                },
                member: MemberRow {
                    id: row.member_id,
                    role: row.role,
                    display_name: row.member_display_name,
                    language_code: row.language_code,
                },
            })
        })
        .await
    }

    /// Gives a person other names, each a user id and a phone number, and returns who they are.
    pub(crate) async fn link_identity(
        &self,
        previous: (Option<&str>, Option<&str>),
        current: (Option<&str>, Option<&str>),
        now: Timestamp,
    ) -> Result<Linked, Error> {
        platform::db::statement(&self.pool, "link_identity", || async {
            let row = sqlx::query!(
                r#"
                SELECT
                  shop_id AS "shop_id!",
                  shop_display_name AS "shop_display_name!",
                  currency AS "currency!",
                  time_zone AS "time_zone!",
                  shortage_policy AS "shortage_policy!",
                  member_id AS "member_id!",
                  role AS "role!",
                  member_display_name AS "member_display_name!",
                  language_code AS "language_code!",
                  other_shop_id
                FROM link_identity($1, $2, $3, $4, $5)
                "#,
                previous.0,
                previous.1,
                current.0,
                current.1,
                now.to_sqlx() as _,
            )
            .fetch_one(&self.pool)
            .await?;
            Ok(Linked {
                shop: ShopRow {
                    id: row.shop_id,
                    display_name: row.shop_display_name,
                    currency: row.currency,
                    time_zone: row.time_zone,
                    shortage_policy: row.shortage_policy,
                },
                member: MemberRow {
                    id: row.member_id,
                    role: row.role,
                    display_name: row.member_display_name,
                    language_code: row.language_code,
                },
                other_shop_id: row.other_shop_id,
            })
        })
        .await
    }

    /// Adds a person to a shop.
    pub(crate) async fn add_member(&self, wanted: &NewMember, now: Timestamp) -> Result<AddedMember, Error> {
        let answer = platform::db::statement(&self.pool, "add_member", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"
                    SELECT add_member($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS "answer!: Json<AddedMember>"
                    "#,
                    wanted.shop_id,
                    wanted.source,
                    wanted.request_id,
                    &wanted.request_hash[..],
                    wanted.actor_id,
                    wanted.user_id.as_deref(),
                    wanted.phone.as_deref(),
                    wanted.display_name,
                    wanted.role,
                    wanted.member_id,
                    now.to_sqlx() as _,
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(answer.0)
    }
}
