//! What models are known to do beside text, from LiteLLM's map: the price book itself has prices and limits.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    mode: String,
    supports_vision: bool,
    supports_function_calling: bool,
    supports_response_schema: bool,
}

/// How many listings of a name there are, and how many of them say each feature.
#[derive(Default)]
struct Said {
    listings: usize,
    images: usize,
    tools: usize,
    json: usize,
}

/// A line a name, sorted, with what most listings of it say. A name is what follows the last `/` of a key, in
/// small letters: providers of one model rarely differ in what it does.
pub(super) fn write(map: &str, version: &str) -> Result<String> {
    let map: BTreeMap<String, serde_json::Value> = serde_json::from_str(map)?;
    let mut names: BTreeMap<String, Said> = BTreeMap::new();
    for (key, value) in map {
        // What is no model, or says something else of a feature than yes or no, is left out.
        let Ok(entry) = serde_json::from_value::<Entry>(value) else { continue };
        if !matches!(entry.mode.as_str(), "chat" | "responses") {
            continue;
        }
        let name = key.rsplit('/').next().unwrap_or(&key).to_lowercase();
        if name.is_empty() || name.contains(char::is_whitespace) {
            continue;
        }
        let said = names.entry(name).or_default();
        said.listings += 1;
        said.images += usize::from(entry.supports_vision);
        said.tools += usize::from(entry.supports_function_calling);
        said.json += usize::from(entry.supports_response_schema);
    }
    let mut text = format!(
        "# What models are known to do beside text, of LiteLLM's map (MIT), version {version}. Made by `cargo \
         xtask prices`; do not edit.\n"
    );
    for (name, said) in names {
        write!(text, "{name}")?;
        let features = [("images", said.images), ("tools", said.tools), ("json", said.json)];
        for (feature, _) in features.iter().filter(|(_, count)| count * 2 > said.listings) {
            write!(text, " {feature}")?;
        }
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_listings_of_a_name_decide() {
        let map = r#"{
            "sample_spec": {"mode": "one of: chat", "supports_vision": true},
            "gpt-x": {"mode": "chat", "supports_vision": true, "supports_function_calling": true},
            "azure/GPT-X": {"mode": "chat", "supports_function_calling": true},
            "embed": {"mode": "embedding"}
        }"#;
        let text = write(map, "test").unwrap();
        assert_eq!(text.lines().skip(1).collect::<Vec<_>>(), ["gpt-x tools"]);
    }
}
