//! File names as people write them where no shell expands them: `'logs/*.jsonl'`, `**` over folders.

use std::path::PathBuf;

use glob::{MatchOptions, glob_with};

use super::cannot_read;
use crate::failure::Failure;

/// As a shell does it: a name that begins with a dot is meant only where it is written.
const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// The files that some names mean, in the order of the names; those of a pattern are sorted, and no file
/// comes twice. A name that is there is itself, whatever it looks like, and so is one that is no pattern.
///
/// # Errors
/// When a pattern is none, matches nothing, or a folder on its way cannot be read.
pub(crate) fn expanded(names: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files: Vec<PathBuf> = Vec::new();
    for name in names {
        match name.to_str().filter(|text| is_pattern(text)) {
            Some(pattern) if !name.exists() => {
                for file in matching(pattern)? {
                    if !files.contains(&file) {
                        files.push(file);
                    }
                }
            }
            _ => files.push(name.clone()),
        }
    }
    Ok(files)
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

fn matching(pattern: &str) -> Result<Vec<PathBuf>, Failure> {
    // At its end, `**` alone would mean folders.
    let files_of = if pattern.ends_with("**") { "/*" } else { "" };
    let found = glob_with(&format!("{pattern}{files_of}"), OPTIONS).map_err(|error| {
        Failure::Usage(format!("`{pattern}` is no file and no pattern: {}", error.msg))
    })?;
    let mut files = Vec::new();
    for path in found {
        let path =
            path.map_err(|error| cannot_read(&error.path().display().to_string(), error.error()))?;
        if !path.is_dir() {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        let message = format!("no file matches `{pattern}`; `**` is for folders within folders");
        return Err(Failure::Usage(message));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_the_files_that_match_in_order() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
        for name in [
            "2.jsonl",
            "10.jsonl",
            ".hidden.jsonl",
            "a/1.jsonl",
            "a/b/3.jsonl",
            "x.csv",
            "[2].jsonl",
        ] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let root = folder.path().to_str().unwrap();
        let expand = |names: &[&str]| {
            let names: Vec<PathBuf> = names.iter().map(|name| folder.path().join(name)).collect();
            let files = expanded(&names).map_err(|failure| failure.message().to_owned())?;
            let name = |file: &PathBuf| file.strip_prefix(root).unwrap().display().to_string();
            Ok::<_, String>(files.iter().map(name).collect::<Vec<_>>().join(" "))
        };
        for (names, expected) in [
            (&["*.jsonl"][..], "10.jsonl 2.jsonl [2].jsonl"),
            (&["**/*.jsonl"], "10.jsonl 2.jsonl [2].jsonl a/1.jsonl a/b/3.jsonl"),
            (&["a/**"], "a/1.jsonl a/b/3.jsonl"),
            (&["?.jsonl", "x.csv"], "2.jsonl x.csv"),
            (&["[0-9].jsonl"], "2.jsonl"),
            (&["[2].jsonl"], "[2].jsonl"),
            (&["2.jsonl", "*.jsonl"], "2.jsonl 10.jsonl [2].jsonl"),
            (&["absent.jsonl"], "absent.jsonl"),
        ] {
            assert_eq!(expand(names).as_deref(), Ok(expected), "{names:?}");
        }
        for (name, words) in [
            ("*.parquet", "no file matches"),
            ("none/*.jsonl", "no file matches"),
            ("[2", "no pattern"),
            ("a**", "no pattern"),
        ] {
            let message = expand(&["2.jsonl", name]).unwrap_err();
            assert!(message.contains(words), "{name}: {message}");
        }
    }
}
