//! How long calls spend here, and not with their providers.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// The upper bounds of the buckets, in microseconds; what is longer counts in all but these.
pub(super) const BOUNDS_US: [u64; 12] =
    [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 1_000_000];

/// A histogram.
#[derive(Debug, Default)]
pub(super) struct Overhead {
    within: [AtomicU64; BOUNDS_US.len()],
    beyond: AtomicU64,
    sum_us: AtomicU64,
}

/// Histograms added up: for each bound how many took at most that.
#[derive(Debug, Default)]
pub(super) struct Overheads {
    pub(super) at_most: [u64; BOUNDS_US.len()],
    pub(super) count: u64,
    pub(super) sum_us: u64,
}

impl Overhead {
    pub(super) fn took(&self, time: Duration) {
        let us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS_US.iter().position(|&bound| us <= bound);
        bucket.map_or(&self.beyond, |bucket| &self.within[bucket]).fetch_add(1, Relaxed);
        self.sum_us.fetch_add(us, Relaxed);
    }

    pub(super) fn add_to(&self, sums: &mut Overheads) {
        let mut count = 0;
        for (within, at_most) in self.within.iter().zip(&mut sums.at_most) {
            count += within.load(Relaxed);
            *at_most += count;
        }
        sums.count += count + self.beyond.load(Relaxed);
        sums.sum_us = sums.sum_us.wrapping_add(self.sum_us.load(Relaxed));
    }
}
