//! How long a choice takes over every model of the embedded book, and reading them.

#![allow(clippy::unwrap_used, reason = "a bench that cannot set up has nothing to measure")]

use centime_choice::{Ask, Catalogue, Qualities, Task};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

const TASK: &str = "Analyze the attached report on our supply chain and recommend what to change. \
                    It is important: the board meets tomorrow.";

fn ask(task: &str) -> Ask<'_> {
    let at = "2026-11-22".parse().unwrap();
    Ask { budget: Some("0.05".parse().unwrap()), ..Ask::new(task, at) }
}

fn catalogue() -> Catalogue {
    let book = centime_prices::embedded().unwrap();
    Catalogue::of(&book, &Qualities::embedded().unwrap(), |_| true)
}

/// One choice among all of them: the promise is under 5 ms.
#[divan::bench]
fn choose(bencher: Bencher<'_, '_>) {
    let catalogue = catalogue();
    bencher.bench(|| catalogue.choose(black_box(&ask(TASK)), |_| true));
}

/// The same for a prompt of 20,000 words.
#[divan::bench]
fn choose_for_a_long_prompt(bencher: Bencher<'_, '_>) {
    let catalogue = catalogue();
    let task = TASK.repeat(1000);
    bencher.bench(|| catalogue.choose(black_box(&ask(&task)), |_| true));
}

/// Reading all models of the book, once a program or a change of prices.
#[divan::bench]
fn read_the_book(bencher: Bencher<'_, '_>) {
    let book = centime_prices::embedded().unwrap();
    let qualities = Qualities::embedded().unwrap();
    bencher.bench(|| Catalogue::of(black_box(&book), &qualities, |_| true));
}

#[divan::bench]
fn read_a_task() -> Task {
    Task::read(black_box(TASK))
}
