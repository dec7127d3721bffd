//! The fuzz targets: what must hold for any input whatever, as functions of bytes.
//!
//! `cargo xtask fuzz` runs them under libFuzzer, which looks for bytes that break them; the tests of
//! this crate run them over the seeds and over what was once found, on every run of all tests.

#![allow(clippy::panic, reason = "a target stops where something does not hold")]

mod shape;

mod framing;
mod journal;
mod parsers;
mod prices;
mod readers;
mod texts;
mod tokens;
mod wire;

/// Something to fuzz.
pub struct Target {
    /// Its name: `cargo xtask fuzz NAME`.
    pub name: &'static str,
    /// Does it once; stops where something does not hold.
    pub run: fn(&[u8]),
}

/// Every target. Each has a folder of its name in `fuzz/seeds`, by which `cargo xtask fuzz` knows it.
pub const TARGETS: &[Target] = &[
    Target { name: "openai_chat", run: readers::openai_chat },
    Target { name: "openai_responses", run: readers::openai_responses },
    Target { name: "anthropic_messages", run: readers::anthropic_messages },
    Target { name: "gemini", run: readers::gemini },
    Target { name: "gemini_interactions", run: readers::gemini_interactions },
    Target { name: "bedrock", run: readers::bedrock },
    Target { name: "cohere", run: readers::cohere },
    Target { name: "other_readers", run: readers::others },
    Target { name: "answer", run: texts::answer },
    Target { name: "event", run: texts::event },
    Target { name: "row", run: texts::row },
    Target { name: "price_map", run: prices::foreign },
    Target { name: "price_file", run: prices::own },
    Target { name: "decimals", run: parsers::decimals },
    Target { name: "charges", run: parsers::charges },
    Target { name: "times", run: parsers::times },
    Target { name: "tokens", run: tokens::count },
    Target { name: "framing", run: framing::watched },
    Target { name: "stream", run: wire::stream },
    Target { name: "asked", run: wire::asked },
    Target { name: "form", run: wire::form },
    Target { name: "skimmed", run: wire::skimmed },
    Target { name: "journal", run: journal::records },
];
