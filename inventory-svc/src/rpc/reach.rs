//! Which shops a caller may touch: `shops=ID,ID` in its entry of CALLER_KEYS.
//!
//! The server looks before a method is reached, at whatever the method is, so nothing here has to be called by an RPC. A
//! shop out of reach is answered without a look at the database, as is any id that nobody has: the two cannot be told apart.

use platform::grpc::Scope;

use super::fields::Fields;
use crate::error::Error;

/// What callers are held to.
pub(crate) const SHOPS: Scope = Scope {
    word: "shops",
    field: "shop_id",
    read: |value| {
        let mut fields = Fields::default();
        let shop_id = fields.id("shop_id", value);
        fields.finish()?;
        Ok(shop_id.to_string())
    },
    missing: |shop_id| Error::ShopNotFound { shop_id: shop_id.to_owned() }.into(),
};
