//! `GetMedia`: passes a file on as it comes from Meta.

use proto::messenger::v1 as pb;
use tokio_stream::wrappers::ReceiverStream;

use super::{Messenger, parse};
use crate::domain::content::Violation;
use crate::domain::media::Kind;
use crate::error::Error;
use crate::media::{Part, Wanted};

/// Characters of a media id; those seen have 15 to 20 digits.
const MEDIA_ID_MAX: usize = 128;
/// Characters of a hash; hex has 64.
const HASH_MAX: usize = 128;

pub(super) fn get_media(svc: &Messenger, request: pb::GetMediaRequest) -> Result<ReceiverStream<Part>, Error> {
    let wanted = Wanted::try_from(request)?;
    Ok(ReceiverStream::new(svc.media.fetch(wanted)))
}

impl TryFrom<pb::GetMediaRequest> for Wanted {
    type Error = Error;

    fn try_from(request: pb::GetMediaRequest) -> Result<Self, Error> {
        let mut found = Vec::new();
        let id = &request.media_id;
        let is_id = (1..=MEDIA_ID_MAX).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if !is_id {
            let rule = format!("must be 1 to {MEDIA_ID_MAX} letters, digits, dashes and underscores");
            found.push(Violation::new("media_id", rule));
        }
        if request.sha256.len() > HASH_MAX {
            found.push(Violation::new("sha256", "must be a SHA-256 in base64 or hex, or empty"));
        }
        let kind = match request.kind() {
            pb::MediaKind::Audio => Some(Kind::Audio),
            pb::MediaKind::Image => Some(Kind::Image),
            pb::MediaKind::Document => Some(Kind::Document),
            pb::MediaKind::Unspecified => {
                found.push(Violation::new("kind", "must be a kind that this version knows"));
                None
            }
        };
        let phone_number_id = parse::phone_number_id(&mut found, &request.business_phone_number_id);
        match kind {
            Some(kind) if found.is_empty() => {
                Ok(Self { media_id: request.media_id, kind, sha256: request.sha256, phone_number_id })
            }
            _ => Err(Error::Invalid(found)),
        }
    }
}
