//! Rollups: what entries add up to by series and period, so that a report need not read them.
//!
//! A cube of all dimensions would have about one row an entry. So there is a **family** of series for
//! each dimension that reports offer, and one for a few pairs; a question is answered by the smallest
//! family that knows its dimensions ([`Plan`]), and by the entries themselves where there is none.

mod level;
mod plan;

pub(crate) use level::Level;
pub(crate) use plan::{Plan, Read};

use std::fmt;

use crate::query::Dimension;

/// Series of the same dimensions: one a combination of their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Family {
    dimensions: Vec<Dimension>,
    has_quarters: bool,
}

impl Family {
    /// The families that every ledger has, those of few series first: the first that can answer a
    /// question is the one to ask.
    pub(crate) fn standard() -> Vec<Self> {
        use Dimension::{Key, Model, Project, Provider, Team, User};
        let of = |dimensions: &[Dimension], has_quarters| Self {
            dimensions: dimensions.to_vec(),
            has_quarters,
        };
        vec![
            of(&[], true),
            of(&[Provider, Model], true),
            of(&[Team], true),
            of(&[Project], true),
            of(&[Key], false),
            of(&[User], false),
            of(&[Team, Provider, Model], false),
            of(&[Project, Provider, Model], false),
        ]
    }

    /// The family of a declared tag.
    pub(crate) fn of_tag(name: &str) -> Self {
        Self { dimensions: vec![Dimension::Tag(name.to_owned())], has_quarters: false }
    }

    /// The family of a name that [`Family`] printed.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name.strip_prefix("tag:") {
            Some(tag) => Some(Self::of_tag(tag)),
            None => Self::standard().into_iter().find(|family| family.to_string() == name),
        }
    }

    /// Its dimensions: the values of a series stand in their order.
    pub(crate) fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// The tag whose values it has series for.
    pub(crate) fn tag(&self) -> Option<&str> {
        match self.dimensions.as_slice() {
            [Dimension::Tag(name)] => Some(name),
            _ => None,
        }
    }

    /// The levels that are kept of it, the finest first. Every one adds up to the next.
    pub(crate) fn levels(&self) -> &'static [Level] {
        let levels = const { &[Level::Quarter, Level::Day, Level::Month] };
        if self.has_quarters { levels } else { &levels[1..] }
    }

    /// Where a dimension stands in its series.
    pub(crate) fn place_of(&self, dimension: &Dimension) -> Option<usize> {
        self.dimensions.iter().position(|own| own == dimension)
    }
}

impl fmt::Display for Family {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.dimensions.is_empty() {
            return out.write_str("total");
        }
        for (index, dimension) in self.dimensions.iter().enumerate() {
            write!(out, "{}{dimension}", if index > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_found_by_their_names() {
        let tags = ["app", "a,b", "tag:", "é"].map(Family::of_tag);
        for family in Family::standard().into_iter().chain(tags) {
            assert_eq!(Family::named(&family.to_string()), Some(family));
        }
        assert_eq!(Family::named("session"), None);
    }
}
