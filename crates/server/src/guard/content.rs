//! What a body may be: nothing that a page can send to others without asking first.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

use super::Refusal;

/// JSON in lines has several names, and no official one.
const JSON_LINES: &[&str] = &[
    "application/jsonl",
    "application/jsonlines",
    "application/x-jsonlines",
    "application/x-ndjson",
];

/// Where traces come in, which have a binary form too.
const TRACES_PATH: &str = "/v1/traces";

/// Whether a body says that it is JSON or has several parts.
pub(super) fn check(headers: &HeaderMap, path: &str) -> Result<(), Refusal> {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (first, second) = (values.next(), values.next());
    let value = first.filter(|_| second.is_none()).and_then(|value| value.to_str().ok());
    let is_allowed = value.is_some_and(|value| {
        let kind = value.split(';').next().unwrap_or_default().trim();
        is_allowed(kind)
            || path == TRACES_PATH && kind.eq_ignore_ascii_case("application/x-protobuf")
    });
    if is_allowed { Ok(()) } else { Err(Refusal::ContentType) }
}

fn is_allowed(kind: &str) -> bool {
    let Some((family, name)) = kind.split_once('/') else { return false };
    let ends_in_json =
        name.len() > 5 && name.as_bytes()[name.len() - 5..].eq_ignore_ascii_case(b"+json");
    let is_json = name.eq_ignore_ascii_case("json") || ends_in_json;
    family.eq_ignore_ascii_case("application") && is_json
        || family.eq_ignore_ascii_case("multipart")
        || JSON_LINES.iter().any(|known| kind.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_json_or_has_parts() {
        let checked = |kinds: &[&str], path| {
            let mut headers = HeaderMap::new();
            for kind in kinds {
                headers.append(CONTENT_TYPE, kind.parse().unwrap());
            }
            check(&headers, path).is_ok()
        };
        for (kinds, expected) in [
            (&["application/json"][..], true),
            (&["Application/JSON; charset=utf-8"], true),
            (&["application/json;charset=utf-8"], true),
            (&["application/merge-patch+json"], true),
            (&["application/x-ndjson"], true),
            (&["application/jsonl"], true),
            (&["multipart/form-data; boundary=x"], true),
            (&[], false),
            (&[""], false),
            (&["json"], false),
            (&["text/plain"], false),
            (&["text/plain; application/json"], false),
            (&["text/plain, application/json"], false),
            (&["application/x-www-form-urlencoded"], false),
            (&["application/jsonx"], false),
            (&["application/x-protobuf"], false),
            (&["application/json", "text/plain"], false),
        ] {
            assert_eq!(checked(kinds, "/v1/x"), expected, "{kinds:?}");
        }
        assert!(checked(&["application/x-protobuf"], "/v1/traces"));
    }
}
