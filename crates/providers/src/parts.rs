//! Taking a total apart into disjoint meters.

use centime_core::meter::Meter;
use centime_core::money::Quantity;
use centime_core::usage::Usage;

use crate::error::ReadError;
use crate::fields::{Fields, Whole};

/// Adds whole units to a meter.
pub(crate) fn add(usage: &mut Usage, meter: Meter, units: u64) -> Result<(), ReadError> {
    usage.add(meter, Quantity::whole(units)).map_err(|error| ReadError::new("", error.to_string()))
}

/// What one kind of content has in a prompt.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Modal {
    /// All its tokens, cached ones included.
    pub(crate) all: u64,
    /// Those of them that are known to be cached.
    pub(crate) cached: u64,
}

/// The parts of a prompt's total. What is in none of them is plain input.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PromptParts {
    /// Tokens read from a cache.
    pub(crate) cached: u64,
    /// Tokens written to a cache.
    pub(crate) written: u64,
    /// Those of them that were written for twelve hours.
    pub(crate) written_12h: u64,
    /// Audio.
    pub(crate) audio: Modal,
    /// Images.
    pub(crate) image: Modal,
    /// Video.
    pub(crate) video: Modal,
    /// Whether the counts by kind leave cached tokens out.
    pub(crate) kinds_without_cached: bool,
}

impl PromptParts {
    /// Reads the counts by kind of content as OpenAI names them.
    pub(crate) fn read_kinds(
        &mut self,
        details: &Fields<'_>,
        whole: Whole,
        set: impl Fn(&mut Modal, u64),
    ) -> Result<(), ReadError> {
        set(&mut self.audio, details.part("audio_tokens", whole)?);
        set(&mut self.image, details.part("image_tokens", whole)?);
        set(&mut self.video, details.part("video_tokens", whole)?);
        Ok(())
    }

    /// Adds the disjoint meters of the prompt.
    ///
    /// A cached image is an image and is cached. Where the provider does not say which tokens are
    /// both, as few are as its total allows.
    ///
    /// # Errors
    /// When the parts cannot all be in the whole.
    pub(crate) fn add_to(
        self,
        usage: &mut Usage,
        whole: Whole,
        fields: &Fields<'_>,
    ) -> Result<(), ReadError> {
        let kinds = [self.audio, self.image, self.video];
        let mut fresh = kinds.map(|kind| match kind.all.checked_sub(kind.cached) {
            Some(fresh) if !self.kinds_without_cached => fresh,
            _ => kind.all,
        });
        let mut cached = kinds.map(|kind| kind.cached);
        let too_much = |parts: u128| {
            let Whole { name, tokens } = whole;
            fields.error(name, format!("{tokens} is less than its parts, which add up to {parts}"))
        };

        let cached_by_kind = sum(&cached);
        let mut cached_text = u64::try_from(u128::from(self.cached).saturating_sub(cached_by_kind))
            .unwrap_or_default();
        if cached_by_kind > u128::from(self.cached) {
            return Err(too_much(cached_by_kind));
        }
        let parts = u128::from(self.cached) + u128::from(self.written) + sum(&fresh);
        let mut excess =
            u64::try_from(parts.saturating_sub(u128::from(whole.tokens))).unwrap_or(u64::MAX);
        for (fresh, cached) in fresh.iter_mut().zip(&mut cached) {
            let both = excess.min(*fresh).min(cached_text);
            *fresh -= both;
            *cached += both;
            cached_text -= both;
            excess -= both;
        }
        if excess > 0 {
            return Err(too_much(parts));
        }

        let parts = u128::from(self.cached) + u128::from(self.written) + sum(&fresh);
        let rest = u64::try_from(u128::from(whole.tokens) - parts).unwrap_or_default();
        let [audio, image, video] = fresh;
        let [cached_audio, cached_image, cached_video] = cached;
        for (meter, tokens) in [
            (Meter::Input, rest),
            (Meter::CacheRead, cached_text),
            (Meter::CacheWrite5m, self.written.saturating_sub(self.written_12h)),
            (Meter::CacheWrite12h, self.written_12h),
            (Meter::InputAudio, audio),
            (Meter::CacheReadAudio, cached_audio),
            (Meter::InputImage, image),
            (Meter::CacheReadImage, cached_image),
            (Meter::InputVideo, video),
            (Meter::CacheReadVideo, cached_video),
        ] {
            add(usage, meter, tokens)?;
        }
        Ok(())
    }
}

/// The parts of an answer's total. What is in none of them is plain output.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AnswerParts {
    /// Reasoning that the total includes.
    pub(crate) reasoning: u64,
    /// Reasoning beside the total.
    pub(crate) reasoning_beside: u64,
    /// Audio.
    pub(crate) audio: u64,
    /// Images.
    pub(crate) image: u64,
    /// Video.
    pub(crate) video: u64,
}

impl AnswerParts {
    /// Adds the disjoint meters of the answer.
    ///
    /// # Errors
    /// When the parts cannot all be in the whole.
    pub(crate) fn add_to(
        self,
        usage: &mut Usage,
        whole: Whole,
        fields: &Fields<'_>,
    ) -> Result<(), ReadError> {
        let parts = sum(&[self.reasoning, self.audio, self.image, self.video]);
        let Some(rest) =
            u128::from(whole.tokens).checked_sub(parts).and_then(|rest| u64::try_from(rest).ok())
        else {
            let Whole { name, tokens } = whole;
            let what = format!("{tokens} is less than its parts, which add up to {parts}");
            return Err(fields.error(name, what));
        };
        for (meter, tokens) in [
            (Meter::Output, rest),
            (Meter::Reasoning, self.reasoning),
            (Meter::Reasoning, self.reasoning_beside),
            (Meter::OutputAudio, self.audio),
            (Meter::OutputImage, self.image),
            (Meter::OutputVideo, self.video),
        ] {
            add(usage, meter, tokens)?;
        }
        Ok(())
    }
}

fn sum(parts: &[u64]) -> u128 {
    parts.iter().map(|&part| u128::from(part)).sum()
}
