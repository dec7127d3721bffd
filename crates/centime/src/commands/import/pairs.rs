//! `FIELD=VALUE` on the command line: several parted by commas, and values that hold commas.

use centime_providers::event::is_field;

use crate::failure::Failure;
use crate::output;

/// A field, and its value or its column.
pub(super) type Pair = (String, String);

/// The pairs of a flag, which may be repeated.
pub(super) fn pairs(flag: &str, texts: &[String]) -> Result<Vec<Pair>, Failure> {
    texts.iter().flat_map(|text| parted(text)).map(|text| pair(flag, text)).collect()
}

/// Parts a text where a comma and the name of a field follow; any other comma is the value's.
fn parted(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (comma, _) in text.match_indices(',') {
        if is_field(name_before_equals(&text[comma + 1..])) {
            parts.push(&text[start..comma]);
            start = comma + 1;
        }
    }
    parts.push(&text[start..]);
    parts
}

/// The name that a text sets; empty where it sets none.
fn name_before_equals(text: &str) -> &str {
    match text.split_once('=') {
        Some((name, _)) if !name.contains(',') => name.trim(),
        _ => "",
    }
}

fn pair(flag: &str, text: &str) -> Result<Pair, Failure> {
    let (field, value) = text.split_once('=').ok_or_else(|| {
        Failure::Usage(format!("{flag} `{text}`: write `FIELD=…`, several parted by commas"))
    })?;
    if let Some(name) = mistaken(value) {
        let field = field.trim();
        output::note(&format!("`{name}` is no field, so it is part of what `{field}` is set to"));
    }
    Ok((field.trim().to_owned(), value.to_owned()))
}

/// What looks like a field within a value and is none.
fn mistaken(value: &str) -> Option<&str> {
    let is_word = |name: &str| {
        !name.is_empty()
            && name.chars().all(|char| char.is_ascii_alphanumeric() || "_:.".contains(char))
    };
    let commas = value.match_indices(',');
    commas.map(|(comma, _)| name_before_equals(&value[comma + 1..])).find(|name| is_word(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_parts_only_before_a_field() {
        for (texts, expected) in [
            (&["user=ann,team=core"][..], &[("user", "ann"), ("team", "core")][..]),
            (&["user=ann", "team=core"], &[("user", "ann"), ("team", "core")]),
            (&["user=Doe, J"], &[("user", "Doe, J")]),
            (
                &[r#"metadata={"a":1,"b":2},model=m"#],
                &[("metadata", r#"{"a":1,"b":2}"#), ("model", "m")],
            ),
            (
                &["tag:app=a=b, tags.env=x,cache_read=7"],
                &[("tag:app", "a=b"), ("tags.env", "x"), ("cache_read", "7")],
            ),
            (&["at=When, UTC,input=In"], &[("at", "When, UTC"), ("input", "In")]),
            (&["user=a,b=c"], &[("user", "a,b=c")]),
            (&["user=a,"], &[("user", "a,")]),
        ] {
            let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
            let found = pairs("--set", &texts).unwrap();
            let found: Vec<_> =
                found.iter().map(|(field, value)| (field.as_str(), value.as_str())).collect();
            assert_eq!(found, expected);
        }
        assert!(pairs("--set", &["user".to_owned()]).is_err());
        assert_eq!(mistaken("ann,tema=core"), Some("tema"));
        assert_eq!(mistaken(r#"{"a":1,"b":"x=1"}"#), None);
    }
}
