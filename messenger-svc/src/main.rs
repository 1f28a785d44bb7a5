//! The messenger as a process.

use std::process::ExitCode;

fn main() -> ExitCode {
    platform::run("messenger-svc", |settings: messenger_svc::Settings, process| async move {
        let listener = platform::bind(settings.listen_addr, "LISTEN_ADDR").await?;
        messenger_svc::serve(settings, listener, process).await
    })
}
