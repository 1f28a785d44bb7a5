//! Items beside their stock: what runs low, warnings, names, history.

use platform::error::Situation;
use proto::inventory::v1::{self as ledger, MovementKind};

use crate::world::World;

const PHONE: &str = "27820000001";

async fn shop() -> World {
    let world = World::start().await;
    {
        let mut state = world.inventory.state();
        state.shelf.put("bread", 12);
        state.shelf.put("milk", 0);
        state.shelf.put("screws", 40);
    }
    world
}

async fn last(world: &World, wamid: &str, text: &str) -> String {
    world.say(PHONE, wamid, text).await.pop().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_low_comes_as_a_list_to_copy() {
    let world = shop().await;
    world.inventory.state().shelf.levels.insert("bread".to_owned(), "15".to_owned());

    assert_eq!(last(&world, "wamid.1", "low").await, "⚠️ 2 items are low:\nbread 12 (warning at 15)\nmilk 0");
    assert_eq!(last(&world, "wamid.2", "out").await, "⚠️ 1 item is finished:\nmilk 0");

    world.inventory.state().shelf.has_more = true;
    assert!(last(&world, "wamid.3", "low").await.ends_with("\nmilk 0\n… and more: ask by name"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_low_is_said_with_the_way_to_a_warning() {
    let world = World::start().await;

    let text = last(&world, "wamid.1", "low").await;
    assert_eq!(text, "👍 Nothing is low. To be warned, send \"warn me when bread is under 5\"");
    assert_eq!(last(&world, "wamid.2", "out").await, "👍 Nothing is finished.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warning_is_set_comes_with_the_line_that_crosses_it_and_is_switched_off() {
    let world = shop().await;

    assert_eq!(last(&world, "wamid.1", "warn 5 bread").await, "✅ I warn you when bread is down to 5\nNow 12");
    let sold = last(&world, "wamid.2", "sold 6 bread").await;
    assert_eq!(sold, "✅ Sold 6 bread\n6 left");
    let crossed = last(&world, "wamid.3", "sold 2 bread").await;
    assert_eq!(crossed, "✅ Sold 2 bread\n⚠️ bread 4 left (you asked for a warning at 5)");
    let below = last(&world, "wamid.4", "sold 1 bread").await;
    assert_eq!(below, "✅ Sold 1 bread\n3 left", "it is said once");
    assert_eq!(last(&world, "wamid.5", "quiet bread").await, "✅ No more warnings for bread");
    assert!(world.inventory.state().shelf.levels.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_without_a_number_is_asked_for_and_nothing_is_set() {
    let world = shop().await;

    let text = last(&world, "wamid.1", "warn bread").await;

    assert_eq!(text, "❓ Warn at how many bread? Send it like \"warn me when bread is under 5\"");
    assert!(world.inventory.state().shelf.done.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_called_otherwise_once_also_when_the_answer_is_lost() {
    let world = shop().await;
    world.inventory.state().shelf.is_lost = true;

    let text = last(&world, "wamid.1", "rename screws to bolts").await;

    // The repeat finds the item by its old name still, and it has the new one already.
    assert!(text.ends_with("is now called bolts\nThe old name still works."), "{text}");
    let done = world.inventory.state().shelf.done.clone();
    assert_eq!(done, [("wamid.1/upkeep/1".to_owned(), "rename bolts".to_owned())]);
    let taken = last(&world, "wamid.2", "rename bread to milk").await;
    assert_eq!(taken, "⚠️ Not saved: another item is called milk already.");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_more_name_is_learnt_whichever_of_the_two_is_the_item() {
    for (text, alias, item) in
        [("alias screws is skroewe", "skroewe", "screws"), ("alias melk is milk", "melk", "milk")]
    {
        let world = shop().await;
        world.inventory.state().shelf.is_lost = true;
        // The ledger takes a name for one that is spelt like it.
        world.inventory.state().shelf.near.insert("melk".to_owned(), ("milk".to_owned(), 870_000));

        let said = last(&world, "wamid.1", text).await;

        // The second try finds the item by both names, and is answered as the first would have been.
        assert!(said.starts_with("✅ Noted: \""), "{said}");
        assert_eq!(world.inventory.state().shelf.names.get(alias).map(String::as_str), Some(item));
        assert_eq!(world.inventory.state().shelf.done.len(), 1);
    }
    let world = shop().await;
    let unknown = last(&world, "wamid.1", "alias gold is silver").await;
    assert!(unknown.starts_with("📦 gold is not in your stock."), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_leaves_the_lists_after_a_yes_and_only_once() {
    let world = shop().await;

    let question = last(&world, "wamid.1", "archive bread").await;
    assert_eq!(question, "❓ Take bread off your lists? The book says 12 of it.");
    assert!(world.inventory.state().shelf.done.is_empty());
    world.inventory.state().shelf.is_lost = true;
    let text = world.tap(PHONE, "wamid.2", "Yes").await;

    assert_eq!(text, "✅ bread is off your lists\nWhat happened to it stays written down.");
    assert!(!world.inventory.state().shelf.stock.contains_key("bread"));
    last(&world, "wamid.3", "archive milk").await;
    assert_eq!(world.tap(PHONE, "wamid.4", "No").await, "👍 Left as it was. Nothing changed.");
    assert!(world.inventory.state().shelf.stock.contains_key("milk"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_items_that_fit_one_is_chosen_first() {
    let world = shop().await;
    {
        let mut state = world.inventory.state();
        state.shelf.put("coke 1l", 3);
        state.shelf.put("coke 2l", 4);
        state.alike.insert("coke".to_owned(), vec!["coke 1l".to_owned(), "coke 2l".to_owned()]);
    }

    let question = last(&world, "wamid.1", "warn 2 coke").await;
    assert_eq!(question, "❓ Which \"coke\"?\n1 coke 1l\n2 coke 2l");
    let text = world.tap(PHONE, "wamid.2", "coke 2l").await;

    assert_eq!(text, "✅ I warn you when coke 2l is down to 2\nNow 4");
    last(&world, "wamid.3", "archive coke").await;
    let question = world.tap(PHONE, "wamid.4", "coke 1l").await;
    assert_eq!(question, "❓ Take coke 1l off your lists? The book says 3 of it.", "a choice is no yes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_only_looks_like_an_items_is_offered_before_anything_changes() {
    let world = shop().await;
    for (said, score_ppm) in [("brdea", 849_999), ("braed", 850_000)] {
        world.inventory.state().shelf.near.insert(said.to_owned(), ("bread".to_owned(), score_ppm));
    }

    let question = last(&world, "wamid.1", "rename brdea to loaf").await;
    assert_eq!(question, "❓ Which \"brdea\"?\n1 bread");
    assert!(world.inventory.state().shelf.done.is_empty());
    assert!(world.tap(PHONE, "wamid.2", "bread").await.starts_with("✅ bread is now called loaf"));
    let sure = last(&world, "wamid.3", "warn 5 braed").await;
    assert!(sure.starts_with("✅ I warn you when loaf is down to 5"), "{sure}");
    assert!(last(&world, "wamid.4", "history brdea").await.starts_with("📦 loaf 12\n"), "looking changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_an_item_is_six_lines_newest_first() {
    let world = shop().await;
    let movement = |kind: MovementKind, delta: i64, balance: i64, second: i64| ledger::Movement {
        item_id: "bread".to_owned(),
        item_name: "bread".to_owned(),
        kind: kind as i32,
        delta: Some(proto::common::v1::Decimal { value: delta.to_string() }),
        balance_after: Some(proto::common::v1::Decimal { value: balance.to_string() }),
        // The first of August 2026, 09:05 in Johannesburg, and so many seconds.
        occur_time: Some(prost_types::Timestamp { seconds: 1_785_567_900 + second, nanos: 0 }),
        member_name: "Thabo".to_owned(),
        ..ledger::Movement::default()
    };
    assert_eq!(last(&world, "wamid.1", "history bread").await, "📦 bread 12\nNothing was written down yet.");

    {
        let mut state = world.inventory.state();
        state.shelf.movements.push(movement(MovementKind::Receipt, 20, 20, 0));
        state.shelf.movements.push(movement(MovementKind::Sale, -5, 15, 60));
        let mut undone = movement(MovementKind::Waste, -3, 12, 120);
        undone.reversed_by_operation_id = "x".to_owned();
        state.shelf.movements.push(undone);
    }
    let text = last(&world, "wamid.2", "history bread").await;
    assert_eq!(
        text,
        "📦 bread 12\n1/8 09:07 Thabo −3 → 12 (waste) ↩️\n1/8 09:06 Thabo −5 → 15 (sold)\n1/8 09:05 Thabo +20 → 20 (came in)"
    );

    for second in 3..9 {
        world.inventory.state().shelf.movements.push(movement(MovementKind::Sale, -1, 1, second * 60));
    }
    let text = last(&world, "wamid.3", "history bread").await;
    assert_eq!(text.lines().count(), 6);
    assert!(text.ends_with("\n… and older"), "{text}");
    assert!(last(&world, "wamid.4", "history gold").await.starts_with("📦 gold is not in your stock."));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_is_told_who_may() {
    let world = shop().await;
    let refuse = || {
        let refusal = (Situation::NotYours, "ERROR_REASON_ROLE_NOT_ALLOWED");
        world.inventory.state().shelf.refusals.push_back(refusal);
    };
    let managers = "⚠️ Not saved: only the owner or a manager can do that.";

    for (index, text) in ["warn 5 bread", "quiet bread", "rename bread to loaf"].into_iter().enumerate() {
        refuse();
        assert_eq!(last(&world, &format!("wamid.{index}"), text).await, managers);
    }
    refuse();
    let looks = last(&world, "wamid.9", "alias bread is loaf").await;
    assert_eq!(looks, "⚠️ Not saved: you may look, not change. Ask the owner.");
    assert!(world.inventory.state().shelf.done.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_somebody_else_rename_nothing_before_a_yes() {
    let world = shop().await;
    let body = serde_json::json!({ "body": "rename screws to bolts" });
    let text = crate::world::message(PHONE, "wamid.1", "text", &body);
    let forwarded = crate::world::with(text, "context", &serde_json::json!({ "forwarded": true }));

    world.take(&[forwarded]).await;

    assert_eq!(world.newest(PHONE).0, "❓ You forwarded this. Should I record it?");
    assert!(world.inventory.state().shelf.done.is_empty());
    let said = world.tap(PHONE, "wamid.2", "Yes").await;
    assert!(said.starts_with("✅ screws is now called bolts"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_in_the_language_of_the_message() {
    let world = shop().await;

    assert_eq!(last(&world, "wamid.1", "af: quiet bread").await, "✅ Geen waarskuwings meer vir bread nie");
    assert_eq!(last(&world, "wamid.2", "zu: quiet bread").await, "✅ Azisekho izixwayiso nge-bread");
    assert_eq!(last(&world, "wamid.3", "fr: quiet bread").await, "✅ No more warnings for bread");
    // What no language was found for is answered in the language of the person.
    world.inventory.state().language = "st".to_owned();
    assert_eq!(last(&world, "wamid.4", ": quiet bread").await, "✅ Ha ho sa na ditemoso ka bread");
    assert_eq!(last(&world, "wamid.5", "fr: quiet bread").await, "✅ Ha ho sa na ditemoso ka bread");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_items_become_one_after_a_yes_and_only_once() {
    let world = shop().await;
    world.inventory.state().shelf.put("gwinya", 3);
    world.inventory.state().shelf.put("vetkoek", 4);

    let question = last(&world, "wamid.1", "same gwinya as vetkoek").await;
    assert_eq!(question, "❓ Make gwinya and vetkoek one item? It stays vetkoek, with 7 in all.");
    assert!(world.inventory.state().shelf.done.is_empty());
    world.inventory.state().shelf.is_lost = true;
    let text = world.tap(PHONE, "wamid.2", "Yes").await;

    assert_eq!(text, "✅ gwinya and vetkoek are one item now: vetkoek\nBoth names work.");
    assert_eq!(world.newest(PHONE).1[0].1, "Undo");
    let done = world.inventory.state().shelf.done.clone();
    assert_eq!(done, [("wamid.2/upkeep/1".to_owned(), "merge gwinya into vetkoek".to_owned())]);
    assert_eq!(last(&world, "wamid.3", "same gwinya as vetkoek").await, "👍 Both names are vetkoek already.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_that_is_refused_says_why() {
    let world = shop().await;
    for (wamid, situation, reason, says) in [
        (
            "1",
            Situation::RuleSaysNo,
            "ERROR_REASON_UNITS_DIFFER",
            "⚠️ Not saved: milk and bread are kept in different units.",
        ),
        ("2", Situation::NotYours, "ERROR_REASON_ROLE_NOT_ALLOWED", "⚠️ Not saved: only the owner or a manager"),
        ("3", Situation::NotFound, "ERROR_REASON_ITEM_NOT_FOUND", "📦 milk is not in your stock."),
    ] {
        last(&world, &format!("wamid.{wamid}a"), "same milk as bread").await;
        world.inventory.state().shelf.refusals.push_back((situation, reason));
        let text = world.tap(PHONE, &format!("wamid.{wamid}b"), "Yes").await;
        assert!(text.starts_with(says), "{text}");
    }
    assert!(world.inventory.state().shelf.done.is_empty());
    let alias = last(&world, "wamid.4", "same melk as milk").await;
    assert!(alias.starts_with("✅ Noted: \"melk\" means milk"), "one of them is a name only: {alias}");
}
