//! `cargo xtask tidy`: the style of the repository as a test.
//!
//! A check is a file with a function from the [`Tree`] to what it found, and a line in [`CHECKS`].

mod source;
mod tree;

mod files;
mod floats;
mod links;
mod manifest;
mod paths;
mod size;
mod walls;
mod words;

use std::fmt;

use anyhow::{Result, bail};
use clap::Parser;

use self::tree::Tree;
use crate::{Chore, step};

/// Every check.
const CHECKS: &[fn(&Tree) -> Vec<Finding>] = &[
    size::check,
    words::check,
    floats::check,
    paths::check,
    files::check,
    manifest::check,
    walls::check,
    links::check,
];

/// Check the style: sizes, words, floats, crate walls, links, and whitespace
#[derive(Parser)]
#[command(name = "tidy")]
pub(crate) struct Tidy {}

impl Chore for Tidy {
    fn run(self) -> Result<()> {
        let tree = Tree::read(&step::root()?)?;
        let mut findings: Vec<Finding> = CHECKS.iter().flat_map(|check| check(&tree)).collect();
        findings.sort();
        for finding in &findings {
            println!("{finding}");
        }
        if !findings.is_empty() {
            bail!("tidy: {} to mend", findings.len());
        }
        eprintln!("tidy: {} files, nothing to mend", tree.files.len());
        Ok(())
    }
}

/// Something that is not as it should be, and what to do about it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    file: String,
    /// Counted from 1.
    line: usize,
    what: String,
    remedy: &'static str,
}

impl Finding {
    fn new(file: &str, line: usize, what: impl Into<String>, remedy: &'static str) -> Self {
        Self { file: file.to_owned(), line, what: what.into(), remedy }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, what, remedy } = self;
        write!(out, "{file}:{line}: {what}: {remedy}")
    }
}

/// What a check finds in a tree of these files, as `file:line: what`.
#[cfg(test)]
fn found(check: fn(&Tree) -> Vec<Finding>, files: &[(&str, &str)]) -> Vec<String> {
    check(&Tree::of(files))
        .iter()
        .map(|finding| format!("{}:{}: {}", finding.file, finding.line, finding.what))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_where_what_and_the_remedy() {
        let finding = Finding::new("a/b.rs", 3, "`dbg!` in code", "take it out");
        assert_eq!(finding.to_string(), "a/b.rs:3: `dbg!` in code: take it out");
    }
}
