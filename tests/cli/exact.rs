//! Figures as they were written: JSON whose numbers stay text, and dollars as whole picodollars.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// Picodollars in a dollar.
const DOLLAR: i128 = 1_000_000_000_000;

/// Picodollars as a plain decimal number of dollars, with all the digits it needs and no more.
pub(crate) fn usd(pico: i128) -> String {
    let sign = if pico < 0 { "-" } else { "" };
    let (whole, fraction) = (pico.abs() / DOLLAR, pico.abs() % DOLLAR);
    let text = format!("{sign}{whole}.{fraction:012}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The picodollars of a plain decimal number of dollars.
pub(crate) fn pico(usd: &str) -> i128 {
    let (whole, fraction) = usd.split_once('.').unwrap_or((usd, ""));
    assert!(fraction.len() <= 12, "`{usd}` has more digits than picodollars");
    let digits = format!("{whole}{fraction:0<12}");
    digits.parse().unwrap_or_else(|_| panic!("`{usd}` is no plain decimal number"))
}

/// A JSON text whose numbers are compared as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Json(String);

impl Json {
    /// A whole document. Its numbers must be plain: digits, a sign and a point, never an exponent.
    pub(crate) fn parse(text: &str) -> Self {
        let raw: &RawValue = serde_json::from_str(text)
            .unwrap_or_else(|error| panic!("not one JSON document: {error}\n{text}"));
        let json = Self(raw.get().to_owned());
        json.assert_plain_numbers();
        json
    }

    fn assert_plain_numbers(&self) {
        if self.0.starts_with('{') {
            self.members().values().for_each(Self::assert_plain_numbers);
        } else if self.0.starts_with('[') {
            self.items().iter().for_each(Self::assert_plain_numbers);
        } else if self.0.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            let is_plain = |char: char| char.is_ascii_digit() || "-.".contains(char);
            assert!(self.0.chars().all(is_plain), "`{}` is no plain number", self.0);
        }
    }

    /// What stands at a path of names and indices, `groups.0.cost`.
    pub(crate) fn at(&self, path: &str) -> Self {
        path.split('.').fold(self.clone(), |json, step| {
            let found = match step.parse::<usize>() {
                Ok(index) => json.items().get(index).cloned(),
                Err(_) => json.members().get(step).cloned(),
            };
            found.unwrap_or_else(|| panic!("there is no `{step}` of `{path}` in {}", self.0))
        })
    }

    /// The text at a path: of a number its literal, of a string what it says.
    pub(crate) fn text(&self, path: &str) -> String {
        self.at(path).say()
    }

    /// The amount of dollars at a path, in picodollars.
    pub(crate) fn pico(&self, path: &str) -> i128 {
        pico(&self.text(path))
    }

    /// The whole number at a path.
    pub(crate) fn whole(&self, path: &str) -> i128 {
        let text = self.text(path);
        text.parse().unwrap_or_else(|_| panic!("`{path}` is `{text}`, no whole number"))
    }

    /// A string as what it says, anything else as it was written.
    pub(crate) fn say(&self) -> String {
        match self.0.starts_with('"') {
            true => serde_json::from_str(&self.0).unwrap(),
            false => self.0.clone(),
        }
    }

    /// As it was written.
    pub(crate) fn raw(&self) -> &str {
        &self.0
    }

    /// The items of an array.
    pub(crate) fn items(&self) -> Vec<Self> {
        let items: Vec<&RawValue> = serde_json::from_str(&self.0)
            .unwrap_or_else(|error| panic!("no array: {error}\n{}", self.0));
        items.into_iter().map(|item| Self(item.get().to_owned())).collect()
    }

    /// The members of an object by name.
    pub(crate) fn members(&self) -> BTreeMap<String, Self> {
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(&self.0)
            .unwrap_or_else(|error| panic!("no object: {error}\n{}", self.0));
        members.into_iter().map(|(name, value)| (name, Self(value.get().to_owned()))).collect()
    }
}

#[test]
fn dollars_are_written_and_read_to_the_picodollar() {
    for (amount, expected) in [
        (0, "0"),
        (1, "0.000000000001"),
        (18_750_000, "0.00001875"),
        (10 * DOLLAR, "10"),
        (-DOLLAR / 2, "-0.5"),
        (i128::from(i64::MAX), "9223372.036854775807"),
    ] {
        assert_eq!(usd(amount), expected);
        if amount >= 0 {
            assert_eq!(pico(expected), amount);
        }
    }
}
