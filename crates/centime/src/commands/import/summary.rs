//! What came in: the end of an import.

use std::collections::BTreeMap;

use centime_core::entry::{Entry, PricingStatus};
use centime_insight::Group;
use centime_ledger::Sums;
use serde::Serialize;

use crate::app::App;
use crate::cli::Format;
use crate::commands::report::rows::{Document, group_table};
use crate::failure::Outcome;
use crate::output::{self, count, dollars, print_json};

/// How many groups are shown.
const SHOWN_MAX: usize = 20;

/// What an import did.
#[derive(Default)]
pub(super) struct Summary {
    /// Records that were refused.
    pub(super) refused: u64,
    /// Events that were in the ledger already.
    pub(super) known: u64,
    new: u64,
    total: Sums,
    models: BTreeMap<String, Sums>,
    days: BTreeMap<String, Sums>,
    unpriced: BTreeMap<String, i64>,
    first_day: Option<(i64, String)>,
}

impl Summary {
    /// Adds an entry that is new.
    pub(super) fn add(&mut self, entry: &Entry) {
        let sums = Sums::of(entry);
        self.new += 1;
        self.total += sums;
        add_to(&mut self.models, &entry.model, sums);
        let day = self.day_of(entry);
        add_to(&mut self.days, &day, sums);
        if entry.pricing_status != PricingStatus::Priced {
            *self.unpriced.entry(entry.model.clone()).or_default() += i64::from(entry.requests);
        }
    }

    /// The UTC day of an entry; most have that of the one before.
    fn day_of(&mut self, entry: &Entry) -> String {
        const DAY_US: i64 = 86_400_000_000;
        let number = entry.at.micros().div_euclid(DAY_US);
        match &self.first_day {
            Some((known, day)) if *known == number => day.clone(),
            _ => {
                let day = entry.at.to_string().split('T').next().unwrap_or_default().to_owned();
                self.first_day = Some((number, day.clone()));
                day
            }
        }
    }

    /// Prints it.
    pub(super) fn print(&self, app: &App) -> Outcome {
        match app.format {
            Format::Json => print_json(&self.document()),
            Format::Csv => group_table(&["model"], &groups(&self.models), None).print_csv(),
            Format::Table => self.print_tables(),
        }
    }

    fn print_tables(&self) -> Outcome {
        if self.new > 0 {
            group_table(&["model"], &largest(&self.models), None).print()?;
            let is_one_day = self.days.len() == 1;
            let mut days = groups(&self.days);
            days.drain(..days.len().saturating_sub(SHOWN_MAX));
            let total = (!is_one_day).then_some(&self.total);
            group_table(&["date"], &days, total).print()?;
        }
        anstream::eprintln!(
            "{} new, {} known, {} refused; {} requests, {}",
            count(self.new.into()),
            count(self.known.into()),
            count(self.refused.into()),
            count(self.total.requests.into()),
            dollars(self.total.cost),
        );
        for (model, requests) in self.unpriced.iter().take(SHOWN_MAX) {
            let requests = count(i128::from(*requests));
            output::note(&format!("{requests} requests of `{model}` are not fully priced"));
        }
        Ok(())
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

fn largest(sums: &BTreeMap<String, Sums>) -> Vec<Group> {
    let mut groups = groups(sums);
    groups.sort_by_key(|group| std::cmp::Reverse(group.sums.cost));
    groups.truncate(SHOWN_MAX);
    groups
}
