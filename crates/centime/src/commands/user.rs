//! `centime user`: what users have been given.

use std::collections::BTreeMap;

use centime_core::budget::Member;
use centime_ledger::RuleChange;
use serde::Serialize;

use super::budget::{change, name, rules};
use crate::app::App;
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::output::{Align, Table, print_json, print_line, visible};

/// Users, their plans and their teams
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime user set alice --plan pro --team search
  centime user list")]
pub(crate) struct Args {
    /// What to do.
    #[command(subcommand)]
    command: Command,
}

/// What can be done.
#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Give a user a plan or a team
    ///
    /// What a user spent in the window already counts in the new plan too.
    #[command(after_help = "\
Examples:
  centime user set alice --plan pro
  centime user set bob --no-plan --team search")]
    Set {
        /// Who
        #[arg(value_name = "USER", value_parser = name)]
        user: String,

        /// The plan
        #[arg(long, value_name = "PLAN", conflicts_with = "no_plan")]
        plan: Option<String>,

        /// No plan any more
        #[arg(long)]
        no_plan: bool,

        /// The team that calls of this user are for where they name none
        #[arg(long, value_name = "TEAM", value_parser = name)]
        team: Option<String>,
    },
    /// The users that have been given something
    List,
}

#[derive(Serialize)]
struct Listed<'a> {
    user: &'a str,
    plan: Option<&'a str>,
    team: Option<&'a str>,
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    match &args.command {
        Command::Set { user, plan, no_plan, team } => {
            if app.config.rules.users.contains_key(user.as_str()) {
                return Err(Failure::Usage(format!(
                    "the user `{user}` stands in the configuration, as `[users.{user}]`; change it \
                     there"
                )));
            }
            let rules = rules(app)?;
            if let Some(plan) = plan
                && !rules.plans.iter().any(|known| *known.name == **plan)
            {
                return Err(Failure::Usage(format!(
                    "there is no plan `{plan}`; `centime plan list` shows them"
                )));
            }
            let mut member = rules.users.get(user.as_str()).cloned().unwrap_or_default();
            if *no_plan || plan.is_some() {
                member.plan = plan.as_deref().map(Into::into);
            }
            if let Some(team) = team {
                member.team = Some(team.as_str().into());
            }
            change(app, &RuleChange::SetUser(user.as_str().into(), member.clone()))?;
            match app.format {
                Format::Json => print_json(&listed(user, &member)),
                _ => print_line(format_args!(
                    "`{user}`: plan {}, team {}",
                    member.plan.as_deref().unwrap_or("none"),
                    member.team.as_deref().unwrap_or("none"),
                )),
            }
        }
        Command::List => list(app),
    }
}

fn listed<'a>(user: &'a str, member: &'a Member) -> Listed<'a> {
    Listed { user, plan: member.plan.as_deref(), team: member.team.as_deref() }
}

fn list(app: &App) -> Outcome {
    let users: BTreeMap<Box<str>, Member> = rules(app)?.users.into_iter().collect();
    if app.format == Format::Json {
        return print_json(&users.iter().map(|(user, it)| listed(user, it)).collect::<Vec<_>>());
    }
    let mut table = Table::new(["user", "plan", "team"].map(|name| (name, Align::Left)));
    for (user, Member { plan, team }) in &users {
        let text = |text: &Option<Box<str>>| {
            text.as_deref().map(|text| visible(text).to_string()).unwrap_or_default()
        };
        table.row(vec![visible(user).to_string(), text(plan), text(team)]);
    }
    match app.format {
        Format::Csv => table.print_csv(),
        _ => table.print(),
    }
}
