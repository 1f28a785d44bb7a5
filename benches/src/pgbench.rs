//! The other side: pgbench on the same Postgres.

use std::io::Write as _;
use std::process::Command;

use anyhow::Context as _;

/// Runs a script with prepared statements and returns transactions per second.
pub(crate) fn run(url: &str, script: &str, clients: usize, seconds: u64) -> anyhow::Result<f64> {
    let mut file = tempfile::NamedTempFile::new().context("write the script")?;
    file.write_all(script.as_bytes()).context("write the script")?;
    let pgbench = local_postgres::find_installation(None)?.bin_dir().join("pgbench");
    let output = Command::new(pgbench)
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
        .arg(format!("--client={clients}"))
        .arg(format!("--time={seconds}"))
        .arg("--file")
        .arg(file.path())
        .arg(url)
        .output()
        .context("run pgbench: it comes with Postgres")?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok())
        .with_context(|| format!("pgbench measured nothing: {text}{}", String::from_utf8_lossy(&output.stderr)))
}
