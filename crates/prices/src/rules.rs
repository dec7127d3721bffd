//! Rates that a provider's general rule gives where a list has none for a model.

use centime_core::meter::Meter;
use centime_core::money::Rate;
use centime_core::price::{Model, OptionKey, Options, RateRule, ServiceTier};

/// Completes every card of a model by its provider's general rules.
pub fn complete_model(provider: &str, model: &mut Model) {
    for card in &mut model.cards {
        let mut rules = card.rules().to_vec();
        complete(provider, &model.name, &mut rules);
        *card = card.with_rules(rules);
    }
}

/// Completes the rules of a model by its provider's general rules; what is listed stays.
///
/// - Anthropic: a cache write that lives for an hour costs twice the input rate, and a batch halves
///   every meter of tokens, wherever its models are sold at a batch rate.
///   <https://platform.claude.com/docs/en/about-claude/pricing>
/// - Fireworks: cached input costs half of input, where a model gives tokens.
///   <https://docs.fireworks.ai/faq-new/billing-pricing/is-prompt-caching-billed-differently>
/// - OpenAI's DALL·E: an image is of standard quality and 1024 pixels wide and high unless asked for
///   otherwise. <https://platform.openai.com/docs/api-reference/images/create>
/// - Exa and Firecrawl: a search has ten results, or five, unless asked for more: the least that they
///   sell. <https://docs.exa.ai/reference/search>
///   <https://docs.firecrawl.dev/api-reference/endpoint/search>
/// - Wherever one of a model's rates for options is its rate without any, those options are what
///   holds where they are left open.
/// - xAI: a long prompt is one that *reaches* the threshold, not one above it.
///   <https://docs.x.ai/developers/pricing>
pub fn complete(provider: &str, model: &str, rules: &mut Vec<RateRule>) {
    match provider {
        "anthropic" => {
            add_hour_writes(rules);
            halve_in_batches(rules);
        }
        "vertex_ai" | "bedrock" | "azure_ai" if model.contains("claude") => {
            add_hour_writes(rules);
            if rules.iter().any(|rule| rule.tier == ServiceTier::Batch) {
                halve_in_batches(rules);
            }
        }
        "fireworks_ai" => halve_cached(rules),
        "xai" | "x-ai" => {
            // A threshold that was mended already is no round number any more.
            for rule in rules.iter_mut().filter(|rule| rule.above_input_tokens.is_multiple_of(1000))
            {
                rule.above_input_tokens = rule.above_input_tokens.saturating_sub(1);
            }
        }
        "openai" | "azure" | "aiml"
            if model.ends_with("dall-e-2") || model.ends_with("dall-e-3") =>
        {
            add_default(rules, &[(OptionKey::Size, "1024x1024"), (OptionKey::Quality, "standard")]);
            add_default(rules, &[(OptionKey::Size, "1024x1024")]);
        }
        "exa_ai" => add_default(rules, &[(OptionKey::Results, "0-25")]),
        "firecrawl" => add_default(rules, &[(OptionKey::Results, "1-10")]),
        _ => {}
    }
    open_defaults(rules);
}

/// Lets the rates for some options hold where nothing was chosen.
fn add_default(rules: &mut Vec<RateRule>, chosen: &[(OptionKey, &str)]) {
    let mut options = Options::default();
    if chosen.iter().any(|(key, value)| options.set(*key, value).is_err()) {
        return;
    }
    for rule in of(rules, |rule| rule.options == options && !is_pixel(rule)) {
        add(rules, RateRule { options: Options::NONE, derived: true, ..rule });
    }
}

/// Where the rate without options is that of just one choice of them, a call that leaves an option
/// open has chosen what that choice has of it.
fn open_defaults(rules: &mut Vec<RateRule>) {
    for plain in of(rules, |rule| rule.options.is_empty() && !is_pixel(rule)) {
        let most = of(rules, |rule| {
            !rule.options.is_empty() && rule.meter == plain.meter && rule.tier == plain.tier
        });
        let Some(most) = most.iter().map(|rule| rule.options.len()).max() else { continue };
        let same = of(rules, |rule| {
            let bare = RateRule { options: Options::NONE, ..rule.clone() };
            rule.options.len() == most && bare.case() == plain.case() && rule.rate == plain.rate
        });
        let [default] = same.as_slice() else { continue };
        for key in default.options.keys() {
            let chosen = default.options.value(key);
            let left_open = of(rules, |rule| {
                rule.meter == plain.meter
                    && rule.options.len() > 1
                    && rule.options.value(key) == chosen
            });
            for rule in left_open {
                let options = rule.options.without(key);
                add(rules, RateRule { options, derived: true, ..rule });
            }
        }
    }
}

/// A pixel of an image of no size has no price.
const fn is_pixel(rule: &RateRule) -> bool {
    matches!(rule.meter, Meter::Pixels | Meter::InputPixels)
}

fn add_hour_writes(rules: &mut Vec<RateRule>) {
    let listed = |meter| rules.iter().any(move |rule: &RateRule| rule.meter == meter);
    if !listed(Meter::CacheWrite5m) || listed(Meter::CacheWrite1h) {
        return;
    }
    let is_live = |tier| matches!(tier, ServiceTier::Standard | ServiceTier::Fast);
    let inputs = of(rules, |rule| rule.meter == Meter::Input && is_live(rule.tier));
    for input in inputs {
        let rate = Rate::from_scaled(2 * input.rate.scaled());
        add(rules, RateRule { meter: Meter::CacheWrite1h, rate, derived: true, ..input });
    }
}

fn halve_in_batches(rules: &mut Vec<RateRule>) {
    let standard = of(rules, |rule| rule.tier == ServiceTier::Standard && rule.meter.is_token());
    for rule in standard {
        let rate = Rate::from_scaled(rule.rate.scaled() / 2);
        add(rules, RateRule { tier: ServiceTier::Batch, rate, derived: true, ..rule });
    }
}

fn halve_cached(rules: &mut Vec<RateRule>) {
    let is_listed = rules.iter().any(|rule| rule.meter == Meter::CacheRead);
    // What gives no tokens, an embedding, reads none from a cache.
    let gives_tokens =
        rules.iter().any(|rule| rule.meter == Meter::Output && rule.rate.scaled() > 0);
    if is_listed || !gives_tokens {
        return;
    }
    for input in of(rules, |rule| rule.meter == Meter::Input) {
        let rate = Rate::from_scaled(input.rate.scaled() / 2);
        add(rules, RateRule { meter: Meter::CacheRead, rate, derived: true, ..input });
    }
}

fn of(rules: &[RateRule], belongs: impl Fn(&RateRule) -> bool) -> Vec<RateRule> {
    rules.iter().filter(|rule| belongs(rule)).cloned().collect()
}

/// Adds a rule where the list has none for the same case.
fn add(rules: &mut Vec<RateRule>, rule: RateRule) {
    if !rules.iter().any(|other| other.case() == rule.case()) {
        rules.push(rule);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centime_core::price::format::{Block, parse_file};

    fn rule(meter: Meter, rate: &str) -> RateRule {
        RateRule::standard(meter, rate.parse().unwrap())
    }

    #[test]
    fn rules_fill_what_the_list_leaves_open() {
        use Meter::{CacheRead, CacheWrite1h, CacheWrite5m, Input, Output, WebSearch};
        let listed = [rule(Input, "4"), rule(CacheWrite5m, "5"), rule(WebSearch, "1")];
        let batch = RateRule { tier: ServiceTier::Batch, ..rule(Input, "1") };
        let with_batch = [listed.to_vec(), vec![batch]].concat();
        // provider, model, list, then meter, tier and rate of what is added
        for (provider, model, list, added) in [
            (
                "anthropic",
                "claude-x",
                listed.to_vec(),
                vec![
                    (CacheWrite1h, "standard", "8"),
                    (Input, "batch", "2"),
                    (CacheWrite5m, "batch", "2.5"),
                    (CacheWrite1h, "batch", "4"),
                ],
            ),
            (
                "bedrock",
                "anthropic.claude-fast",
                [listed.to_vec(), vec![RateRule { tier: ServiceTier::Fast, ..rule(Input, "9") }]]
                    .concat(),
                vec![(CacheWrite1h, "standard", "8"), (CacheWrite1h, "fast", "18")],
            ),
            (
                "bedrock",
                "anthropic.claude-x",
                listed.to_vec(),
                vec![(CacheWrite1h, "standard", "8")],
            ),
            (
                "bedrock",
                "anthropic.claude-x",
                with_batch.clone(),
                vec![
                    (CacheWrite1h, "standard", "8"),
                    (CacheWrite5m, "batch", "2.5"),
                    (CacheWrite1h, "batch", "4"),
                ],
            ),
            ("bedrock", "amazon.nova", with_batch, vec![]),
            ("fireworks_ai", "m", vec![rule(Input, "4")], vec![]),
            (
                "fireworks_ai",
                "m",
                vec![rule(Input, "4"), rule(Output, "8")],
                vec![(CacheRead, "standard", "2")],
            ),
            (
                "fireworks_ai",
                "m",
                vec![rule(Input, "4"), rule(CacheRead, "3"), rule(Output, "8")],
                vec![],
            ),
        ] {
            let mut rules = list.clone();
            complete(provider, model, &mut rules);
            assert_eq!(rules[..list.len()], list);
            let found: Vec<_> = rules[list.len()..]
                .iter()
                .map(|rule| (rule.meter, rule.tier.name(), rule.rate.to_string()))
                .collect();
            let added: Vec<_> = added
                .into_iter()
                .map(|(meter, tier, rate)| (meter, tier, rate.to_owned()))
                .collect();
            assert_eq!(found, added, "{provider}/{model}");
        }
    }

    #[test]
    fn a_long_prompt_reaches_the_threshold_at_xai() {
        let mut rules = vec![RateRule { above_input_tokens: 200_000, ..rule(Meter::Input, "1") }];
        for _ in 0..2 {
            complete("xai", "grok", &mut rules);
            assert_eq!(rules[0].above_input_tokens, 199_999);
        }
    }

    #[test]
    fn what_is_left_open_is_what_the_provider_takes_it_for() {
        for (provider, model, listed, added) in [
            (
                "openai",
                "dall-e-3",
                "pixels 1 size=1024x1024 quality=standard; \
                 images 4 size=1024x1024 quality=standard; images 8 size=1x2 quality=standard; \
                 images 9 size=1024x1024 quality=hd; images 12 size=1x2 quality=hd",
                "images 4; images 4 size=1024x1024; images 4 quality=standard; \
                 images 8 size=1x2; images 9 quality=hd",
            ),
            ("openai", "gpt-image-1", "images 4 size=1024x1024 quality=standard", ""),
            // Which of two equal ones is the default, the list does not say.
            (
                "p",
                "m",
                "images 4; images 4 size=1x2 quality=low; images 4 size=1x1 quality=low",
                "",
            ),
            (
                "p",
                "m",
                "images 9; images 4 size=1x1 quality=low; images 9 size=1x1 quality=high; \
                 images 12 size=1x2 quality=high",
                "images 9 quality=high; images 12 size=1x2; images 9 size=1x1; images 4 quality=low",
            ),
            ("p", "m", "seconds 4; seconds 4 resolution=720p; seconds 9 resolution=4k", ""),
            (
                "exa_ai",
                "search",
                "searches 5 results=0-25; searches 25 results=26-100",
                "searches 5",
            ),
        ] {
            let text: String = listed.split("; ").map(|rule| format!("  {rule}\n")).collect();
            let text = format!("provider p\nmodel m x\n from 2024-01-01 exact x\n{text}");
            let Block::Model(read) = parse_file(&text).unwrap().blocks.remove(0) else {
                unreachable!("the text holds a model")
            };
            let mut rules = read.cards[0].rules().to_vec();
            let before = rules.len();
            complete(provider, model, &mut rules);
            let mut found: Vec<String> = rules[before..]
                .iter()
                .map(|rule| {
                    assert!(rule.derived);
                    format!("{} {} {}", rule.meter, rule.rate, rule.options).trim_end().to_owned()
                })
                .collect();
            found.sort();
            let mut added: Vec<&str> = added.split("; ").filter(|rule| !rule.is_empty()).collect();
            added.sort_unstable();
            assert_eq!(found, added, "{provider}/{model}");
        }
    }
}
