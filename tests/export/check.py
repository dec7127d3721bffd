"""Reads exports back with the tools that people read them with, and compares them with the ledger.

    check.py FOLDER    where FOLDER has report.json, calls.csv, calls.jsonl, calls.parquet, focus.csv
"""

import csv
import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import focus_validator
import pyarrow.compute as compute
import pyarrow.parquet as parquet

# What our rows claim to support; the rules for what nobody has here do not apply.
CRITERIA = ",".join(
    f"{name}_SUPPORTED"
    for name in (
        "USAGE_MEASUREMENT",
        "UNIT_PRICING",
        "PUBLIC_PRICE_LIST",
        "NEGOTIATED_PRICING",
        "SUB_ACCOUNT",
        "TAGGING",
        "REGION",
    )
)
# Of two rules one of which must hold (an invoice number is there, or it is not), this one fails.
EXPECTED_FAILURES = {"InvoiceId-C-005-C"}
# A validator that has stopped looking passes everything.
RULES_MIN = 200


def check(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: {found}, and not {expected}")
    print(f"      ok  {what}")


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_csv(folder, total):
    rows = rows_of(folder / "calls.csv")
    csv_sum = sum(Decimal(row["cost_usd"]) for row in rows if row["cost_usd"])
    check("calls.csv adds up, read by Python's csv", csv_sum, total)
    for row in rows:
        lines = json.loads(row["lines"], parse_float=Decimal, parse_int=Decimal)
        amounts = sum(line["amount"] for line in lines if line["amount"] is not None)
        assert amounts == Decimal(row["cost_usd"] or 0), row
        json.loads(row["tags"])
        assert not row["metadata"] or json.loads(row["metadata"])
    sql = f"SELECT count(*) FROM read_csv('{folder}/calls.csv', all_varchar = true)"
    check("calls.csv has its rows, read by DuckDB", duckdb.sql(sql).fetchone()[0], len(rows))
    return rows


def read_jsonl(folder, total):
    # Not `splitlines`, which knows more ends of lines than JSON lines do.
    lines = (folder / "calls.jsonl").read_text(encoding="utf-8").removesuffix("\n").split("\n")
    entries = [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines]
    check("calls.jsonl adds up", sum(entry["charge"] for entry in entries), total)
    return entries


def read_parquet(folder, rows, total):
    path = folder / "calls.parquet"
    table = parquet.read_table(path)
    arrow_sum = compute.sum(table["cost_usd"]).as_py()
    check("calls.parquet adds up, read by PyArrow", arrow_sum, total)
    types = {name: str(table.schema.field(name).type) for name in table.column_names}
    for name, expected in {
        "timestamp": "timestamp[us, tz=UTC]",
        "cost_usd": "decimal128(38, 12)",
        "input_tokens": "int64",
        "model": "string",
        "latency_ms": "uint64",
        "batch": "bool",
    }.items():
        check(f"the type of `{name}`", types[name], expected)
    check("its rows are those of calls.csv", table.num_rows, len(rows))
    unguarded = [row["id"].removeprefix("'") for row in rows]
    check("its ids are those of calls.csv", table["id"].to_pylist(), unguarded)
    for row, other in zip(table.to_pylist(), rows):
        assert dict(row["tags"]) == json.loads(other["tags"]), row
        lines = json.loads(other["lines"], parse_float=Decimal, parse_int=Decimal)
        for line, expected in zip(row["lines"], lines, strict=True):
            assert line["meter"] == expected["meter"], row
            assert line["quantity"] == expected["quantity"], row
            assert line["rate_usd"] == expected["rate"], row
            assert line["amount_usd"] == expected["amount"], row
    of_lines = "SELECT sum(line.amount_usd) FROM (SELECT unnest(lines) AS line FROM calls)"
    by_tag = "SELECT count(*) FROM calls WHERE tags['app'] = 'bot'"
    calls = duckdb.sql(f"SELECT * FROM '{path}'")
    check("its lines add up, read by DuckDB", calls.query("calls", of_lines).fetchone()[0], total)
    check("its tags can be asked for", calls.query("calls", by_tag).fetchone()[0], 2)


def validate_focus(folder, total):
    path = folder / "focus.csv"
    rows = rows_of(path)
    for name in ("EffectiveCost", "ListCost", "ContractedCost"):
        check(f"focus.csv adds up by {name}", sum(Decimal(row[name]) for row in rows), total)
    answer = folder / "focus.xml"
    answer.unlink(missing_ok=True)
    command = [Path(sys.executable).with_name("focus-validator"), "--data-file", path]
    command += ["--validate-version", "1.2", "--block-download", "--applicability-criteria", CRITERIA]
    command += ["--output-type", "unittest", "--output-destination", answer]
    # It looks for its list of currencies in the folder above its own.
    home = Path(focus_validator.__file__).parent.parent
    run = subprocess.run(command, cwd=home, capture_output=True, text=True)
    if not answer.exists():
        sys.exit(f"the FOCUS validator did not answer:\n{run.stdout}{run.stderr}")
    said = answer.read_text()
    failures = set(re.findall(r'<failure name="([^"]+)"', said))
    checked = len(re.findall("<testcase", said)) - len(re.findall("<skipped", said))
    assert checked >= RULES_MIN, f"the FOCUS validator looked at {checked} rules"
    check(f"focus.csv passes the FOCUS validator ({checked} rules)", failures, EXPECTED_FAILURES)


def main():
    folder = Path(sys.argv[1]).resolve()
    report = json.loads((folder / "report.json").read_text(), parse_float=Decimal)
    total = report["total"]["cost"]
    rows = read_csv(folder, total)
    entries = read_jsonl(folder, total)
    attempts = [entry for entry in entries if entry["adjusts"] is None]
    check("every attempt is a row", len(rows), len(attempts))
    read_parquet(folder, rows, total)
    validate_focus(folder, total)


main()
