//! Price files: of others and our own.

use centime_core::meter::Meter;
use centime_core::money::{Quantity, TotalPicoUsd};
use centime_core::price::format::{self, Block, File};
use centime_core::price::{ModelRef, PriceBook};
use centime_core::rating::{Terms, rate};
use centime_core::time::Timestamp;
use centime_core::usage::Usage;

/// LiteLLM's map and genai-prices' data: what is read of them can be asked and written.
pub(crate) fn foreign(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(imported) = centime_prices::read(text) else {
        return;
    };
    for provider in imported.book.providers() {
        for name in provider.names() {
            let model = provider.model(name);
            assert!(!matches!(model, Some(Err(_))), "`{name}` was read and cannot be: {text}");
            let _ = imported.book.resolve(ModelRef { provider: None, model: name });
        }
    }
}

/// Our own: reading what was written gives what was read.
pub(crate) fn own(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(file) = format::parse_file(text) else {
        return;
    };
    let written = format::write_file(&file, "a comment");
    assert_eq!(format::parse_file(&written).as_ref(), Ok(&file), "{written}");
    found_by_name(&file, text);
    rated(&file);
}

/// The search over the text finds the blocks that reading it line by line finds.
fn found_by_name(file: &File, text: &str) {
    let Ok(book) = PriceBook::from_texts("v", [format::write_file(file, "")]) else {
        panic!("a file that was written has no header: {text}");
    };
    let Some(provider) = book.providers().first() else {
        return;
    };
    let mut names: Vec<&str> = file.blocks.iter().map(Block::name).collect();
    let is_sorted = names.is_sorted();
    names.dedup();
    if is_sorted {
        for name in names {
            assert!(provider.lists(name), "`{name}` is not found: {text}");
        }
    }
}

/// Every card rates a usage of every meter, and its lines add up.
fn rated(file: &File) {
    let mut usage = Usage::default();
    for (&meter, units) in Meter::ALL.iter().zip(1..) {
        if usage.add(meter, Quantity::whole(units)).is_err() {
            panic!("a small usage of every meter");
        }
    }
    let models = file.blocks.iter().filter_map(|block| match block {
        Block::Model(model) => Some(model),
        Block::Alias { .. } => None,
    });
    for card in models.flat_map(|model| &model.cards) {
        let Ok(charge) = rate(&usage, card, Terms::at(Timestamp::EARLIEST)) else {
            continue;
        };
        let sum: TotalPicoUsd = charge.lines.iter().map(|line| line.amount).sum();
        assert_eq!(sum, charge.amount.into(), "{card:?}");
        assert_eq!(charge.lines.len() + charge.missing.len(), usage.meters().len(), "{card:?}");
    }
}
