//! Refusals that follow from what is so in a shop: each is made so, and asked for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tonic::Status;

use super::ask;
use super::table::{Fixture, text};
use crate::world::{World, reason};

/// Which reasons each RPC gave.
#[derive(Default)]
pub(super) struct Provoked(BTreeMap<String, BTreeSet<String>>);

fn value(value: &str) -> Value {
    json!({"value": value})
}

fn line(item: &str, kind: &str, quantity: &str) -> Value {
    json!({"item": {"itemId": item}, "change": {"kind": format!("MOVEMENT_KIND_{kind}"), "quantity": value(quantity)}})
}

impl Provoked {
    pub(super) fn note(&mut self, rpc: &str, answer: Result<Vec<Value>, Status>) {
        if let Err(status) = answer {
            self.0.entry(rpc.to_owned()).or_default().insert(reason(&status));
        }
    }

    pub(super) fn of(&self, rpc: &str) -> Vec<String> {
        self.0.get(rpc).into_iter().flatten().cloned().collect()
    }

    /// Says one thing otherwise in what would be done, and notes what it is answered.
    async fn say(&mut self, world: &World, fixture: &Fixture, rpc: &str, said: Value) {
        let mut said = said;
        if super::has(rpc, "requestId") && said.get("requestId").is_none() {
            let count = self.0.values().map(BTreeSet::len).sum::<usize>();
            said["requestId"] = json!(format!("no/{count}/{rpc}/{}", said.to_string().len()));
        }
        let answer = ask(world, fixture, rpc, said.clone()).await;
        assert!(answer.is_err(), "{rpc} with {said} was not refused");
        self.note(rpc, answer);
    }

    /// Provokes what no request provokes by itself.
    pub(super) async fn by_rule(&mut self, world: &World) {
        self.people(world).await;
        self.items(world).await;
        self.operations(world).await;
        self.shortage(world).await;
        self.count_sessions(world).await;
        self.places(world).await;
    }

    async fn people(&mut self, world: &World) {
        let (shop, other) = (Fixture::build(world, "rule.people").await, Fixture::build(world, "rule.other").await);
        let invited = World::start_with(&["--signup", "invite"]).await;
        let stranger = json!({"user": {"userId": "ZA.stranger"}});
        self.note("IdentifyMember", ask(&invited, &shop, "IdentifyMember", stranger.clone()).await);
        invited.finish().await;
        let look = json!({"user": {"userId": "ZA.stranger"}, "lookupOnly": true});
        self.say(world, &shop, "IdentifyMember", look).await;
        self.say(world, &shop, "LinkIdentity", json!({"previous": {"userId": "ZA.stranger"}})).await;
        self.say(world, &shop, "AddMember", json!({"user": {"userId": other.user}})).await;
        self.say(world, &shop, "ChangeMemberRole", json!({"subjectMemberId": shop.owner, "role": "ROLE_CLERK"})).await;
        self.say(world, &shop, "RemoveMember", json!({"subjectMemberId": shop.owner})).await;
        let priced = json!([{"item": {"itemId": shop.milk}, "unitPrice": {"currencyCode": "ZAR", "amount": value("2")},
            "change": {"kind": "MOVEMENT_KIND_SALE", "quantity": value("1")}}]);
        ask(world, &shop, "PostOperation", json!({"lines": priced, "requestId": "priced"}))
            .await
            .expect("it is posted");
        self.say(world, &shop, "UpdateShop", json!({"currencyCode": "EUR"})).await;
    }

    async fn items(&mut self, world: &World) {
        let shop = Fixture::build(world, "rule.items").await;
        self.say(world, &shop, "RenameItem", json!({"displayName": "bread"})).await;
        self.say(world, &shop, "AddItemName", json!({"alias": "bread"})).await;
        self.say(world, &shop, "CreateItem", json!({"displayName": "bread"})).await;
        self.say(world, &shop, "CreateItem", json!({"displayName": "new", "lowLevel": value("0.5")})).await;
        self.say(world, &shop, "SetLowLevel", json!({"lowLevel": value("0.5")})).await;
        self.say(world, &shop, "ChangeBaseUnit", json!({"factor": value("0.0001")})).await;
        let flour = shop.done(world, "CreateItem", json!({"displayName": "flour", "unit": "kg"})).await;
        self.say(world, &shop, "MergeItems", json!({"intoItemId": text(&flour["item"]["itemId"])})).await;
        shop.done(world, "CreateItem", json!({"displayName": "soap", "requestId": "soap/2"})).await;
        self.say(world, &shop, "UnarchiveItem", json!({})).await;
        // A merge that was taken back is not done again into what was put away.
        let merged = ask(world, &shop, "MergeItems", json!({})).await.expect("both are pieces").remove(0);
        let merge = json!({"operationId": merged["merge"]["operation"]["operationId"]});
        let parted = ask(world, &shop, "ReverseOperation", merge).await.expect("it stands").remove(0);
        ask(world, &shop, "ArchiveItem", json!({"itemId": shop.bread})).await.expect("it is in the lists");
        self.say(world, &shop, "ReverseOperation", json!({"operationId": parted["operation"]["operationId"]})).await;
    }

    async fn operations(&mut self, world: &World) {
        let shop = Fixture::build(world, "rule.operations").await;
        let expecting = |quantity: &str| {
            let mut line = line(&shop.milk, "SALE", quantity);
            line["expectedBalance"] = value("77");
            line
        };
        let correction = |line: Value| json!([{"lineNumber": 1, "line": line}]);
        self.say(world, &shop, "PostOperation", json!({"lines": [expecting("1")]})).await;
        self.say(world, &shop, "PostOperation", json!({"lines": [line(&shop.milk, "SALE", "1.2345")]})).await;
        self.say(world, &shop, "CorrectOperation", json!({"corrections": correction(expecting("1"))})).await;
        let fine = line(&shop.milk, "SALE", "1.2345");
        self.say(world, &shop, "CorrectOperation", json!({"corrections": correction(fine)})).await;
        self.say(
            world,
            &shop,
            "TransferStock",
            json!({"lines": [
            {"item": {"itemId": shop.milk}, "quantity": value("0.5")}]}),
        )
        .await;
        let paper = json!({"supplier": "Jumbo", "number": "7"});
        ask(world, &shop, "PostOperation", json!({"paper": paper, "requestId": "paper"})).await.expect("it is booked");
        self.say(world, &shop, "PostOperation", json!({"paper": paper, "requestId": "paper/2"})).await;
        let latest = json!({"operationId": null, "latest": {}, "memberId": shop.clerk});
        self.say(world, &shop, "ReverseOperation", latest.clone()).await;
        self.say(world, &shop, "CorrectOperation", latest).await;
        for member in [shop.clerk.as_str(), super::NOWHERE] {
            let latest = json!({"operationId": null, "latest": {"memberId": member}});
            self.say(world, &shop, "GetOperation", latest).await;
        }
        ask(world, &shop, "ReverseOperation", json!({})).await.expect("it is taken back");
        self.say(world, &shop, "ReverseOperation", json!({})).await;
        self.say(world, &shop, "CorrectOperation", json!({})).await;
    }

    async fn shortage(&mut self, world: &World) {
        let shop = Fixture::build(world, "rule.shortage").await;
        let strict = json!({"displayName": null, "shortagePolicy": "SHORTAGE_POLICY_BLOCK"});
        ask(world, &shop, "UpdateShop", strict).await.expect("the owner may");
        self.say(world, &shop, "PostOperation", json!({"lines": [line(&shop.milk, "SALE", "11")]})).await;
        let much = json!([{"item": {"itemId": shop.milk}, "quantity": value("11")}]);
        self.say(world, &shop, "TransferStock", json!({"lines": much})).await;
        // What was sold since would be missing.
        let sale =
            json!({"lines": [line(&shop.milk, "SALE", "9"), line(&shop.bread, "SALE", "9")], "requestId": "sale"});
        ask(world, &shop, "PostOperation", sale).await.expect("there is enough");
        self.say(world, &shop, "ReverseOperation", json!({})).await;
        let less = json!([{"lineNumber": 1, "line": line(&shop.milk, "RECEIPT", "1")}]);
        self.say(world, &shop, "CorrectOperation", json!({"corrections": less})).await;
    }

    async fn count_sessions(&mut self, world: &World) {
        let shop = Fixture::build(world, "rule.sessions").await;
        let fine = json!([{"item": {"itemId": shop.milk}, "count": {"quantity": value("1.2345")}}]);
        self.say(world, &shop, "RecordCountLines", json!({"lines": fine})).await;
        ask(world, &shop, "CancelCountSession", json!({})).await.expect("it is open");
        for rpc in ["RecordCountLines", "FinishCountSession", "CancelCountSession"] {
            self.say(world, &shop, rpc, json!({})).await;
        }
        let strict = Fixture::build(world, "rule.strict").await;
        let policy = json!({"displayName": null, "shortagePolicy": "SHORTAGE_POLICY_BLOCK"});
        // Eight were seen, and nine are sold after that: one of them was never there.
        world.pass(jiff::SignedDuration::from_mins(1));
        let sale = json!({"lines": [line(&strict.bread, "SALE", "9")], "requestId": "sale"});
        ask(world, &strict, "PostOperation", sale).await.expect("there is enough by the book");
        ask(world, &strict, "UpdateShop", policy).await.expect("the owner may");
        self.say(world, &strict, "FinishCountSession", json!({})).await;
    }

    async fn places(&mut self, world: &World) {
        let shop = Fixture::build(world, "rule.places").await;
        self.say(world, &shop, "CreateLocation", json!({"displayName": "Back"})).await;
        shop.done(world, "CreateLocation", json!({"displayName": "Garage"})).await;
        self.say(world, &shop, "RenameLocation", json!({"displayName": "Garage"})).await;
    }
}
