//! Prices that are well known, at dates when they held: what anybody can look up, the book must say.

use centime_core::meter::Meter;
use centime_core::money::Rate;
use centime_core::price::{Circumstances, ModelRef, Options, ServiceTier};
use centime_core::time::Timestamp;

/// Where the figures are published.
const OPENAI: &str = "https://openai.com/api/pricing/";
const OPENAI_2023: &str =
    "https://openai.com/index/new-models-and-developer-products-announced-at-devday/";
const OPENAI_EMBEDDINGS: &str = "https://openai.com/index/new-embedding-models-and-api-updates/";
const ANTHROPIC: &str = "https://www.anthropic.com/pricing#api";
const GEMINI: &str = "https://ai.google.dev/gemini-api/docs/pricing";
const DEEPSEEK: &str = "https://api-docs.deepseek.com/quick_start/pricing";
const MISTRAL: &str = "https://mistral.ai/pricing";
const XAI: &str = "https://docs.x.ai/docs/models";
const COHERE: &str = "https://cohere.com/pricing";
const GROQ: &str = "https://groq.com/pricing";

/// Model, date, US dollars per million input and output tokens, source.
const PRICES: &[(&str, &str, &str, Option<&str>, &str)] = &[
    ("gpt-4", "2023-04-01", "30", Some("60"), OPENAI_2023),
    ("gpt-4", "2026-01-01", "30", Some("60"), OPENAI),
    ("gpt-4-0613", "2024-01-01", "30", Some("60"), OPENAI_2023),
    ("gpt-4-32k", "2023-12-01", "60", Some("120"), OPENAI_2023),
    ("gpt-4-1106-preview", "2023-12-01", "10", Some("30"), OPENAI_2023),
    ("gpt-4-turbo", "2023-12-01", "10", Some("30"), OPENAI_2023),
    ("gpt-4-turbo-2024-04-09", "2024-07-01", "10", Some("30"), OPENAI),
    ("gpt-3.5-turbo", "2023-04-01", "2", Some("2"), OPENAI_2023),
    ("gpt-3.5-turbo", "2023-12-01", "1.5", Some("2"), OPENAI_2023),
    ("gpt-3.5-turbo", "2024-01-25", "0.5", Some("1.5"), OPENAI_EMBEDDINGS),
    ("gpt-3.5-turbo-0125", "2024-07-01", "0.5", Some("1.5"), OPENAI_EMBEDDINGS),
    ("gpt-4o", "2024-05-20", "5", Some("15"), OPENAI),
    ("gpt-4o", "2024-10-01", "5", Some("15"), OPENAI),
    ("gpt-4o", "2024-10-02", "2.5", Some("10"), OPENAI),
    ("gpt-4o-2024-08-06", "2024-12-15", "2.5", Some("10"), OPENAI),
    ("gpt-4o-2024-05-13", "2025-01-15", "5", Some("15"), OPENAI),
    ("gpt-4o-mini", "2024-08-01", "0.15", Some("0.6"), OPENAI),
    ("gpt-4o-mini", "2026-11-01", "0.15", Some("0.6"), OPENAI),
    ("gpt-4.1", "2025-06-01", "2", Some("8"), OPENAI),
    ("gpt-4.1-mini", "2025-06-01", "0.4", Some("1.6"), OPENAI),
    ("gpt-4.1-nano", "2025-06-01", "0.1", Some("0.4"), OPENAI),
    ("gpt-4.5-preview", "2025-04-01", "75", Some("150"), OPENAI),
    ("o1", "2025-03-01", "15", Some("60"), OPENAI),
    ("o1-mini", "2024-12-01", "3", Some("12"), OPENAI),
    ("o1-mini", "2025-06-01", "1.1", Some("4.4"), OPENAI),
    ("o1-pro", "2025-05-01", "150", Some("600"), OPENAI),
    ("o3-mini", "2025-03-01", "1.1", Some("4.4"), OPENAI),
    ("o3", "2025-06-09", "10", Some("40"), OPENAI),
    ("o3", "2025-06-10", "2", Some("8"), OPENAI),
    ("o3-pro", "2025-08-01", "20", Some("80"), OPENAI),
    ("o4-mini", "2025-06-01", "1.1", Some("4.4"), OPENAI),
    ("gpt-5", "2025-09-15", "1.25", Some("10"), OPENAI),
    ("gpt-5-mini", "2025-09-15", "0.25", Some("2"), OPENAI),
    ("gpt-5-nano", "2025-09-15", "0.05", Some("0.4"), OPENAI),
    ("text-embedding-3-small", "2024-07-01", "0.02", None, OPENAI_EMBEDDINGS),
    ("text-embedding-3-large", "2024-07-01", "0.13", None, OPENAI_EMBEDDINGS),
    ("text-embedding-ada-002", "2024-07-01", "0.1", None, OPENAI_EMBEDDINGS),
    ("claude-2.1", "2024-01-01", "8", Some("24"), "https://www.anthropic.com/news/claude-2-1"),
    ("claude-instant-1.2", "2023-10-01", "1.63", Some("5.51"), ANTHROPIC),
    ("claude-instant-1.2", "2024-01-01", "0.8", Some("2.4"), ANTHROPIC),
    ("claude-3-opus", "2024-04-01", "15", Some("75"), ANTHROPIC),
    ("claude-3-sonnet", "2024-04-01", "3", Some("15"), ANTHROPIC),
    ("claude-3-haiku", "2024-04-01", "0.25", Some("1.25"), ANTHROPIC),
    ("claude-3-5-sonnet-20240620", "2024-08-01", "3", Some("15"), ANTHROPIC),
    ("claude-3-5-sonnet-20241022", "2024-12-15", "3", Some("15"), ANTHROPIC),
    ("claude-3-5-haiku-20241022", "2024-11-15", "1", Some("5"), ANTHROPIC),
    ("claude-3-5-haiku-20241022", "2025-02-01", "0.8", Some("4"), ANTHROPIC),
    ("claude-3-7-sonnet-20250219", "2025-04-01", "3", Some("15"), ANTHROPIC),
    ("claude-sonnet-4-20250514", "2025-07-01", "3", Some("15"), ANTHROPIC),
    ("claude-opus-4-20250514", "2025-07-01", "15", Some("75"), ANTHROPIC),
    ("claude-opus-4-1", "2025-09-15", "15", Some("75"), ANTHROPIC),
    ("claude-sonnet-4-5", "2025-11-15", "3", Some("15"), ANTHROPIC),
    ("claude-haiku-4-5", "2025-11-15", "1", Some("5"), ANTHROPIC),
    ("claude-opus-4-5", "2026-01-15", "5", Some("25"), ANTHROPIC),
    ("gemini-1.5-pro", "2024-06-01", "3.5", Some("10.5"), GEMINI),
    ("gemini-1.5-pro", "2024-11-01", "1.25", Some("5"), GEMINI),
    ("gemini-1.5-flash", "2024-07-15", "0.35", Some("1.05"), GEMINI),
    ("gemini-1.5-flash", "2024-09-01", "0.075", Some("0.3"), GEMINI),
    ("gemini-1.5-flash-8b", "2024-11-01", "0.0375", Some("0.15"), GEMINI),
    ("gemini-2.0-flash", "2025-04-01", "0.1", Some("0.4"), GEMINI),
    ("gemini-2.0-flash-lite", "2025-05-01", "0.075", Some("0.3"), GEMINI),
    ("gemini-2.5-pro", "2025-09-01", "1.25", Some("10"), GEMINI),
    ("gemini-2.5-flash", "2025-09-01", "0.3", Some("2.5"), GEMINI),
    ("gemini-2.5-flash-lite", "2025-10-15", "0.1", Some("0.4"), GEMINI),
    ("deepseek-chat", "2024-09-01", "0.14", Some("0.28"), DEEPSEEK),
    ("deepseek-chat", "2025-02-20T12:00:00Z", "0.27", Some("1.1"), DEEPSEEK),
    ("deepseek-chat", "2025-04-01T12:00:00Z", "0.27", Some("1.1"), DEEPSEEK),
    ("deepseek-chat", "2025-04-01T18:00:00Z", "0.135", Some("0.55"), DEEPSEEK),
    ("deepseek-chat", "2025-09-15", "0.56", Some("1.68"), DEEPSEEK),
    ("deepseek-chat", "2025-11-01", "0.28", Some("0.42"), DEEPSEEK),
    ("mistral-large-2407", "2024-12-01", "2", Some("6"), MISTRAL),
    ("grok-3", "2025-06-01", "3", Some("15"), XAI),
    ("grok-3-mini", "2025-06-01", "0.3", Some("0.5"), XAI),
    ("grok-4", "2025-09-01", "3", Some("15"), XAI),
    ("command-r-plus-08-2024", "2025-06-01", "2.5", Some("10"), COHERE),
    ("command-r-08-2024", "2025-06-01", "0.15", Some("0.6"), COHERE),
    ("groq/llama-3.3-70b-versatile", "2025-06-01", "0.59", Some("0.79"), GROQ),
    ("groq/llama-3.1-8b-instant", "2025-06-01", "0.05", Some("0.08"), GROQ),
];

#[test]
fn the_book_says_what_is_well_known() {
    let book = centime_prices::embedded().unwrap();
    let mut wrong = Vec::new();
    for &(model, at, input, output, source) in PRICES {
        let at: Timestamp = at.parse().unwrap();
        let found = book.resolve(ModelRef { provider: None, model }).unwrap().model;
        let (card, _) = found.card_at(at).unwrap();
        let tier = ServiceTier::Standard;
        let circumstances =
            Circumstances { tier, input_tokens: 1000, at, region: None, options: Options::none() };
        let rate = |meter| card.rate(meter, &circumstances).map(|found| found.rate);
        for (meter, expected) in [(Meter::Input, Some(input)), (Meter::Output, output)] {
            let Some(expected) = expected else { continue };
            let expected = Rate::per(expected, 1_000_000).unwrap();
            if rate(meter) != Some(expected) {
                let found = rate(meter).map(|rate| rate.to_string());
                wrong
                    .push(format!("{model} at {at}: {meter} {found:?}, not {expected} ({source})"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(PRICES.len() >= 60);
}
