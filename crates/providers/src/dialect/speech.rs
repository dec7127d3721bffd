//! Transcriptions whose answers say how long the sound was, and have no usage object.

use centime_core::meter::Meter;
use centime_core::money::Quantity;

use super::{Dialect, name_by};
use crate::error::ReadError;
use crate::fields::Fields;
use crate::metered::Metered;
use crate::parts::add_quantity;

/// Whisper's `verbose_json`, at OpenAI and at all who serve it
/// (<https://platform.openai.com/docs/api-reference/audio/verbose-json-object>).
pub(super) const WHISPER: Dialect = Dialect {
    is_whole: Some(|answer| answer.has("duration") && answer.has("text")),
    ..Dialect::new("whisper", |answer, metered| {
        add_quantity(metered, Meter::InputSeconds, answer, "duration")
    })
};

/// Deepgram (<https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded>).
pub(super) const DEEPGRAM: Dialect = Dialect {
    is_whole: Some(|answer| {
        let metadata = answer.object("metadata").ok().flatten();
        metadata.is_some_and(|metadata| metadata.has("duration") && metadata.has("request_id"))
    }),
    answer: deepgram_names,
    ..Dialect::new("deepgram", deepgram)
};

/// AssemblyAI, whose `audio_duration` is in seconds
/// (<https://www.assemblyai.com/docs/api-reference/transcripts/get>).
pub(super) const ASSEMBLYAI: Dialect = Dialect {
    signs: &["audio_duration"],
    is_whole: Some(|answer| answer.has("audio_duration")),
    answer: |answer, metered| {
        name_by(answer, "speech_model", "id", metered);
        Ok(())
    },
    ..Dialect::new("assemblyai", |answer, metered| {
        add_quantity(metered, Meter::InputSeconds, answer, "audio_duration")
    })
};

/// Each channel that was transcribed apart is billed
/// (<https://developers.deepgram.com/docs/multichannel>).
fn deepgram(answer: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    let Some(metadata) = answer.object("metadata")? else {
        return Err(answer.error("metadata", "is empty; expected how long the sound was"));
    };
    let Some(seconds) = metadata.quantity("duration")? else {
        return Err(metadata.error("duration", "there is none in the answer"));
    };
    let channels = metadata.count("channels")?.unwrap_or(1).max(1);
    let seconds = seconds.scaled().checked_mul(i128::from(channels)).map(Quantity::from_scaled);
    let seconds = seconds.and_then(|seconds| seconds.checked_add(Quantity::ZERO));
    let seconds =
        seconds.ok_or_else(|| metadata.error("channels", format!("{channels} is too large")))?;
    metered
        .usage
        .add(Meter::InputSeconds, seconds)
        .map_err(|error| metadata.error("duration", error.to_string()))
}

fn deepgram_names(answer: &Fields<'_>, metered: &mut Metered) -> Result<(), ReadError> {
    if let Some(metadata) = answer.object("metadata")? {
        metered.response_id = metadata.word("request_id").map(Into::into);
    }
    Ok(())
}
