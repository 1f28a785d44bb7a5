//! Compiles the protobuf files with protox, so that nobody needs to install protoc.

use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files: Vec<PathBuf> = ["common", "parser", "inventory", "messenger"]
        .iter()
        .map(|package| PathBuf::from(format!("thebackroom/{package}/v1")))
        .map(|dir| Ok(std::fs::read_dir(dir)?.collect::<Result<Vec<_>, _>>()?))
        .collect::<Result<Vec<_>, std::io::Error>>()?
        .into_iter()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "proto"))
        .collect();

    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_source_info(true).include_imports(true).open_files(&files)?;
    let descriptors = compiler.file_descriptor_set();

    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    // With source info: the lint test reads the comments. protox keeps them, prost's own types drop them.
    std::fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    tonic_prost_build::configure().compile_fds(descriptors)?;

    println!("cargo:rerun-if-changed=thebackroom");
    Ok(())
}
