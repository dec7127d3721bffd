"""Compares Centime's charges with a peer's, puts every disagreement into a class, and reports.

A class says who is right and why, and it must be *proved*: it names what the peer charges instead
for a line of Centime's charge, and with that the charge must come out as the peer's own amount.
What no class of the tables explains so is `unexplained`, and fails the comparison.

Usage: compare.py FOLDER REPORT

The folder has the peers' data (`litellm.json`, `genai.json`), the cases, and for each peer its
answers and Centime's charges.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from classes import CLASSES, PICODOLLAR, Call, Class, Line

Json = dict[str, Any]

#: Amounts agree within a picodollar, or this part of the peer's.
RELATIVE = Decimal("1e-9")
#: Of the cases that are not the peer's error, so many must agree.
AGREEMENT_MIN = Decimal("0.995")
#: The peers' errors must not be more than this part of all cases.
LISTED_MAX = Decimal("0.03")


def agrees(ours: Decimal, theirs: Decimal) -> bool:
    return abs(ours - theirs) <= max(PICODOLLAR, abs(theirs) * RELATIVE)


def lines_of(charge: Json, parts: Json) -> list[Line]:
    """The lines of a charge, and one without an amount for each meter that has no rate."""
    priced = [
        Line(each["meter"], each["quantity"], each["rate"], each.get("rate_of"), "derived" in each)
        for each in charge["lines"]
    ]
    missing = [
        Line(name, quantity_of(name, parts), Decimal(0), None, False) for name in charge["missing"]
    ]
    return priced + missing


def quantity_of(meter: str, parts: Json) -> Decimal:
    """How much was used of a meter, by what was drawn."""
    drawn = {
        "input": "prompt",
        "cache_read": "cached",
        "cache_write_5m": "written_5m",
        "cache_write_1h": "written_1h",
        "input_audio": "audio",
        "input_image": "image",
    }
    return Decimal(parts.get(drawn.get(meter, meter), 0))


def explain(call: Call, theirs: Decimal) -> list[Class]:
    """The fewest classes that together make the peer's amount out of Centime's lines."""
    for each in CLASSES:
        if each.whole and each.peer == call.peer and each.whole(call, theirs):
            return [each]
    rates = {
        each: {
            index: rate
            for index, line in enumerate(call.lines)
            if (rate := each.rate(call, line)) is not None
        }
        for each in CLASSES
        if each.rate and each.peer == call.peer
    }
    able = [each for each, instead in rates.items() if instead]
    for count in range(1, len(able) + 1):
        for chosen in itertools.combinations(able, count):
            # Of two classes for one line the later in the table says more: it is asked last.
            instead = {index: rate for each in chosen for index, rate in rates[each].items()}
            amounts = (
                line.quantity * instead.get(index, line.rate)
                for index, line in enumerate(call.lines)
            )
            if agrees(sum(amounts, Decimal(0)), theirs):
                return list(chosen)
    return []


@dataclass
class Tally:
    """What came of the cases of one peer."""

    agree: int = 0
    no_answer: Counter[str] = field(default_factory=Counter)
    #: Cases and their explanation.
    classes: dict[str, list[Call]] = field(default_factory=dict)
    theirs: dict[str, Decimal] = field(default_factory=dict)

    @property
    def compared(self) -> int:
        return self.agree + sum(len(calls) for calls in self.classes.values())

    def of(self, right: str) -> int:
        return sum(
            len(calls)
            for name, calls in self.classes.items()
            for each in CLASSES
            if (each.peer, each.name, each.right) == (calls[0].peer, name, right)
        )

    @property
    def agreement(self) -> Decimal:
        """Of the cases that are not the peer's error, the part that agrees."""
        return Decimal(self.agree) / max(1, self.compared - self.of("centime"))


def read_lines(path: Path) -> Iterator[Json]:
    with path.open() as lines:
        for line in lines:
            yield json.loads(line, parse_float=Decimal)


def compare(
    cases: Iterator[Json], ours: Iterator[Json], answers: dict[str, Json], models: Any
) -> dict[str, Tally]:
    tallies = {"litellm": Tally(), "genai": Tally()}
    for case, charge in zip(cases, ours, strict=True):
        assert case["id"] == charge["id"], f"{case['id']} was answered as {charge['id']}"
        tally, answer = tallies[case["peer"]], answers[case["id"]]
        if "error" in answer:
            tally.no_answer[answer["error"].split(":")[0]] += 1
            continue
        theirs = Decimal(answer["cost"])
        if charge["status"] == "priced" and agrees(Decimal(charge["cost"]), theirs):
            tally.agree += 1
            continue
        call = call_of(case, charge, models)
        found = explain(call, theirs)
        # The gravest names the case: Centime's own errors first.
        found.sort(key=lambda each: ["peer", "neither", "silent", "centime"].index(each.right))
        name = found[0].name if found else "unexplained"
        tally.classes.setdefault(name, []).append(call)
        tally.theirs[case["id"]] = theirs
    return tallies


def call_of(case: Json, charge: Json, models: Any) -> Call:
    entry = models[case["peer"]][(case.get("provider"), case.get("listing", case["model"]))]
    lines = lines_of(charge, case.get("parts", {})) if "lines" in charge else []
    return Call(case=case, charge=charge, entry=entry, lines=lines)


def entries(litellm_map: Json, genai_data: list[Json]) -> Json:
    """What each peer's data say of each model."""
    return {
        "litellm": {(None, name): entry for name, entry in litellm_map.items()},
        "genai": {
            (provider["id"], model["id"]): model
            for provider in genai_data
            for model in provider["models"]
        },
    }


PEERS = {"litellm": "LiteLLM 1.109.1", "genai": "genai-prices 0.2.3"}
RIGHT = {
    "centime": "Centime is right",
    "peer": "the peer is right",
    "neither": "neither is right",
    "silent": "the data do not say",
}


def report(tallies: dict[str, Tally]) -> str:
    """The report, the same for the same cases."""
    out = [
        "# Parity with LiteLLM and genai-prices",
        "",
        "`cargo xtask parity` writes this file. It draws usages over every model of both libraries'",
        "own price data, and prices each with the library's own functions and with",
        "`centime --prices <the library's data> price --jsonl`. Amounts agree within a picodollar or a",
        "thousand-millionth. Every disagreement is in a class of [`classes.py`](classes.py), which is",
        "proved case by case: with the rates that the class says the library charges, Centime's own",
        "lines add up to the library's amount.",
        "",
        "| library | cases | no answer from it | agree | its errors | other | agreement, its errors apart |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for peer, tally in tallies.items():
        unanswered = sum(tally.no_answer.values())
        listed = tally.of("centime")
        other = tally.compared - tally.agree - listed
        out.append(
            f"| {PEERS[peer]} | {tally.compared + unanswered} | {unanswered} | {tally.agree} | {listed} "
            f"| {other} | {tally.agreement * 100:.3f} % |"
        )
    for peer, tally in tallies.items():
        out += ["", f"## {PEERS[peer]}", ""]
        for name, calls in sorted(tally.classes.items(), key=lambda each: (-len(each[1]), each[0])):
            out += described(name, calls, tally)
    return "\n".join(out).rstrip() + "\n"


def described(name: str, calls: list[Call], tally: Tally) -> list[str]:
    call = calls[0]
    known = next((each for each in CLASSES if (each.peer, each.name) == (call.peer, name)), None)
    usage = json.dumps(call.case.get("usage") or call.case["meters"], separators=(",", ":"))
    terms = [f"{key} `{call.case[key]}`" for key in ("tier", "region") if key in call.case]
    example = f"`{call.case['model']}`" + "".join(f", {term}" for term in terms)
    cost = call.charge.get("cost")
    ours = call.charge["status"] if cost is None else f"{Decimal(cost):f}"
    theirs = f"{tally.theirs[call.case['id']].normalize():f}"
    about = (
        [f"{RIGHT[known.right].capitalize()}. {known.why} ([rule]({known.link}))"]
        if known
        else ["Nothing explains these."]
    )
    return [
        f"### {name}: {len(calls)}",
        "",
        *about,
        "",
        f"Example: {example}, `{usage}`: Centime {ours}, the library {theirs}.",
        "",
    ]


def verdict(tallies: dict[str, Tally]) -> list[str]:
    """What fails the comparison."""
    failures = []
    for peer, tally in tallies.items():
        if tally.agreement < AGREEMENT_MIN:
            failures.append(
                f"agreement with {PEERS[peer]} is {tally.agreement * 100:.3f} %, below {AGREEMENT_MIN * 100} %"
            )
        if unexplained := tally.classes.get("unexplained"):
            ids = ", ".join(call.case["id"] for call in unexplained[:5])
            failures.append(f"no class explains {len(unexplained)} cases of {PEERS[peer]}: {ids}")
    compared = sum(tally.compared for tally in tallies.values())
    listed = sum(tally.of("centime") for tally in tallies.values())
    if listed > compared * LISTED_MAX:
        failures.append(
            f"{listed} of {compared} cases are listed as the peers' errors, more than {LISTED_MAX * 100} %"
        )
    return failures


def main() -> int:
    """Writes the report; says what fails on standard error."""
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    answers = {
        answer["id"]: answer
        for peer in PEERS
        for answer in read_lines(folder / f"{peer}.answers.jsonl")
    }
    charges = itertools.chain.from_iterable(
        read_lines(folder / f"{peer}.charges.jsonl") for peer in PEERS
    )
    litellm_map, genai_data = (
        json.loads((folder / f"{peer}.json").read_text(), parse_float=Decimal) for peer in PEERS
    )
    cases = read_lines(folder / "cases.jsonl")
    tallies = compare(cases, charges, answers, entries(litellm_map, genai_data))
    out.write_text(report(tallies))
    for peer, tally in tallies.items():
        print(f"{PEERS[peer]}: {tally.compared} compared, {tally.agreement * 100:.3f} % agree")
    failures = verdict(tallies)
    for failure in failures:
        print(f"parity: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
