//! Reading a body that is an object of JSON.

use std::borrow::Cow;

use super::{Asked, End, Model, Spot};
use crate::error::ReadError;
use crate::json::Value;
use crate::wire::endpoint::{Endpoint, Gemini};
use crate::wire::members::{Member, Members};

pub(super) fn read(endpoint: Endpoint, body: &[u8]) -> Result<Asked<'_>, ReadError> {
    let text = std::str::from_utf8(body)
        .map_err(|error| ReadError::new("", format!("the body is no UTF-8: {error}")))?;
    let members = Members::parse(text)?;
    let mut asked = Asked::of(endpoint);
    asked.places.end = Some(end(&members));
    model(&mut asked, &members)?;
    asked.is_stream = members.is_set("stream")?;
    asked.is_background = members.is_set("background")?;
    asked.service_tier = match members.either("serviceTier", "service_tier")? {
        Some(tier) => members.text_of(tier)?,
        None => None,
    };
    asked.user = user(&members)?;
    asked.size = members.word("size")?;
    asked.quality = members.word("quality")?;
    asked.response_format = members.word("response_format")?;
    for name in ["n", "best_of"] {
        if let Some(member) = members.get(name)? {
            asked.answers = asked.answers.max(members.count_of(member)?);
        }
    }
    if endpoint.has_stream_options() {
        stream_options(&mut asked, &members)?;
    }
    if endpoint.is_gemini_answer() {
        generation(&mut asked, &members)?;
    } else {
        let names = endpoint.limit_names();
        limits(&mut asked, &members, names.iter().map(|name| members.get(name)))?;
        if !names.is_empty() {
            asked.places.limit = Spot::Outermost;
        }
    }
    Ok(asked)
}

fn end(members: &Members<'_>) -> End {
    End { at: members.at.end - 1, is_empty: members.is_empty() }
}

fn model<'a>(asked: &mut Asked<'a>, members: &Members<'a>) -> Result<(), ReadError> {
    asked.model = note_model(asked, members)?;
    if asked.endpoint == Endpoint::Gemini(Gemini::BatchEmbed)
        && let Some(requests) = members.get("requests")?
    {
        for request in members.objects(requests, "requests")? {
            let model = note_model(asked, &request?)?;
            asked.model = asked.model.take().or(model);
        }
    }
    Ok(())
}

fn note_model<'a>(
    asked: &mut Asked<'a>,
    members: &Members<'a>,
) -> Result<Option<Cow<'a, str>>, ReadError> {
    let Some(member) = members.get("model")? else {
        return Ok(None);
    };
    let model = members.text_of(member)?;
    if let Some(model) = &model {
        let is_path = model.starts_with("models/");
        asked.places.models.push(Model { at: member.at.clone(), is_path, is_bare: false });
    }
    Ok(model)
}

fn user<'a>(members: &Members<'a>) -> Result<Option<Cow<'a, str>>, ReadError> {
    for name in ["user", "safety_identifier"] {
        if let Some(user) = members.word(name)? {
            return Ok(Some(user));
        }
    }
    match members.get("metadata")? {
        Some(metadata) if matches!(metadata.value, Value::Object(_)) => {
            match members.object(metadata, "metadata")? {
                Some(metadata) => metadata.word("user_id"),
                None => Ok(None),
            }
        }
        _ => Ok(None),
    }
}

fn stream_options<'a>(asked: &mut Asked<'a>, members: &Members<'a>) -> Result<(), ReadError> {
    let Some(options) = members.get("stream_options")? else {
        asked.places.usage = Spot::Outermost;
        return Ok(());
    };
    let Some(inner) = members.object(options, "stream_options")? else {
        asked.places.usage = Spot::Whole(options.at.clone());
        return Ok(());
    };
    asked.has_usage = inner.is_set("include_usage")?;
    asked.places.usage = match inner.get("include_usage")? {
        Some(member) => Spot::Value(member.at.clone()),
        None => Spot::Inside(end(&inner)),
    };
    Ok(())
}

/// Gemini has its limit among others in an object; its names may be in snake case too.
fn generation<'a>(asked: &mut Asked<'a>, members: &Members<'a>) -> Result<(), ReadError> {
    let Some(config) = members.either("generationConfig", "generation_config")? else {
        asked.places.limit = Spot::Outermost;
        return Ok(());
    };
    let Some(inner) = members.object(config, "generationConfig")? else {
        asked.places.limit = Spot::Whole(config.at.clone());
        return Ok(());
    };
    let limit = inner.either("maxOutputTokens", "max_output_tokens");
    limits(asked, &inner, [limit].into_iter())?;
    if let Some(count) = inner.either("candidateCount", "candidate_count")? {
        asked.answers = inner.count_of(count)?;
    }
    asked.places.limit = Spot::Inside(end(&inner));
    Ok(())
}

/// Notes the limits that are there. One that is below zero is none, and there is none beside it.
fn limits<'a, 'm>(
    asked: &mut Asked<'a>,
    members: &Members<'a>,
    found: impl Iterator<Item = Result<Option<&'m Member<'a>>, ReadError>>,
) -> Result<(), ReadError>
where
    'a: 'm,
{
    let (mut is_unlimited, mut null) = (false, None);
    for member in found {
        let Some(member) = member? else {
            continue;
        };
        if member.value == Value::Null {
            null.get_or_insert(member.at.clone());
            continue;
        }
        let tokens = members.count_of(member)?;
        is_unlimited |= tokens.is_none();
        asked.output_limit_tokens = asked.output_limit_tokens.max(tokens);
        asked.places.limits.push(member.at.clone());
    }
    if is_unlimited {
        asked.output_limit_tokens = None;
    }
    if asked.places.limits.is_empty() {
        asked.places.limits.extend(null);
    }
    Ok(())
}
