//! The code is on the wire to Meta and nowhere else: in no table, log, span or error.

use std::fmt::Write as _;

use proto::messenger::v1 as pb;
use proto::messenger::v1::DeliveryState;

use crate::graph::Reply;
use crate::otp_world::{OTP_KEY, code_of, other, send, start, to_send};
use crate::world::{NUMBER, World, failed};

/// Every column of every table as text, and bytes in hex as well as in letters.
async fn dump(world: &World) -> String {
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
            .fetch_all(&world.pool)
            .await
            .unwrap();
    assert!(tables.len() > 8, "{tables:?}");
    let mut all = String::new();
    for table in tables {
        let columns: Vec<(String, String)> = sqlx::query_as(
            "SELECT quote_ident(column_name), data_type FROM information_schema.columns \
             WHERE table_schema = 'public' AND quote_ident(table_name) = $1",
        )
        .bind(&table)
        .fetch_all(&world.pool)
        .await
        .unwrap();
        for (column, kind) in columns {
            let shown = if kind == "bytea" {
                format!("encode({column}, 'hex') || ' ' || encode({column}, 'escape')")
            } else {
                format!("{column}::text")
            };
            let sql = format!("SELECT string_agg({shown}, E'\\n') FROM {table}");
            let text: Option<String> =
                sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&world.pool).await.unwrap();
            writeln!(all, "{table}.{column}: {}", text.unwrap_or_default()).unwrap();
        }
    }
    all
}

fn spellings(code: &str) -> Vec<String> {
    use base64::Engine as _;
    use sha2::{Digest as _, Sha256};
    vec![
        code.to_owned(),
        hex::encode(code),
        base64::engine::general_purpose::STANDARD_NO_PAD.encode(code),
        hex::encode(Sha256::digest(code)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_is_in_no_table_log_span_or_error() {
    let captured = crate::telemetry::capture();
    let world = start(&["--halt-probe-seconds=3600", "--settle-after-seconds=3600"]).await;
    let mut errors = String::new();
    let mut dumps = String::new();
    let mut codes = Vec::new();

    // On its way, while the call hangs and nobody knows.
    world.graph.always(NUMBER, Reply::Hang);
    let waiting = send(&world.client, to_send("r1", "27821111111", "login")).await.unwrap().message_id;
    world.until_calls(1).await;
    codes.push(code_of(&world, &waiting));
    dumps.push_str(&dump(&world).await);
    world.graph.always(NUMBER, Reply::Accept);
    world.graph.release();
    world.until(&waiting, DeliveryState::Accepted).await;
    write!(errors, "{:?}", world.try_code("v1", "27821111111", &other(&codes[0], 1)).await).unwrap();
    world.try_code("v2", "27821111111", &codes[0].clone()).await.unwrap();
    write!(errors, "{:?}", world.try_code("v3", "27821111111", &codes[0].clone()).await).unwrap();
    write!(errors, "{:?}", world.try_code("v3", "27821111111", &other(&codes[0], 1)).await).unwrap();

    // Refused with an explanation that quotes it, failed late, cut off, halted.
    for (phone, reply) in [
        ("27822222222", Reply::Error(400, 132_000)),
        ("27823333333", Reply::Error(400, 4)),
        ("27824444444", Reply::CutOff),
        ("27825555555", Reply::Error(401, 190)),
    ] {
        world.graph.always(NUMBER, reply.clone());
        let calls = world.graph.calls().len();
        let id = send(&world.client, to_send(phone, phone, "login")).await.unwrap().message_id;
        world.until_calls(calls + 1).await;
        let code = code_of(&world, &id);
        let message = crate::world::eventually("it is recorded", || async {
            let message = world.get(&id).await;
            (message.attempt_count > 0 && (!message.error_detail.is_empty())).then_some(message)
        })
        .await;
        write!(errors, "{message:?}").unwrap();
        if matches!(reply, Reply::Error(_, 4)) {
            // The next try is refused with an explanation that quotes the request.
            let details = format!("parameter {code} of body, {code} of button");
            let quoting = format!(
                r#"{{"error":{{"message":"{details}","code":132012,"error_data":{{"details":"{details}"}}}}}}"#
            );
            world.graph.always(NUMBER, Reply::Raw(400, quoting.leak()));
            world.advance(jiff::SignedDuration::from_mins(2)).await;
            write!(errors, "{:?}", world.until(&id, DeliveryState::Failed).await).unwrap();
        }
        let mut late = failed("wamid.LATE", 131_026, &id);
        late.errors[0].details = format!("about {code}");
        world.record(vec![late]).await;
        write!(errors, "{:?}", world.try_code(&format!("v{phone}"), phone, &other(&code, 3)).await).unwrap();
        codes.push(code);
        dumps.push_str(&dump(&world).await);
    }
    write!(errors, "{:?}", send(&world.client, to_send("again", "27821111111", "login")).await).unwrap();
    let malformed = pb::VerifyOtpRequest { code: format!("{}x", codes[0]), ..pb::VerifyOtpRequest::default() };
    write!(errors, "{:?}", world.client.clone().verify_otp(malformed).await).unwrap();

    let lines = String::from_utf8_lossy(&captured.lines.lock().unwrap()).into_owned();
    let spans = format!("{:?}", captured.spans.lock().unwrap());
    assert!(lines.contains("132000") && spans.contains("verify_otp") && dumps.contains("otp_code.code_hash"));
    assert!(dumps.contains("\"sealed\""), "one waited sealed when it was looked at");
    for code in &codes {
        for spelling in spellings(code) {
            for (place, text) in [("a table", &dumps), ("an error", &errors), ("a log", &lines), ("a span", &spans)] {
                assert!(!stands_alone(text, &spelling), "{spelling} of {code} is in {place}");
            }
        }
    }
    // Nor are the phones in the tables of codes, nor the key anywhere.
    for line in dumps.lines().filter(|line| line.starts_with("otp_")) {
        assert!(!line.contains("2782"), "{line}");
    }
    for text in [&dumps, &errors, &lines, &spans] {
        assert!(!text.contains(OTP_KEY));
    }
}

/// Whether a word is there by itself: digits within a hash, a number or a time are chance.
fn stands_alone(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        let joins = |neighbour: Option<char>| {
            neighbour.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '/'))
        };
        !joins(before) && !joins(after)
    })
}
