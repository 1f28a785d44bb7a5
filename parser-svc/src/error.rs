//! The domain of this service's errors.

/// Domain of `google.rpc.ErrorInfo`.
pub const DOMAIN: &str = "parser.thebackroom";
