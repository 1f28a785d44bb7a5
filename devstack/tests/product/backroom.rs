//! The command itself, as a developer runs it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_mins(1);

/// A `backroom` that sees neither our environment's settings nor a `.env`.
fn backroom(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_backroom"));
    command.args(arguments).current_dir(folder);
    for name in ["WHATSAPP_ACCESS_TOKEN", "GEMINI_API_KEY", "GATEWAY_DATABASE_URL", "RUST_LOG"] {
        command.env_remove(name);
    }
    command
}

fn folder() -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    // Root's Postgres runs as somebody else, who has to get in.
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
    Ok(folder)
}

fn run(folder: &Path, arguments: &[&str]) -> Result<(bool, String)> {
    let Output { status, stdout, stderr } = backroom(folder, arguments).stdin(Stdio::null()).output()?;
    Ok((status.success(), String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr)))
}

/// A running `backroom dev`, killed if a test forgets it.
struct Dev {
    process: Child,
    chat_url: String,
    gateway_url: String,
}

impl Dev {
    fn start(folder: &Path, further: &[&str]) -> Result<Self> {
        let arguments = [&["dev", "--port", "0", "--chat-port", "0"][..], further].concat();
        let mut process = backroom(folder, &arguments).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(process.stdout.take().context("standard output is piped")?).lines();
        let mut url_after = |word: &str| -> Result<String> {
            let line = lines.by_ref().find(|line| line.as_ref().is_ok_and(|line| line.trim_start().starts_with(word)));
            let line = line.with_context(|| format!("`backroom dev` ended before it said {word}"))??;
            Ok(line.split_whitespace().nth(1).context("an address")?.to_owned())
        };
        let chat_url = url_after("Chat")?;
        let gateway_url = url_after("Webhook")?.replace("/webhook/whatsapp", "");
        std::thread::spawn(move || lines.for_each(drop)); // so that it never waits for a reader
        Ok(Self { process, chat_url, gateway_url })
    }

    fn chat(&self, folder: &Path, said: &str) -> Result<String> {
        let mut chat = backroom(folder, &["chat", "--url", &self.chat_url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        chat.stdin.take().context("standard input is piped")?.write_all(said.as_bytes())?;
        let output = chat.wait_with_output()?;
        ensure!(output.status.success(), "`backroom chat` failed");
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Presses Ctrl-C and waits for the end.
    fn interrupt(mut self) -> Result<bool> {
        Command::new("kill").args(["-INT", &self.process.id().to_string()]).status()?;
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(status) = self.process.try_wait()? {
                return Ok(status.success());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        anyhow::bail!("still running after Ctrl-C")
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        self.process.kill().ok(); // long gone, usually
        self.process.wait().ok();
    }
}

/// Returns the command lines of the processes that name this folder.
fn processes_of(folder: &Path) -> Result<Vec<String>> {
    let name = folder.to_string_lossy();
    let lines: Vec<String> = if let Ok(processes) = std::fs::read_dir("/proc") {
        let command_line = |process: std::fs::DirEntry| std::fs::read(process.path().join("cmdline")).ok();
        let lines = processes.filter_map(|process| command_line(process.ok()?));
        lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " ")).collect()
    } else {
        let listed = Command::new("ps").args(["-eo", "args"]).output()?; // macOS has no /proc, slim images no ps
        String::from_utf8_lossy(&listed.stdout).lines().map(str::to_owned).collect()
    };
    Ok(lines.into_iter().filter(|line| line.contains(&*name)).collect())
}

#[test]
fn dev_answers_in_the_terminal_keeps_its_data_and_leaves_nothing_behind() -> Result<()> {
    let folder = folder()?;
    let first = Dev::start(folder.path(), &[])?;

    let said = first.chat(folder.path(), "Added 50 screws\n")?;
    assert!(said.starts_with("✅ Added 50 screws to inventory\nNow 50\n"), "{said}");
    assert!(said.contains("\n  /1 Undo\n"), "{said}");
    let (listed, letters) = run(folder.path(), &["dead-letters", "list"])?;
    assert!(listed && letters == "No dead letters.\n", "{letters}");
    assert!(first.interrupt()?, "a clean end");
    assert_eq!(processes_of(folder.path())?, Vec::<String>::new());

    let second = Dev::start(folder.path(), &[])?;
    assert_eq!(second.chat(folder.path(), "how many screws\n")?, "📦 screws 50\n");
    assert!(second.interrupt()?);

    let fresh = Dev::start(folder.path(), &["--fresh"])?;
    let said = fresh.chat(folder.path(), "Added 7 screws\n/1\n")?;
    assert!(said.contains("Now 7\n") && said.contains("↩️ Undone: +7 screws"), "{said}");
    assert!(fresh.interrupt()?);
    Ok(())
}

#[test]
fn a_second_stack_on_the_same_data_or_port_is_told_what_to_do() -> Result<()> {
    let folder = folder()?;
    let running = Dev::start(folder.path(), &[])?;

    let (same_data, says) = run(folder.path(), &["dev", "--port", "0", "--chat-port", "0"])?;
    assert!(
        !same_data && says.contains("another `backroom dev` uses .backroom") && says.contains("--data-dir"),
        "{says}"
    );

    let port = running.gateway_url.rsplit(':').next().context("a port")?;
    let (same_port, says) = run(folder.path(), &["dev", "--port", port, "--chat-port", "0", "--data-dir", "other"])?;
    assert!(!same_port && says.contains(&format!("port {port} is taken")) && says.contains("--port"), "{says}");
    assert!(running.interrupt()?);
    Ok(())
}

#[test]
fn a_missing_postgres_is_named() -> Result<()> {
    let folder = folder()?;

    let (ok, says) = run(folder.path(), &["dev", "--port", "0", "--chat-port", "0", "--postgres-bin-dir", "/nowhere"])?;

    assert!(!ok && says.contains("no usable Postgres in /nowhere"), "{says}");
    Ok(())
}

#[test]
fn real_credentials_that_are_not_whole_name_what_is_missing() -> Result<()> {
    let folder = folder()?;
    std::fs::write(folder.path().join(".env"), "WHATSAPP_ACCESS_TOKEN=token\n")?;

    let (ok, says) = run(folder.path(), &["dev", "--port", "0", "--chat-port", "0"])?;

    // Whichever service misses something first says so, with the variable's name.
    let names_one = ["WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN", "WHATSAPP_PHONE_NUMBER_ID"]
        .iter()
        .any(|name| says.contains(&format!("{name} is not set")));
    assert!(!ok && names_one, "{says}");
    Ok(())
}

#[test]
fn chat_without_a_stack_says_how_to_get_one() -> Result<()> {
    let folder = folder()?;

    let (ok, says) = run(folder.path(), &["chat", "--url", "http://127.0.0.1:9"])?;

    assert!(!ok && says.contains("start one with `backroom dev`"), "{says}");
    Ok(())
}

#[test]
fn a_caller_key_comes_with_the_entry_that_admits_it() -> Result<()> {
    let folder = folder()?;

    let (ok, says) =
        run(folder.path(), &["caller-key", "reports", "thebackroom.inventory.v1.InventoryService/ListStock"])?;

    let key = says.split("CALLER_KEY=").nth(1).and_then(|rest| rest.lines().next()).context("a key")?;
    let hash = platform::grpc::key_hash(key);
    assert!(ok && key.len() >= 43, "{says}");
    assert!(
        says.contains(&format!("  reports {hash} thebackroom.inventory.v1.InventoryService/ListStock\n")),
        "{says}"
    );
    Ok(())
}

#[test]
fn dead_letters_without_a_database_say_what_to_set() -> Result<()> {
    let folder = folder()?;

    let (ok, says) = run(folder.path(), &["dead-letters", "list"])?;

    assert!(!ok && says.contains("GATEWAY_DATABASE_URL is not set"), "{says}");
    Ok(())
}
