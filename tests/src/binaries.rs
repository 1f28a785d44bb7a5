//! The binaries under test, built by the same cargo and profile that built the test.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Returns the path of a binary of the workspace; builds all of them first, once per process.
pub(crate) fn binary(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let program = std::env::current_exe().expect("a running program has a path");
        let folder = program.parent().expect("a program is in a folder");
        // Tests are in target/<profile>/deps, programs in target/<profile>.
        let folder = if folder.ends_with("deps") { folder.parent().expect("deps is in a profile") } else { folder };
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).args(["build", "--quiet", "--bins"]);
        // Started by hand, this program has no cargo around it that says which rustc is meant: the one beside this cargo.
        let rustc = Path::new(env!("CARGO")).with_file_name("rustc");
        if std::env::var_os("RUSTUP_TOOLCHAIN").is_none() && rustc.exists() {
            cargo.env("RUSTC", rustc);
        }
        if folder.ends_with("release") {
            cargo.arg("--release");
            for package in ["gateway", "parser-svc", "inventory-svc", "messenger-svc", "benches"] {
                cargo.args(["--package", package]);
            }
        } else {
            // As `cargo test --workspace` built them, so that nothing is built twice.
            cargo.args(["--workspace", "--tests"]);
        }
        assert!(cargo.status().expect("cargo runs").success(), "the services do not build");
        folder.to_owned()
    });
    folder.join(name)
}
