"""Asks what `scenarios.json` asks with the official SDKs for Python, and prints what they said.

    python run.py --base http://127.0.0.1:4010

One line of JSON a scenario: its name, and what came of it: `said`, the SDK's object (of a stream, each
event) as the SDK writes it down itself, or `error`, told as a client would tell it.
"""

import argparse
import hashlib
import json
import pathlib

import anthropic
import openai
from google import genai
from google.genai import errors, types


def client(base, scenario):
    """The client of a scenario. Any key will do, but none of them goes without."""
    # By these the calls are found in a gateway's ledger.
    headers = {"x-centime-user": "python", "x-centime-session": scenario["name"]}
    if "fault" in scenario:
        headers["x-sim-fault"] = scenario["fault"]
    if scenario["sdk"] == "google":
        options = types.HttpOptions(base_url=base, headers=headers)
        return genai.Client(api_key="test", http_options=options)
    options = {"api_key": "sk-test", "max_retries": scenario.get("retries", 0)}
    options |= {"default_headers": headers, "timeout": scenario.get("timeout_s", 60)}
    if scenario["sdk"] == "openai":
        return openai.OpenAI(base_url=f"{base}/v1", **options)
    return anthropic.Anthropic(base_url=base, **options)


def ask(target, scenario):
    """Makes the call of a scenario and returns what it gave."""
    for name in scenario["call"].split("."):
        target = getattr(target, name)
    body = {name: with_files(value) for name, value in scenario["body"].items()}
    return target(**body)


def with_files(value):
    """A file of so many bytes, where one is to be sent."""
    if isinstance(value, dict) and set(value) == {"file", "bytes"}:
        return (value["file"], b"x" * value["bytes"])
    return value


def written(said):
    """An SDK's object as JSON, as its own dialect spells it."""
    if isinstance(said, str):
        return said
    if hasattr(said, "model_dump"):
        # The head of the answer says the time.
        head = {"sdk_http_response"} if "sdk_http_response" in type(said).model_fields else None
        return said.model_dump(
            mode="json", by_alias=True, exclude_unset=True, exclude=head, warnings=False
        )
    content = said.read()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def is_stream(said):
    return not hasattr(said, "model_dump") and hasattr(said, "__iter__") and not hasattr(said, "read")


def told(error):
    """An error: its status and what it says, or that the time was up, or the connection lost."""
    if isinstance(error, (openai.APITimeoutError, anthropic.APITimeoutError)):
        return {"kind": "timeout"}
    if isinstance(error, (openai.APIStatusError, anthropic.APIStatusError)):
        return {"kind": "status", "class": type(error).__name__, "status": error.status_code,
                "body": error.body}
    if isinstance(error, errors.APIError):
        return {"kind": "status", "class": type(error).__name__, "status": error.code,
                "body": error.details}
    # What a cut looks like is the HTTP library's own matter; what is none is a mistake of this file's.
    library = type(error).__module__.split(".")[0]
    is_lost = isinstance(error, (openai.APIConnectionError, anthropic.APIConnectionError))
    if is_lost or library in {"httpx2", "httpcore2", "requests", "urllib3"}:
        return {"kind": "cut"}
    raise error


def run(base, scenario):
    said = None
    # Google's closes its connection when nobody holds it any more.
    held = client(base, scenario)
    try:
        answer = ask(held, scenario)
        if isinstance(answer, str) or not is_stream(answer):
            return {"said": written(answer)}
        said = []
        for event in answer:
            said.append(written(event))
        return {"said": said}
    except Exception as error:  # noqa: BLE001: whatever it is, it is what the SDK said
        line = {"error": told(error)}
        return line if said is None else {"said": said, **line}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", required=True)
    base = parser.parse_args().base
    table = json.loads(pathlib.Path(__file__).with_name("scenarios.json").read_text())
    for scenario in table:
        line = {"name": scenario["name"], **run(base, scenario)}
        print(json.dumps(line, sort_keys=True), flush=True)


main()
