//! Where a list goes on: the last key that was shown, and a digest of what was asked for.
//!
//! A token grants nothing: every page is scoped by the shop of its own request.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use prost::Message as _;
use sha2::{Digest as _, Sha256};

use uuid::Uuid;

use crate::error::Error;

/// The inside of a token.
#[derive(Clone, PartialEq, Eq, prost::Message)]
struct PageToken {
    #[prost(bytes = "vec", tag = "1")]
    filters: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    last_key: Vec<u8>,
}

/// Makes the token of the page after `last_key`. `filters` names the list and all that was asked for.
pub(super) fn encode(filters: &[&str], last_key: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(PageToken { filters: digest(filters), last_key: last_key.to_vec() }.encode_to_vec())
}

/// Reads the last key out of a token; `None` for the first page.
pub(super) fn decode(filters: &[&str], token: &str) -> Result<Option<Vec<u8>>, Error> {
    if token.is_empty() {
        return Ok(None);
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| Error::InvalidPageToken)?;
    let token = PageToken::decode(bytes.as_slice()).map_err(|_| Error::InvalidPageToken)?;
    if token.filters != digest(filters) {
        return Err(Error::InvalidPageToken);
    }
    Ok(Some(token.last_key))
}

/// Reads the last id out of the token of a list in the order of ids; nil for the first page.
pub(super) fn decode_id(filters: &[&str], token: &str) -> Result<Uuid, Error> {
    let last_key = decode(filters, token)?;
    last_key.map_or(Ok(Uuid::nil()), |key| Uuid::from_slice(&key).map_err(|_| Error::InvalidPageToken))
}

/// Cuts rows that were asked for with one more than a page holds, and returns the token of the next page.
pub(super) fn cut<T>(filters: &[&str], rows: &mut Vec<T>, page_size: i64, id: impl Fn(&T) -> Uuid) -> String {
    let page_length = usize::try_from(page_size).expect("at most 200");
    let has_more = rows.len() > page_length;
    rows.truncate(page_length);
    rows.last().filter(|_| has_more).map(|last| encode(filters, id(last).as_bytes())).unwrap_or_default()
}

fn digest(filters: &[&str]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for filter in filters {
        hash.update(filter.as_bytes());
        hash.update([0]);
    }
    hash.finalize()[..8].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_own_list_only() {
        let token = encode(&["movements", "shop-a", "item"], b"42");

        assert_eq!(decode(&["movements", "shop-a", "item"], &token).unwrap().unwrap(), b"42");
        assert!(decode(&["movements", "shop-a", ""], &token).is_err());
        assert!(decode(&["stock", "shop-a", "item"], &token).is_err());
        assert!(decode(&["movements", "shop-a", "item"], "nonsense!").is_err());
        assert!(decode(&["movements"], "").unwrap().is_none());
    }
}
