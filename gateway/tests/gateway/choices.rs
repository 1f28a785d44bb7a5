//! Questions with several answers.

use proto::messenger::v1::content::Kind;
use serde_json::json;

use crate::world::{World, message};

const PHONE: &str = "27820000001";

#[tokio::test(flavor = "multi_thread")]
async fn up_to_three_answers_are_buttons_up_to_ten_a_list_and_more_a_number() {
    for count in [2, 3, 4, 10] {
        let world = World::start().await;
        let names: Vec<String> = (1..=count).map(|number| format!("coke {number}")).collect();
        world.inventory.state().alike.insert("coke".to_owned(), names);
        world.say(PHONE, "wamid.1", "sold 3 coke").await;

        let sent = world.messenger.sent_to(PHONE).pop().unwrap();
        let kind = sent.content.unwrap().kind.unwrap();
        match count {
            2 | 3 => assert!(matches!(&kind, Kind::ReplyButtons(buttons) if buttons.buttons.len() == count)),
            _ => assert!(matches!(&kind, Kind::ChoiceList(list) if list.sections[0].rows.len() == count)),
        }
        let (text, taps) = world.newest(PHONE);
        assert!(text.contains("\n1 coke 1\n2 coke 2"), "a number is an answer too: {text}");
        let (id, title) = taps.last().unwrap();
        let reply = json!({ "type": "list_reply", "list_reply": { "id": id, "title": title, "description": "x" } });
        world.take(&[message(PHONE, "wamid.2", "interactive", &reply)]).await;
        assert_eq!(world.newest(PHONE).0.lines().next().unwrap(), format!("✅ Sold 3 coke {count}"));
    }

    // What comes in may be something new, so ten items that fit are eleven answers.
    let world = World::start().await;
    let names: Vec<String> = (1..=10).map(|number| format!("coke {number}")).collect();
    world.inventory.state().alike.insert("coke".to_owned(), names);
    world.say(PHONE, "wamid.1", "add 3 coke").await;
    assert!(world.newest(PHONE).1.is_empty());
    world.say(PHONE, "wamid.2", "10").await;
    assert_eq!(world.newest(PHONE).0.lines().next().unwrap(), "✅ Added 3 coke 10 to inventory");
}
