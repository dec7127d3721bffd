//! Which calls of a journal are not in the ledger yet.

use std::collections::{HashMap, VecDeque};

use centime_core::entry::Uid;

/// The calls whose records are still needed, by where the first of them begins.
#[derive(Debug, Default)]
pub(super) struct Pending {
    starts: HashMap<Uid, u64>,
    /// All of them in the order of the journal, and some that are pending no more.
    order: VecDeque<(u64, Uid)>,
}

impl Pending {
    /// A call has a record at a position.
    pub(super) fn add(&mut self, uid: Uid, position: u64) {
        self.starts.entry(uid).or_insert_with(|| {
            self.order.push_back((position, uid));
            position
        });
    }

    /// The records of a call are needed no more.
    pub(super) fn remove(&mut self, uid: Uid) {
        self.starts.remove(&uid);
    }

    /// Up to where no record is needed, of a journal that ends at `end`.
    pub(super) fn mark(&mut self, end: u64) -> u64 {
        while let Some((position, uid)) = self.order.front() {
            if self.starts.get(uid) == Some(position) {
                return *position;
            }
            self.order.pop_front();
        }
        end
    }

    /// How many calls there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_stands_at_the_first_that_is_needed() {
        let uid = |number| Uid([number; 16]);
        let mut pending = Pending::default();
        assert_eq!(pending.mark(40), 40);
        for (number, position) in [(1, 40), (2, 50), (1, 60), (3, 70)] {
            pending.add(uid(number), position);
        }
        assert_eq!((pending.mark(80), pending.len()), (40, 3));
        pending.remove(uid(2));
        assert_eq!(pending.mark(80), 40);
        pending.remove(uid(1));
        assert_eq!(pending.mark(80), 70);
        // One that comes again is needed from where it comes again.
        pending.add(uid(1), 80);
        pending.remove(uid(3));
        assert_eq!((pending.mark(90), pending.len()), (80, 1));
        pending.remove(uid(1));
        pending.remove(uid(9));
        assert_eq!((pending.mark(90), pending.len()), (90, 0));
    }
}
