//! The four services in one process, with everything outside simulated.

use std::time::Duration;

use anyhow::{Context as _, Result};
use devstack::meta_sim::{ChatEntry, MetaSim, Person, Ticks};
use devstack::stack::{Databases, Meta, Stack, StackOptions};
use local_postgres::fresh_database;
use tokio::net::TcpListener;

const PATIENCE: Duration = Duration::from_secs(30);

async fn databases() -> Databases {
    Databases {
        gateway: fresh_database("stack_gateway").await,
        inventory: fresh_database("stack_inventory").await,
        messenger: fresh_database("stack_messenger").await,
    }
}

fn thandi() -> Person {
    Person::new("Thandi", "27825550101", "ZA.1001")
}

async fn ask(meta: &MetaSim, text: &str) -> Result<ChatEntry> {
    let said = meta.say(&thandi(), text);
    meta.wait_for_reply(&thandi(), &said.wamid, PATIENCE).await.with_context(|| format!("asked {text:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_conversation_gets_its_answers() -> Result<()> {
    let stack = Stack::start(StackOptions::simulated(databases().await).await?).await?;
    let meta = stack.meta().context("Meta is simulated")?;

    let added = ask(meta, "Added 50 screws").await?;
    assert_eq!(added.text.lines().take(2).collect::<Vec<_>>(), ["✅ Added 50 screws to inventory", "Now 50"]);
    assert_eq!(ask(meta, "sold 3").await?.text, "✅ Sold 3 screws\n47 left");
    assert_eq!(ask(meta, "how many screws").await?.text, "📦 screws 47");
    let undo = added.buttons.iter().find(|button| button.title == "Undo").context("an Undo button")?;
    let tapped = meta.tap(&thandi(), &added.wamid, &undo.id)?;
    let undone = meta.wait_for_reply(&thandi(), &tapped.wamid, PATIENCE).await?;

    assert!(undone.text.starts_with("↩️ Undone: +50 screws"), "{}", undone.text);
    meta.wait_for_ticks(&thandi(), &undone.wamid, Ticks::Read, PATIENCE).await?;
    assert!(meta.refusals().is_empty(), "{:?}", meta.refusals());
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_grammar_cannot_read_is_put_to_gemini() -> Result<()> {
    let stack = Stack::start(StackOptions::simulated(databases().await).await?).await?;
    let meta = stack.meta().context("Meta is simulated")?;

    let reply = ask(meta, "the wholesaler blorped forty somethings our way whatnot").await?;

    let gemini = stack.gemini().context("Gemini is simulated")?;
    assert!(reply.text.starts_with('❓'), "{}", reply.text);
    let calls = gemini.calls();
    assert!(!calls.is_empty(), "nobody asked Gemini");
    assert!(
        calls.iter().all(|call| call.refusal.is_none()),
        "{:?}",
        calls.iter().map(|call| &call.refusal).collect::<Vec<_>>()
    );
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn metas_verification_call_is_answered() -> Result<()> {
    let stack = Stack::start(StackOptions::simulated(databases().await).await?).await?;

    stack.meta().context("Meta is simulated")?.verify().await?;

    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_real_meta_the_page_says_so_and_has_no_phones() -> Result<()> {
    let flags = |flags: &[&str]| flags.iter().map(|flag| (*flag).to_owned()).collect();
    let page_listener = TcpListener::bind("127.0.0.1:0").await?;
    let page_url = format!("http://{}", page_listener.local_addr()?);
    let mut options = StackOptions::simulated(databases().await).await?;
    options.meta = Meta::Real { page_listener: Some(page_listener) };
    options.flags.gateway = flags(&["--whatsapp-app-secret", "secret", "--whatsapp-verify-token", "token"]);
    options.flags.messenger = flags(&["--whatsapp-access-token", "token", "--whatsapp-phone-number-id", "2000"]);

    let stack = Stack::start(options).await?;

    assert!(stack.meta().is_none());
    let about = reqwest::get(format!("{page_url}/_sim/about")).await?.text().await?;
    assert!(about.contains("talks to the real Graph API"), "{about}");
    assert!(reqwest::get(&page_url).await?.text().await?.contains("<title>The Backroom</title>"));
    stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_cannot_start_is_named() -> Result<()> {
    let mut options = StackOptions::simulated(databases().await).await?;
    options.flags.messenger = vec!["--migrate".to_owned(), "never".to_owned()];

    let error = Stack::start(options).await.err().context("the messenger's schema is missing")?;

    assert!(format!("{error:#}").starts_with("messenger-svc: "), "{error:#}");
    Ok(())
}
