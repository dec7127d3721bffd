//! What is said of a name that means no model.

use centime_core::price::{ModelRef, PriceBook, Unresolved};

/// Why a name means no model, the names that are like it, and how to give it a price.
pub(crate) fn unresolved(book: &PriceBook, model: &str, error: &Unresolved) -> String {
    let mut message = error.to_string();
    if let Unresolved::Unknown { .. } = error {
        let near = book.near(ModelRef { provider: None, model });
        if !near.is_empty() {
            let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
            message.push_str(&format!("\n  near it are {}", near.join(", ")));
        }
        message.push_str(
            "\n  to price it, put its rates into a file and name that with `--prices FILE`:\n\
             \x20   provider NAME\n\n\
             \x20   model MODEL chat\n\
             \x20    from 2026-01-01 exact me\n\
             \x20     input 0.10/1M\n\
             \x20     output 0.20/1M",
        );
    }
    message
}
