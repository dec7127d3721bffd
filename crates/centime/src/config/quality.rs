//! How good models are, where the file knows it better.

use centime_choice::Kind;
use centime_core::score::Score;

use super::reader::{Section, Wrong};
use super::setting::Amount;

/// What the file says of one model's quality at one kind of task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnQuality {
    /// The model: `gpt-5-mini`, or `openai/gpt-5-mini`.
    pub model: String,
    /// The kind of task.
    pub kind: Kind,
    /// How good it is.
    pub score: Score,
}

/// Reads `[quality.MODEL]`.
pub(super) fn read(root: &Section<'_>) -> Result<Vec<OwnQuality>, Wrong> {
    root.table("quality", |table| {
        let mut all = Vec::new();
        for model in table.names() {
            table.table(&model, |section| {
                for key in section.names() {
                    let kind: Kind = key
                        .parse()
                        .map_err(|error| section.wrong(&key, &format!("is wrong: {error}")))?;
                    let Some(Amount(text)) = section.optional::<Amount>(&key)? else { continue };
                    let score = text.parse().map_err(|error| {
                        section.wrong(&key, &format!("is no quality from 0 to 1: {error}"))
                    })?;
                    all.push(OwnQuality { model: model.clone(), kind, score });
                }
                Ok(())
            })?;
        }
        Ok(all)
    })
}
