//! Somebody gets a new number, and with it a new user id: the shop stays theirs.
#![expect(clippy::unwrap_used, reason = "a panic is how a test says no")]

use serde_json::json;
use stories::{GATEWAY, House, HouseOptions, INVENTORY, Sender, envelope, eventually, now};

fn notice(old: &Sender, new: &Sender) -> serde_json::Value {
    let mut notice = envelope(&old.phone, &old.user_id, "wamid.notice", "", now());
    let value = &mut notice["entry"][0]["changes"][0]["value"];
    value.as_object_mut().unwrap().remove("contacts");
    value["messages"] = json!([{
        "from": new.phone, "from_user_id": new.user_id, "id": "wamid.notice", "timestamp": now().to_string(),
        "type": "system",
        "system": {"type": "user_changed_number", "body": "changed", "wa_id": new.phone, "user_id": new.user_id,
                   "previous_user_id": old.user_id}}]);
    notice
}

async fn answers(house: &House, to: &Sender, count: usize) -> Vec<String> {
    let to = format!("+{}", to.phone);
    let texts = || -> Vec<String> {
        let sent = house.meta.sent();
        sent.iter()
            .filter(|message| message.to.as_ref() == Some(&to))
            .map(|message| message.text().to_owned())
            .collect()
    };
    eventually("the answers came", || async { texts().len() >= count }).await;
    texts()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_notice_links_the_new_names_to_the_old_shop() {
    let house = House::start(HouseOptions::default()).await;
    let (old, new) = (
        Sender::new(&house.url(GATEWAY), &house.app_secret, 1),
        Sender::new(&house.url(GATEWAY), &house.app_secret, 2),
    );
    old.say("wamid.1", "Added 50 screws", now()).await;
    answers(&house, &old, 1).await;

    let body = notice(&old, &new).to_string().into_bytes();
    assert_eq!(old.post_signed(body.clone()).await, Some(200));
    assert_eq!(old.post_signed(body).await, Some(200), "Meta may say it twice");
    let pool = house.pool(INVENTORY).await;
    eventually("the new names are known", || async {
        let names: i64 = sqlx::query_scalar("SELECT count(*) FROM identity").fetch_one(&pool).await.unwrap();
        names >= 3
    })
    .await;
    new.say("wamid.2", "how many screws", now()).await;

    let answer = answers(&house, &new, 1).await.pop().unwrap();
    assert_eq!(answer, "📦 screws 50");
    let shops: i64 = sqlx::query_scalar("SELECT count(*) FROM shop").fetch_one(&pool).await.unwrap();
    assert_eq!(shops, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_message_that_overtakes_the_notice_does_not_split_the_person() {
    let house = House::start(HouseOptions::default()).await;
    let (old, new) = (
        Sender::new(&house.url(GATEWAY), &house.app_secret, 1),
        Sender::new(&house.url(GATEWAY), &house.app_secret, 2),
    );
    old.say("wamid.1", "Added 50 screws", now()).await;
    answers(&house, &old, 1).await;
    new.say("wamid.2", "help", now()).await;
    answers(&house, &new, 1).await;

    assert_eq!(old.post_signed(notice(&old, &new).to_string().into_bytes()).await, Some(200));
    let mut asked = 2;
    eventually("the shop is found under the new names", || {
        asked += 1;
        let (house, new) = (&house, &new);
        let wamid = format!("wamid.{asked}");
        async move {
            new.say(&wamid, "how many screws", now()).await;
            let said = answers(house, new, asked - 1).await;
            said.last().is_some_and(|text| text == "📦 screws 50")
        }
    })
    .await;
}
