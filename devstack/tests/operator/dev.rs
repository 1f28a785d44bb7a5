//! The commands beside `backroom dev`: they find it by the file it leaves, and nobody else can read that file.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::house::{backroom, eventually};

async fn start(folder: &Path) -> Result<(Child, String)> {
    let mut process = Command::new(env!("CARGO_BIN_EXE_backroom"))
        .args(["dev", "--port", "0", "--chat-port", "0"])
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut lines = BufReader::new(process.stdout.take().context("standard output is piped")?).lines();
    let mut chat_url = String::new();
    while let Some(line) = lines.next_line().await? {
        if let Some(url) = line.trim().strip_prefix("Chat") {
            url.trim().clone_into(&mut chat_url);
        }
        if line.contains("Ctrl-C stops everything") {
            break;
        }
    }
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} }); // so that it never waits for a reader
    anyhow::ensure!(!chat_url.is_empty(), "`backroom dev` ended before it said where the chat is");
    Ok((process, chat_url))
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_message_cost_and_events_find_a_running_dev_stack() -> Result<()> {
    let folder = tempfile::tempdir()?;
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?; // Postgres is somebody else
    let none = BTreeMap::new();
    let (mut process, chat_url) = start(folder.path()).await?;
    let run = async |arguments: &[&str]| backroom(folder.path(), arguments, &none).await;

    let left = folder.path().join(".backroom/stack.json");
    assert_eq!(std::fs::metadata(&left)?.permissions().mode() & 0o777, 0o600);
    let doctor = run(&["doctor"]).await?;
    assert_eq!(doctor.code, 0, "{}", doctor.said());
    assert!(doctor.out.contains("Looking at the running `backroom dev`"), "{}", doctor.out);
    assert_eq!(run(&["doctor", "--json"]).await?.json()["verdict"], "warn", "there is no Gemini key");

    let client = reqwest::Client::new();
    let said: serde_json::Value = client
        .post(format!("{chat_url}/_sim/say"))
        .json(&serde_json::json!({"person": "ZA.1001", "text": "Added 50 screws"}))
        .send()
        .await?
        .json()
        .await?;
    let request_id = format!("{}/reply", said["wamid"].as_str().context("an id")?);
    let message = eventually(async || {
        let ran = run(&["message", &request_id]).await?;
        Ok((ran.code == 0).then_some(ran))
    })
    .await?;
    assert!(message.out.contains(&request_id), "{}", message.out);
    assert_eq!(run(&["cost"]).await?.code, 0);
    assert_eq!(run(&["events"]).await?.out, "Nothing was told.\n");

    let id = process.id().context("it runs")?;
    std::process::Command::new("kill").args(["-INT", &id.to_string()]).status()?;
    assert!(process.wait().await?.success());
    assert!(!left.exists(), "a leftover would name a server that is gone");
    let gone = run(&["message", &request_id]).await?;
    assert!(gone.code == 1 && gone.err.contains("no `backroom dev` runs"), "{}", gone.err);
    Ok(())
}
