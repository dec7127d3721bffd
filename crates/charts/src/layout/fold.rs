//! The largest of many, and the others as one.

use std::cmp::Reverse;

use centime_core::money::TotalPicoUsd;

/// Sorts from the highest amount down (equal ones by name) and cuts to `most`; gives what is beyond.
pub(super) fn fold<T>(
    items: &mut Vec<T>,
    most: usize,
    key: impl Fn(&T) -> (TotalPicoUsd, &str),
) -> Vec<T> {
    items.sort_by(|left, right| {
        let ((left, left_name), (right, right_name)) = (key(left), key(right));
        Reverse(left).cmp(&Reverse(right)).then_with(|| left_name.cmp(right_name))
    });
    items.split_off(most.min(items.len()))
}

/// What the others are called.
pub(super) fn other(count: usize) -> String {
    format!("(other, {count})")
}
