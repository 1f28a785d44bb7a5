//! The people of a shop in words: who they are, who joins, who leaves, who may do what.

use platform::error::Situation;
use proto::inventory::v1::Role;

use crate::world::World;

const PHONE: &str = "27820000001";
const MANAGER: &str = "27820000002";
const CLERK: &str = "27820000003";

async fn shop() -> World {
    let world = World::start().await;
    world.inventory.know(PHONE, Role::Owner);
    world.inventory.know(MANAGER, Role::Manager);
    world.inventory.know(CLERK, Role::Clerk);
    let mut state = world.inventory.state();
    for (name, role) in [
        ("Thandi", Role::Owner),
        ("Sipho", Role::Clerk),
        ("Thabo Nkosi", Role::Clerk),
        ("Thabo Dube", Role::Clerk),
        ("Zodwa", Role::Manager),
    ] {
        state.staff.roles.insert(name.to_owned(), role);
    }
    drop(state);
    world
}

async fn last(world: &World, phone: &str, wamid: &str, text: &str) -> String {
    world.say(phone, wamid, text).await.pop().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_may_see_who_is_in_the_shop() {
    let world = shop().await;

    let text = last(&world, CLERK, "wamid.1", "people").await;

    assert!(text.starts_with("👥 5 people in the shop:\nSipho (clerk, has not written yet)\n"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_joins_by_name_and_number_after_a_yes_and_no_number_is_shown() {
    let world = shop().await;

    let question = last(&world, PHONE, "wamid.1", "join lerato +27821234567").await;
    assert_eq!(question, "❓ Add Lerato (…4567) to the shop?");
    assert!(world.inventory.state().added.is_empty());
    world.inventory.state().lost = vec!["AddMember"];
    let text = world.tap(PHONE, "wamid.2", "Yes").await;

    assert_eq!(text, "✅ Added Lerato to the shop\nThey can write to this number now.");
    let added = world.inventory.state().added.clone();
    assert_eq!(added[0].user.as_ref().unwrap().phone_number, "27821234567");
    assert_eq!((added[0].role(), added[0].display_name.as_str()), (Role::Clerk, "Lerato"));
    assert!(added.iter().all(|each| each.request_id == "wamid.2/member"), "asked again by the same name");
    let nobody = last(&world, PHONE, "wamid.3", "join lerato").await;
    assert!(nobody.starts_with("❓ What is the number of Lerato?"), "{nobody}");
    let clerk = last(&world, CLERK, "wamid.4", "join lerato +27821234567").await;
    assert_eq!(clerk, "⚠️ Only the owner or a manager can add people. Nobody was added.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_leaves_after_a_yes_and_once() {
    let world = shop().await;

    let question = last(&world, PHONE, "wamid.1", "leave sipho").await;
    assert_eq!(question, "❓ Take Sipho out of the shop? What they wrote down stays.");
    assert_eq!(world.tap(PHONE, "wamid.2", "No").await, "👍 Left as it was. Nothing changed.");
    last(&world, PHONE, "wamid.3", "leave sipho").await;
    world.inventory.state().staff.is_lost = true;
    let text = world.tap(PHONE, "wamid.4", "Yes").await;

    assert_eq!(text, "✅ Sipho is out of the shop\nWhat they wrote down stays.");
    let done = world.inventory.state().staff.done.clone();
    assert_eq!(done, [("wamid.4/people/1".to_owned(), "remove Sipho".to_owned())]);
    let gone = last(&world, PHONE, "wamid.5", "leave sipho").await;
    assert!(gone.starts_with("❓ Nobody in the shop is called Sipho. Nothing changed.\nIn the shop: "), "{gone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_with_one_name_one_is_chosen_before_the_yes() {
    let world = shop().await;

    let question = last(&world, PHONE, "wamid.1", "manager thabo").await;
    assert_eq!(question, "❓ Which \"Thabo\"?\n1 Thabo Dube\n2 Thabo Nkosi");
    let really = world.tap(PHONE, "wamid.2", "Thabo Nkosi").await;
    assert_eq!(really, "❓ Make Thabo Nkosi manager?");
    assert!(world.inventory.state().staff.done.is_empty());
    let text = world.tap(PHONE, "wamid.3", "Yes").await;

    assert_eq!(text, "✅ Thabo Nkosi is manager now");
    assert_eq!(world.inventory.state().staff.roles["Thabo Nkosi"], Role::Manager);
    let same = last(&world, PHONE, "wamid.4", "manager thabo nkosi").await;
    assert_eq!(same, "✅ Thabo Nkosi is manager now", "there is nothing to ask");
    assert_eq!(world.inventory.state().staff.done.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_is_told_who_may() {
    let world = shop().await;
    let owners = "⚠️ Not saved: only the owner can do that.";

    let clerk = last(&world, CLERK, "wamid.1", "leave sipho").await;
    assert_eq!(clerk, "⚠️ Not saved: only the owner or a manager can do that.");
    for (index, text) in ["leave zodwa", "manager sipho", "leave thandi"].into_iter().enumerate() {
        assert_eq!(last(&world, MANAGER, &format!("wamid.m{index}"), text).await, owners, "{text}");
    }
    let asked = last(&world, MANAGER, "wamid.2", "viewer sipho").await;
    assert_eq!(asked, "❓ Make Sipho viewer?", "managers manage clerks");
    // The ledger has the last word.
    for (index, (situation, reason, says)) in [
        (Situation::RuleSaysNo, "ERROR_REASON_LAST_OWNER", "⚠️ Not saved: a shop needs an owner."),
        (Situation::NotYours, "ERROR_REASON_ROLE_NOT_ALLOWED", owners),
        (Situation::NotFound, "ERROR_REASON_MEMBER_NOT_FOUND", "❓ Nobody in the shop is called Thandi."),
    ]
    .into_iter()
    .enumerate()
    {
        last(&world, PHONE, &format!("wamid.q{index}"), "leave thandi").await;
        world.inventory.state().staff.refusals.push_back((situation, reason));
        let text = world.tap(PHONE, &format!("wamid.a{index}"), "Yes").await;
        assert!(text.starts_with(says), "{text}");
    }
    assert!(world.inventory.state().staff.done.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_somebody_elses_shop_is_nobodys_here() {
    let world = shop().await;
    world.inventory.know("27820000009", Role::Owner);

    for (wamid, phone) in [("wamid.1", "+27820000009"), ("wamid.2", "+27820000008")] {
        let text = last(&world, PHONE, wamid, &format!("leave {phone}")).await;
        assert_eq!(text, "❓ Nobody in the shop has that number. Nothing changed.");
    }
    assert_eq!(world.inventory.state().members.len(), 4, "asking made nobody a member");
}
