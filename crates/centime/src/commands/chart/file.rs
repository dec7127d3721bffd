//! Where a picture goes: whole, or not at all.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use centime_charts::Picture;

use crate::draft::Draft;
use crate::failure::{Failure, Outcome};

/// How a picture is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Kind {
    /// Pixels
    Png,
    /// Shapes and text
    Svg,
}

impl Kind {
    /// By the end of a file's name.
    fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "png" => Some(Self::Png),
            "svg" => Some(Self::Svg),
            _ => None,
        }
    }
}

/// Where a picture goes, and as what.
#[derive(Debug)]
pub(super) struct Target {
    /// The file; `None` for standard output.
    pub(super) path: Option<PathBuf>,
    pub(super) kind: Kind,
}

impl Target {
    /// From what was asked for; pixels are not for terminals.
    pub(super) fn new(path: &Path, kind: Option<Kind>) -> Result<Self, Failure> {
        if path == Path::new("-") {
            let kind = kind.unwrap_or(Kind::Svg);
            if kind == Kind::Png && io::stdout().is_terminal() {
                let message = "a PNG is not for a terminal; name a file with `-o FILE.png`";
                return Err(Failure::Usage(message.to_owned()));
            }
            return Ok(Self { path: None, kind });
        }
        match (Kind::of(path), kind) {
            (Some(kind), None) => Ok(Self { path: Some(path.to_owned()), kind }),
            (Some(told), Some(kind)) if told == kind => {
                Ok(Self { path: Some(path.to_owned()), kind })
            }
            (Some(_), Some(_)) => Err(Failure::Usage(format!(
                "`{}` and --as say different things; leave --as out",
                path.display()
            ))),
            (None, _) => Err(Failure::Usage(format!(
                "`{}` does not say what to draw; end it with `.png` or `.svg`",
                path.display()
            ))),
        }
    }

    /// Writes the picture; not over the ledger.
    pub(super) fn write(&self, picture: &Picture, ledger: &Path) -> Outcome {
        let png;
        let bytes = match self.kind {
            Kind::Svg => picture.svg().as_bytes(),
            Kind::Png => {
                png = picture.png().map_err(|error| Failure::Environment(error.to_string()))?;
                &png
            }
        };
        match &self.path {
            Some(path) => {
                let draft = Draft::new(path, ledger)?;
                draft.output()?.write_all(bytes).map_err(|error| draft.failed(&error))?;
                draft.keep().map(drop)
            }
            None => {
                let mut out = io::stdout().lock();
                out.write_all(bytes)?;
                Ok(out.flush()?)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_file_tells_the_kind() {
        for (path, kind, expected) in [
            ("a.png", None, Some(Kind::Png)),
            ("a/b.c/d.SVG", None, Some(Kind::Svg)),
            ("a.png", Some(Kind::Png), Some(Kind::Png)),
            ("a.png", Some(Kind::Svg), None),
            ("a.jpg", None, None),
            ("a.jpg", Some(Kind::Png), None),
            ("png", None, None),
            (".png", None, None),
            ("", None, None),
            ("-", None, Some(Kind::Svg)),
        ] {
            let target = Target::new(Path::new(path), kind).ok().map(|target| target.kind);
            assert_eq!(target, expected, "{path} {kind:?}");
        }
    }
}
