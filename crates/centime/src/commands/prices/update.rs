//! `centime prices update`: the public price lists of today, when somebody asks for them.

use std::collections::BTreeMap;
use std::path::Path;

use centime_core::price::{ModelRef, PriceBook, Unresolved};
use centime_prices::Imported;

use super::compare::Difference;
use super::damaged;
use super::draft::{Current, Draft, Revised};
use super::import::{RACED, name_of};
use super::offers::{Dating, Offers, offers};
use super::shown::Shown;
use crate::app::{App, read_prices};
use crate::cli::Format;
use crate::failure::{Failure, Outcome};
use crate::fetch::{FetchError, fetch, is_address};
use crate::output::{Consent, Progress, print_line, visible};

/// The list that wins where both speak of a model, as in the embedded book.
const LITELLM: &str =
    "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json";
/// The list that is asked for makers' own models that neither the first nor the book has.
const GENAI: &str = "https://raw.githubusercontent.com/pydantic/genai-prices/main/prices/data.json";

/// What the origin of such a revision begins with.
const ORIGIN: &str = "prices update";

/// Today's prices from the public lists into the ledger, dated now; only when you ask for it
///
/// The lists are LiteLLM's price map and genai-prices' data. LiteLLM's wins where both speak of a model;
/// genai-prices' adds the makers' own models that neither the map nor the price book has. What changes is
/// shown first. On a terminal you are asked before it takes effect; in a pipe it takes effect. What was set or imported
/// here stays as it is. Nothing is ever fetched by any other command.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  centime prices update --dry-run
  centime prices update --yes
  centime prices update --from https://example.com/our-prices.json
  centime prices update --from model_prices_and_context_window.json")]
pub(super) struct Args {
    /// The list to read instead: an address (https) or a file of any kind that `prices import` reads
    #[arg(long, value_name = "URL|FILE")]
    from: Option<String>,

    #[command(flatten)]
    consent: Consent,
}

/// Runs the command.
pub(super) fn run(app: &App, args: &Args) -> Outcome {
    let current = Current::read(app)?;
    let mut found = match &args.from {
        Some(source) => of_list(app, &current.book, &read(source)?, source)?,
        None => of_both(app, &current.book, &read(LITELLM)?, &read(GENAI)?)?,
    };
    found.spare_own(&current);
    let source = args.from.as_deref().map_or_else(|| "public lists".to_owned(), name_of_source);
    let draft = Draft { origin: format!("{ORIGIN} {source}"), revised: found.revised };
    let mut shown = Shown::unmade(&draft.revised, &current);
    shown.unchanged = Some(found.unchanged);
    (shown.left_out, shown.own) = (&found.left_out, &found.own);
    if draft.revised.is_empty() || args.consent.dry_run {
        return shown.print(app);
    }
    let is_shown = args.consent.is_asked();
    if is_shown {
        shown.say();
        args.consent.ask("shall this take effect now?")?;
    }
    let (book, revision) = current.with(&draft, app)?;
    if !Current::keep(app, &revision)? {
        return Err(Failure::Environment(RACED.to_owned()));
    }
    if is_shown && app.format == Format::Table {
        return print_line(format_args!("price version {}", book.version()));
    }
    shown.made(book.version(), revision.number).print(app)
}

impl Offers {
    /// Takes out the models that somebody set or imported: a public list does not overrule them.
    fn spare_own(&mut self, current: &Current) {
        let is_own = |revised: &Revised| {
            let origin = current.origin_of(&revised.difference.provider, &revised.model.name);
            origin.is_some_and(|origin| !origin.starts_with(ORIGIN))
        };
        let own = self.revised.extract_if(.., |revised| is_own(revised));
        let name =
            |revised: Revised| format!("{}/{}", revised.difference.provider, revised.model.name);
        self.own = own.map(name).collect();
    }
}

/// What one list says.
fn of_list(app: &App, book: &PriceBook, list: &Imported, source: &str) -> Result<Offers, Failure> {
    let dating = Dating::Present(app.second());
    let mut found = offers(book, &list.book, dating, &name_of_source(source))
        .map_err(|error| damaged(&error))?;
    found.left_out.splice(..0, list.unexpressed.iter().cloned());
    Ok(found)
}

/// What the public lists say together: the first wins, the second adds what makers sell and nobody
/// knows. A name that two providers have could mean either, and none would have a price.
fn of_both(
    app: &App,
    book: &PriceBook,
    first: &Imported,
    second: &Imported,
) -> Result<Offers, Failure> {
    let mut found = of_list(app, book, first, LITELLM)?;
    let mut more = of_list(app, book, second, GENAI)?;
    more.revised.retain(|revised| {
        let Difference { provider, model, .. } = &revised.difference;
        let name = ModelRef { provider: None, model };
        let is_unknown =
            |book: &PriceBook| matches!(book.resolve(name), Err(Unresolved::Unknown { .. }));
        let provider = book.provider(provider);
        let is_made_there = provider.is_some_and(|provider| provider.header.is_maker_of(model));
        is_made_there && is_unknown(book) && is_unknown(&first.book)
    });
    let mut sellers: BTreeMap<String, u32> = BTreeMap::new();
    for revised in &more.revised {
        *sellers.entry(revised.difference.model.clone()).or_default() += 1;
    }
    more.revised.retain(|revised| sellers.get(&revised.difference.model) == Some(&1));
    found.revised.append(&mut more.revised);
    found.left_out.append(&mut more.left_out);
    Ok(found)
}

/// What the ledger keeps of a source's name: of an address neither who asks nor what for, which may be
/// secrets.
fn name_of_source(source: &str) -> String {
    let Some((scheme, rest)) = source.split_once("://").filter(|_| is_address(source)) else {
        return name_of(Path::new(source));
    };
    let place = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = place.split_once('/').unwrap_or((place, ""));
    let host = host.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}/{path}")
}

fn read(source: &str) -> Result<Imported, Failure> {
    if !is_address(source) {
        return read_prices(Path::new(source));
    }
    let mut progress = Progress::new();
    progress.style("{msg} {bytes} {spinner}");
    progress.bar().set_message(visible(source).into_owned());
    let text = fetch(source, &mut progress);
    drop(progress);
    let text = text.map_err(|error| match error {
        FetchError::Refused(what) => Failure::Usage(format!("--from {what}")),
        FetchError::Failed(what) => Failure::Environment(format!(
            "{what}\n  get it by other means and name the file: `centime prices update --from FILE`"
        )),
    })?;
    centime_prices::read(&text).map_err(|error| Failure::Usage(format!("{source}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_lists_the_first_wins_and_the_second_adds_what_makers_sell() {
        let other = "provider other\nmaker\n";
        let book = "provider acme\nmaker\nalso acme_ai\n\nmodel old chat\n from 2024-01-01 exact x\n  input 1/1M\n";
        let seller = "provider seller\n\nmodel sold chat\n from 2024-01-01 exact x\n  input 1/1M\n";
        let book = PriceBook::from_texts("v", [book, seller, other]).unwrap();
        let map = r#"{
            "acme/old": {"litellm_provider": "acme", "input_cost_per_token": 2e-06},
            "acme/new": {"litellm_provider": "acme", "input_cost_per_token": 3e-06}
        }"#;
        let prices = |mtok: u32| format!(r#""prices": {{"input_mtok": {mtok}}}"#);
        let listing = |id: &str, mtok| {
            format!(r#"{{"id": "{id}", "match": {{"equals": "{id}"}}, {}}}"#, prices(mtok))
        };
        let acme = ["old", "new", "newer", "sold", "both"].map(|id| listing(id, 7)).join(",");
        let data = format!(
            r#"[{{"id": "acme_ai", "models": [{acme}]}}, {{"id": "seller", "models": [{}]}},
                {{"id": "other", "models": [{}]}}]"#,
            listing("newer", 8),
            listing("both", 9)
        );
        let lists = [map, &data].map(|text| centime_prices::read(text).unwrap());
        let app = App::of_test(Path::new("unused.db"));
        let found = of_both(&app, &book, &lists[0], &lists[1]).unwrap();
        let named = found.revised.iter().map(|revised| {
            let rate = revised.model.cards[0].rules()[0].rate.scaled() / 10_u128.pow(18);
            let difference = &revised.difference;
            (format!("{}/{}", difference.provider, difference.model), rate)
        });
        let expected = [("acme/new", 3), ("acme/old", 2), ("acme/newer", 7)];
        assert_eq!(named.collect::<Vec<_>>(), expected.map(|(name, rate)| (name.to_owned(), rate)));
    }

    #[test]
    fn what_is_kept_of_an_address_has_no_secrets() {
        for (source, expected) in [
            ("https://example.com/a/b.json?token=s#x", "https://example.com/a/b.json"),
            ("https://me:secret@example.com:8443/a", "https://example.com:8443/a"),
            ("https://example.com", "https://example.com/"),
            ("https://example.com?token=s", "https://example.com/"),
            ("/srv/prices.json", "prices.json"),
            ("-", "-"),
        ] {
            assert_eq!(name_of_source(source), expected);
        }
    }
}
