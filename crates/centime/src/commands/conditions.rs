//! Which entries a command is about: `--since`, `--until` and `--where`.

use centime_ledger::{Dimension, EntryFilter, Match, Window};

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

    /// What they select.
    pub(crate) fn filter(&self, app: &App) -> Result<EntryFilter, Failure> {
        let bound = |flag, text: &Option<String>| {
            text.as_ref().map(|text| app.bound(flag, text)).transpose()
        };
        let window =
            Window { since: bound("--since", &self.since)?, until: bound("--until", &self.until)? };
        if let (Some(since), Some(until)) = (window.since, window.until)
            && since > until
        {
            let message = format!("--since {since} is after --until {until}: swap them");
            return Err(Failure::Usage(message));
        }
        let conditions = self.conditions.iter().map(|text| condition(text));
        Ok(EntryFilter { window, conditions: conditions.collect::<Result<_, _>>()? })
    }
}

fn condition(text: &str) -> Result<(Dimension, Match), Failure> {
    let malformed = || {
        Failure::Usage(format!(
            "--where `{text}`: write `user=alice`, `model!=gpt-4`, `model^=gpt-` or `team=a|b`"
        ))
    };
    let (field, values) = text.split_once('=').ok_or_else(malformed)?;
    let values = values.split('|').map(str::to_owned).collect();
    let (field, wanted) = if let Some(field) = field.strip_suffix('!') {
        (field, Match::NoneOf(values))
    } else if let Some(field) = field.strip_suffix('^') {
        (field, Match::StartsWith(values))
    } else {
        (field, Match::OneOf(values))
    };
    let dimension =
        field.parse().map_err(|error| Failure::Usage(format!("--where `{text}`: {error}")))?;
    Ok((dimension, wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_say_field_and_values() {
        let values = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect();
        for (text, dimension, wanted) in [
            ("user=alice", Dimension::User, Match::OneOf(values(&["alice"]))),
            ("team=a|b", Dimension::Team, Match::OneOf(values(&["a", "b"]))),
            ("model!=gpt-4", Dimension::Model, Match::NoneOf(values(&["gpt-4"]))),
            ("model^=gpt-", Dimension::Model, Match::StartsWith(values(&["gpt-"]))),
            ("tag:app=x=y", Dimension::Tag("app".into()), Match::OneOf(values(&["x=y"]))),
            ("user=", Dimension::User, Match::OneOf(values(&[""]))),
        ] {
            assert_eq!(condition(text).unwrap(), (dimension, wanted), "{text}");
        }
        assert!(condition("user").is_err());
        assert!(condition("colour=red").is_err());
    }
}
