//! The interface of a ledger, by domain.

use std::ops::ControlFlow;

use centime_core::alert::Alert;
use centime_core::entry::{Entry, Uid};
use centime_core::key::Key;
use centime_core::money::TotalPicoUsd;
use centime_core::score::Score;
use centime_core::time::Timestamp;

use crate::alerts::{ChannelState, Delivery, Message, Raised, Sent};
use crate::error::LedgerError;
use crate::journal::{JournalId, Mark};
use crate::prices::PriceRevision;
use crate::query::{EntryFilter, Page};
use crate::report::{GroupRow, ReportQuery};
use crate::rules::{RuleChange, SetRules};
use crate::scored::ScoredRow;
use crate::sums::Sums;

/// What became of an entry that was appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It is in the ledger now.
    New,
    /// It was there already, with the same content.
    Known,
    /// Its identity is taken by an entry of other content; nothing was written.
    Conflict,
}

/// What is compared when an identity comes again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Event {
    pub(crate) content: u64,
    pub(crate) at: Timestamp,
    pub(crate) at_assumed: bool,
}

impl Event {
    pub(crate) fn of(entry: &Entry) -> Self {
        let Entry { content, at, at_assumed, .. } = *entry;
        Self { content, at, at_assumed }
    }

    /// What becomes of an event that comes after this one under the same identity.
    pub(crate) fn again(self, again: Self) -> Appended {
        let has_same_time = self.at == again.at || self.at_assumed || again.at_assumed;
        if self.content == again.content && has_same_time {
            Appended::Known
        } else {
            Appended::Conflict
        }
    }
}

/// Keeping entries and finding them.
pub trait Entries {
    /// Appends a batch in one transaction: all of it is written, or nothing.
    ///
    /// Each entry is written at most once: one whose `uid` is taken is [`Appended::Known`] where its
    /// content is the same (and its time, unless one of the two was assumed), and otherwise
    /// [`Appended::Conflict`]. The answers are in the order of the batch.
    ///
    /// # Errors
    /// When the store failed; then nothing of the batch was written. A panic leaves no more behind.
    fn append(&mut self, batch: &[Entry]) -> Result<Vec<Appended>, LedgerError>;

    /// The entry of an identity.
    ///
    /// # Errors
    /// When the store failed.
    fn entry(&self, uid: Uid) -> Result<Option<Entry>, LedgerError>;

    /// The entries that an id can mean: the uid in hexadecimal, or an own id in any source.
    ///
    /// # Errors
    /// When the store failed.
    fn entries_named(&self, id: &str) -> Result<Vec<Entry>, LedgerError>;

    /// The adjustments of an entry, in the order they were made.
    ///
    /// # Errors
    /// When the store failed.
    fn adjustments(&self, uid: Uid) -> Result<Vec<Entry>, LedgerError>;

    /// A page of entries, newest first (by `at`, then by order of writing).
    ///
    /// # Errors
    /// When the store failed.
    fn entries(&self, filter: &EntryFilter, page: &Page) -> Result<Vec<Entry>, LedgerError>;

    /// The identities that were written after a place, in the order of writing, and the place of each;
    /// places begin at 1. At most `limit`.
    ///
    /// # Errors
    /// When the store failed.
    fn written_after(&self, place: u64, limit: usize) -> Result<Vec<(u64, Uid)>, LedgerError>;

    /// Has everything that is read in `look` be of one moment, whatever is written meanwhile.
    ///
    /// # Errors
    /// When the store failed, or `look` did.
    fn at_one_moment(
        &self,
        look: &mut dyn FnMut() -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError>;

    /// Shows every attempt that matches, oldest first (by `at`, then by order of writing), with its
    /// adjustments in the order they were made; one at a time, so that a ledger of any size can be
    /// gone through. All of it is of one moment, whatever is written meanwhile.
    ///
    /// The filter is about the attempt as it was written. `visit` may end it early.
    ///
    /// # Errors
    /// When the store failed; what was shown before was right.
    fn visit_attempts(
        &self,
        filter: &EntryFilter,
        visit: &mut Visit<'_>,
    ) -> Result<(), LedgerError>;
}

/// What is shown an attempt and its adjustments, and says whether to go on.
pub type Visit<'v> = dyn FnMut(&Entry, &[Entry]) -> ControlFlow<()> + 'v;

/// Adding entries up.
pub trait Reports {
    /// The sums of the entries that match, by group; groups in no particular order.
    ///
    /// Any grouping of the same entries adds up to the same total.
    ///
    /// # Errors
    /// When the store failed.
    fn report(&self, query: &ReportQuery) -> Result<Vec<GroupRow>, LedgerError>;

    /// Whether the answer is added up from the entries one by one, so that it takes the longer the
    /// more there are: no series is kept of what it asks for.
    ///
    /// # Errors
    /// When the store failed.
    fn reads_entries(&self, _: &ReportQuery) -> Result<bool, LedgerError> {
        Ok(true)
    }

    /// The sums of all that match.
    ///
    /// # Errors
    /// When the store failed.
    fn total(&self, query: &ReportQuery) -> Result<Sums, LedgerError> {
        let ungrouped = ReportQuery { by: Vec::new(), ..query.clone() };
        Ok(self.report(&ungrouped)?.pop().map(|row| row.sums).unwrap_or_default())
    }
}

/// Keeping the prices that were set, imported or updated.
pub trait Prices {
    /// All revisions, the earliest first.
    ///
    /// # Errors
    /// When the store failed.
    fn price_revisions(&self) -> Result<Vec<PriceRevision>, LedgerError>;

    /// Keeps a revision as the next one. Where its number is not the next, nothing is written and the
    /// answer is `false`: somebody else was faster, and what it was made from is no more the last word.
    ///
    /// # Errors
    /// When the store failed; then nothing was written.
    fn keep_price_revision(&mut self, revision: &PriceRevision) -> Result<bool, LedgerError>;
}

/// What became of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoreAdded {
    /// It is the attempt's score now.
    New,
    /// It was that already.
    Known,
    /// There is no attempt of this identity; nothing was written.
    NoAttempt,
}

/// Keeping how good answers were. Scores are appended; the last one of an attempt counts.
pub trait Feedback {
    /// Gives an attempt a score.
    ///
    /// # Errors
    /// When the store failed; then nothing was written.
    fn add_score(
        &mut self,
        attempt: Uid,
        score: Score,
        now: Timestamp,
    ) -> Result<ScoreAdded, LedgerError>;

    /// The score of an attempt.
    ///
    /// # Errors
    /// When the store failed.
    fn score(&self, attempt: Uid) -> Result<Option<Score>, LedgerError>;

    /// The sums of the scored entries that match, by group; groups in no particular order, and none
    /// where nothing was scored.
    ///
    /// Any grouping of the same entries adds up to the same.
    ///
    /// # Errors
    /// When the store failed.
    fn scored(&self, query: &ReportQuery) -> Result<Vec<ScoredRow>, LedgerError>;
}

/// Something that does not hold in a ledger and should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The entry it is about, where it is about one.
    pub entry: Option<Uid>,
    /// What differs from what.
    pub what: String,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verification {
    /// How many entries were proved.
    pub entries: u64,
    /// What they cost together.
    pub total: TotalPicoUsd,
    /// Everything that does not hold.
    pub differences: Vec<Difference>,
}

/// Keeping how far journals are in the ledger.
pub trait Journals {
    /// Appends a batch as [`Entries::append`] does, and keeps marks in the same transaction; a mark
    /// never goes back.
    ///
    /// # Errors
    /// When the store failed; then nothing was written.
    fn append_marked(
        &mut self,
        batch: &[Entry],
        marks: &[Mark],
    ) -> Result<Vec<Appended>, LedgerError>;

    /// Up to where a journal is in the ledger; `None` where nothing is known of it.
    ///
    /// # Errors
    /// When the store failed.
    fn mark(&self, journal: JournalId) -> Result<Option<u64>, LedgerError>;
}

/// Proving a ledger from its own contents.
pub trait Verify {
    /// Proves every entry from its own parts, every adjusted attempt from its adjustments, every sum the
    /// store keeps from the entries, and that the price revisions can be read.
    /// `progress` is told how many entries are done.
    ///
    /// # Errors
    /// When the store cannot be read at all; what is merely wrong is in the answer.
    fn verify(&self, progress: &mut dyn FnMut(u64)) -> Result<Verification, LedgerError>;
}

/// Keeping who may spend what.
pub trait Rules {
    /// Everything that was set.
    ///
    /// # Errors
    /// When the store failed, or what it has cannot be read.
    fn rules(&self) -> Result<SetRules, LedgerError>;

    /// How often the rules were changed: where it is the same, they are.
    ///
    /// # Errors
    /// When the store failed.
    fn rules_revision(&self) -> Result<u64, LedgerError>;

    /// The attempts that were in doubt when they were written, for which something is set aside until
    /// they are resolved.
    ///
    /// # Errors
    /// When the store failed.
    fn held(&self) -> Result<Vec<Uid>, LedgerError>;

    /// Makes a change; `false` where there was nothing to change.
    ///
    /// # Errors
    /// When the store failed; then nothing was written.
    fn change_rules(&mut self, change: &RuleChange) -> Result<bool, LedgerError>;
}

/// Keeping the ledger's own secret.
pub trait Secrets {
    /// The secret under which this ledger names keys: drawn once, the same ever after. `fresh`, 256
    /// random bits, becomes it where there is none yet.
    ///
    /// # Errors
    /// When the store failed, or is only read and has none.
    fn naming_secret(&mut self, fresh: &[u8; 32]) -> Result<[u8; 32], LedgerError>;
}

/// What became of a key that was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAdded {
    /// It is in the ledger now.
    New,
    /// Another has this id; nothing was written.
    SameId,
    /// Another that was not revoked has this name; nothing was written.
    SameName,
}

/// Keeping the keys of the gateway. None is ever deleted: calls were made with it.
pub trait Keys {
    /// All keys, in the order they were made.
    ///
    /// # Errors
    /// When the store failed.
    fn keys(&self) -> Result<Vec<Key>, LedgerError>;

    /// Adds a key.
    ///
    /// # Errors
    /// When the store failed; then nothing was written.
    fn add_key(&mut self, key: &Key) -> Result<KeyAdded, LedgerError>;

    /// Gives the key of this id its digests, its end and its revocation; nothing else of a key changes,
    /// and one that was revoked stays so. `false` where there is no such key.
    ///
    /// # Errors
    /// When the store failed; then nothing was written.
    fn change_key(&mut self, key: &Key) -> Result<bool, LedgerError>;

    /// A number that is another after every change of the keys, and quick to ask for; 0 where there
    /// never was one.
    ///
    /// # Errors
    /// When the store failed.
    fn keys_revision(&self) -> Result<u64, LedgerError>;
}

/// Makes the messages that tell of alerts.
pub type Announce<'a> = dyn FnMut(&[&Alert]) -> Vec<Message> + 'a;

/// Keeping what somebody was told, and what has to be told still.
pub trait Alerts {
    /// Raises alerts that were not raised in their window yet, and puts in the messages that `announce`
    /// makes of just these, all or nothing. Answers how many they are.
    ///
    /// # Errors
    /// When the store failed; then nothing was written.
    fn raise(
        &mut self,
        alerts: &[Alert],
        at: Timestamp,
        announce: &mut Announce<'_>,
    ) -> Result<usize, LedgerError>;

    /// The alerts that were raised last, newest first.
    ///
    /// # Errors
    /// When the store failed.
    fn raised(&self, limit: usize) -> Result<Vec<Raised>, LedgerError>;

    /// Puts messages in; one whose id is there already is left out. With `digest`, the moment up to which
    /// digests are made then, nothing is put in where they were made up to there already: `false`.
    ///
    /// # Errors
    /// When the store failed; then nothing was written.
    fn post(
        &mut self,
        messages: &[Message],
        at: Timestamp,
        digest: Option<Timestamp>,
    ) -> Result<bool, LedgerError>;

    /// Up to when digests were made; `None` where none ever was.
    ///
    /// # Errors
    /// When the store failed.
    fn digested(&self) -> Result<Option<Timestamp>, LedgerError>;

    /// Takes on the oldest message of a channel that was not sent, until a moment at which others may
    /// try. `None` where there is none, it is not due, or somebody has it.
    ///
    /// # Errors
    /// When the store failed.
    fn take_message(
        &mut self,
        channel: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Delivery>, LedgerError>;

    /// Writes down what became of a message.
    ///
    /// # Errors
    /// When the store failed; then it is sent again.
    fn end_message(&mut self, id: &str, now: Timestamp, sent: &Sent) -> Result<(), LedgerError>;

    /// How far the messages of a channel are.
    ///
    /// # Errors
    /// When the store failed.
    fn channel_state(&self, channel: &str) -> Result<ChannelState, LedgerError>;
}

/// A whole ledger.
pub trait Ledger:
    Entries + Journals + Reports + Prices + Feedback + Rules + Secrets + Keys + Alerts + Verify
{
}

impl<L> Ledger for L where
    L: Entries + Journals + Reports + Prices + Feedback + Rules + Secrets + Keys + Alerts + Verify
{
}
