use super::*;
use crate::kind::Kind;

/// Labelled examples: `KIND LEVEL: text`.
const EXAMPLES: &str = include_str!("examples.txt");

fn examples() -> Vec<(Kind, &'static str, &'static str)> {
    let lines = EXAMPLES.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let example = |line: &'static str| {
        let (labels, text) = line.split_once(": ").unwrap();
        let (kind, level) = labels.split_once(' ').unwrap();
        (kind.parse().unwrap(), level, text)
    };
    lines.map(example).collect()
}

#[test]
fn kinds_are_read_right_nine_times_in_ten() {
    let examples = examples();
    assert!(examples.len() >= 100);
    let wrong: Vec<String> = examples
        .iter()
        .filter(|(kind, _, text)| Task::read(text).kind != *kind)
        .map(|(kind, _, text)| format!("{kind} read as {}: {text}", Task::read(text).kind))
        .collect();
    assert!(
        wrong.len() * 10 <= examples.len(),
        "{} of {}: {wrong:#?}",
        wrong.len(),
        examples.len()
    );
}

/// Critical and hard are told apart by degree: what matters is that neither is taken for less.
#[test]
fn levels_are_read_right_nine_times_in_ten() {
    let examples = examples();
    let level = |text: &str| match Task::read(text).level {
        Level::Simple => "simple",
        Level::Normal => "normal",
        Level::Hard | Level::Critical => "hard",
    };
    let wrong: Vec<String> = examples
        .iter()
        .filter(|(_, expected, text)| level(text) != *expected)
        .map(|(_, expected, text)| format!("{expected} read as {}: {text}", level(text)))
        .collect();
    assert!(
        wrong.len() * 10 <= examples.len(),
        "{} of {}: {wrong:#?}",
        wrong.len(),
        examples.len()
    );
}

#[test]
fn every_kind_has_examples() {
    for kind in Kind::ALL {
        assert!(examples().iter().filter(|(of, _, _)| of == kind).count() >= 8, "{kind}");
    }
}

#[test]
fn a_word_that_raises_never_lowers() {
    let level = |text: &str| Task::read(text).level;
    for task in ["summarize this letter", "write a poem", "what is a cat", "simple question"] {
        for word in ["complex", "critical", "important", "analyze", "research"] {
            assert!(level(&format!("{task}, {word}")) >= level(task), "{task} {word}");
        }
        for word in ["simple", "quick", "short"] {
            assert!(level(&format!("{task}, {word}")) <= level(task), "{task} {word}");
        }
    }
}

#[test]
fn any_text_is_read_and_a_long_one_by_its_ends() {
    for text in ["", " ", "\0", "🫖", "ａ", "İ", "```"] {
        let _ = Task::read(text);
    }
    let filler = "x ".repeat(1 << 20);
    let task = Task::read(&format!("{filler} translate this into French"));
    assert_eq!(task.kind, Kind::Translation);
}
