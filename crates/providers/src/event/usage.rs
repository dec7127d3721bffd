//! What an event says was used: a provider's answer, its usage object, or meters.

use centime_core::decimal::shown;
use centime_core::entry::Status;
use centime_core::meter::{Meter, Unit};
use centime_core::money::Quantity;

use super::EventError;
use super::draft::Draft;
use super::given::{Given, unexpected};
use crate::error::ReadError;
use crate::fields::{quantity, whole};
use crate::json::Value;
use crate::metered::{answer_if_any, usage_of};

/// The fields of an event that hold its usage: each event has one of them.
pub(super) const USAGES: [&str; 3] = ["response", "usage", "meters"];

/// Which of [`USAGES`] a field is.
#[inline]
pub(super) fn index_of(name: &str) -> Option<usize> {
    USAGES.iter().position(|usage| *usage == name)
}

impl Draft {
    /// Reads the one usage that an event has.
    pub(super) fn set_usage(
        &mut self,
        usages: [Option<Value<'_>>; USAGES.len()],
    ) -> Result<(), EventError> {
        let mut given = USAGES.iter().zip(usages).filter_map(|(name, value)| Some((*name, value?)));
        let Some((name, value)) = given.next() else {
            return Ok(());
        };
        if let Some((second, _)) = given.next() {
            let what = format!("there is `{name}` too; send one of them");
            return Err(EventError::new(second, what));
        }
        let at_fault = |error: ReadError| EventError::new(error.field, error.what);
        self.has_usage = true;
        match name {
            "response" => {
                let answer = answer_if_any(value).map_err(|error| at_fault(error.under(name)))?;
                match answer {
                    Some(metered) => self.metered = metered,
                    None if self.status == Some(Status::Error) => {}
                    None => {
                        let what = "there is no usage in the answer; send `usage` or `meters`";
                        return Err(EventError::new("response.usage", what));
                    }
                }
            }
            "usage" => self.metered = usage_of(value).map_err(at_fault)?,
            _ => self.set_meters(value)?,
        }
        Ok(())
    }

    fn set_meters(&mut self, value: Value<'_>) -> Result<(), EventError> {
        let Value::Object(meters) = value else {
            let what = unexpected("an object of meters and quantities", value);
            return Err(EventError::new("meters", what));
        };
        for (name, value) in meters.members() {
            let error = |what: String| EventError::new(format!("meters.{}", shown(&name)), what);
            let meter: Meter = name.parse().map_err(|unknown| error(format!("{unknown}")))?;
            if value != Value::Null {
                self.set_meter(meter, Given::Json(value)).map_err(error)?;
            }
        }
        Ok(())
    }

    /// An event says what was used, unless it failed.
    pub(super) fn need_usage(&self, expected: &str) -> Result<(), EventError> {
        if self.has_usage || self.status == Some(Status::Error) {
            return Ok(());
        }
        let what = format!("nothing says what was used; expected {expected}");
        Err(EventError::new("", what))
    }

    /// Adds the quantity of one meter.
    pub(super) fn set_meter(&mut self, meter: Meter, given: Given<'_>) -> Result<(), String> {
        if self.seen_meters.contains(&meter) {
            return Err("is there twice; send it once".to_owned());
        }
        let quantity = match meter.unit() {
            Unit::InputToken | Unit::OutputToken => {
                Quantity::whole(whole(given.number("a whole number of tokens")?)?)
            }
            Unit::Other(_) => quantity(given.number("a number")?)?,
        };
        self.metered.usage.add(meter, quantity).map_err(|error| error.to_string())?;
        self.seen_meters.push(meter);
        self.has_usage = true;
        Ok(())
    }
}
