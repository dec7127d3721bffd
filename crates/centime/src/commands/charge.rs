//! A charge as `price` prints it.

use centime_core::entry::PricingStatus;
use centime_core::rating::ChargeLine;
use centime_engine::Priced;

use crate::output::push_text;

/// Writes the lines of a charge as a JSON array, by hand: `price --jsonl` writes millions.
fn push_lines(out: &mut Vec<u8>, lines: &[ChargeLine]) {
    out.push(b'[');
    for (index, line) in lines.iter().enumerate() {
        out.extend_from_slice(if index > 0 { b",{\"meter\":\"" } else { b"{\"meter\":\"" });
        out.extend_from_slice(line.meter.name().as_bytes());
        out.extend_from_slice(b"\",\"quantity\":");
        line.quantity.append_to(out);
        out.extend_from_slice(b",\"rate\":");
        line.rate.append_to(out);
        out.extend_from_slice(b",\"amount\":");
        line.amount.append_to(out);
        if line.rate_of != line.meter {
            out.extend_from_slice(b",\"rate_of\":");
            push_text(out, line.rate_of.name());
        }
        if line.derived {
            out.extend_from_slice(b",\"derived\":true");
        }
        out.push(b'}');
    }
    out.push(b']');
}

/// Writes what a call cost as one JSON object, as documented for `price`.
pub(crate) fn push_priced(out: &mut Vec<u8>, id: Option<&str>, priced: &Priced, version: &str) {
    let mut optional = |key: &[u8], text: Option<&str>| {
        out.extend_from_slice(key);
        match text {
            Some(text) => push_text(out, text),
            None => out.extend_from_slice(b"null"),
        }
    };
    optional(b"{\"id\":", id);
    optional(b",\"provider\":", priced.provider());
    optional(b",\"model\":", Some(priced.model()));
    out.extend_from_slice(b",\"status\":\"");
    out.extend_from_slice(priced.status.name().as_bytes());
    let (yes, no) = (b"\",\"assumed\":true,\"cost\":", b"\",\"assumed\":false,\"cost\":");
    out.extend_from_slice(if priced.assumed { yes } else { no });
    let charge = priced.charge.as_ref().filter(|_| priced.status != PricingStatus::Unpriced);
    match charge {
        Some(charge) => charge.amount.append_to(out),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"price_version\":");
    push_text(out, version);
    out.extend_from_slice(b",\"lines\":");
    push_lines(out, charge.map_or(&[], |charge| &charge.lines));
    out.extend_from_slice(b",\"missing\":[");
    for (index, (meter, _)) in charge.iter().flat_map(|charge| &charge.missing).enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_text(out, meter.name());
    }
    out.push(b']');
    if charge.is_none() {
        out.extend_from_slice(b",\"reason\":");
        match &priced.unresolved {
            Some(unresolved) => push_text(out, &unresolved.to_string()),
            None => push_text(out, "the price book has no rates for it"),
        }
    }
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_answers::explain::Line;
    use centime_core::meter::Meter;

    #[test]
    fn both_ways_to_write_a_line_are_one() {
        let line = ChargeLine {
            meter: Meter::Input,
            quantity: "200".parse().unwrap(),
            rate: "0.00000125".parse().unwrap(),
            rate_of: Meter::Input,
            derived: false,
            amount: "0.00025".parse().unwrap(),
        };
        let strange =
            ChargeLine { meter: Meter::Reasoning, rate_of: Meter::Output, derived: true, ..line };
        let lines = [line, strange];
        let mut by_hand = Vec::new();
        push_lines(&mut by_hand, &lines);
        let lines = serde_json::to_string(&lines.iter().map(Line).collect::<Vec<_>>()).unwrap();
        assert_eq!(lines, String::from_utf8(by_hand).unwrap());
    }
}
