//! The binary `inventory-svc`.

use std::process::ExitCode;

use inventory_svc::Settings;

fn main() -> ExitCode {
    platform::run("inventory-svc", |settings: Settings, process| async move {
        let listener = platform::bind(settings.listen_addr, "LISTEN_ADDR").await?;
        inventory_svc::serve(settings, listener, process).await
    })
}
