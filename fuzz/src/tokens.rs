//! Counting the tokens of any text.

use centime_tokens::Method;

use crate::shape::Bytes;

/// One model a family of counts.
const MODELS: &[(&str, &str)] = &[
    ("openai", "gpt-4o"),
    ("openai", "gpt-4"),
    ("anthropic", "claude-sonnet-4-5"),
    ("gemini", "gemini-2.5-pro"),
    ("mistral", "mistral-large-latest"),
];

/// No text has more tokens than bytes, and a count is the same each time.
pub(crate) fn count(bytes: &[u8]) {
    let mut bytes = Bytes::of(bytes);
    let Some((provider, model)) = bytes.pick(MODELS) else {
        return;
    };
    let Some(text) = bytes.text() else {
        return;
    };
    let count = centime_tokens::count(provider, model, text);
    let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
    assert!(count.tokens <= length, "{} tokens in {length} bytes: {text}", count.tokens);
    assert!(count.at_most() >= count.tokens, "{text}");
    assert_eq!(count.tokens > 0, !text.is_empty(), "{text}");
    if let Method::Exact { .. } = count.method {
        assert_eq!(count.at_most(), count.tokens, "{text}");
    }
    let again = centime_tokens::count(provider, model, text);
    assert_eq!(again.tokens, count.tokens, "{text}");
}
