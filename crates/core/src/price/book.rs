//! The price book: every provider's models, searched by name.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::card::Model;
use super::format::{self, Block, File, FormatError, Header};
use super::options::Options;
use super::pattern::Pattern;

/// All rate cards, with the version that entries name.
#[derive(Debug, Clone)]
pub struct PriceBook {
    pub(super) version: String,
    pub(super) providers: Vec<ProviderBook>,
    /// Names that the source itself uses for one model each: the keys of a foreign price map.
    own_names: BTreeMap<String, OwnName>,
}

#[derive(Debug, Clone)]
struct OwnName {
    provider: String,
    model: String,
}

/// The models of one provider.
#[derive(Debug, Clone)]
pub struct ProviderBook {
    /// What stands before the models.
    pub header: Header,
    pub(super) models: Models,
    /// Names that mean a model without being its own: the first that matches counts.
    pub(super) patterns: Vec<(Pattern, String)>,
    /// What was said later, the earliest first.
    pub(super) revisions: Vec<Models>,
}

#[derive(Debug, Clone)]
pub(super) enum Models {
    /// A file's text, in which a model is read when it is asked for.
    Text(Cow<'static, str>),
    /// Models that were read from elsewhere.
    Read(BTreeMap<String, Block>),
}

impl PriceBook {
    /// A book over texts in the price format; models are read when they are asked for.
    ///
    /// # Errors
    /// When a text does not start with a header.
    pub fn from_texts(
        version: impl Into<String>,
        texts: impl IntoIterator<Item = impl Into<Cow<'static, str>>>,
    ) -> Result<Self, FormatError> {
        let read = |text: Cow<'static, str>| {
            let header = format::parse_header(&text)?;
            let models = Models::Text(text);
            Ok(ProviderBook { header, models, patterns: Vec::new(), revisions: Vec::new() })
        };
        let providers: Result<_, _> = texts.into_iter().map(|text| read(text.into())).collect();
        Ok(Self { version: version.into(), providers: providers?, own_names: BTreeMap::new() })
    }

    /// A book of models that were read already.
    #[must_use]
    pub fn from_files(version: impl Into<String>, files: impl IntoIterator<Item = File>) -> Self {
        let read = |file: File| {
            let named = file.blocks.into_iter().map(|block| (block.name().to_owned(), block));
            let models = Models::Read(named.collect());
            let header = file.header;
            ProviderBook { header, models, patterns: Vec::new(), revisions: Vec::new() }
        };
        Self {
            version: version.into(),
            providers: files.into_iter().map(read).collect(),
            own_names: BTreeMap::new(),
        }
    }

    /// Lets `name` mean one model of one provider, whatever else it might mean.
    pub fn add_own_name(&mut self, name: String, provider: &str, model: &str) {
        let target = OwnName { provider: provider.to_owned(), model: model.to_owned() };
        self.own_names.insert(name, target);
    }

    /// Lets every name that looks like `pattern` mean a model of a provider, after those that were
    /// added before, and after the names that models have themselves.
    pub fn add_pattern(&mut self, provider: &str, pattern: Pattern, model: &str) {
        let book = self.providers.iter_mut().find(|book| book.header.provider == provider);
        if let Some(book) = book {
            book.patterns.push((pattern, model.to_owned()));
        }
    }

    /// The version that entries priced from this book name.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The providers, in the book's order.
    #[must_use]
    pub fn providers(&self) -> &[ProviderBook] {
        &self.providers
    }

    /// The provider of a name, or of another name it goes by.
    #[must_use]
    pub fn provider(&self, name: &str) -> Option<&ProviderBook> {
        let by_name = self.providers.iter().find(|provider| provider.header.provider == name);
        by_name.or_else(|| self.providers.iter().find(|provider| provider.header.is_named(name)))
    }

    /// The provider and model that a name of the source's own means.
    pub(super) fn own_name(&self, name: &str) -> Option<(&str, &str)> {
        let own = self.own_names.get(name)?;
        Some((&own.provider, &own.model))
    }
}

impl ProviderBook {
    /// The provider's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.header.provider
    }

    /// The model of an exact name, or of an alias of it.
    ///
    /// # Errors
    /// When its block is there and cannot be read.
    pub fn model(&self, name: &str) -> Option<Result<Model, FormatError>> {
        Some(self.model_and_options(name)?.map(|(model, _)| model))
    }

    /// As [`ProviderBook::model`], with the options that the name states.
    pub(super) fn model_and_options(
        &self,
        name: &str,
    ) -> Option<Result<(Model, Options), FormatError>> {
        let plain = |model| (model, Options::NONE);
        let Some(block) = self.block(name) else {
            let (_, model) = self.patterns.iter().find(|(pattern, _)| pattern.matches(name))?;
            return Some(self.named_model(model)?.map(plain));
        };
        match block {
            Ok(Block::Model(model)) => Some(Ok(plain(model))),
            Ok(Block::Alias { target, options, .. }) => {
                Some(self.named_model(&target)?.map(|model| (model, options)))
            }
            Err(error) => Some(Err(error)),
        }
    }

    /// The model of its own name. An alias of an alias leads nowhere: aliases name models.
    pub(super) fn named_model(&self, name: &str) -> Option<Result<Model, FormatError>> {
        match self.block(name)? {
            Ok(Block::Model(model)) => Some(Ok(model)),
            Ok(Block::Alias { .. }) => None,
            Err(error) => Some(Err(error)),
        }
    }

    /// Whether there is a model or an alias of exactly this name.
    #[must_use]
    pub fn lists(&self, name: &str) -> bool {
        self.models.lists(name) || self.revisions.iter().any(|revision| revision.lists(name))
    }

    /// Whether the name means a model: its own, an alias, or one that looks like a pattern.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.lists(name) || self.patterns.iter().any(|(pattern, _)| pattern.matches(name))
    }

    /// The names of all models and aliases, sorted.
    pub fn names(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        if self.revisions.is_empty() {
            return self.models.names();
        }
        Box::new(self.revised_names().into_iter())
    }

    /// The patterns of names that mean a model, with its name.
    pub fn patterns(&self) -> impl Iterator<Item = (&Pattern, &str)> {
        self.patterns.iter().map(|(pattern, model)| (pattern, model.as_str()))
    }

    /// All models and aliases, read one after the other.
    pub fn blocks(&self) -> Box<dyn Iterator<Item = Result<Block, FormatError>> + '_> {
        if self.revisions.is_empty() {
            return self.models.blocks();
        }
        Box::new(self.revised_names().into_iter().filter_map(|name| self.block(name)))
    }
}

impl Models {
    pub(super) fn lists(&self, name: &str) -> bool {
        match self {
            Self::Text(text) => format::find_block(text, name).is_some(),
            Self::Read(blocks) => blocks.contains_key(name),
        }
    }

    pub(super) fn names(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Self::Text(text) => Box::new(format::block_names(text)),
            Self::Read(blocks) => Box::new(blocks.keys().map(String::as_str)),
        }
    }

    fn blocks(&self) -> Box<dyn Iterator<Item = Result<Block, FormatError>> + '_> {
        match self {
            Self::Text(text) => Box::new(format::blocks(text)),
            Self::Read(blocks) => Box::new(blocks.values().cloned().map(Ok)),
        }
    }

    pub(super) fn block(&self, name: &str) -> Option<Result<Block, FormatError>> {
        match self {
            Self::Text(text) => format::find_block(text, name),
            Self::Read(blocks) => blocks.get(name).cloned().map(Ok),
        }
    }
}
