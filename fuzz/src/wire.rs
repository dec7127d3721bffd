//! The gateway's pure half: what goes through is what came, and edits change what they say.

use std::collections::VecDeque;

use bytes::Bytes as Buffer;
use centime_providers::read_answer;
use centime_providers::wire::pass::{Framing, Piece, Rules, StreamPass};
use centime_providers::wire::request::{Asked, Changes};
use centime_providers::wire::skim::Skimmer;
use centime_providers::wire::{Audio, Endpoint, Gemini};
use serde_json::Value;

use crate::shape::Bytes;

/// What came of a stream: its bytes, what it told, and in how many places its cost may stand.
fn passed(rules: Rules, stream: &[u8], cuts: u8) -> (Vec<u8>, String, usize) {
    let mut pass = StreamPass::new(rules);
    let mut out = VecDeque::new();
    let mut rest = stream;
    // Pieces of changing lengths, or one.
    let mut length = if cuts == 0 { stream.len() } else { usize::from(cuts) };
    while !rest.is_empty() {
        let (chunk, behind) = rest.split_at(length.clamp(1, rest.len()));
        pass.push(Buffer::copy_from_slice(chunk), &mut out);
        rest = behind;
        length = (length * 7 + 3) % 61;
    }
    pass.finish(&mut out);
    let (mut bytes, mut costs) = (Vec::new(), 0);
    for piece in out {
        match piece {
            Piece::Bytes(piece) => bytes.extend_from_slice(&piece),
            Piece::Cost => costs += 1,
            Piece::UsageCost(_) => {}
        }
    }
    let seen = pass.seen_text().0.to_owned();
    let told = format!("{:?} {:?} {seen}", pass.metered(), pass.end());
    (bytes, told, costs)
}

/// Cuts do not matter; where nothing is to change, nothing does.
pub(crate) fn stream(bytes: &[u8]) {
    let mut bytes = Bytes::of(bytes);
    let (choice, cuts) = (bytes.byte(), bytes.byte());
    let endpoints = [
        Endpoint::ChatCompletions,
        Endpoint::AnthropicMessages,
        Endpoint::Gemini(Gemini::StreamGenerate),
        Endpoint::Completions,
    ];
    let rules = Rules {
        endpoint: endpoints[usize::from(choice >> 3) % endpoints.len()],
        framing: if choice & 1 == 0 { Framing::Events } else { Framing::Values },
        is_usage_ours: choice & 2 != 0,
        has_usage_cost: choice & 4 != 0,
    };
    let stream = bytes.rest();
    let whole = passed(rules, stream, 0);
    assert!(whole.2 <= 1, "{stream:?}");
    let cut = passed(rules, stream, cuts.max(1));
    assert_eq!(whole.0, cut.0, "{:?}", String::from_utf8_lossy(stream));
    assert_eq!(whole.1, cut.1, "{:?}", String::from_utf8_lossy(stream));
    if !rules.is_usage_ours || rules.framing == Framing::Values {
        assert_eq!(whole.0, stream, "{:?}", String::from_utf8_lossy(stream));
    } else {
        assert!(whole.0.len() <= stream.len(), "{:?}", String::from_utf8_lossy(stream));
    }
}

const CHANGES: Changes<'static> = Changes {
    model: Some("\"new\"\\"),
    with_usage: true,
    output_limit_tokens: Some(7),
    limit_name: None,
};

/// An edited body is read as what it was edited to, and what is not named is as it was.
pub(crate) fn asked(bytes: &[u8]) {
    let mut bytes = Bytes::of(bytes);
    let endpoints = [
        Endpoint::ChatCompletions,
        Endpoint::Completions,
        Endpoint::Responses,
        Endpoint::AnthropicMessages,
        Endpoint::Gemini(Gemini::Generate),
        Endpoint::Gemini(Gemini::BatchEmbed),
        Endpoint::Passthrough,
    ];
    let endpoint = bytes.pick(&endpoints).unwrap_or(Endpoint::ChatCompletions);
    let body = Buffer::copy_from_slice(bytes.rest());
    let shown = String::from_utf8_lossy(&body).into_owned();
    let Ok(asked) = Asked::read(endpoint, &body) else {
        return;
    };
    let Ok(unchanged) = asked.edits(&Changes::default()) else {
        panic!("nothing to change is refused: {shown}");
    };
    assert!(unchanged.is_empty(), "{shown}");
    let Ok(edits) = asked.edits(&CHANGES) else {
        panic!("a name in JSON is refused: {shown}");
    };
    let edited = edits.apply(&body).concat();
    assert_eq!(edited.len(), edits.length(body.len()), "{shown}");
    let read = match Asked::read(endpoint, &edited) {
        Ok(read) => read,
        Err(error) => panic!("{error}: {shown}: {}", String::from_utf8_lossy(&edited)),
    };
    let is_chat = matches!(endpoint, Endpoint::ChatCompletions | Endpoint::Completions);
    assert_eq!(read.has_usage, is_chat, "{shown}");
    let has_limit = endpoint != Endpoint::Gemini(Gemini::BatchEmbed);
    assert_eq!(read.output_limit_tokens, has_limit.then_some(7), "{shown}");
    let model = read.model.as_deref().map(|model| model.trim_start_matches("models/"));
    assert_eq!(model, asked.model.as_ref().map(|_| "\"new\"\\"), "{shown}");
    assert_eq!(read.user, asked.user, "{shown}");
    assert_eq!(read.answers, asked.answers, "{shown}");
    rest_is_the_same(&body, &edited, &shown);
}

/// Members that no edit names are there as before.
fn rest_is_the_same(before: &[u8], after: &[u8], shown: &str) {
    const NAMED: &[&str] = &[
        "model",
        "requests",
        "stream_options",
        "max_tokens",
        "max_completion_tokens",
        "max_output_tokens",
        "generationConfig",
        "generation_config",
    ];
    let rest = |bytes| -> Option<Value> {
        let mut value: Value = serde_json::from_slice(bytes).ok()?;
        value.as_object_mut()?.retain(|name, _| !NAMED.contains(&name.as_str()));
        Some(value)
    };
    assert_eq!(rest(before), rest(after), "{shown}");
}

/// A form is read, or refused, and its model changes alone.
pub(crate) fn form(bytes: &[u8]) {
    let mut bytes = Bytes::of(bytes);
    let kinds = ["multipart/form-data; boundary=b", "multipart/form-data; boundary=\"-- \\\"\""];
    let kind = bytes.pick(&kinds).unwrap_or_default();
    let body = Buffer::copy_from_slice(bytes.rest());
    let shown = String::from_utf8_lossy(&body).into_owned();
    let endpoint = Endpoint::Audio(Audio::Transcriptions);
    // Whoever names the boundary may be hostile too.
    let _ = Asked::read_form(endpoint, b"", &shown);
    let Ok(asked) = Asked::read_form(endpoint, &body, kind) else {
        return;
    };
    let changes = Changes { model: Some("new"), ..Changes::default() };
    let Ok(edits) = asked.edits(&changes) else {
        panic!("a plain name is refused: {shown}");
    };
    let edited = edits.apply(&body).concat();
    let read = match Asked::read_form(endpoint, &edited, kind) {
        Ok(read) => read,
        Err(error) => panic!("{error}: {shown}"),
    };
    assert_eq!(read.model.as_deref(), asked.model.as_ref().map(|_| "new"), "{shown}");
    assert_eq!(read.user, asked.user, "{shown}");
    assert_eq!(read.answers, asked.answers, "{shown}");
    assert_eq!(edited.len(), edits.length(body.len()), "{shown}");
}

/// What is short is read as it is, however it is cut; what is long never stops the reader.
pub(crate) fn skimmed(bytes: &[u8]) {
    let mut bytes = Bytes::of(bytes);
    let length = usize::from(bytes.byte()).max(1);
    let answer = bytes.rest();
    let mut skimmer = Skimmer::default();
    for chunk in answer.chunks(length) {
        skimmer.push(chunk);
    }
    let skimmed = skimmer.finish();
    let Ok(text) = std::str::from_utf8(answer) else {
        return;
    };
    if text.len() < 1024 {
        let skimmed = skimmed.ok().flatten();
        assert_eq!(skimmed, read_answer(text).ok(), "{text}");
    }
}
