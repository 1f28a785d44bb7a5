//! The binary `parser-svc`.

use std::process::ExitCode;

use parser_svc::Settings;

fn main() -> ExitCode {
    platform::run("parser-svc", |settings: Settings, process| async move {
        let listener = platform::bind(settings.listen_addr, "LISTEN_ADDR").await?;
        parser_svc::serve(settings, listener, process).await
    })
}
