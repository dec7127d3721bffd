//! A charge line in the words of FOCUS.

use std::borrow::Cow;

use centime_core::meter::{Meter, Unit};
use centime_core::money::{PicoUsd, Quantity, Rate};
use centime_core::time::Timestamp;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, civil};

use crate::Call;
use crate::call::Line;
use crate::json::Json;

/// Who provides what nobody named: the specification wants a name.
const UNKNOWN: &str = "unknown";

/// A charge line that has a price, and the call that it is of.
pub(super) struct Charge<'c> {
    pub(super) call: &'c Call<'c>,
    pub(super) account: &'c str,
    pub(super) meter: Meter,
    /// How much was used.
    pub(super) consumed: Quantity,
    /// What it cost.
    pub(super) amount: PicoUsd,
    /// What it was priced by.
    pub(super) price: Price,
}

/// A price: so much of a unit at so much each.
pub(super) struct Price {
    pub(super) quantity: Quantity,
    pub(super) unit: &'static str,
    pub(super) rate: Rate,
}

impl<'c> Charge<'c> {
    /// A line as a charge; `None` where it has no price.
    pub(super) fn of(call: &'c Call<'c>, line: Line, account: &'c str) -> Option<Self> {
        let Line { line, rate } = line;
        let amount = line.amount?;
        let price = match rate {
            Some(applied) => {
                Price { quantity: line.quantity, unit: unit(line.meter), rate: applied.rate }
            }
            // A figure as such: so many dollars at a dollar each.
            None => Price {
                quantity: Quantity::from_scaled(amount.pico().into()),
                unit: unit(Meter::Reported),
                rate: Rate::ONE,
            },
        };
        Some(Self { call, account, meter: line.meter, consumed: line.quantity, amount, price })
    }

    /// The provider, who sends the invoice.
    pub(super) fn provider(&self) -> &str {
        self.call.attempt().provider.as_deref().unwrap_or(UNKNOWN)
    }

    /// What is bought: a meter of a model at a provider, whatever its price.
    pub(super) fn sku(&self) -> String {
        format!("{}/{}/{}", self.provider(), self.call.attempt().model, self.meter)
    }

    /// At which price: in which tier, from which date, and the rate, which may depend on more.
    pub(super) fn sku_price(&self) -> String {
        let (sku, rate) = (self.sku(), self.price.rate);
        match &self.call.present().card {
            Some(card) => {
                let from = card.from.to_jiff().strftime("%Y-%m-%d");
                format!("{sku}/{}/{from}/{rate}", card.tier)
            }
            None => format!("{sku}/{rate}"),
        }
    }

    /// What distinguishes the price, as an object of the exporter's own properties.
    pub(super) fn sku_price_details(&self) -> String {
        let attempt = self.call.attempt();
        let mut json = Json::default();
        json.open(b'{');
        json.optional("x_Model", Some(&attempt.model));
        json.optional("x_Meter", Some(self.meter.name()));
        if let Some(direction) = direction(self.meter) {
            json.optional("x_TokenDirection", Some(direction));
        }
        if let Some(card) = &self.call.present().card {
            json.optional("x_ServiceTier", Some(card.tier.name()));
        }
        if attempt.batch {
            json.key("x_Batch");
            json.literal("true");
        }
        if !attempt.options.is_empty() {
            json.optional("x_Options", Some(&attempt.options.to_string()));
        }
        json.close(b'}');
        json.into_text()
    }

    /// The second in which the call was made, and the one after it.
    pub(super) fn period(&self) -> [String; 2] {
        let second = self.call.attempt().at.to_jiff();
        let next = second.checked_add(SignedDuration::from_secs(1)).unwrap_or(second);
        [second, next].map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    }

    /// The first day of the call's month in UTC, and of the one after it.
    pub(super) fn billing_period(&self) -> [String; 2] {
        let first = month_of(self.call.attempt().at);
        let next = first.checked_add(Span::new().months(1)).unwrap_or(first);
        [first, next].map(|day| day.strftime("%Y-%m-%dT00:00:00Z").to_string())
    }

    /// What people read.
    pub(super) fn description(&self) -> String {
        format!("{} {} of {}", self.consumed, self.meter, self.call.attempt().model)
    }

    /// The tags as an object; `None` for none.
    pub(super) fn tags(&self) -> Option<Cow<'_, str>> {
        let tags = &self.call.attempt().attribution.tags;
        if tags.is_empty() {
            return None;
        }
        let mut json = Json::default();
        json.tags(tags);
        Some(json.into_text().into())
    }
}

fn month_of(at: Timestamp) -> civil::Date {
    at.in_zone(&TimeZone::UTC).date().first_of_month()
}

const fn direction(meter: Meter) -> Option<&'static str> {
    match meter.unit() {
        Unit::InputToken => Some("Input"),
        Unit::OutputToken => Some("Output"),
        Unit::Other(_) => None,
    }
}

/// The unit of a meter as the specification's unit format has it: capitalised, in the plural.
pub(super) fn unit(meter: Meter) -> &'static str {
    match meter.unit() {
        Unit::InputToken | Unit::OutputToken => "Tokens",
        Unit::Other("image") => "Images",
        Unit::Other("pixel") => "Pixels",
        Unit::Other("second") => "Seconds",
        Unit::Other("character") => "Characters",
        Unit::Other("page") => "Pages",
        Unit::Other("credit") => "Credits",
        Unit::Other("message") => "Messages",
        Unit::Other("unit") => "Units",
        Unit::Other("search") => "Searches",
        Unit::Other("session") => "Sessions",
        Unit::Other("query") => "Queries",
        Unit::Other("request") => "Requests",
        Unit::Other("classification") => "Classifications",
        Unit::Other(other) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_meter_has_a_unit_in_the_plural() {
        for &meter in Meter::ALL {
            let unit = unit(meter);
            assert!(unit.ends_with('s') || ["DBU", "USD"].contains(&unit), "{meter}: {unit}");
            assert!(unit.starts_with(|first: char| first.is_ascii_uppercase()), "{unit}");
        }
    }
}
