//! The main job: what is written changes the ledger and is answered in our words.

use devstack::meta_sim::Person;
use stories::{House, HouseOptions, people};

#[tokio::test(flavor = "multi_thread")]
async fn a_shopkeeper_gets_the_right_answer() {
    let house = House::start(HouseOptions::default()).await;
    let thandi = people(&house.meta, 1).remove(0);

    let conversation = [
        ("Added 50 screws", "✅ Added 50 screws to inventory\nNow 50\n🆕 New item"),
        ("sold 3", "✅ Sold 3 screws\n47 left"),
        ("how many screws", "📦 screws 47"),
        ("undo", "↩️ Undone: −3 screws. Back to 50"),
        ("+12 milk and 2 bread", "✅ 2 saved: milk +12 → 12 🆕\nbread +2 → 2 🆕"),
        ("counted 40 screws", "✅ Counted 40 screws (book said 50, −10)"),
    ];
    for (said, answer) in conversation {
        assert_eq!(house.ask(&thandi, said).await.text, answer, "to {said:?}");
    }

    house.assert_ledger_is_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_undo_button_takes_back_its_own_line_once() {
    let house = House::start(HouseOptions::default()).await;
    let thandi = people(&house.meta, 1).remove(0);
    let added = house.ask(&thandi, "Added 50 screws").await;
    house.ask(&thandi, "sold 20 screws").await;
    let undo = &added.buttons[0];
    assert_eq!(undo.title, "Undo");

    let mut answers = Vec::new();
    for _ in 0..2 {
        let tap = house.meta.tap(&thandi, &added.wamid, &undo.id).unwrap();
        answers.push(
            house.meta.wait_for_reply(&thandi, &tap.wamid, std::time::Duration::from_mins(1)).await.unwrap().text,
        );
    }

    assert_eq!(answers[0], "↩️ Undone: +50 screws. Back to −20", "what was sold since stays sold");
    assert_eq!(answers[1], "↩️ That was undone before. Nothing changed.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_without_a_phone_number_is_served_by_user_id() {
    let house = House::start(HouseOptions::default()).await;
    let sipho = house.meta.person(Person::without_phone("Sipho", "ZA.4242"));

    let answer = house.ask(&sipho, "Added 5 bread").await;

    assert_eq!(answer.text.lines().next(), Some("✅ Added 5 bread to inventory"));
    let sent = house.meta.sent();
    assert!(sent.iter().all(|message| message.body.get("to").is_none() && message.body["recipient"] == "ZA.4242"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_without_a_verb_is_one_question_and_its_button_answers_it_once() {
    let house = House::start(HouseOptions::default()).await;
    let thandi = people(&house.meta, 1).remove(0);

    let question = house.ask(&thandi, "bread 12\nmilk 6").await;
    assert_eq!(
        question.buttons.iter().map(|button| button.title.as_str()).collect::<Vec<_>>(),
        ["Came in", "Sold", "Counted"]
    );
    let tap = house.meta.tap(&thandi, &question.wamid, &question.buttons[0].id).unwrap();
    let first = house.meta.wait_for_reply(&thandi, &tap.wamid, std::time::Duration::from_mins(1)).await.unwrap();
    let tap = house.meta.tap(&thandi, &question.wamid, &question.buttons[0].id).unwrap();
    let second = house.meta.wait_for_reply(&thandi, &tap.wamid, std::time::Duration::from_mins(1)).await.unwrap();

    assert_eq!(first.text, "✅ 2 saved: bread +12 → 12 🆕\nmilk +6 → 6 🆕");
    assert_eq!(second.text, "👍 You answered that already. Nothing more changed.");
    assert_eq!(house.ask(&thandi, "stock").await.text, "📦 bread 12\nmilk 6");
}
