//! Going through the ledger once.

use std::ops::ControlFlow;

use centime_core::entry::{Entry, PricingStatus};
use centime_core::money::TotalPicoUsd;
use centime_ledger::{Dimension, Entries, EntryFilter, Match};

use crate::{Call, ExportError, Sink};

/// What was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exported {
    /// How many calls: attempts, each with its adjustments.
    pub calls: u64,
    /// How many of them are not fully priced.
    pub unpriced: u64,
    /// What they cost together.
    pub total: TotalPicoUsd,
    /// How many of their charge lines the format had no words for: those without a price, in FOCUS.
    pub left_out: u64,
}

/// Writes every call that a filter lets through, oldest first, and the end of the file.
///
/// A condition on the pricing status is about the call as it stands, its adjustments folded in; what
/// else can be asked for is the same in an attempt and its adjustments. `progress` is told how many
/// calls are done, and may end it.
///
/// # Errors
/// When the ledger cannot be read, the sink cannot write, or `progress` ends it; the file is not whole
/// then.
pub fn export(
    ledger: &dyn Entries,
    filter: &EntryFilter,
    sink: &mut dyn Sink,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Exported, ExportError> {
    let (of_status, conditions): (Vec<_>, Vec<_>) =
        filter.conditions.iter().cloned().partition(|(of, _)| *of == Dimension::PricingStatus);
    let as_written = EntryFilter { window: filter.window, conditions };
    let mut exported = Exported::default();
    let mut one = |attempt: &Entry, adjustments: &[Entry]| {
        let call = Call::new(attempt, adjustments);
        if is_meant(&of_status, call.present().pricing_status) {
            sink.write(&call)?;
            exported.count(&call);
        }
        match progress(exported.calls) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ExportError::Interrupted),
        }
    };
    let mut failed = None;
    ledger.visit_attempts(
        &as_written,
        &mut |attempt, adjustments| match one(attempt, adjustments) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        },
    )?;
    if let Some(error) = failed {
        return Err(error);
    }
    sink.finish()?;
    exported.left_out = sink.left_out();
    Ok(exported)
}

fn is_meant(conditions: &[(Dimension, Match)], status: PricingStatus) -> bool {
    conditions.iter().all(|(_, wanted)| wanted.accepts(Some(status.name())))
}

impl Exported {
    fn count(&mut self, call: &Call<'_>) {
        let present = call.present();
        self.calls += 1;
        self.unpriced += u64::from(present.pricing_status != PricingStatus::Priced);
        self.total += present.charge;
    }
}
