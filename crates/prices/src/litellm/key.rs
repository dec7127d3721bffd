//! The grammar of the names of rates.

use centime_core::meter::Meter;
use centime_core::money::Rate;
use centime_core::price::{OptionKey, Options, RateRule, ServiceTier};

/// What the name of a rate's field says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RateKey {
    meter: Meter,
    tier: ServiceTier,
    above_input_tokens: u64,
    options: Options,
    /// How many units the rate is for.
    units: u64,
}

impl RateKey {
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (name, tier) = split_tier(name);
        let (base, above_input_tokens) = split_threshold(name)?;
        let (base, options) = split_resolution(base)?;
        let (meter, units) = meter_of(base)?;
        Some(Self { meter, tier, above_input_tokens, options, units })
    }

    pub(super) fn rule(self, rate: Rate, above_input_tokens: u64) -> RateRule {
        let rate = Rate::from_scaled(rate.scaled() / u128::from(self.units));
        RateRule {
            tier: self.tier,
            above_input_tokens: self.above_input_tokens.max(above_input_tokens),
            options: self.options,
            ..RateRule::standard(self.meter, rate)
        }
    }
}

fn split_tier(name: &str) -> (&str, ServiceTier) {
    for (suffix, tier) in [
        ("_batches", ServiceTier::Batch),
        ("_flex", ServiceTier::Flex),
        ("_priority", ServiceTier::Priority),
        ("_balanced", ServiceTier::Balanced),
        ("_ultrafast", ServiceTier::Ultrafast),
        ("_decisions", ServiceTier::Decisions),
    ] {
        if let Some(base) = name.strip_suffix(suffix) {
            return (base, tier);
        }
    }
    (name, ServiceTier::Standard)
}

/// Splits `…_above_200k_tokens` off; `None` where the threshold is no number.
fn split_threshold(name: &str) -> Option<(&str, u64)> {
    let Some((base, thousands)) =
        name.strip_suffix("k_tokens").and_then(|name| name.rsplit_once("_above_"))
    else {
        return Some((name, 0));
    };
    Some((base, thousands.parse::<u64>().ok()?.checked_mul(1000)?))
}

/// Splits the resolution of a film or an image off: `output_cost_per_second_1080p`.
fn split_resolution(base: &str) -> Option<(&str, Options)> {
    let mut options = Options::default();
    for by in ["output_cost_per_second", "output_cost_per_image"] {
        let resolution = base.strip_prefix(by).and_then(|rest| rest.strip_prefix('_'));
        let resolution = resolution.filter(|text| text.starts_with(|c: char| c.is_ascii_digit()));
        if let Some(resolution) = resolution {
            options.set(OptionKey::Resolution, resolution).ok()?;
            return Some((by, options));
        }
    }
    Some((base, options))
}

/// The meter that a base name prices, and the number of units its rate is for.
fn meter_of(base: &str) -> Option<(Meter, u64)> {
    Some(match base {
        "input_cost_per_token" => (Meter::Input, 1),
        "output_cost_per_token" => (Meter::Output, 1),
        "cache_read_input_token_cost" | "input_cost_per_token_cache_hit" => (Meter::CacheRead, 1),
        "cache_creation_input_token_cost" => (Meter::CacheWrite5m, 1),
        "cache_creation_input_token_cost_above_1hr" => (Meter::CacheWrite1h, 1),
        "cache_creation_input_token_cost_above_12hr" => (Meter::CacheWrite12h, 1),
        "output_cost_per_reasoning_token" => (Meter::Reasoning, 1),
        "citation_cost_per_token" => (Meter::Citation, 1),
        "input_cost_per_audio_token" => (Meter::InputAudio, 1),
        "output_cost_per_audio_token" => (Meter::OutputAudio, 1),
        "cache_read_input_audio_token_cost" => (Meter::CacheReadAudio, 1),
        "cache_creation_input_audio_token_cost" => (Meter::CacheWriteAudio, 1),
        "input_cost_per_image_token" => (Meter::InputImage, 1),
        "output_cost_per_image_token" => (Meter::OutputImage, 1),
        "cache_read_input_image_token_cost" => (Meter::CacheReadImage, 1),
        "input_cost_per_video_token" => (Meter::InputVideo, 1),
        "output_cost_per_video_token" => (Meter::OutputVideo, 1),
        "output_cost_per_image" => (Meter::Images, 1),
        "input_cost_per_image" => (Meter::InputImages, 1),
        "output_cost_per_pixel" => (Meter::Pixels, 1),
        "input_cost_per_pixel" => (Meter::InputPixels, 1),
        "cost_per_second" => (Meter::Seconds, 1),
        "input_cost_per_second" | "input_cost_per_audio_per_second" => (Meter::InputSeconds, 1),
        "output_cost_per_second" | "output_cost_per_video_per_second" => (Meter::OutputSeconds, 1),
        "input_cost_per_video_per_second" => (Meter::InputVideoSeconds, 1),
        "input_cost_per_character" => (Meter::Characters, 1),
        "output_cost_per_character" => (Meter::OutputCharacters, 1),
        "ocr_cost_per_page" => (Meter::Pages, 1),
        "annotation_cost_per_page" => (Meter::AnnotatedPages, 1),
        "ocr_cost_per_credit" => (Meter::Credits, 1),
        "input_cost_per_text_message" => (Meter::Messages, 1),
        "input_cost_per_query" => (Meter::Searches, 1),
        "input_cost_per_request" => (Meter::Request, 1),
        "google_maps_grounding_cost_per_query" => (Meter::MapsSearch, 1),
        "file_search_cost_per_1k_calls" => (Meter::FileSearch, 1000),
        "code_interpreter_cost_per_session" => (Meter::CodeSession, 1),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_fields_say_meter_threshold_and_tier() {
        use Meter::{CacheRead, CacheWrite1h, CacheWrite5m, CacheWrite12h, Images, Input};
        use Meter::{InputSeconds, OutputImage, OutputSeconds};
        use ServiceTier::{Batch, Flex, Priority, Standard};
        for (name, expected) in [
            ("input_cost_per_token", Some((Input, 0, Standard))),
            ("input_cost_per_token_batches", Some((Input, 0, Batch))),
            ("input_cost_per_token_above_200k_tokens", Some((Input, 200_000, Standard))),
            ("input_cost_per_token_above_272k_tokens_priority", Some((Input, 272_000, Priority))),
            ("cache_read_input_token_cost_flex", Some((CacheRead, 0, Flex))),
            ("cache_creation_input_token_cost", Some((CacheWrite5m, 0, Standard))),
            ("cache_creation_input_token_cost_above_1hr", Some((CacheWrite1h, 0, Standard))),
            (
                "cache_creation_input_token_cost_above_1hr_above_200k_tokens",
                Some((CacheWrite1h, 200_000, Standard)),
            ),
            (
                "cache_creation_input_token_cost_above_12hr_above_272k_tokens_flex",
                Some((CacheWrite12h, 272_000, Flex)),
            ),
            ("input_cost_per_audio_per_second", Some((InputSeconds, 0, Standard))),
            ("input_cost_per_video_per_second_above_8s_interval", None),
            ("max_input_tokens", None),
        ] {
            let key = RateKey::parse(name);
            let key = key.map(|key| (key.meter, key.above_input_tokens, key.tier));
            assert_eq!(key, expected, "{name}");
        }
        for (name, expected) in [
            ("output_cost_per_second", Some((OutputSeconds, ""))),
            ("output_cost_per_second_1080p", Some((OutputSeconds, "resolution=1080p"))),
            ("output_cost_per_image_0.5K", Some((Images, "resolution=0.5k"))),
            ("output_cost_per_image_512_batches", Some((Images, "resolution=512"))),
            ("output_cost_per_image_token", Some((OutputImage, ""))),
            ("output_cost_per_second_per_foot", None),
        ] {
            let key = RateKey::parse(name).map(|key| (key.meter, key.options.to_string()));
            assert_eq!(key, expected.map(|(meter, text)| (meter, text.to_owned())), "{name}");
        }
    }
}
