//! Flags for what a caller chose: `--size 1024x1792`.

use centime_core::price::{OptionKey, Options};

/// A flag for every option that a price can depend on.
#[derive(Debug, Default)]
pub(crate) struct OptionFlags(pub(crate) Options);

impl clap::Args for OptionFlags {
    fn augment_args(command: clap::Command) -> clap::Command {
        let flag = |&key: &OptionKey| {
            let (flag, value, help) = about(key);
            clap::Arg::new(key.name())
                .long(flag)
                .value_name(value)
                .help(help)
                .help_heading("Options of the call")
                .value_parser(move |text: &str| read(key, text))
        };
        command.args(OptionKey::ALL.iter().map(flag))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for OptionFlags {
    fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        let given = OptionKey::ALL.iter().filter_map(|key| matches.get_one::<Options>(key.name()));
        Ok(Self(given.fold(Options::default(), |all, one| all.or(one))))
    }

    fn update_from_arg_matches(&mut self, matches: &clap::ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn read(key: OptionKey, text: &str) -> Result<Options, String> {
    let mut options = Options::default();
    options.set(key, text).map_err(|error| error.to_string())?;
    Ok(options)
}

/// The flag of an option, what to write behind it, and what it is.
const fn about(key: OptionKey) -> (&'static str, &'static str, &'static str) {
    match key {
        OptionKey::Size => ("size", "WxH", "Size of the images, such as 1024x1792"),
        OptionKey::Quality => ("quality", "Q", "Quality of the images: low, high, hd, …"),
        OptionKey::Resolution => {
            ("resolution", "R", "Resolution of the film or the images: 1080p, 4k, …")
        }
        OptionKey::SearchContext => {
            ("search-context", "C", "How much a search puts into the prompt: low, medium or high")
        }
        OptionKey::Steps => ("steps", "N", "How many steps the images are made in"),
        OptionKey::Results => ("results", "N", "How many results a search was asked for"),
    }
}
