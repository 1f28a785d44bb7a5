//! The RPCs: one file each, which reads parse, decide, act, answer.
//!
//! - `fields`: reading fields of requests, with the path of each in the refusal
//! - `answers`: rows to messages
//! - `lines`: lines of operations, for those that post
//! - `page_token`: where a list goes on

mod add_member;
mod answers;
mod asked;
mod change_item;
mod correct_operation;
mod count_session;
mod export_movements;
mod export_stock;
mod fields;
mod file_stream;
mod forget_person;
mod get_item;
mod get_operation;
mod get_report;
mod get_stock;
mod get_stock_explanation;
mod identify_member;
mod import_row;
mod import_stock;
mod lines;
mod link_identity;
mod list_discrepancies;
mod list_movements;
mod list_stock;
mod merge_items;
mod new_item;
mod page_token;
mod parse_item_name;
mod people;
mod places;
mod post_operation;
mod reach;
mod reverse_operation;
mod transfer_stock;
mod update_shop;
mod wakes;
mod watch_stock;

use platform::Process;
use platform::clock::Clock;
use platform::ids::Ids;
use platform::shutdown::Shutdown;
use proto::inventory::v1 as pb;
use proto::inventory::v1::inventory_service_server::InventoryService;
use tonic::{Request, Response, Status};

pub(crate) use self::reach::SHOPS;
use self::wakes::Wakes;
use crate::settings::Signup;
use crate::store::Store;

/// What every RPC needs.
#[derive(Clone, Debug)]
pub(crate) struct Inventory {
    store: Store,
    clock: Clock,
    ids: Ids,
    signup: Signup,
    shutdown: Shutdown,
    wakes: Wakes,
}

impl Inventory {
    pub(crate) fn new(store: Store, process: &Process, signup: Signup) -> Self {
        Self {
            store,
            clock: process.clock.clone(),
            ids: process.ids.clone(),
            signup,
            shutdown: process.shutdown.clone(),
            wakes: Wakes::default(),
        }
    }
}

#[tonic::async_trait]
impl InventoryService for Inventory {
    async fn identify_member(
        &self,
        request: Request<pb::IdentifyMemberRequest>,
    ) -> Result<Response<pb::IdentifyMemberResponse>, Status> {
        Ok(Response::new(identify_member::identify_member(self, request.into_inner()).await?))
    }

    async fn post_operation(
        &self,
        request: Request<pb::PostOperationRequest>,
    ) -> Result<Response<pb::PostOperationResponse>, Status> {
        let _change = self.wakes.change(&request.get_ref().shop_id);
        Ok(Response::new(post_operation::post_operation(self, request.into_inner()).await?))
    }

    async fn reverse_operation(
        &self,
        request: Request<pb::ReverseOperationRequest>,
    ) -> Result<Response<pb::ReverseOperationResponse>, Status> {
        let _change = self.wakes.change(&request.get_ref().shop_id);
        Ok(Response::new(reverse_operation::reverse_operation(self, request.into_inner()).await?))
    }

    async fn get_stock(&self, request: Request<pb::GetStockRequest>) -> Result<Response<pb::GetStockResponse>, Status> {
        Ok(Response::new(get_stock::get_stock(self, request.into_inner()).await?))
    }

    async fn list_stock(
        &self,
        request: Request<pb::ListStockRequest>,
    ) -> Result<Response<pb::ListStockResponse>, Status> {
        Ok(Response::new(list_stock::list_stock(self, request.into_inner()).await?))
    }

    async fn list_movements(
        &self,
        request: Request<pb::ListMovementsRequest>,
    ) -> Result<Response<pb::ListMovementsResponse>, Status> {
        Ok(Response::new(list_movements::list_movements(self, request.into_inner()).await?))
    }

    async fn link_identity(
        &self,
        request: Request<pb::LinkIdentityRequest>,
    ) -> Result<Response<pb::LinkIdentityResponse>, Status> {
        Ok(Response::new(link_identity::link_identity(self, request.into_inner()).await?))
    }

    async fn add_member(
        &self,
        request: Request<pb::AddMemberRequest>,
    ) -> Result<Response<pb::AddMemberResponse>, Status> {
        Ok(Response::new(add_member::add_member(self, request.into_inner()).await?))
    }

    async fn get_operation(
        &self,
        request: Request<pb::GetOperationRequest>,
    ) -> Result<Response<pb::GetOperationResponse>, Status> {
        Ok(Response::new(get_operation::get_operation(self, request.into_inner()).await?))
    }

    async fn correct_operation(
        &self,
        request: Request<pb::CorrectOperationRequest>,
    ) -> Result<Response<pb::CorrectOperationResponse>, Status> {
        let _change = self.wakes.change(&request.get_ref().shop_id);
        Ok(Response::new(correct_operation::correct_operation(self, request.into_inner()).await?))
    }

    async fn list_low_stock(
        &self,
        request: Request<pb::ListLowStockRequest>,
    ) -> Result<Response<pb::ListLowStockResponse>, Status> {
        Ok(Response::new(list_stock::list_low_stock(self, request.into_inner()).await?))
    }

    async fn rename_item(
        &self,
        request: Request<pb::RenameItemRequest>,
    ) -> Result<Response<pb::RenameItemResponse>, Status> {
        Ok(Response::new(change_item::rename_item(self, request.into_inner()).await?))
    }

    async fn add_item_name(
        &self,
        request: Request<pb::AddItemNameRequest>,
    ) -> Result<Response<pb::AddItemNameResponse>, Status> {
        Ok(Response::new(change_item::add_item_name(self, request.into_inner()).await?))
    }

    async fn archive_item(
        &self,
        request: Request<pb::ArchiveItemRequest>,
    ) -> Result<Response<pb::ArchiveItemResponse>, Status> {
        Ok(Response::new(change_item::archive_item(self, request.into_inner()).await?))
    }

    async fn set_low_level(
        &self,
        request: Request<pb::SetLowLevelRequest>,
    ) -> Result<Response<pb::SetLowLevelResponse>, Status> {
        Ok(Response::new(change_item::set_low_level(self, request.into_inner()).await?))
    }

    async fn set_item_pack(
        &self,
        request: Request<pb::SetItemPackRequest>,
    ) -> Result<Response<pb::SetItemPackResponse>, Status> {
        Ok(Response::new(change_item::set_item_pack(self, request.into_inner()).await?))
    }

    async fn get_report(
        &self,
        request: Request<pb::GetReportRequest>,
    ) -> Result<Response<pb::GetReportResponse>, Status> {
        Ok(Response::new(get_report::get_report(self, request.into_inner()).await?))
    }

    async fn get_stock_value(
        &self,
        request: Request<pb::GetStockValueRequest>,
    ) -> Result<Response<pb::GetStockValueResponse>, Status> {
        Ok(Response::new(get_report::get_stock_value(self, request.into_inner()).await?))
    }

    async fn get_stock_explanation(
        &self,
        request: Request<pb::GetStockExplanationRequest>,
    ) -> Result<Response<pb::GetStockExplanationResponse>, Status> {
        Ok(Response::new(get_stock_explanation::get_stock_explanation(self, request.into_inner()).await?))
    }

    async fn list_discrepancies(
        &self,
        request: Request<pb::ListDiscrepanciesRequest>,
    ) -> Result<Response<pb::ListDiscrepanciesResponse>, Status> {
        Ok(Response::new(list_discrepancies::list_discrepancies(self, request.into_inner()).await?))
    }

    async fn get_item(&self, request: Request<pb::GetItemRequest>) -> Result<Response<pb::GetItemResponse>, Status> {
        Ok(Response::new(get_item::get_item(self, request.into_inner()).await?))
    }

    async fn parse_item_name(
        &self,
        request: Request<pb::ParseItemNameRequest>,
    ) -> Result<Response<pb::ParseItemNameResponse>, Status> {
        Ok(Response::new(parse_item_name::parse_item_name(self, request.into_inner()).await?))
    }

    async fn merge_items(
        &self,
        request: Request<pb::MergeItemsRequest>,
    ) -> Result<Response<pb::MergeItemsResponse>, Status> {
        let _change = self.wakes.change(&request.get_ref().shop_id);
        Ok(Response::new(merge_items::merge_items(self, request.into_inner()).await?))
    }

    async fn change_base_unit(
        &self,
        request: Request<pb::ChangeBaseUnitRequest>,
    ) -> Result<Response<pb::ChangeBaseUnitResponse>, Status> {
        let _change = self.wakes.change(&request.get_ref().shop_id);
        Ok(Response::new(merge_items::change_base_unit(self, request.into_inner()).await?))
    }

    async fn create_item(
        &self,
        request: Request<pb::CreateItemRequest>,
    ) -> Result<Response<pb::CreateItemResponse>, Status> {
        Ok(Response::new(new_item::create_item(self, request.into_inner()).await?))
    }

    async fn unarchive_item(
        &self,
        request: Request<pb::UnarchiveItemRequest>,
    ) -> Result<Response<pb::UnarchiveItemResponse>, Status> {
        Ok(Response::new(new_item::unarchive_item(self, request.into_inner()).await?))
    }

    async fn list_members(
        &self,
        request: Request<pb::ListMembersRequest>,
    ) -> Result<Response<pb::ListMembersResponse>, Status> {
        Ok(Response::new(people::list_members(self, request.into_inner()).await?))
    }

    async fn change_member_role(
        &self,
        request: Request<pb::ChangeMemberRoleRequest>,
    ) -> Result<Response<pb::ChangeMemberRoleResponse>, Status> {
        Ok(Response::new(people::change_member_role(self, request.into_inner()).await?))
    }

    async fn remove_member(
        &self,
        request: Request<pb::RemoveMemberRequest>,
    ) -> Result<Response<pb::RemoveMemberResponse>, Status> {
        Ok(Response::new(people::remove_member(self, request.into_inner()).await?))
    }

    async fn update_shop(
        &self,
        request: Request<pb::UpdateShopRequest>,
    ) -> Result<Response<pb::UpdateShopResponse>, Status> {
        Ok(Response::new(update_shop::update_shop(self, request.into_inner()).await?))
    }

    async fn create_location(
        &self,
        request: Request<pb::CreateLocationRequest>,
    ) -> Result<Response<pb::CreateLocationResponse>, Status> {
        Ok(Response::new(places::create_location(self, request.into_inner()).await?))
    }

    async fn list_locations(
        &self,
        request: Request<pb::ListLocationsRequest>,
    ) -> Result<Response<pb::ListLocationsResponse>, Status> {
        Ok(Response::new(places::list_locations(self, request.into_inner()).await?))
    }

    async fn rename_location(
        &self,
        request: Request<pb::RenameLocationRequest>,
    ) -> Result<Response<pb::RenameLocationResponse>, Status> {
        Ok(Response::new(places::rename_location(self, request.into_inner()).await?))
    }

    async fn transfer_stock(
        &self,
        request: Request<pb::TransferStockRequest>,
    ) -> Result<Response<pb::TransferStockResponse>, Status> {
        let _change = self.wakes.change(&request.get_ref().shop_id);
        Ok(Response::new(transfer_stock::transfer_stock(self, request.into_inner()).await?))
    }

    type WatchStockStream = watch_stock::Changes;

    async fn watch_stock(
        &self,
        request: Request<pb::WatchStockRequest>,
    ) -> Result<Response<Self::WatchStockStream>, Status> {
        Ok(Response::new(watch_stock::watch_stock(self, request.into_inner()).await?))
    }

    async fn start_count_session(
        &self,
        request: Request<pb::StartCountSessionRequest>,
    ) -> Result<Response<pb::StartCountSessionResponse>, Status> {
        Ok(Response::new(count_session::start_count_session(self, request.into_inner()).await?))
    }

    async fn record_count_lines(
        &self,
        request: Request<pb::RecordCountLinesRequest>,
    ) -> Result<Response<pb::RecordCountLinesResponse>, Status> {
        Ok(Response::new(count_session::record_count_lines(self, request.into_inner()).await?))
    }

    async fn get_count_session(
        &self,
        request: Request<pb::GetCountSessionRequest>,
    ) -> Result<Response<pb::GetCountSessionResponse>, Status> {
        Ok(Response::new(count_session::get_count_session(self, request.into_inner()).await?))
    }

    async fn finish_count_session(
        &self,
        request: Request<pb::FinishCountSessionRequest>,
    ) -> Result<Response<pb::FinishCountSessionResponse>, Status> {
        let _change = self.wakes.change(&request.get_ref().shop_id);
        Ok(Response::new(count_session::finish_count_session(self, request.into_inner()).await?))
    }

    async fn cancel_count_session(
        &self,
        request: Request<pb::CancelCountSessionRequest>,
    ) -> Result<Response<pb::CancelCountSessionResponse>, Status> {
        Ok(Response::new(count_session::cancel_count_session(self, request.into_inner()).await?))
    }

    async fn forget_person(
        &self,
        request: Request<pb::ForgetPersonRequest>,
    ) -> Result<Response<pb::ForgetPersonResponse>, Status> {
        Ok(Response::new(forget_person::forget_person(self, request.into_inner()).await?))
    }

    async fn import_stock(
        &self,
        request: Request<tonic::Streaming<pb::ImportStockRequest>>,
    ) -> Result<Response<pb::ImportStockResponse>, Status> {
        Ok(Response::new(import_stock::import_stock(self, request.into_inner()).await?))
    }

    type ExportStockStream = file_stream::Parts<pb::ExportStockResponse>;

    async fn export_stock(
        &self,
        request: Request<pb::ExportStockRequest>,
    ) -> Result<Response<Self::ExportStockStream>, Status> {
        Ok(Response::new(export_stock::export_stock(self, request.into_inner()).await?))
    }

    type ExportMovementsStream = file_stream::Parts<pb::ExportMovementsResponse>;

    async fn export_movements(
        &self,
        request: Request<pb::ExportMovementsRequest>,
    ) -> Result<Response<Self::ExportMovementsStream>, Status> {
        Ok(Response::new(export_movements::export_movements(self, request.into_inner()).await?))
    }
}
