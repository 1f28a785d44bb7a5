//! Finds the binaries of a Postgres that is new enough.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

/// The oldest major version the schema is written for.
const MAJOR_VERSION_MIN: u32 = 15;

pub(crate) const ADVICE: &str = "install one (Debian, Ubuntu: `apt-get install postgresql`; macOS: `brew install postgresql@16`), \
                      or name its folder, or give the URL of a running server (DATABASE_URL)";

/// Folders that hold one folder per version, as (folder, prefix of the version's folder).
const VERSIONED: [(&str, &str); 4] = [
    ("/usr/lib/postgresql", ""),
    ("/usr", "pgsql-"),
    ("/opt/homebrew/opt", "postgresql@"),
    ("/usr/local/opt", "postgresql@"),
];

/// The binaries of one Postgres.
#[derive(Debug, Clone)]
pub struct Installation {
    bin_dir: PathBuf,
    major_version: u32,
}

impl Installation {
    /// Returns the folder that holds `postgres`, `initdb` and `pg_ctl`.
    pub fn bin_dir(&self) -> &Path {
        &self.bin_dir
    }

    /// Returns the major version, 15 or more.
    pub fn major_version(&self) -> u32 {
        self.major_version
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.bin_dir.join(name)
    }

    fn at(bin_dir: &Path) -> Result<Self> {
        // A link in /usr/local/bin has no `initdb` beside it; what it points to has.
        let postgres = bin_dir.join("postgres").canonicalize().with_context(|| format!("{}", bin_dir.display()))?;
        let bin_dir = postgres.parent().context("postgres is in a folder")?.to_owned();
        ensure!(bin_dir.join("initdb").is_file(), "{} has no initdb", bin_dir.display());

        let output =
            Command::new(&postgres).arg("--version").output().with_context(|| format!("run {}", postgres.display()))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let major_version = major_version(&text).with_context(|| format!("{} says {text:?}", postgres.display()))?;
        ensure!(major_version >= MAJOR_VERSION_MIN, "{} is version {major_version}", bin_dir.display());
        Ok(Self { bin_dir, major_version })
    }
}

/// Finds a Postgres: in `explicit` and nowhere else if given, otherwise on PATH, then where packages put it.
pub fn find_installation(explicit: Option<&Path>) -> Result<Installation> {
    if let Some(bin_dir) = explicit {
        return Installation::at(bin_dir).with_context(|| format!("no usable Postgres in {}", bin_dir.display()));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let candidates = std::env::split_paths(&path)
        .chain(VERSIONED.iter().flat_map(|(folder, prefix)| versions_in(Path::new(folder), prefix)))
        .chain([PathBuf::from("/Applications/Postgres.app/Contents/Versions/latest/bin")]);

    let mut refusals = Vec::new();
    for bin_dir in candidates.filter(|dir| dir.join("postgres").is_file()) {
        match Installation::at(&bin_dir) {
            Ok(installation) => return Ok(installation),
            Err(error) => refusals.push(format!("; {error:#}")),
        }
    }
    bail!("found no Postgres {MAJOR_VERSION_MIN} or newer{}: {ADVICE}", refusals.concat())
}

/// Returns the `bin` folders of all versions in a folder, newest first.
fn versions_in(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = folder
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let path = entry.path();
            let version = path.file_name().and_then(OsStr::to_str)?.strip_prefix(prefix)?.parse().ok()?;
            Some((version, path.join("bin")))
        })
        .collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions.into_iter().map(|(_, bin_dir)| bin_dir).collect()
}

/// Reads 15 out of `postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)`, also out of `17beta1`.
fn major_version(text: &str) -> Option<u32> {
    let number = text.split_whitespace().nth(2)?;
    number.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_is_read_from_what_distributions_print() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)\n"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 17beta1"), Some(17));
        assert_eq!(major_version("no such thing"), None);
    }

    #[test]
    fn newest_version_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["postgresql@9", "postgresql@16", "postgresql@15", "postgresql"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }

        let found = versions_in(folder.path(), "postgresql@");

        let names = ["postgresql@16/bin", "postgresql@15/bin", "postgresql@9/bin"];
        assert_eq!(found, names.map(|name| folder.path().join(name)));
    }

    #[test]
    fn missing_installation_says_where_it_looked() {
        let error = find_installation(Some(Path::new("/nowhere"))).unwrap_err();

        assert!(format!("{error:#}").starts_with("no usable Postgres in /nowhere"), "{error:#}");
    }
}
