"""Prices drawn cases with a peer's own public functions: one JSON line an answer.

The usage goes through the peer's own reading of it, where it has one for the shape, and through its
own calculation. An answer is `{"id", "cost"}`, the cost as the text of a decimal, or `{"id",
"error"}` where the peer has none.

Usage: peers.py litellm|genai FOLDER

The folder has the peer's data (`litellm.json` or `genai.json`), which must be what its package
holds, and the cases (`cases.jsonl`); the answers go into it.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

# Read at LiteLLM's import: it must not fetch a newer map.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

Case = dict[str, Any]
#: What prices a case: dollars, or an exception where the peer has no answer.
Pricer = Callable[[Case], Decimal]


def litellm_pricer() -> Pricer:
    """LiteLLM, with the map of its package."""
    import litellm
    from litellm._internal_context import pinned_billing_time
    from litellm.litellm_core_utils.llm_cost_calc.utils import CostCalculatorUtils
    from litellm.llms.anthropic.chat.transformation import AnthropicConfig
    from litellm.llms.base_llm.ocr.transformation import OCRPage, OCRResponse, OCRUsageInfo
    from litellm.llms.bedrock.chat.converse_transformation import AmazonConverseConfig
    from litellm.llms.vertex_ai.gemini.vertex_and_google_ai_studio_gemini import VertexGeminiConfig
    from litellm.responses.utils import ResponseAPILoggingUtils
    from litellm.types.utils import ImageObject, ImageResponse, Usage

    litellm.suppress_debug_info = True

    readers: dict[str, Callable[[Any], Usage]] = {
        "openai_chat": lambda usage: Usage(**usage),
        "deepseek_chat": lambda usage: Usage(**usage),
        "xai_chat": lambda usage: Usage(**usage),
        "openai_responses": ResponseAPILoggingUtils.transform_response_api_usage_to_chat_usage,
        "anthropic": lambda usage: AnthropicConfig().calculate_usage(usage, None),
        "gemini": lambda usage: VertexGeminiConfig.calculate_usage({"usageMetadata": usage}),
        "bedrock": lambda usage: AmazonConverseConfig().transform_usage(usage),
    }

    def provider_of(model: str) -> str:
        provider = str(litellm.model_cost[model].get("litellm_provider", ""))
        return litellm_provider(provider)

    def by_tokens(case: Case) -> Any:
        usage = dict(case["usage"])
        terms: dict[str, Any] = {}
        region = case.get("region")
        tier = case.get("tier")
        provider = provider_of(case["model"])
        if region and provider == "vertex_ai":
            terms["vertex_location"] = region
        elif region and "inference_geo" not in usage:
            terms["data_residency"] = region
        if tier == "batches":
            terms["call_type"] = "aretrieve_batch"
        elif tier and "speed" not in usage:
            terms["service_tier"] = tier
        return litellm.cost_per_token(
            model=case["model"],
            custom_llm_provider=provider,
            usage_object=readers[case["shape"]](usage),
            **terms,
        )

    def by_pieces(case: Case) -> Any:
        [(meter, count)] = case["meters"].items()
        model, provider = case["model"], provider_of(case["model"])
        terms: dict[str, Any]
        match case["kind"]:
            case "audio_transcription":
                terms = {
                    "audio_transcription_file_duration": float(count),
                    "call_type": "transcription",
                }
            case "audio_speech":
                terms = {"prompt_characters": count, "call_type": "speech"}
            case "rerank":
                units = {"search_units": count, "total_tokens": None}
                terms = {"rerank_billed_units": units, "call_type": "rerank"}
            case "search":
                terms = {"number_of_queries": count, "call_type": "search"}
            case "ocr":
                info = OCRUsageInfo(pages_processed=count)
                pages = [OCRPage(index=0, markdown="")]
                response = OCRResponse(pages=pages, model=model, usage_info=info, object="ocr")
                terms = {"response": response, "call_type": "ocr"}
            case "image_generation":
                images = ImageResponse(data=[ImageObject(url="") for _ in range(count)])
                return CostCalculatorUtils.route_image_generation_cost_calculator(
                    model=model, completion_response=images, custom_llm_provider=provider, n=count
                ), 0.0
            case "video_generation":
                return litellm.cost_calculator.default_video_cost_calculator(
                    model=model, custom_llm_provider=provider, duration_seconds=float(count)
                ), 0.0
            case kind:
                raise NotImplementedError(f"{kind} by {meter}")
        return litellm.cost_per_token(model=model, custom_llm_provider=provider, **terms)

    def price(case: Case) -> Decimal:
        with pinned_billing_time(datetime.fromisoformat(case["at"])):
            prompt, answer = by_pieces(case) if "meters" in case else by_tokens(case)
        # `repr` is the shortest text that means the same double.
        return Decimal(repr(float(prompt))) + Decimal(repr(float(answer)))

    return price


def litellm_provider(provider: str) -> str:
    """The provider as callers name it: the map splits some by the make of their models."""
    named = {
        "bedrock_converse": "bedrock",
        "fireworks_ai-embedding-models": "fireworks_ai",
    }
    return "vertex_ai" if provider.startswith("vertex_ai-") else named.get(provider, provider)


def genai_pricer() -> Pricer:
    """genai-prices, with the data of its package."""
    import genai_prices
    from genai_prices.data_snapshot import get_snapshot

    warnings.simplefilter("error")
    snapshot = get_snapshot()
    providers = {provider.id: provider for provider in snapshot.providers}

    def usage_of(case: Case) -> genai_prices.Usage:
        if "units" in case:
            return genai_prices.Usage(**case["units"])
        # A provider without an extractor is asked by the counts themselves.
        if "flavor" not in case:
            return genai_prices.Usage(**genai_counts(case["usage"]))
        answer = {"usageMetadata" if case["shape"] == "gemini" else "usage": case["usage"]}
        provider = providers[case["provider"]]
        _, usage = provider.extract_usage(answer, api_flavor=case["flavor"])
        return usage

    def price(case: Case) -> Decimal:
        context = json.loads(case["tier"]) if str(case.get("tier", "")).startswith("{") else None
        if case.get("tier") and context is None:
            context = {"service_tier": case["tier"]}
        found = genai_prices.calc_price(
            usage_of(case),
            case["model"],
            provider_id=case["provider"],
            genai_request_timestamp=datetime.fromisoformat(case["at"]),
            price_context=context,
        )
        if found.model.id != case["listing"]:
            raise LookupError(f"it takes the name for its model {found.model.id!r}")
        return Decimal(found.total_price)

    return price


def genai_counts(usage: Case) -> dict[str, int]:
    """Counts of OpenAI's shape in genai-prices' words."""
    prompt, answer = (
        usage.get("prompt_tokens_details", {}),
        usage.get("completion_tokens_details", {}),
    )
    counts = {
        "input_tokens": usage["prompt_tokens"],
        "output_tokens": usage["completion_tokens"],
        "cache_read_tokens": prompt.get("cached_tokens"),
        "cache_write_tokens": prompt.get("cache_write_tokens"),
        "input_audio_tokens": prompt.get("audio_tokens"),
        "output_audio_tokens": answer.get("audio_tokens"),
        "output_reasoning_tokens": answer.get("reasoning_tokens"),
    }
    return {name: count for name, count in counts.items() if count is not None}


def check_data(peer: str, path: Path) -> None:
    """Ends the program where the data are not those of the peer's package."""
    if peer == "litellm":
        package = files("litellm").joinpath("model_prices_and_context_window_backup.json")
        is_same = package.read_bytes() == path.read_bytes()
    else:
        from genai_prices import data, types

        # The package has its data as Python: they must mean the same.
        published = json.loads(path.read_text(), parse_float=Decimal)
        is_same = types._providers_from_raw(published) == data.providers
    if not is_same:
        sys.exit(f"{path} is not what the package of {peer} holds")


PEERS: dict[str, Callable[[], Pricer]] = {"litellm": litellm_pricer, "genai": genai_pricer}


def main() -> None:
    """Answers the cases of one peer, and passes over those of the other."""
    peer, folder = sys.argv[1], Path(sys.argv[2])
    check_data(peer, folder / f"{peer}.json")
    price = PEERS[peer]()
    with (
        (folder / "cases.jsonl").open() as cases,
        (folder / f"{peer}.answers.jsonl").open("w") as out,
    ):
        for line in cases:
            case = json.loads(line)
            if case["peer"] != peer:
                continue
            answer: dict[str, str] = {"id": case["id"]}
            try:
                answer["cost"] = f"{price(case):f}"
            except Exception as error:
                # Whatever it says, it has no answer.
                answer["error"] = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            out.write(json.dumps(answer, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
