//! Reports: what was spent, on what, by whom.

mod compared;
mod efficiency;
mod full;
mod groups;

use std::str::FromStr;

use centime_core::time::Timestamp;
use centime_insight::{Analysis, Comparison, Order, Question};
use centime_ledger::{Dimension, EntryFilter, GroupKey, Ledger, LedgerError, Raised};
use serde::{Serialize, Serializer};

use crate::{Asking, Conditions, Wrong, schema};

pub use compared::change;
pub use efficiency::{Efficient, QUALITIES, RATIOS};
pub use full::{SHARES, Section, Share};
pub use groups::{Document, FIGURES, keys_of};

/// A report with a name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Kind {
    /// Everything together.
    #[default]
    Total,
    /// Grouped by this.
    By(GroupKey),
    /// What was had for the money, by model where nothing else is asked.
    Efficiency,
    /// The whole report.
    Full,
}

impl Kind {
    /// The names of reports, as they are told to whoever must choose one.
    pub const NAMES: &'static str = "total, models, users, teams, projects, keys, providers, \
                                     sessions, daily, hourly, efficiency, tag:NAME or full";
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let by = |dimension| Ok(Self::By(GroupKey::Dimension(dimension)));
        match name {
            "total" => Ok(Self::Total),
            "efficiency" => Ok(Self::Efficiency),
            "full" => Ok(Self::Full),
            "models" => by(Dimension::Model),
            "users" => by(Dimension::User),
            "teams" => by(Dimension::Team),
            "projects" => by(Dimension::Project),
            "keys" => by(Dimension::Key),
            "providers" => by(Dimension::Provider),
            "sessions" => by(Dimension::Session),
            "daily" => Ok(Self::By(GroupKey::Date)),
            "hourly" => Ok(Self::By(GroupKey::Hour)),
            _ => match name.strip_prefix("tag:").filter(|tag| !tag.is_empty()) {
                Some(tag) => by(Dimension::Tag(tag.to_owned())),
                None => Err(format!("choose {}", Self::NAMES)),
            },
        }
    }
}

/// Reads how many groups to show at most.
///
/// # Errors
/// When it is no whole number from 1 on.
pub fn limit(text: &str) -> Result<usize, String> {
    let number: usize = text.parse().map_err(|_| "expected a whole number".to_owned())?;
    if number > 0 { Ok(number) } else { Err("at least 1 group is shown".to_owned()) }
}

/// A report as it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Which one.
    pub kind: Kind,
    /// What to group by instead.
    pub by: Vec<GroupKey>,
    /// The most groups.
    pub limit: Option<usize>,
    /// Whether to put the window before beside it.
    pub compare: bool,
    /// Which entries.
    pub conditions: Conditions,
}

/// A report that can be made.
#[derive(Debug, Clone)]
pub enum Plan {
    /// Sums by group.
    Sums(Question),
    /// The same beside the window before one that starts at this moment.
    Compared(Question, Timestamp),
    /// What was had for the money.
    Efficiency(Question),
    /// The whole report.
    Full(EntryFilter),
}

impl Asked {
    /// What is meant.
    ///
    /// # Errors
    /// Names the part that cannot be read or does not go with another.
    pub fn plan(self, asking: &Asking) -> Result<Plan, Wrong> {
        let filter = self.conditions.filter(asking)?;
        let (compare, by) = (asking.name("compare"), asking.name("by"));
        if self.compare && matches!(self.kind, Kind::Full | Kind::Efficiency) {
            let message = format!("{compare} is for reports by one thing, such as `models`");
            return Err(Wrong::new("compare", message));
        }
        let is_efficiency = self.kind == Kind::Efficiency;
        let keys = match (self.kind, self.by) {
            (Kind::Full, keys) if keys.is_empty() => return Ok(Plan::Full(filter)),
            (Kind::Full, _) => {
                let message = format!("`full` has its own groups; leave {by} out");
                return Err(Wrong::new("by", message));
            }
            (Kind::By(key), keys) if keys.is_empty() => vec![key],
            (Kind::By(_), _) => {
                return Err(Wrong::new("by", format!("name a report or give {by}, not both")));
            }
            (Kind::Efficiency, keys) if keys.is_empty() => {
                vec![GroupKey::Dimension(Dimension::Model)]
            }
            (Kind::Total | Kind::Efficiency, keys) => keys,
        };
        let (order, limit) = (order_of(&keys), self.limit);
        let question = Question { filter, by: keys, zone: asking.zone.clone(), order, limit };
        if is_efficiency {
            return Ok(Plan::Efficiency(question));
        }
        if !self.compare {
            return Ok(Plan::Sums(question));
        }
        let Some(since) = question.filter.window.since else {
            let since = asking.example("since", "30d");
            let message = format!("{compare} needs to know how long the window is: add {since}");
            return Err(Wrong::new("compare", message));
        };
        if question.by.iter().any(|key| matches!(key, GroupKey::Date | GroupKey::Hour)) {
            let message = "the window before has other days and hours; compare `total`, `models`, \
                           `users` and their like";
            return Err(Wrong::new("compare", message));
        }
        Ok(Plan::Compared(question, since))
    }
}

/// Days and hours alone stand by time, everything else by cost.
fn order_of(by: &[GroupKey]) -> Order {
    match by {
        [GroupKey::Date | GroupKey::Hour, ..] => Order::Key,
        _ => Order::Cost,
    }
}

impl Plan {
    /// Asks a ledger.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn ask(&self, ledger: &dyn Ledger, asking: &Asking) -> Result<Found, LedgerError> {
        Ok(match self {
            Self::Sums(question) => Found::Sums(Analysis::of(ledger, question)?),
            Self::Compared(question, since) => {
                Found::Compared(Comparison::of(ledger, question, *since, asking.now)?)
            }
            Self::Efficiency(question) => Found::Efficiency(Efficient::of(ledger, question)?),
            Self::Full(filter) => Found::Full(
                full::sections(ledger, filter, &asking.zone)?,
                full::raised(ledger, filter.window)?,
            ),
        })
    }
}

/// What was found.
#[derive(Debug)]
pub enum Found {
    /// Sums by group.
    Sums(Analysis),
    /// The same beside the window before.
    Compared(Comparison),
    /// What was had for the money.
    Efficiency(Efficient),
    /// The sections of the whole report, and the alerts that were raised meanwhile. The first sections are
    /// days, whose total is that of all.
    Full(Vec<Section>, Vec<Raised>),
}

/// A report as JSON.
pub struct Report<'a> {
    /// What was found.
    pub found: &'a Found,
    /// The name of the zone whose days and hours these are.
    pub zone: &'a str,
}

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.found {
            Found::Sums(found) => groups::Report { found, zone: self.zone }.serialize(serializer),
            Found::Compared(found) => {
                compared::Compared { found, zone: self.zone }.serialize(serializer)
            }
            Found::Efficiency(found) => {
                efficiency::Report { found, zone: self.zone }.serialize(serializer)
            }
            Found::Full(sections, raised) => {
                full::Full { sections, raised, zone: self.zone }.serialize(serializer)
            }
        }
    }
}

/// The schemas of reports; the whole is `Report`.
pub(crate) fn schemas() -> Vec<schema::Named> {
    let kinds = ["SumsReport", "ComparedReport", "EfficiencyReport", "FullReport"];
    let any: Vec<_> = kinds.iter().map(|kind| schema::named(kind)).collect();
    let mut all = vec![("Report", serde_json::json!({"anyOf": any}))];
    all.extend(groups::schemas());
    all.extend(compared::schemas());
    all.extend(efficiency::schemas());
    all.extend(full::schemas());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Spelling;

    #[test]
    fn a_limit_is_at_least_one() {
        assert_eq!(limit("1"), Ok(1));
        for wrong in ["0", "-1", "many", ""] {
            assert!(limit(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_does_not_go_together_is_named_with_the_remedy() {
        let asked = |kind: &str, by: &[&str], compare: bool, since: Option<&str>| Asked {
            kind: kind.parse().unwrap(),
            by: by.iter().map(|key| key.parse().unwrap()).collect(),
            compare,
            conditions: Conditions { since: since.map(str::to_owned), ..Conditions::default() },
            ..Asked::default()
        };
        for (asked, expected) in [
            (asked("full", &["user"], false, None), "`by`"),
            (asked("models", &["user"], false, None), "`by`"),
            (asked("full", &[], true, Some("1d")), "`compare`"),
            (asked("efficiency", &[], true, Some("1d")), "`compare`"),
            (asked("models", &[], true, None), "`since=30d`"),
            (asked("daily", &[], true, Some("1d")), "days and hours"),
            (asked("total", &[], false, Some("soon")), "`since`"),
        ] {
            let wrong = asked.plan(&Asking::of_test(Spelling::Parameters)).unwrap_err();
            assert!(wrong.message.contains(expected), "{wrong:?}");
        }
        assert!("colours".parse::<Kind>().unwrap_err().contains("tag:NAME or full"));
    }
}
