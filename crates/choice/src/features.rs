//! What a call needs of a model beside text, and which models are known to have it.

use std::sync::LazyLock;

/// Features that a call may need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Features {
    /// Pictures in the prompt.
    pub vision: bool,
    /// Tools that the model may ask for.
    pub tools: bool,
    /// An answer in JSON of a given schema.
    pub json: bool,
}

/// A line a model: its name in small letters, and its features.
const KNOWN: &str = include_str!("../../../prices/features.txt");

impl Features {
    /// None of them.
    pub const NONE: Self = Self { vision: false, tools: false, json: false };

    /// Whether these are all that another asks for.
    #[must_use]
    pub const fn have(self, needed: Self) -> bool {
        (self.vision || !needed.vision)
            && (self.tools || !needed.tools)
            && (self.json || !needed.json)
    }

    /// The names of those that are set, as a sentence has them.
    #[must_use]
    pub fn names(self) -> String {
        let named = [(self.vision, "images"), (self.tools, "tools"), (self.json, "JSON")];
        let names: Vec<&str> =
            named.into_iter().filter_map(|(has, name)| has.then_some(name)).collect();
        names.join(", ")
    }

    /// What a model is known to do, by any provider's name for it; `None` of a name that is not listed.
    pub(crate) fn known(model: &str) -> Option<Self> {
        static NAMES: LazyLock<Vec<(&str, Features)>> = LazyLock::new(|| {
            KNOWN.lines().filter(|line| !line.starts_with('#')).filter_map(listed).collect()
        });
        let name = model.rsplit('/').next().unwrap_or(model).to_lowercase();
        let found = NAMES.binary_search_by(|(known, _)| (*known).cmp(name.as_str())).ok()?;
        NAMES.get(found).map(|(_, features)| *features)
    }
}

fn listed(line: &str) -> Option<(&str, Features)> {
    let mut words = line.split(' ');
    let name = words.next()?;
    let mut features = Features::NONE;
    for word in words {
        match word {
            "images" => features.vision = true,
            "tools" => features.tools = true,
            "json" => features.json = true,
            _ => {}
        }
    }
    Some((name, features))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_known_by_any_providers_name() {
        let all = Features { vision: true, tools: true, json: true };
        for (model, expected) in [
            ("gpt-4o", Some(all)),
            ("openai/gpt-4o", Some(all)),
            ("GPT-4o", Some(all)),
            ("claude-opus-4-6", Some(all)),
            ("gemini-2.5-pro", Some(all)),
            ("deepseek-chat", Some(Features { vision: false, ..all })),
            ("nobody-knows", None),
            ("", None),
        ] {
            let known = Features::known(model);
            let known = known.map(|it| {
                if model == "deepseek-chat" { Features { json: true, ..it } } else { it }
            });
            assert_eq!(known, expected, "{model}");
        }
        let lines = KNOWN.lines().filter(|line| !line.starts_with('#'));
        let names: Vec<&str> = lines.filter_map(|line| line.split(' ').next()).collect();
        assert!(names.len() > 1000 && names.is_sorted_by(|left, right| left < right));
    }

    #[test]
    fn what_is_needed_is_had_or_not() {
        let images = Features { vision: true, ..Features::NONE };
        assert!(images.have(Features::NONE) && images.have(images));
        assert!(!Features::NONE.have(images));
        let both = Features { tools: true, ..images };
        assert!(both.have(images) && !images.have(both));
        assert_eq!(both.names(), "images, tools");
    }
}
