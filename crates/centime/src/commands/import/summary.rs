//! What came in: the end of an import.

use std::collections::BTreeMap;

use centime_answers::report::Document;
use centime_core::entry::Entry;
use centime_insight::Group;
use centime_ledger::Sums;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::app::App;
use crate::cli::Format;
use crate::commands::names;
use crate::commands::report::rows::{cost_of, group_spreadsheet, group_table, other, stand_in};
use crate::failure::Outcome;
use crate::output::{self, Table, count, counted, print_json, print_line};

/// How many groups are shown.
const SHOWN_MAX: usize = 20;

/// What an import did.
pub(super) struct Summary {
    /// Whose clocks days are read from.
    zone: TimeZone,
    /// Records that were refused.
    pub(super) refused: u64,
    /// Events that were in the ledger already.
    pub(super) known: u64,
    new: u64,
    total: Sums,
    models: BTreeMap<String, Sums>,
    days: BTreeMap<String, Sums>,
    unpriced: BTreeMap<String, i64>,
    last_day: Option<(i64, String)>,
}

impl Summary {
    /// Nothing yet.
    pub(super) fn new(zone: TimeZone) -> Self {
        Self {
            zone,
            refused: 0,
            known: 0,
            new: 0,
            total: Sums::default(),
            models: BTreeMap::new(),
            days: BTreeMap::new(),
            unpriced: BTreeMap::new(),
            last_day: None,
        }
    }

    /// Nothing yet, of the same zone.
    pub(super) fn empty(&self) -> Self {
        Self::new(self.zone.clone())
    }

    /// Adds what another part of the import did.
    pub(super) fn absorb(&mut self, other: Self) {
        self.refused += other.refused;
        self.known += other.known;
        self.new += other.new;
        self.total += other.total;
        for (model, sums) in other.models {
            *self.models.entry(model).or_default() += sums;
        }
        for (day, sums) in other.days {
            *self.days.entry(day).or_default() += sums;
        }
        for (model, requests) in other.unpriced {
            *self.unpriced.entry(model).or_default() += requests;
        }
    }

    /// Whether the ledger has nothing of what was read.
    pub(super) fn is_empty(&self) -> bool {
        self.new == 0 && self.known == 0
    }

    /// Adds an entry that is new.
    pub(super) fn add(&mut self, entry: &Entry) {
        let sums = Sums::of(entry);
        self.new += 1;
        self.total += sums;
        add_to(&mut self.models, &entry.model, sums);
        self.note_day(entry);
        if let Some((_, day)) = &self.last_day {
            add_to(&mut self.days, day, sums);
        }
        if sums.unpriced_requests != 0 {
            *self.unpriced.entry(entry.model.clone()).or_default() += sums.unpriced_requests;
        }
    }

    /// Finds the day of an entry on the clocks of the zone; most have that of the one before. Every
    /// zone is whole quarters of an hour from UTC, so that no quarter has two days.
    fn note_day(&mut self, entry: &Entry) {
        const QUARTER_US: i64 = 15 * 60 * 1_000_000;
        let quarter = entry.at.micros().div_euclid(QUARTER_US);
        if self.last_day.as_ref().is_none_or(|(known, _)| *known != quarter) {
            let day = entry.at.in_zone(&self.zone).date().to_string();
            self.last_day = Some((quarter, day));
        }
    }

    /// Prints it.
    pub(super) fn print(&self, app: &App) -> Outcome {
        match app.format {
            Format::Json => print_json(&self.document()),
            Format::Csv => group_spreadsheet(&["model"], &groups(&self.models)).print_csv(),
            Format::Table => self.print_for_people(),
        }
    }

    fn print_for_people(&self) -> Outcome {
        if self.new > 0 {
            self.models_table().print()?;
            print_line("")?;
            self.days_table().print()?;
        }
        output::say(self.told());
        // An adjustment that came in, too, may have priced some since.
        let unpriced = self.unpriced.iter().filter(|(_, requests)| **requests > 0);
        for (model, requests) in unpriced.take(SHOWN_MAX) {
            let verb = if *requests == 1 { "is" } else { "are" };
            let requests = counted((*requests).into(), ["request", "requests"]);
            output::note(&format!("{requests} of `{model}` {verb} not fully priced"));
        }
        if self.total.unpriced_requests > 0 {
            names::hint_at_repricing();
        }
        Ok(())
    }

    fn told(&self) -> String {
        format!(
            "{} new, {} known, {} refused; {}, {}",
            count(self.new.into()),
            count(self.known.into()),
            count(self.refused.into()),
            counted(self.total.requests.into(), ["request", "requests"]),
            cost_of(&self.total),
        )
    }

    /// The most expensive models, and the others together.
    fn models_table(&self) -> Table {
        let mut models = groups(&self.models);
        models.sort_by_key(|group| std::cmp::Reverse(group.sums.cost));
        if models.len() > SHOWN_MAX {
            let rest = models.drain(SHOWN_MAX..).map(|group| group.sums).sum();
            models.push(other(1, rest));
        }
        group_table(&["model"], &models, None)
    }

    /// The last days, and those before them together.
    fn days_table(&self) -> Table {
        let mut days = groups(&self.days);
        if days.len() > SHOWN_MAX {
            let before = days.drain(..days.len() - SHOWN_MAX).map(|group| group.sums).sum();
            days.insert(0, stand_in("(earlier)", 1, before));
        }
        let total = (self.days.len() > 1).then_some(&self.total);
        group_table(&["date"], &days, total)
    }

    fn document(&self) -> impl Serialize + '_ {
        #[derive(Serialize)]
        struct Imported<'a> {
            new: u64,
            known: u64,
            refused: u64,
            total: Document<'a>,
            models: Vec<Document<'a>>,
        }
        Imported {
            new: self.new,
            known: self.known,
            refused: self.refused,
            total: Document::total(&self.total),
            models: self
                .models
                .iter()
                .map(|(model, sums)| Document::new(&["model"], vec![Some(model.clone())], sums))
                .collect(),
        }
    }
}

fn add_to(sums: &mut BTreeMap<String, Sums>, key: &str, add: Sums) {
    match sums.get_mut(key) {
        Some(sum) => *sum += add,
        None => {
            sums.insert(key.to_owned(), add);
        }
    }
}

fn groups(sums: &BTreeMap<String, Sums>) -> Vec<Group> {
    sums.iter().map(|(key, sums)| Group { key: vec![Some(key.clone())], sums: *sums }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::samples::{entry, entry_of, unpriced};

    fn summary(zone: &str, entries: impl IntoIterator<Item = Entry>) -> Summary {
        let mut summary = Summary::new(TimeZone::get(zone).unwrap());
        entries.into_iter().for_each(|entry| summary.add(&entry));
        summary
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let at = |at: &str| {
            entry_of(&format!(r#"{{"at":"{at}","model":"big","meters":{{"input":1}}}}"#))
        };
        for (zone, expected) in [
            ("UTC", &["2026-11-01", "2026-11-02"][..]),
            ("Europe/Paris", &["2026-11-02"]),
            ("Asia/Kathmandu", &["2026-11-02"]),
        ] {
            let entries = ["2026-11-01T23:30:00Z", "2026-11-01T23:44:00Z", "2026-11-02T00:10:00Z"];
            let summary = summary(zone, entries.map(at));
            assert_eq!(summary.days.keys().collect::<Vec<_>>(), expected, "{zone}");
        }
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let entries = [entry(), unpriced(), entry(), unpriced()];
        let whole = summary("UTC", entries.clone());
        let mut parts = Summary { known: 1, refused: 2, ..summary("UTC", []) };
        for entry in entries {
            parts.absorb(summary("UTC", [entry]));
        }
        assert_eq!((parts.known, parts.refused), (1, 2));
        (parts.known, parts.refused) = (0, 0);
        let shown = |summary: &Summary| serde_json::to_string(&summary.document()).unwrap();
        assert_eq!(shown(&parts), shown(&whole));
        assert_eq!((parts.days, parts.unpriced), (whole.days, whole.unpriced));
    }

    #[test]
    fn what_is_cut_still_adds_up() {
        let entry = |index: usize| Entry {
            model: format!("m{index:02}"),
            at: format!("2026-10-{:02}T12:00:00Z", index + 1).parse().unwrap(),
            ..entry()
        };
        let summary = summary("UTC", (0..25).map(entry));
        let models = summary.models_table().text();
        assert_eq!(models.lines().count(), 1 + SHOWN_MAX + 1);
        let last: Vec<&str> = models.lines().last().unwrap().split_whitespace().collect();
        assert_eq!(last[..3], ["(other)", "$0.03775", "5"]);
        let days = summary.days_table().text();
        assert!(days.lines().nth(1).unwrap().trim_start().starts_with("(earlier)"), "{days}");
        assert_eq!(days.lines().count(), 1 + 1 + SHOWN_MAX + 1);
    }

    #[test]
    fn what_has_no_price_is_not_free_and_one_is_singular() {
        let known = summary("UTC", [unpriced()]);
        assert_eq!(known.told(), "1 new, 0 known, 0 refused; 1 request, unpriced");
        assert!(known.models_table().text().contains("unpriced"));
        let half = summary("UTC", [entry(), unpriced()]);
        assert_eq!(half.told(), "2 new, 0 known, 0 refused; 2 requests, $0.00755+");
        let models = half.models_table().text();
        assert!(!models.contains("$0.00 "), "{models}");
    }
}
