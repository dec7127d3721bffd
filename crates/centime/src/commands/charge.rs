//! A charge as `price` and `explain` print it.

use std::io::{self, Write};

use centime_core::entry::PricingStatus;
use centime_core::rating::ChargeLine;
use centime_engine::Priced;

use crate::output::escape;

/// Writes the lines of a charge as a JSON array.
pub(crate) fn write_lines(out: &mut impl Write, lines: &[ChargeLine]) -> io::Result<()> {
    out.write_all(b"[")?;
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        write!(
            out,
            "{{\"meter\":\"{}\",\"quantity\":{},\"rate\":{},\"amount\":{}",
            line.meter, line.quantity, line.rate, line.amount
        )?;
        if line.rate_of != line.meter {
            write!(out, ",\"rate_of\":\"{}\"", line.rate_of)?;
        }
        if line.derived {
            out.write_all(b",\"derived\":true")?;
        }
        out.write_all(b"}")?;
    }
    out.write_all(b"]")
}

/// Writes what a call cost as one JSON object, as documented for `price`.
pub(crate) fn write_priced(
    out: &mut impl Write,
    id: Option<&str>,
    priced: &Priced,
    version: &str,
) -> io::Result<()> {
    let optional = |text: Option<&str>| text.map_or_else(|| "null".to_owned(), escape);
    write!(
        out,
        "{{\"id\":{},\"provider\":{},\"model\":{},\"status\":\"{}\",\"assumed\":{}",
        optional(id),
        optional(priced.provider.as_deref()),
        escape(&priced.model),
        priced.status,
        priced.assumed,
    )?;
    match &priced.charge {
        Some(charge) if priced.status != PricingStatus::Unpriced => {
            write!(out, ",\"cost\":{},\"price_version\":{}", charge.amount, escape(version))?;
            out.write_all(b",\"lines\":")?;
            write_lines(out, &charge.lines)?;
            out.write_all(b",\"missing\":[")?;
            for (index, (meter, _)) in charge.missing.iter().enumerate() {
                write!(out, "{}\"{meter}\"", if index > 0 { "," } else { "" })?;
            }
            out.write_all(b"]}")
        }
        _ => {
            let reason = match &priced.unresolved {
                Some(unresolved) => unresolved.to_string(),
                None => "the price book has no rates for it".to_owned(),
            };
            write!(
                out,
                ",\"cost\":null,\"price_version\":{},\"lines\":[],\"missing\":[],\"reason\":{}}}",
                escape(version),
                escape(&reason)
            )
        }
    }
}
