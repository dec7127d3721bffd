//! What the name of a column says about what it holds.

use centime_providers::event::is_field;

/// A name in one form: `PromptTokens`, `prompt-tokens` and `Prompt Tokens` are `prompt_tokens`.
pub(super) fn normal(name: &str) -> String {
    let mut normal = String::with_capacity(name.len() + 4);
    let mut before = ' ';
    for char in name.chars() {
        let is_hump = char.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit());
        if (is_hump || !char.is_alphanumeric()) && !normal.is_empty() && !normal.ends_with('_') {
            normal.push('_');
        }
        if char.is_alphanumeric() {
            normal.extend(char.to_lowercase());
        }
        before = char;
    }
    normal.truncate(normal.trim_end_matches('_').len());
    normal
}

/// Other names of fields, which mean one thing wherever they stand.
const ALIASES: &[(&str, &[&str])] = &[
    ("input", &["input_tokens", "prompt_tokens"]),
    ("output", &["output_tokens", "completion_tokens"]),
    (
        "cache_read",
        &["cached_tokens", "cache_read_tokens", "cached_input_tokens", "cache_read_input_tokens"],
    ),
    ("reasoning", &["reasoning_tokens"]),
    ("at", &["timestamp", "created_at", "time"]),
    ("user", &["user_id"]),
    ("reported_cost", &["cost_usd", "cost"]),
];

/// The field that a normal name is another name of.
pub(super) fn alias(name: &str) -> Option<String> {
    if is_field(name) {
        return Some(name.to_owned());
    }
    let alias = ALIASES.iter().find(|(_, names)| names.contains(&name));
    alias.map(|(field, _)| (*field).to_owned())
}

/// What a column seems to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Likeness {
    /// The field that it is most likely.
    pub(super) field: Option<&'static str>,
    /// Whether it is a part of the usage.
    pub(super) is_usage: bool,
}

/// Whether a column holds all tokens, which others tell apart.
pub(super) fn is_sum(name: &str) -> bool {
    let is_of_it =
        |word| matches!(word, "total" | "all" | "token" | "tokens" | "count" | "used" | "usage");
    name.split('_').all(is_of_it)
}

/// What a column seems to hold that has the name of no field; `None` where it says nothing of a
/// call's usage, cost, model, time or user.
pub(super) fn likeness(name: &str) -> Option<Likeness> {
    let words: Vec<&str> = name.split('_').collect();
    let has = |any: &[&str]| words.iter().any(|word| any.contains(word));
    let usage = |field| Some(Likeness { field, is_usage: true });
    let fact = |field| Some(Likeness { field: Some(field), is_usage: false });
    let is_cache = has(&["cache", "cached"]);
    // Limits and speeds are told in tokens too.
    let is_amount = !has(&["max", "limit", "per", "price", "rate", "id", "type", "key"]);
    if has(&["token", "tokens", "tok", "toks"]) && is_amount
        || is_cache && has(&["read", "write", "creation", "input", "prompt"]) && is_amount
    {
        return usage(token_meter(&has));
    }
    if has(&["cost", "costs", "usd", "dollars", "spend", "spent"]) {
        let is_other = has(&["center", "centre", "code", "eur", "gbp", "cny", "jpy", "inr", "id"]);
        return if is_other { None } else { fact("reported_cost") };
    }
    if has(&["timestamp", "datetime", "date", "time", "created", "when"]) {
        let is_span =
            has(&["ms", "us", "s", "sec", "secs", "seconds", "zone", "to", "response", "elapsed"]);
        return if is_span { None } else { fact("at") };
    }
    if has(&["user", "username", "userid"]) && !has(&["agent", "prompt"]) {
        return fact("user");
    }
    if has(&["model"]) && !has(&["provider", "version"]) {
        return fact("model");
    }
    misspelt(name)
}

fn token_meter(has: &dyn Fn(&[&str]) -> bool) -> Option<&'static str> {
    let is_output = has(&["output", "completion", "generated", "response", "candidates", "out"]);
    let is_input = has(&["input", "prompt", "context", "request", "in"]);
    Some(match () {
        () if has(&["cache", "cached"]) && has(&["write", "creation", "create"]) => {
            "cache_write_5m"
        }
        () if has(&["cache", "cached"]) => "cache_read",
        () if has(&["reasoning", "thinking", "thoughts"]) => "reasoning",
        () if has(&["audio"]) => {
            if is_output {
                "output_audio"
            } else {
                "input_audio"
            }
        }
        () if has(&["image"]) => {
            if is_output {
                "output_image"
            } else {
                "input_image"
            }
        }
        () if is_output => "output",
        () if is_input => "input",
        () => return None,
    })
}

/// The names that are long enough to be told from a slip of the hand.
const OFTEN_MISSPELT: &[(&str, bool)] = &[
    ("input", true),
    ("output", true),
    ("cache_read", true),
    ("reasoning", true),
    ("model", false),
    ("reported_cost", false),
];

fn misspelt(name: &str) -> Option<Likeness> {
    let near = OFTEN_MISSPELT.iter().find(|(known, _)| strsim::osa_distance(name, known) == 1);
    near.map(|&(field, is_usage)| Likeness { field: Some(field), is_usage })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_form() {
        for (name, expected) in [
            ("PromptTokens", "prompt_tokens"),
            ("TIMESTAMP", "timestamp"),
            ("Cost (USD)", "cost_usd"),
            ("userId", "user_id"),
            ("cache-read  tokens ", "cache_read_tokens"),
            ("__x", "x"),
            ("", ""),
        ] {
            assert_eq!(normal(name), expected);
        }
    }

    #[test]
    fn names_say_what_they_hold() {
        for (name, expected) in [
            ("generated_tokens", Some((Some("output"), true))),
            ("context_tokens", Some((Some("input"), true))),
            ("cache_creation_input_tokens", Some((Some("cache_write_5m"), true))),
            ("prompt_cached_tokens", Some((Some("cache_read"), true))),
            ("thinking_tokens", Some((Some("reasoning"), true))),
            ("audio_tokens", Some((Some("input_audio"), true))),
            ("tokens", Some((None, true))),
            ("ouput", Some((Some("output"), true))),
            ("total_cost", Some((Some("reported_cost"), false))),
            ("start_time", Some((Some("at"), false))),
            ("user_name", Some((Some("user"), false))),
            ("model_name", Some((Some("model"), false))),
            ("max_tokens", None),
            ("tokens_per_second", None),
            ("cost_center", None),
            ("cost_eur", None),
            ("response_time_ms", None),
            ("user_agent", None),
            ("cache_hit", None),
            ("prompt", None),
            ("colour", None),
        ] {
            let found = likeness(name).map(|it| (it.field, it.is_usage));
            assert_eq!(found, expected, "{name}");
        }
    }
}
