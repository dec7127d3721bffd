//! Resolve: which provider serves a call, and by what name it knows the model.

use std::sync::Arc;

use centime_core::price::{ANY_PROVIDER, Unresolved};
use centime_providers::wire::Wire;

use super::provider::{Directory, Provider};
use super::refusal::Refusal;
use crate::pricer::Pricer;

/// Where a call goes.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) provider: Arc<Provider>,
    /// The model by the provider's name for it; empty where the call names none.
    pub(super) model: String,
}

impl Directory {
    /// Where a call of `model` goes that came by a path of `wire`, or by one of a provider's own.
    ///
    /// An alias means its route; `provider/model` that provider's; a bare name its maker's own; and
    /// one that nobody knows is the path's own provider's, who may have released it this morning.
    pub(super) fn route(
        &self,
        pricer: &mut Pricer,
        wire: Wire,
        named: Option<&str>,
        model: &str,
    ) -> Result<Route, Refusal> {
        if let Some(name) = named {
            let provider = self.configured(name)?;
            return Ok(Route { provider, model: model.to_owned() });
        }
        if let Some(alias) = self.aliases.get(model) {
            let provider = self.configured(&alias.provider)?;
            return speaking(wire, Route { provider, model: alias.model.clone() });
        }
        if let Some((first, rest)) = model.split_once('/')
            && let Some(provider) = self.providers.get(first)
        {
            return speaking(
                wire,
                Route { provider: Arc::clone(provider), model: rest.to_owned() },
            );
        }
        let own = own_provider(wire);
        if model.is_empty() {
            let provider = self.configured(own)?;
            return Ok(Route { provider, model: String::new() });
        }
        match pricer.resolve(None, model) {
            Ok(found) if found.provider != ANY_PROVIDER => {
                let provider = self.configured(&found.provider)?;
                speaking(wire, Route { provider, model: found.name.clone() })
            }
            Err(Unresolved::Ambiguous { name, candidates }) => {
                Err(Unresolved::Ambiguous { name, candidates })
                    .map_err(|unresolved| Refusal::unknown_model(unresolved.to_string()))
            }
            Ok(_) | Err(_) => match self.providers.get(own) {
                Some(provider) => {
                    Ok(Route { provider: Arc::clone(provider), model: model.to_owned() })
                }
                None => Err(Refusal::unknown_model(format!(
                    "nobody knows the model `{model}`, and `{own}`, whose path this is, is not \
                     configured; name its provider as `provider/model`"
                ))),
            },
        }
    }

    fn configured(&self, name: &str) -> Result<Arc<Provider>, Refusal> {
        self.providers.get(name).cloned().ok_or_else(|| {
            let known: Vec<String> =
                self.providers.keys().map(|known| format!("`{known}`")).collect();
            let known = match known.is_empty() {
                true => "none is".to_owned(),
                false => format!("these are: {}", known.join(", ")),
            };
            Refusal::unknown_model(format!(
                "the provider `{name}` is not configured ({known}); set its key in the environment, \
                 or `[providers.{name}]` in the configuration"
            ))
        })
    }
}

/// The provider whose own paths these are.
const fn own_provider(wire: Wire) -> &'static str {
    match wire {
        Wire::OpenAi => "openai",
        Wire::Anthropic => "anthropic",
        Wire::Gemini => "gemini",
    }
}

/// A call in one format to a provider of another would have to be translated.
fn speaking(wire: Wire, route: Route) -> Result<Route, Refusal> {
    if route.provider.wire == wire {
        return Ok(route);
    }
    let path = match route.provider.wire {
        Wire::OpenAi => "/v1/chat/completions",
        Wire::Anthropic => "/v1/messages",
        Wire::Gemini => "/v1beta/models/…:generateContent",
    };
    Err(Refusal::bad_request(format!(
        "`{}` is served by `{}` in another wire format than this path has, and calls are not \
         translated; call it by `{path}`",
        route.model, route.provider.name
    )))
}

#[cfg(test)]
mod tests {
    use super::super::provider::Alias;
    use super::*;
    use centime_core::price::PriceBook;

    const OPENAI: &str =
        "provider openai\nmaker\n\nmodel gpt-x chat\n from 2024-01-01 exact test\n  input 1/1M\n";
    const ANTHROPIC: &str = "provider anthropic\nmaker\n\nmodel claude-x chat\n from 2024-01-01 exact test\n  input 1/1M\n";
    const TOGETHER: &str =
        "provider together\n\nmodel llama chat\n from 2024-01-01 exact test\n  input 1/1M\n";
    const GROQ: &str =
        "provider groq\n\nmodel llama chat\n from 2024-01-01 exact test\n  input 1/1M\n";

    fn directory(names: &[(&str, Wire)]) -> Directory {
        let provider = |&(name, wire): &(&str, Wire)| {
            let provider = Provider {
                name: name.to_owned(),
                wire,
                base: "http://127.0.0.1:1/v1".parse().unwrap(),
                headers: Vec::new(),
                has_key: true,
                needs_key: true,
                tells_usage: true,
            };
            (name.to_owned(), Arc::new(provider))
        };
        let alias = Alias { provider: "openai".to_owned(), model: "gpt-x".to_owned() };
        Directory {
            providers: names.iter().map(provider).collect(),
            aliases: [("fast".to_owned(), alias)].into(),
        }
    }

    #[test]
    fn names_go_where_they_belong() {
        let both = [
            ("openai", Wire::OpenAi),
            ("anthropic", Wire::Anthropic),
            ("groq", Wire::OpenAi),
            ("local", Wire::OpenAi),
        ];
        let directory = directory(&both);
        let book = PriceBook::from_texts("test", [OPENAI, ANTHROPIC, TOGETHER, GROQ]).unwrap();
        let mut pricer = Pricer::new(book);
        let openai = Wire::OpenAi;
        for (wire, named, model, expected) in [
            (openai, None, "gpt-x", Ok(("openai", "gpt-x"))),
            (openai, None, "openai/gpt-x", Ok(("openai", "gpt-x"))),
            (openai, None, "groq/llama", Ok(("groq", "llama"))),
            (openai, None, "local/meta/llama", Ok(("local", "meta/llama"))),
            (openai, None, "fast", Ok(("openai", "gpt-x"))),
            (openai, None, "released-today", Ok(("openai", "released-today"))),
            (openai, None, "meta/released", Ok(("openai", "meta/released"))),
            (openai, None, "", Ok(("openai", ""))),
            (openai, Some("local"), "gpt-x", Ok(("local", "gpt-x"))),
            (Wire::Anthropic, None, "claude-x", Ok(("anthropic", "claude-x"))),
            (Wire::Anthropic, None, "claude-next", Ok(("anthropic", "claude-next"))),
            (openai, None, "llama", Err("groq/llama")),
            (openai, None, "claude-x", Err("/v1/messages")),
            (Wire::Gemini, None, "gemini-next", Err("`gemini`")),
            (openai, Some("nobody"), "x", Err("[providers.nobody]")),
        ] {
            let route = directory.route(&mut pricer, wire, named, model);
            match (route, expected) {
                (Ok(route), Ok((provider, name))) => {
                    assert_eq!(
                        (route.provider.name.as_str(), route.model.as_str()),
                        (provider, name)
                    );
                }
                (Err(refusal), Err(word)) => {
                    assert_eq!(refusal.code.status(), 400);
                    assert!(refusal.message.contains(word), "{model}: {refusal}");
                }
                (route, _) => panic!("{model}: {route:?}"),
            }
        }
    }
}
