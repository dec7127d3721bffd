"""The classes of disagreement: who is right, why, and what the peer charges instead.

The tables at the end are the point; the functions say, for a line of Centime's charge, the rate at
which the peer charges it under the class, or `None` where the class has nothing to say of the line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Json = dict[str, Any]

PICODOLLAR = Decimal("1e-12")


@dataclass(frozen=True)
class Line:
    """A line of Centime's charge."""

    meter: str
    quantity: Decimal
    rate: Decimal
    rate_of: str | None
    derived: bool


@dataclass(frozen=True)
class Call:
    """A case, what Centime charged for it, and what the peer's data say of the model."""

    case: Json
    charge: Json
    entry: Json
    lines: list[Line]

    @property
    def peer(self) -> str:
        return str(self.case["peer"])

    @property
    def tier(self) -> str | None:
        tier = self.case.get("tier")
        return None if tier is None else str(tier)

    @property
    def prompt(self) -> int:
        """Every token of the prompt."""
        parts = self.case.get("parts", {})
        names = ("prompt", "cached", "written_5m", "written_1h", "written_12h", "audio", "image")
        return sum(parts.get(name, 0) for name in names)

    @property
    def provider(self) -> str:
        return str(self.entry.get("litellm_provider", ""))

    def listed(self, key: str) -> Decimal | None:
        """A rate of LiteLLM's map."""
        value = self.entry.get(key)
        return None if value is None else Decimal(value)


Rate = Callable[[Call, Line], Decimal | None]
Whole = Callable[[Call, Decimal], bool]


@dataclass(frozen=True, eq=False)
class Class:
    """A class of disagreement. `right` is `centime`, `peer`, `neither` or `silent`."""

    peer: str
    name: str
    right: str
    why: str
    link: str
    rate: Rate | None = None
    #: Decides on the case as a whole, where lines do not tell.
    whole: Whole | None = None


# LiteLLM.

KEYS = {
    "input": "input_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write_5m": "cache_creation_input_token_cost",
    "cache_write_1h": "cache_creation_input_token_cost_above_1hr",
    "cache_write_12h": "cache_creation_input_token_cost_above_12hr",
    "input_audio": "input_cost_per_audio_token",
    "input_image": "input_cost_per_image_token",
    "output": "output_cost_per_token",
    "reasoning": "output_cost_per_reasoning_token",
    "output_audio": "output_cost_per_audio_token",
    "output_image": "output_cost_per_image_token",
}
PARENTS = {
    "cache_read": "input",
    "cache_write_5m": "input",
    "cache_write_1h": "cache_write_5m",
    "cache_write_12h": "cache_write_5m",
    "input_audio": "input",
    "input_image": "input",
    "reasoning": "output",
    "output_audio": "output",
    "output_image": "output",
}
CACHE = {"cache_read", "cache_write_5m", "cache_write_1h", "cache_write_12h"}
#: The meters whose rates LiteLLM looks up by the length of the prompt.
BY_LENGTH = {"input", "output", *CACHE}
THRESHOLD = re.compile(r"_above_(\d+)k_tokens")


def crossed(call: Call) -> list[int]:
    """The thresholds, in thousands of tokens, that the prompt is above; lowest first."""
    known = {int(found[1]) for key in call.entry if (found := THRESHOLD.search(key))}
    return [threshold for threshold in sorted(known) if call.prompt > threshold * 1000]


def tiered(call: Call, key: str) -> Decimal | None:
    """A key's rate in the call's tier, else its standard rate."""
    of_tier = call.listed(f"{key}_{call.tier}") if call.tier else None
    return call.listed(key) if of_tier is None else of_tier


def ladder(call: Call, meter: str) -> Decimal | None:
    """What LiteLLM finds: the last of the crossed thresholds that is listed, its tier or not."""
    key = KEYS[meter]
    rate = tiered(call, key)
    if meter in BY_LENGTH:
        for threshold in crossed(call):
            longer = tiered(call, f"{key}_above_{threshold}k_tokens")
            rate = rate if longer is None else longer
    if rate is None and meter in PARENTS:
        return ladder(call, PARENTS[meter])
    return rate


def batch_rate(call: Call, meter: str) -> Decimal | None:
    """What LiteLLM charges in a batch: its own batch rate, the threshold's where it is listed."""
    key = KEYS[meter]
    for threshold in reversed(crossed(call)):
        if (rate := call.listed(f"{key}_above_{threshold}k_tokens_batches")) is not None:
            return rate
    return call.listed(f"{key}_batches")


def long_of_tier(call: Call, line: Line) -> Decimal | None:
    if not call.tier or not line.derived or not crossed(call) or line.meter not in KEYS:
        return None
    if call.tier == "batches":
        own = batch_rate(call, line.meter)
        parent = PARENTS.get(line.meter)
        return batch_rate(call, parent) if own is None and parent else own
    return ladder(call, line.meter)


def long_of_cache(call: Call, line: Line) -> Decimal | None:
    is_ours = line.meter in CACHE and line.derived and crossed(call) and call.tier != "batches"
    return ladder(call, line.meter) if is_ours else None


def long_of_content(call: Call, line: Line) -> Decimal | None:
    is_ours = line.meter in KEYS.keys() - BY_LENGTH and line.derived and crossed(call)
    return ladder(call, line.meter) if is_ours else None


def inexact(call: Call, line: Line) -> Decimal | None:
    is_ours = line.meter in call.charge["missing"] and line.meter in KEYS
    return ladder(call, line.meter) if is_ours else None


def free_for_want_of_a_rate(call: Call, theirs: Decimal) -> bool:
    is_partial = call.charge["status"] == "partial"
    return is_partial and abs(Decimal(call.charge["cost"]) - theirs) < PICODOLLAR


def perplexity_cache(call: Call, line: Line) -> Decimal | None:
    is_ours = call.provider == "perplexity" and line.meter in CACHE
    return call.listed(KEYS["input"]) if is_ours else None


def perplexity_length(call: Call, line: Line) -> Decimal | None:
    if call.provider != "perplexity" or not crossed(call) or line.meter not in KEYS:
        return None
    if line.meter in CACHE:
        return call.listed(KEYS["input"])
    return call.listed(KEYS[line.meter]) or call.listed(KEYS[PARENTS.get(line.meter, line.meter)])


def no_fee(call: Call, line: Line) -> Decimal | None:
    return Decimal(0) if line.meter == "request" else None


def at_threshold(call: Call, line: Line) -> Decimal | None:
    if call.provider != "xai" or line.meter not in KEYS:
        return None
    known = {int(found[1]) for key in call.entry if (found := THRESHOLD.search(key))}
    reached = [threshold for threshold in known if call.prompt == threshold * 1000]
    for meter in (line.meter, PARENTS.get(line.meter, line.meter)):
        for threshold in reached:
            if (rate := tiered(call, f"{KEYS[meter]}_above_{threshold}k_tokens")) is not None:
                return rate
    return None


def half_of_input(call: Call, line: Line) -> Decimal | None:
    is_ours = call.provider == "fireworks_ai" and line.meter == "cache_read"
    return line.rate / 2 if is_ours and line.rate_of == "input" else None


def by_lifetime(call: Call, line: Line) -> Decimal | None:
    """The mean of the rates of writes of half an hour and of twelve hours, by what was drawn."""
    parts = call.case.get("parts", {})
    short, long = parts.get("written_5m", 0), parts.get("written_12h", 0)
    if line.meter != "cache_write_5m" or not long or line.quantity != short + long:
        return None
    rates = batch_rate if call.tier == "batches" else ladder
    of_short, of_long = rates(call, "cache_write_5m"), rates(call, "cache_write_12h")
    if not of_short or of_long is None:
        return None
    # A region raises both alike.
    raised: Decimal = (short + long * of_long / of_short) / (short + long)
    return line.rate * raised


def standard_at_fireworks(call: Call, line: Line) -> Decimal | None:
    if call.provider != "fireworks_ai" or not call.tier or line.meter not in KEYS:
        return None
    own = call.listed(KEYS[line.meter])
    if call.listed(f"{KEYS['input']}_{call.tier}") is None:
        return None
    if own is None and line.meter == "cache_read":
        return (call.listed(KEYS["input"]) or Decimal(0)) / 2
    return call.listed(KEYS[PARENTS[line.meter]]) if own is None else own


def hour_as_minutes(call: Call, line: Line) -> Decimal | None:
    """Where no rate for an hour is listed, LiteLLM charges that of five minutes."""
    if line.meter != "cache_write_1h" or call.listed(KEYS["cache_write_1h"]) is not None:
        return None
    return ladder(call, "cache_write_5m")


def short_hour(call: Call, line: Line) -> Decimal | None:
    is_ours = call.tier and crossed(call) and line.meter in ("cache_write_1h", "cache_write_12h")
    return tiered(call, KEYS[line.meter]) if is_ours else None


def short_write_in_batch(call: Call, line: Line) -> Decimal | None:
    is_ours = call.tier == "batches" and line.meter == "cache_write_1h"
    return batch_rate(call, "cache_write_5m") if is_ours else None


def short_half_day_in_batch(call: Call, line: Line) -> Decimal | None:
    is_ours = call.tier == "batches" and line.meter == "cache_write_12h"
    return batch_rate(call, "cache_write_5m") if is_ours else None


def input_in_batch(call: Call, line: Line) -> Decimal | None:
    is_ours = call.tier == "batches" and line.meter in CACHE
    return batch_rate(call, "input") if is_ours else None


def half_in_batch(call: Call, line: Line) -> Decimal | None:
    if call.tier != "batches" or line.meter not in ("output", "reasoning", "output_image"):
        return None
    own = call.listed(f"{KEYS[line.meter]}_batches")
    standard = call.listed(KEYS[line.meter])
    if line.meter == "reasoning":
        standard = call.listed(KEYS["output"])
    return standard / 2 if own is None and standard is not None else None


def text_in_batch(call: Call, line: Line) -> Decimal | None:
    if call.tier != "batches" or line.meter not in ("input_audio", "input_image", "output_audio"):
        return None
    text = PARENTS[line.meter]
    rate, standard = batch_rate(call, text), call.listed(KEYS[text])
    return standard / 2 if rate is None and standard is not None else rate


def reasoning_dropped(call: Call, line: Line) -> Decimal | None:
    is_ours = (
        call.tier == "batches" and line.meter == "reasoning" and call.case["shape"] == "xai_chat"
    )
    return Decimal(0) if is_ours else None


def search_of_provider(call: Call, theirs: Decimal) -> bool:
    return str(call.case["kind"]) == "search"


# genai-prices.

GENAI_KEYS = {
    "input": "input_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write_5m": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
    "output": "output_mtok",
    "reasoning": "output_reasoning_mtok",
}


def genai_price(call: Call, meter: str) -> Decimal | None:
    """The price in force at the moment of the call, per token, for a prompt of its length."""
    key, at = GENAI_KEYS.get(meter), str(call.case["at"])
    tables = call.entry["prices"]
    tables = [{"prices": tables}] if isinstance(tables, dict) else tables
    started = [each for each in tables if starts(each) <= at]
    table = (started or tables[:1])[-1]["prices"]
    for variant in call.entry.get("price_variants") or []:
        is_asked = call.tier and json.dumps(variant["when"]) == call.tier
        if is_asked and starts(variant) <= at and key in variant["prices"]:
            table = variant["prices"]
    price = table.get(key)
    if isinstance(price, dict):
        above = [tier["price"] for tier in price["tiers"] if call.prompt > tier["start"]]
        price = above[-1] if above else price["base"]
    if price is None:
        return genai_price(call, PARENTS[meter]) if meter in PARENTS else None
    return Decimal(price) / 1_000_000


def starts(price: Json) -> str:
    return str((price.get("constraint") or {}).get("start_date", ""))


def genai_long_of_tier(call: Call, line: Line) -> Decimal | None:
    return genai_price(call, line.meter) if call.tier and line.derived else None


def genai_long_of_cache(call: Call, line: Line) -> Decimal | None:
    return genai_price(call, line.meter) if line.meter in CACHE and line.derived else None


def no_prices(call: Call, theirs: Decimal) -> bool:
    return call.charge["status"] == "unpriced" and theirs == 0 and call.entry["prices"] == {}


def other_model(call: Call, theirs: Decimal) -> bool:
    return str(call.charge.get("model")) != str(call.case["model"])


OPENAI = "https://platform.openai.com/docs/pricing"

CLASSES = [
    Class(
        "litellm",
        "long-prompt-in-a-tier",
        "centime",
        "A tier is listed with its short prompts' rate only. LiteLLM charges the standard long rate "
        "without the tier, or in a batch the short one; Centime the tier's rate in proportion.",
        OPENAI,
        rate=long_of_tier,
    ),
    Class(
        "litellm",
        "long-prompt-and-a-cache",
        "centime",
        "The map has a long rate for input and none for the cache. LiteLLM keeps the short one; "
        "providers price caches as a part of the input's rate, the long one too.",
        "https://docs.claude.com/en/docs/build-with-claude/prompt-caching#pricing",
        rate=long_of_cache,
    ),
    Class(
        "litellm",
        "long-prompt-and-content",
        "silent",
        "The map has a long rate for text and one rate for audio, images or reasoning. LiteLLM keeps "
        "it for long prompts; Centime raises it in proportion.",
        "https://ai.google.dev/gemini-api/docs/pricing",
        rate=long_of_content,
    ),
    Class(
        "litellm",
        "no-exact-rate",
        "centime",
        "The rate for a long prompt is not listed, and is no exact decimal in proportion. LiteLLM "
        "charges the short rate in silence; Centime says `partial` and names the meter.",
        OPENAI,
        rate=inexact,
    ),
    Class(
        "litellm",
        "free-for-want-of-a-rate",
        "centime",
        "The map has no rate for a meter that was used. LiteLLM charges nothing for it; Centime the "
        "same, but says `partial` and names the meter.",
        "https://docs.litellm.ai/docs/provider_registration/add_model_pricing",
        whole=free_for_want_of_a_rate,
    ),
    Class(
        "litellm",
        "perplexity-caches",
        "centime",
        "LiteLLM's calculator for Perplexity passes over the map's rates for cached tokens, which "
        "Perplexity bills at a discount.",
        "https://docs.perplexity.ai/docs/gateway/models",
        rate=perplexity_cache,
    ),
    Class(
        "litellm",
        "perplexity-long-prompts",
        "centime",
        "LiteLLM's calculator for Perplexity passes over the map's rates for long prompts.",
        "https://docs.perplexity.ai/docs/gateway/models",
        rate=perplexity_length,
    ),
    Class(
        "litellm",
        "request-fees",
        "centime",
        "LiteLLM leaves out the fee for each request that the map lists.",
        "https://docs.perplexity.ai/getting-started/pricing",
        rate=no_fee,
    ),
    Class(
        "litellm",
        "reasoning-in-a-batch",
        "centime",
        "xAI counts reasoning beside the completion. LiteLLM's batch calculator charges the "
        "completion alone.",
        "https://docs.x.ai/docs/guides/reasoning",
        rate=reasoning_dropped,
    ),
    Class(
        "litellm",
        "tiers-of-fireworks",
        "centime",
        "LiteLLM's calculator for Fireworks passes over the tier, which the map lists and Fireworks "
        "bills at a premium.",
        "https://docs.fireworks.ai/serverless/pricing",
        rate=standard_at_fireworks,
    ),
    Class(
        "litellm",
        "hour-without-a-rate",
        "centime",
        "The map has no rate for writes of an hour of some of Anthropic's models at other "
        "providers. LiteLLM charges those of five minutes; an hour costs twice the input rate.",
        "https://platform.claude.com/docs/en/build-with-claude/prompt-caching#pricing",
        rate=hour_as_minutes,
    ),
    Class(
        "litellm",
        "hour-in-a-long-prompt",
        "centime",
        "In a tier that the map does not list, LiteLLM loses the long rate of writes of an hour "
        "or twelve, and keeps that of all other tokens.",
        "https://docs.claude.com/en/docs/build-with-claude/prompt-caching#pricing",
        rate=short_hour,
    ),
    Class(
        "litellm",
        "search-of-another-name",
        "centime",
        "LiteLLM charges any search of the provider at the rate of its default one, not at the rate "
        "that the map lists for the name.",
        "https://docs.litellm.ai/docs/search",
        whole=search_of_provider,
    ),
    Class(
        "litellm",
        "cache-in-a-batch",
        "silent",
        "The map has batch rates for input and none for the cache. LiteLLM charges the batch's input "
        "rate; Centime keeps the cache's standard rate.",
        OPENAI,
        rate=input_in_batch,
    ),
    Class(
        "litellm",
        "xai-at-the-threshold",
        "peer",
        "xAI's long rates hold once the prompt reaches the threshold, not above it alone.",
        "https://docs.x.ai/developers/pricing",
        rate=at_threshold,
    ),
    Class(
        "litellm",
        "fireworks-caches",
        "peer",
        "Fireworks bills cached tokens at half the input rate where it lists no other.",
        "https://docs.fireworks.ai/faq-new/billing-pricing/is-prompt-caching-billed-differently",
        rate=half_of_input,
    ),
    Class(
        "litellm",
        "writes-of-twelve-hours",
        "peer",
        "OpenAI's responses split writes to the cache by lifetime (`cache_write_tokens_details`), "
        "and those of twelve hours cost more.",
        OPENAI,
        rate=by_lifetime,
    ),
    Class(
        "litellm",
        "half-in-a-batch",
        "peer",
        "A batch halves output too where the map lists a batch rate for input alone.",
        "https://learn.microsoft.com/en-us/azure/ai-foundry/openai/how-to/batch",
        rate=half_in_batch,
    ),
    Class(
        "litellm",
        "content-in-a-batch",
        "neither",
        "The map has no batch rate for audio or images. LiteLLM charges them as text, Centime at "
        "the standard rate; a batch halves their own rate.",
        "https://ai.google.dev/gemini-api/docs/pricing",
        rate=text_in_batch,
    ),
    Class(
        "litellm",
        "hour-in-a-batch",
        "centime",
        "The map has no batch rate for writes of an hour. LiteLLM charges those of five minutes; "
        "Anthropic halves the rate of the hour.",
        "https://platform.claude.com/docs/en/build-with-claude/batch-processing#pricing",
        rate=short_write_in_batch,
    ),
    Class(
        "litellm",
        "twelve-hours-in-a-batch",
        "silent",
        "The map has no batch rate for writes of twelve hours. LiteLLM charges the batch rate of "
        "the shorter ones; Centime keeps the standard rate of a meter without one for the batch.",
        "https://developers.openai.com/api/docs/pricing",
        rate=short_half_day_in_batch,
    ),
    Class(
        "genai",
        "no-prices",
        "centime",
        "The data have an empty list of prices for the model. genai-prices charges nothing; Centime "
        "says `unpriced`.",
        "https://github.com/pydantic/genai-prices",
        whole=no_prices,
    ),
    Class(
        "genai",
        "name-of-another-model",
        "peer",
        "The data have a model of this very id; Centime takes the provider off it and finds another.",
        "https://github.com/pydantic/genai-prices",
        whole=other_model,
    ),
    Class(
        "genai",
        "long-prompt-in-a-tier",
        "centime",
        "A tier is listed with one rate for any length, the standard rates by the length. "
        "genai-prices charges the one; Centime raises it in proportion.",
        OPENAI,
        rate=genai_long_of_tier,
    ),
    Class(
        "genai",
        "long-prompt-and-a-cache",
        "centime",
        "The data have a long rate for input and none for writes to the cache. genai-prices keeps "
        "the short one; providers price caches as a part of the input's rate, the long one too.",
        "https://docs.claude.com/en/docs/build-with-claude/prompt-caching#pricing",
        rate=genai_long_of_cache,
    ),
]
