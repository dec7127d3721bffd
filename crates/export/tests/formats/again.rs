//! What is written as JSON lines is read back as it was.

use centime_core::entry::{EntryLine, PricingStatus, Status, StatusMoves, Uid, UsageSource};
use centime_core::meter::Meter;
use centime_core::money::{PicoUsd, Quantity};
use centime_core::price::OptionKey;
use centime_export::{Call, Format, read_entry};

use crate::samples::{adjustment, entry};
use crate::text;

fn full() -> centime_core::entry::Entry {
    let mut entry = entry(1, 12);
    entry.own_id = Some("id \"1\"\n".to_owned());
    entry.uid = Uid::of_own_id("events", "id \"1\"\n");
    entry.content = u64::MAX - 1;
    entry.at = "2026-11-01T12:00:00.123456Z".parse().unwrap();
    entry.at_assumed = true;
    entry.request_id = Some("r".to_owned());
    entry.attempt = u16::MAX;
    entry.status = Status::InDoubt;
    entry.usage_source = UsageSource::Estimated;
    entry.served_model = Some("big-2".to_owned());
    entry.service_tier = Some("flex".to_owned());
    entry.region = Some("eu".to_owned());
    entry.batch = true;
    entry.options.set(OptionKey::Size, "1024x1792").unwrap();
    entry.requests = u32::MAX;
    entry.output_limit_tokens = Some(u64::MAX);
    entry.response_id = Some("resp".to_owned());
    entry.latency_ms = Some(u64::MAX);
    entry.price_assumed = true;
    entry.pricing_status = PricingStatus::Partial;
    let quantity = "7.25".parse().unwrap();
    entry.lines.push(EntryLine { meter: Meter::Seconds, quantity, amount: None });
    entry.reported_cost = Some(PicoUsd::from_pico(-1));
    entry.saved = PicoUsd::MAX;
    let attribution = &mut entry.attribution;
    attribution.key = Some("ci".to_owned());
    attribution.user = Some("alice".to_owned());
    attribution.team = Some("search".to_owned());
    attribution.project = Some("ranker".to_owned());
    attribution.session = Some("s1".to_owned());
    attribution.tags.insert(String::new(), "nul\0".to_owned());
    attribution.metadata = Some(r#"{"b":1.50,"uid":"x","a":[1e400]}"#.to_owned());
    entry
}

fn adjusting(of: &centime_core::entry::Entry) -> centime_core::entry::Entry {
    let amount = Some(PicoUsd::from_pico(-7));
    let quantity = Quantity::from_scaled(-1);
    let mut adjusting = adjustment(of, EntryLine { meter: Meter::Seconds, quantity, amount });
    (adjusting.own_id, adjusting.moves) = (None, StatusMoves { unpriced: -3, in_doubt: 2 });
    adjusting
}

#[test]
fn every_field_of_an_entry_is_read_back() {
    let attempt = full();
    let adjustments = [adjusting(&attempt)];
    let written = text(Format::JsonLines, &[Call::new(&attempt, &adjustments)]);
    let read: Vec<_> = written.lines().map(|line| read_entry(line).unwrap().unwrap()).collect();
    assert_eq!(read, [attempt, adjustments[0].clone()]);
}

#[test]
fn what_is_no_line_of_an_export_is_left_to_others() {
    for text in [
        "",
        "{",
        "[]",
        r#"{"id":"1","model":"m","meters":{"input":1},"metadata":{"uid":"x"}}"#,
        r#"{"uid":"1","content":"2","lines":[]}"#,
    ] {
        assert_eq!(read_entry(text), None, "{text}");
    }
}

#[test]
fn what_was_changed_is_refused_by_name() {
    let attempt = full();
    let line = text(Format::JsonLines, &[Call::new(&attempt, &[])]);
    let line = line.trim_end();
    for (from, to, words) in [
        (r#""charge":0.000012,"#, r#""charge":0.000013,"#, "the lines add up to 0.000012"),
        (r#""quantity":12,"#, r#""quantity":13,"#, "its rate times its quantity is 0.000013"),
        (r#""status":"in_doubt""#, r#""status":"lost""#, "`status` of an exported entry: `lost`"),
        (r#""meter":"seconds""#, r#""meter":"parsecs""#, "`lines.meter`"),
        (r#""source":"events""#, r#""source":"csv""#, "`uid` is not that of"),
        (r#""at_assumed":true"#, r#""at_assumed":"yes""#, "cannot be read: invalid type"),
        (r#""batch":true"#, r#""batch":true,"colour":"red""#, "unknown field `colour`"),
        (r#""batch":true,"#, "", "missing field `batch`"),
        (r#""requests":4294967295"#, r#""requests":-1"#, "cannot be read: invalid value"),
        (r#""content":"ffff"#, r#""content":"+fff"#, "16 hexadecimal digits"),
        (r#""size":"1024x1792""#, r#""size":"""#, "`options`"),
    ] {
        assert!(line.contains(from), "{from} in {line}");
        let error = read_entry(&line.replacen(from, to, 1)).unwrap().unwrap_err().to_string();
        assert!(error.contains(words), "{to}: {error}");
    }
}
