//! What callers say, and what they are answered.

use prost_types::Timestamp as WireTime;
use proto::inventory::v1 as pb;
use tonic::Status;

use crate::house::Client;

macro_rules! calls {
    ($($kind:ident: $rpc:ident($request:ident) -> $response:ident;)*) => {
        /// A change that a caller asks for.
        #[derive(Clone, Debug)]
        pub(crate) enum Call { $($kind(pb::$request),)* }

        /// What a caller is answered.
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) enum Answer { $($kind(pb::$response),)* }

        impl Call {
            pub(crate) async fn send(&self, client: &mut Client) -> Result<Answer, Status> {
                match self {
                    $(Self::$kind(request) => {
                        client.$rpc(request.clone()).await.map(|answer| Answer::$kind(answer.into_inner()))
                    })*
                }
            }

            pub(crate) fn request_id(&self) -> &str {
                match self { $(Self::$kind(request) => &request.request_id,)* }
            }

            pub(crate) fn member_id(&self) -> &str {
                match self { $(Self::$kind(request) => &request.member_id,)* }
            }

            pub(crate) fn member_id_mut(&mut self) -> &mut String {
                match self { $(Self::$kind(request) => &mut request.member_id,)* }
            }
        }
    };
}

calls! {
    Post: post_operation(PostOperationRequest) -> PostOperationResponse;
    Reverse: reverse_operation(ReverseOperationRequest) -> ReverseOperationResponse;
    Correct: correct_operation(CorrectOperationRequest) -> CorrectOperationResponse;
    Transfer: transfer_stock(TransferStockRequest) -> TransferStockResponse;
    Merge: merge_items(MergeItemsRequest) -> MergeItemsResponse;
    ChangeUnit: change_base_unit(ChangeBaseUnitRequest) -> ChangeBaseUnitResponse;
    Rename: rename_item(RenameItemRequest) -> RenameItemResponse;
    AddName: add_item_name(AddItemNameRequest) -> AddItemNameResponse;
    Archive: archive_item(ArchiveItemRequest) -> ArchiveItemResponse;
    Unarchive: unarchive_item(UnarchiveItemRequest) -> UnarchiveItemResponse;
    SetPack: set_item_pack(SetItemPackRequest) -> SetItemPackResponse;
}

impl Call {
    /// Sets whether only to say what would happen, where that can be asked.
    pub(crate) fn set_dry_run(&mut self, dry_run: bool) -> bool {
        match self {
            Self::Post(request) => request.dry_run = dry_run,
            Self::Reverse(request) => request.dry_run = dry_run,
            Self::Correct(request) => request.dry_run = dry_run,
            Self::Transfer(request) => request.dry_run = dry_run,
            _ => return false,
        }
        true
    }

    pub(crate) fn is_dry_run(&self) -> bool {
        match self {
            Self::Post(request) => request.dry_run,
            Self::Reverse(request) => request.dry_run,
            Self::Correct(request) => request.dry_run,
            Self::Transfer(request) => request.dry_run,
            _ => false,
        }
    }

    /// Returns whether it makes sense in the name of a member only.
    pub(crate) fn is_of_member(&self) -> bool {
        use pb::correct_operation_request::Target as Wrong;
        use pb::reverse_operation_request::Target;
        match self {
            Self::Reverse(request) => !matches!(request.target, Some(Target::OperationId(_))),
            Self::Correct(request) => !matches!(request.target, Some(Wrong::OperationId(_))),
            _ => false,
        }
    }

    /// Returns whether it changes which item a name or an id means.
    pub(crate) fn is_structural(&self) -> bool {
        matches!(self, Self::Merge(_) | Self::ChangeUnit(_))
    }
}

impl Answer {
    /// Returns the operation that was made, if one was.
    pub(crate) fn operation(&self) -> Option<&pb::Operation> {
        match self {
            Self::Post(answer) => answer.operation.as_ref(),
            Self::Reverse(answer) => answer.operation.as_ref(),
            Self::Correct(answer) => answer.operation.as_ref(),
            Self::Transfer(answer) => answer.operation.as_ref(),
            Self::Merge(answer) => answer.merge.as_ref().and_then(|merge| merge.operation.as_ref()),
            Self::ChangeUnit(answer) => answer.merge.as_ref().and_then(|merge| merge.operation.as_ref()),
            _ => None,
        }
    }

    /// Returns whether the answer is stored for repeats.
    pub(crate) fn is_stored(&self) -> bool {
        !matches!(self, Self::Post(_) | Self::Correct(_)) || self.operation().is_some()
    }

    /// Says of an answer whether it is a repeated one, and takes that out of it. Changes that are no operations do not say.
    pub(crate) fn take_replayed(&mut self) -> Option<bool> {
        let replayed = match self {
            Self::Post(answer) => &mut answer.replayed,
            Self::Reverse(answer) => &mut answer.replayed,
            Self::Correct(answer) => &mut answer.replayed,
            Self::Transfer(answer) => &mut answer.replayed,
            Self::Merge(answer) => &mut answer.replayed,
            Self::ChangeUnit(answer) => &mut answer.replayed,
            _ => return None,
        };
        Some(std::mem::take(replayed))
    }
}

pub(crate) fn to_wire(time: jiff::Timestamp) -> WireTime {
    WireTime { seconds: time.as_second(), nanos: time.subsec_nanosecond() }
}

pub(crate) fn from_wire(time: Option<&WireTime>) -> jiff::Timestamp {
    let time = time.expect("an answer tells its times");
    jiff::Timestamp::new(time.seconds, time.nanos).expect("a time of this age")
}
