//! What answers are made of: pieces of one token each.

use crate::dice::Dice;

/// Words that begin a sentence.
const FIRST: &[&str] =
    &["The", "This", "Each", "One", "No", "Every", "Some", "That", "Your", "Our", "Most", "What"];

/// Words that go on. With the blank before it each is one token to every vocabulary of OpenAI's,
/// so that a text has as many tokens as pieces.
const NEXT: &[&str] = &[
    " water",
    " house",
    " river",
    " small",
    " light",
    " time",
    " year",
    " work",
    " world",
    " life",
    " hand",
    " part",
    " place",
    " week",
    " case",
    " point",
    " company",
    " number",
    " group",
    " fact",
    " is",
    " was",
    " can",
    " will",
    " has",
    " had",
    " may",
    " should",
    " makes",
    " takes",
    " keeps",
    " gives",
    " finds",
    " tells",
    " of",
    " in",
    " to",
    " for",
    " with",
    " on",
    " from",
    " by",
    " at",
    " into",
    " over",
    " under",
    " after",
    " new",
    " good",
    " first",
    " last",
    " long",
    " great",
    " little",
    " own",
    " other",
    " old",
    " right",
    " big",
    " high",
    " different",
    " next",
    " early",
    " important",
    " public",
    " same",
];

/// So many pieces of prose.
pub(crate) fn prose(dice: &mut Dice, tokens: u64) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut left_in_sentence = 0;
    for at in 0..tokens {
        let piece = if left_in_sentence == 0 {
            left_in_sentence = dice.between(5, 14);
            let first = dice.pick(FIRST).copied().unwrap_or_default();
            if at == 0 { first.to_owned() } else { format!(" {first}") }
        } else if left_in_sentence == 1 || at + 1 == tokens {
            ".".to_owned()
        } else {
            dice.pick(NEXT).copied().unwrap_or_default().to_owned()
        };
        left_in_sentence -= 1;
        pieces.push(piece);
    }
    pieces
}

/// A few words, without a full stop.
pub(crate) fn phrase(dice: &mut Dice, words: u64) -> String {
    let words: String = (0..words).filter_map(|_| dice.pick(NEXT).copied()).collect();
    words.trim_start().to_owned()
}

/// The longest piece of a text that is not prose, about what a token of JSON is.
const PIECE_CHARS: usize = 4;

/// A text cut into pieces that count as a token each.
pub(crate) fn pieces(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(PIECE_CHARS).map(|piece| piece.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_has_as_many_tokens_as_pieces() {
        for tokens in [0, 1, 2, 7, 40, 300] {
            let text = prose(&mut Dice::new(tokens), tokens).concat();
            for model in ["gpt-5", "gpt-4", "text-davinci-003"] {
                assert_eq!(centime_tokens::count("openai", model, &text).tokens, tokens, "{text}");
            }
        }
    }

    #[test]
    fn every_word_is_one_token() {
        for word in NEXT
            .iter()
            .map(|&word| word.to_owned())
            .chain(FIRST.iter().flat_map(|word| [(*word).to_owned(), format!(" {word}")]))
        {
            for model in ["gpt-5", "gpt-4", "text-davinci-003"] {
                let tokens = centime_tokens::count("openai", model, &word).tokens;
                assert_eq!(tokens, 1, "`{word}` to {model}");
            }
        }
    }

    #[test]
    fn pieces_are_the_text() {
        for text in ["", "a", "{\"a\":1}", "Zürich an der Limmat"] {
            assert_eq!(pieces(text).concat(), text);
        }
    }
}
