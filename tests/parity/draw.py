"""Draws usages over every model of both peers' own price data.

A case carries the usage as the model's provider sends it, and what its price depends on beside
that. The same seed draws the same cases, byte for byte: each model has a generator of its own, so
that a model more or less does not change what is drawn for the others.

Usage: draw.py FOLDER

The folder has the peers' data (`litellm.json`, `genai.json`). Into it go the cases, and for each
peer the same as usage events for Centime.
"""

from __future__ import annotations

import datetime
import json
import random
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TextIO

SEED = "centime parity 1"
#: A Sunday noon, in no window of reduced rates but those that span it.
AT = "2026-11-22T12:00:00Z"

Json = dict[str, Any]

TIERS = ("batches", "flex", "priority", "balanced", "ultrafast")
THRESHOLD = re.compile(r"_above_(\d+)k_tokens")
TIER_OF_KEY = re.compile(rf"_({'|'.join(TIERS)})$")


@dataclass(frozen=True)
class Parts:
    """What a call used, in disjoint parts. `prompt` is what of it is plain."""

    prompt: int = 0
    cached: int = 0
    written_5m: int = 0
    written_1h: int = 0
    written_12h: int = 0
    audio: int = 0
    image: int = 0
    output: int = 0
    reasoning: int = 0
    output_audio: int = 0
    output_image: int = 0

    @property
    def whole_prompt(self) -> int:
        """Every token of the prompt: what a threshold looks at."""
        return self.prompt + self.cached + self.written + self.audio + self.image

    @property
    def written(self) -> int:
        return self.written_5m + self.written_1h + self.written_12h

    @property
    def whole_output(self) -> int:
        return self.output + self.reasoning + self.output_audio + self.output_image


def present(**counts: int) -> Json:
    """The counts that are not zero: providers leave the others out."""
    return {name: count for name, count in counts.items() if count}


def openai_chat(parts: Parts) -> Json:
    """https://platform.openai.com/docs/api-reference/chat/object"""
    usage: Json = {
        "prompt_tokens": parts.whole_prompt,
        "completion_tokens": parts.whole_output,
        "total_tokens": parts.whole_prompt + parts.whole_output,
    }
    prompt = present(
        cached_tokens=parts.cached,
        cache_write_tokens=parts.written,
        audio_tokens=parts.audio,
        image_tokens=parts.image,
    )
    answer = present(
        reasoning_tokens=parts.reasoning,
        audio_tokens=parts.output_audio,
        image_tokens=parts.output_image,
    )
    if prompt:
        usage["prompt_tokens_details"] = prompt
    if answer:
        usage["completion_tokens_details"] = answer
    return usage


def openai_responses(parts: Parts) -> Json:
    """https://platform.openai.com/docs/api-reference/responses/object"""
    prompt: Json = {"cached_tokens": parts.cached} | present(cache_write_tokens=parts.written)
    if parts.written_12h:
        prompt["cache_write_tokens_details"] = {
            "ttl_30m_tokens": parts.written_5m,
            "ttl_12h_tokens": parts.written_12h,
        }
    return {
        "input_tokens": parts.whole_prompt,
        "output_tokens": parts.whole_output,
        "total_tokens": parts.whole_prompt + parts.whole_output,
        "input_tokens_details": prompt,
        "output_tokens_details": {"reasoning_tokens": parts.reasoning},
    }


def deepseek_chat(parts: Parts) -> Json:
    """https://api-docs.deepseek.com/guides/kv_cache"""
    hit = {"prompt_cache_hit_tokens": parts.cached}
    return (
        openai_chat(parts) | hit | {"prompt_cache_miss_tokens": parts.whole_prompt - parts.cached}
    )


def xai_chat(parts: Parts) -> Json:
    """Reasoning is beside the completion: https://docs.x.ai/docs/guides/reasoning"""
    usage = openai_chat(parts)
    usage["completion_tokens"] = parts.whole_output - parts.reasoning
    return usage


def anthropic(parts: Parts) -> Json:
    """https://docs.claude.com/en/api/messages: the prompt's count leaves cached tokens out."""
    usage: Json = {"input_tokens": parts.prompt, "output_tokens": parts.whole_output}
    if parts.cached or parts.written:
        usage["cache_read_input_tokens"] = parts.cached
        usage["cache_creation_input_tokens"] = parts.written
        usage["cache_creation"] = {
            "ephemeral_5m_input_tokens": parts.written_5m,
            "ephemeral_1h_input_tokens": parts.written_1h,
        }
    return usage


def gemini(parts: Parts) -> Json:
    """https://ai.google.dev/api/generate-content#UsageMetadata: thoughts are beside candidates."""
    text = parts.whole_prompt - parts.audio - parts.image
    kinds = {"TEXT": text, "AUDIO": parts.audio, "IMAGE": parts.image}
    usage: Json = {
        "promptTokenCount": parts.whole_prompt,
        "candidatesTokenCount": parts.whole_output - parts.reasoning,
        "totalTokenCount": parts.whole_prompt + parts.whole_output,
        "promptTokensDetails": modalities(kinds),
    }
    if parts.cached:
        usage["cachedContentTokenCount"] = parts.cached
        usage["cacheTokensDetails"] = modalities({"TEXT": parts.cached})
    if parts.reasoning:
        usage["thoughtsTokenCount"] = parts.reasoning
    answer = {"AUDIO": parts.output_audio, "IMAGE": parts.output_image}
    if any(answer.values()):
        usage["candidatesTokensDetails"] = modalities({"TEXT": parts.output} | answer)
    return usage


def modalities(kinds: dict[str, int]) -> list[Json]:
    return [{"modality": kind, "tokenCount": count} for kind, count in kinds.items() if count]


def bedrock(parts: Parts) -> Json:
    """https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html"""
    usage: Json = {
        "inputTokens": parts.prompt,
        "outputTokens": parts.whole_output,
        "totalTokens": parts.whole_prompt + parts.whole_output,
    }
    if parts.cached:
        usage["cacheReadInputTokens"] = parts.cached
    if parts.written:
        usage["cacheWriteInputTokens"] = parts.written
        written = {"5m": parts.written_5m, "1h": parts.written_1h}
        usage["cacheDetails"] = [
            {"ttl": ttl, "inputTokens": count} for ttl, count in written.items() if count
        ]
    return usage


SHAPES = {
    shape.__name__: shape
    for shape in (
        openai_chat,
        openai_responses,
        deepseek_chat,
        xai_chat,
        anthropic,
        gemini,
        bedrock,
    )
}
#: The shapes that tell writes of an hour from those of five minutes.
SPLITS_WRITES = {"anthropic", "bedrock"}
#: The shapes that count reasoning, audio and images apart.
COUNTS_REASONING = {"openai_chat", "openai_responses", "deepseek_chat", "xai_chat", "gemini"}
COUNTS_AUDIO = {"openai_chat", "gemini"}


@dataclass
class Model:
    """A model of a peer's data, and what of its rates a drawn case should exercise."""

    peer: str
    provider: str | None
    name: str
    #: How the provider's usage is written.
    shape: str
    thresholds: list[int] = field(default_factory=list)
    tiers: list[str] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    #: The id of the model in the data, where another name is asked for.
    listing: str | None = None
    #: The extractor of genai-prices that reads the shape.
    flavor: str | None = None
    #: Moments at which it matters when a call was made.
    moments: list[str] = field(default_factory=list)
    has_rates: bool = True
    counts_cached: bool = True
    counts_written: bool = True
    counts_reasoning: bool = True
    splits_12h: bool = False
    has_audio: bool = False
    has_output_audio: bool = False
    has_image: bool = False
    has_output_image: bool = False
    answers: bool = True

    def cases(self) -> Iterator[Json]:
        """The model's cases, numbered."""
        chance = random.Random(f"{SEED}/{self.peer}/{self.provider}/{self.name}")
        for number, case in enumerate(self._cases(chance)):
            name = f"{self.provider}/{self.name}" if self.provider else self.name
            yield {"id": f"{self.peer}:{name}:{number}"} | case

    def _cases(self, chance: random.Random) -> Iterator[Json]:
        if not self.has_rates:
            yield self._case("plain", self._parts("plain", chance, 1000))
            return
        short = min([50_000, *(threshold // 2 for threshold in self.thresholds)])
        for kind in ("plain", "plain", "cached", "written", "mixed", "reasoning"):
            yield self._case(kind, self._parts(kind, chance, chance.randint(10, short)))
        for kind in self._content_kinds():
            yield self._case(kind, self._parts(kind, chance, chance.randint(10, short)))
        for threshold in self.thresholds:
            for whole in (
                threshold - 1,
                threshold,
                threshold + 1,
                threshold + chance.randint(2, 90_000),
            ):
                for kind in ("plain", "mixed"):
                    yield self._case(kind, self._parts(kind, chance, whole))
            for kind in ("reasoning", *self._content_kinds()):
                yield self._case(kind, self._parts(kind, chance, threshold + 1000))
        # Of a tier that the data does not list the standard rates hold.
        for tier in self.tiers or [chance.choice(("flex", "priority"))]:
            for kind in ("plain", "mixed", "reasoning", *self._content_kinds()):
                for whole in (chance.randint(10, short), *(above + 1 for above in self.thresholds)):
                    yield self._case(kind, self._parts(kind, chance, whole), tier=tier)
        for region in self.regions:
            yield self._case("mixed", self._parts("mixed", chance, short), region=region)
        for at in self.moments:
            yield self._case("mixed", self._parts("mixed", chance, short), at=at)

    def _content_kinds(self) -> list[str]:
        kinds = []
        if self.shape in COUNTS_AUDIO:
            kinds += ["audio"] * self.has_audio + ["image"] * self.has_image
            kinds += ["output_audio"] * self.has_output_audio
            kinds += ["output_image"] * self.has_output_image
        return kinds

    def _parts(self, kind: str, chance: random.Random, whole: int) -> Parts:
        """Parts whose prompt is `whole` tokens long."""
        counts = dict.fromkeys(("cached", "written_5m", "written_1h", "audio", "image"), 0)
        if kind in ("cached", "mixed") and self.counts_cached:
            counts["cached"] = chance.randint(1, whole // 2)
        if kind in ("written", "mixed") and self.counts_written:
            counts["written_5m"] = chance.randint(1, whole // 4)
            if self.shape in SPLITS_WRITES:
                counts["written_1h"] = chance.randint(1, whole // 4)
            if self.splits_12h:
                counts["written_12h"] = chance.randint(1, whole // 4)
        if kind in ("audio", "image"):
            counts[kind] = chance.randint(1, whole)
        answer = {"reasoning": 0, "output_audio": 0, "output_image": 0}
        if kind == "reasoning" and self.counts_reasoning and self.shape in COUNTS_REASONING:
            answer["reasoning"] = chance.randint(1, 20_000)
        if kind in ("output_audio", "output_image"):
            answer[kind] = chance.randint(1, 5000)
        output = chance.randint(1, 8000) if self.answers else 0
        prompt = whole - sum(counts.values())
        return Parts(prompt=prompt, output=output, **counts, **(answer if self.answers else {}))

    def _case(
        self,
        kind: str,
        parts: Parts,
        tier: str | None = None,
        region: str | None = None,
        at: str = AT,
    ) -> Json:
        usage = SHAPES[self.shape](parts)
        if self.shape == "anthropic" and self.peer == "litellm":
            usage |= {"inference_geo": region} if region else {}
            usage |= {"speed": "fast"} if tier == "fast" else {}
        case: Json = {
            "peer": self.peer,
            "kind": kind,
            "model": self.name,
            "shape": self.shape,
            "usage": usage,
            "parts": {name: count for name, count in asdict(parts).items() if count},
            "at": at,
        }
        optional = {
            "provider": self.provider,
            "tier": tier,
            "region": region,
            "listing": self.listing,
            "flavor": self.flavor,
        }
        return case | {name: value for name, value in optional.items() if value is not None}


# LiteLLM's price map.

#: Modes whose usage is counted in tokens.
TOKEN_MODES = {
    None, "chat", "completion", "responses", "embedding", "realtime", "moderation",
    "image_generation", "image_edit", "audio_transcription", "audio_speech", "rerank", "decisions",
}  # fmt: skip
ANSWERS = {None, "chat", "completion", "responses", "realtime", "decisions"}
#: What is not billed by tokens: the meter, and the key of its rate.
PIECES = {
    "audio_transcription": ("input_seconds", "input_cost_per_second"),
    "audio_speech": ("characters", "input_cost_per_character"),
    "rerank": ("searches", "input_cost_per_query"),
    "search": ("searches", "input_cost_per_query"),
    "ocr": ("pages", "ocr_cost_per_page"),
    "image_generation": ("images", "output_cost_per_image"),
    "video_generation": ("output_seconds", "output_cost_per_video_per_second"),
}


def litellm_cases(entries: dict[str, Json]) -> Iterator[Json]:
    for name, entry in entries.items():
        if name == "sample_spec" or is_shadowed(name, entry, entries):
            continue
        if has_token_rates(entry) and entry.get("mode") in TOKEN_MODES:
            yield from litellm_model(name, entry).cases()
        if (piece := PIECES.get(str(entry.get("mode")))) and piece[1] in entry:
            yield from pieces(name, piece[0], entry)


def is_shadowed(name: str, entry: Json, entries: dict[str, Json]) -> bool:
    """Whether LiteLLM takes the name for another of its entries: that one is drawn instead."""
    provider = str(entry.get("litellm_provider", ""))
    prefix = f"{'bedrock' if provider == 'bedrock_converse' else provider}/"
    own = name.removeprefix(prefix)
    return (own == name and prefix + name in entries) or own.startswith(prefix)


def has_token_rates(entry: Json) -> bool:
    return any(
        key in entry for key in ("input_cost_per_token", "output_cost_per_token", "tiered_pricing")
    )


def litellm_model(name: str, entry: Json) -> Model:
    keys = [key for key, value in entry.items() if isinstance(value, int | float)]
    thresholds = {int(found[1]) * 1000 for key in keys if (found := THRESHOLD.search(key))}
    for stretch in entry.get("tiered_pricing") or []:
        if isinstance(stretch, dict) and "range" in stretch and stretch["range"][0]:
            thresholds.add(int(stretch["range"][0]))
    tiers = {found[1] for key in keys if (found := TIER_OF_KEY.search(key))}
    if "fast" in (entry.get("provider_specific_entry") or {}):
        tiers.add("fast")
    return Model(
        peer="litellm",
        provider=None,
        name=name,
        shape=litellm_shape(name, entry),
        thresholds=sorted(thresholds),
        tiers=sorted(tiers),
        regions=litellm_regions(entry),
        # Off-peak hours are a matter of the day of the week too: a Sunday, and a Wednesday.
        moments=[f"2026-11-{day}T{hour:02}:30:00Z" for day in (18, 22) for hour in (2, 8, 17, 23)]
        if "off_peak_pricing" in entry
        else [],
        has_audio="input_cost_per_audio_token" in entry,
        has_output_audio="output_cost_per_audio_token" in entry,
        has_image="input_cost_per_image_token" in entry,
        has_output_image="output_cost_per_image_token" in entry,
        splits_12h=splits_12h(entry),
        has_rates="input_cost_per_token" in entry or "tiered_pricing" in entry,
        counts_written=entry.get("mode") in ANSWERS,
        answers=entry.get("mode") in ANSWERS or bool(entry.get("output_cost_per_token")),
    )


def litellm_shape(name: str, entry: Json) -> str:
    provider = str(entry.get("litellm_provider", ""))
    if entry.get("mode") == "embedding":
        return "openai_chat"
    if provider in ("anthropic", "vertex_ai-anthropic_models") or "claude_platform" in name:
        return "anthropic"
    if provider == "gemini" or (provider.startswith("vertex_ai") and "gemini" in name):
        return "gemini"
    if provider.startswith("bedrock") and provider != "bedrock_mantle":
        return "bedrock"
    if provider == "deepseek":
        return "deepseek_chat"
    if provider == "xai":
        return "xai_chat"
    is_responses = entry.get("mode") == "responses" or splits_12h(entry)
    return "openai_responses" if is_responses else "openai_chat"


def splits_12h(entry: Json) -> bool:
    """Whether writes of twelve hours have a rate of their own: OpenAI tells them in responses."""
    return "cache_creation_input_token_cost_above_12hr" in entry


def litellm_regions(entry: Json) -> list[str]:
    regions = [
        region
        for region in ("eu", "us")
        if f"regional_processing_uplift_multiplier_{region}" in entry
    ]
    if "regional_endpoint_uplift_multiplier" in entry:
        regions += ["us-east5", "global"]
    if "us" in (entry.get("provider_specific_entry") or {}):
        regions += ["us", "global"]
    return regions


def pieces(name: str, meter: str, entry: Json) -> Iterator[Json]:
    """Cases of a model that is billed by the second, the page, the image, …"""
    chance = random.Random(f"{SEED}/litellm/pieces/{name}")
    for number in range(3):
        most = {"images": 10, "output_seconds": 10, "searches": 1}.get(meter, 3000)
        count = chance.randint(1, most)
        yield {
            "id": f"litellm:{name}:{meter}{number}",
            "peer": "litellm",
            "kind": str(entry["mode"]),
            "model": name,
            "shape": "meters",
            "meters": {meter: count},
            "at": AT,
        }


# genai-prices' data.


def genai_cases(providers: list[Json]) -> Iterator[Json]:
    for provider in providers:
        for model in provider["models"]:
            yield from genai_model(provider, model)


#: genai-prices' keys for what is not billed by tokens: the meter, and its own unit's name.
GENAI_PIECES = {
    "input_mchars": ("characters", "input_characters"),
    "audio_hours": ("seconds", "audio_seconds"),
    "input_audio_hours": ("input_seconds", "input_audio_seconds"),
    "input_document_kpages": ("pages", "input_document_pages"),
}


def genai_pieces(provider: Json, model: Json, keys: set[str]) -> Iterator[Json]:
    chance = random.Random(f"{SEED}/genai/pieces/{provider['id']}/{model['id']}")
    for key in sorted(keys & GENAI_PIECES.keys()):
        meter, unit = GENAI_PIECES[key]
        count = chance.randint(10, 3000)
        yield {
            "id": f"genai:{provider['id']}/{model['id']}:{meter}",
            "peer": "genai",
            "kind": "pieces",
            "provider": provider["id"],
            "model": name_of(model),
            "listing": model["id"],
            "shape": "meters",
            "meters": {meter: count},
            # Of a part of a whole genai-prices wants the whole, too.
            "units": {unit: count} | ({"audio_seconds": count} if "audio" in unit else {}),
            "at": AT,
        }


#: The shape of a provider whose extractor would read several.
GENAI_SHAPES = {
    "anthropic": "anthropic",
    "aws": "bedrock",
    "deepseek": "deepseek_chat",
    "google": "gemini",
    "x-ai": "xai_chat",
}
#: A usage with everything in it, to see what an extractor reads.
FULL = Parts(**{part.name: 1 for part in fields(Parts)})


@dataclass(frozen=True)
class Extractor:
    """What reads a provider's answer at genai-prices, and the shape that it reads."""

    shape: str
    flavor: str | None
    counts: frozenset[str]


def extractor_of(provider: Json) -> Extractor:
    """The first extractor that reads one of our shapes; the provider's own shape before others."""
    wanted = GENAI_SHAPES.get(str(provider["id"]))
    extractors = provider.get("extractors") or []
    by_flavor = sorted(extractors, key=lambda each: each.get("api_flavor", "default") != "chat")
    if wanted == "anthropic":
        by_flavor.reverse()
    for shape in sorted(SHAPES, key=lambda name: name != wanted):
        for extractor in by_flavor:
            root = "usageMetadata" if shape == "gemini" else "usage"
            mappings = extractor["mappings"]
            usage = SHAPES[shape](FULL)
            found = [each for each in mappings if has_path(usage, each["path"])]
            reads_all = all(each in found for each in mappings if each.get("required", True))
            if extractor["root"] == root and reads_all:
                counts = frozenset(each["dest"] for each in found)
                return Extractor(shape, extractor.get("api_flavor", "default"), counts)
    everything = {
        "cache_read_tokens",
        "cache_write_tokens",
        "input_audio_tokens",
        "output_audio_tokens",
    }
    return Extractor("openai_chat", None, frozenset(everything))


def has_path(usage: Any, path: Any) -> bool:
    for step in [path] if isinstance(path, str) else path:
        if isinstance(step, dict) and isinstance(usage, list):
            items = [item for item in usage if matches(step["match"], item[step["field"]])]
            usage = items[0] if items else None
        elif isinstance(usage, dict) and step in usage:
            usage = usage[step]
        else:
            return False
    return usage is not None


def genai_model(provider: Json, model: Json) -> Iterator[Json]:
    prices = model["prices"]
    conditional = prices if isinstance(prices, list) else [{"prices": prices}]
    variants = model.get("price_variants") or []
    tables = [price["prices"] for price in [*conditional, *variants]]
    keys = {key for table in tables for key in table}
    if keys and "input_mtok" not in keys:
        yield from genai_pieces(provider, model, keys)
        return
    thresholds = {
        tier["start"]
        for table in tables
        for price in table.values()
        if isinstance(price, dict)
        for tier in price["tiers"]
    }
    constraints = [price.get("constraint") or {} for price in [*conditional, *variants]]
    moments = sorted({at for constraint in constraints for at in around(constraint) if at < AT})
    extractor = extractor_of(provider)
    yield from Model(
        peer="genai",
        provider=str(provider["id"]),
        name=name_of(model),
        listing=str(model["id"]),
        shape=extractor.shape,
        flavor=extractor.flavor,
        thresholds=sorted(thresholds),
        tiers=sorted(json.dumps(when) for variant in variants if is_tier(when := variant["when"])),
        moments=moments,
        has_rates=bool(keys),
        counts_cached="cache_read_tokens" in extractor.counts,
        counts_written="cache_write_tokens" in extractor.counts,
        counts_reasoning="output_reasoning_tokens" in extractor.counts,
        has_audio="input_audio_mtok" in keys and "input_audio_tokens" in extractor.counts,
        has_output_audio="output_audio_mtok" in keys and "output_audio_tokens" in extractor.counts,
        answers="output_mtok" in keys,
    ).cases()


def is_tier(when: Json) -> bool:
    """Whether a variant is for a service tier; a route or a kind of search is no tier."""
    return len(when) == 1 and when.keys() <= {"processing", "service_tier", "speed"}


def name_of(model: Json) -> str:
    """A name that means the model: its id, or the first that its own pattern takes."""
    pattern = model["match"]
    names = [str(model["id"]), *literals(pattern)]
    return next((name for name in names if matches(pattern, name)), names[0])


def literals(pattern: Any) -> Iterator[str]:
    """The names that a pattern spells out."""
    [(kind, value)] = pattern.items()
    if kind in ("or", "and"):
        for part in value:
            yield from literals(part)
    elif kind in ("equals", "starts_with", "ends_with", "contains"):
        yield value


def matches(pattern: Any, name: str) -> bool:
    """Whether a pattern of genai-prices takes a name."""
    [(kind, value)] = pattern.items()
    match kind:
        case "or":
            return any(matches(part, name) for part in value)
        case "and":
            return all(matches(part, name) for part in value)
        case "equals":
            return name == str(value)
        case "starts_with":
            return name.startswith(str(value))
        case "ends_with":
            return name.endswith(str(value))
        case "contains":
            return value in name
        case "regex":
            return re.search(value, name) is not None
    raise ValueError(f"unknown kind of pattern: {kind}")


def around(constraint: Json) -> Iterator[str]:
    """The moments at which a constraint begins or ends to hold, and those just before."""
    if date := constraint.get("start_date"):
        yield f"{date}T00:00:00Z"
        yield f"{day_before(str(date))}T23:59:59Z"
    for bound in ("start_time", "end_time"):
        if time := constraint.get(bound):
            hours, minutes = str(time).split(":")[:2]
            yield f"2026-11-22T{hours}:{minutes}:00Z"


def day_before(date: str) -> str:
    return str(datetime.date.fromisoformat(date) - datetime.timedelta(days=1))


def event(case: Json) -> Json:
    """The case as a usage event."""
    names = ("id", "at", "provider", "model", "usage", "meters", "region")
    of_case = {name: case[name] for name in names if name in case}
    tier = str(case.get("tier", ""))
    # Anthropic's usage itself says how fast, and where.
    if "speed" in case.get("usage", {}):
        return of_case
    if "inference_geo" in case.get("usage", {}):
        del of_case["region"]
    if tier.startswith("{"):
        [tier] = json.loads(tier).values()
    if tier in ("batch", "batches"):
        of_case["batch"] = True
    elif tier:
        of_case["service_tier"] = tier
    return of_case


def write_line(file: TextIO, value: Json) -> None:
    file.write(json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n")


def main() -> None:
    """Writes the cases and events of both peers."""
    folder = Path(sys.argv[1])
    draw: dict[str, Callable[[Any], Iterator[Json]]]
    draw = {"litellm": litellm_cases, "genai": genai_cases}
    with (folder / "cases.jsonl").open("w") as cases:
        for peer, drawn in draw.items():
            data = json.loads((folder / f"{peer}.json").read_text())
            with (folder / f"{peer}.events.jsonl").open("w") as events:
                for case in drawn(data):
                    write_line(cases, case)
                    write_line(events, event(case))


if __name__ == "__main__":
    main()
