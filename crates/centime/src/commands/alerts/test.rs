//! `centime alerts test`: whether a channel works.

use centime_watch::{Answer, Notice, messages};

use crate::app::{App, now};
use crate::failure::{Failure, Outcome};
use crate::output::say;
use crate::post::send;

/// Send a message to a channel, at once
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime alerts test ops")]
pub(super) struct Args {
    /// The channel's name: that of `[alerts.channels.NAME]`
    #[arg(value_name = "CHANNEL")]
    channel: String,
}

/// Runs the command.
pub(super) fn run(app: &App, args: &Args) -> Outcome {
    let (name, channel) = app.channel(&args.channel)?;
    for message in messages(name, channel, Notice::Test, now()) {
        match send(&channel.outgoing(&message.id, &message.body, now())) {
            Answer::Status(200..=299, ..) => say(format_args!("`{name}` works")),
            Answer::Status(status, _, text) => {
                let text = if text.is_empty() { text } else { format!(": {text}") };
                let message = format!("`{name}` answered {status}{text}");
                return Err(Failure::Environment(message));
            }
            Answer::Nothing(why) => {
                return Err(Failure::Environment(format!("cannot reach `{name}`: {why}")));
            }
        }
    }
    Ok(())
}
