//! What somebody is told of, and where.

use centime_core::budget::Scope;
use centime_core::money::PicoUsd;
use centime_engine::settings::Secret;
use centime_watch::channel::{Slack, Stdout, Webhook};
use centime_watch::{Channel, Every, Thresholds};
use jiff::civil::Time;

use super::reader::{Section, Wrong};
use super::setting::{Amount, Raw, Setting, choice};
use crate::output::Value;

/// What is watched, who is told, and when a digest is made.
#[derive(Debug, Clone, Default)]
pub(crate) struct Alerts {
    /// From how much on.
    pub thresholds: Thresholds,
    /// The channels by name.
    pub channels: Vec<(String, Channel)>,
    /// The digest, where there is one.
    pub digest: Option<DigestPlan>,
}

/// When a digest is made, and who gets it.
#[derive(Debug, Clone)]
pub(crate) struct DigestPlan {
    /// How often.
    pub every: Every,
    /// At what time of the day.
    pub at: Time,
    /// The channels by name.
    pub channels: Vec<String>,
}

/// Reads `[alerts]` and `[digest]`.
pub(super) fn read(root: &Section<'_>) -> Result<Alerts, Wrong> {
    let (thresholds, channels) = root.table("alerts", |section| {
        Ok((thresholds(section)?, section.table("channels", channels)?))
    })?;
    let known: Vec<String> = channels.iter().map(|(name, ..)| name.clone()).collect();
    let digest = root.table("digest", |section| digest(section, &known))?;
    let channels = channels.into_iter().filter_map(|(name, channel)| Some((name, channel?)));
    Ok(Alerts { thresholds, channels: channels.collect(), digest })
}

fn thresholds(section: &Section<'_>) -> Result<Thresholds, Wrong> {
    let mut limits = Vec::new();
    for (key, scope, default) in [
        ("daily_limit", "all", "100"),
        ("user_limit", "user", "10"),
        ("model_limit", "model", "50"),
        ("team_limit", "team", "none"),
        ("project_limit", "project", "none"),
        ("key_limit", "key", "none"),
    ] {
        let limit: Limit = section.get(key, default)?;
        let scope: Option<Scope> = scope.parse().ok();
        limits.extend(scope.zip(limit.0));
    }
    section.table("limits", |table| {
        for name in table.names() {
            let scope: Scope =
                name.parse().map_err(|error| table.wrong(&name, &format!("is wrong: {error}")))?;
            let limit: Limit = table.get(&name, "none")?;
            limits.retain(|(known, _)| *known != scope);
            limits.extend(limit.0.map(|limit| (scope, limit)));
        }
        Ok(())
    })?;
    let errors: Limit = section.get("error_limit", "10")?;
    let percents: Percents = section.get("budget_percents", "50, 80, 100")?;
    Ok(Thresholds {
        limits,
        errors: errors.0,
        unpriced: section.get("unpriced_models", "true")?,
        budget_percents: percents.0,
    })
}

/// A channel; without one where a variable of the environment that it needs is missing.
type Named = (String, Option<Channel>);

fn channels(table: &Section<'_>) -> Result<Vec<Named>, Wrong> {
    let read = |name: String| {
        let channel = table.table(&name, channel)?;
        Ok((name, channel))
    };
    table.names().into_iter().map(read).collect()
}

fn channel(section: &Section<'_>) -> Result<Option<Channel>, Wrong> {
    let kind: Option<Kind> = section.optional("kind")?;
    let kind =
        kind.ok_or_else(|| section.wrong("kind", "must be one of `slack`, `webhook`, `stdout`"))?;
    if kind == Kind::Stdout {
        return Ok(Some(Channel::Stdout(Stdout)));
    }
    let is_missing = !section.names().iter().any(|name| name == "url");
    if is_missing {
        return Err(section.wrong("url", "must say where messages are sent"));
    }
    let url: Option<Secret> = section.optional("url")?;
    if let Some(url) = &url {
        check_url(url.expose()).map_err(|what| section.wrong("url", what))?;
    }
    let secret = match kind {
        Kind::Webhook => section.optional::<Secret>("secret")?,
        _ => None,
    };
    // What is named and not set is wrong for whoever sends something.
    let has_secret = section.names().iter().any(|name| name == "secret");
    let Some(url) = url.filter(|_| secret.is_some() || !has_secret) else { return Ok(None) };
    let url = url.expose().to_owned();
    Ok(Some(match kind {
        Kind::Webhook => {
            let webhook = Webhook::new(url, secret.as_ref().map(Secret::expose));
            Channel::Webhook(webhook.map_err(|error| section.wrong("secret", &error.to_string()))?)
        }
        _ => Channel::Slack(Slack::new(url)),
    }))
}

/// Checks where messages are sent. The address is a secret, and not in the error.
fn check_url(url: &str) -> Result<(), &'static str> {
    let uri: http::Uri = url.parse().map_err(|_| "is no address of the web")?;
    let host = uri.host().unwrap_or_default();
    match uri.scheme_str() {
        _ if host.is_empty() => Err("has no host"),
        _ if uri.authority().is_some_and(|it| it.as_str().contains('@')) => {
            Err("may have no user and no password in it")
        }
        Some("https") => Ok(()),
        Some("http") if crate::fetch::is_this_machine(host) => Ok(()),
        Some("http") => Err("is plain http, which is for this machine alone: use https"),
        _ => Err("starts with neither `https://` nor `http://`"),
    }
}

fn digest(section: &Section<'_>, known: &[String]) -> Result<Option<DigestPlan>, Wrong> {
    let every: Option<Every> = section.optional("every")?;
    let at: Hour = section.get("at", "09:00")?;
    let channels: Vec<String> = section.get("channels", "")?;
    if let Some(name) = channels.iter().find(|name| !known.contains(name)) {
        let what = format!("names `{name}`, and there is no `[alerts.channels.{name}]`");
        return Err(section.wrong("channels", &what));
    }
    let channels = if channels.is_empty() { known.to_vec() } else { channels };
    Ok(every.map(|every| DigestPlan { every, at: at.0, channels }))
}

/// What kind of channel it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Slack,
    Webhook,
    Stdout,
}

impl Setting for Kind {
    fn read(raw: &Raw) -> Result<Self, String> {
        let kinds = [("slack", Self::Slack), ("webhook", Self::Webhook), ("stdout", Self::Stdout)];
        choice(raw, &kinds)
    }
}

impl Setting for Every {
    fn read(raw: &Raw) -> Result<Self, String> {
        choice(raw, &[("day", Self::Day), ("week", Self::Week), ("month", Self::Month)])
    }
}

/// An amount from which on it is told, or `none`.
struct Limit(Option<PicoUsd>);

impl Setting for Limit {
    fn read(raw: &Raw) -> Result<Self, String> {
        if matches!(raw, Raw::Text(text) | Raw::Open(text) if text == "none") {
            return Ok(Self(None));
        }
        let wrong = "must be an amount of US dollars above zero, or `none`";
        let amount = Amount::read(raw).map_err(|_| wrong)?;
        let amount: PicoUsd = amount.0.parse().map_err(|_| wrong)?;
        Some(amount)
            .filter(|amount| *amount > PicoUsd::ZERO)
            .map(|amount| Self(Some(amount)))
            .ok_or_else(|| wrong.to_owned())
    }
}

/// A time of the day: `09:00`.
struct Hour(Time);

impl Setting for Hour {
    fn read(raw: &Raw) -> Result<Self, String> {
        let (Raw::Text(text) | Raw::Open(text)) = raw else {
            return Err("must be a time of the day such as `09:00`".to_owned());
        };
        text.parse().map(Self).map_err(|_| "must be a time of the day such as `09:00`".to_owned())
    }
}

/// Hundredths of a limit.
struct Percents(Vec<u8>);

impl Setting for Percents {
    fn read(raw: &Raw) -> Result<Self, String> {
        let wrong = || "must be a list of whole numbers from 1 to 100, such as `[50, 80, 100]`";
        let texts: Vec<&str> = match raw {
            Raw::Open(text) => text.split(',').map(str::trim).filter(|it| !it.is_empty()).collect(),
            Raw::List(items) => items
                .iter()
                .map(|item| match item {
                    Raw::Number(number) => number,
                    _ => "",
                })
                .collect(),
            _ => return Err(wrong().to_owned()),
        };
        let percents =
            texts.iter().map(|text| text.parse().ok().filter(|it| (1..=100).contains(it)));
        percents.collect::<Option<_>>().map(Self).ok_or_else(|| wrong().to_owned())
    }

    fn shown(&self, _: &Raw) -> Value<'static> {
        let items: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        Value::Json(format!("[{}]", items.join(",")).into())
    }
}
