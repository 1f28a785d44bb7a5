//! One run of the server, under a shell that ends it when this process ends.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};

use crate::Installation;
use crate::home::Home;

const READY_DURATION_MAX: Duration = Duration::from_secs(30);
const POLL_INTERVAL: Duration = Duration::from_millis(20);
const LOG_LINE_COUNT_SHOWN: usize = 20;

/// Runs the server given as arguments until it ends or standard input does.
///
/// The kernel closes our end of that pipe however we die. The signal is repeated because a server that is
/// only just starting still ignores it; a second one during the shutdown changes nothing.
const SUPERVISE: &str = r#"
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
(
    while read -r _; do kill -s KILL "$server"; done
    while kill -s INT "$server"; do sleep 0.2; done
) <&3 3<&- 2>/dev/null &
watcher=$!
exec 3<&-
wait "$server"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
"#;

/// A server that takes connections; dropping it is a fast shutdown.
#[derive(Debug)]
pub(crate) struct Server {
    supervisor: Child,
}

impl Server {
    /// Starts the server and waits until it is ready. The error carries the end of its log.
    pub(crate) fn launch(installation: &Installation, home: &Home, settings: &[(String, String)]) -> Result<Self> {
        let lock_path = home.data_dir().join("postmaster.pid");
        let lock_before = fs::read_to_string(&lock_path).unwrap_or_default();
        let log_path = home.beside(".log");
        let log = File::create(&log_path).with_context(|| format!("create {}", log_path.display()))?;

        let mut command = home.account().command("sh");
        command.args(["-c", SUPERVISE, "sh"]).arg(installation.program("postgres")).arg("-D").arg(home.data_dir());
        for (name, value) in settings {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log);
        command.process_group(0); // Ctrl-C is for the services; Postgres goes last
        let mut server = Self { supervisor: command.spawn().context("start the shell around Postgres")? };

        let began = Instant::now();
        while began.elapsed() < READY_DURATION_MAX {
            if let Some(status) = server.supervisor.try_wait()? {
                return Err(anyhow!("Postgres ended with {status}; its log ends\n{}", log_tail(&log_path)));
            }
            // What `pg_ctl start` waits for, too. A killed server leaves its file behind, saying `ready`.
            let lock = fs::read_to_string(&lock_path).unwrap_or_default();
            if lock != lock_before && lock.lines().nth(7).is_some_and(|status| status.trim() == "ready") {
                return Ok(server);
            }
            std::thread::sleep(POLL_INTERVAL);
        }
        Err(anyhow!("Postgres is not ready after {READY_DURATION_MAX:?}; its log ends\n{}", log_tail(&log_path)))
    }

    /// Kills the postmaster and returns once it is gone.
    pub(crate) fn kill(mut self) -> Result<()> {
        if let Some(stdin) = &mut self.supervisor.stdin {
            stdin.write_all(b"kill\n").ok(); // fails only when the server is already gone
        }
        let began = Instant::now();
        while self.supervisor.try_wait()?.is_none() {
            ensure!(began.elapsed() < READY_DURATION_MAX, "Postgres survived SIGKILL");
            std::thread::sleep(POLL_INTERVAL); // `wait` would close standard input, which asks for a fast shutdown
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.supervisor.wait().ok(); // closes its stdin first, which asks for a fast shutdown
    }
}

fn log_tail(path: &Path) -> String {
    let log = fs::read(path).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINE_COUNT_SHOWN)..].join("\n")
}
