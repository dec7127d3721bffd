//! `centime key create`.

use centime_core::key::{Key, Role};
use centime_ledger::{KeyAdded, Keys as _};

use super::{new_secret, shown, span};
use crate::app::App;
use crate::failure::{Failure, Outcome};
use crate::output::{note, visible};

/// Make a key, and show its secret this once
///
/// What a key is bound to (user, team, project, tags) goes before whatever a call says of itself.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime key create --name search-bot --team search --user alice
  centime key create --name trial --model 'gpt-4o*' --requests-per-minute 60 --expires 30d
  centime key create --name dashboard --role read-only
  OPENAI_API_KEY=$(centime key create --name ci --format json | jq -r .key)")]
pub(crate) struct Args {
    /// What to call it; its calls are attributed to this name, or to its id
    #[arg(long)]
    name: Option<String>,

    /// The user that its calls are for
    #[arg(long)]
    user: Option<String>,

    /// The team that its calls are for
    #[arg(long)]
    team: Option<String>,

    /// The project that its calls are for
    #[arg(long)]
    project: Option<String>,

    /// A tag that its calls have; several as several flags
    #[arg(long = "tag", value_name = "NAME=VALUE", value_parser = tag)]
    tags: Vec<(String, String)>,

    /// A model it may call, or the beginning of some and `*`; several as several flags; all without any
    #[arg(long = "model", value_name = "MODEL")]
    models: Vec<String>,

    /// What it opens: `call` models, `admin` (calls and all of the HTTP API) or `read-only` (the API, to look)
    #[arg(long, default_value = "call", value_name = "ROLE")]
    role: Role,

    /// When it ends: how long from now (30d, 12h), or a time
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,

    /// The most requests in any 60 seconds
    #[arg(long, value_name = "N")]
    requests_per_minute: Option<u64>,

    /// The most tokens in any 60 seconds, prompts and answers together
    #[arg(long, value_name = "N")]
    tokens_per_minute: Option<u64>,
}

fn tag(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((parts.0.trim().to_owned(), parts.1.trim().to_owned()))
}

/// How often an id that is taken is drawn anew: one in four billion is.
const DRAWS_MAX: usize = 8;

/// Runs the command.
pub(super) fn run(app: &App, args: &Args) -> Outcome {
    let mut tags = std::collections::BTreeMap::new();
    for (name, value) in &args.tags {
        if tags.insert(name.clone(), value.clone()).is_some() {
            return Err(Failure::Usage(format!("--tag: `{name}` is there twice")));
        }
    }
    let expires_at = args.expires.as_deref().map(|text| span::moment(app, "--expires", text));
    let expires_at = expires_at.transpose()?;
    for _ in 0..DRAWS_MAX {
        let secret = new_secret()?;
        let key = Key {
            name: args.name.clone(),
            role: args.role,
            user: args.user.clone(),
            team: args.team.clone(),
            project: args.project.clone(),
            tags: tags.clone(),
            models: args.models.clone(),
            requests_per_minute: args.requests_per_minute,
            tokens_per_minute: args.tokens_per_minute,
            expires_at,
            ..Key::new(&secret, app.now)
        };
        key.check().map_err(|error| Failure::Usage(error.to_string()))?;
        let mut ledger = app.ledger_for_writing()?;
        match ledger.add_key(&key)? {
            KeyAdded::New => {
                shown::print_secret(app, &key, &secret, "is made")?;
                if ledger.keys()?.len() == 1 {
                    note(
                        "It is the first one: from now on the gateway lets nobody in without a key.",
                    );
                }
                return Ok(());
            }
            KeyAdded::SameId => {}
            KeyAdded::SameName => {
                let name = visible(key.label());
                return Err(Failure::Usage(format!(
                    "there is a key `{name}` already; rotate or revoke it, or name this one otherwise"
                )));
            }
        }
    }
    Err(Failure::Environment("the system's random bits are always the same".to_owned()))
}
