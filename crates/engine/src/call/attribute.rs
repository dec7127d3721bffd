//! Attribute: who and what a call is for.

use std::collections::BTreeMap;

use centime_core::attribution::Attribution;
use centime_core::key::Key;
use centime_providers::json;
use http::HeaderMap;

use super::refusal::Refusal;

/// Reads the attribution of a call: what its key is bound to, else its headers, else its body's own
/// `user`. `label` is what the key is called.
///
/// # Errors
/// When a header cannot be read or says more than is kept.
pub(super) fn attribute(
    headers: &HeaderMap,
    label: &str,
    key: Option<&Key>,
    user_in_body: Option<&str>,
) -> Result<Attribution, Refusal> {
    let text = |name: &'static str| -> Result<Option<String>, Refusal> {
        let Some(value) = headers.get(name) else { return Ok(None) };
        let text = std::str::from_utf8(value.as_bytes())
            .map_err(|_| Refusal::bad_request(format!("`{name}` is not UTF-8")))?
            .trim();
        if text.bytes().any(|byte| byte.is_ascii_control()) {
            return Err(Refusal::bad_request(format!("`{name}` has control characters in it")));
        }
        Ok((!text.is_empty()).then(|| text.to_owned()))
    };
    let bound = |field: fn(&Key) -> &Option<String>| key.and_then(|key| field(key).clone());
    let (user, team) = (text("x-centime-user")?, text("x-centime-team")?);
    let project = text("x-centime-project")?;
    let mut attribution = Attribution {
        key: Some(label.to_owned()),
        user: bound(|key| &key.user).or(user).or_else(|| user_in_body.map(str::to_owned)),
        team: bound(|key| &key.team).or(team),
        project: bound(|key| &key.project).or(project),
        session: text("x-centime-session")?,
        tags: match text("x-centime-tags")? {
            Some(list) => tags(&list)?,
            None => BTreeMap::new(),
        },
        metadata: match text("x-centime-metadata")? {
            Some(object) => Some(metadata(object)?),
            None => None,
        },
    };
    if let Some(key) = key {
        attribution.tags.extend(key.tags.clone());
    }
    attribution.check().map_err(|error| Refusal::bad_request(error.to_string()))?;
    if attribution.user.as_deref().is_some_and(|user| user.contains('\0')) {
        return Err(Refusal::bad_request("`user` has a NUL character, which no ledger keeps"));
    }
    Ok(attribution)
}

/// `app=bot,env=prod`.
fn tags(list: &str) -> Result<BTreeMap<String, String>, Refusal> {
    let mut tags = BTreeMap::new();
    for tag in list.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
        let Some((name, value)) = tag.split_once('=') else {
            return Err(Refusal::bad_request(format!(
                "`x-centime-tags`: `{tag}` is no tag; write them as `app=bot,env=prod`"
            )));
        };
        if tags.insert(name.trim().to_owned(), value.trim().to_owned()).is_some() {
            let name = name.trim();
            return Err(Refusal::bad_request(format!("`x-centime-tags` has `{name}` twice")));
        }
    }
    Ok(tags)
}

/// A JSON object, kept as it was sent.
fn metadata(object: String) -> Result<String, Refusal> {
    match json::parse(&object) {
        Ok(json::Value::Object(_)) => Ok(object),
        Ok(other) => Err(Refusal::bad_request(format!(
            "`x-centime-metadata` must be a JSON object, and is {}",
            other.kind()
        ))),
        Err(error) => Err(Refusal::bad_request(format!("`x-centime-metadata`: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn headers_go_before_the_body_and_the_key_is_its_own() {
        let sent = headers(&[
            ("x-centime-user", "alice"),
            ("x-centime-team", " search "),
            ("x-centime-tags", "app=bot, env=prod=eu,"),
            ("x-centime-metadata", r#"{"a": 1}"#),
        ]);
        let read = attribute(&sent, "k1", None, Some("bob")).unwrap();
        assert_eq!(read.user.as_deref(), Some("alice"));
        assert_eq!(read.team.as_deref(), Some("search"));
        assert_eq!(read.key.as_deref(), Some("k1"));
        assert_eq!(read.tags["app"], "bot");
        assert_eq!(read.tags["env"], "prod=eu");
        assert_eq!(read.metadata.as_deref(), Some(r#"{"a": 1}"#));
        let read = attribute(&HeaderMap::new(), "k1", None, Some("bob")).unwrap();
        assert_eq!(read.user.as_deref(), Some("bob"));
    }

    #[test]
    fn what_a_key_is_bound_to_goes_before_everything() {
        let sent = headers(&[
            ("x-centime-user", "mallory"),
            ("x-centime-team", "other"),
            ("x-centime-project", "p"),
            ("x-centime-tags", "app=other,env=prod"),
        ]);
        let key = Key {
            user: Some("alice".to_owned()),
            team: Some("search".to_owned()),
            tags: [("app".to_owned(), "bot".to_owned())].into(),
            ..Key::new("ck-1", centime_core::time::Timestamp::from_micros(0))
        };
        let read = attribute(&sent, "k1", Some(&key), Some("bob")).unwrap();
        assert_eq!(read.user.as_deref(), Some("alice"));
        assert_eq!(read.team.as_deref(), Some("search"));
        assert_eq!(read.project.as_deref(), Some("p"));
        assert_eq!((read.tags["app"].as_str(), read.tags["env"].as_str()), ("bot", "prod"));
    }

    #[test]
    fn what_cannot_be_kept_is_refused_by_name() {
        let many: String = (0..17).map(|index| format!("t{index}=x,")).collect();
        let long = "x".repeat(129);
        let deep = format!("{{\"a\":\"{}\"}}", "x".repeat(4100));
        for (name, value, word) in [
            ("x-centime-tags", many.as_str(), "17 tags"),
            ("x-centime-tags", "app", "write them as"),
            ("x-centime-tags", "a=1,a=2", "twice"),
            ("x-centime-user", &long, "129 bytes"),
            ("x-centime-metadata", "[1]", "JSON object"),
            ("x-centime-metadata", "{", "x-centime-metadata"),
            ("x-centime-metadata", &deep, "metadata"),
        ] {
            let error = attribute(&headers(&[(name, value)]), "k1", None, None).unwrap_err();
            assert_eq!(error.code.status(), 400);
            assert!(error.message.contains(word), "{name}: {error}");
        }
    }
}
