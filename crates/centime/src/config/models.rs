//! Model names of one's own, and prices of one's own.

use std::collections::BTreeMap;

use centime_core::money::Rate;
use centime_core::price::RateRule;
use centime_core::time::Timestamp;
use centime_engine::settings::{Alias, Route};
use centime_providers::known;
use jiff::tz::TimeZone;

use super::reader::{Section, Wrong};
use super::setting::Amount;
use crate::rates::{meter_named, units};

/// The name that lets the gateway choose a model.
const CHOICE: &str = "auto";

/// What the file says of models.
#[derive(Debug, Clone, Default)]
pub(super) struct Models {
    /// By name.
    pub aliases: BTreeMap<String, Alias>,
    /// One a model at most.
    pub prices: Vec<OwnPrice>,
}

/// What a model of a provider costs, whatever the price book says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnPrice {
    /// The model.
    pub route: Route,
    /// From when on.
    pub from: Timestamp,
    /// The rates, one a meter.
    pub rates: Vec<RateRule>,
}

pub(super) fn read(root: &Section<'_>) -> Result<Models, Wrong> {
    let providers = root.names_in("providers");
    root.table("models", |table| {
        let mut models = Models::default();
        for name in table.names() {
            if name.is_empty() || name.chars().any(char::is_whitespace) || name.len() > 256 {
                return Err(table.wrong(&name, "is no name of a model: it has no blanks"));
            }
            if name == CHOICE {
                return Err(table.wrong(&name, "cannot be set: it lets Centime choose a model"));
            }
            let alias =
                table.table(&name, |section| alias(section, &providers, &mut models.prices))?;
            models.aliases.insert(name, alias);
        }
        Ok(models)
    })
}

fn alias(
    section: &Section<'_>,
    providers: &[String],
    prices: &mut Vec<OwnPrice>,
) -> Result<Alias, Wrong> {
    const KEY: &str = "routes";
    let wrong = |what: &str| section.wrong(KEY, what);
    let names: Vec<String> = section.get(KEY, "")?;
    let routes = names.iter().map(|name| route(name, providers).map_err(|what| wrong(&what)));
    let routes: Vec<Route> = routes.collect::<Result<_, _>>()?;
    let route = match routes.as_slice() {
        [route] => route.clone(),
        [] => return Err(wrong("must name a model, such as `[\"openai/gpt-5-mini\"]`")),
        _ => {
            return Err(wrong("has several models, but none stands in for another yet; leave one"));
        }
    };
    let price = section.optional_table("price", |table| price(table, &route))?;
    if let Some(price) = price {
        if prices.iter().any(|other| other.route == route) {
            return Err(section.wrong("price", &format!("is the second price of `{route}`")));
        }
        prices.push(price);
    }
    Ok(Alias { routes })
}

/// Reads `openai/gpt-5-mini`.
fn route(text: &str, providers: &[String]) -> Result<Route, String> {
    let parts = text.split_once('/').filter(|(provider, model)| {
        !provider.is_empty() && !model.is_empty() && !model.chars().any(char::is_whitespace)
    });
    let Some((provider, model)) = parts else {
        return Err(format!("has `{text}`; write PROVIDER/MODEL, such as `openai/gpt-5-mini`"));
    };
    if known::known(provider).is_none() && !providers.iter().any(|name| name == provider) {
        let by_other_name = known::all()
            .iter()
            .find(|known| centime_prices::header_of(known.name).is_named(provider));
        let remedy = match by_other_name {
            Some(known) => format!("did you mean `{}/{model}`?", known.name),
            None => format!("describe it in `[providers.{provider}]`"),
        };
        return Err(format!("has `{text}`, and `{provider}` is no provider; {remedy}"));
    }
    Ok(Route { provider: provider.to_owned(), model: model.to_owned() })
}

fn price(table: &Section<'_>, route: &Route) -> Result<OwnPrice, Wrong> {
    const UNIT: &str = "unit";
    const FROM: &str = "from";
    let unit: Option<Amount> = table.optional(UNIT)?;
    let unit =
        unit.ok_or_else(|| table.wrong(UNIT, "says how many units the rates are for: `\"1M\"`"));
    let unit = units(&unit?.0).map_err(|what| table.wrong(UNIT, &what))?;
    let from: String = table.get(FROM, "1980-01-01")?;
    let from = Timestamp::parse_in(&from, &TimeZone::UTC)
        .map_err(|error| table.wrong(FROM, &format!("is no date: {error}")))?;
    let mut rates: Vec<RateRule> = Vec::new();
    for key in table.names() {
        if [UNIT, FROM].contains(&key.as_str()) {
            continue;
        }
        let meter =
            meter_named(&key).map_err(|what| table.wrong(&key, &format!("is wrong: {what}")))?;
        let Some(Amount(amount)) = table.optional_unlisted(&key)? else {
            continue;
        };
        let rate = Rate::per(&amount, unit)
            .map_err(|error| table.wrong(&key, &format!("is no rate: {error}")))?;
        if rates.iter().any(|rule| rule.meter == meter) {
            return Err(table.wrong(&key, &format!("is the second rate of `{meter}`")));
        }
        rates.push(RateRule::standard(meter, rate));
    }
    if rates.is_empty() {
        return Err(table.wrong("input", "or another meter must have a rate"));
    }
    Ok(OwnPrice { route: route.clone(), from, rates })
}
