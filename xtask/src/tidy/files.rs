//! What every text file looks like: whitespace, the last line, and the first line of a crate.

use super::Finding;
use super::tree::{File, Tree};

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files
        .iter()
        .flat_map(|file| {
            let mut findings = crate_docs(file);
            if !is_recorded(&file.path) {
                findings.extend(whitespace(file));
            }
            findings
        })
        .collect()
}

/// Bytes of others, kept as they came.
fn is_recorded(path: &str) -> bool {
    path.contains("/fixtures/") || path.starts_with("fuzz/seeds/") || path.ends_with(".snap")
}

fn whitespace(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (line, text) in (1..).zip(file.text.split('\n')) {
        if text.ends_with(char::is_whitespace) {
            findings.push(Finding::new(
                &file.path,
                line,
                "whitespace at the end of the line",
                "take it out",
            ));
        }
        if text.contains('\t') && file.path.ends_with(".rs") {
            findings.push(Finding::new(
                &file.path,
                line,
                "a tab",
                "run `cargo fmt`; in a literal write `\\t`",
            ));
        }
    }
    if !file.text.is_empty() && !file.text.ends_with('\n') {
        findings.push(Finding::new(
            &file.path,
            file.text.lines().count(),
            "no newline at the end of the file",
            "add one",
        ));
    }
    findings
}

/// A library begins by saying what it is.
fn crate_docs(file: &File) -> Vec<Finding> {
    let is_library = file.path.starts_with("crates/") && file.path.ends_with("/src/lib.rs");
    if !is_library || file.text.starts_with("//!") {
        return Vec::new();
    }
    vec![Finding::new(
        &file.path,
        1,
        "a crate that does not say what it is",
        "start the file with `//!` and one sentence",
    )]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    #[test]
    fn whitespace_is_found() {
        for (path, text, expected) in [
            ("a.md", "a\nb\n", None),
            ("a.md", "", None),
            ("a.md", "a\nb \n", Some("a.md:2: whitespace at the end of the line")),
            ("a.md", "a\r\n", Some("a.md:1: whitespace at the end of the line")),
            ("a.md", "a\nb", Some("a.md:2: no newline at the end of the file")),
            ("a.md", "a\tb\n", None),
            ("a.rs", "a\n\tb\n", Some("a.rs:2: a tab")),
            ("crates/providers/fixtures/a.sse", "data: \r\n\r\nx", None),
            ("a.snap", "x ", None),
            ("fuzz/seeds/times/span", "\t30d", None),
        ] {
            let expected: Vec<&str> = expected.into_iter().collect();
            assert_eq!(found(check, &[(path, text)]), expected, "{path} {text:?}");
        }
    }

    #[test]
    fn a_library_says_what_it_is() {
        let what = "crates/core/src/lib.rs:1: a crate that does not say what it is";
        for (path, text, expected) in [
            ("crates/core/src/lib.rs", "//! The core.\n", None),
            ("crates/core/src/lib.rs", "mod a;\n", Some(what)),
            ("crates/core/src/lib.rs", "", Some(what)),
            ("crates/core/src/a.rs", "mod a;\n", None),
        ] {
            let expected: Vec<&str> = expected.into_iter().collect();
            assert_eq!(found(check, &[(path, text)]), expected, "{path} {text:?}");
        }
    }
}
