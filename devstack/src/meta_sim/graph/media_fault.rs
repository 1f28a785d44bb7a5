//! What can go wrong with files, on demand.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::fault::html;
use crate::wire;

/// The pieces in which a body that is too large is made up.
const PIECE_LENGTH: usize = 64 * 1024;

/// How a lookup of a file's id goes wrong.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LookupFault {
    /// Meta's JSON says why not.
    Error {
        /// Meta's code.
        code: u32,
        /// A subcode; 33 with code 100 is an id that has expired.
        #[serde(default)]
        subcode: Option<u32>,
    },
    /// The edge answers with a page.
    Html {
        /// Usually 502.
        http_status: u16,
    },
    /// No answer comes.
    Hang,
    /// The connection is closed.
    Cut,
    /// The answer leads somewhere else: nobody may take the token there.
    ForeignUrl {
        /// The address.
        url: String,
    },
    /// The hash is of other bytes.
    WrongHash,
    /// The size is said to be this.
    WrongSize {
        /// In bytes.
        file_size: u64,
    },
}

/// How the fetching of a file goes wrong.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DownloadFault {
    /// 404, as when the address is too old.
    NotFound,
    /// 302 to somewhere else: nobody may take the token there.
    Redirect {
        /// The address.
        url: String,
    },
    /// The whole length is promised and fewer bytes come.
    CutBody {
        /// How many come.
        kept_length: usize,
    },
    /// No length is promised, and this many bytes come.
    Huge {
        /// In bytes.
        length: usize,
    },
    /// The bytes are others than those of the file.
    OtherBytes,
    /// The edge answers with a page.
    Html {
        /// Usually 502.
        http_status: u16,
    },
    /// The answer is late.
    Slow {
        /// By so many milliseconds.
        delay_ms: u64,
    },
    /// No answer comes.
    Hang,
}

impl DownloadFault {
    /// Returns what is answered in place of the file; `None` when the file comes after all.
    pub(crate) async fn instead_of(&self, content: &Bytes) -> Option<Response> {
        let answer = match self {
            Self::NotFound => StatusCode::NOT_FOUND.into_response(),
            Self::Redirect { url } => match HeaderValue::from_str(url) {
                Ok(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
                Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            },
            Self::CutBody { kept_length } => wire::cut_body(StatusCode::OK, content, *kept_length),
            Self::Huge { length } => huge(*length),
            Self::OtherBytes => Bytes::from(content.iter().map(|byte| byte ^ 0xff).collect::<Vec<_>>()).into_response(),
            Self::Html { http_status } => html(*http_status),
            Self::Slow { delay_ms } => {
                tokio::time::sleep(std::time::Duration::from_millis(*delay_ms)).await;
                return None;
            }
            Self::Hang => std::future::pending().await,
        };
        Some(answer)
    }
}

/// Returns a body of zeros that is made up while it is read.
fn huge(length: usize) -> Response {
    let pieces = stream::unfold(length, |left| async move {
        let piece = left.min(PIECE_LENGTH);
        (piece > 0).then(|| (Ok::<_, std::convert::Infallible>(Bytes::from(vec![0; piece])), left - piece))
    });
    Response::new(Body::from_stream(pieces))
}
