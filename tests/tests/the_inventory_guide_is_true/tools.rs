//! The clients in other languages, made ready by the ordinary tools of each.
//!
//! What is installed is kept beside the build for as long as the lock file stays the same. Stubs are made anew each time.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

/// How long a scenario may take on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_mins(5);

/// A client that can be run.
pub struct Client {
    program: PathBuf,
    /// Which of its files is run.
    script: &'static str,
    /// Where it was built; it goes when nobody runs it any more.
    folder: TempDir,
}

impl Client {
    /// Runs the scenario, or a part of it, and returns what it tells.
    pub async fn run(&self, url: &str, key: &str, shop_id: &str, part: &[&str]) -> Vec<String> {
        let mut command = tokio::process::Command::new(&self.program);
        command.arg(self.script).args(part).current_dir(self.folder.path()).kill_on_drop(true).stdin(Stdio::null());
        command.env("INVENTORY_URL", url).env("CALLER_KEY", key).env("BACKROOM_SHOP", shop_id);
        // What leads to the registries does not lead to a ledger on this machine.
        for name in ["http_proxy", "https_proxy", "grpc_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            command.env_remove(name);
        }
        let ran = tokio::time::timeout(PATIENCE, command.output()).await.expect("it comes to an end").unwrap();
        let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{}: {}\n{out}{err}", self.script, ran.status);
        out.lines().map(str::to_owned).collect()
    }
}

/// The client in Python; none where its tools are missing and nothing asks for them.
pub async fn python() -> Option<Client> {
    ready("Python", prepare_python).await
}

/// The client in TypeScript; none where its tools are missing and nothing asks for them.
pub async fn typescript() -> Option<Client> {
    ready("TypeScript", prepare_typescript).await
}

/// `BACKROOM_REQUIRE_CLIENTS=1` asks for them.
async fn ready(language: &str, prepare: fn() -> Result<Client, Missing>) -> Option<Client> {
    let missing = match tokio::task::spawn_blocking(prepare).await.unwrap() {
        Ok(client) => return Some(client),
        Err(Missing::Broken(error)) => panic!("the client in {language}: {error:#}"),
        Err(Missing::Tools(error)) => error,
    };
    let required = std::env::var_os("BACKROOM_REQUIRE_CLIENTS").is_some_and(|value| value == "1");
    assert!(!required, "BACKROOM_REQUIRE_CLIENTS is set, and for {language}: {missing:#}");
    // To the handle itself: what a passing test prints is not shown.
    let notice = format!("SKIPPED: the client in {language} was not run, because {missing:#}");
    writeln!(std::io::stderr(), "{notice}").expect("standard error is open");
    None
}

/// Why there is no client.
enum Missing {
    /// The tools or the way to the registry are not there, which is no fault of ours.
    Tools(anyhow::Error),
    /// They are, and the client cannot be built.
    Broken(anyhow::Error),
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn prepare_python() -> Result<Client, Missing> {
    let source = root().join("clients/python");
    let version = said(Command::new("python3").args(["-c", "import sys, venv, ensurepip; print(sys.version)"]))
        .context("python3 with venv is missing")
        .map_err(Missing::Tools)?;
    let installed = installed("python", &source.join("requirements.txt"), &version, |folder| {
        said(Command::new("python3").args(["-m", "venv", "venv"]).current_dir(folder))?;
        let mut pip = Command::new(folder.join("venv/bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary=:all:", "-r"]);
        said(pip.arg(source.join("requirements.txt")))
    })
    .map_err(Missing::Tools)?;
    let built = || -> Result<Client> {
        let folder = tempfile::tempdir_in(&installed)?;
        for name in ["till.py", "scenario.py"] {
            fs::copy(source.join(name), folder.path().join(name))?;
        }
        let program = installed.join("venv/bin/python");
        let protos = root().join("proto").canonicalize()?;
        let mut compiler = Command::new(&program);
        compiler.args(["-m", "grpc_tools.protoc", "--python_out=.", "--grpc_python_out=.", "-I"]).arg(&protos);
        said(compiler.args(proto_files(&protos)?).current_dir(folder.path()))?;
        Ok(Client { program, script: "scenario.py", folder })
    };
    built().map_err(Missing::Broken)
}

fn prepare_typescript() -> Result<Client, Missing> {
    let source = root().join("clients/typescript");
    let tools = || -> Result<String> {
        let version = said(Command::new("node").arg("--version")).context("node is missing")?;
        let major = version.trim().trim_start_matches('v').split('.').next().unwrap_or_default();
        ensure!(major.parse::<u32>().is_ok_and(|major| major >= 18), "node is {version}, older than 18");
        said(Command::new("npm").arg("--version")).context("npm is missing")?;
        Ok(version)
    };
    let version = tools().map_err(Missing::Tools)?;
    let installed = installed("typescript", &source.join("package-lock.json"), &version, |folder| {
        for name in ["package.json", "package-lock.json"] {
            fs::copy(source.join(name), folder.join(name))?;
        }
        said(Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder))
    })
    .map_err(Missing::Tools)?;
    let built = || -> Result<Client> {
        let folder = tempfile::tempdir_in(&installed)?;
        for name in ["package.json", "tsconfig.json", "buf.gen.yaml", "src/till.ts", "src/scenario.ts"] {
            let copy = folder.path().join(name);
            fs::create_dir_all(copy.parent().context("it is in a folder")?)?;
            fs::copy(source.join(name), copy)?;
        }
        std::os::unix::fs::symlink(installed.join("node_modules"), folder.path().join("node_modules"))?;
        let protos = root().join("proto").canonicalize()?;
        for script in ["generate", "build"] {
            let mut npm = Command::new("npm");
            said(npm.args(["run", "--silent", script]).env("PROTO", &protos).current_dir(folder.path()))?;
        }
        Ok(Client { program: "node".into(), script: "built/src/scenario.js", folder })
    };
    built().map_err(Missing::Broken)
}

/// Returns where the libraries of a lock file are installed, after installing them if they are not.
fn installed<T>(
    language: &str,
    lock: &Path,
    version: &str,
    install: impl FnOnce(&Path) -> Result<T>,
) -> Result<PathBuf> {
    let pinned = fs::read(lock).with_context(|| format!("read {}", lock.display()))?;
    let digest = hex::encode(Sha256::new().chain_update(pinned).chain_update(version).finalize());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("clients/{language}-{}", &digest[..16]));
    fs::create_dir_all(&folder)?;
    // Others may run the same test; what was cut off halfway is begun anew.
    let door = File::create(folder.join("door"))?;
    door.lock()?;
    let done = folder.join("installed");
    if !done.exists() {
        for name in ["venv", "node_modules"] {
            fs::remove_dir_all(folder.join(name)).or_else(|error| match error.kind() {
                std::io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            })?;
        }
        install(&folder).context("what it needs cannot be installed")?;
        fs::write(done, version)?;
    }
    Ok(folder)
}

/// Runs a tool to its end and returns what it says.
fn said(command: &mut Command) -> Result<String> {
    let ran = command.stdin(Stdio::null()).output().with_context(|| format!("run {command:?}"))?;
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    if !ran.status.success() {
        bail!("{command:?} ends with {}:\n{out}{err}", ran.status);
    }
    Ok(out.into_owned())
}

/// Lists the protos below a folder, by their path from it.
fn proto_files(protos: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![protos.join("thebackroom")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "proto") {
                found.push(path.strip_prefix(protos)?.to_owned());
            }
        }
    }
    ensure!(!found.is_empty(), "there are no protos in {}", protos.display());
    Ok(found)
}
