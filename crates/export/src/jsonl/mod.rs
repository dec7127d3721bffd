//! JSON lines: a line an entry, with all its fields; an adjustment stands on a line of its own, after
//! the attempt that it adjusts. Nothing that the ledger keeps of an entry is left out, so that each can
//! be read back.

mod read;

use std::io::{BufWriter, Write};

use centime_core::attribution::Attribution;
use centime_core::entry::{AppliedCard, Entry};
use centime_core::price::{OptionKey, Options};

use crate::call::lines;
use crate::json::Json;
use crate::{Call, ExportError, Output, Sink};

pub use read::{ReadError, read_entry};

/// Writes entries as lines of JSON.
pub(crate) struct JsonLinesSink {
    out: BufWriter<Output>,
    line: Json,
}

impl JsonLinesSink {
    /// A sink without lines yet.
    pub(crate) fn new(out: Output) -> Self {
        Self { out: BufWriter::new(out), line: Json::default() }
    }
}

impl Sink for JsonLinesSink {
    fn write(&mut self, call: &Call<'_>) -> Result<(), ExportError> {
        for entry in std::iter::once(call.attempt()).chain(call.adjustments()) {
            self.line.clear();
            self.line.entry(entry);
            self.out.write_all(self.line.as_bytes())?;
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ExportError> {
        Ok(self.out.flush()?)
    }
}

impl Json {
    /// Every field of an entry; one that is added to entries does not compile until it is here.
    fn entry(&mut self, entry: &Entry) {
        let Entry {
            uid,
            own_id,
            source,
            content,
            at,
            at_assumed,
            recorded_at,
            adjusts,
            moves,
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
            lines: _,
            charge,
            reported_cost,
            saved,
            held,
            attribution,
        } = entry;
        self.open(b'{');
        self.optional("id", Some(&entry.id()));
        self.optional("uid", Some(&uid.to_string()));
        self.optional("own_id", own_id.as_deref());
        self.optional("source", Some(source));
        // All 64 bits: more than a reader of JSON keeps of a number.
        self.optional("content", Some(&format!("{content:016x}")));
        self.optional("at", Some(&at.to_string()));
        self.flag("at_assumed", *at_assumed);
        self.optional("recorded_at", Some(&recorded_at.to_string()));
        self.optional_uid("adjusts", *adjusts);
        self.key("moves");
        self.open(b'{');
        self.optional_number("unpriced", Some(moves.unpriced));
        self.optional_number("in_doubt", Some(moves.in_doubt));
        self.close(b'}');
        self.optional("request_id", request_id.as_deref());
        self.optional_number("attempt", Some(attempt));
        self.optional("status", Some(status.name()));
        self.optional("usage_source", Some(usage_source.name()));
        self.optional("pricing_status", Some(pricing_status.name()));
        self.optional("provider", provider.as_deref());
        self.optional("model", Some(model));
        self.optional("served_model", served_model.as_deref());
        self.optional("service_tier", service_tier.as_deref());
        self.optional("region", region.as_deref());
        self.flag("batch", *batch);
        self.options(options);
        self.optional_number("requests", Some(requests));
        self.optional_number("output_limit_tokens", *output_limit_tokens);
        self.optional("response_id", response_id.as_deref());
        self.optional_number("latency_ms", *latency_ms);
        self.optional("price_version", price_version.as_deref());
        self.flag("price_assumed", *price_assumed);
        self.key("card");
        match card {
            Some(card) => self.card(card),
            None => self.literal("null"),
        }
        self.key("lines");
        self.lines(lines(entry));
        self.optional_number("charge", Some(charge));
        self.optional_number("reported_cost", *reported_cost);
        self.optional_number("saved", Some(saved));
        self.optional_number("held", *held);
        self.attribution(attribution);
        self.close(b'}');
    }

    fn attribution(&mut self, attribution: &Attribution) {
        let Attribution { key, user, team, project, session, tags, metadata } = attribution;
        self.optional("key", key.as_deref());
        self.optional("user", user.as_deref());
        self.optional("team", team.as_deref());
        self.optional("project", project.as_deref());
        self.optional("session", session.as_deref());
        self.key("tags");
        self.tags(tags);
        self.key("metadata");
        match metadata {
            Some(metadata) => self.foreign(metadata),
            None => self.literal("null"),
        }
    }

    fn options(&mut self, options: &Options) {
        self.key("options");
        self.open(b'{');
        for key in OptionKey::ALL {
            if let Some(value) = options.value(*key) {
                self.optional(key.name(), Some(&value));
            }
        }
        self.close(b'}');
    }

    fn card(&mut self, card: &AppliedCard) {
        let AppliedCard { provider, model, from, certainty, source, tier, rates } = card;
        self.open(b'{');
        self.optional("provider", Some(provider));
        self.optional("model", Some(model));
        self.optional("from", Some(&from.to_string()));
        self.optional("certainty", Some(certainty.name()));
        self.optional("source", Some(source));
        self.optional("tier", Some(tier.name()));
        self.key("rates");
        self.open(b'[');
        for applied in rates {
            self.open(b'{');
            self.optional("meter", Some(applied.meter.name()));
            self.optional_number("rate", Some(applied.rate));
            self.optional("rate_of", Some(applied.rate_of.name()));
            self.flag("derived", applied.derived);
            self.close(b'}');
        }
        self.close(b']');
        self.close(b'}');
    }

    fn flag(&mut self, name: &str, flag: bool) {
        self.key(name);
        self.literal(if flag { "true" } else { "false" });
    }
}
