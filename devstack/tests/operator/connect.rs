//! `backroom connect`: from nothing to a number that answers, again without a change, and with everything that stops it.

use anyhow::Result;
use devstack::meta_sim::{AccountOptions, Ailment, Person};

use crate::house::{House, PATIENCE};

fn new_account() -> AccountOptions {
    AccountOptions { is_connected: false, ..AccountOptions::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_nothing_to_all_green_and_again_without_a_change() -> Result<()> {
    let house = House::start(new_account()).await?;
    house.meta().set_webhook_url("http://127.0.0.1:9/nowhere");
    let before = house.backroom(&["doctor"]).await?;
    assert_eq!(before.code, 1, "{}", before.out);

    let first = house.backroom(&["connect", "--pin", "123456"]).await?;
    assert_eq!(first.code, 0, "{}", first.said());
    for line in [
        "ok    the gateway answers at",
        "done  the app gets the webhooks of account 100000000000001",
        "done  subscribe app 300000000000001 to messages, account_update",
        "done  number 200000000000001 is registered",
        " 0 failed",
    ] {
        assert!(first.out.contains(line), "no {line:?} in\n{}", first.out);
    }
    assert!(!first.said().contains("123456"), "the PIN was printed");

    let again = house.backroom(&["connect"]).await?;
    assert_eq!(again.code, 0, "{}", again.said());
    assert!(!again.out.contains("done ") && again.out.matches("nothing to do").count() == 3, "{}", again.out);

    let thandi = Person::new("Thandi", "27825550101", "ZA.1001");
    let said = house.meta().say(&thandi, "Added 50 screws");
    let reply = house.meta().wait_for_reply(&thandi, &said.wamid, PATIENCE).await?;
    assert!(reply.text.starts_with("✅ Added 50 screws"), "{}", reply.text);
    house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_down_stops_it_before_meta_is_changed() -> Result<()> {
    let house = House::start(new_account()).await?;
    let before = house.account().await?;

    let ran = house.backroom(&["connect", "--url", "http://127.0.0.1:9/webhook/whatsapp", "--pin", "123456"]).await?;

    assert_eq!(ran.code, 1, "{}", ran.said());
    for words in ["it cannot be reached", "Start the gateway", "Nothing was changed at Meta."] {
        assert!(ran.err.contains(words), "no {words:?} in {}", ran.err);
    }
    assert_eq!(house.account().await?, before);
    house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_it_would_do_and_does_nothing() -> Result<()> {
    let house = House::start(new_account()).await?;
    let before = house.account().await?;

    let ran = house.backroom(&["connect", "--dry-run", "--pin", "123456"]).await?;

    assert_eq!(ran.code, 0, "{}", ran.said());
    for line in
        ["would subscribe the app to account", "would subscribe app", "would register number", "Nothing was changed"]
    {
        assert!(ran.out.contains(line), "no {line:?} in\n{}", ran.out);
    }
    assert_eq!(house.account().await?, before);
    house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stops_the_registration_is_explained() -> Result<()> {
    let account = AccountOptions { pin: Some("654321".to_owned()), ..new_account() };
    let house = House::start(account).await?;

    let without = house.backroom(&["connect"]).await?;
    let wrong = house.backroom(&["connect", "--pin", "123456"]).await?;
    house.meta().ail(&Ailment::NumberUnverified);
    let unverified = house.backroom(&["connect", "--pin", "654321"]).await?;
    house.meta().heal();
    let right = house.backroom(&["connect", "--pin", "654321"]).await?;

    for (ran, words) in [
        (&without, "Give --pin with six digits"),
        (&wrong, "Two-step verification PIN mismatch"),
        (&wrong, "set a new one there if nobody remembers it"),
        (&unverified, "error 133006"),
        (&unverified, "Prove that the number is yours first"),
    ] {
        assert_eq!(ran.code, 1, "{}", ran.said());
        assert!(ran.out.contains(words), "no {words:?} in\n{}", ran.out);
    }
    assert!(without.out.contains("done  the app gets the webhooks"), "the other steps go on: {}", without.out);
    assert_eq!(right.code, 0, "{}", right.said());
    house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_deployments_address_is_left_alone_unless_one_says_so() -> Result<()> {
    let house = House::connected().await?;
    // The app's own address is that of the gateway: seen from a second gateway it is another deployment's.
    let second = crate::tls::Door::open(crate::tls::Kind::Plain)?;
    let url = second.url();

    let left = house.backroom(&["connect", "--url", &url]).await?;
    let app_callback = house.backroom(&["doctor", "--json", "--url", &url]).await?.json();
    let taken = house.backroom(&["connect", "--url", &url, "--replace-app-callback"]).await?;

    assert!(left.out.contains("left  the app's own webhook at"), "{}", left.out);
    assert_eq!(left.code, 0, "the account's address wins: {}", left.said());
    assert_eq!(app_callback["verdict"], "pass");
    assert!(taken.out.contains("done  set the address of app 300000000000001"), "{}", taken.out);
    house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_named_and_an_address_meta_would_refuse_is_refused() -> Result<()> {
    let house = House::connected().await?;
    let long = format!("{}/{}", house.stack.gateway_url(), "x".repeat(200));

    for (changes, words) in [
        (("WHATSAPP_VERIFY_TOKEN", ""), "WHATSAPP_VERIFY_TOKEN is not set"),
        (("WHATSAPP_APP_SECRET", ""), "WHATSAPP_APP_SECRET is not set"),
        (("WHATSAPP_PHONE_NUMBER_ID", ""), "WHATSAPP_PHONE_NUMBER_ID is not set"),
        (("PUBLIC_URL", long.as_str()), "longer than the 200 characters"),
        (("WHATSAPP_VERIFY_TOKEN", "another-token"), "refuses WHATSAPP_VERIFY_TOKEN"),
        (("GRAPH_API_URL", "https://graph.invalid"), "must begin with https://"),
    ] {
        let ran = house.backroom_with(&["connect"], &[changes]).await?;
        assert_eq!(ran.code, 1, "{}", ran.said());
        assert!(ran.err.contains(words), "no {words:?} in {}", ran.err);
    }
    house.meta().ail(&Ailment::TokenExpired);
    let expired = house.backroom(&["connect"]).await?;
    assert!(expired.err.contains("run `backroom doctor`"), "{}", expired.err);
    house.stack.stop().await
}
