//! Taking a total apart into disjoint meters.

use centime_core::meter::Meter;
use centime_core::money::Quantity;
use centime_core::usage::Usage;

use crate::error::ReadError;
use crate::fields::{Fields, Whole};
use crate::metered::Metered;

/// Adds whole units to a meter. Of most meters a call has none.
#[inline]
pub(crate) fn add(usage: &mut Usage, meter: Meter, units: u64) -> Result<(), ReadError> {
    if units == 0 {
        return Ok(());
    }
    usage.add(meter, Quantity::whole(units)).map_err(|error| ReadError::new("", error.to_string()))
}

/// Adds the quantity of a field, which may have decimals, to a meter; nothing where there is none.
pub(crate) fn add_quantity(
    metered: &mut Metered,
    meter: Meter,
    fields: &Fields<'_>,
    name: &str,
) -> Result<(), ReadError> {
    let quantity = fields.quantity(name)?.unwrap_or_default();
    metered.usage.add(meter, quantity).map_err(|error| fields.error(name, error.to_string()))
}

/// Token counts by the kind of content. Text and documents are plain tokens.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Kinds {
    /// Text, and whatever has no meter of its own.
    pub(crate) plain: u64,
    /// Sound.
    pub(crate) audio: u64,
    /// Images.
    pub(crate) image: u64,
    /// Film.
    pub(crate) video: u64,
}

impl Kinds {
    /// The counts as OpenAI names them.
    pub(crate) fn of_openai(details: &Fields<'_>, whole: Whole) -> Result<Self, ReadError> {
        Ok(Self {
            plain: 0,
            audio: details.part("audio_tokens", whole)?,
            image: details.part("image_tokens", whole)?,
            video: details.part("video_tokens", whole)?,
        })
    }

    /// The kinds that have meters of their own.
    const fn special(self) -> [u64; 3] {
        [self.audio, self.image, self.video]
    }
}

/// The parts of a prompt's total. What is in none of them is plain input.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PromptParts {
    /// Tokens read from a cache.
    pub(crate) cached: u64,
    /// Tokens written to a cache.
    pub(crate) written: u64,
    /// Those of them that were written for an hour.
    pub(crate) written_1h: u64,
    /// Those of them that were written for twelve hours.
    pub(crate) written_12h: u64,
    /// All tokens by kind, cached ones included.
    pub(crate) kinds: Kinds,
    /// Those of them that are known to be cached.
    pub(crate) cached_kinds: Kinds,
    /// Whether the counts by kind leave cached tokens out.
    pub(crate) kinds_without_cached: bool,
}

impl PromptParts {
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
        let mut cached = self.cached_kinds.special();
        let mut fresh = self.kinds.special();
        if !self.kinds_without_cached {
            for (all, cached) in fresh.iter_mut().zip(cached) {
                *all = all.checked_sub(cached).unwrap_or(*all);
            }
        }
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
        let written_5m = self.written.checked_sub(self.written_1h);
        let written_5m = written_5m.and_then(|rest| rest.checked_sub(self.written_12h));
        let written_5m = written_5m.ok_or_else(|| {
            let (written, all) = (self.written, self.written_1h.saturating_add(self.written_12h));
            fields.error(
                whole.name,
                format!("{written} of it went to a cache, yet {all} of these for an hour or more"),
            )
        })?;
        let [audio, image, video] = fresh;
        let [cached_audio, cached_image, cached_video] = cached;
        for (meter, tokens) in [
            (Meter::Input, rest),
            (Meter::CacheRead, cached_text),
            (Meter::CacheWrite5m, written_5m),
            (Meter::CacheWrite1h, self.written_1h),
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
    /// Tokens by kind.
    pub(crate) kinds: Kinds,
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
        let [audio, image, video] = self.kinds.special();
        let parts = sum(&[self.reasoning, audio, image, video]);
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
            (Meter::OutputAudio, audio),
            (Meter::OutputImage, image),
            (Meter::OutputVideo, video),
        ] {
            add(usage, meter, tokens)?;
        }
        Ok(())
    }
}

fn sum(parts: &[u64]) -> u128 {
    parts.iter().map(|&part| u128::from(part)).sum()
}
