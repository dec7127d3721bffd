//! Which entries a command is about: `--since`, `--until` and `--where`.

use centime_ledger::EntryFilter;

use crate::app::App;
use crate::failure::Failure;

/// Flags that select entries.
#[derive(Debug, clap::Args)]
pub(crate) struct Conditions {
    /// From this moment on: a date, a time, or a span back from now such as `30d` or `12h`
    #[arg(long, value_name = "TIME")]
    since: Option<String>,

    /// Up to this moment, which is not in it any more
    #[arg(long, value_name = "TIME")]
    until: Option<String>,

    /// Only where this holds: `F=V`, `F!=V` or `F^=V` (starts with); `F=a|b` for either. Several are
    /// and-ed. F: model, provider, user, team, project, key, session, tag:NAME, source, status,
    /// pricing_status or usage_source
    #[arg(long = "where", value_name = "F=V")]
    conditions: Vec<String>,
}

impl Conditions {
    /// The conditions of `--where`, as they were written.
    pub(crate) fn told(&self) -> &[String] {
        &self.conditions
    }

    /// All of them, as they were written.
    pub(crate) fn asked(&self) -> centime_answers::Conditions {
        let Self { since, until, conditions } = self;
        centime_answers::Conditions {
            since: since.clone(),
            until: until.clone(),
            conditions: conditions.clone(),
        }
    }

    /// What they select.
    pub(crate) fn filter(&self, app: &App) -> Result<EntryFilter, Failure> {
        Ok(self.asked().filter(&app.asking())?)
    }
}
