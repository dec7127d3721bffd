//! `POST /v1/audio/speech` and `/v1/audio/transcriptions`: <https://platform.openai.com/docs/api-reference/audio>.

use bytes::Bytes;
use centime_core::meter::Meter;
use serde_json::{Value, json};

use crate::answer::{Answer, Content, Event, Framing};
use crate::call::{Call, count};
use crate::dice::Dice;
use crate::prompt::Prompt;
use crate::refusal::Refusal;
use crate::reply::usage;
use crate::words::prose;

/// The sound of a character.
const BYTES_A_CHARACTER: usize = 240;

/// Sound, and not a word about what it cost: it is billed by the characters of the call.
pub(super) fn speech(call: &Call<'_>) -> Result<Answer, Refusal> {
    call.named_model()?;
    let input = call.required("input")?.as_str().unwrap_or_default();
    call.required("voice")?;
    let (kind, magic): (_, &[u8]) = match call.body["response_format"].as_str() {
        Some("wav") => ("audio/wav", b"RIFF"),
        Some("opus") => ("audio/opus", b"OggS"),
        Some("aac") => ("audio/aac", b"\xff\xf1"),
        Some("flac") => ("audio/flac", b"fLaC"),
        Some("pcm") => ("audio/pcm", b""),
        _ => ("audio/mpeg", b"ID3"),
    };
    let characters = input.chars().count();
    let mut dice = call.dice().of("sound");
    let mut sound = magic.to_vec();
    while sound.len() < characters * BYTES_A_CHARACTER {
        sound.extend(dice.roll().to_le_bytes());
    }
    let characters = u64::try_from(characters).unwrap_or(u64::MAX);
    let given = usage(&[(Meter::Characters, characters)]);
    Ok(Answer::of(Content::Bytes(kind, Bytes::from(sound)), given))
}

/// What a second of sound is: bytes of a recording at 16 kHz and 16 bits, tokens, words.
const BYTES_A_SECOND: u64 = 32_000;
const TOKENS_A_SECOND: u64 = 10;
const WORDS_A_SECOND: u64 = 2;

/// By the second at Whisper, by tokens at the newer models.
pub(super) fn transcription(call: &Call<'_>) -> Result<Answer, Refusal> {
    let model = call.named_model()?;
    let file = call.required("file")?;
    let seconds = file["bytes"].as_u64().unwrap_or(0).div_ceil(BYTES_A_SECOND).max(1);
    let text = prose(&mut call.dice().of("text"), seconds * WORDS_A_SECOND);
    if model.starts_with("whisper") {
        return Ok(by_the_second(call, seconds, &text));
    }
    let mut prompt = Prompt::new("openai", model);
    prompt.content(&call.body["prompt"]);
    let (sound, output) = (seconds * TOKENS_A_SECOND, count(&text));
    let input = prompt.tokens + sound;
    let used = json!({"type": "tokens", "total_tokens": input + output, "input_tokens": input,
        "output_tokens": output,
        "input_token_details": {"text_tokens": prompt.tokens, "audio_tokens": sound}});
    let given = usage(&[
        (Meter::Input, prompt.tokens),
        (Meter::InputAudio, sound),
        (Meter::Output, output),
    ]);
    let whole = text.concat();
    if !call.is_stream() {
        return Ok(Answer::json(json!({"text": whole, "usage": used}), given).written(output));
    }
    let delta = |(delta, tokens): (String, u64)| {
        Event::data(json!({"type": "transcript.text.delta", "delta": delta})).carrying(tokens)
    };
    let mut events: Vec<Event> = call.chunks(&text).map(delta).collect();
    let done = json!({"type": "transcript.text.done", "text": whole, "usage": used});
    events.push(Event::data(done));
    Ok(Answer::events(events, Framing::Sse, given))
}

fn by_the_second(call: &Call<'_>, seconds: u64, text: &[String]) -> Answer {
    let given = usage(&[(Meter::InputSeconds, seconds)]);
    let text = text.concat();
    let used = json!({"type": "duration", "seconds": seconds});
    let content = match call.body["response_format"].as_str() {
        Some("text") => Content::Bytes("text/plain; charset=utf-8", Bytes::from(text + "\n")),
        Some("srt") => subtitles(seconds, &text, "1\n00:00:00,000 --> ", ",000"),
        Some("vtt") => subtitles(seconds, &text, "WEBVTT\n\n00:00:00.000 --> ", ".000"),
        Some("verbose_json") => Content::Json(json!({"task": "transcribe", "language": "english",
            "duration": seconds, "text": text, "segments": [segment(call, seconds, &text)],
            "usage": used})),
        _ => Content::Json(json!({"text": text, "usage": used})),
    };
    Answer::of(content, given)
}

fn subtitles(seconds: u64, text: &str, start: &str, fraction: &str) -> Content {
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let end = format!("{:02}:{:02}:{seconds:02}{fraction}", minutes / 60, minutes % 60);
    Content::Bytes("text/plain; charset=utf-8", Bytes::from(format!("{start}{end}\n{text}\n\n")))
}

fn segment(call: &Call<'_>, seconds: u64, text: &str) -> Value {
    let mut dice: Dice = call.dice().of("segment");
    let tokens: Vec<u64> = (0..4).map(|_| dice.below(50_000)).collect();
    json!({"id": 0, "seek": 0, "start": 0.0, "end": seconds, "text": text, "tokens": tokens,
           "temperature": 0.0, "avg_logprob": -0.2, "compression_ratio": 1.2,
           "no_speech_prob": 0.01})
}
