//! How fast tokens are counted, of what people send and of what they should not.

use centime_tokens::{Vocabulary, count};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

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

/// A megabyte of English, code and other tongues in turn.
fn mixed() -> String {
    let part = [ENGLISH, CODE, TONGUES].concat();
    part.repeat((1 << 20) / part.len())
}

#[divan::bench(args = Vocabulary::ALL)]
fn mixed_text(bencher: Bencher<'_, '_>, vocabulary: &Vocabulary) {
    let text = mixed();
    black_box(vocabulary.count("unpack the vocabulary"));
    bencher.counter(BytesCount::of_str(&text)).bench(|| vocabulary.count(black_box(&text)));
}

#[divan::bench(args = [1, 4], sample_count = 5)]
fn one_letter(bencher: Bencher<'_, '_>, mebibytes: usize) {
    let text = "a".repeat(mebibytes << 20);
    black_box(count("openai", "gpt-4o", "unpack the vocabulary"));
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| count("openai", "gpt-4o", black_box(&text)));
}

/// What a gateway adds to every call: a prompt of a few lines.
#[divan::bench(args = ["gpt-5", "claude-sonnet-4-5", "gemini-2.5-pro"])]
fn short_prompt(bencher: Bencher<'_, '_>, model: &str) {
    black_box(count("", model, "unpack the vocabulary"));
    bencher.counter(BytesCount::of_str(ENGLISH)).bench(|| count("", model, black_box(ENGLISH)));
}
