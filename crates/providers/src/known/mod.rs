//! The providers whose address and credentials are known, so that a key is all it takes to use them.
//!
//! Nothing here reads the environment: whoever does passes it in as a function.

mod list;

use std::fmt;
use std::str::FromStr;

/// The version of Anthropic's interface that is asked for where a client names none: its header
/// `anthropic-version` is required.
///
/// <https://docs.claude.com/en/api/versioning>
pub const ANTHROPIC_VERSION: &str = "2023-06-01";

/// The shape of requests and answers that a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wire {
    /// OpenAI's interface, and what is compatible with it. Base URLs have their version.
    OpenAi,
    /// Anthropic's interface. Base URLs have no version.
    Anthropic,
    /// Gemini's interface. Base URLs have no version.
    Gemini,
    /// The runtime of Amazon Bedrock. Base URLs have no path.
    Bedrock,
}

impl Wire {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::OpenAi, Self::Anthropic, Self::Gemini, Self::Bedrock];

    /// Its name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Bedrock => "bedrock",
        }
    }

    /// How a key is sent to a provider that speaks it and is not known otherwise.
    #[must_use]
    pub const fn credential(self) -> Credential {
        match self {
            Self::OpenAi | Self::Bedrock => Credential::Bearer,
            Self::Anthropic => Credential::XApiKey,
            Self::Gemini => Credential::XGoogApiKey,
        }
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// A name that is no [`Wire`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no wire format; they are openai, anthropic, gemini, bedrock")]
pub struct UnknownWire(pub String);

impl FromStr for Wire {
    type Err = UnknownWire;

    fn from_str(name: &str) -> Result<Self, UnknownWire> {
        let wire = Self::ALL.into_iter().find(|wire| wire.name() == name);
        wire.ok_or_else(|| UnknownWire(name.to_owned()))
    }
}

/// How a provider is given its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Credential {
    /// `authorization: Bearer KEY`
    Bearer,
    /// `x-api-key: KEY`, beside `anthropic-version`
    XApiKey,
    /// `x-goog-api-key: KEY`
    XGoogApiKey,
    /// `api-key: KEY`
    ApiKey,
}

impl Credential {
    /// The header's name, in lower case.
    ///
    /// ```
    /// use centime_providers::known::Credential;
    ///
    /// assert_eq!(Credential::Bearer.header(), "authorization");
    /// assert_eq!(Credential::Bearer.prefix(), "Bearer ");
    /// ```
    #[must_use]
    pub const fn header(self) -> &'static str {
        match self {
            Self::Bearer => "authorization",
            Self::XApiKey => "x-api-key",
            Self::XGoogApiKey => "x-goog-api-key",
            Self::ApiKey => "api-key",
        }
    }

    /// What stands before the key in the header's value.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer ",
            Self::XApiKey | Self::XGoogApiKey | Self::ApiKey => "",
        }
    }
}

/// A variable of the environment that names another base URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BaseUrlVariable {
    /// Its name.
    pub name: &'static str,
    /// What the provider's own library puts between the variable's value and the path of a call:
    /// `GROQ_BASE_URL` is `https://api.groq.com`, without `/openai/v1`.
    pub path: &'static str,
}

/// A provider as its own documentation and libraries describe it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Its name in the price book.
    pub name: &'static str,
    /// What it speaks.
    pub wire: Wire,
    /// Where it is, without a slash at the end; `{NAME}` stands for a variable of the environment.
    /// `None` where every customer has an address of their own.
    pub base_url: Option<&'static str>,
    /// The variables of the environment that may hold its key; the first that is set counts. None
    /// where it takes no key.
    pub key_variables: &'static [&'static str],
    /// The variables of the environment that may name another base URL; the first that is set counts.
    pub base_url_variables: &'static [BaseUrlVariable],
    /// How it is given its key.
    pub credential: Credential,
    /// Whether a stream is to be asked for its usage, by `stream_options.include_usage`. The others
    /// refuse to be asked, or tell it unasked.
    pub asks_usage: bool,
}

/// A value and the variable of the environment that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The value.
    pub value: String,
    /// The variable; `None` for a value that needs none.
    pub variable: Option<&'static str>,
}

impl Known {
    /// Its key in an environment. An empty variable is as good as none.
    pub fn key_in(&self, environment: impl Fn(&str) -> Option<String>) -> Option<Found> {
        let found = |name: &'static str| Some((set(&environment, name)?, name));
        let (value, name) = self.key_variables.iter().copied().find_map(found)?;
        Some(Found { value, variable: Some(name) })
    }

    /// Its base URL in an environment, without a slash at the end.
    ///
    /// ```
    /// use centime_providers::known::known;
    ///
    /// let groq = known("groq").unwrap();
    /// let proxied = |name: &str| (name == "GROQ_BASE_URL").then(|| "http://proxy/".to_owned());
    /// assert_eq!(groq.base_url_in(proxied).unwrap().value, "http://proxy/openai/v1");
    /// assert_eq!(groq.base_url_in(|_| None).unwrap().value, "https://api.groq.com/openai/v1");
    /// ```
    pub fn base_url_in(&self, environment: impl Fn(&str) -> Option<String>) -> Option<Found> {
        let named = self.base_url_variables.iter().find_map(|variable| {
            let value = set(&environment, variable.name)?;
            let value = value.trim_end_matches('/');
            let path = if value.ends_with(variable.path) { "" } else { variable.path };
            Some(Found { value: format!("{value}{path}"), variable: Some(variable.name) })
        });
        named.or_else(|| self.default_base_url_in(environment))
    }

    /// Its base URL where no variable names another.
    pub fn default_base_url_in(
        &self,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Option<Found> {
        let url = self.base_url?;
        let Some((before, rest)) = url.split_once('{') else {
            return Some(Found { value: url.to_owned(), variable: None });
        };
        let (name, after) = rest.split_once('}')?;
        let value = set(&environment, name)?;
        Some(Found { value: format!("{before}{value}{after}"), variable: Some(name) })
    }
}

/// What a variable is set to, without the blanks around it.
fn set(environment: &impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    let value = environment(name)?;
    Some(value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// The provider of a name of the price book.
///
/// ```
/// use centime_providers::known::{Wire, known};
///
/// assert_eq!(known("groq").unwrap().wire, Wire::OpenAi);
/// assert!(known("nobody").is_none());
/// ```
#[must_use]
pub fn known(name: &str) -> Option<&'static Known> {
    all().iter().find(|known| known.name == name)
}

/// All known providers, the makers of most models first.
#[must_use]
pub fn all() -> &'static [Known] {
    list::LIST
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn names_are_those_of_the_price_book() {
        let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../prices/book");
        for known in all() {
            let file = book.join(format!("{}.prices", known.name));
            assert!(file.is_file(), "{} has no prices", known.name);
        }
    }

    #[test]
    fn no_name_and_no_variable_means_two_things() {
        let names: BTreeSet<_> = all().iter().map(|known| known.name).collect();
        assert_eq!(names.len(), all().len());
        let variables = |known: &Known| {
            let urls = known.base_url_variables.iter().map(|variable| variable.name);
            known.key_variables.iter().copied().chain(urls).collect::<Vec<_>>()
        };
        let all_variables: Vec<_> = all().iter().flat_map(variables).collect();
        let distinct: BTreeSet<_> = all_variables.iter().collect();
        assert_eq!(distinct.len(), all_variables.len());
        let is_plain =
            |char: char| char.is_ascii_uppercase() || char.is_ascii_digit() || char == '_';
        assert!(all_variables.iter().all(|name| name.chars().all(is_plain)));
    }

    #[test]
    fn base_urls_are_whole_and_secret() {
        for known in all() {
            let Some(url) = known.base_url else {
                assert!(!known.base_url_variables.is_empty(), "{} is nowhere", known.name);
                continue;
            };
            let rest = match url.strip_prefix("https://") {
                Some(rest) => rest,
                // What has no key has no secret to lose on its way.
                None if known.key_variables.is_empty() => {
                    url.strip_prefix("http://localhost:").unwrap()
                }
                None => panic!("{url}"),
            };
            assert!(!url.ends_with('/'), "{url}");
            let plain = rest.replace("{AWS_REGION}", "eu-west-1");
            let is_plain = |char: char| char.is_ascii_alphanumeric() || "-./".contains(char);
            assert!(plain.chars().all(is_plain) && !plain.contains("//"), "{url}");
            assert!(known.base_url_in(|name| (name == "AWS_REGION").then(|| "x".into())).is_some());
            // The clients of these two name the version in the path of every call.
            if matches!(known.wire, Wire::Anthropic | Wire::Gemini) {
                assert!(!url.contains("/v1"), "{url}");
            }
        }
        for variable in all().iter().flat_map(|known| known.base_url_variables) {
            assert!(variable.path.is_empty() || variable.path.starts_with('/'));
            assert!(!variable.path.ends_with('/'));
        }
    }

    #[test]
    fn the_first_variable_that_is_set_counts() {
        for (name, environment, key, url) in [
            ("openai", &[][..], None, Some("https://api.openai.com/v1")),
            (
                "openai",
                &[("OPENAI_API_KEY", " k \n")],
                Some("k"),
                Some("https://api.openai.com/v1"),
            ),
            ("openai", &[("OPENAI_API_KEY", "  ")], None, Some("https://api.openai.com/v1")),
            ("openai", &[("OPENAI_BASE_URL", "http://h/v1/")], None, Some("http://h/v1")),
            (
                "gemini",
                &[("GOOGLE_API_KEY", "second"), ("GEMINI_API_KEY", "first")],
                Some("first"),
                Some("https://generativelanguage.googleapis.com"),
            ),
            (
                "gemini",
                &[("GOOGLE_API_KEY", "second"), ("GOOGLE_GEMINI_BASE_URL", "http://h")],
                Some("second"),
                Some("http://h"),
            ),
            ("groq", &[("GROQ_BASE_URL", "http://h/openai/v1/")], None, Some("http://h/openai/v1")),
            ("azure", &[("AZURE_OPENAI_API_KEY", "k")], Some("k"), None),
            (
                "azure",
                &[("AZURE_OPENAI_ENDPOINT", "https://me.openai.azure.com/")],
                None,
                Some("https://me.openai.azure.com/openai/v1"),
            ),
            ("bedrock", &[("AWS_BEARER_TOKEN_BEDROCK", "k")], Some("k"), None),
            (
                "bedrock",
                &[("AWS_REGION", "eu-west-1")],
                None,
                Some("https://bedrock-runtime.eu-west-1.amazonaws.com"),
            ),
            ("ollama", &[("OLLAMA_API_KEY", "k")], None, Some("http://localhost:11434/v1")),
        ] {
            let known = known(name).unwrap();
            let environment = |wanted: &str| {
                let found = environment.iter().find(|(name, _)| *name == wanted)?;
                Some(found.1.to_owned())
            };
            let value = |found: Option<Found>| found.map(|found| found.value);
            assert_eq!(value(known.key_in(environment)).as_deref(), key, "{name}");
            assert_eq!(value(known.base_url_in(environment)).as_deref(), url, "{name}");
        }
    }

    #[test]
    fn wires_are_named() {
        for wire in Wire::ALL {
            assert_eq!(wire.to_string().parse(), Ok(wire));
        }
        let error = "opneai".parse::<Wire>().unwrap_err().to_string();
        assert_eq!(
            error,
            "`opneai` is no wire format; they are openai, anthropic, gemini, bedrock"
        );
    }
}
