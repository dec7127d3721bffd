//! Quote: what a call may cost at most, before it is made.
//!
//! A bound that is proven, not an estimate: every token of a text has a byte of the body at least, so
//! the body's length bounds the text in it. Where the body does not hold what is charged for (pictures,
//! files, what the provider keeps or fetches itself), the model's context window is the bound. Every
//! token is charged at the dearest rate that it can have.

use std::sync::{Arc, LazyLock};

use aho_corasick::{AhoCorasick, MatchKind};
use centime_core::meter::{Meter, Unit};
use centime_core::money::{PicoUsd, Product, Quantity};
use centime_core::price::{Circumstances, Found, Options, RateCard, ServiceTier};
use centime_core::time::Timestamp;
use centime_providers::wire::request::Asked;
use centime_providers::wire::{self, Audio, Endpoint, Gemini};
use memchr::memmem;

use crate::pricer::Pricer;

/// What a provider adds to a prompt of its own: the frame of messages, a date, what tools need to be
/// explained. The largest documented one is under a thousand tokens
/// (<https://docs.claude.com/en/docs/agents-and-tools/tool-use/overview>).
const ADDED_TOKENS: u64 = 64;
const ADDED_TOKENS_TOOLS: u64 = 1024;
/// What one message is framed with.
const MESSAGE_TOKENS: u64 = 8;
/// How many searches and the like one call makes at most, as far as fees for them are set aside.
const HOSTED_CALLS: u64 = 16;
/// The tokens that one image is made of, at most.
const IMAGE_TOKENS: u64 = 16_384;
/// The longest prompt that is counted exactly while its call waits.
const COUNTED_BYTES_MAX: usize = 256 * 1024;

/// What stands in a body and matters for what it may cost: names of members, and words in them.
const SIGNS: &[(&str, Signs)] = &[
    // Something that is charged for is not in the body as text.
    ("image_url", Signs::ELSEWHERE),
    ("input_image", Signs::ELSEWHERE),
    ("\"image\"", Signs::ELSEWHERE),
    ("input_file", Signs::ELSEWHERE),
    ("file_id", Signs::ELSEWHERE),
    ("file_data", Signs::ELSEWHERE),
    ("fileData", Signs::ELSEWHERE),
    ("file_uri", Signs::ELSEWHERE),
    ("inlineData", Signs::ELSEWHERE),
    ("inline_data", Signs::ELSEWHERE),
    ("video", Signs::ELSEWHERE),
    ("\"document\"", Signs::ELSEWHERE),
    ("previous_response_id", Signs::ELSEWHERE),
    ("\"conversation\"", Signs::ELSEWHERE),
    ("\"container\"", Signs::ELSEWHERE),
    ("cachedContent", Signs::ELSEWHERE),
    ("cached_content", Signs::ELSEWHERE),
    ("vector_store", Signs::ELSEWHERE),
    ("\"prompt\":{", Signs::ELSEWHERE),
    // A name that is written so that it is not found.
    ("\\u00", Signs::ELSEWHERE),
    ("input_audio", Signs(Signs::ELSEWHERE.0 | Signs::AUDIO.0)),
    ("audio", Signs::AUDIO),
    // Tools that the provider runs itself, whose results nobody sees before they are billed.
    ("web_search", Signs::HOSTED),
    ("web_fetch", Signs::HOSTED),
    ("file_search", Signs::HOSTED),
    ("code_interpreter", Signs::HOSTED),
    ("code_execution", Signs::HOSTED),
    ("computer_use", Signs::HOSTED),
    ("google_search", Signs::HOSTED),
    ("googleSearch", Signs::HOSTED),
    ("url_context", Signs::HOSTED),
    ("image_generation", Signs::HOSTED),
    ("\"mcp\"", Signs::HOSTED),
    ("mcp_servers", Signs::HOSTED),
    // What the provider explains to the model in words of its own.
    ("\"tools\"", Signs::TOOLS),
    ("\"functions\"", Signs::TOOLS),
    ("toolConfig", Signs::TOOLS),
    ("schema", Signs::SCHEMA),
];

/// What was found in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Signs(u8);

impl Signs {
    const ELSEWHERE: Self = Self(1);
    const HOSTED: Self = Self(2);
    const TOOLS: Self = Self(4);
    const SCHEMA: Self = Self(8);
    const AUDIO: Self = Self(16);

    /// What is in a body, by one look at each of its bytes.
    fn of(body: &[u8]) -> Self {
        static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
            // The longest of those that begin in one place says the most.
            let mut builder = AhoCorasick::builder();
            builder.match_kind(MatchKind::LeftmostLongest);
            builder.build(SIGNS.iter().map(|(sign, _)| sign)).ok()
        });
        let Some(finder) = &*FINDER else { return Self(u8::MAX) };
        finder.find_iter(body).fold(Self::default(), |found, sign| {
            let (_, signs) = SIGNS[sign.pattern().as_usize()];
            Self(found.0 | signs.0)
        })
    }

    const fn has(self, signs: Self) -> bool {
        self.0 & signs.0 != 0
    }
}

/// Why nothing can be said of what a call may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unbounded {
    /// The model has no price.
    Unpriced,
    /// What it costs is known later, or elsewhere.
    Unmeterable,
    /// There is nothing to pay for.
    Nothing,
    /// It has a price, but nothing says how much it may use.
    Limitless,
}

/// What a call may use, at most.
pub(super) struct Bound {
    found: Arc<Found>,
    at: Timestamp,
    tiers: Tiers,
    kind: Kind,
    /// Whether the prompt is text alone, all of it in the body, so that it can be counted.
    is_plain: bool,
    input_tokens: u64,
    /// How many answers are made.
    answers: u64,
    /// The most tokens of one answer; `None` where nobody says.
    output_tokens: Option<u64>,
    /// Whether the client left the length of the answer open.
    is_open: bool,
    hosted_calls: u64,
    has_audio: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing of it is charged for.
    Free,
    /// Tokens in, tokens out.
    Text,
    /// Tokens in alone.
    Input,
    /// Pictures.
    Images,
    /// Sound: bytes of it bound everything.
    Sound,
}

/// The tiers that it may be served in.
type Tiers = [Option<ServiceTier>; 2];

impl Bound {
    /// What a call may use. `body` is that of the client; `has_effect`: it is no mere reading.
    pub(super) fn of(
        pricer: &mut Pricer,
        provider: &str,
        model: &str,
        (asked, body): (&Asked<'_>, &[u8]),
        at: Timestamp,
        has_effect: bool,
    ) -> Result<Self, Unbounded> {
        let kind = kind_of(asked, has_effect)?;
        if kind == Kind::Free {
            return Err(Unbounded::Nothing);
        }
        let found = pricer.resolve(Some(provider), model).map_err(|_| Unbounded::Unpriced)?;
        let card = found.model.card_at(at).filter(|(card, _)| !card.rules().is_empty());
        if card.is_none() {
            return Err(Unbounded::Unpriced);
        }
        let signs = Signs::of(body);
        let is_hosted = signs.has(Signs::HOSTED);
        let is_plain = !signs.has(Signs::ELSEWHERE) && !is_hosted;
        let has_tools = signs.has(Signs::TOOLS);
        let limits = found.model.limits;
        let bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
        let input_tokens = if is_plain || matches!(kind, Kind::Sound) {
            let added = if has_tools { ADDED_TOKENS_TOOLS } else { ADDED_TOKENS };
            bytes.saturating_add(added)
        } else {
            // An answer in several steps reads its own context anew in each.
            let steps = if is_hosted { HOSTED_CALLS } else { 1 };
            let window = limits.input_tokens_max.ok_or(Unbounded::Limitless)?;
            window.saturating_mul(steps)
        };
        let output_tokens = match (asked.output_limit_tokens, limits.output_tokens_max) {
            (Some(asked), Some(max)) => Some(asked.min(max)),
            (asked, max) => asked.or(max),
        };
        Ok(Self {
            at,
            tiers: tiers_of(asked),
            kind,
            is_plain: is_plain && !has_tools && !signs.has(Signs::SCHEMA),
            input_tokens,
            answers: asked.answers.unwrap_or(1).max(1),
            output_tokens,
            is_open: asked.output_limit_tokens.is_none(),
            hosted_calls: if is_hosted { HOSTED_CALLS } else { 0 },
            has_audio: signs.has(Signs::AUDIO),
            found,
        })
    }

    /// Whether a limit can be put on the answer that the client left open.
    pub(super) fn is_open(&self) -> bool {
        self.is_open && self.kind == Kind::Text
    }

    /// Counts the prompt with the model's own tokenizer, where that is known and the prompt is nothing
    /// but text; whether that changed the bound.
    pub(super) fn count(&mut self, provider: &str, model: &str, body: &[u8]) -> bool {
        if !self.is_plain || self.kind != Kind::Text || body.len() > COUNTED_BYTES_MAX {
            return false;
        }
        let count = centime_tokens::count(provider, model, &wire::prompt_text(body));
        if !matches!(count.method, centime_tokens::Method::Exact { .. }) {
            return false;
        }
        let messages = memmem::find_iter(body, b"\"role\"").count();
        let frames = MESSAGE_TOKENS.saturating_mul(u64::try_from(messages).unwrap_or(u64::MAX));
        let tokens = count.tokens.saturating_add(count.framing_tokens).saturating_add(frames);
        let is_less = tokens < self.input_tokens;
        self.input_tokens = self.input_tokens.min(tokens);
        is_less
    }

    /// Whether so much money pays for what it costs at most, its prompt counted where that helps; of an
    /// answer that was left open, for one of `least` tokens.
    pub(super) fn is_payable(
        &mut self,
        budget: PicoUsd,
        least: u64,
        (provider, model): (&str, &str),
        body: &[u8],
    ) -> bool {
        let is_within = |bound: &Self| match bound.cost() {
            Ok(cost) if cost <= budget => true,
            Ok(_) | Err(Unbounded::Limitless) if bound.is_open() => {
                bound.affordable(i128::from(budget.pico())).is_some_and(|tokens| tokens >= least)
            }
            _ => false,
        };
        is_within(self) || (self.count(provider, model, body) && is_within(self))
    }

    /// What it costs at most as it was asked for.
    pub(super) fn cost(&self) -> Result<PicoUsd, Unbounded> {
        self.cost_with(self.output_tokens)
    }

    /// The longest answer that so much money pays for, of an answer that was left open.
    pub(super) fn affordable(&self, pico: i128) -> Option<u64> {
        let fits = |tokens: u64| {
            let cost = self.cost_with(Some(tokens));
            cost.is_ok_and(|cost| i128::from(cost.pico()) <= pico)
        };
        let (mut fitting, mut above) = (0_u64, self.output_tokens.unwrap_or(1 << 24));
        if !fits(fitting) {
            return None;
        }
        while above - fitting > 1 {
            let middle = fitting + (above - fitting) / 2;
            if fits(middle) {
                fitting = middle;
            } else {
                above = middle;
            }
        }
        Some(fitting)
    }

    /// What it costs at most with answers of so many tokens each.
    pub(super) fn cost_with(&self, output_tokens: Option<u64>) -> Result<PicoUsd, Unbounded> {
        let Some((card, _)) = self.found.model.card_at(self.at) else {
            return Err(Unbounded::Unpriced);
        };
        let mut sum = Product::ZERO;
        let mut add = |meter: Meter, quantity: u64| -> Result<bool, Unbounded> {
            let Some(product) = self.dearest(card, meter, quantity) else { return Ok(false) };
            sum = sum.checked_add(product).ok_or(Unbounded::Limitless)?;
            Ok(true)
        };
        match self.kind {
            Kind::Free => return Ok(PicoUsd::ZERO),
            Kind::Text | Kind::Input => {
                let input = self.dearest_of(card, |meter| self.is_input(meter));
                let mut is_priced = match input {
                    Some(meter) => add(meter, self.input_tokens)?,
                    None => false,
                };
                if self.kind == Kind::Text
                    && let Some(meter) = self.dearest_of(card, |meter| self.is_output(meter))
                {
                    let tokens = output_tokens.ok_or(Unbounded::Limitless)?;
                    is_priced |= add(meter, tokens.saturating_mul(self.answers))?;
                }
                is_priced |= add(Meter::Request, 1)?;
                if !is_priced {
                    return Err(Unbounded::Unpriced);
                }
                if self.hosted_calls > 0 {
                    add(Meter::WebSearch, self.hosted_calls)?;
                }
            }
            Kind::Images | Kind::Sound => {
                let mut is_priced = false;
                for rule in card.rules() {
                    if self.is_first(card, rule.meter, rule) {
                        let quantity = self.quantity(rule.meter).ok_or(Unbounded::Limitless)?;
                        is_priced |= add(rule.meter, quantity)?;
                    }
                }
                if !is_priced {
                    return Err(Unbounded::Unpriced);
                }
            }
        }
        sum.round().ok_or(Unbounded::Limitless)
    }

    /// Each meter of a card once.
    fn is_first(
        &self,
        card: &RateCard,
        meter: Meter,
        rule: &centime_core::price::RateRule,
    ) -> bool {
        card.rules()
            .iter()
            .find(|other| other.meter == meter)
            .is_some_and(|it| std::ptr::eq(it, rule))
    }

    /// How much of a meter pictures or sound can take.
    fn quantity(&self, meter: Meter) -> Option<u64> {
        Some(match meter.unit() {
            Unit::InputToken => self.input_tokens,
            Unit::OutputToken => match self.kind {
                Kind::Images => self.answers.checked_mul(IMAGE_TOKENS)?,
                // Speech has fewer tokens than its text has bytes times sixteen, a text fewer than the
                // sound that it is of has bytes.
                _ => self.input_tokens.checked_mul(16)?,
            },
            Unit::Other(_) => match meter {
                Meter::Images => self.answers,
                Meter::Request => 1,
                Meter::Characters | Meter::OutputCharacters => self.input_tokens,
                // No sound that a model understands has fewer than 256 bytes a second.
                Meter::Seconds | Meter::InputSeconds if self.kind == Kind::Sound => {
                    self.input_tokens / 256 + 1
                }
                Meter::InputImages => 16,
                Meter::WebSearch => 0,
                _ => return None,
            },
        })
    }

    fn is_input(&self, meter: Meter) -> bool {
        let is_read = matches!(
            meter,
            Meter::CacheRead
                | Meter::CacheReadAudio
                | Meter::CacheReadImage
                | Meter::CacheReadVideo
        );
        let is_sound = matches!(meter, Meter::InputAudio | Meter::CacheWriteAudio);
        meter.unit() == Unit::InputToken && !is_read && (!is_sound || self.has_audio)
    }

    fn is_output(&self, meter: Meter) -> bool {
        let is_sound = meter == Meter::OutputAudio;
        meter.unit() == Unit::OutputToken && (!is_sound || self.has_audio)
    }

    /// The dearest of some meters.
    fn dearest_of(&self, card: &RateCard, is_one: impl Fn(Meter) -> bool) -> Option<Meter> {
        let meters = card.rules().iter().map(|rule| rule.meter).filter(|meter| is_one(*meter));
        meters.max_by_key(|meter| self.rate(card, *meter).unwrap_or_default())
    }

    fn dearest(&self, card: &RateCard, meter: Meter, quantity: u64) -> Option<Product> {
        let rate = centime_core::money::Rate::from_scaled(self.rate(card, meter)?);
        Product::new(rate, Quantity::whole(quantity))
    }

    /// The dearest rate of a meter that the call can have.
    fn rate(&self, card: &RateCard, meter: Meter) -> Option<u128> {
        if matches!(self.kind, Kind::Images | Kind::Sound) {
            // What was chosen decides: the dearest choice.
            let own = card.rules().iter().filter(|rule| rule.meter == meter);
            return own.map(|rule| rule.rate.scaled()).max();
        }
        let options = Options::none();
        let tiers = self.tiers.iter().flatten();
        let rates = tiers.filter_map(|tier| {
            let circumstances = Circumstances {
                tier: *tier,
                input_tokens: self.input_tokens,
                at: self.at,
                region: None,
                options,
            };
            card.rate(meter, &circumstances).map(|resolved| resolved.rate.scaled())
        });
        rates.max()
    }
}

/// The tiers that a call may be served in: what is asked for, or the usual one where that is full; and
/// `auto` may be what the account is set to.
fn tiers_of(asked: &Asked<'_>) -> Tiers {
    match asked.service_tier.as_deref() {
        None | Some("default" | "standard" | "standard_only") => {
            [Some(ServiceTier::Standard), None]
        }
        Some("auto") => [Some(ServiceTier::Standard), Some(ServiceTier::Priority)],
        Some(tier) => [Some(ServiceTier::Standard), ServiceTier::named(tier)],
    }
}

fn kind_of(asked: &Asked<'_>, has_effect: bool) -> Result<Kind, Unbounded> {
    if asked.is_background {
        return Err(Unbounded::Unmeterable);
    }
    Ok(match asked.endpoint {
        Endpoint::ChatCompletions
        | Endpoint::Completions
        | Endpoint::Responses
        | Endpoint::AnthropicMessages
        | Endpoint::Gemini(Gemini::Generate | Gemini::StreamGenerate) => Kind::Text,
        Endpoint::Embeddings
        | Endpoint::Rerank
        | Endpoint::Gemini(Gemini::EmbedContent | Gemini::BatchEmbed) => Kind::Input,
        Endpoint::Images => Kind::Images,
        Endpoint::Audio(Audio::Speech | Audio::Transcriptions | Audio::Translations) => Kind::Sound,
        Endpoint::Moderations
        | Endpoint::Models
        | Endpoint::StoredResponse(_)
        | Endpoint::AnthropicCountTokens
        | Endpoint::Gemini(Gemini::CountTokens)
        | Endpoint::Files => Kind::Free,
        Endpoint::Batches | Endpoint::Elsewhere | Endpoint::Passthrough if !has_effect => {
            Kind::Free
        }
        Endpoint::Batches | Endpoint::Elsewhere | Endpoint::Passthrough => {
            return Err(Unbounded::Unmeterable);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::price::PriceBook;

    const BOOK: &str = "\
provider openai
maker

model big chat input_max=1000 output_max=400
 from 2020-01-01 exact test
  input 1/1M
  cache_write_5m 2/1M
  output 10/1M
  output 20/1M tier=priority
  web_search 10/1K

model open chat
 from 2020-01-01 exact test
  input 1/1M
  output 10/1M

model vectors embedding input_max=1000
 from 2020-01-01 exact test
  input 1/1M

model bare chat
";

    fn bound(endpoint: Endpoint, model: &str, body: &str) -> Result<Bound, Unbounded> {
        let mut pricer = Pricer::new(PriceBook::from_texts("test", [BOOK]).unwrap());
        let asked = Asked::read(endpoint, body.as_bytes()).unwrap();
        let at = "2026-11-01".parse().unwrap();
        Bound::of(&mut pricer, "openai", model, (&asked, body.as_bytes()), at, true)
    }

    #[test]
    fn what_a_call_may_cost_follows_from_its_body() {
        const CHAT: Endpoint = Endpoint::ChatCompletions;
        // The bytes of the body and what is added to them, written to a cache; and the answer.
        let text = |body: u64, output: u64| ((body + ADDED_TOKENS) * 2 + output * 10) * 1_000_000;
        let vectors = (13 + ADDED_TOKENS) * 1_000_000;
        for (endpoint, model, body, expected) in [
            (CHAT, "big", r#"{"messages":[]}"#, Ok(text(15, 400))),
            (CHAT, "big", r#"{"max_tokens":100}"#, Ok(text(18, 100))),
            (CHAT, "big", r#"{"max_tokens":900}"#, Ok(text(18, 400))),
            (CHAT, "big", r#"{"n":3,"max_tokens":10}"#, Ok(text(23, 30))),
            // A tier that is dearer doubles the answer.
            (CHAT, "big", r#"{"service_tier":"priority"}"#, Ok(text(27, 800))),
            // What is not in the body is bounded by the context.
            (CHAT, "big", r#"{"messages":[{"image_url":"x"}]}"#, Ok((2000 + 4000) * 1_000_000)),
            (
                CHAT,
                "big",
                r#"{"tools":[{"type":"web_search"}]}"#,
                Ok((16 * 2000 + 4000) * 1_000_000 + 16 * 10_000_000_000),
            ),
            (CHAT, "open", "{}", Err(Unbounded::Limitless)),
            (CHAT, "open", r#"{"max_tokens":1,"file_id":"f"}"#, Err(Unbounded::Limitless)),
            (CHAT, "bare", "{}", Err(Unbounded::Unpriced)),
            (CHAT, "who", "{}", Err(Unbounded::Unpriced)),
            (Endpoint::Responses, "big", r#"{"background":true}"#, Err(Unbounded::Unmeterable)),
            (Endpoint::Embeddings, "vectors", r#"{"input":"x"}"#, Ok(vectors)),
            (Endpoint::Batches, "big", "{}", Err(Unbounded::Unmeterable)),
            (Endpoint::Models, "big", "{}", Err(Unbounded::Nothing)),
        ] {
            let cost = bound(endpoint, model, body).and_then(|bound| bound.cost());
            let cost = cost.map(|cost| u64::try_from(cost.pico()).unwrap());
            assert_eq!(cost, expected, "{model}: {body}");
        }
    }

    #[test]
    fn an_open_answer_is_as_long_as_the_money_lasts() {
        let bound = bound(Endpoint::ChatCompletions, "open", "{}").unwrap();
        assert!(bound.is_open());
        let input = (2 + ADDED_TOKENS) * 1_000_000;
        for (pico, expected) in [
            (input - 1, None),
            (input, Some(0)),
            (input + 10_000_000 - 1, Some(0)),
            (input + 10_000_000, Some(1)),
            (input + 1_234_567_890, Some(123)),
        ] {
            assert_eq!(bound.affordable(pico.into()), expected, "{pico}");
        }
    }

    #[test]
    fn signs_are_found_wherever_they_stand() {
        for (body, signs) in [
            ("", Signs(0)),
            ("nothing of it", Signs(0)),
            ("an input_audio", Signs(Signs::ELSEWHERE.0 | Signs::AUDIO.0)),
            (r#"{"audio":{},"tools":[]}"#, Signs(Signs::AUDIO.0 | Signs::TOOLS.0)),
            (r#""im\u0061ge""#, Signs::ELSEWHERE),
            ("xxweb_searchxx", Signs::HOSTED),
        ] {
            assert_eq!(Signs::of(body.as_bytes()), signs, "{body}");
        }
    }
}
