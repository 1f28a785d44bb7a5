//! Lists come in pages that neither repeat nor miss.

use jiff::SignedDuration;
use proto::inventory::v1 as pb;

use crate::world::{Shop, World, add, reason, sell, text};

async fn stock_page(shop: &Shop, page_size: i32, page_token: &str) -> Result<pb::ListStockResponse, tonic::Status> {
    let request = pb::ListStockRequest {
        shop_id: shop.id.clone(),
        page_size,
        page_token: page_token.to_owned(),
        ..Default::default()
    };
    Ok(shop.client.clone().list_stock(request).await?.into_inner())
}

async fn movements_page(
    shop: &Shop,
    item_id: &str,
    page_token: &str,
) -> Result<pb::ListMovementsResponse, tonic::Status> {
    let request = pb::ListMovementsRequest {
        shop_id: shop.id.clone(),
        page_size: 3,
        page_token: page_token.to_owned(),
        item_id: item_id.to_owned(),
        ..Default::default()
    };
    Ok(shop.client.clone().list_movements(request).await?.into_inner())
}

#[tokio::test]
async fn stock_is_listed_by_name_page_by_page() {
    let world = World::start().await;
    let shop = world.shop().await;
    let names = ["Bread", "apples", "Éclairs", "coke 2l", "coke 500ml", "zips", "7up"];
    for (place, name) in names.iter().enumerate() {
        shop.post(&format!("{place}"), vec![add("1", name)]).await.unwrap();
    }

    let mut listed = Vec::new();
    let mut token = String::new();
    loop {
        let page = stock_page(&shop, 2, &token).await.unwrap();
        assert!(page.stock_levels.len() <= 2);
        listed.extend(page.stock_levels);
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }

    let listed_names: Vec<_> = listed.iter().map(|level| level.item.clone().unwrap().display_name).collect();
    assert_eq!(listed_names, ["7up", "apples", "Bread", "coke 2l", "coke 500ml", "zips", "Éclairs"]);
    assert!(listed.iter().all(|level| text(level.on_hand.as_ref()) == "1" && level.change_time.is_some()));
    world.finish().await;
}

#[tokio::test]
async fn movements_are_listed_newest_first_and_by_item() {
    let world = World::start().await;
    let shop = world.shop().await;
    let bread = shop.line("0", add("10", "bread")).await.item.unwrap().item_id;
    shop.post("milk", vec![add("5", "milk")]).await.unwrap();
    for place in 1..=5 {
        world.pass(SignedDuration::from_mins(1));
        shop.post(&format!("{place}"), vec![sell("1", "bread")]).await.unwrap();
    }

    let (mut balances, mut token) = (Vec::new(), String::new());
    loop {
        let page = movements_page(&shop, &bread, &token).await.unwrap();
        balances.extend(page.movements.iter().map(|line| text(line.balance_after.as_ref())));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }

    assert_eq!(balances, ["5", "6", "7", "8", "9", "10"]);
    let all = movements_page(&shop, "", "").await.unwrap();
    assert_eq!(all.movements.len(), 3);
    let misused = movements_page(&shop, &bread, &all.next_page_token).await.unwrap_err();
    assert_eq!(reason(&misused), "ERROR_REASON_INVALID_PAGE_TOKEN");
    let nonsense = stock_page(&shop, 2, "x").await.unwrap_err();
    assert_eq!(reason(&nonsense), "ERROR_REASON_INVALID_PAGE_TOKEN");
    let negative = stock_page(&shop, -1, "").await.unwrap_err();
    assert_eq!(reason(&negative), "ERROR_REASON_INVALID_FIELD");
    world.finish().await;
}
