//! `CreateLocation`, `ListLocations`, `RenameLocation`: the places of a shop.

use proto::inventory::v1 as pb;

use super::asked::asked;
use super::fields::Fields;
use super::{Inventory, page_token};
use crate::error::Error;
use crate::store::LocationRow;

pub(super) async fn create_location(
    inventory: &Inventory,
    request: pb::CreateLocationRequest,
) -> Result<pb::CreateLocationResponse, Error> {
    let mut fields = Fields::default();
    let asked = asked!(inventory, fields, request);
    let display_name = name(&mut fields, &request.display_name);
    fields.finish()?;

    let place = inventory.store.change_location(&asked, None, &display_name).await?;

    tracing::info!(shop.id = %asked.shop_id, location.id = %place.id, "created a place");
    Ok(pb::CreateLocationResponse { location: Some(location(place)) })
}

pub(super) async fn rename_location(
    inventory: &Inventory,
    request: pb::RenameLocationRequest,
) -> Result<pb::RenameLocationResponse, Error> {
    let mut fields = Fields::default();
    let asked = asked!(inventory, fields, request);
    let location_id = fields.id("location_id", &request.location_id);
    let display_name = name(&mut fields, &request.display_name);
    fields.finish()?;

    let place = inventory.store.change_location(&asked, Some(location_id), &display_name).await?;

    tracing::info!(shop.id = %asked.shop_id, location.id = %place.id, "renamed a place");
    Ok(pb::RenameLocationResponse { location: Some(location(place)) })
}

pub(super) async fn list_locations(
    inventory: &Inventory,
    request: pb::ListLocationsRequest,
) -> Result<pb::ListLocationsResponse, Error> {
    let mut fields = Fields::default();
    let shop_id = fields.id("shop_id", &request.shop_id);
    let page_size = fields.page_size(request.page_size);
    fields.finish()?;
    let shop = shop_id.to_string();
    let filters = ["locations", shop.as_str()];
    let after = page_token::decode_id(&filters, &request.page_token)?;

    let mut rows = inventory.store.list_locations(shop_id, after, page_size + 1).await?;

    let next_page_token = page_token::cut(&filters, &mut rows, page_size, |row| row.id);
    Ok(pb::ListLocationsResponse { locations: rows.into_iter().map(location).collect(), next_page_token })
}

fn name(fields: &mut Fields, said: &str) -> String {
    fields.length("display_name", said);
    let name = said.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        fields.refuse("display_name", "is required");
    }
    name
}

fn location(row: LocationRow) -> pb::Location {
    pb::Location { location_id: row.id.to_string(), display_name: row.display_name, default: row.is_default }
}
