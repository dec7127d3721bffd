//! `cargo xtask prices`: makes the price book under `prices/book` from its sources.
//!
//! The book is a function of the files under `prices/sources`, `prices/known` and
//! `prices/providers.txt`; a test compares what is committed with what they make.

mod derive;
mod features;
mod genai;
mod history;
mod merge;
mod report;
mod sources;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use centime_core::price::format;
use clap::Parser;

use genai::Genai;

/// Make the price book from its sources.
#[derive(Debug, Parser)]
#[command(name = "prices")]
pub(crate) struct Prices {
    /// Write nothing, and fail where the committed book is not the one that the sources make.
    #[arg(long)]
    check: bool,
}

impl crate::Chore for Prices {
    fn run(self) -> Result<()> {
        run(
            Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no parent")?,
            self.check,
        )
    }
}

/// What is written: the path under `prices/`, and the text.
type Output = BTreeMap<String, String>;

/// Makes the book, and writes it or, to `check`, compares it with what is there.
fn run(root: &Path, check: bool) -> Result<()> {
    let prices = root.join("prices");
    let output = make(&prices)?;
    let book = prices.join("book");
    if check {
        for (path, text) in &output {
            let committed = std::fs::read_to_string(prices.join(path)).unwrap_or_default();
            ensure!(&committed == text, "prices/{path} is stale: run `cargo xtask prices`");
        }
        println!("the price book is the one that its sources make");
        return Ok(());
    }
    if book.exists() {
        std::fs::remove_dir_all(&book)?;
    }
    std::fs::create_dir_all(&book)?;
    for (path, text) in &output {
        std::fs::write(prices.join(path), text).with_context(|| format!("writing {path}"))?;
    }
    println!("wrote {} files under prices/", output.len());
    Ok(())
}

/// Makes the book and the report on it.
fn make(prices: &Path) -> Result<Output> {
    let version = std::fs::read_to_string(prices.join("VERSION"))?;
    let listed = sources::litellm(&prices.join("sources"))?;
    let known = sources::known(&prices.join("known"))?;
    let day = version.split('.').next().unwrap_or_default();
    let day = day.parse().with_context(|| format!("prices/VERSION: `{day}` is no date"))?;
    let genai = Genai::new(sources::genai(&prices.join("sources"))?, day);
    let documented = sources::aliases(&prices.join("aliases.txt"))?;
    let merged = merge::merge(listed, &genai, known, &documented)?;

    let mut output = Output::new();
    let map = sources::newest_map(&prices.join("sources"))?;
    output.insert("features.txt".to_owned(), features::write(&map, version.trim())?);
    output.insert("REPORT.md".to_owned(), report::write(version.trim(), &merged));
    for file in merged.files {
        let comment = format!(
            "Rates of {} in US dollars, version {}. Made by `cargo xtask prices`; do not edit.",
            file.header.provider,
            version.trim()
        );
        let path = format!("book/{}.prices", file.header.provider.replace('/', "_"));
        output.insert(path, format::write_file(&file, &comment));
    }
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_book_is_the_one_that_its_sources_make() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        run(root, true).unwrap();
        let files = std::fs::read_dir(root.join("prices/book")).unwrap().count();
        assert_eq!(files, make(&root.join("prices")).unwrap().len() - 2);
    }
}
