//! Names come from anybody: what would steer the terminal is shown instead of done.

use std::borrow::Cow;

/// Stands where a character was that must not reach a terminal.
const SHOWN: char = '\u{fffd}';

/// Foreign text that stays on its line and steers nothing.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    replaced(text, steers)
}

/// A text of several lines that steers nothing.
pub(crate) fn visible_lines(text: &str) -> Cow<'_, str> {
    replaced(text, |char| char != '\n' && steers(char))
}

fn replaced(text: &str, is_bad: fn(char) -> bool) -> Cow<'_, str> {
    if text.contains(is_bad) {
        text.replace(is_bad, SHOWN.encode_utf8(&mut [0; 4])).into()
    } else {
        text.into()
    }
}

/// Whether a character moves the cursor, changes colours, or turns the direction of what follows.
fn steers(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_steer_a_terminal_is_shown() {
        for (text, expected, lines) in [
            ("gpt-5 für 日本", "gpt-5 für 日本", "gpt-5 für 日本"),
            ("a\x1b[2Jb", "a\u{fffd}[2Jb", "a\u{fffd}[2Jb"),
            ("a\r\nb\tc", "a\u{fffd}\u{fffd}b\u{fffd}c", "a\u{fffd}\nb\u{fffd}c"),
            ("\u{9b}1m\u{7f}", "\u{fffd}1m\u{fffd}", "\u{fffd}1m\u{fffd}"),
            ("x\u{202e}y", "x\u{fffd}y", "x\u{fffd}y"),
        ] {
            assert_eq!(visible(text), expected);
            assert_eq!(visible_lines(text), lines);
        }
    }
}
