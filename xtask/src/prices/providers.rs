//! The list of providers, kept by hand.

use std::path::Path;

use anyhow::{Context, Result, bail};
use centime_core::price::format::Header;

/// The providers of the list.
pub(super) struct Providers(Vec<Header>);

/// Reads `NAME [maker] [also=A,B]` lines.
pub(super) fn read(path: &Path) -> Result<Providers> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut headers = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        let mut header =
            Header { provider: words.next().unwrap_or_default().to_owned(), ..Header::default() };
        for word in words {
            match word.strip_prefix("also=") {
                Some(names) => header.also = names.split(',').map(str::to_owned).collect(),
                None if word == "maker" => header.maker = true,
                None => bail!("{}: `{word}` is neither `maker` nor `also=…`", path.display()),
            }
        }
        headers.push(header);
    }
    Ok(Providers(headers))
}

impl Providers {
    /// The header of a provider; one that is not listed is no maker and has no other name.
    pub(super) fn header(&self, provider: &str) -> Header {
        let listed = self.0.iter().find(|header| header.provider == provider);
        listed
            .cloned()
            .unwrap_or_else(|| Header { provider: provider.to_owned(), ..Header::default() })
    }
}
