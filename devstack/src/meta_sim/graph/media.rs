//! Files at Graph: upload, lookup, deletion, and the address they are fetched from. Section 5.

use std::sync::Arc;

use axum::Json;
use axum::extract::multipart::MultipartError;
use axum::extract::{Multipart, Path, Query, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{check_number, check_token, check_version};
use super::error::GraphError;
use super::media_fault::LookupFault;
use super::{fault, refuse};
use crate::magic;
use crate::meta_sim::chat::Side;
use crate::meta_sim::media::{Medium, NewMedium, SizeStyle, kind_of, length_max, taken_types};
use crate::meta_sim::world::World;
use crate::wire;

/// Takes a file and answers its id.
pub(super) async fn upload(
    State(world): State<Arc<World>>,
    Path((version, number)): Path<(String, String)>,
    headers: HeaderMap,
    multipart: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let note = Bytes::from_static(b"[upload]");
    let allowed = check_version(&version, &format!("/{version}/{number}/media"))
        .and_then(|()| check_token(&world, &headers))
        .and_then(|()| check_number(&world, &number))
        .and_then(|()| world.check_halt());
    if let Err(error) = allowed {
        return refuse(&world, &note, error);
    }
    if let Some(answer) = fault::instead(&world, world.faults.uploads.strike(None).as_ref(), &note).await {
        return answer;
    }
    let Ok(multipart) = multipart else {
        return refuse(&world, &note, GraphError::invalid_parameter("The Content-Type must be multipart/form-data."));
    };
    let form = match Form::read(multipart).await {
        Ok(form) => form,
        Err(error) => return refuse(&world, &note, GraphError::of_code(131_053).details(error.body_text())),
    };
    match form.check() {
        Ok(new) => Json(json!({"id": world.media.keep(new, world.clock.now()).id})).into_response(),
        Err(error) => refuse(&world, &note, error),
    }
}

/// An upload as it was sent.
#[derive(Default)]
struct Form {
    messaging_product: Option<String>,
    mime_type: Option<String>,
    file: Option<File>,
}

struct File {
    filename: Option<String>,
    mime_type: String,
    content: Bytes,
}

impl Form {
    async fn read(mut multipart: Multipart) -> Result<Self, MultipartError> {
        let mut form = Self::default();
        while let Some(field) = multipart.next_field().await? {
            match field.name() {
                Some("messaging_product") => form.messaging_product = Some(field.text().await?),
                Some("type") => form.mime_type = Some(field.text().await?),
                Some("file") => {
                    form.file = Some(File {
                        filename: field.file_name().map(str::to_owned),
                        mime_type: field.content_type().unwrap_or_default().to_owned(),
                        content: field.bytes().await?,
                    });
                }
                _ => {}
            }
        }
        Ok(form)
    }

    fn check(self) -> Result<NewMedium, GraphError> {
        if self.messaging_product.as_deref() != Some("whatsapp") {
            return Err(GraphError::invalid_parameter("The parameter messaging_product is required."));
        }
        let Some(file) = self.file else {
            return Err(GraphError::invalid_parameter("The parameter file is required."));
        };
        let Some(mime_type) = self.mime_type else {
            return Err(GraphError::invalid_parameter("The parameter type is required."));
        };
        let essence = magic::essence(&mime_type);
        let Some(kind) = kind_of(&essence) else {
            let details = format!("Param file must be a file with one of the following types: {}.", taken_types());
            return Err(GraphError::of_code(131_053).details(format!("{details} Received file of type '{essence}'.")));
        };
        let mismatch = |what: &str| Err(GraphError::of_code(131_053).details(what));
        if magic::essence(&file.mime_type) != essence {
            return mismatch("The content type of the file is not that of param type.");
        }
        if file.content.is_empty() || !magic::fits(&essence, &file.content) {
            return mismatch("The file is not of the type that param type says.");
        }
        if essence == "audio/ogg" && !magic::is_ogg_opus(&file.content) {
            return mismatch("Only the Opus codec is taken in audio/ogg.");
        }
        if file.content.len() > length_max(kind) {
            return mismatch("The file is larger than its kind may be.");
        }
        Ok(NewMedium { by: Side::Business, mime_type, filename: file.filename, content: file.content })
    }
}

#[derive(Deserialize)]
pub(super) struct Scope {
    phone_number_id: Option<String>,
}

/// Answers where a file can be fetched for the next five minutes.
pub(super) async fn lookup(world: &Arc<World>, medium: &Arc<Medium>, scope: &Scope, headers: &HeaderMap) -> Response {
    let note = Bytes::from(format!("[lookup of {}]", medium.id));
    if scope.phone_number_id.as_ref().is_some_and(|id| *id != world.number.phone_number_id) {
        return refuse(world, &note, GraphError::no_such_object_to("get", &medium.id));
    }
    let fault = world.faults.lookups.strike(Some(&medium.id));
    match &fault {
        Some(LookupFault::Error { code, subcode }) => {
            return refuse(world, &note, fault::scripted_error(*code, *subcode, None, None));
        }
        Some(LookupFault::Html { http_status }) => return fault::html(*http_status),
        Some(LookupFault::Hang) => return std::future::pending().await,
        Some(LookupFault::Cut) => return wire::cut_connection(),
        _ => {}
    }
    let mut answer = describe(world, medium, &world.base_url(headers));
    match fault {
        Some(LookupFault::ForeignUrl { url }) => answer["url"] = json!(url),
        Some(LookupFault::WrongHash) => answer["sha256"] = json!("0".repeat(64)),
        Some(LookupFault::WrongSize { file_size }) => answer["file_size"] = json!(file_size),
        _ => {}
    }
    Json(answer).into_response()
}

fn describe(world: &World, medium: &Arc<Medium>, base_url: &str) -> Value {
    let manner = world.media.manner();
    let size = medium.content.len();
    let file_size = match manner.size {
        SizeStyle::Number => json!(size),
        SizeStyle::Text => json!(size.to_string()),
    };
    json!({"messaging_product": "whatsapp", "url": format!("{base_url}{}", world.media.link(medium, world.clock.now())),
           "mime_type": medium.essence(), "sha256": medium.sha256(manner.hash), "file_size": file_size,
           "id": medium.id})
}

/// The query of an address that `lookup` answered.
#[derive(Deserialize)]
pub(super) struct Address {
    hash: String,
}

/// Answers the bytes of a file.
pub(super) async fn download(
    State(world): State<Arc<World>>,
    Query(address): Query<Address>,
    headers: HeaderMap,
) -> Response {
    if check_token(&world, &headers).is_err() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if !headers.contains_key(header::USER_AGENT) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let Some(medium) = world.media.follow(&address.hash, world.clock.now()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if let Some(fault) = world.faults.downloads.strike(Some(&medium.id))
        && let Some(answer) = fault.instead_of(&medium.content).await
    {
        return answer;
    }
    ([(header::CONTENT_TYPE, medium.essence())], medium.content.clone()).into_response()
}
