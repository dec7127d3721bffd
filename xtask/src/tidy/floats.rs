//! No floating point on the money path.
//!
//! Where a float is right all the same, its line or the line above says why:
//! `// tidy: allow(float): REASON`.

use super::Finding;
use super::source::{code, words};
use super::tree::Tree;

/// The crates that money passes through.
const EXACT: &[&str] = &["core", "ledger", "providers", "engine", "prices"];

const MARKER: &str = "// tidy: allow(float):";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let sources = tree.ending(".rs").filter(|file| {
        EXACT.iter().any(|name| file.path.starts_with(&format!("crates/{name}/src/")))
    });
    for file in sources {
        let mut excused = false;
        for ((line, text), code) in file.lines().zip(code(&file.text).lines()) {
            let reason = text.split_once(MARKER).map(|(_, reason)| reason.trim());
            let excused_here = excused || reason.is_some();
            excused = reason.is_some() && code.trim().is_empty();
            if reason == Some("") {
                findings.push(Finding::new(
                    &file.path,
                    line,
                    "a float allowed without a reason",
                    "say why it is never money",
                ));
            }
            if let Some((word, _)) = words(code).find(|(word, _)| names_float(word))
                && !excused_here
            {
                findings.push(Finding::new(
                    &file.path,
                    line,
                    format!("`{word}` on the money path"),
                    "use an exact type, or say why with `// tidy: allow(float): REASON`",
                ));
            }
        }
    }
    findings
}

/// The types themselves, and what is named after them: `as_f64`, `1.5_f32`, `0f64`.
fn names_float(word: &str) -> bool {
    word.split('_').any(|part| {
        let part = part.trim_start_matches(|c: char| c.is_ascii_digit());
        part == "f32" || part == "f64"
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    #[test]
    fn floats_are_found() {
        for (text, expected) in [
            ("fn f(x: f64) {}", vec!["1: `f64` on the money path"]),
            ("\nlet x = y as f32;", vec!["2: `f32` on the money path"]),
            ("n.as_f64()", vec!["1: `as_f64` on the money path"]),
            ("let x = 1.5_f32 + 0f64;", vec!["1: `5_f32` on the money path"]),
            ("// f64\nlet s = \"f64\"; /* f32 */ let f640 = 1;", vec![]),
            ("x: f64 // tidy: allow(float): a ratio", vec![]),
            ("// tidy: allow(float): a ratio\nx: f64", vec![]),
            ("x: f64, // tidy: allow(float): a ratio\ny: f64", vec!["2: `f64` on the money path"]),
            ("x: f64 // tidy: allow(float):", vec!["1: a float allowed without a reason"]),
        ] {
            let path = "crates/core/src/a.rs";
            let expected: Vec<_> = expected.iter().map(|e| format!("{path}:{e}")).collect();
            assert_eq!(found(check, &[(path, text)]), expected, "{text}");
        }
    }

    #[test]
    fn other_crates_may_use_them() {
        for path in ["crates/insight/src/a.rs", "crates/core/benches/a.rs"] {
            assert!(found(check, &[(path, "f64")]).is_empty(), "{path}");
        }
    }
}
