//! `backroom`: the whole product as one command.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything reads the environment and before there is a second thread. No `.env` is fine.
    dotenvy::dotenv().ok();
    platform::run("backroom", |cli: devstack::cli::Cli, process| cli.run(process))
}
