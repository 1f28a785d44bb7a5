//! What is so of a shop, through its door: items that become one, people and what they may do, places, and who watches.

#![expect(clippy::unwrap_used, reason = "a panic is how a test says no")]
#![expect(clippy::needless_update, reason = "one macro makes requests of many fields and of few")]

#[path = "../ledger/world.rs"]
#[expect(dead_code, reason = "the other tests say more of it")]
mod world;

mod count_sessions;
mod forgetting;
mod merges;
mod people;
mod places;
mod roles;
mod watch;

/// Makes a request of a shop: the fields that every change has, and the ones that are given.
macro_rules! ask {
    ($shop:expr, $request_id:expr, $kind:ident { $($field:ident: $value:expr),* $(,)? }) => {
        proto::inventory::v1::$kind {
            shop_id: $shop.id.clone(),
            request_id: $request_id.to_string(),
            source: proto::inventory::v1::Source::Whatsapp.into(),
            member_id: $shop.member_id.clone(),
            $($field: $value,)*
            ..Default::default()
        }
    };
}
use ask;

/// Puts somebody into a shop.
async fn join(world: &world::World, shop: &world::Shop, role: &str) -> world::Shop {
    let member_id: uuid::Uuid = sqlx::query_scalar(
        "INSERT INTO member (shop_id, id, role, created_at) VALUES ($1::uuid, gen_random_uuid(), $2, now()) RETURNING id",
    )
    .bind(&shop.id)
    .bind(role)
    .fetch_one(&mut world.owner().await)
    .await
    .expect("a member");
    world.as_member(&shop.id, &member_id.to_string())
}
