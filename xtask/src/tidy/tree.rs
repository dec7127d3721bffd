//! The files that checks look at: what git tracks or would track.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The files of the repository.
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
}

/// A file of the repository.
pub(crate) struct File {
    /// From the root of the repository, with slashes.
    pub(crate) path: String,
    /// Empty when the file is no text.
    pub(crate) text: String,
}

impl Tree {
    /// Reads what git tracks, and new files that it would: they are checked before they are added.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others"])
            .arg("--exclude-standard")
            .current_dir(root)
            .output()
            .context("cannot start `git`; tidy asks it which files there are")?;
        if !listed.status.success() {
            bail!("git: {}", String::from_utf8_lossy(&listed.stderr).trim());
        }
        let listed = String::from_utf8(listed.stdout).context("a file name is not UTF-8")?;
        let mut files = Vec::new();
        for path in listed.split_terminator('\0') {
            let full = root.join(path);
            // A file may be deleted and still in the index; what a link names is checked itself.
            if !full.is_file() || full.is_symlink() {
                continue;
            }
            let bytes = std::fs::read(&full).with_context(|| format!("cannot read `{path}`"))?;
            files.push(File {
                path: path.to_owned(),
                text: String::from_utf8(bytes).unwrap_or_default(),
            });
        }
        Ok(Self { files })
    }

    /// A tree made up for a test.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        Self { files: files.iter().map(file).collect() }
    }

    /// The files whose name ends so, as in `.rs`.
    pub(crate) fn ending(&self, suffix: &'static str) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |file| file.path.ends_with(suffix))
    }

    /// The manifests of the workspace's members.
    pub(crate) fn manifests(&self) -> impl Iterator<Item = &File> {
        self.ending("/Cargo.toml").filter(|file| file.crate_name().is_some())
    }

    /// Whether there is such a file, or a folder with files in it.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.files.iter().any(|file| {
            file.path
                .strip_prefix(path)
                .is_some_and(|rest| path.is_empty() || rest.is_empty() || rest.starts_with('/'))
        })
    }
}

impl File {
    /// The lines, counted from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// The crate that the file belongs to, by its folder.
    pub(crate) fn crate_name(&self) -> Option<&str> {
        let mut folders = self.path.split('/');
        match folders.next()? {
            "crates" => folders.next(),
            member @ ("fuzz" | "xtask") => Some(member),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_are_there() {
        let tree = Tree::of(&[("docs/wire.md", ""), ("README.md", "")]);
        for path in ["", "docs", "docs/wire.md", "README.md"] {
            assert!(tree.has(path), "{path}");
        }
        for path in ["doc", "docs/wire", "docs/wire.md/x"] {
            assert!(!tree.has(path), "{path}");
        }
    }

    #[test]
    fn manifests_are_those_of_members() {
        let tree = Tree::of(&[
            ("Cargo.toml", ""),
            ("crates/core/Cargo.toml", ""),
            ("examples/app/Cargo.toml", ""),
            ("fuzz/Cargo.toml", ""),
            ("xtask/Cargo.toml", ""),
        ]);
        let names: Vec<_> = tree.manifests().filter_map(File::crate_name).collect();
        assert_eq!(names, ["core", "fuzz", "xtask"]);
    }
}
