//! An entry as bytes: every field in the order of the type, so that a new one is missed by the compiler.

use std::fmt::Write as _;
use std::sync::Arc;

use centime_core::attribution::Attribution;
use centime_core::entry::{
    AppliedCard, AppliedRate, Entry, EntryLine, PricingStatus, Status, StatusMoves, Uid,
    UsageSource,
};
use centime_core::meter::Meter;
use centime_core::money::{PicoUsd, Quantity, Rate};
use centime_core::price::{Options, ServiceTier};
use centime_core::time::Timestamp;

use super::bytes::{Malformed, Put, Take};

pub(super) fn put(put: &mut Put<'_>, entry: &Entry) {
    let Entry {
        uid,
        own_id,
        source,
        content,
        at,
        at_assumed,
        recorded_at,
        adjusts,
        moves: StatusMoves { unpriced, in_doubt },
        request_id,
        attempt,
        status,
        usage_source,
        pricing_status,
        provider,
        model,
        served_model,
        service_tier,
        region,
        batch,
        options,
        requests,
        output_limit_tokens,
        response_id,
        latency_ms,
        price_version,
        card,
        price_assumed,
        lines,
        charge,
        reported_cost,
        saved,
        held,
        attribution,
    } = entry;
    let text = |put: &mut Put<'_>, text: &Option<String>| {
        put.optional(text.as_deref(), Put::text);
    };
    put.fixed(uid.0);
    text(put, own_id);
    put.text(source);
    put.fixed(content.to_le_bytes());
    put.fixed(at.micros().to_le_bytes());
    put.flag(*at_assumed);
    put.fixed(recorded_at.micros().to_le_bytes());
    put.optional(*adjusts, |put, uid| put.fixed(uid.0));
    put.signed((*unpriced).into());
    put.signed((*in_doubt).into());
    text(put, request_id);
    put.number((*attempt).into());
    put.byte(status.code());
    put.byte(usage_source.code());
    put.byte(pricing_status.code());
    text(put, provider);
    put.text(model);
    text(put, served_model);
    text(put, service_tier);
    text(put, region);
    put.flag(*batch);
    put_options(put, options);
    put.number((*requests).into());
    put.optional(*output_limit_tokens, |put, limit| put.number(limit.into()));
    text(put, response_id);
    put.optional(*latency_ms, |put, latency| put.number(latency.into()));
    text(put, price_version);
    put.optional(card.as_deref(), put_card);
    put.flag(*price_assumed);
    put.count(lines.len());
    for EntryLine { meter, quantity, amount } in lines {
        put.byte(meter.code());
        put.signed(quantity.scaled());
        put.optional(*amount, |put, amount| put.signed(amount.pico().into()));
    }
    put.signed(charge.pico().into());
    put.optional(*reported_cost, |put, cost| put.signed(cost.pico().into()));
    put.signed(saved.pico().into());
    put.optional(*held, |put, held| put.signed(held.pico().into()));
    put_attribution(put, attribution);
}

pub(super) fn take(take: &mut Take<'_>, version: u8) -> Result<Entry, Malformed> {
    Ok(Entry {
        uid: Uid(take.fixed()?),
        own_id: text(take, "own_id")?,
        source: take.text("source")?.to_owned(),
        content: u64::from_le_bytes(take.fixed()?),
        at: moment(take)?,
        at_assumed: take.flag("at_assumed")?,
        recorded_at: moment(take)?,
        adjusts: take.optional("adjusts", |take| take.fixed().map(Uid))?,
        moves: StatusMoves {
            unpriced: take.small_signed("moves.unpriced")?,
            in_doubt: take.small_signed("moves.in_doubt")?,
        },
        request_id: text(take, "request_id")?,
        attempt: take.small("attempt")?,
        status: coded(take, "status", Status::from_code)?,
        usage_source: coded(take, "usage_source", UsageSource::from_code)?,
        pricing_status: coded(take, "pricing_status", PricingStatus::from_code)?,
        provider: text(take, "provider")?,
        model: take.text("model")?.to_owned(),
        served_model: text(take, "served_model")?,
        service_tier: text(take, "service_tier")?,
        region: text(take, "region")?,
        batch: take.flag("batch")?,
        options: options(take)?,
        requests: take.small("requests")?,
        output_limit_tokens: take
            .optional("output_limit_tokens", |take| take.small("output_limit_tokens"))?,
        response_id: text(take, "response_id")?,
        latency_ms: take.optional("latency_ms", |take| take.small("latency_ms"))?,
        price_version: text(take, "price_version")?,
        card: take.optional("card", card)?.map(Arc::new),
        price_assumed: take.flag("price_assumed")?,
        lines: many(take, "lines", line)?,
        charge: money(take, "charge")?,
        reported_cost: take.optional("reported_cost", |take| money(take, "reported_cost"))?,
        saved: money(take, "saved")?,
        // The first version did not know it.
        held: match version {
            1 => None,
            _ => take.optional("held", |take| money(take, "held"))?,
        },
        attribution: attribution(take)?,
    })
}

fn text(take: &mut Take<'_>, field: &'static str) -> Result<Option<String>, Malformed> {
    take.optional(field, |take| take.text(field).map(str::to_owned))
}

fn moment(take: &mut Take<'_>) -> Result<Timestamp, Malformed> {
    take.fixed().map(i64::from_le_bytes).map(Timestamp::from_micros)
}

pub(super) fn money(take: &mut Take<'_>, field: &'static str) -> Result<PicoUsd, Malformed> {
    take.small_signed(field).map(PicoUsd::from_pico)
}

fn coded<T>(
    take: &mut Take<'_>,
    field: &'static str,
    meaning: impl FnOnce(u8) -> Option<T>,
) -> Result<T, Malformed> {
    meaning(take.byte()?).ok_or(Malformed::Value(field))
}

/// As many as there are said to be; each takes a byte at least, so that no count takes more memory than
/// there are bytes.
pub(super) fn many<'b, T>(
    take: &mut Take<'b>,
    field: &'static str,
    one: impl Fn(&mut Take<'b>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let count: usize = take.small(field)?;
    if count > take.0.len() {
        return Err(Malformed::Short);
    }
    (0..count).map(|_| one(take)).collect()
}

fn line(take: &mut Take<'_>) -> Result<EntryLine, Malformed> {
    Ok(EntryLine {
        meter: coded(take, "meter", Meter::from_code)?,
        quantity: Quantity::from_scaled(take.signed("quantity")?),
        amount: take.optional("amount", |take| money(take, "amount"))?,
    })
}

/// Options as they are written, behind the length of that.
fn put_options(put: &mut Put<'_>, options: &Options) {
    let start = put.0.len();
    put.fixed(0_u16.to_le_bytes());
    // To memory, which takes everything.
    let _ = write!(Text(put.0), "{options}");
    let length = u16::try_from(put.0.len() - start - 2).unwrap_or(u16::MAX);
    put.0[start..start + 2].copy_from_slice(&length.to_le_bytes());
}

fn options(take: &mut Take<'_>) -> Result<Options, Malformed> {
    let length = usize::from(u16::from_le_bytes(take.fixed()?));
    let (text, rest) = take.0.split_at_checked(length).ok_or(Malformed::Short)?;
    take.0 = rest;
    let text = std::str::from_utf8(text).map_err(|_| Malformed::Value("options"))?;
    text.parse().map_err(|_| Malformed::Value("options"))
}

/// A buffer that texts are written to.
struct Text<'b>(&'b mut Vec<u8>);

impl std::fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

fn put_card(put: &mut Put<'_>, card: &AppliedCard) {
    let AppliedCard { provider, model, from, certainty, source, tier, rates } = card;
    put.text(provider);
    put.text(model);
    put.fixed(from.micros().to_le_bytes());
    put.text(certainty.name());
    put.text(source);
    put.text(tier.name());
    put.count(rates.len());
    for AppliedRate { meter, rate, rate_of, derived } in rates {
        put.byte(meter.code());
        put.number(rate.scaled());
        put.byte(rate_of.code());
        put.flag(*derived);
    }
}

fn card(take: &mut Take<'_>) -> Result<AppliedCard, Malformed> {
    let rate = |take: &mut Take<'_>| {
        Ok(AppliedRate {
            meter: coded(take, "card.meter", Meter::from_code)?,
            rate: Rate::from_scaled(take.number("card.rate")?),
            rate_of: coded(take, "card.rate_of", Meter::from_code)?,
            derived: take.flag("card.derived")?,
        })
    };
    Ok(AppliedCard {
        provider: take.text("card.provider")?.to_owned(),
        model: take.text("card.model")?.to_owned(),
        from: moment(take)?,
        certainty: take
            .text("card.certainty")?
            .parse()
            .map_err(|()| Malformed::Value("card.certainty"))?,
        source: take.text("card.source")?.to_owned(),
        tier: ServiceTier::named(take.text("card.tier")?).ok_or(Malformed::Value("card.tier"))?,
        rates: many(take, "card.rates", rate)?,
    })
}

fn put_attribution(put: &mut Put<'_>, attribution: &Attribution) {
    let Attribution { key, user, team, project, session, tags, metadata } = attribution;
    for text in [key, user, team, project, session] {
        put.optional(text.as_deref(), Put::text);
    }
    put.count(tags.len());
    for (name, value) in tags {
        put.text(name);
        put.text(value);
    }
    put.optional(metadata.as_deref(), Put::text);
}

fn attribution(take: &mut Take<'_>) -> Result<Attribution, Malformed> {
    let tag =
        |take: &mut Take<'_>| Ok((take.text("tags")?.to_owned(), take.text("tags")?.to_owned()));
    Ok(Attribution {
        key: text(take, "key")?,
        user: text(take, "user")?,
        team: text(take, "team")?,
        project: text(take, "project")?,
        session: text(take, "session")?,
        tags: many(take, "tags", tag)?.into_iter().collect(),
        metadata: text(take, "metadata")?,
    })
}
