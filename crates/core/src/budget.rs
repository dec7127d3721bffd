//! Budgets as they are set: for whom, how much, over what time, and what happens beyond it.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::attribution::Attribution;
use crate::money::PicoUsd;
use crate::window::Window;

/// The longest name of a budget, a plan or a member, in bytes.
pub const NAME_BYTES_MAX: usize = 128;

/// A property of calls that budgets are for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// The team that pays.
    Team,
    /// The project.
    Project,
    /// The user.
    User,
    /// The key the call was made with.
    Key,
    /// The model that was asked for.
    Model,
    /// The provider that is called.
    Provider,
    /// The value of a tag.
    Tag(Box<str>),
}

/// Whose calls a budget is for.
///
/// ```
/// use centime_core::budget::{Aspect, Scope};
///
/// assert_eq!("user".parse(), Ok(Scope::Each(Aspect::User)));
/// assert_eq!("tag:app=bot".parse::<Scope>()?.to_string(), "tag:app=bot");
/// assert!("colour".parse::<Scope>().is_err());
/// # Ok::<(), centime_core::budget::UnknownScope>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// All calls together.
    All,
    /// Each value of an aspect has the limit for itself.
    Each(Aspect),
    /// The calls of one value.
    One(Aspect, Box<str>),
}

/// A text that names no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no scope: write `all`; `team`, `project`, `user`, `key`, `model` or `provider` for each \
     of them, `user:alice` for one; `tag:app` for each value of a tag, `tag:app=bot` for one"
)]
pub struct UnknownScope(pub String);

/// What happens to a call that the budget does not pay for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Action {
    /// It is refused: the limit is never passed.
    #[default]
    Refuse,
    /// It is made all the same, and somebody is told.
    Warn,
    /// Another, cheaper model is called in the place of the one that was asked for.
    Downgrade(Box<str>),
}

/// A text that names no action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no action: write `refuse`, `warn` or `downgrade:MODEL`")]
pub struct UnknownAction(pub String);

/// A limit over a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// What it is called.
    pub name: Box<str>,
    /// For whom it is.
    pub scope: Scope,
    /// How much may be spent in a window.
    pub limit: PicoUsd,
    /// Over what time.
    pub window: Window,
    /// What happens beyond it.
    pub action: Action,
}

/// A limit that is given to users and teams by name, one account each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What it is called.
    pub name: Box<str>,
    /// How much may be spent in a window; `None`: there is no limit.
    pub limit: Option<PicoUsd>,
    /// Over what time.
    pub window: Window,
}

/// What a user or a team has been given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Member {
    /// The plan, by its name.
    pub plan: Option<Box<str>>,
    /// Of a user: the team that its calls are for where they name none.
    pub team: Option<Box<str>>,
}

/// The plans that there are where nobody says otherwise: name, US dollars a month.
pub const STANDARD_PLANS: [(&str, Option<PicoUsd>); 4] = [
    ("free", Some(PicoUsd::from_pico(1_000_000_000_000))),
    ("basic", Some(PicoUsd::from_pico(10_000_000_000_000))),
    ("pro", Some(PicoUsd::from_pico(100_000_000_000_000))),
    ("enterprise", None),
];

/// Who a call is for and where it goes: what decides which budgets pay for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Payer {
    /// Who and what it is for.
    pub attribution: Attribution,
    /// The provider that is called.
    pub provider: String,
    /// The model that was asked for.
    pub model: String,
}

impl Payer {
    /// The value that a call has of an aspect; `None`: it has none, and no budget by it touches it.
    #[must_use]
    pub fn value(&self, aspect: &Aspect) -> Option<&str> {
        let Attribution { key, user, team, project, tags, .. } = &self.attribution;
        let value = match aspect {
            Aspect::Team => team.as_deref(),
            Aspect::Project => project.as_deref(),
            Aspect::User => user.as_deref(),
            Aspect::Key => key.as_deref(),
            Aspect::Model => Some(self.model.as_str()),
            Aspect::Provider => Some(self.provider.as_str()),
            Aspect::Tag(name) => tags.get(&**name).map(String::as_str),
        };
        value.filter(|value| !value.is_empty())
    }
}

impl Action {
    /// Whether a call beyond the limit is refused.
    #[must_use]
    pub const fn is_hard(&self) -> bool {
        matches!(self, Self::Refuse)
    }
}

/// Why a name is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no name: it has 1 to 128 bytes, and no blanks or control characters")]
pub struct UnfitName(pub String);

/// Checks what a budget, a plan, a user or a team is called.
///
/// # Errors
/// When it is empty, too long, or has blanks or control characters in it.
pub fn check_name(name: &str) -> Result<(), UnfitName> {
    let is_unfit = |character: char| character.is_control() || character.is_whitespace();
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.contains(is_unfit) {
        return Err(UnfitName(name.chars().take(60).collect()));
    }
    Ok(())
}

impl Aspect {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "team" => Self::Team,
            "project" => Self::Project,
            "user" => Self::User,
            "key" => Self::Key,
            "model" => Self::Model,
            "provider" => Self::Provider,
            _ => return None,
        })
    }

    /// The word for it; that of a tag has its name in it: `tag:app`.
    #[must_use]
    pub fn word(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Team => "team",
            Self::Project => "project",
            Self::User => "user",
            Self::Key => "key",
            Self::Model => "model",
            Self::Provider => "provider",
            Self::Tag(name) => return Cow::Owned(format!("tag:{name}")),
        })
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let unknown = || UnknownScope(text.chars().take(60).collect());
        if text == "all" {
            return Ok(Self::All);
        }
        if let Some(tag) = text.strip_prefix("tag:") {
            let (name, value) = match tag.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (tag, None),
            };
            if name.is_empty() || value == Some("") {
                return Err(unknown());
            }
            let aspect = Aspect::Tag(name.into());
            return Ok(value.map_or_else(
                || Self::Each(aspect.clone()),
                |value| Self::One(aspect.clone(), value.into()),
            ));
        }
        match text.split_once(':') {
            None => Aspect::named(text).map(Self::Each).ok_or_else(unknown),
            Some((_, "")) => Err(unknown()),
            Some((name, value)) => {
                let aspect = Aspect::named(name).ok_or_else(unknown)?;
                Ok(Self::One(aspect, value.into()))
            }
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => out.write_str("all"),
            Self::Each(aspect) => out.write_str(&aspect.word()),
            Self::One(aspect @ Aspect::Tag(_), value) => write!(out, "{}={value}", aspect.word()),
            Self::One(aspect, value) => write!(out, "{}:{value}", aspect.word()),
        }
    }
}

impl FromStr for Action {
    type Err = UnknownAction;

    fn from_str(text: &str) -> Result<Self, UnknownAction> {
        match text {
            "refuse" => Ok(Self::Refuse),
            "warn" => Ok(Self::Warn),
            _ => match text.strip_prefix("downgrade:") {
                Some(model) if !model.is_empty() => Ok(Self::Downgrade(model.into())),
                _ => Err(UnknownAction(text.chars().take(60).collect())),
            },
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refuse => out.write_str("refuse"),
            Self::Warn => out.write_str("warn"),
            Self::Downgrade(model) => write!(out, "downgrade:{model}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_as_they_are_written() {
        for text in [
            "all",
            "user",
            "team:search",
            "model:openai/gpt-5",
            "model:a:b",
            "tag:app",
            "tag:app=bot",
            "tag:app=a=b",
        ] {
            assert_eq!(text.parse::<Scope>().unwrap().to_string(), text);
        }
        for text in ["", "users", "user:", "tag:", "tag:=x", "tag:app=", "all:x", "colour:red"] {
            assert!(text.parse::<Scope>().is_err(), "{text}");
        }
        for text in ["refuse", "warn", "downgrade:fast"] {
            assert_eq!(text.parse::<Action>().unwrap().to_string(), text);
        }
        assert!("downgrade:".parse::<Action>().is_err());
    }

    #[test]
    fn what_a_call_lacks_no_budget_counts() {
        let payer = Payer { model: "gpt-5".to_owned(), ..Payer::default() };
        assert_eq!(payer.value(&Aspect::Model), Some("gpt-5"));
        assert_eq!(payer.value(&Aspect::Provider), None);
        assert_eq!(payer.value(&Aspect::User), None);
        assert_eq!(payer.value(&Aspect::Tag("app".into())), None);
    }
}
