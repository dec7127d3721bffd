//! Centime's own price format: plain text that a person reviews, a difference shows well, and a
//! program searches without reading it whole.
//!
//! ```text
//! # comments and blank lines anywhere
//! provider openai
//! maker gpt- o1 o3                         bare names that start so mean this provider; `maker` alone:
//!                                          all names that it has
//! also azure_openai                        another name of the provider
//!
//! alias gpt-4-turbo-latest gpt-4-turbo
//! alias hd/1024-x-1792/dall-e-3 dall-e-3 size=1024x1792 quality=hd
//!
//! model gpt-4-turbo chat input_max=128000 output_max=4096 until=2027-01-01
//!  from 2023-11-06 exact OpenAI DevDay
//!   input 10/1M
//!   input 5/1M tier=batch
//!   output 30/1M above=128000 derived
//!   output 15/1M hours=16:30-00:30;00:00-24:00/sa-su
//!   images 0.12 size=1024x1792 quality=hd
//!   searches 0.005 results=0-25
//!   uplift 1.1 region=eu
//! ```
//!
//! The lines of a model are indented, `alias` and `model` lines are sorted by name, so that a block
//! is found by binary search over the text. A rate is in US dollars for one unit, or for `/1K` or
//! `/1M` of them.

mod find;
mod read;
mod write;

use super::card::Model;
use super::options::Options;

pub use find::{block_names, files, find_block};
pub use read::{blocks, parse_file, parse_header, parse_rate};
pub use write::write_file;

/// Why a text is not in the price format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct FormatError {
    /// The line, counted from 1 where the parsed text starts.
    pub line: usize,
    /// What is wrong and how to write it.
    pub what: String,
}

/// One entry of a provider's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Another name of a model.
    Alias {
        /// The name.
        name: String,
        /// The model it stands for.
        target: String,
        /// What the name says was chosen: `hd/1024-x-1792/dall-e-3` states quality and size.
        options: Options,
    },
    /// A model with its cards.
    Model(Model),
}

/// What a provider's file says before its models.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// The provider's name.
    pub provider: String,
    /// The starts of the names of its own models: such a bare name means this provider. An empty
    /// start is that of every name; no start at all, it makes none.
    pub makes: Vec<String>,
    /// Other names of the provider.
    pub also: Vec<String>,
}

/// A whole file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct File {
    /// What stands before the models.
    pub header: Header,
    /// The models and aliases, sorted by name.
    pub blocks: Vec<Block>,
}

impl Header {
    /// Whether a bare name means this provider rather than one that sells others' models.
    #[must_use]
    pub fn is_maker_of(&self, model: &str) -> bool {
        self.makes.iter().any(|start| model.starts_with(start.as_str()))
    }

    /// Whether a name is the provider's, or another one it goes by; case, and which of `-`, `_`, `.`
    /// and blanks parts its words, do not matter.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        same_words(&self.provider, name) || self.also.iter().any(|also| same_words(also, name))
    }
}

fn same_words(left: &str, right: &str) -> bool {
    let fold = |byte: u8| match byte {
        b'-' | b'.' | b' ' => b'_',
        _ => byte.to_ascii_lowercase(),
    };
    left.len() == right.len() && left.bytes().map(fold).eq(right.bytes().map(fold))
}

impl Block {
    /// The name it is found by.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Alias { name, .. } => name,
            Self::Model(model) => &model.name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# a comment
provider openai
maker gpt- o1
also azure_openai oai

alias gpt-4-latest gpt-4

alias hd/gpt-4 gpt-4 quality=hd

model gpt-3.5-turbo chat input_max=16385 output_max=4096
 from 2023-06-13 exact OpenAI
  input 1.5/1M
  output 2/1M
 from 2024-01-25 exact OpenAI
  input 0.5/1M
  input 0.25/1M tier=batch
  output 1.5/1M above=8000 derived
  output 0.75/1M above=8000 hours=00:00-24:00/sa,su;16:30-00:30
  uplift 1.1 region=eu

model gpt-4 chat until=2026-10-23
 from 2023-03-14 exact OpenAI
  input 30/1M
  output 60/1M
  images 0.08
  images 0.12 size=1024x1792 quality=hd derived
  web_search 0.01
  searches 0.005 results=0-25

model o1 chat
";

    #[test]
    fn a_maker_of_every_name_may_make_some_by_name() {
        let file = parse_file("provider a\nalso\nmaker\nmaker b c\n").unwrap();
        assert_eq!(file.header.makes, ["", "b", "c"]);
        assert_eq!(file.header.also, [""; 0]);
        assert_eq!(parse_file(&write_file(&file, "")), Ok(file));
    }

    #[test]
    fn writes_what_it_read() {
        let file = parse_file(TEXT).unwrap();
        assert_eq!(write_file(&file, "a comment"), TEXT);
        assert_eq!(file.header.also, ["azure_openai", "oai"]);
        assert!(file.header.is_maker_of("gpt-4") && !file.header.is_maker_of("llama"));
        assert!(file.header.is_named("Azure-OpenAI") && !file.header.is_named("azure"));
    }

    #[test]
    fn finds_every_block_and_no_other() {
        let file = parse_file(TEXT).unwrap();
        let names: Vec<&str> = block_names(TEXT).collect();
        assert_eq!(names, ["gpt-4-latest", "hd/gpt-4", "gpt-3.5-turbo", "gpt-4", "o1"]);
        // The blocks of a real file are sorted; here only the models are.
        let models = &TEXT[TEXT.find("model ").unwrap()..];
        for block in &file.blocks[2..] {
            let found = find_block(models, block.name()).unwrap().unwrap();
            assert_eq!(&found, block);
        }
        for absent in ["", "a", "gpt-3", "gpt-3.5-turbo-16k", "gpt-4-", "o1x", "zzz"] {
            assert_eq!(find_block(models, absent), None, "{absent}");
            assert_eq!(find_block("", absent), None);
            assert_eq!(find_block("provider x\n", absent), None);
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, expected) in [
            ("model a chat\n", "line 1: the file must start with `provider NAME`"),
            (
                "provider p\nmodel a\n",
                "line 2: expected `model NAME MODE …` or `alias NAME TARGET`: `model a`",
            ),
            (
                "provider p\nmodel a chat x=1\n",
                "line 2: expected `input_max=`, `output_max=` or `until=`: `model a chat x=1`",
            ),
            (
                "provider p\nmodel a chat\n from soon exact\n",
                "line 3: a card starts with `from DATE`: `from soon exact`",
            ),
            (
                "provider p\nmodel a chat\n from 2024-01-01 exact x\n  input 1/1G\n",
                "line 4: `/1G` is none of `/1M`, `/1K` and `/1`",
            ),
            (
                "provider p\nmodel a chat\n from 2024-01-01 exact x\n  input -1\n",
                "line 4: `-1` is negative",
            ),
            (
                "provider p\nmodel a chat\n from 2024-01-01 exact x\n  input 1 tier=slow\n",
                "line 4: no tier `slow`",
            ),
            (
                "provider p\nmodel a chat\n from 2024-01-01 exact x\n  images 1 colour=red\n",
                "line 4: not a condition: `colour=red`",
            ),
            (
                "provider p\nalias b a results=few\n",
                "line 2: `few` is no results: write a whole number, or a range such as `0-50` or `51-`",
            ),
            (
                "provider p\nmodel a chat\nprovider q\n",
                "line 3: `provider q` must stand before the models; a further provider needs a \
                 file of its own",
            ),
            ("provider p\nmodel a chat\n\nmodel a chat\n", "line 4: `a` is on line 2 already"),
            ("provider p\nalias b a\n", "line 2: there is no model `a`"),
            (
                "provider p\nmodel a chat\n from 2024-01-01 exact x\n  input 1\n  input 2\n",
                "line 5: `input` has a rate for this case already",
            ),
        ] {
            assert_eq!(parse_file(text).unwrap_err().to_string(), expected);
        }
    }
}
