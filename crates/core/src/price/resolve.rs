//! Which model of which provider a name means.

use super::book::{PriceBook, ProviderBook};
use super::card::Model;
use super::format::FormatError;
use super::options::Options;
use super::revise::ANY_PROVIDER;

/// A model as an event or a person names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ModelRef<'a> {
    /// The provider, where it was said.
    pub provider: Option<&'a str>,
    /// The model: `gpt-5`, or `openai/gpt-5`.
    pub model: &'a str,
}

/// The model that a name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The provider, by the name the book has for it.
    pub provider: String,
    /// The name that was asked for, without the provider: the model's own, or another it goes by.
    pub name: String,
    /// The model with its cards.
    pub model: Model,
    /// What the name says was chosen.
    pub options: Options,
}

/// Why a name means no model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unresolved {
    /// No provider of the book has it.
    #[error("the price book knows no model `{name}`")]
    Unknown {
        /// The name, with the provider where one was given.
        name: String,
    },
    /// Several providers have it, and none is its maker.
    #[error("`{name}` is sold by several providers; say which: {}", quoted(.candidates))]
    Ambiguous {
        /// The name.
        name: String,
        /// `provider/model`, each of which is one answer.
        candidates: Vec<String>,
    },
    /// The block of the model cannot be read.
    #[error("the price book is damaged at `{name}`: {error}")]
    Damaged {
        /// The name.
        name: String,
        /// What is wrong with its block.
        error: FormatError,
    },
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// How many near names an answer carries.
const NEAR_MAX: usize = 5;

impl PriceBook {
    /// The model that a name means: with a provider that provider's; as `provider/model` the same;
    /// a bare name its maker's own, or the only provider's that has it.
    ///
    /// # Errors
    /// When the name means no model, or several: nothing is guessed.
    pub fn resolve(&self, name: ModelRef<'_>) -> Result<Found, Unresolved> {
        let (provider, model) = self.locate(name)?;
        match provider.model_and_options(&model) {
            Some(Ok((found, options))) => {
                let provider = provider.name().to_owned();
                Ok(Found { provider, name: model, model: found, options })
            }
            Some(Err(error)) => Err(Unresolved::Damaged { name: model, error }),
            None => Err(unknown(name)),
        }
    }

    fn locate(&self, name: ModelRef<'_>) -> Result<(&ProviderBook, String), Unresolved> {
        if let Some(provider) = name.provider {
            return self
                .locate_at(provider, name.model)
                .or_else(|| self.locate_own(name.model, Some(provider)))
                .or_else(|| self.locate_anywhere(name.model))
                .ok_or_else(|| unknown(name));
        }
        if let Some(found) = self.locate_own(name.model, None) {
            return Ok(found);
        }
        if let Some((provider, model)) = name.model.split_once('/')
            && let Some(found) = self.locate_at(provider, model)
        {
            return Ok(found);
        }
        self.locate_bare(name.model)
    }

    fn locate_at(&self, provider: &str, model: &str) -> Option<(&ProviderBook, String)> {
        let provider = self.provider(provider)?;
        if provider.lists(model) {
            return Some((provider, model.to_owned()));
        }
        let own = model.split_once('/').filter(|(first, _)| provider.header.is_named(first));
        let names = own.map(|(_, rest)| rest).into_iter().chain([model]);
        let found =
            names.filter(|name| !name.is_empty()).find_map(|name| known_form(provider, name));
        found.map(|model| (provider, model))
    }

    fn locate_own(&self, name: &str, wanted: Option<&str>) -> Option<(&ProviderBook, String)> {
        let (provider, model) = self.own_name(name)?;
        let provider = self.provider(provider)?;
        let is_wanted = wanted.is_none_or(|wanted| provider.header.is_named(wanted));
        is_wanted.then(|| (provider, model.to_owned()))
    }

    /// One that is priced wherever it is called.
    fn locate_anywhere(&self, model: &str) -> Option<(&ProviderBook, String)> {
        let anywhere = self.of_any_provider()?;
        known_form(anywhere, model).map(|form| (anywhere, form))
    }

    /// The one of exactly this name that is priced wherever it is called; else the maker's own; else
    /// the only provider's that has it. A name as it is written goes before any form of it.
    fn locate_bare(&self, model: &str) -> Result<(&ProviderBook, String), Unresolved> {
        if let Some(anywhere) = self.of_any_provider()
            && anywhere.lists(model)
        {
            return Ok((anywhere, model.to_owned()));
        }
        let has =
            |book: &&ProviderBook, form: &str| book.name() != ANY_PROVIDER && book.contains(form);
        for form in forms(model) {
            let holders: Vec<&ProviderBook> =
                self.providers().iter().filter(|book| has(book, &form)).collect();
            let makers: Vec<&ProviderBook> =
                holders.iter().copied().filter(|book| book.header.is_maker_of(&form)).collect();
            let found = if makers.is_empty() { holders } else { makers };
            match found.as_slice() {
                [] => {}
                [only] => return Ok((only, form)),
                several => {
                    let candidate = |book: &&ProviderBook| format!("{}/{form}", book.name());
                    return Err(Unresolved::Ambiguous {
                        name: model.to_owned(),
                        candidates: several.iter().map(candidate).collect(),
                    });
                }
            }
        }
        self.locate_anywhere(model).ok_or_else(|| unknown(ModelRef { provider: None, model }))
    }

    /// Names like a name that nobody has, nearest first: of its provider where that is known, else of
    /// anybody, the makers first.
    #[must_use]
    pub fn near(&self, name: ModelRef<'_>) -> Vec<String> {
        const LENGTH_MAX: usize = 200;
        const LIKE_ENOUGH: u32 = 80;
        if name.model.len() > LENGTH_MAX {
            return Vec::new();
        }
        let (at, model) = match (name.provider, name.model.split_once('/')) {
            (Some(provider), _) => (self.provider(provider), name.model),
            (None, Some((provider, model))) => match self.provider(provider) {
                Some(provider) => (Some(provider), model),
                None => (None, name.model),
            },
            (None, None) => (None, name.model),
        };
        let model = model.to_lowercase();
        let mut like: Vec<(u32, bool, String)> = Vec::new();
        for book in
            self.providers().iter().filter(|book| at.is_none_or(|at| at.name() == book.name()))
        {
            for candidate in book.names() {
                let score = likeness(&model, candidate);
                if score >= LIKE_ENOUGH {
                    let shown = match (at, book.header.is_maker_of(candidate)) {
                        (None, true) => candidate.to_owned(),
                        _ => format!("{}/{candidate}", book.name()),
                    };
                    like.push((score, book.header.is_maker_of(candidate), shown));
                }
            }
        }
        like.sort_by(|left, right| (right.0, right.1, &left.2).cmp(&(left.0, left.1, &right.2)));
        like.into_iter().take(NEAR_MAX).map(|(_, _, name)| name).collect()
    }
}

fn unknown(name: ModelRef<'_>) -> Unresolved {
    let name = match name.provider {
        Some(provider) => format!("{provider}/{}", name.model),
        None => name.model.to_owned(),
    };
    Unresolved::Unknown { name }
}

/// The first form of a name that a provider has.
fn known_form(provider: &ProviderBook, name: &str) -> Option<String> {
    forms(name).into_iter().find(|form| provider.contains(form))
}

/// A name as it is written, and then the forms that mean the same model: in lower case, without
/// Gemini's `models/`, a fine-tuned model by its base (`ft:gpt-4o:org::id`), `@date` as `-date`,
/// without `-latest`, without a date that the book does not have, and with a version's dots as
/// hyphens.
fn forms(name: &str) -> Vec<String> {
    let mut forms = vec![name.to_owned()];
    let mut push = |form: String| {
        if !form.is_empty() && !forms.contains(&form) {
            forms.push(form);
        }
    };
    let lower = name.to_ascii_lowercase();
    push(lower.clone());
    let bare = lower.strip_prefix("models/").unwrap_or(&lower);
    push(bare.to_owned());
    if let Some(tuned) = bare.strip_prefix("ft:") {
        let base = tuned.split(':').next().unwrap_or_default();
        push(format!("ft:{base}"));
        return forms;
    }
    push(bare.replace('@', "-"));
    let undated = bare.strip_suffix("-latest").or_else(|| split_date(bare).map(|(base, _)| base));
    if let Some(base) = undated {
        push(base.to_owned());
    }
    push(undated.unwrap_or(bare).replace('.', "-"));
    forms
}

/// Splits a date (`-20240229`, `-2024-02-29`, `@20240229`) off the name of a model; the date without
/// hyphens.
///
/// ```
/// use centime_core::price::split_date;
///
/// assert_eq!(split_date("gpt-4o-2024-08-06"), Some(("gpt-4o", "20240806".to_owned())));
/// assert_eq!(split_date("gpt-4o"), None);
/// ```
#[must_use]
pub fn split_date(name: &str) -> Option<(&str, String)> {
    let digits = |text: &str, count: usize| {
        text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_date = |date: &str| digits(date, 8) && date.starts_with("20");
    if let Some((base, date)) = name.rsplit_once(['-', '@'])
        && is_date(date)
    {
        return Some((base, date.to_owned()));
    }
    let (rest, day) = name.rsplit_once('-')?;
    let (rest, month) = rest.rsplit_once('-')?;
    let (base, year) = rest.rsplit_once('-')?;
    let date = format!("{year}{month}{day}");
    (digits(day, 2) && digits(month, 2) && is_date(&date)).then_some((base, date))
}

/// How alike two names are, from 0 to 100.
fn likeness(left: &str, right: &str) -> u32 {
    let longest = left.chars().count().max(right.chars().count()).max(1);
    let distance = strsim::osa_distance(left, &right.to_lowercase());
    let alike = 100 * longest.saturating_sub(distance) / longest;
    let shares_start = !left.is_empty() && (right.starts_with(left) || left.starts_with(right));
    u32::try_from(alike).unwrap_or(0).max(if shares_start { 85 } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> PriceBook {
        PriceBook::from_texts(
            "test",
            [
                "provider openai\nmaker gpt- o3\n\nmodel gpt-4o chat\n\nalias gpt-4o-latest gpt-4o\n\nmodel o3 chat\n",
                "provider gemini\nmaker\nalso google\n\nmodel gemini-2.5-pro chat\n",
                "provider vertex_ai\n\nmodel gemini-2.5-pro chat\n",
                "provider azure\n\nmodel gpt-4o chat\n",
                "provider groq\n\nmodel llama-3-70b chat\n\nmodel qwen/qwen3 chat\n",
                "provider perplexity\nmaker sonar\n\nmodel llama-2-7b chat\n\nmodel sonar chat\n",
                "provider anthropic\nmaker\n\nmodel claude-3-5-sonnet chat\n\nmodel claude-3-5-sonnet-20240620 chat\n",
                "provider replicate\n\nmodel llama-2-7b chat\n\nmodel sonar chat\n",
                "provider together_ai\n\nmodel llama-3-70b chat\n",
            ],
        )
        .unwrap()
    }

    #[test]
    fn names_mean_one_model_or_are_answered_with_a_choice() {
        let book = book();
        for (provider, model, expected) in [
            (None, "gpt-4o", Ok("openai/gpt-4o")),
            (None, "gpt-4o-latest", Ok("openai/gpt-4o")),
            (None, "gemini-2.5-pro", Ok("gemini/gemini-2.5-pro")),
            (None, "vertex_ai/gemini-2.5-pro", Ok("vertex_ai/gemini-2.5-pro")),
            (None, "google/gemini-2.5-pro", Ok("gemini/gemini-2.5-pro")),
            (Some("google"), "gemini-2.5-pro", Ok("gemini/gemini-2.5-pro")),
            (Some("azure"), "gpt-4o", Ok("azure/gpt-4o")),
            (Some("azure"), "azure/gpt-4o", Ok("azure/gpt-4o")),
            (Some("Google"), "models/gemini-2.5-pro", Ok("gemini/gemini-2.5-pro")),
            (None, "sonar", Ok("perplexity/sonar")),
            (
                None,
                "llama-2-7b",
                Err("`llama-2-7b` is sold by several providers; say which: \
                `perplexity/llama-2-7b`, `replicate/llama-2-7b`"),
            ),
            (None, "GPT-4o", Ok("openai/gpt-4o")),
            (None, "gpt-4o-2031-01-01", Ok("openai/gpt-4o")),
            (None, "o3-latest", Ok("openai/o3")),
            (None, "claude-3.5-sonnet", Ok("anthropic/claude-3-5-sonnet")),
            (None, "claude-3-5-sonnet@20240620", Ok("anthropic/claude-3-5-sonnet-20240620")),
            (None, "claude-3.5-sonnet-latest", Ok("anthropic/claude-3-5-sonnet")),
            (
                None,
                "ft:gpt-4o:acme::abc",
                Err("the price book knows no model `ft:gpt-4o:acme::abc`"),
            ),
            (None, "qwen/qwen3", Ok("groq/qwen/qwen3")),
            (None, "groq/qwen/qwen3", Ok("groq/qwen/qwen3")),
            (
                None,
                "llama-3-70b",
                Err("`llama-3-70b` is sold by several providers; say which: \
                `groq/llama-3-70b`, `together_ai/llama-3-70b`"),
            ),
            (None, "gpt-4oo", Err("the price book knows no model `gpt-4oo`")),
            (Some("openai"), "o4", Err("the price book knows no model `openai/o4`")),
            (Some("nobody"), "xyz", Err("the price book knows no model `nobody/xyz`")),
            (None, "", Err("the price book knows no model ``")),
        ] {
            let found = book.resolve(ModelRef { provider, model });
            let found = found.map(|found| format!("{}/{}", found.provider, found.model.name));
            let found = found.map_err(|error| error.to_string());
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "{model}");
        }
    }

    #[test]
    fn near_names_come_nearest_first_and_makers_before_others() {
        let book = book();
        for (provider, model, expected) in [
            (None, "gpt-4oo", vec!["gpt-4o", "azure/gpt-4o"]),
            (Some("azure"), "gpt-4", vec!["azure/gpt-4o"]),
            (None, "azure/gpt4o", vec!["azure/gpt-4o"]),
            (None, "GPT-4O", vec!["gpt-4o", "azure/gpt-4o", "gpt-4o-latest"]),
            (None, "zzz", vec![]),
        ] {
            assert_eq!(book.near(ModelRef { provider, model }), expected, "{model}");
        }
    }
}
