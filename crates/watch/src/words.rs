//! Foreign names in messages: short, and without anything that a terminal or a channel would act on.

/// How many characters of a name are shown.
const NAME_CHARS_MAX: usize = 80;

/// A name as it may stand in a sentence.
pub(crate) fn shown(name: &str) -> String {
    clipped(name, NAME_CHARS_MAX)
}

/// Whether a name may stand in a command as it is.
pub(crate) fn is_plain(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:/@+".contains(&byte);
    !name.is_empty() && name.len() <= NAME_CHARS_MAX && name.bytes().all(is_plain)
}

/// A text of one line, cut where it is too long.
pub(crate) fn clipped(text: &str, chars_max: usize) -> String {
    let visible = |char: char| match char {
        // Marks that turn the direction of writing hide what is written.
        '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        char if char.is_control() => ' ',
        char => char,
    };
    let mut chars = text.chars();
    let mut shown: String = chars.by_ref().take(chars_max).map(visible).collect();
    if chars.next().is_some() {
        shown.pop();
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_short_and_plain() {
        for (name, expected) in
            [("gpt-5", "gpt-5"), ("a\nb\u{1b}[31m", "a b [31m"), ("\u{202e}abc", "\u{fffd}abc")]
        {
            assert_eq!(shown(name), expected);
        }
        let long = shown(&"é".repeat(1000));
        assert_eq!(long.chars().count(), NAME_CHARS_MAX);
        assert!(long.ends_with('…'));
    }
}
