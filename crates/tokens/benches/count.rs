//! How fast tokens are counted, of what people send and of what they should not.

use centime_tokens::{Vocabulary, count};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use std::fmt;

fn main() {
    divan::main();
}

const ENGLISH: &str = "\
The kettle boils at a hundred degrees. Pour a little of the water into the pot, swirl it, and throw \
it away; then put in one spoon of leaves for each cup, and one more \"for the pot\". It doesn't \
matter much what your grandmother said: four minutes are enough, 5 are too many.\n\n";

const CODE: &str = "\
/// Adds to a meter; nothing is added for a quantity of zero.
pub fn add(&mut self, meter: Meter, quantity: Quantity) -> Result<(), UsageError> {
    // A negative quantity is an error, never a zero.
    if quantity.is_negative() {
        return Err(UsageError::Negative { meter, quantity });
    }
    self.meters.push((meter, quantity + 1_000));\r\n    Ok(())\n}\n\n";

const TONGUES: &str = "\
Der Wasserkocher kocht bei hundert Grad. L'eau bout à cent degrés, n'est-ce pas\u{a0}? Вода кипит при \
ста градусах. 水在一百度沸腾。水は百度で沸騰します。물은 백 도에서 끓는다. الماء يغلي عند مئة درجة. \
पानी सौ डिग्री पर उबलता है। 🫖👩‍👩‍👧👋🏽\n\n";

const FRENCH: &str = "\
L'eau bout à cent degrés\u{a0}; n'est-ce pas\u{202f}? «\u{a0}Un peu d'eau dans la théière\u{a0}», \
disait-elle \u{a0}: quatre minutes suffisent.\n";

const JSON: &str =
    r#"{"id":"req-17","model":"gpt-5","usage":{"prompt_tokens":1200},"tags":["a"]},"#;

const MEGABYTE: usize = 1 << 20;

/// A megabyte of a text, again and again.
fn megabyte(part: &str) -> String {
    part.repeat(MEGABYTE / part.len())
}

/// A megabyte without order, of the letters given; the same each time.
fn noise(letters: &[u8]) -> String {
    let mut state = 1_u64;
    let letter = |_| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(letters[(state >> 33) as usize % letters.len()])
    };
    (0..MEGABYTE).map(letter).collect()
}

fn speed(bencher: Bencher<'_, '_>, vocabulary: Vocabulary, text: &str) {
    black_box(vocabulary.count("unpack the vocabulary"));
    bencher.counter(BytesCount::of_str(text)).bench(|| vocabulary.count(black_box(text)));
}

/// A megabyte of English, code and other tongues in turn.
#[divan::bench(args = Vocabulary::ALL)]
fn mixed_text(bencher: Bencher<'_, '_>, vocabulary: &Vocabulary) {
    speed(bencher, *vocabulary, &megabyte(&[ENGLISH, CODE, TONGUES].concat()));
}

/// What people send, a megabyte of each.
#[divan::bench(args = ["english", "code", "french", "tongues", "json"])]
fn one_kind(bencher: Bencher<'_, '_>, kind: &str) {
    let part = match kind {
        "english" => ENGLISH,
        "code" => CODE,
        "french" => FRENCH,
        "tongues" => TONGUES,
        _ => JSON,
    };
    speed(bencher, Vocabulary::O200kBase, &megabyte(part));
}

/// A text that is shown in quotes, so that white space is seen.
#[derive(Clone, Copy)]
struct Quoted(&'static str);

impl fmt::Display for Quoted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.0)
    }
}

/// What nobody should send: one thing again and again, with no place to cut, or a wide space at each.
const THINGS: &[Quoted] = &[
    Quoted("a"),
    Quoted("-"),
    Quoted(" "),
    Quoted("\n"),
    Quoted("é"),
    Quoted("中"),
    Quoted("\u{301}"),
    Quoted("👩\u{200d}👧"),
    Quoted(" \u{a0}"),
    Quoted("ab \u{2003}"),
    Quoted("\u{a0}?"),
    Quoted("\t "),
];

#[divan::bench(args = THINGS)]
fn one_thing(bencher: Bencher<'_, '_>, part: &Quoted) {
    speed(bencher, Vocabulary::O200kBase, &megabyte(part.0));
}

/// A megabyte of one word, without order: nothing repeats, and all of it is merged.
#[divan::bench(args = ["abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "!#$%&()*+,-.:;<=>?"])]
fn one_word(bencher: Bencher<'_, '_>, letters: &str) {
    speed(bencher, Vocabulary::O200kBase, &noise(letters.as_bytes()));
}

/// The speed is the same for more of it.
#[divan::bench(args = [1, 4, 16], sample_count = 5)]
fn no_break_spaces(bencher: Bencher<'_, '_>, mebibytes: usize) {
    speed(bencher, Vocabulary::O200kBase, &megabyte(FRENCH).repeat(mebibytes));
}

/// What a gateway adds to every call: a prompt of a few lines.
#[divan::bench(args = ["gpt-5", "claude-sonnet-4-5", "gemini-2.5-pro"])]
fn short_prompt(bencher: Bencher<'_, '_>, model: &str) {
    black_box(count("", model, "unpack the vocabulary"));
    bencher.counter(BytesCount::of_str(ENGLISH)).bench(|| count("", model, black_box(ENGLISH)));
}
