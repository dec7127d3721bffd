//! What differs between two rate cards.

use std::fmt;

use centime_core::money::Rate;
use centime_core::price::RateCard;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::rates::{Case, Figure, figures};
use crate::output::Decimal;

/// A figure that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// What it is for.
    pub case: Case,
    /// What it was; `None` where there was none.
    pub from: Option<Figure>,
    /// What it is; `None` where there is none any more.
    pub to: Option<Figure>,
}

/// The changes from one card to another, in the order of cards. Whether a rate is listed or derived
/// is no change: it is charged all the same.
pub(super) fn changes(old: Option<&RateCard>, new: Option<&RateCard>) -> Vec<Change> {
    if let (Some(old), Some(new)) = (old, new)
        && old.same_rates(new)
    {
        return Vec::new();
    }
    let (old, mut new) = (figures(old), figures(new));
    let mut changes: Vec<Change> = Vec::new();
    for (case, from) in old {
        let to = new.remove(&case);
        if to.map(|to| to.rate) != Some(from.rate) {
            changes.push(Change { case, from: Some(from), to });
        }
    }
    changes.extend(new.into_iter().map(|(case, to)| Change { case, from: None, to: Some(to) }));
    changes.sort_by(|left, right| left.case.cmp(&right.case));
    changes
}

impl Change {
    /// `$10/1M → $2/1M (-80%)`, `new, $2/1M`, `gone, was $10/1M`; then `derived` where that is how
    /// the figure came about.
    pub(super) fn told(&self) -> String {
        let shown = |figure: Figure| self.case.shown(figure.rate);
        let told = match (self.from, self.to) {
            (None, None) => String::new(),
            (None, Some(to)) => format!("new, {}", shown(to)),
            (Some(from), None) => format!("gone, was {}", shown(from)),
            (Some(from), Some(to)) => {
                let percent = match self.percent() {
                    None => String::new(),
                    Some(Percent { tenths: 0 }) => " (by less than 0.1%)".to_owned(),
                    Some(percent) => format!(" ({percent:+}%)"),
                };
                format!("{} → {}{percent}", shown(from), shown(to))
            }
        };
        format!("{told}{}", self.origin())
    }

    /// The figure alone, as the first card of a model has it.
    pub(super) fn told_first(&self) -> String {
        let shown = self.to.map(|to| self.case.shown(to.rate)).unwrap_or_default();
        format!("{shown}{}", self.origin())
    }

    fn origin(&self) -> &'static str {
        let derived = self.to.or(self.from).is_some_and(|figure| figure.derived);
        if derived { ", derived" } else { "" }
    }

    /// What it was, what it is, and the percentage between them, as cells.
    pub(super) fn cells(&self) -> [String; 3] {
        let rate = |figure: Option<Figure>| figure.map(|found| found.rate.to_string());
        let percent = self.percent().map(|percent| percent.to_string());
        [rate(self.from), rate(self.to), percent].map(Option::unwrap_or_default)
    }

    fn percent(&self) -> Option<Percent> {
        Percent::between(self.from?.rate, self.to?.rate)
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.case.serialize_into(&mut map)?;
        map.serialize_entry("from", &self.from.map(|from| Decimal(from.rate)))?;
        map.serialize_entry("to", &self.to.map(|to| Decimal(to.rate)))?;
        map.serialize_entry("percent", &self.percent().map(Decimal))?;
        map.end()
    }
}

/// Lines of changes, their figures below each other.
pub(super) fn aligned(lines: &[(String, String)], indent: &str) -> String {
    /// Hours can be long: one such line must not push all others aside.
    const WIDTH_MAX: usize = 40;
    let widths = lines.iter().map(|(label, _)| label.chars().count());
    let width = widths.filter(|&width| width <= WIDTH_MAX).max().unwrap_or(0);
    lines.iter().map(|(label, told)| format!("{indent}{label:width$}  {told}\n")).collect()
}

/// By how much a rate changed, in tenths of a percent of what it was, rounded half up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Percent {
    tenths: i128,
}

impl Percent {
    /// `None` where it was free, or the difference is beyond all prices.
    fn between(from: Rate, to: Rate) -> Option<Self> {
        let (from, to) = (from.scaled(), to.scaled());
        let thousandfold = from.abs_diff(to).checked_mul(1000)?;
        let (whole, rest) = (thousandfold.checked_div(from)?, thousandfold.checked_rem(from)?);
        let tenths = i128::try_from(whole + u128::from(rest >= from - rest)).ok()?;
        Some(Self { tenths: if to < from { -tenths } else { tenths } })
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.tenths.unsigned_abs();
        let text = match (magnitude / 10, magnitude % 10) {
            (whole, 0) => whole.to_string(),
            (whole, tenth) => format!("{whole}.{tenth}"),
        };
        out.pad_integral(self.tenths >= 0, "", &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::price::format::{Block, parse_file};

    fn card(rules: &str) -> RateCard {
        let lines = rules.split('|').map(|rule| format!("  {}\n", rule.trim()));
        let lines: String = lines.filter(|line| !line.trim().is_empty()).collect();
        let text = format!("provider p\nmodel m chat\n from 2024-01-01 exact x\n{lines}");
        let Block::Model(model) = parse_file(&text).unwrap().blocks.remove(0) else {
            panic!("{text}")
        };
        model.cards[0].clone()
    }

    #[test]
    fn changes_say_what_was_and_what_is() {
        for (old, new, expected) in [
            ("input 2/1M", "input 2/1M", vec![]),
            ("input 2/1M", "input 2/1M derived", vec![]),
            ("input 10/1M", "input 2/1M", vec!["input: $10/1M → $2/1M (-80%)"]),
            ("input 2/1M", "input 1/1M derived", vec!["input: $2/1M → $1/1M (-50%), derived"]),
            ("input 3/1M", "input 4/1M", vec!["input: $3/1M → $4/1M (+33.3%)"]),
            ("input 0", "input 4/1M", vec!["input: free → $4/1M"]),
            ("input 4/1M", "input 0", vec!["input: $4/1M → free (-100%)"]),
            (
                "input 10000/1M",
                "input 10001/1M",
                vec!["input: $10000/1M → $10001/1M (by less than 0.1%)"],
            ),
            (
                "input 2/1M | web_search 0.01",
                "input 2/1M | input 1/1M tier=batch | uplift 1.1 region=eu",
                vec![
                    "input, batch: new, $1/1M",
                    "web_search: gone, was $0.01/search",
                    "region eu: new, × 1.1",
                ],
            ),
            (
                "uplift 1.1 region=eu",
                "uplift 1.2 region=eu",
                vec!["region eu: × 1.1 → × 1.2 (+9.1%)"],
            ),
        ] {
            let changes = changes(Some(&card(old)), Some(&card(new)));
            let told = changes.iter().map(|c| format!("{}: {}", c.case.label(), c.told()));
            assert_eq!(told.collect::<Vec<_>>(), expected, "{old} to {new}");
        }
    }

    #[test]
    fn percentages_are_rounded_to_tenths() {
        for (from, to, expected) in [
            ("1", "2", Some("100")),
            ("2", "1", Some("-50")),
            ("3", "2", Some("-33.3")),
            ("3", "5", Some("66.7")),
            ("2000", "2001", Some("0.1")),
            ("2000", "2000.9", Some("0")),
            ("0.075", "1.25", Some("1566.7")),
            ("0", "1", None),
            ("0", "0", None),
            ("1", "100000000000000", None),
        ] {
            let percent = Percent::between(from.parse().unwrap(), to.parse().unwrap());
            let percent = percent.map(|percent| percent.to_string());
            assert_eq!(percent.as_deref(), expected, "{from} to {to}");
        }
    }

    #[test]
    fn json_has_exact_figures_without_exponents() {
        let changes = changes(
            Some(&card("input 10/1M | uplift 1.1 region=eu")),
            Some(&card("input 0.000000000000000000000001")),
        );
        assert_eq!(
            serde_json::to_string(&changes).unwrap(),
            "[{\"meter\":\"input\",\"unit\":\"token\",\"tier\":\"standard\",\
             \"above_input_tokens\":0,\"hours\":null,\"options\":{},\"from\":0.00001,\
             \"to\":0.000000000000000000000001,\"percent\":-100},\
             {\"uplift\":\"eu\",\"from\":1.1,\"to\":null,\"percent\":null}]"
        );
    }
}
