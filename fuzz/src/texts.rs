//! Whole answers, usage events and rows of tables, as anybody may send them.

use centime_providers::event::{
    Constants, Event, event_from_fields, read_event, read_unmarked_event,
};
use centime_providers::{json, read_answer, read_usage};
use jiff::tz::TimeZone;
use serde_json::value::RawValue;

use crate::readers::check_usage;

pub(crate) fn answer(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let is_json = serde_json::from_str::<&RawValue>(text).is_ok();
    match json::parse(text) {
        Ok(value) => walk(value, text),
        Err(error) => {
            // The established reader does not look into escapes that it keeps, nor at the depth.
            let is_lax = text.contains("\\u") || error.to_string().starts_with("nested");
            assert!(!is_json || is_lax, "{error}: {text}");
        }
    }
    let metered = read_answer(text);
    assert_eq!(metered, read_answer(text), "{text}");
    if let Ok(metered) = metered {
        assert!(is_json, "{text}");
        check_usage(&metered.usage, text);
    }
    let _ = read_usage(text);
}

/// Every value of a checked text can be walked, and is itself a checked text.
fn walk(value: json::Value<'_>, text: &str) {
    match value {
        json::Value::Object(object) => {
            assert!(json::parse(object.text()).is_ok(), "{text}");
            for (_, value) in object.members() {
                walk(value, text);
            }
        }
        json::Value::Array(array) => {
            assert!(json::parse(array.text()).is_ok(), "{text}");
            array.items().for_each(|item| walk(item, text));
        }
        _ => {}
    }
}

pub(crate) fn event(bytes: &[u8]) {
    let Ok(line) = std::str::from_utf8(bytes) else {
        return;
    };
    let constants = Constants::default();
    let event = read_event(line, &constants, &TimeZone::UTC);
    let framed = read_event(&format!("\t{line} "), &constants, &TimeZone::UTC);
    assert_eq!(event.as_ref().ok(), framed.as_ref().ok(), "{line}");
    let unmarked = read_unmarked_event(line, &constants, &TimeZone::UTC);
    assert_eq!(event.clone().map(|event| Event { content: 0, ..event }), unmarked, "{line}");
    if let Ok(event) = event {
        check(&event, line);
    }
}

/// Rows are lines of `FIELD=VALUE`; the order of the columns does not matter.
pub(crate) fn row(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let fields: Vec<(&str, &str)> =
        text.lines().filter_map(|line| line.split_once('=')).take(64).collect();
    let constants = Constants::default();
    let event = event_from_fields(fields.iter().copied(), &constants, &TimeZone::UTC);
    let turned = event_from_fields(fields.iter().rev().copied(), &constants, &TimeZone::UTC);
    assert_eq!(event.as_ref().ok(), turned.as_ref().ok(), "{text}");
    if let Ok(event) = event {
        check(&event, text);
    }
}

fn check(event: &Event, text: &str) {
    check_usage(&event.usage, text);
    assert!(!event.model.is_empty(), "{text}");
    assert!(event.requests > 0, "{text}");
    assert!(event.reported_cost.is_none_or(|cost| cost.pico() >= 0), "{text}");
}
