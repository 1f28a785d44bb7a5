//! `backroom doctor` in every broken state: what it finds, what it says to do, how it ends.

use anyhow::{Context as _, Result};
use devstack::meta_sim::{Ailment, Entity};
use serde_json::Value;

use crate::house::{House, Ran};

/// A state, and what the doctor has to make of it.
struct Case {
    ailments: Vec<Ailment>,
    settings: Vec<(&'static str, &'static str)>,
    id: &'static str,
    verdict: &'static str,
    found: &'static str,
    remedy: &'static str,
}

fn ill(ailment: Ailment, id: &'static str, verdict: &'static str, found: &'static str, remedy: &'static str) -> Case {
    Case { ailments: vec![ailment], settings: Vec::new(), id, verdict, found, remedy }
}

fn set(
    name: &'static str,
    value: &'static str,
    id: &'static str,
    verdict: &'static str,
    found: &'static str,
    remedy: &'static str,
) -> Case {
    Case { ailments: Vec::new(), settings: vec![(name, value)], id, verdict, found, remedy }
}

fn check<'a>(report: &'a Value, id: &str) -> Option<&'a Value> {
    report["checks"].as_array()?.iter().find(|check| check["id"] == id)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

async fn examine(house: &House, case: &Case) -> Result<(Ran, Ran)> {
    house.meta().heal();
    for ailment in &case.ailments {
        house.meta().ail(ailment);
    }
    let in_json = house.backroom_with(&["doctor", "--json"], &case.settings);
    let in_words = house.backroom_with(&["doctor"], &case.settings);
    tokio::try_join!(in_json, in_words)
}

async fn judge(house: &House, case: &Case) -> Result<()> {
    let (in_json, in_words) = examine(house, case).await?;
    let report = in_json.json();
    let name = format!("{:?} {:?}", case.ailments, case.settings);
    let check = check(&report, case.id).with_context(|| format!("{name}: no check {} in {}", case.id, in_json.out))?;
    assert_eq!(check["verdict"], case.verdict, "{name}: {check}");
    assert!(text(&check["found"]).contains(case.found), "{name}: {check}");
    assert!(text(&check["remedy"]).contains(case.remedy), "{name}: {check}");

    let code = i32::from(report["counts"]["fail"] != 0);
    assert_eq!((in_json.code, in_words.code), (code, code), "{name}: {}", in_words.said());
    if case.verdict == "fail" {
        assert_eq!(code, 1, "{name}");
        assert_eq!(report["verdict"], "fail", "{name}");
    }
    if case.verdict == "warn" && case.settings.is_empty() {
        assert_eq!(report["verdict"], "warn", "{name}: {}", in_words.out);
    }
    for shown in [&check["found"], &check["remedy"]] {
        assert!(in_words.out.contains(text(shown)), "{name}: {shown} is not in\n{}", in_words.out);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connected_number_is_all_green() -> Result<()> {
    let house = House::connected().await?;

    let ran = house.backroom(&["doctor", "--json", "--template", "low_stock:en_US"]).await?;

    let report = ran.json();
    assert_eq!(ran.code, 0, "{}", ran.said());
    assert_eq!(report["verdict"], "pass", "{}", ran.out);
    assert_eq!(report["format"], 1);
    let skipped: Vec<&str> = report["checks"]
        .as_array()
        .context("checks")?
        .iter()
        .filter(|check| check["verdict"] == "skip")
        .map(|check| text(&check["id"]))
        .collect();
    assert_eq!(skipped, ["app.live"], "{}", ran.out);
    let sections: Vec<u64> =
        report["checks"].as_array().context("checks")?.iter().filter_map(|check| check["section"].as_u64()).collect();
    assert!(sections.is_sorted() && sections.last() == Some(&10), "{sections:?}");
    house.stack.stop().await
}

fn token_cases() -> Vec<Case> {
    let word = str::to_owned;
    vec![
        ill(Ailment::TokenExpired, "token.valid", "fail", "Session has expired", "never expires"),
        ill(Ailment::TokenExpired, "token.expiry", "fail", "it expired at", "System users"),
        ill(Ailment::TokenInvalid, "token.valid", "fail", "Malformed access token [secret]", "System users"),
        ill(Ailment::TokenTemporary, "token.expiry", "warn", "temporary and expires in", "worked yesterday"),
        ill(Ailment::TokenTemporary, "token.kind", "warn", "USER", "System users"),
        ill(
            Ailment::ScopeMissing { scope: word("whatsapp_business_messaging") },
            "token.scopes",
            "fail",
            "it has no whatsapp_business_messaging",
            "System users",
        ),
        ill(
            Ailment::ScopeMissing { scope: word("whatsapp_business_management") },
            "number.visible",
            "fail",
            "error 200",
            "assign the WhatsApp account",
        ),
        ill(Ailment::TokenOfAnotherApp, "token.app", "fail", "made for app 399999999999999", "WHATSAPP_APP_ID"),
        ill(Ailment::AccountNotAssigned, "token.account", "fail", "not for account 100000000000001", "Assign assets"),
        ill(
            Ailment::AccountNotAssigned,
            "number.visible",
            "fail",
            "error 200",
            "Meta says: The system user has no access",
        ),
    ]
}

fn number_cases() -> Vec<Case> {
    let word = str::to_owned;
    vec![
        ill(Ailment::NumberNotVisible, "number.visible", "fail", "error 100/33", "The id is wrong"),
        ill(Ailment::NumberStatus { status: word("BANNED") }, "number.status", "fail", "BANNED", "ask for a review"),
        ill(Ailment::NumberStatus { status: word("RESTRICTED") }, "number.status", "fail", "RESTRICTED", "review"),
        ill(Ailment::NumberStatus { status: word("DISCONNECTED") }, "number.status", "fail", "cannot send", "--pin"),
        ill(Ailment::NumberStatus { status: word("MIGRATED") }, "number.status", "fail", "MIGRATED", "CONNECTED"),
        ill(
            Ailment::NumberStatus { status: word("FLAGGED") },
            "number.status",
            "warn",
            "may still send",
            "block or report",
        ),
        ill(Ailment::NumberUnverified, "number.verification", "fail", "NOT_VERIFIED", "Verify"),
        ill(Ailment::NumberNotRegistered, "number.platform", "fail", "not registered", "backroom connect"),
        ill(Ailment::Sandbox, "number.mode", "warn", "five recipients", "Add a number of your own"),
        ill(Ailment::Quality { rating: word("RED") }, "number.quality", "warn", "RED", "Insights"),
        ill(
            Ailment::NameStatus { status: word("DECLINED") },
            "number.name",
            "warn",
            "DECLINED",
            "follows Meta's guidelines",
        ),
        ill(Ailment::Coexistence, "number.coexistence", "warn", "Business app", "NUMBER_RATE_PER_SECOND=20"),
    ]
}

fn health_cases() -> Vec<Case> {
    let word = str::to_owned;
    let limited = Ailment::Health {
        entity: Entity::PhoneNumber,
        can_send_message: word("LIMITED"),
        code: 141_000,
        description: word("Your phone number's display name is not approved."),
        possible_solution: word("Please review the display name guidelines."),
    };
    let blocked = Ailment::Health {
        entity: Entity::Business,
        can_send_message: word("BLOCKED"),
        code: 141_010,
        description: word("The Business has not passed business verification."),
        possible_solution: word("Visit business settings and start or resolve the business verification request."),
    };
    vec![
        ill(
            limited,
            "health.phone_number",
            "warn",
            "LIMITED: error 141000",
            "Meta says: Please review the display name guidelines.",
        ),
        ill(blocked, "health.business", "fail", "BLOCKED: error 141010", "Meta says: Visit business settings"),
        ill(
            Ailment::PaymentProblem,
            "payment.method",
            "fail",
            "payment method",
            "Meta says: There was an error with your payment method.",
        ),
        ill(Ailment::PaymentProblem, "health.account", "fail", "141006", "add a new payment method"),
    ]
}

fn webhook_cases() -> Vec<Case> {
    let word = str::to_owned;
    vec![
        ill(Ailment::AppNotSubscribed, "subscription.account", "fail", "not subscribed", "real messages never arrive"),
        ill(Ailment::AppCallbackMissing, "subscription.fields", "fail", "no webhook", "backroom connect"),
        ill(
            Ailment::FieldNotSubscribed { field: word("messages") },
            "subscription.fields",
            "fail",
            "`messages`",
            "backroom connect",
        ),
        ill(
            Ailment::FieldNotSubscribed { field: word("security") },
            "subscription.fields",
            "warn",
            "security",
            "backroom events",
        ),
        ill(
            Ailment::AccountCallback { url: word("https://elsewhere.example/hook") },
            "subscription.callback",
            "fail",
            "https://elsewhere.example/hook (the address of the account)",
            "backroom connect",
        ),
        ill(
            Ailment::NumberCallback { url: word("https://elsewhere.example/hook") },
            "subscription.callback",
            "fail",
            "(the address of the number)",
            "wins over all others",
        ),
    ]
}

fn template_cases() -> Vec<Case> {
    let word = str::to_owned;
    vec![
        ill(
            Ailment::TemplateMissing { name: word("login_code") },
            "templates.login_code",
            "fail",
            "no template",
            "create login_code",
        ),
        ill(
            Ailment::TemplateStatus { name: word("login_code"), status: word("PAUSED") },
            "templates.login_code",
            "fail",
            "PAUSED",
            "by itself",
        ),
        ill(
            Ailment::TemplateStatus { name: word("login_code"), status: word("REJECTED") },
            "templates.login_code",
            "fail",
            "REJECTED (INVALID_FORMAT)",
            "ask for a review",
        ),
        ill(
            Ailment::TemplateLanguage { name: word("login_code"), language: word("pt_BR") },
            "templates.login_code",
            "fail",
            "in pt_BR and not in en_US",
            "Add the language",
        ),
        ill(
            Ailment::TemplateCategory { name: word("login_code"), category: word("UTILITY") },
            "templates.login_code",
            "fail",
            "UTILITY, not AUTHENTICATION",
            "Create it anew",
        ),
        ill(Ailment::ClockSkew { seconds: 60 }, "clock.skew", "warn", "behind Meta's", "timedatectl"),
        ill(Ailment::ClockSkew { seconds: -3_600 }, "clock.skew", "fail", "ahead of Meta's", "timedatectl"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_broken_state_at_meta_is_found_with_its_remedy() -> Result<()> {
    let house = House::connected().await?;
    let cases = [token_cases(), number_cases(), health_cases(), webhook_cases(), template_cases()];
    for case in cases.iter().flatten() {
        judge(&house, case).await?;
    }
    house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_on_our_side_is_found_too() -> Result<()> {
    let house = House::connected().await?;
    let cases = [
        set("GRAPH_API_VERSION", "v18.0", "version.expiry", "fail", "ended on 2026-01-26", "GRAPH_API_VERSION"),
        set("GRAPH_API_VERSION", "v99.0", "version.exists", "fail", "knows no v99.0", "docs/go-live.md"),
        set("WHATSAPP_ACCESS_TOKEN", "", "variables.whatsapp_access_token", "fail", "is not set", "System users"),
        set("WHATSAPP_ACCESS_TOKEN", "another", "token.valid", "fail", "Cannot parse access token", "never expires"),
        set(
            "WHATSAPP_PHONE_NUMBER_ID",
            "",
            "variables.whatsapp_phone_number_id",
            "fail",
            "is not set",
            "Phone number ID",
        ),
        set(
            "WHATSAPP_PHONE_NUMBER_ID",
            "+27 82 555",
            "variables.whatsapp_phone_number_id",
            "fail",
            "not an id",
            "API setup",
        ),
        set("WHATSAPP_PHONE_NUMBER_ID", "777", "number.visible", "fail", "error 100/33", "The id is wrong"),
        set(
            "WHATSAPP_BUSINESS_ACCOUNT_ID",
            "777",
            "token.account",
            "fail",
            "not for account 777",
            "WHATSAPP_BUSINESS_ACCOUNT_ID",
        ),
        set("WHATSAPP_BUSINESS_ACCOUNT_ID", "", "token.account", "pass", "the only one it is for", ""),
        set("WHATSAPP_APP_ID", "", "token.app", "pass", "made for app 300000000000001", ""),
        set(
            "WHATSAPP_APP_SECRET",
            "ffffffffffffffffffffffffffffffff",
            "token.app_secret",
            "fail",
            "Meta does not take",
            "copy it again",
        ),
        set(
            "WHATSAPP_APP_SECRET",
            "ffffffffffffffffffffffffffffffff",
            "notification.signed",
            "fail",
            "refuses the signature",
            "same WHATSAPP_APP_SECRET",
        ),
        set(
            "WHATSAPP_VERIFY_TOKEN",
            "not-the-gateways",
            "address.challenge",
            "fail",
            "HTTP 403",
            "same WHATSAPP_VERIFY_TOKEN",
        ),
        set(
            "PUBLIC_URL",
            "http://127.0.0.1:9/webhook/whatsapp",
            "address.challenge",
            "fail",
            "Connection refused",
            "Start the gateway",
        ),
        set("PUBLIC_URL", "", "address.tls", "skip", "no public address", "--url"),
        set("CALLER_KEY", "not-a-key", "services.messenger-svc", "fail", "does not know the caller key", "CALLER_KEYS"),
        set("CALLER_KEY", "", "services.parser-svc", "skip", "CALLER_KEY is not set", "CALLER_KEY"),
        set("PARSER_URL", "http://127.0.0.1:9", "services.parser-svc", "fail", "does not answer", "PARSER_URL"),
        set(
            "GATEWAY_DATABASE_URL",
            "postgres://nobody:pass-word@127.0.0.1:9/none",
            "databases.gateway",
            "fail",
            "cannot be used",
            "Is Postgres running",
        ),
        set("GEMINI_API_KEY", "", "variables.gemini_api_key", "warn", "the grammar reads alone", "aistudio.google.com"),
        set("OTP_KEY", "", "variables.otp", "fail", "OTP_KEY is not", "make-secrets"),
        set("OTP_KEY", "short", "variables.otp", "fail", "less than 32 characters", "openssl"),
        set("OTP_TEMPLATE", "", "templates", "skip", "none is needed", "OTP_TEMPLATE"),
        set("GRAPH_API_URL", "http://127.0.0.1:9", "graph.reachable", "fail", "cannot be reached", "GRAPH_API_URL"),
    ];
    for case in &cases {
        judge(&house, case).await?;
    }
    house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_behind_is_told_from_one_that_is_not() -> Result<()> {
    let house = House::connected().await?;
    let empty = local_postgres::fresh_database("operator_empty").await;

    let ran = house.backroom_with(&["doctor", "--json"], &[("MESSENGER_DATABASE_URL", &empty)]).await?;

    let report = ran.json();
    let found = check(&report, "databases.messenger-svc").context("the check")?;
    assert!(text(&found["found"]).contains("migrations behind"), "{found}");
    assert!(text(&found["remedy"]).contains("--migrate=only"), "{found}");
    assert_eq!(ran.code, 1);
    house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_secret_rotates_every_one_of_the_list_is_tried() -> Result<()> {
    let house = House::connected().await?;
    let list = format!("{}, ffffffffffffffffffffffffffffffff", crate::house::APP_SECRET);

    let ran = house.backroom_with(&["doctor", "--json"], &[("WHATSAPP_APP_SECRET", &list)]).await?;

    let report = ran.json();
    assert_eq!(check(&report, "notification.signed").context("the first")?["verdict"], "pass");
    assert_eq!(check(&report, "notification.signed.2").context("the second")?["verdict"], "fail");
    assert_eq!(check(&report, "token.app_secret").context("the app's")?["verdict"], "pass");
    house.stack.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_may_come_from_a_file_and_not_from_both() -> Result<()> {
    let house = House::connected().await?;
    let file = house.folder.path().join("token");
    std::fs::write(&file, format!("{}\n", crate::house::ACCESS_TOKEN))?;
    let file = file.to_str().context("a path")?;

    let from_file = house
        .backroom_with(&["doctor"], &[("WHATSAPP_ACCESS_TOKEN", ""), ("WHATSAPP_ACCESS_TOKEN_FILE", file)])
        .await?;
    let from_both = house.backroom_with(&["doctor"], &[("WHATSAPP_ACCESS_TOKEN_FILE", file)]).await?;

    assert_eq!(from_file.code, 0, "{}", from_file.said());
    assert_eq!(from_both.code, 1);
    assert!(
        from_both.out.contains("both WHATSAPP_ACCESS_TOKEN and WHATSAPP_ACCESS_TOKEN_FILE are set"),
        "{}",
        from_both.out
    );
    house.stack.stop().await
}

#[tokio::test]
async fn asked_wrongly_it_ends_with_two() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for arguments in [
        &["doctor", "--url", "shop.example"][..],
        &["doctor", "--no-such-flag"],
        &["doctor", "--template", "no-language"],
        &["connect"],
        &["connect", "--url", "https://shop.example", "--pin", "12345"],
    ] {
        let ran = crate::house::backroom(folder.path(), arguments, &std::collections::BTreeMap::new()).await?;
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.said());
        assert!(!ran.err.is_empty(), "{arguments:?}");
    }
    Ok(())
}
