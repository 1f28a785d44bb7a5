//! Files that the messenger streams, and readings that the parser answers with once it has all of one.

use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::body::Body;
use axum::routing::post;
use platform::error::{Refusal, Situation};
use proto::messenger::v1::get_media_response::Part as FilePart;
use proto::messenger::v1::{GetMediaRequest, GetMediaResponse, MediaDescription};
use proto::parser::v1::parse_media_request::Part;
use proto::parser::v1::{MediaMessage, ParseMediaRequest, ParseMediaResponse};
use tokio::sync::Semaphore;
use tonic::codegen::Service;
use tonic::codegen::tokio_stream::{self, Stream};
use tonic::server::Grpc;
use tonic::{Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;

use super::{Answer, Script};

type Parts = Pin<Box<dyn Stream<Item = Result<GetMediaResponse, Status>> + Send>>;

/// Files by Meta's id. Cheap to clone.
#[derive(Clone, Default)]
pub struct Files {
    files: Arc<Mutex<HashMap<String, VecDeque<File>>>>,
    asked: Arc<Mutex<Vec<GetMediaRequest>>>,
}

/// What comes of asking for a file.
#[derive(Clone)]
pub enum File {
    /// All of it.
    Whole(Vec<u8>),
    /// So many bytes of nothing in particular, behind the head of a voice note; never in memory at once.
    Long(usize),
    /// A beginning, then the stream breaks.
    Broken(Vec<u8>),
    /// None of it.
    Refused(Situation, &'static str, &'static [(&'static str, &'static str)]),
}

impl Files {
    /// Puts a file where it is found, behind those that are there: each is served once, the last one for ever.
    pub fn put(&self, media_id: &str, file: File) {
        self.files.lock().unwrap().entry(media_id.to_owned()).or_default().push_back(file);
    }

    /// Returns what was asked for.
    pub fn asked(&self) -> Vec<GetMediaRequest> {
        self.asked.lock().unwrap().clone()
    }

    fn take(&self, media_id: &str) -> File {
        let mut files = self.files.lock().unwrap();
        let queue = files.get_mut(media_id).expect("a file that was put there");
        let next = queue.front().cloned().expect("a file");
        if queue.len() > 1 {
            queue.pop_front();
        }
        next
    }

    pub fn on(&self, script: Script) -> Script {
        let files = self.clone();
        let handler = move |request: http::Request<Body>| {
            let files = Streams(files.clone());
            async move {
                Grpc::new(ProstCodec::<GetMediaResponse, GetMediaRequest>::default())
                    .server_streaming(files, request)
                    .await
            }
        };
        let path = format!("/{}/GetMedia", script.service);
        Script { router: script.router.route(&path, post(handler)), ..script }
    }
}

struct Streams(Files);

impl Service<Request<GetMediaRequest>> for Streams {
    type Response = Response<Parts>;
    type Error = Status;
    type Future = Answer<Response<Parts>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<GetMediaRequest>) -> Self::Future {
        let request = request.into_inner();
        let file = self.0.take(&request.media_id);
        self.0.asked.lock().unwrap().push(request);
        Box::pin(async move { serve(file).map(Response::new) })
    }
}

fn serve(file: File) -> Result<Parts, Status> {
    let part = |part| Ok(GetMediaResponse { part: Some(part) });
    let describe = |size_bytes| part(FilePart::Description(MediaDescription { mime_type: String::new(), size_bytes }));
    Ok(match file {
        File::Whole(bytes) => {
            let mut parts = vec![describe(0)];
            parts.extend(bytes.chunks(1000).map(|chunk| part(FilePart::Chunk(chunk.to_vec()))));
            Box::pin(tokio_stream::iter(parts))
        }
        File::Long(length) => {
            let head = [describe(0), part(FilePart::Chunk(b"OggS".to_vec()))];
            let rest = (0..length / 65_536).map(move |_| part(FilePart::Chunk(vec![7; 65_536])));
            Box::pin(tokio_stream::iter(head.into_iter().chain(rest)))
        }
        File::Broken(bytes) => {
            let parts = vec![describe(0), part(FilePart::Chunk(bytes)), Err(Status::unavailable("cut"))];
            Box::pin(tokio_stream::iter(parts))
        }
        File::Refused(situation, reason, metadata) => {
            let refusal = Refusal::new(situation, "messenger.thebackroom", reason, "refused by script");
            let all = metadata.iter().fold(refusal, |refusal, (key, value)| refusal.metadata(key, *value));
            return Err(all.into_status());
        }
    })
}

/// What the parser makes of files. Cheap to clone.
#[derive(Clone)]
pub struct Readings {
    answers: Arc<Mutex<VecDeque<Result<ParseMediaResponse, Status>>>>,
    heard: Arc<Mutex<Vec<Heard>>>,
    /// Each answer takes one of these.
    pub gate: Arc<Semaphore>,
}

impl Default for Readings {
    fn default() -> Self {
        Self { answers: Arc::default(), heard: Arc::default(), gate: Arc::new(Semaphore::new(1_000)) }
    }
}

/// A file that came in whole.
#[derive(Clone)]
pub struct Heard {
    pub message: MediaMessage,
    pub head: Vec<u8>,
    pub length: usize,
}

impl Readings {
    /// Answers so next; the last answer stands for ever.
    pub fn answer(&self, answer: Result<ParseMediaResponse, Status>) {
        self.answers.lock().unwrap().push_back(answer);
    }

    /// Returns the files that came in whole.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    pub fn on(&self, script: Script) -> Script {
        let readings = self.clone();
        let handler = move |request: http::Request<Body>| {
            let readings = readings.clone();
            async move {
                Grpc::new(ProstCodec::<ParseMediaResponse, ParseMediaRequest>::default())
                    .client_streaming(readings, request)
                    .await
            }
        };
        let path = format!("/{}/ParseMedia", script.service);
        Script { router: script.router.route(&path, post(handler)), ..script }
    }

    async fn read(self, mut parts: Streaming<ParseMediaRequest>) -> Result<ParseMediaResponse, Status> {
        let Some(Part::Message(message)) = parts.message().await?.and_then(|part| part.part) else {
            return Err(Status::invalid_argument("the description comes first"));
        };
        let mut heard = Heard { message: *message, head: Vec::new(), length: 0 };
        while let Some(part) = parts.message().await? {
            let Some(Part::Chunk(chunk)) = part.part else { return Err(Status::invalid_argument("bytes come next")) };
            heard.length += chunk.len();
            heard.head.extend(chunk.iter().take(100_000_usize.saturating_sub(heard.head.len())));
        }
        self.heard.lock().unwrap().push(heard);
        self.gate.acquire().await.unwrap().forget();
        let mut answers = self.answers.lock().unwrap();
        let next = answers.front().cloned().expect("an answer by script");
        if answers.len() > 1 {
            answers.pop_front();
        }
        next
    }
}

impl Service<Request<Streaming<ParseMediaRequest>>> for Readings {
    type Response = Response<ParseMediaResponse>;
    type Error = Status;
    type Future = Answer<Response<ParseMediaResponse>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Streaming<ParseMediaRequest>>) -> Self::Future {
        let readings = self.clone();
        Box::pin(async move { readings.read(request.into_inner()).await.map(Response::new) })
    }
}
