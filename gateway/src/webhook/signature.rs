//! Signature check for Meta webhooks: HMAC-SHA256 over exactly the bytes that came.

use hmac::{Hmac, KeyInit as _, Mac as _};
use platform::secret::Secret;
use sha2::Sha256;

/// The app secrets that are accepted: one, or several while rotating.
#[derive(Clone, Debug)]
pub struct AppSecrets(Secret);

/// Why a signature was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is none.
    #[error("the header X-Hub-Signature-256 is missing")]
    Missing,
    /// It is not `sha256=` and 64 hex digits.
    #[error("the header X-Hub-Signature-256 is not `sha256=` followed by 64 hex digits")]
    Malformed,
    /// No accepted secret makes it.
    #[error("the signature does not match: is WHATSAPP_APP_SECRET the secret of the app that sends the webhooks?")]
    Mismatch,
}

impl AppSecrets {
    /// Takes the setting as it is: one secret, or several separated by commas.
    pub fn new(secret: Secret) -> Self {
        Self(secret)
    }

    /// Checks the value of the header over the raw body, in constant time for each secret.
    pub fn check(&self, header: Option<&[u8]>, body: &[u8]) -> Result<(), SignatureError> {
        let header = header.ok_or(SignatureError::Missing)?;
        let digits = header.strip_prefix(b"sha256=").ok_or(SignatureError::Malformed)?;
        let mut given = [0_u8; 32];
        hex::decode_to_slice(digits, &mut given).map_err(|_| SignatureError::Malformed)?;
        let secrets = self.0.expose();
        let mut matched = false;
        for secret in secrets.split(',').map(str::trim).filter(|secret| !secret.is_empty()) {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
            mac.update(body);
            matched |= mac.verify_slice(&given).is_ok();
        }
        if matched { Ok(()) } else { Err(SignatureError::Mismatch) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Computed with another implementation of HMAC; rows 1/2 and 3/4 are equal JSON values in different bytes.
    const VECTORS: [(&str, &str); 4] = [
        (
            r#"{"object":"whatsapp_business_account","entry":[]}"#,
            "dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756",
        ),
        (
            r#"{"object": "whatsapp_business_account", "entry": []}"#,
            "56cbbaf4961c6cfdae48b7f116c047e5eb513d2c931baae63a2bc1afd26f803a",
        ),
        (
            r#"{"text":"caf\u00e9 \ud83d\ude00 a\/b"}"#,
            "c9d22e3d453aada7996dfd47aee775408502fd3317fb0ccb53e35b4575aeb923",
        ),
        (r#"{"text":"café 😀 a/b"}"#, "a545c53b30826f1e1b90ccfb71546d744a61471c55307597cca5583c92f10975"),
    ];

    fn header(hex: &str) -> Vec<u8> {
        format!("sha256={hex}").into_bytes()
    }

    #[test]
    fn signatures_cover_the_raw_bytes() {
        let secrets = AppSecrets::new(Secret::fixed("test_app_secret"));
        for (index, (body, digest)) in VECTORS.iter().enumerate() {
            assert_eq!(secrets.check(Some(&header(digest)), body.as_bytes()), Ok(()), "row {index}");
            let other = VECTORS[index ^ 1].1;
            assert_eq!(secrets.check(Some(&header(other)), body.as_bytes()), Err(SignatureError::Mismatch));
        }
    }

    #[test]
    fn any_listed_secret_is_accepted_and_no_other() {
        let (body, digest) = VECTORS[0];
        let rotating = AppSecrets::new(Secret::fixed("new_secret, test_app_secret"));
        let rotated = AppSecrets::new(Secret::fixed("new_secret"));

        assert_eq!(rotating.check(Some(&header(digest)), body.as_bytes()), Ok(()));
        assert_eq!(rotated.check(Some(&header(digest)), body.as_bytes()), Err(SignatureError::Mismatch));
    }

    #[test]
    fn malformed_headers_are_told_apart_from_wrong_ones() {
        let secrets = AppSecrets::new(Secret::fixed("s"));
        assert_eq!(secrets.check(None, b""), Err(SignatureError::Missing));
        for bad in [&b""[..], b"sha1=00", b"sha256=", b"sha256=zz", b"\xff\xfe", b"SHA256=00"] {
            assert_eq!(secrets.check(Some(bad), b""), Err(SignatureError::Malformed));
        }
    }
}
