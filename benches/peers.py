"""Times Centime beside others that do the same, on the same data, in one run; prints ratios.

Usage: peers.py CENTIME FOLDER

`CENTIME` is the binary, `FOLDER` a place for the data, which are drawn here, the same each time.
Every figure is the fastest of some runs: other work on the machine only ever slows things down.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

# Read at LiteLLM's import: it must not fetch a newer map.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

Event = dict[str, Any]

#: What is asked of everybody who prices all of them.
EVENTS = 1_000_000
#: What is asked of the peers that would take minutes over all.
EVENTS_OF_PEERS = 4_000
RUNS = 3

MODELS = {
    "openai": ["gpt-4o", "gpt-4o-mini", "gpt-5", "gpt-5-mini", "o3"],
    "anthropic": ["claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-1"],
    "gemini": ["gemini-2.5-pro", "gemini-2.5-flash"],
    "deepseek": ["deepseek-chat"],
}


def events(count: int) -> Iterator[Event]:
    """Usage events as applications write them, with each provider's own usage object."""
    draw = random.Random(20261123)
    named = [(provider, model) for provider, models in MODELS.items() for model in models]
    for number in range(count):
        provider, model = draw.choice(named)
        prompt, answer = draw.randint(10, 20_000), draw.randint(1, 3_000)
        cached = draw.choice([0, prompt // 2])
        usage: Event
        match provider:
            case "anthropic":
                usage = {
                    "input_tokens": prompt - cached,
                    "cache_read_input_tokens": cached,
                    "cache_creation_input_tokens": 0,
                    "output_tokens": answer,
                }
            case "gemini":
                usage = {
                    "promptTokenCount": prompt,
                    "cachedContentTokenCount": cached,
                    "candidatesTokenCount": answer,
                    "totalTokenCount": prompt + answer,
                }
            case _:
                usage = {
                    "prompt_tokens": prompt,
                    "completion_tokens": answer,
                    "total_tokens": prompt + answer,
                    "prompt_tokens_details": {"cached_tokens": cached},
                }
        yield {
            "id": f"req-{number}",
            "at": f"2026-11-{draw.randint(1, 20):02}T{draw.randint(0, 23):02}:00:00Z",
            "provider": provider,
            "model": model,
            "usage": usage,
            "user": f"user-{draw.randint(1, 2000)}",
        }


def fastest(work: Callable[[], Any]) -> float:
    """Seconds of the fastest run."""
    took = []
    for _ in range(RUNS):
        started = time.perf_counter()
        work()
        took.append(time.perf_counter() - started)
    return min(took)


def row(name: str, per_second: float, unit: str, ours: float | None = None) -> None:
    """A line of the report; `ours` is Centime's figure for the same."""
    ratio = f"{ours / per_second:>8.1f} ×" if ours else ""
    print(f"{name:<44} {per_second:>14,.1f} {unit:<9} {ratio}")


def start(*command: str | Path) -> subprocess.Popen[bytes]:
    """Starts a command whose answer nobody reads."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CENTIME_")}
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(command, stdout=nowhere, stderr=nowhere, env=environment)


def run(*command: str | Path) -> None:
    """Runs a command to its end."""
    if start(*command).wait() != 0:
        sys.exit(f"{command} failed")


def peak_mebibytes(*command: str | Path) -> float:
    """The most memory that a command has, as the kernel counts it."""
    running = start(*command)
    peak = 0.0
    while running.poll() is None:
        status = Path(f"/proc/{running.pid}/status").read_text()
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                peak = int(line.split()[1]) / 1024
        time.sleep(0.02)
    return peak


def pricing(centime: Path, folder: Path) -> None:
    """Events to charges: Centime, the parser of JSON alone, and the peers' own functions."""
    path = folder / "events.jsonl"
    with path.open("w") as out:
        for event in events(EVENTS):
            out.write(json.dumps(event) + "\n")

    lines = path.read_text().splitlines()
    ours = EVENTS / fastest(lambda: run(centime, "price", "--jsonl", path))
    row("centime price --jsonl", ours, "events/s")

    def loads() -> None:
        for line in lines:
            json.loads(line)

    row("json.loads alone", EVENTS / fastest(loads), "events/s", ours)

    some = list(events(EVENTS_OF_PEERS))
    row("litellm.completion_cost", EVENTS_OF_PEERS / fastest(litellm_pricer(some)), "events/s", ours)
    row("genai_prices.calc_price", EVENTS_OF_PEERS / fastest(genai_pricer(some)), "events/s", ours)
    peak = peak_mebibytes(centime, "price", "--jsonl", path)
    print(f"{'memory of centime price --jsonl, at most':<44} {peak:>14,.1f} MiB")


def litellm_pricer(some: list[Event]) -> Callable[[], None]:
    """LiteLLM's function, over answers that were read beforehand."""
    import litellm
    from litellm.llms.anthropic.chat.transformation import AnthropicConfig
    from litellm.llms.vertex_ai.gemini.vertex_and_google_ai_studio_gemini import VertexGeminiConfig
    from litellm.types.utils import ModelResponse, Usage

    litellm.suppress_debug_info = True

    def usage_of(event: Event) -> Usage:
        match event["provider"]:
            case "anthropic":
                return AnthropicConfig().calculate_usage(event["usage"], None)
            case "gemini":
                return VertexGeminiConfig.calculate_usage({"usageMetadata": event["usage"]})
            case _:
                return Usage(**event["usage"])

    answers = [
        (ModelResponse(model=event["model"], usage=usage_of(event)), event["provider"])
        for event in some
    ]

    def work() -> None:
        for answer, provider in answers:
            litellm.completion_cost(answer, custom_llm_provider=provider)

    return work


def genai_pricer(some: list[Event]) -> Callable[[], None]:
    """genai-prices' reading of the usage, and its calculation."""
    import genai_prices
    from genai_prices.data_snapshot import get_snapshot

    providers = {provider.id: provider for provider in get_snapshot().providers}
    names = {"gemini": "google"}
    flavors = {"openai": "chat", "deepseek": "chat"}

    def work() -> None:
        for event in some:
            provider = names.get(event["provider"], event["provider"])
            key = "usageMetadata" if provider == "google" else "usage"
            answer = {"model": event["model"], key: event["usage"]}
            flavor = flavors.get(provider, "default")
            _, usage = providers[provider].extract_usage(answer, api_flavor=flavor)
            genai_prices.calc_price(
                usage,
                event["model"],
                provider_id=provider,
                genai_request_timestamp=datetime.fromisoformat(event["at"]),
            )

    return work


def counting(centime: Path, folder: Path) -> None:
    """Tokens of a text: Centime, less its start on a text of one word, and OpenAI's own library."""
    vocabularies = files("litellm").joinpath("litellm_core_utils/tokenizers")
    os.environ["TIKTOKEN_CACHE_DIR"] = str(vocabularies)
    import tiktoken

    texts = {
        "sources and prose": sources(),
        "many languages": MANY_LANGUAGES * (4_000_000 // len(MANY_LANGUAGES.encode())),
    }
    for name, text in texts.items():
        path = folder / "text.txt"
        path.write_text(text)
        megabytes = len(text.encode()) / 1e6
        for vocabulary, model in [("o200k_base", "gpt-4o"), ("cl100k_base", "gpt-4")]:
            price = (centime, "price", model, "--max-output", "1", "--prompt")
            encoding = tiktoken.get_encoding(vocabulary)
            # Both unpack the vocabulary first, which is no counting.
            encoding.encode_ordinary("word")
            word = folder / "word.txt"
            word.write_text("word")
            start = fastest(lambda: run(*price, word))
            ours = megabytes / (fastest(lambda: run(*price, path)) - start)
            row(f"centime, {vocabulary}, {name}", ours, "MB/s")
            theirs = megabytes / fastest(lambda: encoding.encode_ordinary(text))
            row(f"tiktoken, {vocabulary}, {name}", theirs, "MB/s", ours)


MANY_LANGUAGES = (
    "Der Wasserkocher kocht bei hundert Grad. L'eau bout à cent degrés, n'est-ce pas\u00a0? "
    "Вода кипит при ста градусах. 水在一百度沸腾。水は百度で沸騰します。물은 백 도에서 끓는다. "
    "الماء يغلي عند مئة درجة. पानी सौ डिग्री पर उबलता है। 🫖👩‍👩‍👧👋🏽\n\n"
)


def sources() -> str:
    """Text that nobody repeated: the sources of the peers' packages."""
    packages = [Path(str(files(name))) for name in ("litellm", "openai", "pydantic")]
    paths = sorted(path for package in packages for path in package.rglob("*.py"))
    text = ""
    for path in paths:
        text += path.read_text(encoding="utf-8", errors="replace")
        if len(text) > 12_000_000:
            break
    return text


def starting(centime: Path) -> None:
    """The first price of a fresh process."""
    took = fastest(lambda: run(centime, "price", "gpt-5", "--input", "100"))
    print(f"{'centime price, from start to exit':<44} {took * 1000:>14,.1f} ms")


def main() -> None:
    centime, folder = Path(sys.argv[1]), Path(sys.argv[2])
    starting(centime)
    pricing(centime, folder)
    counting(centime, folder)


if __name__ == "__main__":
    main()
