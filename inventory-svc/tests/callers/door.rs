//! A service with a list of keys in a file.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser as _;
use inventory_svc::Settings;
use platform::Process;
use platform::grpc::key_hash;
use platform::shutdown::Shutdown;
use proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Status};

use crate::world::World;

/// Shows a key.
#[derive(Clone)]
pub(crate) struct Shown(MetadataValue<Ascii>);

impl Interceptor for Shown {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

pub(crate) type Caller = InventoryServiceClient<InterceptedService<Channel, Shown>>;

/// A second process of the service, on the database of a world.
pub(crate) struct Door {
    address: String,
    directory: tempfile::TempDir,
    shutdown: Shutdown,
}

/// Returns an entry for a key: name and key are the same word.
pub(crate) fn entry(key: &str, words: &str) -> String {
    format!("{key} {} {words}", key_hash(key))
}

impl Door {
    pub(crate) async fn open(world: &World, list: &str) -> Self {
        Self::open_with(&world.database_url, list, &[]).await
    }

    pub(crate) async fn open_with(database_url: &str, list: &str, flags: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a folder");
        let path = directory.path().join("keys");
        std::fs::write(&path, list).expect("it can be written");
        let path = path.to_str().expect("a path of letters");
        let own = ["inventory-svc", "--database-url", database_url, "--caller-keys-file", path];
        let settings = Settings::try_parse_from(own.iter().chain(flags)).expect("the flags are ours");
        let listener = platform::bind(([127, 0, 0, 1], 0).into(), "LISTEN_ADDR").await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("it is bound"));
        let shutdown = Shutdown::new();
        let process = Process::new(platform::clock::Clock::system(), shutdown.clone());
        tokio::spawn(async move { inventory_svc::serve(settings, listener, process).await.expect("it serves") });
        Self { address, directory, shutdown }
    }

    /// Puts another list in the place of the file, as editors and Kubernetes do.
    pub(crate) fn rewrite(&self, list: &str) {
        let path = |name: &str| -> PathBuf { self.directory.path().join(name) };
        std::fs::write(path("new"), list).expect("it can be written");
        std::fs::rename(path("new"), path("keys")).expect("it can be renamed");
    }

    /// Returns a client that shows a key, on a connection of its own.
    pub(crate) fn caller(&self, key: &str) -> Caller {
        InventoryServiceClient::new(self.channel(key))
    }

    pub(crate) fn channel(&self, key: &str) -> InterceptedService<Channel, Shown> {
        let channel = Channel::from_shared(self.address.clone()).expect("an address").connect_lazy();
        InterceptedService::new(channel, Shown(format!("Bearer {key}").parse().expect("it is ASCII")))
    }

    pub(crate) async fn close(self, world: World) {
        self.shutdown.begin();
        world.finish().await;
    }
}

/// Waits for what is going to happen on the slowest machine too, so that a test fails and never hangs.
pub(crate) async fn soon<T>(what: &str, happens: impl Future<Output = T>) -> T {
    let Ok(happened) = tokio::time::timeout(Duration::from_mins(1), happens).await else {
        panic!("waited a minute for {what}");
    };
    happened
}

/// Asks again until it is so.
pub(crate) async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    soon(what, async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}
