//! Every format has the same calls and the same sum as the ledger, to the picodollar; and a file is
//! whole or not there.

use std::fs::File;
use std::process::Stdio;
use std::time::{Duration, Instant};

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::{Field, Row};

use crate::exact::{Json, pico, usd};
use crate::support::{Centime, Ran, can_mount, lines};

/// Priced, partly priced and unpriced calls; aggregates, an error, foreign texts that want to be
/// formulas, JSON or the end of a row.
const EVENTS: &str = include_str!("../export/events.jsonl");

/// What the view `costs` begins with, which scripts rely on.
const COSTS: [&str; 10] = [
    "id",
    "timestamp",
    "model",
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "cost_usd",
    "user_id",
    "api_key_hash",
    "metadata",
];

/// The events, some of them priced later, by two adjustments.
fn repriced() -> Centime {
    let centime = Centime::new();
    centime.feed(EVENTS, ["import", "-"]).ok();
    for rates in [["input=0.3333", "output=1"], ["input=0.1", "output=0.7777"]] {
        let set = ["prices", "set", "mystery-1", "--per", "1M", "--from", "2024-01-01"];
        centime.run(set.iter().chain(&rates)).ok();
        centime.run(["reprice", "--all"]).ok();
    }
    centime
}

fn export(centime: &Centime, format: &str, more: &[&str]) -> Ran {
    centime.run(["export", "--format", format].iter().chain(more))
}

/// What a report says that everything costs, in picodollars.
fn total(centime: &Centime, conditions: &[&str]) -> i128 {
    centime.report(["total"].iter().chain(conditions).copied()).pico("total.cost")
}

/// Rows of CSV by the names of their columns.
struct Rows {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Rows {
    fn of(ran: &Ran) -> Self {
        let mut rows = ran.csv();
        Self { names: rows.remove(0), rows }
    }

    fn cell<'r>(&self, row: &'r [String], name: &str) -> &'r str {
        let at = self.names.iter().position(|known| known == name);
        &row[at.unwrap_or_else(|| panic!("no column `{name}`"))]
    }

    fn column(&self, name: &str) -> Vec<&str> {
        self.rows.iter().map(|row| self.cell(row, name)).collect()
    }

    fn sum(&self, name: &str) -> i128 {
        self.column(name).into_iter().filter(|cell| !cell.is_empty()).map(signed_pico).sum()
    }

    fn row(&self, name: &str, value: &str) -> &[String] {
        let found = self.rows.iter().find(|row| self.cell(row, name) == value);
        found.unwrap_or_else(|| panic!("no row with the {name} `{value}`"))
    }
}

fn signed_pico(usd: &str) -> i128 {
    usd.strip_prefix('-').map_or_else(|| pico(usd), |usd| -pico(usd))
}

#[test]
fn csv_begins_with_the_view_and_adds_up_to_it() {
    let centime = repriced();
    let ran = export(&centime, "csv", &[]).ok().says("2 calls have no price");
    let rows = Rows::of(&ran);
    assert_eq!(rows.names[..10], COSTS);
    assert_eq!(rows.sum("cost_usd"), total(&centime, &[]));
    let exact = rows.column("cost_pico_usd");
    let sum: i128 = exact.iter().filter_map(|pico| pico.parse::<i128>().ok()).sum();
    assert_eq!(sum, total(&centime, &[]));

    // Cell by cell what somebody's own tool reads from the view; texts but for their guard.
    let db = centime.sqlite();
    let mut statement = db
        .prepare(
            "SELECT id, timestamp, model, input_tokens, output_tokens, total_tokens, cost_pico_usd, \
             user_id, api_key_hash, metadata FROM costs ORDER BY timestamp, id",
        )
        .unwrap();
    let value = |value| match value {
        rusqlite::types::Value::Null => String::new(),
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text,
        other => panic!("{other:?}"),
    };
    let row = |row: &rusqlite::Row<'_>| Ok((0..10).map(|at| value(row.get_unwrap(at))).collect());
    let view: Vec<Vec<String>> =
        statement.query_map((), row).unwrap().map(Result::unwrap).collect();
    let mut exported: Vec<Vec<String>> = rows
        .rows
        .iter()
        .map(|row| {
            let mut row: Vec<String> = row[..10].to_vec();
            row[6] = if row[6].is_empty() { String::new() } else { pico(&row[6]).to_string() };
            row.iter().map(|cell| cell.strip_prefix('\'').unwrap_or(cell).to_owned()).collect()
        })
        .collect();
    exported.sort_by(|left, right| (&left[1], &left[0]).cmp(&(&right[1], &right[0])));
    assert_eq!(exported, view);
}

#[test]
fn no_cell_is_a_formula() {
    let centime = repriced();
    for format in ["csv", "focus"] {
        for row in &Rows::of(&export(&centime, format, &[]).ok()).rows {
            for cell in row {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{format}: {cell}");
            }
        }
    }
    let rows = Rows::of(&export(&centime, "csv", &[]).ok());
    let row = rows.row("id", "'=cmd|' /C calc'!A0");
    assert_eq!((rows.cell(row, "user_id"), rows.cell(row, "team")), ("'@ann", "'-1"));
}

#[test]
fn lines_of_json_are_a_full_copy() {
    let centime = repriced();
    let entries = export(&centime, "jsonl", &[]).ok().answers();
    let uids = |entries: &[Json]| {
        let mut uids: Vec<String> = entries.iter().map(|entry| entry.text("uid")).collect();
        uids.sort();
        uids
    };
    assert_eq!(uids(&entries), uids(&centime.entries()));
    let signed = |json: &Json, path: &str| signed_pico(&json.text(path));
    let sum: i128 = entries.iter().map(|entry| signed(entry, "charge")).sum();
    assert_eq!(sum, total(&centime, &[]));

    let mut attempt = String::new();
    let mut adjustments = 0;
    for entry in &entries {
        let amounts = entry.at("lines").items();
        let amounts = amounts.iter().filter(|line| line.text("amount") != "null");
        let amounts: i128 = amounts.map(|line| signed(line, "amount")).sum();
        assert_eq!(amounts, signed(entry, "charge"));
        match entry.text("adjusts").as_str() {
            "null" => attempt = entry.text("uid"),
            adjusted => {
                assert_eq!(adjusted, attempt, "an adjustment follows its attempt");
                adjustments += 1;
            }
        }
    }
    assert_eq!(adjustments, 4);
    // What `entries` says of an entry, the copy says as well.
    for known in centime.entries() {
        let copy = entries.iter().find(|entry| entry.text("uid") == known.text("uid")).unwrap();
        let copy = copy.members();
        for (name, value) in known.members() {
            let derived =
                ["options", "input_tokens", "output_tokens", "total_tokens", "meters", "missing"];
            match name.as_str() {
                name if derived.contains(&name) => {}
                "cost" if value.raw() == "null" => assert_eq!(copy["charge"].raw(), "0"),
                "cost" => assert_eq!(copy["charge"], value),
                "assumed" => assert_eq!(copy["price_assumed"], value),
                name => assert_eq!(copy[name], value, "{name}"),
            }
        }
    }
}

fn parquet_rows(centime: &Centime, name: &str) -> Vec<Row> {
    let reader = SerializedFileReader::new(File::open(centime.path(name)).unwrap()).unwrap();
    reader.get_row_iter(None).unwrap().map(Result::unwrap).collect()
}

/// A column of a row of Parquet.
fn field<'r>(row: &'r Row, name: &str) -> &'r Field {
    let found = row.get_column_iter().find(|(known, _)| *known == name);
    found.map(|(_, field)| field).unwrap_or_else(|| panic!("no column `{name}`"))
}

/// The picodollars of a decimal column; `None` for none.
fn decimal(field: &Field) -> Option<i128> {
    match field {
        Field::Null => None,
        Field::Decimal(decimal) => {
            assert_eq!((decimal.precision(), decimal.scale()), (38, 12));
            Some(i128::from_be_bytes(decimal.data().try_into().unwrap()))
        }
        other => panic!("{other:?} is no decimal"),
    }
}

fn string(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        other => panic!("{other:?} is no text"),
    }
}

#[test]
fn parquet_says_what_csv_says() {
    let centime = repriced();
    export(&centime, "parquet", &["-o", "calls.parquet"]).ok().says("calls.parquet: 9 calls, $");
    let csv = Rows::of(&export(&centime, "csv", &[]).ok());
    let rows = parquet_rows(&centime, "calls.parquet");
    assert_eq!(rows.len(), csv.rows.len());
    let sum: i128 = rows.iter().filter_map(|row| decimal(field(row, "cost_usd"))).sum();
    assert_eq!(sum, total(&centime, &[]));
    for (row, expected) in rows.iter().zip(&csv.rows) {
        for (name, value) in row.get_column_iter() {
            let cell = csv.cell(expected, name);
            let said = match value {
                Field::Null => String::new(),
                Field::Bool(flag) => flag.to_string(),
                Field::Long(number) => number.to_string(),
                Field::ULong(number) => number.to_string(),
                Field::Decimal(_) => usd(decimal(value).unwrap()),
                Field::Str(text) => text.clone(),
                // These have tests of their own.
                Field::TimestampMicros(_) | Field::MapInternal(_) | Field::ListInternal(_) => {
                    continue;
                }
                other => panic!("{name}: {other:?}"),
            };
            assert_eq!(cell.strip_prefix('\'').unwrap_or(cell), said, "{name}");
        }
    }
}

#[test]
fn parquet_nests_tags_and_lines_and_keeps_moments() {
    let centime = repriced();
    export(&centime, "parquet", &["-o", "calls.parquet"]).ok();
    let rows = parquet_rows(&centime, "calls.parquet");
    let row = |id: &str| rows.iter().find(|row| string(field(row, "id")) == id).unwrap();
    let Field::TimestampMicros(at) = field(row("later"), "timestamp") else { panic!() };
    assert_eq!(*at, 1_719_791_999_999_999);
    let tags = |id: &str| match field(row(id), "tags") {
        Field::MapInternal(map) => {
            let entries = map.entries().iter();
            entries.map(|(key, value)| [string(key), string(value)]).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(tags("good"), [["app", "bot"], ["Ünï", "=1+1"]]);
    assert_eq!(tags("odd"), [[""; 2]; 0]);
    let lines = |id: &str| match field(row(id), "lines") {
        Field::ListInternal(list) => list
            .elements()
            .iter()
            .map(|element| match element {
                Field::Group(line) => (
                    string(field(line, "meter")),
                    usd(decimal(field(line, "quantity")).unwrap()),
                    decimal(field(line, "amount_usd")).map(usd),
                ),
                other => panic!("{other:?}"),
            })
            .collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let line = |meter: &str, quantity: &str, amount: Option<&str>| {
        (meter.to_owned(), quantity.to_owned(), amount.map(str::to_owned))
    };
    let part = [line("input", "1000", Some("0.0025")), line("images", "2", None)];
    assert_eq!(lines("part"), part);
    assert_eq!(lines("failed"), []);
    assert_eq!(lines("later"), [line("input", "1", Some("0.0000001"))]);
}

#[test]
fn focus_has_a_row_a_priced_charge_line() {
    let centime = repriced();
    for version in ["1.2", "1.4"] {
        let more = ["--focus-version", version, "--billing-account", "4711"];
        let ran = export(&centime, "focus", &more).ok().says("2 charge lines are left out");
        let rows = Rows::of(&ran);
        for cost in ["EffectiveCost", "ListCost", "ContractedCost"] {
            assert_eq!(rows.sum(cost), total(&centime, &[]), "{cost}");
        }
        assert_eq!(rows.sum("BilledCost"), 0);
        let is_old = version == "1.2";
        assert_eq!(rows.names.contains(&"PublisherName".to_owned()), is_old);
        assert_eq!(rows.names.contains(&"ServiceProviderName".to_owned()), !is_old);
        let mandatory = [
            "BilledCost",
            "BillingAccountId",
            "BillingCurrency",
            "BillingPeriodStart",
            "BillingPeriodEnd",
            "ChargeCategory",
            "ChargePeriodStart",
            "ChargePeriodEnd",
            "ContractedCost",
            "EffectiveCost",
            "InvoiceIssuerName",
            "ListCost",
            "PricingQuantity",
            "PricingUnit",
            "ServiceCategory",
            "ServiceName",
            "SkuId",
            "SkuPriceId",
            "ListUnitPrice",
            if is_old { "ProviderName" } else { "ServiceProviderName" },
        ];
        for row in &rows.rows {
            for column in mandatory {
                assert!(!rows.cell(row, column).is_empty(), "{column} is null in {row:?}");
            }
            for [start, end] in [
                ["ChargePeriodStart", "ChargePeriodEnd"],
                ["BillingPeriodStart", "BillingPeriodEnd"],
            ] {
                assert!(rows.cell(row, start) < rows.cell(row, end), "{row:?}");
            }
            assert!(rows.cell(row, "ChargePeriodEnd") <= rows.cell(row, "BillingPeriodEnd"));
            assert!(rows.cell(row, "EffectiveCost").contains('.'), "whole numbers are no decimals");
            assert_is_its_product(&rows, row);
        }
        let row = rows.row("x_EntryId", "later");
        for (column, expected) in [
            ("BillingAccountId", "4711"),
            ("BillingPeriodStart", "2024-06-01T00:00:00Z"),
            ("BillingPeriodEnd", "2024-07-01T00:00:00Z"),
            ("ChargePeriodStart", "2024-06-30T23:59:59Z"),
            ("ChargePeriodEnd", "2024-07-01T00:00:00Z"),
            ("ConsumedQuantity", "1.0"),
            ("ConsumedUnit", "Tokens"),
            ("SkuId", "acme/mystery-1/input"),
            ("InvoiceIssuerName", "acme"),
            ("Tags", r#"{"app":"bot"}"#),
            ("x_PricingStatus", "priced"),
        ] {
            assert_eq!(rows.cell(row, column), expected, "{column}");
        }
        let part: Vec<_> = rows.column("x_EntryId");
        assert_eq!(part.iter().filter(|id| **id == "part").count(), 1);
        assert!(!part.contains(&"never"));
    }
}

/// The price times its quantity is the cost, but for the rounding of a whole call to picodollars.
fn assert_is_its_product(rows: &Rows, row: &[String]) {
    // In units of 10^-24: the rates of these events have no more than twelve decimals.
    let [price, quantity, cost] =
        ["ListUnitPrice", "PricingQuantity", "ListCost"].map(|column| pico(rows.cell(row, column)));
    let difference = price * quantity - cost * 1_000_000_000_000;
    assert!(difference.abs() < 1_000_000_000_000, "{row:?}");
}

#[test]
fn a_part_is_exported_as_it_is_reported() {
    let centime = repriced();
    let paris = ["--since", "2024-07-01", "--tz", "Europe/Paris"];
    for (conditions, calls) in [
        (&["--where", "user=ann"][..], 1),
        (&["--where", "model^=mystery"], 3),
        (&["--where", "tag:app=bot", "--until", "2024-06-30"], 1),
        (&["--since", "2024-07-01"], 2),
        (&paris, 3),
    ] {
        let rows = Rows::of(&export(&centime, "csv", conditions).ok());
        assert_eq!(rows.rows.len(), calls, "{conditions:?}");
        assert_eq!(rows.sum("cost_usd"), total(&centime, conditions), "{conditions:?}");
    }
    // The status is that of the call as it stands now.
    for (status, ids) in [("unpriced", &["never"][..]), ("partial", &["part"])] {
        let condition = format!("pricing_status={status}");
        let rows = Rows::of(&export(&centime, "csv", &["--where", &condition]).ok());
        assert_eq!(rows.column("id"), ids);
    }
    let rows = Rows::of(&export(&centime, "csv", &["--where", "pricing_status=priced"]).ok());
    assert_eq!(rows.rows.len(), 7);
}

#[test]
fn a_file_is_replaced_and_nothing_else_left() {
    let centime = repriced();
    let whole = export(&centime, "csv", &["-o", "-"]).ok().text().to_owned();
    centime.write("calls.csv", "old");
    export(&centime, "csv", &["-o", "calls.csv"]).ok().prints_nothing().says("calls.csv: 9 calls");
    assert_eq!(centime.read("calls.csv"), whole);
    let script = r#"mkdir sub; : >sub/target.csv; chmod 600 sub/target.csv; ln -s sub/target.csv link.csv
        "$CENTIME" export --format csv -o link.csv && test -L link.csv && stat -c %a sub/target.csv
        "$CENTIME" export --format jsonl -o /dev/stdout | wc -l
        "$CENTIME" export --format parquet | head -c 4; ls -A . sub"#;
    let ran = centime.shell(script).ok().prints("600").prints("\n13\n").prints("PAR1");
    assert!(!ran.text().contains(".part"), "{}", ran.text());
    assert_eq!(centime.read("sub/target.csv"), whole);
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_written() {
    let centime = repriced();
    let before = std::fs::read(centime.path("centime.db")).unwrap();
    for (args, words) in [
        (&["--format", "csv", "-o", "centime.db"][..], "it is the ledger"),
        (&["--format", "csv", "-o", "./centime.db-wal"], "it is the ledger"),
        (&["--format", "csv", "-o", "."], "it is a folder"),
        (&["--format", "json"], "csv, jsonl, parquet, focus"),
        (&["--format", "csv", "--where", "colour=red"], "colour"),
        (&[], "--format"),
    ] {
        centime.run(["export"].iter().chain(args)).exits(2).says(words).prints_nothing();
    }
    export(&centime, "csv", &["-o", "no/where.csv"]).exits(3).says("cannot write `no/where.csv`");
    assert_eq!(std::fs::read(centime.path("centime.db")).unwrap(), before);
    centime.run(["export", "--format", "csv", "--db", "none.db"]).exits(3).says("no ledger");
    // Beside other commands the flag has its usual values.
    centime.run(["entries", "--format", "jsonl"]).exits(2).says("table, json, csv");
}

/// A ledger that takes a while to export.
fn large() -> Centime {
    let centime = Centime::with_round_prices();
    let event = |id| {
        format!(
            r#"{{"id":"request-{id}","at":"2024-05-01","model":"big","meters":{{"input":100}},"session":"session-{id}"}}"#
        )
    };
    centime.write("events.jsonl", lines((0..20_000).map(event)));
    centime.run(["import", "events.jsonl", "--prices", "prices"]).ok();
    centime
}

#[test]
fn ctrl_c_leaves_nothing_behind() {
    let centime = large();
    for format in ["csv", "parquet"] {
        centime.write("out", "old");
        let mut command = centime.command(["export", "--format", format, "-o", "out"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let has_begun = || {
            let names = std::fs::read_dir(centime.path(".")).unwrap();
            names
                .map(Result::unwrap)
                .any(|file| file.file_name().to_string_lossy().ends_with("part"))
        };
        let started = Instant::now();
        while !has_begun() {
            assert!(started.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(1));
        }
        // The handler is set a moment after the file is made.
        std::thread::sleep(Duration::from_millis(20));
        let killed = centime.shell(&format!("kill -INT {}", child.id()));
        let status = child.wait().unwrap();
        killed.ok();
        assert_eq!(status.code(), Some(3), "{format}");
        assert!(!has_begun());
        assert_eq!(centime.read("out"), "old");
    }
}

#[test]
fn a_full_disk_leaves_nothing_behind() {
    if !can_mount() {
        return;
    }
    let centime = large();
    std::fs::create_dir(centime.path("small")).unwrap();
    for format in ["csv", "jsonl", "parquet", "focus"] {
        let script = format!(
            "exec unshare -rm sh -c 'mount -t tmpfs -o size=100k none small || exit 99
             echo old >small/out
             \"$CENTIME\" export --format {format} -o small/out; code=$?
             ls -A small; cat small/out; exit $code'"
        );
        let ran = centime.shell(&script).exits(3).says("cannot write `small/out`").says("No space");
        assert_eq!(ran.text(), "out\nold\n", "{format}");
    }
}
