//! Usage whose every field is a meter of its own: pages, characters, images, seconds.
//!
//! - Mistral's OCR: <https://docs.mistral.ai/capabilities/document_ai/basic_ocr>
//! - MiniMax's speech: <https://platform.minimax.io/docs/api-reference/speech-t2a-http>
//! - Alibaba's images, films and speech: <https://www.alibabacloud.com/help/en/model-studio/>

use centime_core::meter::Meter;

use super::Dialect;
use crate::error::ReadError;
use crate::fields::Fields;
use crate::metered::Metered;
use crate::parts::add_quantity;

pub(super) const DIALECT: Dialect = Dialect {
    signs: &[
        "pages_processed",
        "usage_characters",
        "characters",
        "image_count",
        "video_duration",
        "output_video_duration",
        "duration",
    ],
    answer,
    ..Dialect::new("counted", usage)
};

fn usage(usage: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    for (name, meter) in [
        ("pages_processed", Meter::Pages),
        ("usage_characters", Meter::Characters),
        ("characters", Meter::Characters),
        ("image_count", Meter::Images),
    ] {
        add_quantity(metered, meter, usage, name)?;
    }
    // A film says its length as `duration` too, which is the length of sound where there is none.
    let film = ["output_video_duration", "video_duration"];
    let film = film.into_iter().find(|name| usage.has(name));
    match film {
        Some(name) => add_quantity(metered, Meter::OutputSeconds, usage, name),
        None if usage.has("video_count") => {
            add_quantity(metered, Meter::OutputSeconds, usage, "duration")
        }
        None => add_quantity(metered, Meter::InputSeconds, usage, "duration"),
    }
}

/// Pages that were annotated as well are billed as that alone
/// (<https://mistral.ai/pricing#api-pricing>).
fn answer(answer: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    super::name_by(answer, "model", "id", metered);
    if metered.response_id.is_none() {
        metered.response_id = answer.word("request_id").map(Into::into);
    }
    if matches!(answer.get("document_annotation"), Ok(Some(_))) {
        metered.rename(Meter::Pages, Meter::AnnotatedPages)?;
    }
    Ok(())
}
