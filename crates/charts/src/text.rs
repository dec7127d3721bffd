//! Texts of anybody, made to fit: cleaned, shortened in the middle, broken into lines.

use crate::fonts::{Fonts, Weight};

/// Stands where a character was that must not be in a picture.
const SHOWN: char = '\u{fffd}';
/// Stands where the middle of a text was.
const ELLIPSIS: char = '…';
/// The most characters of a text that are looked at: more never fit.
const CHARACTERS_MAX: usize = 400;

/// A text without what XML forbids and what would steer its surroundings: control characters and
/// marks that turn the direction of what follows; and no longer than anybody reads.
pub(crate) fn clean(text: &str) -> String {
    let clean = |character: char| if is_bad(character) { SHOWN } else { character };
    if text.chars().nth(CHARACTERS_MAX).is_none() {
        return text.chars().map(clean).collect();
    }
    let mut tail: Vec<char> = text.chars().rev().take(CHARACTERS_MAX / 2).collect();
    tail.reverse();
    let head = text.chars().take(CHARACTERS_MAX / 2);
    head.chain([ELLIPSIS]).chain(tail).map(clean).collect()
}

fn is_bad(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{fffe}' | '\u{ffff}')
}

/// The longest text no wider than `width` that has the beginning and the end of this one.
pub(crate) fn shortened(
    fonts: &Fonts,
    text: &str,
    size: f64,
    weight: Weight,
    width: f64,
) -> String {
    if fonts.width(text, size, weight) <= width {
        return text.to_owned();
    }
    let characters: Vec<(char, f64)> = text
        .chars()
        .map(|character| (character, size * fonts.advance(character, weight)))
        .collect();
    let mut room = width - size * fonts.advance(ELLIPSIS, weight);
    let (mut head, mut tail) = (0, characters.len());
    // From both ends by turns, so that what is left out is the middle.
    while head < tail {
        let takes_head = head <= characters.len() - tail;
        let next = if takes_head { head } else { tail - 1 };
        room -= characters[next].1;
        if room < 0.0 {
            break;
        }
        if takes_head {
            head += 1;
        } else {
            tail -= 1;
        }
    }
    // What has no width of its own, such as an accent, goes with the letter before it.
    let is_bare = |(_, advance): &&(char, f64)| *advance <= 0.0;
    head += characters[head..tail].iter().take_while(is_bare).count();
    tail += characters[tail..].iter().take_while(is_bare).count();
    let part =
        |part: &[(char, f64)]| part.iter().map(|(character, _)| *character).collect::<String>();
    format!("{}{ELLIPSIS}{}", part(&characters[..head]), part(&characters[tail..]))
}

/// The text in lines no wider than `width`, broken between words; a longer word is shortened.
pub(crate) fn lines(fonts: &Fonts, text: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let word = shortened(fonts, word, size, Weight::Regular, width);
        if let Some(line) = lines.last_mut() {
            let longer = format!("{line} {word}");
            if fonts.width(&longer, size, Weight::Regular) <= width {
                *line = longer;
                continue;
            }
        }
        lines.push(word);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_must_not_be_in_a_picture_is_shown() {
        for (text, expected) in [
            ("gpt-5 für 日本 עברית", "gpt-5 für 日本 עברית"),
            ("a\u{0}b\tc\nd\u{1b}[2J", "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}[2J"),
            ("x\u{202e}y\u{2066}z\u{ffff}", "x\u{fffd}y\u{fffd}z\u{fffd}"),
            ("<script>\"'&", "<script>\"'&"),
        ] {
            assert_eq!(clean(text), expected);
        }
        let long = clean(&("a".repeat(100_000) + &"z".repeat(100_000)));
        assert_eq!(long, "a".repeat(200) + "…" + &"z".repeat(200));
    }

    #[test]
    fn names_are_shortened_in_the_middle() {
        let fonts = Fonts::embedded();
        let short = |text: &str, width| shortened(&fonts, text, 10.0, Weight::Regular, width);
        assert_eq!(short("gpt-5", 100.0), "gpt-5");
        assert_eq!(short("iiiiiiiiiijjjjjjjjjj", 40.0), "iiiiii…jjjjjj");
        assert_eq!(short("anything", 1.0), "…");
        let accents = "b\u{301}".repeat(20);
        for width in 12..100 {
            let short = short(&accents, f64::from(width));
            let (head, tail) = short.split_once('…').unwrap();
            assert_eq!(format!("{head}{tail}"), "b\u{301}".repeat((head.len() + tail.len()) / 3));
        }
    }

    #[test]
    fn lines_break_between_words() {
        let fonts = Fonts::embedded();
        assert_eq!(lines(&fonts, "aa bb cc", 10.0, 30.0), ["aa bb", "cc"]);
        assert_eq!(lines(&fonts, "", 10.0, 30.0), [""]);
        assert_eq!(lines(&fonts, "aaaaaaaaaaaaaaa b", 10.0, 30.0).len(), 2);
    }

    proptest! {
        #[test]
        fn what_is_shortened_fits(text in "\\PC{0,250}", width in 12.0..300.0_f64) {
            let fonts = Fonts::embedded();
            let short = shortened(&fonts, &text, 10.0, Weight::Regular, width);
            prop_assert!(fonts.width(&short, 10.0, Weight::Regular) <= width + 1e-6, "{}", short);
            for line in lines(&fonts, &text, 10.0, width) {
                prop_assert!(fonts.width(&line, 10.0, Weight::Regular) <= width + 1e-6, "{}", line);
            }
        }
    }
}
