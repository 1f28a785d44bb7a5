//! What is sent to each RPC so that it is done, in a shop in which it can be.

use serde_json::{Value, json};

use super::wire::{call, rpc};
use crate::world::World;

/// An id of a thing that is nowhere.
pub(super) const NOWHERE: &str = "0190b2c4-0000-7000-8000-000000000000";

/// A shop in which everything can be done.
#[derive(Clone, Debug)]
pub(super) struct Fixture {
    pub(super) shop: String,
    /// How WhatsApp names the owner.
    pub(super) user: String,
    pub(super) owner: String,
    pub(super) clerk: String,
    pub(super) viewer: String,
    pub(super) milk: String,
    pub(super) bread: String,
    pub(super) archived: String,
    pub(super) back: String,
    pub(super) operation: String,
    pub(super) count_session: String,
}

impl Fixture {
    pub(super) async fn build(world: &World, tag: &str) -> Self {
        let user = format!("ZA.{tag}");
        let known = one(world, "IdentifyMember", json!({"user": {"userId": user}, "businessPhoneNumberId": "1"})).await;
        let mut fixture = Self {
            shop: text(&known["shop"]["shopId"]),
            user,
            owner: text(&known["member"]["memberId"]),
            clerk: String::new(),
            viewer: String::new(),
            milk: String::new(),
            bread: String::new(),
            archived: String::new(),
            back: String::new(),
            operation: String::new(),
            count_session: String::new(),
        };
        fixture.clerk = fixture.join(world, tag, "CLERK").await;
        fixture.viewer = fixture.join(world, tag, "VIEWER").await;
        let request = |lines: Value, id: &str| json!({"lines": lines, "requestId": id});
        let line = |name: &str| {
            json!({"item": {"name": name}, "createItem": true,
                   "change": {"kind": "MOVEMENT_KIND_RECEIPT", "quantity": {"value": "10"}}})
        };
        let posted = fixture.done(world, "PostOperation", request(json!([line("milk"), line("bread")]), "stock")).await;
        fixture.operation = text(&posted["operation"]["operationId"]);
        fixture.milk = text(&posted["results"][0]["item"]["itemId"]);
        fixture.bread = text(&posted["results"][1]["item"]["itemId"]);
        let soap = fixture.done(world, "CreateItem", json!({"displayName": "soap", "requestId": "soap"})).await;
        fixture.archived = text(&soap["item"]["itemId"]);
        let archive = json!({"itemId": fixture.archived, "requestId": "archive"});
        fixture.done(world, "ArchiveItem", archive).await;
        let place = fixture.done(world, "CreateLocation", json!({"displayName": "Back", "requestId": "back"})).await;
        fixture.back = text(&place["location"]["locationId"]);
        let session = fixture.done(world, "StartCountSession", json!({"requestId": "count"})).await;
        fixture.count_session = text(&session["countSession"]["countSessionId"]);
        let seen = json!({"requestId": "seen", "countSessionId": fixture.count_session,
            "lines": [{"item": {"itemId": fixture.bread}, "count": {"quantity": {"value": "8"}}}]});
        fixture.done(world, "RecordCountLines", seen).await;
        fixture
    }

    async fn join(&self, world: &World, tag: &str, role: &str) -> String {
        let user = json!({"userId": format!("ZA.{tag}.{role}")});
        let body = json!({"user": user, "role": format!("ROLE_{role}"), "requestId": format!("join {role}").replace(' ', "/")});
        text(&self.done(world, "AddMember", body).await["member"]["memberId"])
    }

    /// Sends what is wanted in the name of the owner, and returns the answer.
    pub(super) async fn done(&self, world: &World, name: &str, body: Value) -> Value {
        one(world, name, self.fill(name, body)).await
    }

    /// Puts in what every request of this kind has and this one does not say.
    pub(super) fn fill(&self, name: &str, mut body: Value) -> Value {
        let input = rpc(name).input();
        let has = |field: &str| input.get_field_by_json_name(field).is_some();
        let mut common = vec![("shopId", json!(self.shop))];
        if has("requestId") {
            common.extend([
                ("requestId", json!(format!("of/{name}"))),
                ("source", json!("SOURCE_WHATSAPP")),
                ("memberId", json!(self.owner)),
            ]);
        }
        for (field, value) in common {
            if has(field) && body.get(field).is_none() {
                body[field] = value;
            }
        }
        body
    }

    /// Returns the messages of a request that is done; what is said in `said` is said otherwise. `None` for an RPC that
    /// has no row yet.
    pub(super) fn good(&self, name: &str, said: &Value) -> Option<Vec<Value>> {
        let value = |value: &str| json!({"value": value});
        let receipt = json!({"item": {"itemId": self.milk}, "locationId": self.back,
            "change": {"kind": "MOVEMENT_KIND_RECEIPT", "quantity": value("3")}});
        let body = match name {
            "IdentifyMember" => json!({"user": {"userId": self.user}, "businessPhoneNumberId": "1"}),
            "LinkIdentity" => {
                json!({"previous": {"userId": self.user}, "current": {"userId": format!("{}.new", self.user)}})
            }
            "AddMember" => json!({"user": {"userId": format!("{}.x", self.user)}, "role": "ROLE_CLERK"}),
            "PostOperation" => json!({"lines": [receipt]}),
            "ReverseOperation" | "GetOperation" => json!({"operationId": self.operation}),
            "CorrectOperation" => {
                json!({"operationId": self.operation, "corrections": [{"lineNumber": 1, "line": receipt}]})
            }
            "GetStock" | "ParseItemName" | "GetStockExplanation" => json!({"item": {"itemId": self.milk}}),
            "ListStock" | "ListLowStock" | "GetStockValue" | "ListDiscrepancies" | "ListMembers" | "ListLocations"
            | "WatchStock" => json!({}),
            "GetReport" => json!({"days": {"firstDay": "2026-11-20", "lastDay": "2026-11-22"}}),
            "RenameItem" => json!({"itemId": self.milk, "displayName": "full cream"}),
            "AddItemName" => json!({"itemId": self.milk, "alias": "ubisi"}),
            "ArchiveItem" | "GetItem" => json!({"itemId": self.milk}),
            "SetLowLevel" => json!({"itemId": self.milk, "lowLevel": value("2")}),
            "SetItemPack" => json!({"itemId": self.milk, "unit": "case", "packSize": value("6")}),
            "ListMovements" => json!({"itemId": self.milk, "memberId": self.owner}),
            "MergeItems" => json!({"itemId": self.milk, "intoItemId": self.bread}),
            "ChangeBaseUnit" => json!({"itemId": self.milk, "unit": "cup", "factor": value("4")}),
            "CreateItem" => json!({"displayName": "rice"}),
            "UnarchiveItem" => json!({"itemId": self.archived}),
            "ChangeMemberRole" => json!({"subjectMemberId": self.clerk, "role": "ROLE_MANAGER"}),
            "RemoveMember" => json!({"subjectMemberId": self.clerk}),
            "UpdateShop" => json!({"displayName": "Corner"}),
            "CreateLocation" => json!({"displayName": "Garage"}),
            "RenameLocation" => json!({"locationId": self.back, "displayName": "Store"}),
            "TransferStock" => {
                json!({"toLocationId": self.back, "lines": [{"item": {"itemId": self.milk}, "quantity": value("1")}]})
            }
            "StartCountSession" => json!({"locationId": self.back}),
            "RecordCountLines" => json!({"countSessionId": self.count_session,
                "lines": [{"item": {"itemId": self.milk}, "count": {"quantity": value("9")}}]}),
            "GetCountSession" | "FinishCountSession" | "CancelCountSession" => {
                json!({"countSessionId": self.count_session})
            }
            "ImportStock" => {
                let mut list = json!({"shopId": self.shop, "requestId": "of/ImportStock", "source": "SOURCE_IMPORT",
                    "memberId": self.owner, "mode": "STOCK_IMPORT_MODE_OPENING", "locationId": self.back});
                merge(&mut list, said);
                let rows = json!({"rows": {"rows": [{"rowNumber": 2, "name": "rice", "quantity": "4"}]}});
                return Some(vec![json!({"stockImport": list}), rows]);
            }
            "ExportStock" => json!({"format": "FILE_FORMAT_CSV"}),
            "ExportMovements" => json!({"format": "FILE_FORMAT_CSV", "itemId": self.milk}),
            "ForgetPerson" => json!({"user": {"userId": self.user}}),
            _ => return None,
        };
        let mut body = self.fill(name, body);
        merge(&mut body, said);
        Some(vec![body])
    }
}

/// Says what is said; `null` unsays.
fn merge(body: &mut Value, said: &Value) {
    for (field, value) in said.as_object().into_iter().flatten() {
        if value.is_null() {
            body.as_object_mut().expect("a message").remove(field);
        } else {
            body[field] = value.clone();
        }
    }
}

async fn one(world: &World, name: &str, body: Value) -> Value {
    let mut told = call(world, name, &[body]).await.unwrap_or_else(|status| panic!("{name}: {status:?}"));
    told.remove(0)
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}
