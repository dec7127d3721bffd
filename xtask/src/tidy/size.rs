//! A file holds one idea: one that grows too long is split by meaning.

use super::Finding;
use super::tree::{File, Tree};

/// The most lines that a file may have, unit tests not counted.
const LINES_MAX: usize = 600;

/// Files that are longer, each with its length, which may only shrink. The aim is an empty list.
const LONGER: &[(&str, usize)] = &[];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.ending(".rs").filter_map(|file| finding(file, LONGER)).collect()
}

fn finding(file: &File, longer: &[(&str, usize)]) -> Option<Finding> {
    let lines = lines_without_tests(&file.text);
    let listed = longer.iter().find(|(path, _)| *path == file.path);
    let max = listed.map_or(LINES_MAX, |(_, lines)| *lines);
    if lines > max {
        return Some(Finding::new(
            &file.path,
            max + 1,
            format!("{lines} lines, at most {max}"),
            "split it by meaning; unit tests are not counted",
        ));
    }
    if listed.is_some() && lines < max {
        return Some(Finding::new(
            &file.path,
            lines,
            format!("shrunk from {max} lines to {lines}"),
            "say so in `LONGER` of xtask/src/tidy/size.rs, so that it cannot grow back",
        ));
    }
    None
}

/// The lines before the module of unit tests.
fn lines_without_tests(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    lines
        .windows(2)
        .position(|pair| {
            pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{')
        })
        .unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_tests_are_not_counted() {
        for (text, lines) in [
            ("", 0),
            ("a\nb\n", 2),
            ("a\n\n#[cfg(test)]\nmod tests {\n}\n", 2),
            ("#[cfg(test)]\nmod tests;\nmod b;\n", 3),
            ("#[cfg(test)]\nuse a;\nb\n", 3),
        ] {
            assert_eq!(lines_without_tests(text), lines, "{text:?}");
        }
    }

    #[test]
    fn a_long_file_may_only_shrink() {
        let what = |lines: usize, longer: &[(&str, usize)]| {
            let file = File { path: "a.rs".to_owned(), text: "\n".repeat(lines) };
            finding(&file, longer).map(|finding| finding.what)
        };
        assert_eq!(what(600, &[]), None);
        assert_eq!(what(601, &[]).as_deref(), Some("601 lines, at most 600"));
        let listed = [("a.rs", 700)];
        assert_eq!(what(700, &listed), None);
        assert_eq!(what(701, &listed).as_deref(), Some("701 lines, at most 700"));
        assert_eq!(what(650, &listed).as_deref(), Some("shrunk from 700 lines to 650"));
    }
}
