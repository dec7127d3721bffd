//! Lists the files of the price book, so that a new provider is a new file and nothing else.

#![allow(
    clippy::disallowed_methods,
    reason = "cargo tells a build script where it is by the environment"
)]

use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    let manifest = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    let book = Path::new(&manifest).join("../../prices/book");
    let mut files: Vec<_> =
        fs::read_dir(&book)?.map(|file| file.map(|file| file.path())).collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "prices"));
    files.sort();
    let mut list = String::from("&[\n");
    for file in files {
        list.push_str(&format!("    include_str!({:?}),\n", file.canonicalize()?));
    }
    list.push(']');
    fs::write(Path::new(&out).join("files.rs"), list)?;
    println!("cargo::rerun-if-changed={}", book.display());
    Ok(())
}
