//! OpenAI's moderations: they are free, and their answers count nothing.
//!
//! <https://platform.openai.com/docs/guides/moderation>. Told by the id, so that the moderations of
//! providers that charge for theirs are not taken for these.

use super::Dialect;
use crate::fields::Fields;

pub(super) const DIALECT: Dialect =
    Dialect { is_whole: Some(is_openai), ..Dialect::new("openai_moderation", |_, _| Ok(())) };

fn is_openai(answer: &Fields<'_>) -> bool {
    answer.has("results") && answer.word("id").is_some_and(|id| id.starts_with("modr-"))
}
