//! What waits to be added to the rollups of one family: sums by period and series.

use std::collections::{BTreeMap, HashMap};

use crate::rollup::Level;
use crate::sums::Sums;

/// What is looked up for every entry.
pub(super) type Known<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// How many places of a page take about the room of a sum.
const PLACES_A_SUM: usize = 32;

/// The sums of one family by its finest level, a page a period. Entries mostly come in the order of
/// time, so that the page is mostly the last one, and a sum is found by two steps without a search.
#[derive(Debug)]
pub(super) struct Sheet {
    finest: Level,
    /// The series that were met, each at its place.
    series: Vec<i64>,
    places: Known<i64, usize>,
    pages: Vec<Page>,
    by_period: Known<i64, usize>,
    /// The page that was used last.
    last: usize,
    waiting: usize,
}

/// The sums of one period.
#[derive(Debug)]
struct Page {
    period: i64,
    /// Where the sums of a series stand, by its place; 0 for nowhere, else one more.
    rows: Vec<u32>,
    /// The place of a series, and its sums.
    sums: Vec<(usize, Sums)>,
}

impl Sheet {
    /// Nothing yet.
    pub(super) fn new(finest: Level) -> Self {
        Self {
            finest,
            series: Vec::new(),
            places: Known::default(),
            pages: Vec::new(),
            by_period: Known::default(),
            last: 0,
            waiting: 0,
        }
    }

    /// The place of a series, by which its sums are found until it is [forgotten](Self::forget).
    pub(super) fn place_of(&mut self, series: i64) -> usize {
        *self.places.entry(series).or_insert_with(|| {
            self.series.push(series);
            self.series.len() - 1
        })
    }

    /// How many series have a place.
    pub(super) fn series(&self) -> usize {
        self.series.len()
    }

    /// How many sums wait, or take as much memory.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Adds the sums of an entry to those of the series at a place.
    pub(super) fn add(&mut self, at_us: i64, place: usize, sums: &Sums) {
        let period = self.finest.period_of(at_us);
        if self.pages.get(self.last).is_none_or(|page| page.period != period) {
            self.turn_to(period);
        }
        let series = self.series.len();
        let Some(page) = self.pages.get_mut(self.last) else { return };
        if page.rows.len() <= place {
            self.waiting += (series - page.rows.len()) / PLACES_A_SUM;
            page.rows.resize(series, 0);
        }
        match page.rows[place].checked_sub(1).and_then(|row| usize::try_from(row).ok()) {
            Some(row) => page.sums[row].1 += *sums,
            None => {
                page.sums.push((place, *sums));
                // A period of more series than 32 bits count does not fit the memory either.
                page.rows[place] = u32::try_from(page.sums.len()).unwrap_or(0);
                self.waiting += 1;
            }
        }
    }

    fn turn_to(&mut self, period: i64) {
        self.last = *self.by_period.entry(period).or_insert_with(|| {
            self.pages.push(Page { period, rows: Vec::new(), sums: Vec::new() });
            self.pages.len() - 1
        });
    }

    /// Takes out what waits, in the order in which it lies in the file: by period and series.
    pub(super) fn drain(&mut self) -> BTreeMap<(i64, i64), Sums> {
        self.by_period.clear();
        (self.last, self.waiting) = (0, 0);
        let mut drained: Vec<((i64, i64), Sums)> = Vec::new();
        for page in self.pages.drain(..) {
            let series = |(place, sums)| ((page.period, self.series[place]), sums);
            drained.extend(page.sums.into_iter().map(series));
        }
        drained.into_iter().collect()
    }

    /// Forgets the places of all series; nothing may wait.
    pub(super) fn forget(&mut self) {
        self.series.clear();
        self.places.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_come_out_by_period_and_series_in_whatever_order_they_went_in() {
        let mut sheet = Sheet::new(Level::Day);
        let day = |day: i64| day * 24 * 3600 * 1_000_000;
        let requests = |requests: i64| Sums { requests, ..Sums::default() };
        for _ in 0..2 {
            for (at, series, count) in
                [(3, 70, 1), (3, 9, 2), (-1, 9, 4), (3, 70, 8), (0, 500, 16), (-1, 9, 32)]
            {
                let place = sheet.place_of(series);
                sheet.add(day(at) + 5, place, &requests(count));
            }
            assert_eq!(sheet.waiting(), 4);
            let drained: Vec<_> = sheet.drain().into_iter().collect();
            let expected = [((-1, 9), 36), ((0, 500), 16), ((3, 9), 2), ((3, 70), 9)];
            assert_eq!(drained, expected.map(|(key, count)| (key, requests(count))));
            assert_eq!((sheet.waiting(), sheet.series()), (0, 3));
        }
        sheet.forget();
        assert_eq!(sheet.place_of(500), 0);
    }
}
