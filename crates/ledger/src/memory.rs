//! The oracle: a ledger so plain that it is right at a glance. Everything is a scan over a list.
//!
//! ```
//! use centime_ledger::Reports;
//! use centime_ledger::memory::MemoryLedger;
//! use centime_ledger::{EntryFilter, ReportQuery, Sums};
//!
//! let everything = ReportQuery {
//!     filter: EntryFilter::default(),
//!     by: Vec::new(),
//!     zone: jiff::tz::TimeZone::UTC,
//! };
//! assert_eq!(MemoryLedger::default().total(&everything)?, Sums::default());
//! # Ok::<(), centime_ledger::LedgerError>(())
//! ```

use std::collections::BTreeMap;

use centime_core::adjusted::Adjusted;
use centime_core::alert::Alert;
use centime_core::entry::{Entry, Uid};
use centime_core::key::Key;
use centime_core::score::Score;
use centime_core::time::Timestamp;
use jiff::tz::TimeZone;

use crate::alerts::{ChannelState, Delivery, Message, Raised, Sent};
use crate::calendar;
use crate::error::LedgerError;
use crate::journal::{JournalId, Mark};
use crate::prices::PriceRevision;
use crate::query::{EntryFilter, Page};
use crate::report::{GroupKey, GroupRow, ReportQuery};
use crate::rules::{RuleChange, SetRules};
use crate::scored::{Scored, ScoredRow};
use crate::sums::Sums;
use crate::traits::{
    Alerts, Announce, Appended, Difference, Entries, Event, Feedback, Journals, KeyAdded, Keys,
    Prices, Reports, Rules, ScoreAdded, Secrets, Verification, Verify, Visit,
};

/// Entries in the order they were written; gone with the process.
#[derive(Debug, Clone, Default)]
pub struct MemoryLedger {
    entries: Vec<Entry>,
    price_revisions: Vec<PriceRevision>,
    marks: BTreeMap<JournalId, u64>,
    scores: Vec<(Uid, Score)>,
    naming_secret: Option<[u8; 32]>,
    rules: SetRules,
    rules_revision: u64,
    keys: Vec<Key>,
    keys_revision: u64,
    alerts: Vec<Raised>,
    messages: Vec<Kept>,
    digested: Option<Timestamp>,
}

/// A message, and how far it is.
#[derive(Debug, Clone)]
struct Kept {
    delivery: Delivery,
    due_at: Timestamp,
    taken_until: Timestamp,
    /// Whether the channel has it, once that is decided.
    is_delivered: Option<bool>,
    error: Option<String>,
}

impl Entries for MemoryLedger {
    fn append(&mut self, batch: &[Entry]) -> Result<Vec<Appended>, LedgerError> {
        Ok(batch.iter().map(|entry| self.append_one(entry)).collect())
    }

    fn entry(&self, uid: Uid) -> Result<Option<Entry>, LedgerError> {
        Ok(self.find(uid).map(|(_, entry)| entry.clone()))
    }

    fn entries_named(&self, id: &str) -> Result<Vec<Entry>, LedgerError> {
        let uid = Uid::parse(id);
        let means = |entry: &&Entry| Some(entry.uid) == uid || entry.own_id.as_deref() == Some(id);
        Ok(self.entries.iter().filter(means).cloned().collect())
    }

    fn adjustments(&self, uid: Uid) -> Result<Vec<Entry>, LedgerError> {
        let adjusts = |entry: &&Entry| entry.adjusts == Some(uid);
        Ok(self.entries.iter().filter(adjusts).cloned().collect())
    }

    fn entries(&self, filter: &EntryFilter, page: &Page) -> Result<Vec<Entry>, LedgerError> {
        // What comes after an entry that is not here is what is older.
        let after = page.after.map(|(at, uid)| (at, self.find(uid).map_or(0, |(seq, _)| seq)));
        let mut found: Vec<_> = (0..)
            .zip(&self.entries)
            .filter(|(_, entry)| filter.accepts(entry))
            .map(|(seq, entry)| ((entry.at, seq), entry))
            .filter(|(key, _)| after.is_none_or(|after| *key < after))
            .collect();
        found.sort_by_key(|(key, _)| std::cmp::Reverse(*key));
        let page = found.into_iter().take(page.limit);
        Ok(page.map(|(_, entry)| entry.clone()).collect())
    }

    fn written_after(&self, place: u64, limit: usize) -> Result<Vec<(u64, Uid)>, LedgerError> {
        let after = usize::try_from(place).unwrap_or(usize::MAX);
        let written = (1..).zip(&self.entries).skip(after).take(limit);
        Ok(written.map(|(place, entry)| (place, entry.uid)).collect())
    }

    fn at_one_moment(
        &self,
        look: &mut dyn FnMut() -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        look()
    }

    fn visit_attempts(
        &self,
        filter: &EntryFilter,
        visit: &mut Visit<'_>,
    ) -> Result<(), LedgerError> {
        let is_meant = |entry: &&Entry| entry.adjusts.is_none() && filter.accepts(entry);
        let mut attempts: Vec<&Entry> = self.entries.iter().filter(is_meant).collect();
        attempts.sort_by_key(|attempt| attempt.at);
        for attempt in attempts {
            if visit(attempt, &self.adjustments(attempt.uid)?).is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl Secrets for MemoryLedger {
    fn naming_secret(&mut self, fresh: &[u8; 32]) -> Result<[u8; 32], LedgerError> {
        Ok(*self.naming_secret.get_or_insert(*fresh))
    }
}

impl Keys for MemoryLedger {
    fn keys(&self) -> Result<Vec<Key>, LedgerError> {
        let mut keys = self.keys.clone();
        keys.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(keys)
    }

    fn add_key(&mut self, key: &Key) -> Result<KeyAdded, LedgerError> {
        if self.keys.iter().any(|kept| kept.id == key.id) {
            return Ok(KeyAdded::SameId);
        }
        let has_name = |kept: &Key| kept.name == key.name && kept.revoked_at.is_none();
        if key.name.is_some() && self.keys.iter().any(has_name) {
            return Ok(KeyAdded::SameName);
        }
        self.keys.push(key.clone());
        self.keys_revision += 1;
        Ok(KeyAdded::New)
    }

    fn change_key(&mut self, key: &Key) -> Result<bool, LedgerError> {
        let Some(kept) = self.keys.iter_mut().find(|kept| kept.id == key.id) else {
            return Ok(false);
        };
        (kept.digest, kept.former, kept.expires_at) = (key.digest, key.former, key.expires_at);
        kept.revoked_at = kept.revoked_at.or(key.revoked_at);
        self.keys_revision += 1;
        Ok(true)
    }

    fn keys_revision(&self) -> Result<u64, LedgerError> {
        Ok(self.keys_revision)
    }
}

impl Journals for MemoryLedger {
    fn append_marked(
        &mut self,
        batch: &[Entry],
        marks: &[Mark],
    ) -> Result<Vec<Appended>, LedgerError> {
        for mark in marks {
            let kept = self.marks.entry(mark.journal).or_default();
            *kept = mark.position.max(*kept);
        }
        self.append(batch)
    }

    fn mark(&self, journal: JournalId) -> Result<Option<u64>, LedgerError> {
        Ok(self.marks.get(&journal).copied())
    }
}

impl Reports for MemoryLedger {
    fn report(&self, query: &ReportQuery) -> Result<Vec<GroupRow>, LedgerError> {
        let mut groups: BTreeMap<Vec<Option<String>>, Sums> = BTreeMap::new();
        if query.by.is_empty() {
            groups.insert(Vec::new(), Sums::default());
        }
        for entry in self.entries.iter().filter(|entry| query.filter.accepts(entry)) {
            let key = query.by.iter().map(|key| key.of(entry, &query.zone));
            *groups.entry(key.collect()).or_default() += Sums::of(entry);
        }
        Ok(groups.into_iter().map(|(key, sums)| GroupRow { key, sums }).collect())
    }
}

impl Rules for MemoryLedger {
    fn rules(&self) -> Result<SetRules, LedgerError> {
        Ok(self.rules.clone())
    }

    fn held(&self) -> Result<Vec<Uid>, LedgerError> {
        let held = self.entries.iter().filter(|entry| entry.held.is_some());
        Ok(held.map(|entry| entry.uid).collect())
    }

    fn rules_revision(&self) -> Result<u64, LedgerError> {
        Ok(self.rules_revision)
    }

    fn change_rules(&mut self, change: &RuleChange) -> Result<bool, LedgerError> {
        let is_changed = self.rules.change(change);
        self.rules_revision += u64::from(is_changed);
        Ok(is_changed)
    }
}

impl Alerts for MemoryLedger {
    fn raise(
        &mut self,
        alerts: &[Alert],
        at: Timestamp,
        announce: &mut Announce<'_>,
    ) -> Result<usize, LedgerError> {
        let once =
            |alert: &Alert| (alert.rule.clone(), alert.subject.clone(), alert.window, alert.step);
        let mut new = Vec::new();
        for alert in alerts {
            if !self.alerts.iter().any(|known| once(&known.alert) == once(alert)) {
                self.alerts.push(Raised { alert: alert.clone(), at });
                new.push(alert);
            }
        }
        if !new.is_empty() {
            self.post(&announce(&new), at, None)?;
        }
        Ok(new.len())
    }

    fn raised(&self, limit: usize) -> Result<Vec<Raised>, LedgerError> {
        Ok(self.alerts.iter().rev().take(limit).cloned().collect())
    }

    fn post(
        &mut self,
        messages: &[Message],
        at: Timestamp,
        digest: Option<Timestamp>,
    ) -> Result<bool, LedgerError> {
        if let Some(digest) = digest {
            if self.digested.is_some_and(|known| known >= digest) {
                return Ok(false);
            }
            self.digested = Some(digest);
        }
        for message in messages {
            if self.messages.iter().all(|known| known.delivery.message.id != message.id) {
                let delivery = Delivery { message: message.clone(), created_at: at, attempts: 0 };
                self.messages.push(Kept {
                    delivery,
                    due_at: at,
                    taken_until: Timestamp::from_micros(0),
                    is_delivered: None,
                    error: None,
                });
            }
        }
        Ok(true)
    }

    fn digested(&self) -> Result<Option<Timestamp>, LedgerError> {
        Ok(self.digested)
    }

    fn take_message(
        &mut self,
        channel: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Delivery>, LedgerError> {
        let mut waiting = self
            .messages
            .iter_mut()
            .filter(|kept| kept.is_delivered.is_none() && kept.delivery.message.channel == channel);
        let first = waiting.next().filter(|kept| kept.due_at <= now && kept.taken_until <= now);
        Ok(first.map(|kept| {
            kept.taken_until = until;
            kept.delivery.clone()
        }))
    }

    fn end_message(&mut self, id: &str, _: Timestamp, sent: &Sent) -> Result<(), LedgerError> {
        let mut messages = self.messages.iter_mut();
        let found =
            messages.find(|kept| kept.delivery.message.id == id && kept.is_delivered.is_none());
        if let Some(kept) = found {
            kept.delivery.attempts += 1;
            kept.taken_until = Timestamp::from_micros(0);
            match sent {
                Sent::Delivered => kept.is_delivered = Some(true),
                Sent::Later { due_at, why } => {
                    (kept.due_at, kept.error) = (*due_at, Some(why.clone()));
                }
                Sent::GivenUp { why } => {
                    (kept.is_delivered, kept.error) = (Some(false), Some(why.clone()));
                }
            }
        }
        Ok(())
    }

    fn channel_state(&self, channel: &str) -> Result<ChannelState, LedgerError> {
        let mut state = ChannelState::default();
        for kept in self.messages.iter().filter(|kept| kept.delivery.message.channel == channel) {
            match kept.is_delivered {
                None => state.waiting += 1,
                Some(true) => state.delivered += 1,
                Some(false) => state.given_up += 1,
            }
            if kept.is_delivered != Some(true) && kept.error.is_some() {
                state.last_error.clone_from(&kept.error);
            }
        }
        Ok(state)
    }
}

impl Prices for MemoryLedger {
    fn price_revisions(&self) -> Result<Vec<PriceRevision>, LedgerError> {
        Ok(self.price_revisions.clone())
    }

    fn keep_price_revision(&mut self, revision: &PriceRevision) -> Result<bool, LedgerError> {
        let last = self.price_revisions.last().map_or(0, |last| last.number);
        let is_next = last.checked_add(1) == Some(revision.number);
        if is_next {
            self.price_revisions.push(revision.clone());
        }
        Ok(is_next)
    }
}

impl Feedback for MemoryLedger {
    fn add_score(
        &mut self,
        attempt: Uid,
        score: Score,
        _: Timestamp,
    ) -> Result<ScoreAdded, LedgerError> {
        if !self.has_attempt(attempt) {
            return Ok(ScoreAdded::NoAttempt);
        }
        if self.score(attempt)? == Some(score) {
            return Ok(ScoreAdded::Known);
        }
        self.scores.push((attempt, score));
        Ok(ScoreAdded::New)
    }

    fn score(&self, attempt: Uid) -> Result<Option<Score>, LedgerError> {
        Ok(self.scores.iter().rev().find(|(of, _)| *of == attempt).map(|(_, score)| *score))
    }

    fn scored(&self, query: &ReportQuery) -> Result<Vec<ScoredRow>, LedgerError> {
        let mut groups: BTreeMap<Vec<Option<String>>, Scored> = BTreeMap::new();
        for entry in self.entries.iter().filter(|entry| query.filter.accepts(entry)) {
            if let Some(score) = self.score(entry.adjusts.unwrap_or(entry.uid))? {
                let key = query.by.iter().map(|key| key.of(entry, &query.zone));
                *groups.entry(key.collect()).or_default() += Scored::of(entry, score);
            }
        }
        Ok(groups.into_iter().map(|(key, scored)| ScoredRow { key, scored }).collect())
    }
}

impl Verify for MemoryLedger {
    fn verify(&self, progress: &mut dyn FnMut(u64)) -> Result<Verification, LedgerError> {
        let mut found = Verification::default();
        for entry in &self.entries {
            let mut differs = |what: String| {
                found.differences.push(Difference { entry: Some(entry.uid), what });
            };
            for inconsistency in entry.inconsistencies() {
                differs(inconsistency.to_string());
            }
            if let Some(adjusted) = entry.adjusts
                && !self.has_attempt(adjusted)
            {
                differs(orphan(adjusted));
            }
            found.entries += 1;
            found.total += entry.charge;
            progress(found.entries);
        }
        for attempt in self.entries.iter().filter(|entry| entry.adjusts.is_none()) {
            found.prove_adjusted(attempt, &self.adjustments(attempt.uid)?);
        }
        found.prove_prices(&self.price_revisions);
        Ok(found)
    }
}

impl Verification {
    /// Proves that the adjustments of an attempt fit it.
    pub(crate) fn prove_adjusted(&mut self, attempt: &Entry, adjustments: &[Entry]) {
        if adjustments.is_empty() {
            return;
        }
        for inconsistency in Adjusted::new(attempt, adjustments).inconsistencies() {
            let what = format!("adjusted, {inconsistency}");
            self.differences.push(Difference { entry: Some(attempt.uid), what });
        }
    }

    /// Proves that price revisions follow one another and can be read.
    pub(crate) fn prove_prices(&mut self, revisions: &[PriceRevision]) {
        let wrong = (1..).zip(revisions).filter_map(|(number, kept)| kept.inconsistency(number));
        let differences = wrong.map(|what| Difference { entry: None, what });
        self.differences.extend(differences.collect::<Vec<_>>());
    }
}

/// What is wrong with an adjustment of nothing.
pub(crate) fn orphan(adjusted: Uid) -> String {
    format!("it adjusts `{adjusted}`, which is no attempt in this ledger")
}

impl MemoryLedger {
    fn append_one(&mut self, entry: &Entry) -> Appended {
        match self.find(entry.uid) {
            Some((_, known)) => Event::of(known).again(Event::of(entry)),
            None => {
                self.entries.push(entry.clone());
                Appended::New
            }
        }
    }

    fn find(&self, uid: Uid) -> Option<(u64, &Entry)> {
        (0..).zip(&self.entries).find(|(_, entry)| entry.uid == uid)
    }

    fn has_attempt(&self, uid: Uid) -> bool {
        self.find(uid).is_some_and(|(_, entry)| entry.adjusts.is_none())
    }
}

impl GroupKey {
    fn of(&self, entry: &Entry, zone: &TimeZone) -> Option<String> {
        match self {
            Self::Dimension(dimension) => dimension.of(entry).map(str::to_owned),
            Self::Date => Some(calendar::date(entry.at, zone)),
            Self::Hour => Some(calendar::hour(entry.at, zone)),
        }
    }
}
