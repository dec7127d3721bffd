//! No path of somebody's machine: it would be wrong on every other.

use super::Finding;
use super::tree::Tree;

/// Folders at the top of a machine in which people work.
const TOP: &[&str] = &["home", "root", "work", "Users"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        for (line, text) in file.lines() {
            for top in TOP {
                if names_absolute(text, &format!("/{top}/")) {
                    findings.push(Finding::new(
                        &file.path,
                        line,
                        format!("a path below `/{top}` of a machine"),
                        "write it from the root of the repository; in samples use `/srv/…`",
                    ));
                }
            }
        }
    }
    findings
}

/// Whether a path starts so: what stands before it is no part of a longer path or an address.
fn names_absolute(text: &str, start: &str) -> bool {
    text.match_indices(start).any(|(at, _)| {
        let before = &text[..at];
        before.ends_with("file://")
            || !before.ends_with(|c: char| c.is_alphanumeric() || "/._-~*{}$%@".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    /// Samples are written with `TOP` for the folder, or this file would be found itself.
    #[test]
    fn absolute_paths_are_found() {
        for text in [
            "/TOP/x",
            "see `/TOP/x/y`",
            "cd=\"/TOP/\"",
            "file:///TOP/x",
            "-I/TOP/x (/TOP/y)",
            "PATH=/bin:/TOP/bin",
        ] {
            for top in TOP {
                let text = format!("\n{}", text.replace("TOP", top));
                assert_eq!(
                    found(check, &[("a.md", &text)]),
                    [format!("a.md:2: a path below `/{top}` of a machine")],
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn parts_of_paths_and_addresses_are_not() {
        for text in [
            "docs/TOP/x",
            "../TOP/x",
            "~/TOP/x",
            "{root}/TOP/x",
            "https://example.com/TOP/x",
            "http://TOP/x",
            "/srv/app, /TOPs/x",
        ] {
            for top in TOP {
                let text = text.replace("TOP", top);
                assert!(found(check, &[("a.md", &text)]).is_empty(), "{text}");
            }
        }
    }
}
