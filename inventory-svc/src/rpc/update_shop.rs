//! `UpdateShop`: what is so of a shop.

use proto::inventory::v1 as pb;

use super::asked::asked;
use super::fields::Fields;
use super::{Inventory, answers};
use crate::error::Error;
use crate::store::ShopUpdate;

pub(super) async fn update_shop(
    inventory: &Inventory,
    request: pb::UpdateShopRequest,
) -> Result<pb::UpdateShopResponse, Error> {
    let mut fields = Fields::default();
    let asked = asked!(inventory, fields, request);
    if let Some(name) = &request.display_name {
        fields.length("display_name", name);
    }
    if request.time_zone.as_ref().is_some_and(|zone| zone.is_empty() || zone.len() > 100 || !zone.is_ascii()) {
        fields.refuse("time_zone", "must be the IANA name of a time zone");
    }
    let shortage_policy = request.shortage_policy.map(|policy| match pb::ShortagePolicy::try_from(policy) {
        Ok(pb::ShortagePolicy::Warn) => "warn",
        Ok(pb::ShortagePolicy::Block) => "block",
        Ok(pb::ShortagePolicy::Unspecified) | Err(_) => {
            fields.refuse("shortage_policy", "must be one of the policies");
            ""
        }
    });
    let is_code = |code: &String| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if request.currency_code.as_ref().is_some_and(|code| !is_code(code)) {
        fields.refuse("currency_code", "must be an ISO 4217 code in capitals");
    }
    fields.finish()?;
    let wanted = ShopUpdate {
        display_name: request.display_name.map(|name| name.trim().to_owned()),
        time_zone: request.time_zone,
        shortage_policy,
        currency: request.currency_code,
    };

    let shop = inventory.store.update_shop(&asked, &wanted).await?;

    tracing::info!(shop.id = %asked.shop_id, "updated a shop");
    Ok(pb::UpdateShopResponse { shop: Some(answers::shop(shop)?) })
}
