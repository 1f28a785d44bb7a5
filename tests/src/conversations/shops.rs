//! The shops of a script before its first line, and their stock at any time: through the inventory's own door.

use std::time::SystemTime;

use anyhow::{Context as _, Result, ensure};
use devstack::meta_sim::Person;
use jiff::SignedDuration;
use platform::error::reason_of;
use proto::common::v1::{Decimal, WhatsAppUser};
use proto::inventory::v1::add_item_name_request::Name;
use proto::inventory::v1::operation_line::Effect;
use proto::inventory::v1::{
    AddItemNameRequest, AddMemberRequest, Change, Count, IdentifyMemberRequest, ItemReference, LineOutcome,
    ListStockRequest, MovementKind, OperationLine, PostOperationRequest, Role, SetItemPackRequest, SetLowLevelRequest,
    Source, item_reference,
};

use super::script::{Level, Shop, Stocked};
use super::stage::Stage;

/// How long before the first line the shop was filled.
const EARLIER: SignedDuration = SignedDuration::from_hours(1);

impl Stage {
    /// Opens a shop, fills it and takes people on.
    pub(super) async fn open_shop(&self, owner: &Person, shop: &Shop, staff: &[(Person, Role)]) -> Result<()> {
        if shop.items.is_empty() && staff.is_empty() {
            return Ok(()); // the first message opens it
        }
        let mut inventory = self.inventory.clone();
        let identified =
            inventory.identify_member(self.who_is(owner, false)).await.context("open a shop")?.into_inner();
        let shop_id = identified.shop.context("a shop was opened")?.shop_id;
        let owner_id = identified.member.context("somebody owns it")?.member_id;
        for (index, (person, role)) in staff.iter().enumerate() {
            let request = AddMemberRequest {
                shop_id: shop_id.clone(),
                request_id: format!("staff-{index}"),
                source: Source::System.into(),
                member_id: owner_id.clone(),
                user: Some(user(person)),
                display_name: person.name.clone(),
                role: (*role).into(),
            };
            inventory.add_member(request).await.context("take somebody on")?;
        }
        if shop.items.is_empty() {
            return Ok(());
        }
        let request = PostOperationRequest {
            shop_id: shop_id.clone(),
            request_id: "opening".to_owned(),
            source: Source::System.into(),
            occur_time: Some(SystemTime::from(self.clock.now() - EARLIER).into()),
            lines: shop.items.iter().map(opening).collect(),
            all_or_nothing: true,
            ..PostOperationRequest::default()
        };
        let posted = inventory.post_operation(request).await.context("fill a shop")?.into_inner();
        for (stocked, result) in std::iter::zip(&shop.items, posted.results) {
            ensure!(
                result.outcome() == LineOutcome::Posted,
                "{} was not posted: {:?}",
                stocked.level,
                result.outcome()
            );
            let item = result.item.context("a posted line has an item")?;
            self.describe(&shop_id, &item.item_id, stocked).await?;
        }
        Ok(())
    }

    /// Returns everything that a person's shop has.
    pub(super) async fn stock_of(&self, owner: &Person) -> Result<Vec<Level>> {
        let mut inventory = self.inventory.clone();
        let shop = match inventory.identify_member(self.who_is(owner, true)).await {
            Ok(identified) => identified.into_inner().shop.context("a member has a shop")?,
            Err(status) if reason_of(&status).as_deref() == Some("ERROR_REASON_MEMBER_NOT_FOUND") => {
                return Ok(Vec::new());
            }
            Err(status) => return Err(status).context("find a shop"),
        };
        let request = ListStockRequest { shop_id: shop.shop_id, page_size: 100, ..ListStockRequest::default() };
        let listed = inventory.list_stock(request).await.context("list stock")?.into_inner();
        let mut levels: Vec<Level> = Vec::new();
        for level in listed.stock_levels {
            let item = level.item.context("a level is of an item")?;
            let quantity = level.on_hand.context("a level says how much")?.value;
            let unit = if item.base_unit == "each" { String::new() } else { item.base_unit };
            levels.push(Level { item: item.display_name, quantity, unit });
        }
        levels.sort();
        Ok(levels)
    }

    async fn describe(&self, shop_id: &str, item_id: &str, stocked: &Stocked) -> Result<()> {
        let mut inventory = self.inventory.clone();
        let source = Source::System.into();
        for (unit, size) in &stocked.packs {
            let request = SetItemPackRequest {
                shop_id: shop_id.to_owned(),
                request_id: format!("pack-{item_id}-{unit}"),
                source,
                member_id: String::new(),
                item_id: item_id.to_owned(),
                unit: unit.clone(),
                pack_size: Some(Decimal { value: size.clone() }),
            };
            inventory.set_item_pack(request).await.context("tell a pack")?;
        }
        for (index, alias) in stocked.aliases.iter().enumerate() {
            let request = AddItemNameRequest {
                shop_id: shop_id.to_owned(),
                request_id: format!("name-{item_id}-{index}"),
                source,
                member_id: String::new(),
                item_id: item_id.to_owned(),
                name: Some(Name::Alias(alias.clone())),
            };
            inventory.add_item_name(request).await.context("tell another name")?;
        }
        if let Some(low) = &stocked.low {
            let request = SetLowLevelRequest {
                shop_id: shop_id.to_owned(),
                request_id: format!("low-{item_id}"),
                source,
                member_id: String::new(),
                item_id: item_id.to_owned(),
                low_level: Some(Decimal { value: low.clone() }),
            };
            inventory.set_low_level(request).await.context("tell where to warn")?;
        }
        Ok(())
    }

    fn who_is(&self, person: &Person, lookup_only: bool) -> IdentifyMemberRequest {
        IdentifyMemberRequest {
            user: Some(user(person)),
            profile_name: person.name.clone(),
            business_phone_number_id: self.phone_number_id().to_owned(),
            lookup_only,
            with_items: false,
        }
    }
}

fn user(person: &Person) -> WhatsAppUser {
    WhatsAppUser { user_id: person.user_id.clone(), phone_number: person.phone.clone().unwrap_or_default() }
}

fn opening(stocked: &Stocked) -> OperationLine {
    let Level { item, quantity, unit } = &stocked.level;
    let quantity = Some(Decimal { value: quantity.clone() });
    let effect = if stocked.level.quantity == "0" {
        Effect::Count(Count { quantity }) // nothing cannot come in
    } else {
        Effect::Change(Change { kind: MovementKind::Opening.into(), quantity, all: false })
    };
    OperationLine {
        item: Some(ItemReference {
            reference: Some(item_reference::Reference::Name(item.clone())),
            ..Default::default()
        }),
        effect: Some(effect),
        unit: unit.clone(),
        create_item: true,
        create_despite_similar: true,
        ..OperationLine::default()
    }
}
