//! Which tokenizer a model has, or what its tokenizer is like.
//!
//! The figures are measured: 28 texts (prose in thirteen languages, code, markup, tables, digits,
//! random characters) counted with the vocabulary that stands in and with the model's own, or what
//! the public knows of it. `percent` is what English and code need; with the margin on top no text
//! of the 28 was more. docs/tokens.md has the table.

use crate::vocabulary::Vocabulary;

/// Models that cut texts alike.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Family {
    /// Its own vocabulary, or the one that stands in for it.
    pub vocabulary: Vocabulary,
    /// What one user message adds.
    pub framing_tokens: u64,
    /// How to come from the stand-in's count to its own; `None` where the vocabulary is its own.
    pub estimate: Option<Estimate>,
}

/// From one tokenizer's count to another's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Estimate {
    /// The tokens of the model for a hundred of the stand-in's.
    pub percent: u64,
    /// How far above that the truth may lie.
    pub margin_percent: u64,
    /// Whether each digit is a token of its own; the public vocabularies have one for three.
    pub digits_apart: bool,
    /// What the figures rest on.
    pub basis: &'static str,
}

/// A message costs three tokens and its role, and the answer is primed with three:
/// <https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken>.
const OPENAI_FRAMING: u64 = 7;
/// An allowance for what chat templates add, most of it a system message of their own.
const TEMPLATE_FRAMING: u64 = 32;

const fn exact(vocabulary: Vocabulary, framing_tokens: u64) -> Family {
    Family { vocabulary, framing_tokens, estimate: None }
}

const O200K: Family = exact(Vocabulary::O200kBase, OPENAI_FRAMING);
const CL100K: Family = exact(Vocabulary::Cl100kBase, OPENAI_FRAMING);
const P50K: Family = exact(Vocabulary::P50kBase, 0);
const R50K: Family = exact(Vocabulary::R50kBase, 0);

const fn like_cl100k(framing_tokens: u64, estimate: Estimate) -> Family {
    Family { vocabulary: Vocabulary::Cl100kBase, framing_tokens, estimate: Some(estimate) }
}

/// The framing is that of <https://pypi.org/project/ctok/>, which rebuilds the tokenizers from the
/// provider's own counts.
const CLAUDE_3: Family = like_cl100k(
    7,
    Estimate {
        percent: 115,
        margin_percent: 20,
        digits_apart: false,
        basis: "115 % of cl100k_base; measured against a public reconstruction of Claude's \
                tokenizer, which is not published",
    },
);
const CLAUDE_4_7: Family = like_cl100k(
    11,
    Estimate {
        percent: 150,
        margin_percent: 45,
        digits_apart: false,
        basis: "150 % of cl100k_base; measured against a public reconstruction of Claude's \
                tokenizer since Opus 4.7, which is not published",
    },
);
const GEMINI: Family = Family {
    vocabulary: Vocabulary::O200kBase,
    framing_tokens: 1,
    estimate: Some(Estimate {
        percent: 110,
        margin_percent: 20,
        digits_apart: true,
        basis: "110 % of o200k_base, each digit a token; measured against Gemma's tokenizers, \
                which Gemini's are like",
    }),
};
const LLAMA: Family = like_cl100k(
    TEMPLATE_FRAMING,
    Estimate {
        percent: 100,
        margin_percent: 20,
        digits_apart: false,
        basis: "100 % of cl100k_base, which Llama 3 extends; other scripts than Latin are less",
    },
);
const DEEPSEEK: Family = like_cl100k(
    TEMPLATE_FRAMING,
    Estimate {
        percent: 105,
        margin_percent: 15,
        digits_apart: false,
        basis: "105 % of cl100k_base; measured against DeepSeek V3's tokenizer",
    },
);
const QWEN: Family = like_cl100k(
    TEMPLATE_FRAMING,
    Estimate {
        percent: 100,
        margin_percent: 15,
        digits_apart: true,
        basis: "100 % of cl100k_base, each digit a token; measured against Qwen 2's tokenizer",
    },
);
const MISTRAL: Family = like_cl100k(
    TEMPLATE_FRAMING,
    Estimate {
        percent: 105,
        margin_percent: 40,
        digits_apart: true,
        basis: "105 % of cl100k_base, each digit a token; measured against Mistral's Tekken, and \
                wide for the smaller vocabularies before it",
    },
);
const KIMI: Family = like_cl100k(
    TEMPLATE_FRAMING,
    Estimate {
        percent: 100,
        margin_percent: 25,
        digits_apart: false,
        basis: "100 % of cl100k_base; measured against Kimi K2's tokenizer",
    },
);
const GLM: Family = like_cl100k(
    TEMPLATE_FRAMING,
    Estimate {
        percent: 100,
        margin_percent: 20,
        digits_apart: true,
        basis: "100 % of cl100k_base, each digit a token; measured against GLM 4's tokenizer",
    },
);
const MINIMAX: Family = like_cl100k(
    TEMPLATE_FRAMING,
    Estimate {
        percent: 100,
        margin_percent: 20,
        digits_apart: false,
        basis: "100 % of cl100k_base; measured against MiniMax M2's tokenizer",
    },
);
/// A model of OpenAI's that says by its name no generation.
const OPENAI_UNNAMED: Family = Family {
    vocabulary: Vocabulary::O200kBase,
    framing_tokens: OPENAI_FRAMING,
    estimate: Some(Estimate {
        percent: 100,
        margin_percent: 15,
        digits_apart: false,
        basis: "o200k_base, which its maker's models of today have",
    }),
};
const UNKNOWN: Family = like_cl100k(
    TEMPLATE_FRAMING,
    Estimate {
        percent: 110,
        margin_percent: 40,
        digits_apart: true,
        basis: "110 % of cl100k_base, each digit a token; nothing is known of its tokenizer, hence \
                a wide margin",
    },
);

/// Where in a model's name a word stands.
#[derive(Debug, Clone, Copy)]
enum At {
    /// At its start, and the name ends there or goes on with `-`.
    Start,
    /// At the start of any word of it.
    Word,
}

/// Words of models' names; the first that is in a name counts.
const NAMED: &[(At, &str, Family)] = &[
    (At::Word, "gpt-4o", O200K),
    (At::Word, "gpt-4.1", O200K),
    (At::Word, "gpt-4.5", O200K),
    (At::Word, "gpt-5", O200K),
    (At::Word, "gpt-6", O200K),
    (At::Word, "gpt-oss", O200K),
    (At::Word, "chatgpt-4o", O200K),
    (At::Start, "o1", O200K),
    (At::Start, "o3", O200K),
    (At::Start, "o4", O200K),
    (At::Word, "gpt-4", CL100K),
    (At::Word, "gpt-3.5", CL100K),
    (At::Word, "gpt-35", CL100K),
    (At::Word, "text-embedding-3", CL100K),
    (At::Word, "text-embedding-ada-002", CL100K),
    (At::Start, "davinci-002", CL100K),
    (At::Start, "babbage-002", CL100K),
    (At::Start, "text-davinci-003", P50K),
    (At::Start, "text-davinci-002", P50K),
    (At::Start, "code-davinci", P50K),
    (At::Start, "code-cushman", P50K),
    (At::Start, "text-davinci", R50K),
    (At::Start, "text-curie", R50K),
    (At::Start, "text-babbage", R50K),
    (At::Start, "text-ada", R50K),
    (At::Start, "davinci", R50K),
    (At::Start, "curie", R50K),
    (At::Start, "babbage", R50K),
    // What is distilled into another's architecture has the other's tokenizer.
    (At::Word, "distill-llama", LLAMA),
    (At::Word, "distill-qwen", QWEN),
    (At::Word, "gemini", GEMINI),
    (At::Word, "gemma", GEMINI),
    (At::Word, "deepseek", DEEPSEEK),
    (At::Word, "llama-2", UNKNOWN),
    (At::Word, "llama2", UNKNOWN),
    (At::Word, "codellama", UNKNOWN),
    (At::Word, "llama", LLAMA),
    (At::Word, "qwen", QWEN),
    (At::Word, "qwq", QWEN),
    (At::Word, "qvq", QWEN),
    (At::Word, "mistral", MISTRAL),
    (At::Word, "mixtral", MISTRAL),
    (At::Word, "ministral", MISTRAL),
    (At::Word, "magistral", MISTRAL),
    (At::Word, "codestral", MISTRAL),
    (At::Word, "devstral", MISTRAL),
    (At::Word, "pixtral", MISTRAL),
    (At::Word, "kimi", KIMI),
    (At::Word, "glm", GLM),
    (At::Word, "minimax", MINIMAX),
];

impl Family {
    /// The family of a model, by its provider's name for it.
    pub(crate) fn of(provider: &str, model: &str) -> Self {
        let name = model.rsplit('/').next().unwrap_or(model).to_ascii_lowercase();
        let name = name.strip_prefix("ft:").unwrap_or(&name);
        if let Some(rest) = after_word(name, "claude") {
            return claude(rest);
        }
        let named = NAMED.iter().find(|(at, word, _)| match at {
            At::Start => name.strip_prefix(word).is_some_and(|rest| {
                rest.bytes().next().is_none_or(|byte| matches!(byte, b'-' | b':'))
            }),
            At::Word => after_word(name, word).is_some(),
        });
        match named {
            Some((_, _, family)) => *family,
            None if matches!(provider, "openai" | "azure") => OPENAI_UNNAMED,
            None => UNKNOWN,
        }
    }
}

/// What follows a word that stands in a name where a word may start.
fn after_word<'a>(name: &'a str, word: &str) -> Option<&'a str> {
    name.match_indices(word).find_map(|(at, _)| {
        let before = name[..at].bytes().next_back();
        let starts = before.is_none_or(|byte| !byte.is_ascii_alphanumeric());
        starts.then(|| &name[at + word.len()..])
    })
}

/// Claude by its version, which stands before or after the name of its size: `-3-5-sonnet-20241022`,
/// `-opus-4-7`, `-sonnet-4.5`. Without one it is taken to be of the newest.
fn claude(rest: &str) -> Family {
    let number = |word: &str| (word.len() <= 2).then(|| word.parse::<u8>().ok()).flatten();
    let mut words = rest.split(|char: char| !char.is_ascii_alphanumeric());
    let major = words.by_ref().find_map(number);
    let minor = words.next().and_then(number).unwrap_or(0);
    match major {
        Some(major) if (major, minor) < (4, 7) => CLAUDE_3,
        _ => CLAUDE_4_7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_of_a_family_by_their_names() {
        use Vocabulary::{Cl100kBase, O200kBase, P50kBase, R50kBase};
        // provider, model, vocabulary, percent of it, margin; none for the model's own
        for (provider, model, vocabulary, estimate) in [
            ("openai", "gpt-4o-mini-2024-07-18", O200kBase, None),
            ("openai", "ft:gpt-4o-2024-08-06", O200kBase, None),
            ("openai", "gpt-4.1", O200kBase, None),
            ("openai", "gpt-5.4-mini", O200kBase, None),
            ("openai", "gpt-6-astra", O200kBase, None),
            ("openai", "o1", O200kBase, None),
            ("openai", "o3-pro", O200kBase, None),
            ("openai", "ft:o4-mini-2025-04-16", O200kBase, None),
            ("azure", "eu/o1-mini", O200kBase, None),
            ("groq", "openai/gpt-oss-120b", O200kBase, None),
            ("bedrock", "openai.gpt-oss-20b-1:0", O200kBase, None),
            ("openai", "gpt-4", Cl100kBase, None),
            ("openai", "gpt-4-turbo", Cl100kBase, None),
            ("azure", "gpt-35-turbo-16k", Cl100kBase, None),
            ("openai", "text-embedding-3-small", Cl100kBase, None),
            ("openai", "babbage-002", Cl100kBase, None),
            ("openai", "text-davinci-003", P50kBase, None),
            ("openai", "text-curie-001", R50kBase, None),
            ("openai", "davinci", R50kBase, None),
            ("openai", "chat-latest", O200kBase, Some((100, 15))),
            ("anthropic", "claude-3-5-haiku-20241022", Cl100kBase, Some((115, 20))),
            ("anthropic", "claude-sonnet-4-20250514", Cl100kBase, Some((115, 20))),
            ("anthropic", "claude-opus-4-6-20260205", Cl100kBase, Some((115, 20))),
            ("openrouter", "anthropic/claude-sonnet-4.5", Cl100kBase, Some((115, 20))),
            ("bedrock", "us.anthropic.claude-3-haiku-20240307-v1:0", Cl100kBase, Some((115, 20))),
            ("vertex_ai", "claude-opus-4-7@20260416", Cl100kBase, Some((150, 45))),
            ("openrouter", "anthropic/claude-opus-4.8", Cl100kBase, Some((150, 45))),
            ("anthropic", "claude-sonnet-5", Cl100kBase, Some((150, 45))),
            ("anthropic", "claude-mythos-preview", Cl100kBase, Some((150, 45))),
            ("gemini", "gemini-2.5-pro", O200kBase, Some((110, 20))),
            ("groq", "llama-3.3-70b-versatile", Cl100kBase, Some((100, 20))),
            ("deepinfra", "meta-llama/Meta-Llama-3.1-8B", Cl100kBase, Some((100, 20))),
            ("together_ai", "meta-llama/Llama-2-70b-chat", Cl100kBase, Some((110, 40))),
            ("groq", "deepseek-r1-distill-llama-70b", Cl100kBase, Some((100, 20))),
            ("deepseek", "deepseek-chat", Cl100kBase, Some((105, 15))),
            ("mistral", "open-mixtral-8x7b", Cl100kBase, Some((105, 40))),
            ("xai", "grok-4", Cl100kBase, Some((110, 40))),
            ("nlp_cloud", "gpt-j", Cl100kBase, Some((110, 40))),
            ("someone", "marco-o1", Cl100kBase, Some((110, 40))),
            ("someone", "", Cl100kBase, Some((110, 40))),
        ] {
            let family = Family::of(provider, model);
            let found = family.estimate.map(|found| (found.percent, found.margin_percent));
            assert_eq!((family.vocabulary, found), (vocabulary, estimate), "{provider}/{model}");
        }
    }
}
