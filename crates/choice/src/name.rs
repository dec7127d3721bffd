//! What a model is called by many: one name for `us.anthropic.claude-sonnet-4-5-20250929-v1:0`,
//! `anthropic/claude-sonnet-4.5` and `claude-sonnet-4-5`.

/// A name in words of one form: without who sells it, dates, and what says nothing of the model.
pub(crate) fn plain(name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    // Bedrock's names say the maker with a dot: `us.anthropic.claude-…`.
    let own = last.rsplit_once('.').filter(|(_, rest)| {
        rest.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic()) && rest.contains('-')
    });
    let own = own.map_or(last, |(_, rest)| rest);
    let lower = own.to_ascii_lowercase();
    let lower = without_revision(&lower);
    let mut plain = String::with_capacity(lower.len());
    let mut words = lower.split(['-', '_', '.', ' ', '@', ':']).filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        if is_number(word, 4) && word.starts_with("20") {
            // A date in three words, or a year and a month that are one.
            let mut ahead = words.clone();
            let is_date = ahead.next().is_some_and(|it| is_number(it, 2))
                && ahead.next().is_some_and(|it| is_number(it, 2));
            if is_date {
                words = ahead;
            }
            continue;
        }
        if !says_nothing(word) {
            if !plain.is_empty() {
                plain.push('-');
            }
            plain.push_str(word);
        }
    }
    plain
}

/// Without Bedrock's revision: `…-v1:0`, `…-v1`.
fn without_revision(name: &str) -> &str {
    let Some((before, revision)) = name.rsplit_once("-v") else { return name };
    let (major, minor) = revision.split_once(':').unwrap_or((revision, "0"));
    let is_revision = is_number(major, 1) && is_number(minor, 1);
    // DeepSeek's versions look alike and are none.
    if is_revision && (revision.contains(':') || major == "1") { before } else { name }
}

fn is_number(word: &str, digits: usize) -> bool {
    word.len() == digits && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Words of a name that do not tell models apart: dates, how it is served, `latest`.
fn says_nothing(word: &str) -> bool {
    is_number(word, 8)
        || is_number(word, 4)
        || (is_number(word, 2) && word.starts_with('0'))
        || matches!(
            word,
            "latest"
                | "preview"
                | "exp"
                | "experimental"
                | "beta"
                | "maas"
                | "instruct"
                | "it"
                | "versioned"
                | "highspeed"
                | "fp8"
                | "free"
                | "hf"
        )
}

/// The words of a plain name that tell lines of models apart, and the numbers that tell their versions:
/// `claude-opus-4-8` is version 4, 8 of `claude-opus`.
pub(crate) fn line_and_version(plain: &str) -> (String, Vec<u32>) {
    let mut line: Vec<&str> = Vec::new();
    let mut version = Vec::new();
    for word in plain.split('-') {
        match word.parse::<u32>() {
            Ok(number) if number < 100 => version.push(number),
            _ => {
                let cut = word.find(|char: char| char.is_ascii_digit()).unwrap_or(word.len());
                // `qwen3`, `k2`, `m2`: the number is a version; `70b`, `o3`: it is the name.
                match word[cut..].parse::<u32>() {
                    Ok(number) if cut > 0 && number < 100 && word.len() > 1 && word != "o1" => {
                        line.push(&word[..cut]);
                        version.push(number);
                    }
                    _ => line.push(word),
                }
            }
        }
    }
    (line.join("-"), version)
}

/// Words that say that a model listed as one for conversations answers in something else than text, or
/// does something else than answer.
const OTHER: &[&str] = &[
    "audio",
    "tts",
    "ocr",
    "moderation",
    "embedding",
    "embed",
    "image",
    "video",
    "lyria",
    "guard",
    "safeguard",
    "safety",
    "container",
    "whisper",
    "transcribe",
    "rerank",
    "reranker",
    "robotics",
    "live",
    "realtime",
    "computer",
    "research",
    "sam",
    "voice",
    "speech",
    "music",
    "translate",
    "daybreak",
    "omni",
    "voxtral",
    "search",
    "fim",
    "lumimaid",
    "classifier",
    "reward",
    "parse",
    "diffusion",
    "flux",
    "imagen",
    "veo",
    "asr",
    "sonic",
    "router",
    "shield",
];

/// Whether the name says that the model converses in text.
pub(crate) fn is_of_text(name: &str) -> bool {
    if name.starts_with("ft:") {
        return false; // The price of a model that everyone names after themselves.
    }
    let lower = name.to_ascii_lowercase();
    !lower.split(|char: char| !char.is_ascii_alphanumeric()).any(|word| OTHER.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_model_are_one() {
        for (name, expected) in [
            ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
            ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"),
            ("anthropic/claude-sonnet-4.5", "claude-sonnet-4-5"),
            ("claude-opus-4-7@20260416", "claude-opus-4-7"),
            ("gpt-4o-2024-08-06", "gpt-4o"),
            ("openai/gpt-5.1", "gpt-5-1"),
            ("Qwen/Qwen3-235B-A22B-Instruct-2507", "qwen3-235b-a22b"),
            ("gemini-3.1-pro-preview", "gemini-3-1-pro"),
            ("gpt-3.5-turbo-0125", "gpt-3-5-turbo"),
            ("o3-2025-04-16", "o3"),
            ("deepseek-ai/DeepSeek-V3", "deepseek-v3"),
            ("amazon.nova-lite-v1:0", "nova-lite"),
            ("", ""),
        ] {
            assert_eq!(plain(name), expected, "{name}");
        }
    }

    #[test]
    fn versions_are_told_from_lines() {
        for (name, line, version) in [
            ("claude-opus-4-8", "claude-opus", vec![4, 8]),
            ("gpt-5-4-mini", "gpt-mini", vec![5, 4]),
            ("qwen3-max", "qwen-max", vec![3]),
            ("kimi-k2-5", "kimi-k", vec![2, 5]),
            ("llama-3-3-70b", "llama-70b", vec![3, 3]),
            ("gpt-4o", "gpt-4o", vec![]),
        ] {
            assert_eq!(line_and_version(name), (line.to_owned(), version), "{name}");
        }
    }

    #[test]
    fn what_answers_in_something_else_is_told() {
        for name in
            ["gpt-audio-mini", "ft:gpt-4o-2024-08-06", "sam-3.1", "GLM-OCR", "llama-guard-4"]
        {
            assert!(!is_of_text(name), "{name}");
        }
        for name in ["gpt-5", "claude-opus-5", "olive-7b", "samba-1"] {
            assert!(is_of_text(name), "{name}");
        }
    }
}
