"""Holds what the SDKs said against what must be true of it.

    python check.py FOLDER [--through OTHER --entries FILE]

In both folders are lines as `said.py` reads them. Each scenario of `scenarios.json` says what is
expected of it: an `error`, how it ends (`finish`), whether it says what was used (`usage`, true unless
it says otherwise), that its text keeps to the `schema`, and which other scenario it says the same as
(`like`: a stream, a retry). What both languages asked, both were told.

The lines of the other folder were said through a gateway: they are the very same, but for the cost that
a stream has in its usage where usage was asked for. What the entries must be is in `ledger.py`.
"""

import argparse
import json
import pathlib

import ledger
from said import LANGUAGES, TABLE, lines_of, read


def check(scenario, line):
    if scenario.get("error"):
        return check_error(scenario, line)
    assert "error" not in line, line["error"]
    texts, calls, end, usage = read(scenario, line)
    wants_usage = scenario.get("usage", True)
    assert bool(usage) == wants_usage, f"usage: {usage}"
    if "finish" in scenario:
        assert end == scenario["finish"], f"ends by {end}"
    if scenario.get("schema"):
        value = json.loads(texts[-1])
        assert isinstance(value["city"], str) and 1 <= value["days"] <= 7, value
    return texts, calls, end, usage


def check_error(scenario, line):
    error, fault = line["error"], scenario.get("fault", "status=400")
    name, _, value = fault.split(",")[0].partition("=")
    expected = {"status": "status", "latency": "timeout", "cut": "cut"}[name]
    assert error["kind"] == expected, error
    if expected == "status":
        assert error["status"] == int(value), error
    if expected == "cut":
        # What came before the cut was handed on.
        assert line["said"], "nothing came before the cut"


def without_cost(line):
    """What was said, without the cost in the usage of a stream."""
    said = line.get("said")
    if not isinstance(said, list):
        return line
    events = [dict(event) for event in said]
    for event in events:
        if event.get("usage"):
            event["usage"] = {name: of for name, of in event["usage"].items() if name != "cost"}
    return {**line, "said": events}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--through", type=pathlib.Path)
    parser.add_argument("--entries", type=pathlib.Path)
    arguments = parser.parse_args()
    said = {language: lines_of(arguments.folder, language) for language in LANGUAGES}
    there = arguments.through and {
        language: lines_of(arguments.through, language) for language in LANGUAGES
    }
    failures = []

    def holds(name, language, condition):
        try:
            condition()
        except (AssertionError, KeyError, TypeError, ValueError, IndexError) as error:
            failures.append(f"{language}: {name}: {type(error).__name__}: {error}")

    by_name = {scenario["name"]: scenario for scenario in TABLE}
    for language, lines in said.items():
        for name, line in lines.items():
            scenario = by_name[name]

            def as_expected():
                found = check(scenario, line)
                like = scenario.get("like")
                if like:
                    same = check(by_name[like], lines[like])
                    assert found == same, f"not the same as `{like}`: {found} is not {same}"

            def told_alike():
                both = said["node"].get(name, line)
                assert line == both, f"Node was told otherwise: {both}"

            def same_there():
                other = without_cost(there[language][name])
                assert line == other, f"through the gateway: {other}"

            holds(name, language, as_expected)
            if language == "python":
                holds(name, language, told_alike)
            if there:
                holds(name, language, same_there)
    if arguments.entries:
        entries = json.loads(arguments.entries.read_text())
        for language, name, condition in ledger.conditions(there, entries):
            holds(name, language, condition)
        print(f"{len(entries)} entries of the ledger compared")
    for failure in failures:
        print(failure[:2000])
    asked = sum(len(lines) for lines in said.values())
    print(f"{asked} calls by {len(LANGUAGES)} languages' SDKs: {len(failures)} not as they must be")
    raise SystemExit(1 if failures else 0)


main()
