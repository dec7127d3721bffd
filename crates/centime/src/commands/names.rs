//! What is said of a name that means no model.

use centime_core::price::{ModelRef, PriceBook, Unresolved};

use crate::output;

/// Why a name means no model, the names that are like it, and how to give it a price.
pub(crate) fn unresolved(book: &PriceBook, model: &str, error: &Unresolved) -> String {
    let mut message = error.to_string();
    if let Unresolved::Unknown { .. } = error {
        let near = near(book, model);
        if !near.is_empty() {
            message.push_str(&format!("\n  near it are {}", near.join(", ")));
        }
        message.push_str(
            "\n  to price it, set its rates: \
             `centime prices set PROVIDER/MODEL input=0.10 output=0.20 --per 1M`,\n\
             \x20 or put them into a file and name that with `--prices FILE`:\n\
             \x20   provider NAME\n\n\
             \x20   model MODEL chat\n\
             \x20    from 2026-01-01 exact me\n\
             \x20     input 0.10/1M\n\
             \x20     output 0.20/1M",
        );
    }
    message
}

/// Says how what has no price gets one.
pub(crate) fn hint_at_repricing() {
    output::hint(
        "to price them, `centime prices set MODEL METER=RATE… --per 1M`, then `centime reprice`",
    );
}

/// The names that are like one, as they are said.
pub(crate) fn near(book: &PriceBook, model: &str) -> Vec<String> {
    let near = book.near(ModelRef { provider: None, model });
    near.iter().map(|name| format!("`{name}`")).collect()
}
