//! Work on every core whose results come in the order of what was worked on.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::failure::{Failure, Outcome};

/// Blocks that a worker has at a time: one that it works on, and one that waits.
const BLOCKS_IN_HAND: usize = 2;

/// Hands the blocks that `next` gives to workers, one a core, and what they make of them to `done`,
/// in order. Memory is bounded by the blocks in hand, not by their number.
///
/// `next` and `done` run on the caller's thread; `worker` makes what a thread works with. A single
/// block is worked on where it is: a thread would take longer to start.
///
/// # Errors
/// What `next` fails with, once all before it is done; what `done` fails with, at once.
pub(crate) fn in_order<Block: Send, Made: Send, Work: FnMut(Block) -> Made>(
    mut next: impl FnMut() -> Result<Option<Block>, Failure>,
    worker: impl Fn() -> Work + Sync,
    mut done: impl FnMut(Made) -> Outcome,
) -> Outcome {
    let Some(first) = next()? else { return Ok(()) };
    let second = match next() {
        Ok(Some(second)) => second,
        end => {
            done(worker()(first))?;
            return end.map(drop);
        }
    };
    let mut early = [first, second].into_iter();
    let mut next = || early.next().map_or_else(&mut next, |block| Ok(Some(block)));
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(2, usize::from);
        let lanes: Vec<Lane<Block, Made>> = (0..cores)
            .map(|_| {
                let (blocks, todo) = sync_channel(BLOCKS_IN_HAND);
                let (finished, results) = sync_channel(BLOCKS_IN_HAND);
                let worker = &worker;
                scope.spawn(move || {
                    let mut work = worker();
                    // Nobody waits for results any more once the caller has failed.
                    todo.into_iter().try_for_each(|block| finished.send(work(block))).ok()
                });
                Lane { blocks, results }
            })
            .collect();
        let (mut sent, mut received) = (0, 0);
        let ended = loop {
            let block = match next() {
                Ok(Some(block)) => block,
                end => break end.map(drop),
            };
            if sent - received == cores * BLOCKS_IN_HAND {
                done(lanes[received % cores].result()?)?;
                received += 1;
            }
            lanes[sent % cores].blocks.send(block).map_err(|_| stopped())?;
            sent += 1;
        };
        for turn in received..sent {
            done(lanes[turn % cores].result()?)?;
        }
        ended
    })
}

/// The way to a worker and back.
struct Lane<Block, Made> {
    blocks: SyncSender<Block>,
    results: Receiver<Made>,
}

impl<Block, Made> Lane<Block, Made> {
    fn result(&self) -> Result<Made, Failure> {
        self.results.recv().map_err(|_| stopped())
    }
}

/// A worker only stops early when it panicked, and then the panic goes on when it is joined.
fn stopped() -> Failure {
    Failure::Environment("a thread stopped in the middle of its work".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(blocks: usize, fails_at: Option<usize>) -> (Vec<usize>, Outcome) {
        let mut given = 0;
        let next = || {
            if fails_at == Some(given) {
                return Err(Failure::Usage("torn".to_owned()));
            }
            given += 1;
            Ok((given <= blocks).then_some(given - 1))
        };
        let mut seen = Vec::new();
        let worker = || {
            |block: usize| {
                // The earlier, the slower: results are ready in another order.
                thread::sleep(std::time::Duration::from_micros((7 - block as u64 % 7) * 100));
                block
            }
        };
        let outcome = in_order(next, worker, |block| {
            seen.push(block);
            Ok(())
        });
        (seen, outcome)
    }

    #[test]
    fn results_come_in_order_and_none_is_lost() {
        for blocks in [0, 1, 2, 3, 50] {
            let (seen, outcome) = count(blocks, None);
            assert_eq!(seen, (0..blocks).collect::<Vec<_>>());
            assert!(outcome.is_ok());
        }
    }

    #[test]
    fn what_came_before_a_failure_is_done() {
        for at in [0, 1, 2, 9] {
            let (seen, outcome) = count(50, Some(at));
            assert_eq!(seen, (0..at).collect::<Vec<_>>());
            assert!(matches!(outcome, Err(Failure::Usage(_))));
        }
    }

    #[test]
    fn the_work_ends_where_its_results_cannot_be_kept() {
        let mut given = 0;
        let next = || {
            given += 1;
            Ok(Some(given))
        };
        let full =
            |block| if block < 10 { Ok(()) } else { Err(Failure::Environment("full".into())) };
        let outcome = in_order(next, || |block: u64| block, full);
        assert!(matches!(outcome, Err(Failure::Environment(_))));
    }
}
