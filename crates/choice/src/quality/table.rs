//! The tables of ratings: text, a line a model, each under the line of its source.
//!
//! ```text
//! source Arena text leaderboard, 2026-03-28, https://…
//! claude-opus-4-6 1500
//! claude-opus-4-5 1468 code=1516 math=1479    what was rated: claude-opus-4-5-20251101
//! ```
//!
//! The figure without a name is the overall one; it stands in for kinds that the source has no figure of.

use crate::kind::Kind;

use super::KINDS;

/// The tables, the newest first.
pub(super) const EMBEDDED: &[&str] =
    &[include_str!("arena-2026.txt"), include_str!("arena-2025.txt")];

/// Why a text is no table of ratings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of a table of qualities: {what}")]
pub struct QualityError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

/// What one model was rated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ratings {
    pub(super) overall: u32,
    pub(super) by_kind: [Option<u32>; KINDS],
}

/// The models of a table with their ratings, in its order.
pub(super) fn read(text: &str) -> Result<Vec<(String, Ratings)>, QualityError> {
    let mut models = Vec::new();
    let mut has_source = false;
    for (index, line) in text.lines().enumerate() {
        let wrong = |what: &str| QualityError { line: index + 1, what: what.to_owned() };
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with("source ") {
            has_source = true;
            continue;
        }
        if !has_source {
            return Err(wrong("a model stands before its source"));
        }
        let figures = line.split('\t').next().unwrap_or(line);
        let mut words = figures.split_ascii_whitespace();
        let (Some(model), Some(overall)) = (words.next(), words.next()) else {
            return Err(wrong("expected `MODEL RATING KIND=RATING…`"));
        };
        let rating =
            |text: &str| text.parse::<u32>().map_err(|_| wrong("a rating is a whole number"));
        let mut ratings = Ratings { overall: rating(overall)?, by_kind: [None; KINDS] };
        for word in words {
            let (kind, figure) =
                word.split_once('=').ok_or_else(|| wrong("expected `KIND=RATING`"))?;
            let kind: Kind = kind.parse().map_err(|error| wrong(&format!("{error}")))?;
            ratings.by_kind[kind.index()] = Some(rating(figure)?);
        }
        models.push((model.to_owned(), ratings));
    }
    Ok(models)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_table_is_told_with_its_line() {
        for (text, told) in [
            ("a 1000", "line 1 of a table of qualities: a model stands before its source"),
            ("source x\na", "line 2 of a table of qualities: expected `MODEL RATING KIND=RATING…`"),
            ("source x\na 1.5", "line 2 of a table of qualities: a rating is a whole number"),
            ("source x\na 1000 code", "line 2 of a table of qualities: expected `KIND=RATING`"),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), told);
        }
    }

    #[test]
    fn every_table_that_is_part_of_the_program_reads() {
        for text in EMBEDDED {
            let models = read(text).unwrap();
            assert!(models.len() >= 10);
            assert!(models.iter().all(|(_, it)| (800..1700).contains(&it.overall)));
        }
    }
}
