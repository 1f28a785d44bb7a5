//! The data directory with its password and log beside it, and the user who owns them.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use rand::distr::{Alphanumeric, SampleString as _};
use sha2::{Digest as _, Sha256};

use crate::{Installation, Options};

pub(crate) const SUPERUSER: &str = "backroom";

const MEMORY_DIR: &str = "/dev/shm";
/// Room for several servers; a container's 64 MiB would not hold one.
const MEMORY_KIB_MIN: u64 = 4 * 1024 * 1024;

/// Waits for our end, then for the server's, then removes the directory. At most 30 s: a process id may be reused.
///
/// A killed server leaves a piece of shared memory, too; the seventh line of its lock file is that piece's key and id.
const REMOVE_AT_END: &str = r#"
read -r _
tries=0
while [ "$tries" -lt 300 ]; do
    server=$(sed -n 1p "$1/data/postmaster.pid" 2>/dev/null)
    if [ -z "$server" ] || ! kill -0 "$server" 2>/dev/null; then
        set -- "$1" $(sed -n 7p "$1/data/postmaster.pid" 2>/dev/null)
        [ -z "$3" ] || ipcrm -m "$3"
        rm -rf -- "$1"
        [ -e "$1" ] || exit 0
    fi
    sleep 0.1
    tries=$((tries + 1))
done
rm -rf -- "$1"
"#;

/// Whom the server runs as: Postgres refuses root, so root hands over to somebody else.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Account {
    Ours,
    Other { uid: u32, gid: u32 },
}

impl Account {
    pub(crate) fn choose() -> Result<Self> {
        if !is_root()? {
            return Ok(Self::Ours);
        }
        for name in ["postgres", "nobody"] {
            if let (Ok(uid), Ok(gid)) = (id(&["-u", name]), id(&["-g", name])) {
                return Ok(Self::Other { uid, gid });
            }
        }
        bail!("Postgres refuses to run as root, and there is neither a user postgres nor nobody")
    }

    /// Returns a command that runs as this account, outside any folder it may not see.
    pub(crate) fn command(self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir("/").env("LC_ALL", "C"); // error texts are matched on
        if let Self::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
        command
    }

    fn take_over(self, path: &Path) -> Result<()> {
        if let Self::Other { uid, gid } = self {
            chown(path, Some(uid), Some(gid))
                .with_context(|| format!("hand {} to the server's user", path.display()))?;
        }
        Ok(())
    }

    fn can_reach(self, folder: &Path) -> Result<bool> {
        if let Self::Ours = self {
            return Ok(true);
        }
        let mut probe = self.command("sh");
        Ok(probe.args(["-c", r#"cd -- "$1""#, "sh"]).arg(folder).stderr(Stdio::null()).status()?.success())
    }

    fn create_private_dir(self, path: &Path) -> Result<()> {
        fs::DirBuilder::new().mode(0o700).create(path).with_context(|| format!("create {}", path.display()))?;
        self.take_over(path)
    }
}

/// A data directory that is ready to be served.
#[derive(Debug)]
pub(crate) struct Home {
    data_dir: PathBuf,
    password: String,
    account: Account,
    remover: Option<Child>,
}

impl Home {
    /// Opens the directory the options ask for, making it first if need be.
    pub(crate) fn open(installation: &Installation, options: &Options) -> Result<Self> {
        let account = Account::choose()?;
        let mut home = Self { data_dir: PathBuf::new(), password: String::new(), account, remover: None };
        if let Some(wanted) = &options.data_dir {
            home.data_dir = reachable(account, &std::path::absolute(wanted)?)?;
        } else {
            let base = if options.durable { std::env::temp_dir() } else { fastest_temp_dir() };
            let base = if account.can_reach(&base)? { base } else { PathBuf::from("/var/tmp") };
            let folder = tempfile::Builder::new().prefix("backroom-postgres-").tempdir_in(base)?;
            account.take_over(folder.path())?;
            let mut remover = account.command("sh");
            remover.args(["-c", REMOVE_AT_END, "sh"]).arg(folder.path()).stdin(Stdio::piped()).process_group(0);
            remover.stdout(Stdio::null()).stderr(Stdio::null()); // whoever reads ours must not wait for it
            home.remover = Some(remover.spawn().context("start the shell that cleans up")?);
            home.data_dir = folder.keep().join("data");
        }
        home.password = home.read_or_make_password()?;
        if !home.data_dir.join("PG_VERSION").exists() {
            home.init(installation, options.durable)?;
        }
        Ok(home)
    }

    pub(crate) fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    pub(crate) fn account(&self) -> Account {
        self.account
    }

    /// Returns a path next to the data directory: Postgres wants to be alone inside.
    pub(crate) fn beside(&self, extension: &str) -> PathBuf {
        let mut path = self.data_dir.clone().into_os_string();
        path.push(extension);
        path.into()
    }

    /// Stops the server of an earlier run whose process ended without it.
    pub(crate) fn stop_leftover(&self, installation: &Installation) {
        let lock = fs::read_to_string(self.data_dir.join("postmaster.pid")).unwrap_or_default();
        let Some(pid) = lock.lines().next().and_then(|line| line.trim().parse::<u32>().ok()) else { return };
        // After a reboot the id may be anybody's, and `pg_ctl stop` would signal them.
        if !command_line(pid).contains(&*self.data_dir.to_string_lossy()) {
            return;
        }
        tracing::warn!(pid, "stopping a Postgres left over in {}", self.data_dir.display());
        let mut stop = self.account.command(installation.program("pg_ctl"));
        stop.args(["stop", "--silent", "--wait", "--mode=fast", "-D"]).arg(&self.data_dir);
        if let Err(error) = stop.stdin(Stdio::null()).output() {
            tracing::warn!("could not run pg_ctl: {error}"); // the start will say what is in its way
        }
    }

    fn read_or_make_password(&self) -> Result<String> {
        let path = self.beside(".password");
        if let Ok(password) = fs::read_to_string(&path) {
            return Ok(password.trim().to_owned());
        }
        ensure!(
            !self.data_dir.join("PG_VERSION").exists(),
            "{} is missing, and the data in {} cannot be opened without it",
            path.display(),
            self.data_dir.display()
        );
        let password = Alphanumeric.sample_string(&mut rand::rng(), 32); // needs no escaping in a URL
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("create {}", path.display()))?;
        file.write_all(password.as_bytes())?;
        self.account.take_over(&path)?; // initdb reads it
        Ok(password)
    }

    /// Makes an empty cluster elsewhere and moves it here, so that an interrupted attempt is never taken for one.
    fn init(&self, installation: &Installation, durable: bool) -> Result<()> {
        let draft = self.beside(".new");
        let mut complaint = String::new();
        for locale in ["C.UTF-8", "C"] {
            if draft.exists() {
                fs::remove_dir_all(&draft).with_context(|| format!("remove {}", draft.display()))?;
            }
            self.account.create_private_dir(&draft)?;
            let mut initdb = self.account.command(installation.program("initdb"));
            initdb
                .arg("-D")
                .arg(&draft)
                .arg(format!("--username={SUPERUSER}"))
                .arg("--pwfile")
                .arg(self.beside(".password"));
            // Tests connect often, and proving a password costs a debug build 40 ms, showing it 8; it never leaves the host.
            initdb.arg(if durable { "--auth=scram-sha-256" } else { "--auth=password" });
            initdb.args(["--encoding=UTF8", "--no-instructions", "--locale", locale]);
            if !durable {
                initdb.arg("--no-sync");
            }
            let output = initdb.stdin(Stdio::null()).output().context("run initdb")?;
            if output.status.success() {
                return fs::rename(&draft, &self.data_dir).with_context(|| {
                    format!("{} is neither empty nor a Postgres data directory", self.data_dir.display())
                });
            }
            complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        }
        bail!("initdb failed for {}: {}", self.data_dir.display(), complaint.trim())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Some(remover) = &mut self.remover {
            remover.wait().ok(); // closes its stdin first, which is what it waits for
        }
    }
}

/// Returns whether this process is root's.
fn is_root() -> Result<bool> {
    Ok(id(&["-u"])? == 0)
}

fn id(arguments: &[&str]) -> Result<u32> {
    let output = Command::new("id").args(arguments).output().context("run id")?;
    String::from_utf8_lossy(&output.stdout).trim().parse().context("id answers with a number")
}

/// Returns memory if the system offers plenty of it as a folder and TMPDIR says nothing else.
///
/// A new database is 300 files: 25 ms in memory, 240 ms on the disk this was measured on.
fn fastest_temp_dir() -> PathBuf {
    let has_room = || {
        let output = Command::new("df").args(["-Pk", MEMORY_DIR]).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut columns = text.lines().nth(1)?.split_whitespace();
        Some(columns.nth(3)?.parse::<u64>().ok()? >= MEMORY_KIB_MIN)
    };
    let is_chosen = std::env::var_os("TMPDIR").is_none() && has_room() == Some(true);
    if is_chosen { PathBuf::from(MEMORY_DIR) } else { std::env::temp_dir() }
}

/// Returns the place asked for, or one below /var/tmp if the server's user cannot get there.
pub(crate) fn reachable(account: Account, wanted: &Path) -> Result<PathBuf> {
    let parent = wanted.parent().context("the data directory is not the root of the file system")?;
    fs::create_dir_all(parent).with_context(|| format!("create {}", parent.display()))?;
    if account.can_reach(parent)? {
        return Ok(wanted.to_owned());
    }
    let digest = hex::encode(Sha256::digest(wanted.as_os_str().as_encoded_bytes()));
    let folder = PathBuf::from(format!("/var/tmp/backroom-{}", &digest[..16]));
    tracing::info!("the server's user cannot reach {}; using {}", wanted.display(), folder.display());
    // Anybody may create that name; only the server's user may own it.
    match fs::symlink_metadata(&folder) {
        Ok(found) => {
            let is_ours = matches!(account, Account::Other { uid, .. } if uid == found.uid()) && found.is_dir();
            ensure!(is_ours, "{} belongs to somebody else", folder.display());
        }
        Err(_) => account.create_private_dir(&folder)?,
    }
    Ok(folder.join("data"))
}

/// Returns the command line of a process, or nothing if there is no such process.
fn command_line(pid: u32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_else(|_| {
        let ps = Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output();
        ps.map(|output| output.stdout).unwrap_or_default() // macOS has no /proc, and slim images no ps
    });
    String::from_utf8_lossy(&bytes).into_owned()
}
