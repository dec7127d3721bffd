//! The meters: what a call can be charged for, in which unit, and how they nest.

use std::fmt;
use std::str::FromStr;

/// What one unit of a meter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A token of the prompt's side: counts towards `input_tokens`.
    InputToken,
    /// A token of the answer's side: counts towards `output_tokens`.
    OutputToken,
    /// A second, a page, a character, a call of a tool: counts towards neither.
    Other(&'static str),
}

macro_rules! meters {
    ($( $(#[doc = $doc:literal])+ $variant:ident = $code:literal $name:literal $unit:expr, $parent:expr; )+) => {
        /// One measured quantity of a call.
        ///
        /// The names are those of events, reports and rate cards. The codes are kept in ledgers:
        /// they never change their meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Meter {
            $( $(#[doc = $doc])+ $variant = $code, )+
        }

        impl Meter {
            /// Every meter, in the order of charge lines.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in events, reports and rate cards.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What one of it is.
            #[must_use]
            pub const fn unit(self) -> Unit {
                match self { $(Self::$variant => $unit),+ }
            }

            /// The meter whose rate holds where this one has none of its own: a cached token is
            /// still an input token, a reasoning token still an output token. `None`: without a
            /// rate of its own it cannot be priced.
            #[must_use]
            pub const fn parent(self) -> Option<Self> {
                match self { $(Self::$variant => $parent),+ }
            }

            /// The meter of a code kept in a ledger.
            #[must_use]
            pub const fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }

        impl FromStr for Meter {
            type Err = UnknownMeter;

            fn from_str(name: &str) -> Result<Self, UnknownMeter> {
                match name {
                    $($name => Ok(Self::$variant),)+
                    "cache_write" => Ok(Self::CacheWrite5m),
                    _ => Err(UnknownMeter(name.chars().take(60).collect())),
                }
            }
        }
    };
}

use Unit::{InputToken, Other, OutputToken};

meters! {
    /// Prompt tokens at the full rate: what is left when cached, audio, image and video input are
    /// taken out.
    Input = 0 "input" InputToken, None;
    /// Prompt tokens read from a cache.
    CacheRead = 1 "cache_read" InputToken, Some(Self::Input);
    /// Prompt tokens written to a cache that lives for five minutes, or as long as the provider's
    /// only kind of cache does.
    CacheWrite5m = 2 "cache_write_5m" InputToken, Some(Self::Input);
    /// Prompt tokens written to a cache that lives for an hour.
    CacheWrite1h = 3 "cache_write_1h" InputToken, Some(Self::CacheWrite5m);
    /// Prompt tokens written to a cache that lives for twelve hours.
    CacheWrite12h = 4 "cache_write_12h" InputToken, Some(Self::CacheWrite1h);
    /// Audio tokens of the prompt.
    InputAudio = 5 "input_audio" InputToken, Some(Self::Input);
    /// Audio tokens of the prompt read from a cache.
    CacheReadAudio = 6 "cache_read_audio" InputToken, Some(Self::CacheRead);
    /// Audio tokens of the prompt written to a cache.
    CacheWriteAudio = 7 "cache_write_audio" InputToken, Some(Self::CacheWrite5m);
    /// Image tokens of the prompt.
    InputImage = 8 "input_image" InputToken, Some(Self::Input);
    /// Image tokens of the prompt read from a cache.
    CacheReadImage = 9 "cache_read_image" InputToken, Some(Self::CacheRead);
    /// Video tokens of the prompt.
    InputVideo = 10 "input_video" InputToken, Some(Self::Input);
    /// Video tokens of the prompt read from a cache.
    CacheReadVideo = 11 "cache_read_video" InputToken, Some(Self::CacheRead);

    /// Answer tokens at the full rate: what is left when reasoning, audio and images are taken out.
    Output = 16 "output" OutputToken, None;
    /// Reasoning ("thinking") tokens, billed though the client may not see them.
    Reasoning = 17 "reasoning" OutputToken, Some(Self::Output);
    /// Audio tokens of the answer.
    OutputAudio = 18 "output_audio" OutputToken, Some(Self::Output);
    /// Image tokens of the answer.
    OutputImage = 19 "output_image" OutputToken, Some(Self::Output);
    /// Video tokens of the answer.
    OutputVideo = 20 "output_video" OutputToken, Some(Self::Output);
    /// Tokens of cited sources that an answering engine bills apart.
    Citation = 21 "citation" OutputToken, None;

    /// Images made.
    Images = 32 "images" Other("image"), None;
    /// Images sent, where they are billed by the piece.
    InputImages = 33 "input_images" Other("image"), None;
    /// Pixels made.
    Pixels = 34 "pixels" Other("pixel"), None;
    /// Pixels sent, or asked for where the request is billed by them.
    InputPixels = 35 "input_pixels" Other("pixel"), None;
    /// Seconds of sound or film, or of computing, where a provider knows only one kind.
    Seconds = 36 "seconds" Other("second"), None;
    /// Seconds of sound sent.
    InputSeconds = 37 "input_seconds" Other("second"), Some(Self::Seconds);
    /// Seconds of sound or film made.
    OutputSeconds = 38 "output_seconds" Other("second"), Some(Self::Seconds);
    /// Seconds of film sent.
    InputVideoSeconds = 39 "input_video_seconds" Other("second"), None;
    /// Characters sent.
    Characters = 40 "characters" Other("character"), None;
    /// Characters made.
    OutputCharacters = 41 "output_characters" Other("character"), None;
    /// Pages read.
    Pages = 42 "pages" Other("page"), None;
    /// Pages annotated.
    AnnotatedPages = 43 "annotated_pages" Other("page"), None;
    /// Credits of a provider that bills in its own.
    Credits = 44 "credits" Other("credit"), None;
    /// Databricks units.
    Dbu = 45 "dbu" Other("DBU"), None;
    /// Text messages of a voice session.
    Messages = 46 "messages" Other("message"), None;
    /// Units of text that a guardrail's content policy looked at.
    GuardrailContent = 48 "guardrail_content" Other("unit"), None;
    /// Images that a guardrail's content policy looked at.
    GuardrailImages = 49 "guardrail_images" Other("image"), None;
    /// Units of text that a guardrail's denied topics were held against.
    GuardrailTopics = 50 "guardrail_topics" Other("unit"), None;
    /// Units of text that a guardrail's word lists were held against.
    GuardrailWords = 51 "guardrail_words" Other("unit"), None;
    /// Units of text that a guardrail searched for sensitive information.
    GuardrailSensitive = 52 "guardrail_sensitive" Other("unit"), None;
    /// The same by patterns alone, which the provider counts apart.
    GuardrailPatterns = 53 "guardrail_patterns" Other("unit"), None;
    /// Units of text that a guardrail checked against their sources.
    GuardrailGrounding = 54 "guardrail_grounding" Other("unit"), None;
    /// Units of text that a guardrail checked by automated reasoning.
    GuardrailReasoning = 55 "guardrail_reasoning" Other("unit"), None;

    /// Web searches by the provider's tool.
    WebSearch = 64 "web_search" Other("search"), None;
    /// File searches by the provider's tool.
    FileSearch = 65 "file_search" Other("search"), None;
    /// Map look-ups by the provider's tool.
    MapsSearch = 66 "maps_search" Other("search"), None;
    /// Sessions of the provider's code interpreter.
    CodeSession = 67 "code_session" Other("session"), None;
    /// Queries of a search or rerank model.
    Searches = 68 "searches" Other("query"), None;
    /// The call itself, where a provider bills each one.
    Request = 69 "request" Other("request"), None;
    /// Texts classified.
    Classifications = 70 "classifications" Other("classification"), None;
    /// Dollars that the source itself says the call cost, where that is taken as the charge.
    Reported = 80 "reported" Other("USD"), None;
}

/// A name that is no meter's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a meter; the meters are {names}", names = meter_names())]
pub struct UnknownMeter(pub String);

fn meter_names() -> String {
    Meter::ALL.iter().map(|meter| meter.name()).collect::<Vec<_>>().join(", ")
}

impl Meter {
    /// The code kept in ledgers.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Whether it counts towards `input_tokens`.
    #[must_use]
    pub const fn is_input_token(self) -> bool {
        matches!(self.unit(), InputToken)
    }

    /// Whether it counts towards `output_tokens`.
    #[must_use]
    pub const fn is_output_token(self) -> bool {
        matches!(self.unit(), OutputToken)
    }

    /// Whether it counts tokens, of either side.
    #[must_use]
    pub const fn is_token(self) -> bool {
        self.is_input_token() || self.is_output_token()
    }

    /// This meter, then its parent, and so on to the one that has none.
    pub fn lineage(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |meter| meter.parent())
    }
}

impl fmt::Display for Meter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_codes_lead_back_to_their_meter() {
        for &meter in Meter::ALL {
            assert_eq!(meter.name().parse::<Meter>(), Ok(meter));
            assert_eq!(Meter::from_code(meter.code()), Some(meter));
        }
        assert!("tokens".parse::<Meter>().is_err());
        assert_eq!("cache_write".parse::<Meter>(), Ok(Meter::CacheWrite5m));
    }

    #[test]
    fn a_parent_is_of_the_same_side_and_lineages_end() {
        for &meter in Meter::ALL {
            for ancestor in meter.lineage() {
                assert_eq!(ancestor.is_input_token(), meter.is_input_token());
                assert_eq!(ancestor.is_output_token(), meter.is_output_token());
            }
            assert!(meter.lineage().count() < 5);
        }
    }
}
