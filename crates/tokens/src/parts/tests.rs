use super::*;
use crate::Vocabulary;
use proptest::prelude::*;

/// Something of every kind that a pattern tells from the others, and of every width.
const BITS: &[&str] = &[
    "a",
    "the",
    "A",
    "AB",
    "aB",
    "é",
    "É",
    "ж",
    "привет",
    "中",
    "水",
    "は",
    "한",
    "ء",
    "न",
    "\u{301}",
    "ǅ",
    "ʰ",
    "ª",
    "ſ",
    "İ",
    "0",
    "12",
    "123",
    "²",
    "½",
    "๒",
    "Ⅷ",
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\u{b}",
    "\u{85}",
    "\u{a0}",
    "\u{1680}",
    "\u{2003}",
    "\u{2028}",
    "\u{3000}",
    ".",
    "/",
    "-",
    "=",
    "'s",
    "'LL",
    "(",
    "\"",
    "…",
    "—",
    "«",
    "👩",
    "\u{200d}",
    "🏽",
    "❤\u{fe0f}",
    "\0",
    "\u{7f}",
    "\u{ad}",
    "\u{200b}",
    "\u{feff}",
    "\u{e000}",
    "\u{10ffff}",
    "<|endoftext|>",
    "Zm9v",
    "{\"a\":1}",
];

/// Few bits, some of them many times over.
fn texts() -> impl Strategy<Value = String> {
    let bit = prop::sample::select(BITS);
    let runs = prop::collection::vec((any::<prop::sample::Index>(), run()), 0..40);
    (prop::collection::vec(bit, 1..6), runs).prop_map(|(bits, runs)| {
        runs.iter().map(|(index, times)| bits[index.index(bits.len())].repeat(*times)).collect()
    })
}

fn run() -> impl Strategy<Value = usize> {
    prop_oneof![6 => Just(1_usize), 2 => 2..6_usize, 1 => 6..80_usize]
}

fn encodings() -> impl Iterator<Item = (&'static CoreBpe, Newlines)> {
    Vocabulary::ALL.iter().map(|vocabulary| {
        (tiktoken::get_encoding(vocabulary.name()).unwrap(), vocabulary.newlines())
    })
}

proptest! {
    #[test]
    fn parts_are_the_text_and_have_its_tokens(text in texts(), len in 1..64_usize) {
        for (encoding, newlines) in encodings() {
            let parts: Vec<&str> = Parts { rest: &text, newlines, len }.collect();
            prop_assert_eq!(parts.concat(), &text[..]);
            let counted: usize = parts.iter().map(|part| encoding.count(part)).sum();
            prop_assert_eq!(counted, encoding.count(&text), "{:?}", parts);
        }
    }

    /// What the library does at each of them is to look at the rest of what it was given.
    #[test]
    fn no_part_has_two_gaps_with_wide_spaces(text in texts()) {
        for part in (Parts { rest: &text, newlines: Newlines::Blank, len: PART }) {
            // White space that ends a text is not followed by anything.
            let gaps = part.trim_end().split(|char: char| !char.is_whitespace());
            let wide = gaps.filter(|gap| !gap.is_ascii()).count();
            prop_assert!(wide <= 1, "{part:?}");
        }
    }

    #[test]
    fn a_part_ends_at_the_first_gap_that_is_late_enough(word in "[a-z]{1,9}", len in 1..99_usize) {
        let text = format!("{word} ").repeat(50);
        for part in (Parts { rest: &text, newlines: Newlines::End, len }) {
            prop_assert!(part.len() <= len + word.len() + 1, "{part:?}");
        }
    }
}

#[test]
fn windows_have_the_tokens_of_the_whole() {
    const BYTES: usize = 6_000;
    for (encoding, _) in encodings() {
        let alone = BITS.iter().map(|bit| vec![*bit]);
        let pairs = BITS.iter().zip(BITS.iter().skip(1)).map(|(a, b)| vec![*a, *b, *a, *a]);
        for bits in alone.chain(pairs) {
            let bits = bits.concat();
            let text = bits.repeat(BYTES / bits.len());
            let counted = count_in_windows(encoding, &text, 512, 256);
            assert_eq!(counted, encoding.count(&text), "{bits:?}");
        }
    }
}

/// The memory that merging takes is that of a window, whatever the text.
#[test]
fn a_window_is_no_longer_than_it_may_be() {
    let encoding = tiktoken::get_encoding("o200k_base").unwrap();
    for bit in BITS {
        let text = bit.repeat(LONG_PART);
        let window = Window::open(encoding, &text, WINDOW + AHEAD);
        assert!(window.text.len() <= WINDOW + AHEAD);
        for end in window.ends(encoding, WINDOW).take(ENDS) {
            assert!(end.at <= WINDOW && end.tokens < window.tokens.len(), "{bit:?}");
            assert_eq!(encoding.decode(&window.tokens[..end.tokens]), text.as_bytes()[..end.at]);
            let next = window.next(encoding, &text[end.at..], WINDOW + AHEAD);
            assert!(next.text.len() <= WINDOW + AHEAD, "{bit:?}");
        }
    }
}
