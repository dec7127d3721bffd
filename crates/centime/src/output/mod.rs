//! How answers look: tables for people, JSON and CSV for programs. Data goes to standard output,
//! words to standard error.

mod json;
mod money;
mod table;

pub(crate) use json::{Decimal, escape, print_json};
pub(crate) use money::{count, dollars};
pub(crate) use table::{Align, Table};

/// Says something that is not data and no error.
pub(crate) fn note(text: &str) {
    let style = anstyle::AnsiColor::Yellow.on_default();
    anstream::eprintln!("{style}note:{style:#} {text}");
}

/// Says what to do about something.
pub(crate) fn hint(text: &str) {
    let style = anstyle::AnsiColor::Cyan.on_default();
    anstream::eprintln!("{style}hint:{style:#} {text}");
}
