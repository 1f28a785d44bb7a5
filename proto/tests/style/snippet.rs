//! A small contract to break, and a compiler for it.

use prost_types::FileDescriptorSet;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};

/// A file that follows every rule and gives each rule something to look at.
pub const GOOD: &str = r#"syntax = "proto3";
package thebackroom.shop.v1;
import "google/protobuf/timestamp.proto";
// Keeps the bells.
service ShopService {
  // Rings one bell. Idempotent per `request_id`.
  //
  // Fails with `ERROR_REASON_BROKEN`.
  rpc RingBell(RingBellRequest) returns (RingBellResponse);
  // Lists bells.
  rpc ListBells(ListBellsRequest) returns (ListBellsResponse);
}
// Asks to ring.
message RingBellRequest {
  // Required. Names this request for good.
  string request_id = 1;
  // Which one.
  Bell bell = 2;
}
// What came of it.
message RingBellResponse {}
// Asks for bells.
message ListBellsRequest {
  // How many.
  int32 page_size = 1;
  // Where the last page ended.
  string page_token = 2;
}
// Bells.
message ListBellsResponse {
  // The bells.
  repeated Bell bells = 1;
  // Where the next page begins.
  string next_page_token = 2;
}
// A bell.
message Bell {
  // What it is for.
  BellKind kind = 1;
  // Its name.
  string display_name = 2;
  // When it rang last.
  google.protobuf.Timestamp ring_time = 3;
  // What it cost.
  string amount = 4;
  // Whether it is loud.
  bool loud = 5;
  // How it sounds.
  oneof tone {
    // By a note.
    string note = 6;
    // By a frequency.
    int32 hertz = 7;
  }
}
// What a bell is for.
enum BellKind {
  // Never sent.
  BELL_KIND_UNSPECIFIED = 0;
  // At the door.
  BELL_KIND_DOOR = 1;
}
// Why not.
enum ErrorReason {
  // Never sent.
  ERROR_REASON_UNSPECIFIED = 0;
  // It is broken.
  ERROR_REASON_BROKEN = 1;
}
"#;

struct Memory {
    name: String,
    source: String,
}

impl FileResolver for Memory {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        if name == self.name {
            File::from_source(name, &self.source)
        } else if name == "thebackroom/till/v1/till.proto" {
            File::from_source(name, "syntax = \"proto3\"; package thebackroom.till.v1;\n// A till.\nmessage Till {}")
        } else {
            Err(protox::Error::file_not_found(name))
        }
    }
}

/// Compiles one file by the compiler that build.rs uses.
pub fn compile(name: &str, source: &str) -> FileDescriptorSet {
    let mut resolver = ChainFileResolver::new();
    resolver.add(Memory { name: name.to_owned(), source: source.to_owned() });
    resolver.add(GoogleFileResolver::new());
    let mut compiler = protox::Compiler::with_file_resolver(resolver);
    compiler.include_source_info(true).open_file(name).unwrap_or_else(|error| panic!("{error:?} in\n{source}"));
    compiler.file_descriptor_set()
}
