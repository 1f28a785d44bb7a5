//! Shops to run programs in, and what is looked at when a program is over.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use proto::common::v1::WhatsAppUser;
use proto::inventory::v1 as pb;
use rust_decimal::Decimal;

use crate::book::{Balances, Book, half_of};
use crate::house::House;

/// A shop with an owner, a clerk and two places.
pub(crate) struct Shop {
    pub(crate) id: String,
    pub(crate) owner: String,
    pub(crate) clerks: Vec<String>,
    pub(crate) places: Vec<String>,
}

/// What a reader sees of the history: by operation, what it changed.
type History = BTreeMap<String, BTreeMap<(String, String), Decimal>>;

impl Shop {
    pub(crate) async fn open(house: &House, name: &str, is_strict: bool, clerk_count: usize) -> Self {
        let mut client = house.reader().await;
        let request = pb::IdentifyMemberRequest {
            user: Some(WhatsAppUser { user_id: format!("ZA.{name}"), phone_number: String::new() }),
            business_phone_number_id: "1".to_owned(),
            ..Default::default()
        };
        let known = client.identify_member(request).await.expect("sign-up is open").into_inner();
        let (id, owner) = (known.shop.expect("a shop").shop_id, known.member.expect("a member").member_id);
        let mut clerks = Vec::new();
        for place in 0..clerk_count {
            let request = pb::AddMemberRequest {
                shop_id: id.clone(),
                request_id: format!("clerk/{place}"),
                source: pb::Source::System.into(),
                user: Some(WhatsAppUser { user_id: format!("ZA.{name}.{place}"), phone_number: String::new() }),
                role: pb::Role::Clerk.into(),
                ..Default::default()
            };
            let added = client.add_member(request).await.expect("it is new").into_inner();
            clerks.push(added.member.expect("a member").member_id);
        }
        let request = pb::CreateLocationRequest {
            shop_id: id.clone(),
            request_id: "place".to_owned(),
            source: pb::Source::System.into(),
            display_name: "Back room".to_owned(),
            ..Default::default()
        };
        client.create_location(request).await.expect("it is new");
        let request = pb::ListLocationsRequest { shop_id: id.clone(), ..Default::default() };
        let mut places = client.list_locations(request).await.expect("they can be listed").into_inner().locations;
        places.sort_by_key(|place| !place.default);
        if is_strict {
            let request = pb::UpdateShopRequest {
                shop_id: id.clone(),
                request_id: "strict".to_owned(),
                source: pb::Source::System.into(),
                shortage_policy: Some(pb::ShortagePolicy::Block.into()),
                ..Default::default()
            };
            client.update_shop(request).await.expect("the system may");
        }
        Self { id, owner, clerks, places: places.into_iter().map(|place| place.location_id).collect() }
    }

    /// Compares what the lists of the service say with the book: balances, and the whole history.
    pub(crate) async fn compare(&self, house: &House, book: &Book) -> Result<(), String> {
        let on_hand = self.on_hand(house).await;
        let mut expected: BTreeMap<String, Decimal> = BTreeMap::new();
        for item in book.items.iter().filter(|item| !item.is_archived && !item.id.is_empty()) {
            expected.insert(item.id.clone(), Decimal::ZERO);
        }
        for ((item, _), balance) in book.balances() {
            if let Some(sum) = expected.get_mut(&book.items[item].id) {
                *sum += balance;
            }
        }
        differ("what is on hand", &expected, &on_hand)?;
        let told = self.history(house).await;
        let mut expected = History::new();
        for (id, effects) in book.effects() {
            expected.insert(id.to_owned(), by_id(book, effects));
        }
        expected.retain(|_, effects| !effects.is_empty());
        for (id, effects) in &expected {
            differ(id, Some(effects), told.get(id))?;
        }
        differ("operations", expected.len(), told.len())
    }

    async fn on_hand(&self, house: &House) -> BTreeMap<String, Decimal> {
        let mut client = house.reader().await;
        let request = pb::ListStockRequest { shop_id: self.id.clone(), page_size: 200, ..Default::default() };
        let page = client.list_stock(request).await.expect("stock can be listed").into_inner();
        assert!(page.next_page_token.is_empty(), "a program makes few items");
        let told = |level: pb::StockLevel| (level.item.expect("an item").item_id, number(level.on_hand.as_ref()));
        page.stock_levels.into_iter().map(told).collect()
    }

    async fn history(&self, house: &House) -> History {
        let mut client = house.reader().await;
        let halves: Vec<(uuid::Uuid, uuid::Uuid)> =
            sqlx::query_as("SELECT reversal_id, op_id FROM correction WHERE shop_id = $1::uuid")
                .bind(&self.id)
                .fetch_all(&mut house.owner().await)
                .await
                .expect("the owner may look");
        let halves: BTreeMap<String, String> =
            halves.into_iter().map(|(half, whole)| (half.to_string(), half_of(&whole.to_string()))).collect();
        let mut history = History::new();
        let mut request = pb::ListMovementsRequest { shop_id: self.id.clone(), page_size: 200, ..Default::default() };
        loop {
            let page = client.list_movements(request.clone()).await.expect("they can be listed").into_inner();
            for movement in page.movements {
                let id = halves.get(&movement.operation_id).cloned().unwrap_or(movement.operation_id);
                let shelf = (movement.item_id, movement.location_id);
                *history.entry(id).or_default().entry(shelf).or_default() += number(movement.delta.as_ref());
            }
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        for effects in history.values_mut() {
            effects.retain(|_, delta| !delta.is_zero());
        }
        history.retain(|_, effects| !effects.is_empty());
        history
    }
}

fn by_id(book: &Book, effects: &Balances) -> BTreeMap<(String, String), Decimal> {
    let name = |item: usize, place: usize| (book.items[item].id.clone(), book.places[place].clone());
    effects.iter().map(|((item, place), delta)| (name(*item, *place), *delta)).collect()
}

fn number(value: Option<&proto::common::v1::Decimal>) -> Decimal {
    Decimal::from_str(&value.expect("it is told").value).expect("a decimal").normalize()
}

#[expect(clippy::needless_pass_by_value, reason = "what is compared is made for it")]
fn differ<T: PartialEq + std::fmt::Debug>(what: &str, expected: T, told: T) -> Result<(), String> {
    if expected == told { Ok(()) } else { Err(format!("{what}: expected {expected:?}, told {told:?}")) }
}
