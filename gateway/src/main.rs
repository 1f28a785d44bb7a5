//! Starts the gateway.

use std::process::ExitCode;

use gateway::Settings;

fn main() -> ExitCode {
    platform::run("gateway", |settings: Settings, process| async move {
        let listener = platform::bind(settings.listen_addr, "LISTEN_ADDR").await?;
        gateway::serve(settings, listener, process).await
    })
}
