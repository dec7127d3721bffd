//! What is asked of the ledger and of the prices: reports, entries and the price book. Each is what the
//! command of its name prints with `--format json`, and each parameter is the flag of its name.

use centime_answers::alerts::ShownRaised;
use centime_answers::explain::Explanation;
use centime_answers::report::{self, Report};
use centime_answers::{Asking, Conditions, Spelling, Wrong, budgets, entries, prices};
use centime_core::entry::{Entry, Uid};
use centime_ledger::{GroupKey, Ledger, Page};
use serde::Serialize;

use super::query::{self, Query, wrong};
use super::readers::Reader;
use super::refusal::Refused;

/// The most groups of a report; the rest is one more.
pub(super) const GROUPS_MAX: usize = 100_000;
/// The most entries of a page, and how many there are where nobody says.
pub(super) const ENTRIES_MAX: usize = 1_000;
pub(super) const ENTRIES_USUAL: usize = 100;
/// The most models of a list; the book has fewer.
pub(super) const MODELS_MAX: usize = 100_000;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject {
    Report,
    Entries,
    Entry,
    Prices,
    Budgets,
    Alerts,
    Me,
}

/// What is asked for, and with what.
#[derive(Debug)]
pub(super) struct Question {
    subject: Subject,
    query: Query,
    /// The last segment of the path, where it is a name.
    name: String,
    /// The user that the key of whoever asks is bound to.
    user: Option<String>,
}

impl Question {
    /// A question; `segment` is the last one of its path, encoded.
    pub(super) fn new(subject: Subject, query: Query, segment: &str) -> Result<Self, Wrong> {
        Ok(Self { subject, query, name: query::text_of_path(segment)?, user: None })
    }

    /// Asked with a key that is bound to a user.
    pub(super) fn by(self, user: Option<String>) -> Self {
        Self { user, ..self }
    }

    /// The answer as JSON.
    pub(super) fn answer(&self, reader: &mut Reader) -> Result<Vec<u8>, Refused> {
        match self.subject {
            Subject::Report => report(&self.query, reader),
            Subject::Entries => page(&self.query, reader),
            Subject::Entry => explanation(&self.name, reader),
            Subject::Prices => list(&self.query, reader),
            Subject::Budgets => budgets(&self.query, reader),
            Subject::Alerts => raised(&self.query, reader),
            Subject::Me => me(&self.query, self.user.as_deref(), reader),
        }
    }
}

fn explanation(id: &str, reader: &mut Reader) -> Result<Vec<u8>, Refused> {
    let ledger = reader.ledger()?;
    let entry = entries::named(ledger, id)?;
    Ok(serde_json::to_vec(&Explanation::of(ledger, entry)?)?)
}

fn asking(query: &Query, reader: &Reader) -> Result<Asking, Wrong> {
    let store = reader.store();
    let asking = Asking {
        now: store.now(),
        zone: store.zone(),
        zone_name: store.zone_name().to_owned(),
        spelling: Spelling::Parameters,
    };
    match query.one("tz") {
        Some(name) => asking.in_zone("tz", name),
        None => Ok(asking),
    }
}

fn conditions(query: &Query) -> Conditions {
    let conditions = query.all("where").map(str::to_owned).collect();
    Conditions { since: query.text("since"), until: query.text("until"), conditions }
}

fn report(query: &Query, reader: &mut Reader) -> Result<Vec<u8>, Refused> {
    let asking = asking(query, reader)?;
    let group_key = |name: &str| {
        let key: Result<GroupKey, _> = name.parse();
        key.map_err(|error| wrong("by", name, &error.to_string()))
    };
    let flag = |text: &str| match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("write `true` or `false`".to_owned()),
    };
    let asked = report::Asked {
        kind: query.read_as("kind", str::parse)?.unwrap_or_default(),
        by: query
            .all("by")
            .flat_map(|by| by.split(','))
            .map(group_key)
            .collect::<Result<_, _>>()?,
        limit: Some(query.limit(GROUPS_MAX)?.unwrap_or(GROUPS_MAX)),
        compare: query.read_as("compare", flag)?.unwrap_or_default(),
        conditions: conditions(query),
    };
    let found = asked.plan(&asking)?.ask(reader.ledger()?, &asking)?;
    Ok(serde_json::to_vec(&Report { found: &found, zone: &asking.zone_name })?)
}

/// A page of entries, newest first.
#[derive(Serialize)]
struct EntriesPage<'a> {
    entries: Vec<entries::Document<'a>>,
    /// What to go on after; `None` on the last page.
    next: Option<String>,
}

fn page(query: &Query, reader: &mut Reader) -> Result<Vec<u8>, Refused> {
    let asking = asking(query, reader)?;
    let filter = conditions(query).filter(&asking)?;
    let limit = query.limit(ENTRIES_MAX)?.unwrap_or(ENTRIES_USUAL);
    let ledger = reader.ledger()?;
    let after = query.one("after").map(|text| last_of_page(ledger, text)).transpose()?;
    let after = after.map(|entry| (entry.at, entry.uid));
    // One more than is shown tells whether there are more.
    let mut found = ledger.entries(&filter, &Page { limit: limit + 1, after })?;
    let is_last = found.len() <= limit;
    found.truncate(limit);
    let next = found.last().filter(|_| !is_last).map(|entry| entry.uid.to_string());
    let entries = found.iter().map(entries::Document).collect();
    Ok(serde_json::to_vec(&EntriesPage { entries, next })?)
}

/// The entry that a page ended with.
fn last_of_page(ledger: &dyn Ledger, text: &str) -> Result<Entry, Refused> {
    let entry = Uid::parse(text).map(|uid| ledger.entry(uid)).transpose()?;
    let remedy = "there is no such entry; send the `next` of the page before";
    Ok(entry.flatten().ok_or_else(|| wrong("after", text, remedy))?)
}

fn budgets(query: &Query, reader: &Reader) -> Result<Vec<u8>, Refused> {
    let store = reader.store();
    let name = query.text("name");
    let shown = budgets::shown(&store.bank(), name.as_deref(), store.now());
    Ok(serde_json::to_vec(&shown)?)
}

fn raised(query: &Query, reader: &mut Reader) -> Result<Vec<u8>, Refused> {
    let limit = query.limit(ENTRIES_MAX)?.unwrap_or(ENTRIES_USUAL);
    let raised = reader.ledger()?.raised(limit)?;
    Ok(serde_json::to_vec(&raised.iter().map(ShownRaised).collect::<Vec<_>>())?)
}

fn me(query: &Query, bound: Option<&str>, reader: &Reader) -> Result<Vec<u8>, Refused> {
    let store = reader.store();
    // The user of a key is nobody else.
    let user = bound.map(str::to_owned).or_else(|| query.text("user"));
    Ok(serde_json::to_vec(&budgets::own(&store.bank(), user.as_deref(), store.now()))?)
}

fn list(query: &Query, reader: &mut Reader) -> Result<Vec<u8>, Refused> {
    let asking = asking(query, reader)?;
    let asked = prices::Asked {
        part: query.text("name"),
        provider: query.text("provider"),
        mode: query.text("mode"),
        limit: query.limit(MODELS_MAX)?,
        at: query.text("at"),
    };
    Ok(serde_json::to_vec(&asked.list(&reader.store().book(), &asking)?.rows)?)
}
