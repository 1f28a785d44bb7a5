//! Forgetting who a person is, in every shop.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;

use super::Store;
use crate::error::Error;

/// What is known of a person. Holds their names, so it does not print itself.
#[derive(Clone, Deserialize)]
pub(crate) struct Forgotten {
    pub(crate) members: Vec<ForgottenMemberRow>,
    pub(crate) names: Vec<NameRow>,
}

/// A member that the person was.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ForgottenMemberRow {
    pub(crate) shop_id: Uuid,
    pub(crate) member_id: Uuid,
    pub(crate) shop_without_owner: bool,
}

/// A name that WhatsApp had for the person. Does not print itself.
#[derive(Clone, Deserialize)]
pub(crate) struct NameRow {
    pub(crate) kind: String,
    pub(crate) value: String,
}

impl Store {
    /// Forgets who a person is, or tells what that would be when it is a dry run.
    pub(crate) async fn forget_person(
        &self,
        user_id: Option<&str>,
        phone: Option<&str>,
        dry_run: bool,
        now: Timestamp,
    ) -> Result<Forgotten, Error> {
        let forgotten = platform::db::statement(&self.pool, "forget_person", || async {
            Ok::<_, Error>(
                sqlx::query_scalar!(
                    r#"SELECT forget_person($1, $2, $3, $4) AS "forgotten!: Json<Forgotten>""#,
                    user_id,
                    phone,
                    dry_run,
                    now.to_sqlx() as _,
                )
                .fetch_one(&self.pool)
                .await?,
            )
        })
        .await?;
        Ok(forgotten.0)
    }
}
