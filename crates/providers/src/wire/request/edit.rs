//! What is changed in a call before it goes on.

use super::{Asked, End, Spot};
use crate::error::ReadError;
use crate::wire::edits::Edits;

/// What is to change in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changes<'c> {
    /// Another name for the model, wherever the body names one.
    pub model: Option<&'c str>,
    /// Asks for the usage of a stream, where the endpoint knows such a wish.
    pub with_usage: bool,
    /// Another output limit, in all the ways that the client said it, or as a further member.
    pub output_limit_tokens: Option<u64>,
    /// What a limit is called that the client did not set, for providers that do not know the usual
    /// name: `max_tokens` for chat completions of most but OpenAI.
    pub limit_name: Option<&'c str>,
}

impl Asked<'_> {
    /// The edits that make these changes to the body; everything else stays byte for byte.
    ///
    /// # Errors
    /// When a form cannot carry the model's name.
    pub fn edits(&self, changes: &Changes<'_>) -> Result<Edits, ReadError> {
        let mut edits = Edits::default();
        // Whether the next member of the outermost object is its first.
        let mut end = self.places.end.clone();
        if let Some(model) = changes.model {
            self.rename(model, &mut edits)?;
        }
        if changes.with_usage && !self.has_usage {
            put(
                &self.places.usage,
                &mut end,
                &mut edits,
                ("stream_options", "include_usage", "true"),
            );
        }
        if let Some(tokens) = changes.output_limit_tokens {
            let tokens = tokens.to_string();
            for at in &self.places.limits {
                edits.replace(at.clone(), tokens.clone());
            }
            if self.places.limits.is_empty() {
                let own = self.endpoint.limit_names().first().copied();
                let (outer, inner) = if self.endpoint.is_gemini_answer() {
                    ("generationConfig", "maxOutputTokens")
                } else {
                    ("", changes.limit_name.or(own).unwrap_or_default())
                };
                put(&self.places.limit, &mut end, &mut edits, (outer, inner, &tokens));
            }
        }
        Ok(edits)
    }

    fn rename(&self, model: &str, edits: &mut Edits) -> Result<(), ReadError> {
        for place in &self.places.models {
            let path = if place.is_path && !model.starts_with("models/") { "models/" } else { "" };
            let name = format!("{path}{model}");
            if !place.is_bare {
                edits.replace(place.at.clone(), quoted(&name));
            } else if name.contains(['\r', '\n']) {
                return Err(ReadError::new("model", "a name in a form has no line ends"));
            } else {
                edits.replace(place.at.clone(), name);
            }
        }
        Ok(())
    }
}

/// Puts `"outer":{"inner":value}` where it belongs; without a name for it there is no outer object.
fn put(
    spot: &Spot,
    outermost: &mut Option<End>,
    edits: &mut Edits,
    (outer, inner, value): (&str, &str, &str),
) {
    let member = format!("{}:{value}", quoted(inner));
    match spot {
        Spot::Nowhere => {}
        Spot::Value(at) => edits.replace(at.clone(), value.to_owned()),
        Spot::Inside(end) => edits.insert(end.at, parted(end, &member)),
        Spot::Whole(at) => edits.replace(at.clone(), format!("{{{member}}}")),
        Spot::Outermost => {
            let Some(end) = outermost else {
                return;
            };
            let member = match outer {
                "" => member,
                outer => format!("{}:{{{member}}}", quoted(outer)),
            };
            edits.insert(end.at, parted(end, &member));
            end.is_empty = false;
        }
    }
}

/// A further member, with the comma that parts it from those before.
fn parted(end: &End, member: &str) -> String {
    format!("{}{member}", if end.is_empty { "" } else { "," })
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
