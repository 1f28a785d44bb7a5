//! The binaries under test, built by the same cargo and profile that built the test.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Returns the path of a binary of the workspace; builds all of them first, once per process.
pub(crate) fn binary(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let test = std::env::current_exe().expect("a running test has a path");
        let folder =
            test.parent().and_then(Path::parent).expect("tests are built into target/<profile>/deps").to_owned();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).args(["build", "--quiet", "--bins"]);
        for package in ["gateway", "parser-svc", "inventory-svc", "messenger-svc"] {
            cargo.args(["--package", package]);
        }
        if folder.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().expect("cargo runs").success(), "the services do not build");
        folder
    });
    folder.join(name)
}
