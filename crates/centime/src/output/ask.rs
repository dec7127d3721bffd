//! Asking before something takes effect.

use std::io::{IsTerminal, stderr, stdin};

use super::say;
use crate::failure::{Failure, Outcome};

/// Flags of commands that show what they are about to do.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Consent {
    /// Show what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Do not ask; without a terminal nobody is asked anyway
    #[arg(long, conflicts_with = "dry_run")]
    pub yes: bool,
}

impl Consent {
    /// Whether somebody is there to be asked, and has not agreed already.
    pub(crate) fn is_asked(self) -> bool {
        !self.yes && !self.dry_run && stdin().is_terminal() && stderr().is_terminal()
    }

    /// Asks, where somebody is there.
    ///
    /// # Errors
    /// When the answer is no.
    pub(crate) fn ask(self, question: &str) -> Outcome {
        if !self.is_asked() {
            return Ok(());
        }
        say(format_args!("{question} [y/N]"));
        let mut answer = String::new();
        let read = stdin().read_line(&mut answer);
        match answer.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" if read.is_ok() => Ok(()),
            _ => Err(Failure::No("nothing was changed".to_owned())),
        }
    }
}
