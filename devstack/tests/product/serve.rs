//! `backroom serve`: the four services in one process, against given databases and a Graph API of its own.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use devstack::meta_sim::{MetaSim, MetaSimOptions, Person, Ticks};
use local_postgres::fresh_database;
use tokio::net::TcpListener;

const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn serve_answers_drains_at_sigterm_and_logs_neither_words_nor_numbers() -> Result<()> {
    let folder = tempfile::tempdir()?;
    // Only asked for and given back: Meta repeats its webhooks until the gateway stands there.
    let gateway_address = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let graph_listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut options = MetaSimOptions::new(graph_listener, format!("http://{gateway_address}/webhook/whatsapp"));
    "a-secret-of-the-app".clone_into(&mut options.app_secret);
    "a-token-of-graph".clone_into(&mut options.access_token);
    let phone_number_id = options.phone_number_id.clone();
    let meta = MetaSim::start(options)?;
    let log_path = folder.path().join("log");
    let mut serve = Command::new(env!("CARGO_BIN_EXE_backroom"))
        .arg("serve")
        .current_dir(folder.path())
        .env("GATEWAY_DATABASE_URL", fresh_database("serve_gateway").await)
        .env("INVENTORY_DATABASE_URL", fresh_database("serve_inventory").await)
        .env("MESSENGER_DATABASE_URL", fresh_database("serve_messenger").await)
        .env("LISTEN_ADDR", gateway_address.to_string())
        .env("WHATSAPP_APP_SECRET", "a-secret-of-the-app")
        .env("WHATSAPP_VERIFY_TOKEN", "a-token-of-ours")
        .env("WHATSAPP_ACCESS_TOKEN", "a-token-of-graph")
        .env("WHATSAPP_PHONE_NUMBER_ID", phone_number_id)
        .env("GRAPH_API_URL", meta.url())
        .env("RUST_LOG", "debug,sqlx=info")
        .env_remove("GEMINI_API_KEY")
        .stdin(Stdio::null())
        .stderr(std::fs::File::create(&log_path)?)
        .spawn()?;

    let sipho = Person::new("Sipho", "27825550102", "ZA.1002");
    let said = meta.say(&sipho, "Added 50 screws");
    let reply = meta.wait_for_reply(&sipho, &said.wamid, PATIENCE).await;
    if let Ok(reply) = &reply {
        meta.wait_for_ticks(&sipho, &reply.wamid, Ticks::Read, PATIENCE).await?;
    }
    Command::new("kill").args(["-TERM", &serve.id().to_string()]).status()?;
    let status = tokio::task::spawn_blocking(move || serve.wait()).await??;
    let log = std::fs::read_to_string(&log_path)?;

    let reply = reply.with_context(|| log.clone())?;
    assert_eq!(reply.text.lines().next(), Some("✅ Added 50 screws to inventory"));
    assert!(status.success(), "{log}");
    for private in ["screws", "27825550102", "a-secret-of-the-app", "a-token-of-graph", "a-token-of-ours"] {
        assert!(!log.contains(private), "the log holds {private}");
    }
    meta.stop().await;
    Ok(())
}
