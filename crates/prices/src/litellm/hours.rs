//! Rates for some hours of the week.

use centime_core::money::Rate;
use centime_core::price::{EVERY_DAY, Hours, RateRule, Stretch, parse_minute};

use super::key::RateKey;
use super::{Fields, Rates};

/// Rates for some hours of the week: `{"input_cost_per_token": …, "windows": [{"hours_utc":
/// ["00:00-01:00"], "weekdays": [1, 2, 3, 4, 5]}]}`, or one window in the object itself.
pub(super) fn read_off_peak(value: &str, rates: &mut Rates) {
    let fields: Fields<'_> = serde_json::from_str(value).unwrap_or_default();
    let Some(hours) = read_hours(&fields) else {
        rates.unexpressed.push("off_peak_pricing".to_owned());
        return;
    };
    const ABOUT_HOURS: [&str; 4] = ["windows", "hours_utc", "weekdays", "weekday_timezone"];
    for (name, value) in fields.iter().filter(|(name, _)| !ABOUT_HOURS.contains(&name.as_ref())) {
        match (RateKey::parse(name), value.get().parse::<Rate>()) {
            (Some(key), Ok(rate)) => {
                rates.rules.push(RateRule { hours: Some(hours.clone()), ..key.rule(rate, 0) });
            }
            _ => rates.unexpressed.push(format!("off_peak_pricing.{name}")),
        }
    }
}

fn read_hours(fields: &Fields<'_>) -> Option<Hours> {
    let offset = match fields.get("weekday_timezone").map(|zone| zone.get()) {
        None | Some("\"UTC\"") => 0,
        // The only other one in use; it has no summer time.
        Some("\"Asia/Shanghai\"") => 8 * 60,
        Some(_) => return None,
    };
    let mut stretches = Vec::new();
    match fields.get("windows") {
        None => read_window(fields, offset, &mut stretches)?,
        Some(windows) => {
            let windows: Vec<Fields<'_>> = serde_json::from_str(windows.get()).ok()?;
            for window in &windows {
                read_window(window, offset, &mut stretches)?;
            }
        }
    }
    (!stretches.is_empty()).then(|| Hours::new(stretches))
}

fn read_window(window: &Fields<'_>, offset: i16, stretches: &mut Vec<Stretch>) -> Option<()> {
    let hours = window.get("hours_utc")?.get();
    let hours: Vec<String> = serde_json::from_str(hours)
        .or_else(|_| serde_json::from_str::<String>(hours).map(|one| vec![one]))
        .ok()?;
    let weekdays = match window.get("weekdays") {
        None => EVERY_DAY,
        Some(days) => {
            let days: Vec<serde_json::Value> = serde_json::from_str(days.get()).ok()?;
            days.iter().try_fold(0, |mask, day| Some(mask | 1 << weekday(day)?))?
        }
    };
    for stretch in hours {
        let (from, to) = stretch.split_once('-')?;
        stretches.push(Stretch {
            from_minute: parse_minute(from.trim())?,
            to_minute: parse_minute(to.trim())?,
            weekdays,
            weekday_offset_minutes: offset,
        });
    }
    Some(())
}

/// Days from Monday: 1 to 7, or English names.
fn weekday(day: &serde_json::Value) -> Option<u32> {
    const NAMES: [&str; 7] =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    match day {
        serde_json::Value::Number(number) => u32::try_from(number.as_u64()?)
            .ok()
            .filter(|day| (1..=7).contains(day))
            .map(|day| day - 1),
        serde_json::Value::String(name) => {
            let index = NAMES.iter().position(|known| *known == name.to_lowercase())?;
            u32::try_from(index).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_off_peak_hours_in_every_form_of_the_map() {
        for (text, expected) in [
            (r#"{"hours_utc": "16:00-00:00", "input_cost_per_token": 1e-07}"#, "16:00-00:00"),
            (
                r#"{"windows": [{"hours_utc": ["00:00-01:00", "10:00-00:00"], "weekdays": [1, 5]},
                    {"hours_utc": "00:00-00:00", "weekdays": ["saturday"]}],
                    "weekday_timezone": "Asia/Shanghai", "input_cost_per_token": 1e-07}"#,
                "00:00-00:00/sa+08:00;00:00-01:00/mo,fr+08:00;10:00-00:00/mo,fr+08:00",
            ),
        ] {
            let mut rates = Rates::default();
            read_off_peak(text, &mut rates);
            assert_eq!(rates.unexpressed, Vec::<String>::new());
            let hours = rates.rules[0].hours.clone().map(|hours| hours.to_string());
            assert_eq!(hours.as_deref(), Some(expected));
        }
    }
}
