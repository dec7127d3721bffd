//! `centime key rotate` and `centime key revoke`.

use centime_answers::keys::Shown;
use centime_core::key::{Former, Key, KeyState, digest};
use centime_core::time::Timestamp;
use centime_ledger::Keys as _;

use super::{named, new_secret, shown, span};
use crate::app::App;
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::output::{print_json, print_line, visible};

/// Give a key a new secret; what it is bound to and its id stay
///
/// The old secret is good no more at once, or after `--grace`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime key rotate key_1a2b3c4d
  centime key rotate search-bot --grace 1h")]
pub(crate) struct RotateArgs {
    /// The id of the key, or its name
    #[arg(value_name = "ID")]
    id: String,

    /// For how long the old secret stays good beside the new one: 1h, 7d
    #[arg(long, value_name = "SPAN", default_value = "0s")]
    grace: String,
}

/// Put an end to a key, at once and for good
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime key revoke key_1a2b3c4d
  centime key revoke search-bot")]
pub(crate) struct RevokeArgs {
    /// The id of the key, or its name
    #[arg(value_name = "ID")]
    id: String,
}

/// Runs `centime key rotate`.
pub(super) fn rotate(app: &App, args: &RotateArgs) -> Outcome {
    let grace = span::span_us(&args.grace).ok_or_else(|| {
        Failure::Usage(format!("--grace: `{}` is no span; write `1h` or `7d`", args.grace))
    })?;
    let key = named(app, &args.id)?;
    let state = key.state_at(app.now);
    if state != KeyState::Active {
        let state = state.as_str();
        return Err(Failure::Usage(format!(
            "the key `{}` is {state}; `centime key create` makes another",
            visible(&args.id)
        )));
    }
    let secret = new_secret()?;
    let until = Timestamp::from_micros(app.now.micros().saturating_add(grace));
    let former = Some(Former { digest: key.digest, until });
    let rotated = Key { digest: digest(&secret), former, ..key };
    change(app, &rotated)?;
    let done = match grace {
        0 => "has a new secret, and the old one is good no more".to_owned(),
        _ => format!("has a new secret, and the old one is good until {until}"),
    };
    shown::print_secret(app, &rotated, &secret, &done)
}

/// Runs `centime key revoke`.
pub(super) fn revoke(app: &App, args: &RevokeArgs) -> Outcome {
    let key = named(app, &args.id)?;
    let at = key.revoked_at.unwrap_or(app.now);
    let was = if key.revoked_at.is_some() { "was revoked already," } else { "is revoked, as of" };
    let revoked = Key { revoked_at: Some(at), ..key };
    change(app, &revoked)?;
    match app.format {
        Format::Json => print_json(&Shown::listed(&revoked, app.now)),
        Format::Csv => {
            let mut table = shown::spreadsheet("state");
            table.row(shown::cells(&revoked, revoked.state_at(app.now).as_str()));
            table.print_csv()
        }
        Format::Table => {
            print_line(format_args!("The key `{}` {was} {at}", visible(revoked.label())))
        }
    }
}

fn change(app: &App, key: &Key) -> Outcome {
    match app.ledger_for_writing()?.change_key(key)? {
        true => Ok(()),
        false => {
            let id = &key.id;
            Err(Failure::Environment(format!("the key `{id}` is gone from the ledger")))
        }
    }
}
