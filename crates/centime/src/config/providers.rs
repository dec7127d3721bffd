//! Whom to call: those of the file, and every known one whose key is in the environment.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use centime_engine::settings::{Provider, Secret};
use centime_providers::known::{self, Found, Known, Wire};

use super::reader::{Origin, Section, Wrong};
use super::setting::{Raw, Setting};
use super::url::{self, BaseUrl};
use crate::output::Value;

/// Headers that calls get from elsewhere: from the connection, the client, or the key.
const TAKEN: &[&str] = &[
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

pub(super) fn read(
    table: &Section<'_>,
    listen: SocketAddr,
) -> Result<BTreeMap<String, Provider>, Wrong> {
    let in_file = table.names();
    let keyed =
        known::all().iter().filter(|known| known.key_in(|name| table.variable(name)).is_some());
    let keyed = keyed.map(|known| known.name.to_owned());
    let names: BTreeSet<String> = in_file.iter().cloned().chain(keyed).collect();
    let mut providers = BTreeMap::new();
    for name in names {
        let provider = table.table(&name, |section| provider(table, section, &name, listen))?;
        providers.extend(provider.map(|provider| (name, provider)));
    }
    Ok(providers)
}

/// One of them; `None` for one that is only in the environment, and not all of it.
fn provider(
    table: &Section<'_>,
    section: &Section<'_>,
    name: &str,
    listen: SocketAddr,
) -> Result<Option<Provider>, Wrong> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_plain) || matches!(name, "." | "..") {
        let what = "is no name of a provider: it stands in paths, so it has letters, digits, `-`, `_`, `.`";
        return Err(table.wrong(name, what));
    }
    let known = known::known(name);
    let base_url = base_url(section, known, listen)?;
    if base_url.is_none() && !table.has(name) {
        return Ok(None);
    }
    let said: Option<Wire> = section.optional_unlisted("wire")?;
    let wire = said.or(known.map(|known| known.wire));
    if let (Some(wire), None) = (wire, said) {
        section.list("wire", Value::text(wire.name()), Origin::Default);
    }
    // Whoever says another wire speaks of another interface than the one that is known.
    let alike = known.filter(|known| Some(known.wire) == wire);
    let default = alike.map_or(wire == Some(Wire::OpenAi), |known| known.asks_usage);
    let asks_usage = section.get("asks_usage", if default { "true" } else { "false" })?;
    let api_key = api_key(section, alike)?;
    let headers = section.optional_table("headers", headers)?.unwrap_or_default();
    match (wire, base_url) {
        (Some(wire), Some(base_url)) => {
            let credential = alike.map_or(wire.credential(), |known| known.credential);
            Ok(Some(Provider { wire, base_url, api_key, credential, asks_usage, headers }))
        }
        // A variable that it names is not set, which is said when the gateway is to start.
        (None, _) if section.has("wire") => Ok(None),
        (_, None) if section.has("base_url") => Ok(None),
        _ => Err(known.map_or_else(|| unknown(table, name), |known| nowhere(table, name, known))),
    }
}

/// From the file, or of a known one from the environment, or where it is known to be.
fn base_url(
    section: &Section<'_>,
    known: Option<&Known>,
    listen: SocketAddr,
) -> Result<Option<String>, Wrong> {
    const KEY: &str = "base_url";
    if let Some(BaseUrl(base_url)) = section.optional_unlisted(KEY)? {
        if !url::is_own(&base_url, listen) {
            return Ok(Some(base_url));
        }
        // Where the gateway listens may yet be said by a flag; nobody else minds.
        section.put_off(section.wrong(KEY, "is the gateway itself; it must be the provider's"));
        return Ok(None);
    }
    let Some(known) = known.filter(|_| !section.has(KEY)) else {
        return Ok(None);
    };
    let environment = |name: &str| section.variable(name);
    // In the shell of an application the variable leads to the gateway, which must look further.
    let found = known.base_url_in(environment).filter(|found| !url::is_own(&found.value, listen));
    let Some(found) = found.or_else(|| known.default_base_url_in(environment)) else {
        return Ok(None);
    };
    match url::base_url(&found.value) {
        Ok(base_url) => {
            section.list(KEY, Value::text(base_url.clone()), origin(&found));
            Ok(Some(base_url))
        }
        Err(what) => {
            section.put_off(of_variable(&found, &format!("is no base URL: {what}")));
            Ok(None)
        }
    }
}

/// From the file, or of a known one from the environment.
fn api_key(section: &Section<'_>, known: Option<&Known>) -> Result<Option<Secret>, Wrong> {
    const KEY: &str = "api_key";
    if let Some(secret) = section.optional_unlisted(KEY)? {
        return Ok(Some(secret));
    }
    let known = known.filter(|_| !section.has(KEY));
    let found = known.and_then(|known| known.key_in(|name| section.variable(name)));
    let Some(found) = found else {
        section.list(KEY, Value::Absent, Origin::Default);
        return Ok(None);
    };
    let raw = Raw::Open(found.value.clone());
    match Secret::read(&raw) {
        Ok(secret) => {
            section.list(KEY, secret.shown(&raw), origin(&found));
            Ok(Some(secret))
        }
        Err(what) => {
            section.put_off(of_variable(&found, &what));
            Ok(None)
        }
    }
}

/// What is wrong with a variable of the environment that nobody asked for by name.
fn of_variable(found: &Found, what: &str) -> Wrong {
    let variable = found.variable.unwrap_or_default();
    Wrong { line: None, what: format!("the environment variable `{variable}` {what}") }
}

fn origin(found: &Found) -> Origin {
    found.variable.map_or(Origin::Default, |name| Origin::Environment(name.to_owned()))
}

fn headers(section: &Section<'_>) -> Result<Vec<(String, Secret)>, Wrong> {
    let mut headers: Vec<(String, Secret)> = Vec::new();
    for key in section.names() {
        let name = key.to_ascii_lowercase();
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_plain) {
            return Err(section.wrong(&key, "is no name of a header"));
        }
        if TAKEN.contains(&name.as_str()) || name.starts_with("x-centime-") {
            let what = "cannot be set: the connection, the client or `api_key` says it";
            return Err(section.wrong(&key, what));
        }
        if headers.iter().any(|(other, _)| *other == name) {
            return Err(section.wrong(&key, "is there twice"));
        }
        if let Some(value) = section.optional_unlisted(&key)? {
            headers.push((name, value));
        }
    }
    Ok(headers)
}

/// A known provider of the file without an address: where it is depends on the customer.
fn nowhere(table: &Section<'_>, name: &str, known: &Known) -> Wrong {
    let region = known.base_url.and_then(|url| url.split_once('{')?.1.split_once('}'));
    let mut variables: Vec<_> = region.iter().map(|(name, _)| format!("`{name}`")).collect();
    variables
        .extend(known.base_url_variables.iter().map(|variable| format!("`{}`", variable.name)));
    let what = format!(
        "has no address of its own; set `base_url`, or the environment variable {}",
        variables.join(" or ")
    );
    table.wrong(name, &what)
}

/// A provider of the file that is not known and does not say enough of itself.
fn unknown(table: &Section<'_>, name: &str) -> Wrong {
    let distance = |known: &Known| strsim::osa_distance(name, known.name);
    let by_other_name =
        known::all().iter().find(|known| centime_prices::header_of(known.name).is_named(name));
    let near = by_other_name.or_else(|| known::all().iter().min_by_key(|known| distance(known)));
    let near = near.filter(|known| by_other_name.is_some() || distance(known) <= 2);
    let mean =
        near.map_or_else(String::new, |known| format!("did you mean `{}`? or else ", known.name));
    let what = format!("is no known provider; {mean}say its `wire` and its `base_url`");
    table.wrong(name, &what)
}
