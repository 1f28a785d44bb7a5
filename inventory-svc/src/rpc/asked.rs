//! What every request for a change has: their messages are of different types with the same fields.

/// Reads who asks for what where, and gives the change an id.
macro_rules! asked {
    ($inventory:ident, $fields:ident, $request:ident) => {{
        let operation_id = $inventory.ids.uuid();
        $crate::store::Asked {
            shop_id: $fields.id("shop_id", &$request.shop_id),
            operation_id,
            public_reference: $crate::domain::reference::public_reference(operation_id),
            source: $fields.source($request.source),
            request_hash: $crate::rpc::fields::request_hash(&$request),
            request_id: {
                $fields.request_id(&$request.request_id);
                $request.request_id.clone()
            },
            member_id: $fields.optional_id("member_id", &$request.member_id),
            recorded_at: $inventory.clock.now(),
            dry_run: false,
        }
    }};
}

pub(super) use asked;
