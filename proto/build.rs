//! Compiles the protobuf files with protox, so that nobody needs to install protoc.

use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut files = Vec::new();
    for package in ["common", "parser", "inventory", "messenger"] {
        for entry in std::fs::read_dir(format!("thebackroom/{package}/v1"))? {
            files.push(entry?.path());
        }
    }

    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_source_info(true).include_imports(true).open_files(&files)?;
    let descriptors = compiler.file_descriptor_set();

    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    // With source info: the lint test reads the comments. protox keeps them, prost's own types drop them.
    std::fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    // The description is large and comes once; the chunks beside it are many.
    tonic_prost_build::configure()
        .boxed(".thebackroom.parser.v1.ParseMediaRequest.part.message")
        .compile_fds(descriptors)?;

    println!("cargo:rerun-if-changed=thebackroom");
    Ok(())
}
