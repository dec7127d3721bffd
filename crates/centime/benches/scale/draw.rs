//! The calls of a month: 40 models, 2,000 users in 20 teams, 5 tags; the same at every run.

use std::io::{self, Write};

/// Where calls go: models of the price book.
const MODELS: &[(&str, &[&str])] = &[
    (
        "openai",
        &[
            "gpt-4o",
            "gpt-4o-mini",
            "gpt-4.1",
            "gpt-4.1-mini",
            "gpt-4.1-nano",
            "gpt-5",
            "gpt-5-mini",
            "gpt-5-nano",
            "o1",
            "o3",
            "o3-mini",
            "o4-mini",
            "gpt-4-turbo",
            "gpt-3.5-turbo",
        ],
    ),
    (
        "anthropic",
        &[
            "claude-sonnet-4-5",
            "claude-haiku-4-5",
            "claude-opus-4-1",
            "claude-sonnet-4-0",
            "claude-opus-4-0",
            "claude-3-7-sonnet-latest",
            "claude-3-5-haiku-latest",
            "claude-3-haiku-20240307",
        ],
    ),
    (
        "gemini",
        &["gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-2.0-flash"],
    ),
    ("deepseek", &["deepseek-chat", "deepseek-reasoner"]),
    ("mistral", &["mistral-large-latest", "mistral-small-latest", "codestral-latest"]),
    ("xai", &["grok-3", "grok-3-mini", "grok-4"]),
    ("cohere", &["command-r", "command-r-plus", "command-a-03-2025"]),
    ("perplexity", &["sonar", "sonar-pro", "sonar-reasoning-pro"]),
];

/// 2026-10-21, thirty days before the last call.
const FIRST_SECOND: i64 = 1_792_540_800;
const SECONDS: u64 = 30 * 24 * 3600;

/// One call.
pub(super) struct Call {
    pub(super) number: u64,
    /// Seconds since 1970.
    pub(super) at: i64,
    pub(super) provider: &'static str,
    pub(super) model: &'static str,
    pub(super) user: u64,
    pub(super) input: u64,
    pub(super) cached: u64,
    pub(super) output: u64,
    random: u64,
}

impl Call {
    /// The call of a number, of so many in the month.
    pub(super) fn of(number: u64, entries: u64) -> Self {
        let random = mixed(number);
        // Some call far more than others.
        let user = (random % 2000).min(mixed(random) % 2000);
        let models: u64 = 40;
        let mut index = (mixed(random ^ 1) % models).min(mixed(random ^ 2) % models);
        let mut chosen = ("openai", "gpt-4o");
        for (provider, models) in MODELS {
            for model in *models {
                if index == 0 {
                    chosen = (provider, model);
                }
                index = index.wrapping_sub(1);
            }
        }
        let prompt = 50 + mixed(random ^ 3) % 12_000;
        let seconds = u128::from(SECONDS) * u128::from(number) / u128::from(entries.max(1));
        Self {
            number,
            at: FIRST_SECOND + i64::try_from(seconds).unwrap_or_default(),
            provider: chosen.0,
            model: chosen.1,
            user,
            input: prompt,
            cached: if random.is_multiple_of(3) { prompt / 2 } else { 0 },
            output: 5 + mixed(random ^ 4) % 1_500,
            random,
        }
    }

    /// The usage event, a line.
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let Self { number, at, provider, model, user, input, cached, output, random } = *self;
        let at = jiff::Timestamp::from_second(at).map_err(io::Error::other)?;
        let tag = |salt: u64, values: u64| mixed(random ^ salt) % values;
        writeln!(
            out,
            "{{\"id\":\"req-{number}\",\"at\":\"{at}\",\"provider\":\"{provider}\",\"model\":\"{model}\",\
             \"meters\":{{\"input\":{},\"cache_read\":{cached},\"output\":{output}}},\
             \"user\":\"user-{user}\",\"team\":\"team-{}\",\"project\":\"project-{}\",\"key\":\"key-{}\",\
             \"session\":\"session-{}\",\"latency_ms\":{},\
             \"tags\":{{\"app\":\"app-{}\",\"env\":\"env-{}\",\"feature\":\"feature-{}\",\
             \"release\":\"release-{}\",\"tier\":\"tier-{}\"}}}}",
            input - cached,
            user % 20,
            user % 50,
            user % 200,
            number / 20,
            200 + tag(5, 5_000),
            tag(6, 8),
            tag(7, 3),
            tag(8, 12),
            number / 100_000 % 10,
            user % 4,
        )
    }
}

/// SplitMix64's finaliser: every number far from its neighbours'.
fn mixed(number: u64) -> u64 {
    let mut x = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
