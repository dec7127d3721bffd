//! What stands around the ledger: the prices, and the keys of providers.

use centime_core::time::Timestamp;

use super::{Check, words};
use crate::app::{App, embedded_book};

/// Prices change every few weeks; beyond this many days some will have.
const AGE_US_MAX: i64 = 60 * 86_400 * 1_000_000;

/// What providers' own SDKs read their keys from.
const KEYS: [&str; 16] = [
    "ANTHROPIC_API_KEY",
    "AWS_ACCESS_KEY_ID",
    "AZURE_OPENAI_API_KEY",
    "CEREBRAS_API_KEY",
    "COHERE_API_KEY",
    "DEEPSEEK_API_KEY",
    "FIREWORKS_API_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "GROQ_API_KEY",
    "MISTRAL_API_KEY",
    "OPENAI_API_KEY",
    "OPENROUTER_API_KEY",
    "PERPLEXITY_API_KEY",
    "TOGETHER_API_KEY",
    "XAI_API_KEY",
];

/// Whether there is a price book, and how old it is.
pub(super) fn prices(app: &App) -> Check {
    const NAME: &str = "prices";
    let book = match app.price_book() {
        Ok(book) => book,
        Err(failure) => {
            let remedy = "`centime verify` names what is damaged, or leave `--prices` out";
            return Check::fail(NAME, failure.message(), remedy);
        }
    };
    let version = book.version();
    let found = format!("version {version}");
    if app.prices.is_some() {
        return Check::ok(NAME, format!("{found}, of the file that `--prices` names, alone"));
    }
    let made_at = updated_at(app).max(date_of(version));
    match made_at.map(|made_at| app.now.micros().saturating_sub(made_at.micros())) {
        Some(age_us) if age_us > AGE_US_MAX => {
            let found = format!("{found}, {} old", words::span(age_us));
            Check::warn(NAME, found, "`centime prices update` gets what changed since")
        }
        _ => Check::ok(NAME, found),
    }
}

/// When the public price lists were last asked for.
fn updated_at(app: &App) -> Option<Timestamp> {
    let revisions = app.price_revisions().ok()?;
    let updates = revisions.iter().filter(|kept| kept.origin.starts_with("prices update"));
    updates.map(|kept| kept.made_at).max()
}

/// The day that the prices of the program were made.
pub(super) fn embedded_date() -> Option<Timestamp> {
    date_of(embedded_book().ok()?.version())
}

/// A version begins with its date: `2026-11-20.1`.
fn date_of(version: &str) -> Option<Timestamp> {
    version.get(..10)?.parse().ok()
}

/// Which providers' keys there are: their names, never what they hold.
pub(super) fn keys() -> Check {
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|key| !key.is_empty());
    let names: Vec<&str> = KEYS.into_iter().filter(is_set).collect();
    let found = match names.as_slice() {
        [] => "none of a provider that is known; imports and reports need none".to_owned(),
        names => format!("{} (values are not read)", names.join(", ")),
    };
    Check::ok("keys", found)
}
