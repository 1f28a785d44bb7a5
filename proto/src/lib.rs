//! The contract: stubs generated from `thebackroom/**/*.proto`, and the descriptor set they came from. Nothing else.

/// What two or more services share.
pub mod common {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("thebackroom.common.v1");
    }
}

/// Words to actions.
pub mod parser {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("thebackroom.parser.v1");
    }
}

/// The ledger.
pub mod inventory {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("thebackroom.inventory.v1");
    }
}

/// Words out.
pub mod messenger {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("thebackroom.messenger.v1");
    }
}

/// The encoded `FileDescriptorSet` of everything above, for gRPC reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
