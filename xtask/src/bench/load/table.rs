//! What came out, as a table that can be pasted into a page.

/// A figure of Centime beside nginx's.
#[derive(Debug, Default)]
pub(super) struct Row {
    figure: String,
    nginx: String,
    centime: String,
    ratio: String,
    target: String,
}

/// How much of a figure is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    AtLeast(f64),
    AtMost(f64),
}

impl Target {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }

    fn text(self, unit: &str, value: f64) -> String {
        let (sign, bound) = match self {
            Self::AtLeast(bound) => ("≥", bound),
            Self::AtMost(bound) => ("≤", bound),
        };
        let missed = if self.is_met(value) { "" } else { " (missed)" };
        format!("{sign} {bound}{unit}{missed}")
    }
}

impl Row {
    /// Two figures of the same unit; what is wanted is their ratio, Centime's by the other's.
    pub(super) fn ratio(
        figure: &str,
        [other, centime]: [f64; 2],
        unit: &str,
        target: Option<Target>,
    ) -> Self {
        let ratio = centime / other;
        Self {
            figure: figure.to_owned(),
            nginx: told(other, unit),
            centime: told(centime, unit),
            ratio: format!("{ratio:.2} ×"),
            target: target.map_or_else(String::new, |target| target.text(" ×", ratio)),
        }
    }

    /// A figure of another tool, and how many times Centime's it is.
    pub(super) fn times(figure: &str, other: f64, times: f64, least: f64) -> Self {
        Self {
            figure: figure.to_owned(),
            ratio: format!("{times:.0} ×"),
            centime: told(other / times, "µs"),
            target: Target::AtLeast(least).text(" ×", times),
            nginx: format!("LiteLLM: {}", told(other, "µs")),
        }
    }

    /// A figure that stands for itself, and nginx's where it has one.
    pub(super) fn alone(
        figure: &str,
        nginx: Option<f64>,
        centime: f64,
        unit: &str,
        target: Option<Target>,
    ) -> Self {
        Self {
            figure: figure.to_owned(),
            nginx: nginx.map_or_else(String::new, |figure| told(figure, unit)),
            centime: told(centime, unit),
            ratio: String::new(),
            target: target
                .map_or_else(String::new, |target| target.text(&format!(" {unit}"), centime)),
        }
    }
}

fn told(value: f64, unit: &str) -> String {
    let decimals = if value.abs() < 100.0 { 1 } else { 0 };
    format!("{value:.decimals$} {unit}")
}

/// The table, in Markdown.
pub(super) fn print(rows: &[Row]) {
    println!("| figure | nginx | Centime | ratio | target |");
    println!("|---|---:|---:|---:|---:|");
    for Row { figure, nginx, centime, ratio, target } in rows {
        println!("| {figure} | {nginx} | {centime} | {ratio} | {target} |");
    }
}

/// The figure in the middle.
pub(super) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_whether_its_target_is_met() {
        for (target, expected) in [
            (Target::AtLeast(0.6), "≥ 0.6 × (missed)"),
            (Target::AtLeast(0.5), "≥ 0.5 ×"),
            (Target::AtMost(1.4), "≤ 1.4 ×"),
            (Target::AtMost(0.4), "≤ 0.4 × (missed)"),
        ] {
            let row = Row::ratio("calls", [200.0, 100.0], "/s", Some(target));
            assert_eq!((row.target.as_str(), row.ratio.as_str()), (expected, "0.50 ×"));
        }
    }

    #[test]
    fn the_median_is_one_of_the_figures() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).abs() < f64::EPSILON);
    }
}
