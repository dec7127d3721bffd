//! Cells that a spreadsheet takes for what they are.
//!
//! A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula, and some look past a
//! tab or a line end, or take the wide forms of East Asian keyboards for the same. Names, tags and
//! metadata come from anybody, so a foreign text that begins like that gets an apostrophe before it,
//! which spreadsheets take for "this is text". A text that begins with an apostrophe gets one as well:
//! so the text is always what is left when one apostrophe is taken away.

use std::borrow::Cow;

/// Foreign text that no spreadsheet runs.
pub(crate) fn guarded(text: &str) -> Cow<'_, str> {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\'' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => {
            format!("'{text}").into()
        }
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_texts_and_can_be_had_back() {
        for (text, expected) in [
            ("", ""),
            ("gpt-5", "gpt-5"),
            ("ann@example.com", "ann@example.com"),
            ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
            ("+1+1", "'+1+1"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
        ] {
            let cell = guarded(text);
            assert_eq!(cell, expected);
            assert_eq!(cell.strip_prefix('\'').unwrap_or(&cell), text);
        }
    }
}
