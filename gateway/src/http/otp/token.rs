//! The token of a member: a JWT, signed by HMAC-SHA256.

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use platform::secret::Secret;
use proto::inventory::v1::Role;
use serde::Serialize;
use uuid::Uuid;

use super::problem::Problem;

/// Characters of a key; 32 random bytes have 44 in base64.
const KEY_CHARS_MIN: usize = 32;

/// Who issues tokens, for whom and for how long.
#[derive(Clone, Debug)]
pub(crate) struct Issuer {
    pub name: String,
    pub audience: String,
    pub valid_for: SignedDuration,
}

/// Makes tokens. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    key: Secret,
    issuer: Issuer,
}

/// A token, and from when it does not count.
pub(super) struct Issued {
    pub token: String,
    pub expires_at: Timestamp,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    shop: &'a str,
    role: &'a str,
    purpose: &'a str,
    iat: i64,
    exp: i64,
    jti: Uuid,
}

impl Tokens {
    /// Prepares them; a key that is too short is an error.
    pub(crate) fn new(key: Secret, issuer: Issuer) -> anyhow::Result<Self> {
        let tokens = Self { key, issuer };
        anyhow::ensure!(
            tokens.secret().len() >= KEY_CHARS_MIN,
            "MEMBER_TOKEN_KEY has less than {KEY_CHARS_MIN} characters: make one with `openssl rand -base64 32`"
        );
        // Signed once for nobody, so that what cannot work is known at the start.
        tokens.encode(&tokens.claims(["", "", "", ""], Timestamp::UNIX_EPOCH, Uuid::nil())).context("sign a token")?;
        Ok(tokens)
    }

    /// Returns the key that signs.
    pub(super) fn secret(&self) -> String {
        self.key.expose()
    }

    /// Issues a token to a member.
    pub(super) fn issue(
        &self,
        member_id: &str,
        shop_id: &str,
        role: &str,
        purpose: &str,
        now: Timestamp,
        id: Uuid,
    ) -> Result<Issued, Problem> {
        let claims = self.claims([member_id, shop_id, role, purpose], now, id);
        let token = self.encode(&claims).map_err(|_| {
            tracing::error!("a token could not be signed");
            Problem::Internal
        })?;
        Ok(Issued { token, expires_at: Timestamp::from_second(claims.exp).unwrap_or(now) })
    }

    fn claims<'a>(&'a self, [sub, shop, role, purpose]: [&'a str; 4], now: Timestamp, jti: Uuid) -> Claims<'a> {
        let (iat, exp) = (now.as_second(), (now + self.issuer.valid_for).as_second());
        Claims { iss: &self.issuer.name, aud: &self.issuer.audience, sub, shop, role, purpose, iat, exp, jti }
    }

    fn encode(&self, claims: &Claims<'_>) -> jsonwebtoken::errors::Result<String> {
        let key = EncodingKey::from_secret(self.secret().as_bytes());
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key)
    }
}

/// Returns the word for a role; `None`: one of a later year.
pub(super) fn role_word(role: Role) -> Option<&'static str> {
    match role {
        Role::Owner => Some("owner"),
        Role::Manager => Some("manager"),
        Role::Clerk => Some("clerk"),
        Role::Viewer => Some("viewer"),
        Role::Unspecified => None,
    }
}
