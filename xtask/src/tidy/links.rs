//! Links in Markdown to files of the repository lead somewhere.

use super::Finding;
use super::tree::Tree;

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.ending(".md") {
        let mut in_fence = false;
        for (line, text) in file.lines() {
            if text.trim_start().starts_with("```") {
                in_fence = !in_fence;
                continue;
            }
            if in_fence {
                continue;
            }
            for target in targets(&without_code(text)) {
                if !leads_somewhere(tree, &file.path, target) {
                    findings.push(Finding::new(
                        &file.path,
                        line,
                        format!("a link to `{target}`, which is not there"),
                        "name a file of the repository, from this file's folder",
                    ));
                }
            }
        }
    }
    findings
}

/// The line without `code`.
fn without_code(text: &str) -> String {
    text.split('`').step_by(2).collect()
}

/// What the line links to: `[text](target "title")`, `[name]: target`, `src="target"`.
fn targets(text: &str) -> Vec<&str> {
    let mut targets = Vec::new();
    for (open, close) in [("](", ')'), ("src=\"", '"'), ("href=\"", '"')] {
        for after in text.split(open).skip(1) {
            let target = after.split(close).next().unwrap_or_default();
            targets.extend(target.split_whitespace().next());
        }
    }
    if text.starts_with('[')
        && let Some((_, after)) = text.split_once("]: ")
    {
        targets.extend(after.split_whitespace().next());
    }
    targets
}

fn leads_somewhere(tree: &Tree, from: &str, target: &str) -> bool {
    let path = target.split('#').next().unwrap_or_default();
    if path.is_empty() || path.contains(':') {
        return true; // a place in this very file, or an address elsewhere
    }
    let mut folders: Vec<&str> = match path.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => from.split('/').collect(),
    };
    folders.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if folders.pop().is_none() => return false,
            ".." => {}
            name => folders.push(name),
        }
    }
    tree.has(&folders.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    #[test]
    fn links_lead_somewhere() {
        for (text, lost) in [
            ("[a](wire.md), [b](./wire.md#streams)", vec![]),
            ("![a](../README.md \"title\") [b](/README.md) [c](..)", vec![]),
            ("[a](https://example.com/x) [b](#here) [c](mailto:a@b.c)", vec![]),
            ("`[a](lost.md)`", vec![]),
            ("```\n[a](lost.md)\n```", vec![]),
            ("[a](lost.md) and [b](wire.md)", vec!["1: a link to `lost.md`"]),
            ("\n[a]: ../lost", vec!["2: a link to `../lost`"]),
            ("<img src=\"lost.png\">", vec!["1: a link to `lost.png`"]),
            ("[a](../../x)", vec!["1: a link to `../../x`"]),
        ] {
            let expected: Vec<_> =
                lost.iter().map(|lost| format!("docs/a.md:{lost}, which is not there")).collect();
            let files = [("docs/a.md", text), ("docs/wire.md", ""), ("README.md", "")];
            assert_eq!(found(check, &files), expected, "{text}");
        }
    }
}
