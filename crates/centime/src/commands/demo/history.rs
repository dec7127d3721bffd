//! A month of believable history: people who work by day and rest on weekends, jobs that run at
//! night, prompts that grow longer and are cached, a few failures, and one bad afternoon.

use centime_core::attribution::Attribution;
use centime_core::entry::Status;
use centime_core::meter::Meter;
use centime_core::money::Quantity;
use centime_core::price::Options;
use centime_core::time::Timestamp;
use centime_core::usage::Usage;
use centime_providers::event::Event;
use fastrand::Rng;

/// How many days of it there are.
pub(super) const DAYS: i64 = 30;

const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;

/// One who calls models: a person, or a job.
struct Caller {
    user: &'static str,
    team: &'static str,
    project: &'static str,
    app: &'static str,
    models: &'static [&'static str],
    rhythm: Rhythm,
    /// Calls on an ordinary day.
    calls: u64,
    /// A typical prompt and answer, in tokens.
    prompt: u64,
    answer: u64,
    /// The share of the prompt that is read from a cache, in percent.
    cached_percent: u64,
}

/// When somebody calls.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rhythm {
    /// In working hours, little on weekends.
    Office,
    /// All day, most in the evening.
    Customers,
    /// In one hour of the night.
    Nightly,
}

const CALLERS: &[Caller] = &[
    caller(
        "alice",
        "search",
        "ranker",
        "agent",
        &["claude-sonnet-4-5", "gpt-5"],
        Rhythm::Office,
        38,
        14_000,
        700,
        80,
    ),
    caller(
        "bob",
        "search",
        "ranker",
        "agent",
        &["gpt-5", "gpt-5-mini"],
        Rhythm::Office,
        30,
        9_000,
        900,
        65,
    ),
    caller(
        "chen",
        "platform",
        "migration",
        "agent",
        &["claude-opus-4-5", "claude-sonnet-4-5"],
        Rhythm::Office,
        18,
        22_000,
        1_100,
        85,
    ),
    caller(
        "dara",
        "platform",
        "ci",
        "review",
        &["gpt-5-mini", "claude-haiku-4-5"],
        Rhythm::Office,
        42,
        6_000,
        350,
        30,
    ),
    caller(
        "elif",
        "support",
        "helpdesk",
        "drafts",
        &["gemini-2.5-flash", "gpt-5-mini"],
        Rhythm::Office,
        55,
        2_500,
        400,
        50,
    ),
    caller(
        "farid",
        "marketing",
        "newsletter",
        "writer",
        &["gpt-4o", "claude-sonnet-4-5"],
        Rhythm::Office,
        12,
        1_800,
        1_400,
        0,
    ),
    caller(
        "gala",
        "research",
        "papers",
        "notebook",
        &["gemini-2.5-pro", "o3"],
        Rhythm::Office,
        15,
        45_000,
        2_200,
        20,
    ),
    caller(
        "helpdesk-bot",
        "support",
        "helpdesk",
        "chat",
        &["gpt-5-mini", "gemini-2.5-flash"],
        Rhythm::Customers,
        160,
        1_900,
        260,
        60,
    ),
    caller(
        "indexer",
        "search",
        "index",
        "embed",
        &["text-embedding-3-small"],
        Rhythm::Nightly,
        60,
        7_500,
        0,
        0,
    ),
    caller(
        "nightly-eval",
        "research",
        "evals",
        "eval",
        &["gpt-5-nano", "deepseek-chat"],
        Rhythm::Nightly,
        45,
        3_200,
        600,
        40,
    ),
];

#[expect(clippy::too_many_arguments, reason = "one row of a table")]
const fn caller(
    user: &'static str,
    team: &'static str,
    project: &'static str,
    app: &'static str,
    models: &'static [&'static str],
    rhythm: Rhythm,
    calls: u64,
    prompt: u64,
    answer: u64,
    cached_percent: u64,
) -> Caller {
    Caller { user, team, project, app, models, rhythm, calls, prompt, answer, cached_percent }
}

/// The model that the price book does not know: released this morning, or misspelt.
const UNKNOWN_MODEL: &str = "in-house-7b";

/// The events of the month before `now`, in order of time, always the same for the same seed and
/// hour.
pub(super) fn events(now: Timestamp, seed: u64) -> Vec<Event> {
    let mut random = Rng::with_seed(seed);
    let this_hour = now.micros() - now.micros().rem_euclid(HOUR_US);
    let begin = this_hour - DAYS * DAY_US;
    let mut events = Vec::new();
    for day in 0..DAYS {
        for caller in CALLERS {
            let calls = calls_on(caller, begin + day * DAY_US, day, &mut random);
            for _ in 0..calls {
                let at = begin + day * DAY_US + moment(caller.rhythm, begin, &mut random);
                events.push(event(caller, at, events.len(), &mut random));
            }
        }
    }
    let runaway = begin + (DAYS - 6) * DAY_US + 14 * HOUR_US;
    run_away(runaway, &mut events, &mut random);
    events.retain(|event| event.at.is_some_and(|at| at < now));
    events.sort_by_key(|event| event.at);
    events
}

/// How many calls somebody makes on a day: less on weekends, a little more every week.
fn calls_on(caller: &Caller, start_us: i64, day: i64, random: &mut Rng) -> u64 {
    // 1970-01-01 was a Thursday.
    let weekday = (start_us.div_euclid(DAY_US) + 3).rem_euclid(7);
    let is_weekend = weekday >= 5;
    let share_percent = match (caller.rhythm, is_weekend) {
        (Rhythm::Office, true) => 6,
        (Rhythm::Customers, true) => 70,
        _ => 100,
    };
    let growth_percent = 85 + u64::try_from(day).unwrap_or_default();
    let mean = caller.calls * share_percent * growth_percent / 10_000;
    random.u64(mean * 3 / 4..=mean * 5 / 4)
}

/// The moment of a call within its day, in microseconds: the sum of two dice leans to the middle.
fn moment(rhythm: Rhythm, begin_us: i64, random: &mut Rng) -> i64 {
    let (first_hour, hours) = match rhythm {
        Rhythm::Office => (8, 11),
        Rhythm::Customers => (6, 17),
        Rhythm::Nightly => (2, 1),
    };
    let half = hours * HOUR_US / 2;
    let within = random.i64(0..half) + random.i64(0..half);
    (first_hour * HOUR_US + within - begin_us.rem_euclid(DAY_US)).rem_euclid(DAY_US)
}

fn event(caller: &Caller, at_us: i64, number: usize, random: &mut Rng) -> Event {
    // The first of the models is called two times in three.
    let first = random.u32(0..3) < 2;
    let model = match caller.models {
        [favourite, ..] if first => favourite,
        models => models[random.usize(0..models.len())],
    };
    let status = match random.u32(0..1000) {
        0..9 => Status::Error,
        9..15 => Status::Aborted,
        15..21 if caller.rhythm == Rhythm::Customers => Status::Cached,
        _ => Status::Ok,
    };
    let model = if random.u32(0..600) == 0 { UNKNOWN_MODEL } else { model };
    let prompt = around(caller.prompt, random);
    let answer = if status == Status::Aborted { 40 } else { around(caller.answer, random) };
    let usage = match status {
        Status::Error => Usage::default(),
        _ => usage(model, prompt, answer, caller.cached_percent, random),
    };
    made(caller, model, Timestamp::from_micros(at_us), number, status, usage, answer)
}

/// Something between a third and the double, most often a little less than usual.
fn around(usual: u64, random: &mut Rng) -> u64 {
    if usual == 0 {
        return 0;
    }
    let low = random.u64(usual / 3..=usual);
    random.u64(low..=usual * 2).min(random.u64(low..=usual * 2))
}

fn usage(model: &str, prompt: u64, answer: u64, cached_percent: u64, random: &mut Rng) -> Usage {
    let cached = match random.u64(0..100) < cached_percent {
        true => prompt * cached_percent / 100,
        false => 0,
    };
    let written = match model.starts_with("claude") && cached > 0 {
        true => (prompt - cached) / 2,
        false => 0,
    };
    let reasons = ["gpt-5", "o3", "gemini-2.5-pro"].iter().any(|name| model.starts_with(name));
    let reasoning = if reasons { answer / 3 } else { 0 };
    let mut usage = Usage::default();
    for (meter, quantity) in [
        (Meter::Input, prompt - cached - written),
        (Meter::CacheRead, cached),
        (Meter::CacheWrite5m, written),
        (Meter::Output, answer - reasoning),
        (Meter::Reasoning, reasoning),
    ] {
        // Each meter is added once, and none is near what it can hold.
        let _ = usage.add(meter, Quantity::whole(quantity));
    }
    usage
}

/// One bad afternoon: an agent in a loop, with a prompt that grows with every turn.
fn run_away(from_us: i64, events: &mut Vec<Event>, random: &mut Rng) {
    let caller = &CALLERS[0];
    for turn in 0..220_u64 {
        let at =
            Timestamp::from_micros(from_us + i64::try_from(turn).unwrap_or_default() * 60_000_000);
        let usage = usage("claude-opus-4-5", 20_000 + turn * 600, 900, 0, random);
        let event = made(caller, "claude-opus-4-5", at, events.len(), Status::Ok, usage, 900);
        events.push(event);
    }
}

fn made(
    caller: &Caller,
    model: &str,
    at: Timestamp,
    number: usize,
    status: Status,
    usage: Usage,
    answer: u64,
) -> Event {
    let tags = [("app", caller.app), ("env", "prod")];
    Event {
        id: Some(format!("demo-{number}")),
        at: Some(at),
        provider: None,
        model: model.to_owned(),
        served_model: None,
        usage,
        service_tier: None,
        region: None,
        options: Options::default(),
        batch: false,
        attribution: Attribution {
            key: Some(format!("{}-key", caller.team)),
            user: Some(caller.user.to_owned()),
            team: Some(caller.team.to_owned()),
            project: Some(caller.project.to_owned()),
            session: Some(format!("{}-{}", caller.user, at.micros() / (2 * HOUR_US))),
            tags: tags
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            metadata: None,
        },
        own_key: None,
        status,
        latency_ms: Some(350 + answer * 9),
        requests: 1,
        reported_cost: None,
        response_id: None,
        output_limit_tokens: None,
        content: u64::try_from(number).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_month_is_the_same_each_time_and_ends_now() {
        let now = "2026-11-20T12:34:56Z".parse().unwrap();
        let first = events(now, 1);
        assert_eq!(first, events(now, 1));
        assert!(first.len() > 8_000, "{}", first.len());
        assert!(first.windows(2).all(|pair| pair[0].at <= pair[1].at));
        let (oldest, newest) = (first[0].at.unwrap(), first[first.len() - 1].at.unwrap());
        assert!(newest < now && now.micros() - oldest.micros() <= DAYS * DAY_US + HOUR_US);
        assert!(first.iter().any(|event| event.status == Status::Error));
        assert!(first.iter().any(|event| event.model == UNKNOWN_MODEL));
    }

    #[test]
    fn weekends_are_quiet() {
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        let on = |date: &str| {
            let all = events(now, 7);
            let is_on = |event: &&Event| {
                event.at.is_some_and(|at| at.to_string().starts_with(date))
                    && event.attribution.user.as_deref() == Some("dara")
            };
            all.iter().filter(is_on).count()
        };
        assert!(
            on("2026-11-15") * 5 < on("2026-11-16"),
            "{} {}",
            on("2026-11-15"),
            on("2026-11-16")
        );
    }
}
