//! `centime price --jsonl`: a usage event a line in, a charge a line out, in order.

use std::cell::RefCell;
use std::io::{Write, stdout};
use std::path::Path;

use centime_core::time::Timestamp;
use centime_engine::ingest::PricedEvent;
use centime_engine::{Pricer, ingest};
use centime_providers::event::{Constants, read_unmarked_event};
use jiff::tz::TimeZone;

use super::charge::push_priced;
use crate::app::App;
use crate::failure::{Failure, Outcome};
use crate::input::{self, Block, Blocks, Line, Lines};
use crate::output::push_text;
use crate::pipeline;

/// Prices events on every core. Memory does not grow with their number.
pub(crate) fn run(app: &App, path: &Path) -> Outcome {
    let input = input::open(path, &indicatif::ProgressBar::hidden())?;
    let book = std::sync::Arc::new(app.price_book()?);
    let blocks = RefCell::new(Blocks::new(input.reader));
    let spare = RefCell::new(Vec::new());
    let mut out = stdout().lock();
    let mut invalid = 0_u64;
    let next = || {
        let cannot = |error| Failure::Usage(format!("cannot read `{}`: {error}", input.name));
        let block = blocks.borrow_mut().next_block().map_err(cannot)?;
        Ok(block.map(|block| (block, spare.borrow_mut().pop().unwrap_or_default())))
    };
    let worker = || {
        let mut pricer = Pricer::new(std::sync::Arc::clone(&book));
        move |(block, lines)| price_block(&mut pricer, block, lines, app.now, &app.zone)
    };
    let write = |answers: Answers| {
        invalid += answers.invalid;
        out.write_all(&answers.lines)?;
        blocks.borrow_mut().take_back(answers.block);
        spare.borrow_mut().push(answers.lines);
        Ok(())
    };
    pipeline::in_order(next, worker, write)?;
    out.flush()?;
    match invalid {
        0 => Ok(()),
        1 => Err(Failure::Usage(format!("1 line of {} could not be priced", input.name))),
        many => Err(Failure::Usage(format!("{many} lines of {} could not be priced", input.name))),
    }
}

/// What became of a block of lines.
struct Answers {
    /// The block, whose memory is used again.
    block: Block,
    /// A line each.
    lines: Vec<u8>,
    /// How many of them say that an event could not be priced.
    invalid: u64,
}

/// Prices the events of a block into `lines`, in place of what was there.
fn price_block(
    pricer: &mut Pricer,
    block: Block,
    mut lines: Vec<u8>,
    now: Timestamp,
    zone: &TimeZone,
) -> Answers {
    let mut invalid = 0;
    lines.clear();
    lines.reserve(block.bytes() * 2);
    for (number, line) in block.lines() {
        if let Err((id, error)) = price_line(pricer, &line, now, zone, &mut lines) {
            invalid += 1;
            push_invalid(&mut lines, number, id.as_deref(), &error);
        }
    }
    Answers { block, lines, invalid }
}

fn push_invalid(out: &mut Vec<u8>, number: u64, id: Option<&str>, error: &str) {
    out.extend_from_slice(b"{\"id\":");
    match id {
        Some(id) => push_text(out, id),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"status\":\"invalid\",\"line\":");
    out.extend_from_slice(number.to_string().as_bytes());
    out.extend_from_slice(b",\"error\":");
    push_text(out, error);
    out.extend_from_slice(b"}\n");
}

/// What is wrong with a line: its event's id, and why.
type Invalid = (Option<String>, String);

fn price_line(
    pricer: &mut Pricer,
    line: &Line<'_>,
    now: Timestamp,
    zone: &TimeZone,
    out: &mut Vec<u8>,
) -> Result<(), Invalid> {
    let text = match line {
        Line::Whole(line) => std::str::from_utf8(line),
        Line::TooLong(_) => return Err((None, Lines::too_long())),
    };
    let text = text.map_err(|_| (None, "not UTF-8".to_owned()))?;
    let event = read_unmarked_event(text, &Constants::default(), zone)
        .map_err(|error| (error.id.clone(), error.to_string()))?;
    let priced =
        ingest::moment_of(&event, now).and_then(|at| Ok(ingest::price_event(pricer, &event, at)?));
    match priced {
        Ok(PricedEvent { priced, .. }) => {
            push_priced(out, event.id.as_deref(), &priced, pricer.book().version());
            out.push(b'\n');
            Ok(())
        }
        Err(error) => Err((event.id, error.to_string())),
    }
}
