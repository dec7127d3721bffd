//! FOCUS, the FinOps Open Cost and Usage Specification (<https://focus.finops.org>): a row a charge
//! line, as CSV.
//!
//! A line without a price is left out and counted: a row of usage must have a price there, and an
//! unknown price is not 0. `BilledCost` is 0 in every row, because the provider sends the invoice, not
//! Centime: who joins both would count twice. What a call cost is in the other three costs.

mod charge;
mod columns;

use csv::Writer;

use crate::csv::cause;
use crate::spreadsheet::guarded;
use crate::{Call, ExportError, Output, Sink};
use charge::Charge;
use columns::{COLUMNS, FocusColumn, Value};

/// A version of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FocusVersion {
    /// 1.2, of 2025: what most tools read.
    V1_2,
    /// 1.4, of 2026.
    V1_4,
}

/// The account that a bill goes to, which the specification asks for in every row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillingAccount(pub String);

/// Writes charge lines as rows of FOCUS, the header first.
pub(crate) struct FocusSink {
    out: Writer<Output>,
    columns: Vec<&'static FocusColumn>,
    account: BillingAccount,
    left_out: u64,
}

impl FocusSink {
    /// A sink, its header written.
    ///
    /// # Errors
    /// When that cannot be written.
    pub(crate) fn new(
        out: Output,
        version: FocusVersion,
        account: BillingAccount,
    ) -> Result<Self, ExportError> {
        let columns: Vec<_> = COLUMNS.iter().filter(|column| column.is_in(version)).collect();
        let mut out = Writer::from_writer(out);
        out.write_record(columns.iter().map(|column| column.name)).map_err(cause)?;
        Ok(Self { out, columns, account, left_out: 0 })
    }

    fn row(&mut self, charge: &Charge<'_>) -> Result<(), csv::Error> {
        for column in &self.columns {
            match (column.of)(charge) {
                Value::Null => self.out.write_field(""),
                Value::Own(text) => self.out.write_field(&*text),
                Value::Foreign(text) => self.out.write_field(&*guarded(&text)),
                Value::Decimal(decimal) => self.out.write_field(with_point(&decimal.to_string())),
            }?;
        }
        // Ends the row.
        self.out.write_record(None::<&[u8]>)
    }
}

impl Sink for FocusSink {
    fn write(&mut self, call: &Call<'_>) -> Result<(), ExportError> {
        let account = self.account.0.clone();
        for line in call.lines() {
            match Charge::of(call, line, &account) {
                Some(charge) => self.row(&charge).map_err(cause)?,
                None => self.left_out += 1,
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ExportError> {
        Ok(self.out.flush()?)
    }

    fn left_out(&self) -> u64 {
        self.left_out
    }
}

/// A decimal that no reader takes for a whole number.
fn with_point(decimal: &str) -> String {
    if decimal.contains('.') { decimal.to_owned() } else { format!("{decimal}.0") }
}
