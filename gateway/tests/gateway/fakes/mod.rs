//! The three services behind the gateway, each on its own port, with just enough rules to answer like the real ones.
//!
//! They answer by path: a method that nobody scripted is not there, so that a contract that grows breaks no test.

pub mod count;
pub mod inventory;
pub mod media;
pub mod messenger;
pub mod parser;
mod past;
pub mod people;
pub mod shelf;
pub mod told;

use std::future::{Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::routing::post;
use platform::error::{Refusal, Situation};
use prost::Message;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::codegen::Service;
use tonic::server::Grpc;
use tonic::service::Routes;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

/// An answer that is on its way.
pub type Answer<T> = Pin<Box<dyn Future<Output = Result<T, Status>> + Send>>;

/// Methods of one service.
pub struct Script {
    service: &'static str,
    router: Router,
}

impl Script {
    /// Begins a service by its full name.
    pub fn of(service: &'static str) -> Self {
        Self { service, router: Router::new() }
    }

    /// Answers a method at once.
    pub fn on<Q, A>(self, method: &str, answer: impl Fn(Q) -> Result<A, Status> + Clone + Send + Sync + 'static) -> Self
    where
        Q: Message + Default + 'static,
        A: Message + Default + 'static,
    {
        self.on_slow(method, move |asked| {
            let answer: Ready<_> = ready(answer(asked));
            Box::pin(answer)
        })
    }

    /// Answers a method in its own time.
    pub fn on_slow<Q, A>(
        mut self,
        method: &str,
        answer: impl Fn(Q) -> Answer<A> + Clone + Send + Sync + 'static,
    ) -> Self
    where
        Q: Message + Default + 'static,
        A: Message + Default + 'static,
    {
        let handler = move |request: http::Request<Body>| {
            let method = Unary(answer.clone());
            async move { Grpc::new(ProstCodec::<A, Q>::default()).unary(method, request).await }
        };
        self.router = self.router.route(&format!("/{}/{method}", self.service), post(handler));
        self
    }

    /// Answers a method with a stream of what is there at once.
    pub fn on_stream<Q, A>(
        mut self,
        method: &str,
        answer: impl Fn(Q) -> Result<Vec<A>, Status> + Clone + Send + Sync + 'static,
    ) -> Self
    where
        Q: Message + Default + 'static,
        A: Message + Default + 'static,
    {
        let handler = move |request: http::Request<Body>| {
            let method = Streaming(answer.clone());
            async move { Grpc::new(ProstCodec::<A, Q>::default()).server_streaming(method, request).await }
        };
        self.router = self.router.route(&format!("/{}/{method}", self.service), post(handler));
        self
    }

    /// Serves on a free port and returns its address as a URL.
    pub async fn start(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tonic::transport::Server::builder().add_routes(Routes::from(self.router));
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        url
    }
}

struct Unary<F>(F);

impl<Q, A, F: Fn(Q) -> Answer<A>> Service<Request<Q>> for Unary<F>
where
    A: Send + 'static,
{
    type Response = Response<A>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Response<A>, Status>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let answer = (self.0)(request.into_inner());
        Box::pin(async move { answer.await.map(Response::new) })
    }
}

struct Streaming<F>(F);

/// Parts of an answer that are all there.
type Parts<A> = futures::stream::Iter<std::vec::IntoIter<Result<A, Status>>>;

impl<Q, A, F: Fn(Q) -> Result<Vec<A>, Status>> Service<Request<Q>> for Streaming<F>
where
    A: Send + 'static,
{
    type Response = Response<Parts<A>>;
    type Error = Status;
    type Future = Ready<Result<Response<Parts<A>>, Status>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let parts = (self.0)(request.into_inner());
        let parts = parts.map(|parts| parts.into_iter().map(Ok).collect::<Vec<_>>());
        ready(parts.map(|parts| Response::new(futures::stream::iter(parts))))
    }
}

/// Refuses as the services do: with a reason.
pub fn refuse(situation: Situation, reason: &str) -> Status {
    Refusal::new(situation, "fake.thebackroom", reason, "refused by script").into_status()
}
