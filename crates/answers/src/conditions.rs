//! Which entries a question is about: `since`, `until` and `where`.

use centime_ledger::{Dimension, EntryFilter, Match, Window};

use crate::{Asking, Wrong};

/// What selects entries, as it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions {
    /// From this moment on.
    pub since: Option<String>,
    /// Up to this moment, which is not in it any more.
    pub until: Option<String>,
    /// What must hold, all of it: `F=V`, `F!=V` or `F^=V`.
    pub conditions: Vec<String>,
}

impl Conditions {
    /// What they select.
    ///
    /// ```
    /// use centime_answers::{Asking, Conditions, Spelling};
    ///
    /// let asking = Asking {
    ///     now: "2026-11-20T12:00:00Z".parse()?,
    ///     zone: jiff::tz::TimeZone::UTC,
    ///     zone_name: "UTC".to_owned(),
    ///     spelling: Spelling::Parameters,
    /// };
    /// let since = Conditions { since: Some("30d".to_owned()), ..Conditions::default() };
    /// let window = since.filter(&asking).unwrap().window;
    /// assert_eq!(window.since, Some("2026-10-21".parse()?));
    /// # Ok::<(), centime_core::time::TimeError>(())
    /// ```
    ///
    /// # Errors
    /// Names the part that cannot be read.
    pub fn filter(&self, asking: &Asking) -> Result<EntryFilter, Wrong> {
        let bound = |parameter, text: &Option<String>| {
            text.as_ref().map(|text| asking.bound(parameter, text)).transpose()
        };
        let window =
            Window { since: bound("since", &self.since)?, until: bound("until", &self.until)? };
        if let (Some(since), Some(until)) = (window.since, window.until)
            && since > until
        {
            let (from, to) = (asking.name("since"), asking.name("until"));
            let message = format!("{from} {since} is after {to} {until}: swap them");
            return Err(Wrong::new("since", message));
        }
        let conditions = self.conditions.iter().map(|text| condition(text, asking));
        Ok(EntryFilter { window, conditions: conditions.collect::<Result<_, _>>()? })
    }
}

fn condition(text: &str, asking: &Asking) -> Result<(Dimension, Match), Wrong> {
    let wrong =
        |what: &str| Wrong::new("where", format!("{} `{text}`: {what}", asking.name("where")));
    let malformed = || wrong("write `user=alice`, `model!=gpt-4`, `model^=gpt-` or `team=a|b`");
    let (field, values) = text.split_once('=').ok_or_else(malformed)?;
    let values = values.split('|').map(str::to_owned).collect();
    let (field, wanted) = if let Some(field) = field.strip_suffix('!') {
        (field, Match::NoneOf(values))
    } else if let Some(field) = field.strip_suffix('^') {
        (field, Match::StartsWith(values))
    } else {
        (field, Match::OneOf(values))
    };
    let dimension: Result<Dimension, _> = field.parse();
    Ok((dimension.map_err(|error| wrong(&error.to_string()))?, wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Spelling;

    #[test]
    fn conditions_say_field_and_values() {
        let asking = Asking::of_test(Spelling::Flags);
        let values = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect();
        for (text, dimension, wanted) in [
            ("user=alice", Dimension::User, Match::OneOf(values(&["alice"]))),
            ("team=a|b", Dimension::Team, Match::OneOf(values(&["a", "b"]))),
            ("model!=gpt-4", Dimension::Model, Match::NoneOf(values(&["gpt-4"]))),
            ("model^=gpt-", Dimension::Model, Match::StartsWith(values(&["gpt-"]))),
            ("tag:app=x=y", Dimension::Tag("app".into()), Match::OneOf(values(&["x=y"]))),
            ("user=", Dimension::User, Match::OneOf(values(&[""]))),
        ] {
            assert_eq!(condition(text, &asking).unwrap(), (dimension, wanted), "{text}");
        }
        assert!(condition("user", &asking).is_err());
        assert!(condition("colour=red", &asking).is_err());
    }

    #[test]
    fn what_is_wrong_is_called_as_it_was_asked() {
        let text = |text: &str| Some(text.to_owned());
        let swapped = Conditions { since: text("1d"), until: text("2d"), ..Conditions::default() };
        let said = |spelling| swapped.filter(&Asking::of_test(spelling)).unwrap_err();
        assert!(said(Spelling::Flags).message.starts_with("--since 2026"));
        let said = said(Spelling::Parameters);
        assert!(said.message.starts_with("`since` 2026") && said.message.ends_with("swap them"));
        assert_eq!(said.parameter, "since");
    }
}
