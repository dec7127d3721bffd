//! Words that mean that something is not finished.

use super::Finding;
use super::source::{code, words};
use super::tree::Tree;

/// Macros that stand for code that is still to be written.
const MACROS: &[&str] = &["todo", "unimplemented", "dbg"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.ending(".rs") {
        for (line, text) in (1..).zip(code(&file.text).lines()) {
            for (word, after) in words(text) {
                if MACROS.contains(&word) && after.starts_with('!') {
                    findings.push(Finding::new(
                        &file.path,
                        line,
                        format!("`{word}!` in code"),
                        "finish it, or take it out",
                    ));
                }
            }
            if text.contains("#[ignore") {
                findings.push(Finding::new(
                    &file.path,
                    line,
                    "a test that never runs",
                    "mend the test or remove it; a need of its own belongs into xtask/src/test/needs.rs",
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    #[test]
    fn what_is_unfinished_is_found() {
        for (text, expected) in [
            ("fn f() {\n    todo!()\n}", "a.rs:2: `todo!` in code"),
            ("unimplemented!(\"x\")", "a.rs:1: `unimplemented!` in code"),
            ("let x = dbg!(y);", "a.rs:1: `dbg!` in code"),
            ("#[test]\n#[ignore]", "a.rs:2: a test that never runs"),
            ("#[ignore = \"slow\"]", "a.rs:1: a test that never runs"),
        ] {
            assert_eq!(found(check, &[("a.rs", text)]), [expected], "{text}");
        }
    }

    #[test]
    fn words_that_only_look_alike_are_not() {
        for text in [
            "// todo!() later",
            "let s = \"#[ignore]\";",
            "let todo = 1; my_todo!()",
            "if todo != 1 {}",
        ] {
            assert!(found(check, &[("a.rs", text)]).is_empty(), "{text}");
        }
        assert!(found(check, &[("a.md", "todo!()")]).is_empty());
    }
}
