//! How answers look: tables for people, JSON and CSV for programs. Data goes to standard output,
//! words to standard error.

mod ask;
mod blocks;
mod json;
mod money;
mod progress;
mod table;
mod visible;

use std::fmt::Display;
use std::io::{IsTerminal, Write};

use crate::failure::Outcome;

pub(crate) use centime_answers::{Decimal, Value};

pub(crate) use ask::Consent;
pub(crate) use blocks::{columns, percent};
pub(crate) use json::{print_json, push_text};
pub(crate) use money::{cost, count, counted, dollars};
pub(crate) use progress::Progress;
pub(crate) use table::{Align, Table};
pub(crate) use visible::{visible, visible_lines};

/// How many characters the screen is wide; `None` where there is none.
pub(crate) fn screen_width() -> Option<usize> {
    let is_screen = std::io::stdout().is_terminal();
    is_screen.then(|| comfy_table::Table::new().width().map_or(80, usize::from))
}

/// Prints a line of an answer for people. What is foreign in it must be [`visible`].
pub(crate) fn print_line(text: impl Display) -> Outcome {
    Ok(writeln!(anstream::stdout(), "{text}")?)
}

/// Prints a text, its styles only where there is a terminal to show them.
pub(crate) fn print_text(text: &str) -> Outcome {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Says a line on standard error. Where nobody can be told, the exit code still tells. What is
/// foreign in it must be [`visible`].
pub(crate) fn say(text: impl Display) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Says something that is not data and no error.
pub(crate) fn note(text: &str) {
    let style = anstyle::AnsiColor::Yellow.on_default();
    say(format_args!("{style}note:{style:#} {}", visible(text)));
}

/// Says what to do about something.
pub(crate) fn hint(text: &str) {
    let style = anstyle::AnsiColor::Cyan.on_default();
    say(format_args!("{style}hint:{style:#} {}", visible(text)));
}
