"""Reads what the SDKs said: text, calls, end and usage, alike for every interface and for streams.

In a folder are the lines of `run.py` (`python.jsonl`) and of `run.mjs` (`node.jsonl`).
"""

import json
import pathlib

TABLE = json.loads(pathlib.Path(__file__).with_name("scenarios.json").read_text())
LANGUAGES = {"python": {"openai", "anthropic", "google"}, "node": {"openai", "anthropic"}}


def chat(said):
    """The text, calls, end and usage of a chat or a completion, whole or in chunks."""
    chunks = said if isinstance(said, list) else [said]
    texts, calls, ends = {}, {}, {}
    for choice in (choice for chunk in chunks for choice in chunk["choices"]):
        at, part = choice["index"], choice.get("message") or choice.get("delta") or choice
        texts[at] = texts.get(at, "") + (part.get("content") or part.get("text") or "")
        ends[at] = choice["finish_reason"] or ends.get(at)
        for nth, call in enumerate(part.get("tool_calls") or []):
            call_at = calls.setdefault((at, call.get("index", nth)), ["", ""])
            call_at[0] += call["function"].get("name") or ""
            call_at[1] += call["function"].get("arguments") or ""
    told = [chunk["usage"] for chunk in chunks if chunk.get("usage")]
    usage = told[-1] if told else None
    if usage:
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"], usage
        assert usage["prompt_tokens"] > 0 and usage["completion_tokens"] > 0, usage
    calls = [[name, json.loads(arguments)] for name, arguments in calls.values()]
    return list(texts.values()), calls, ends.get(0), usage


def response(said):
    """The same of a response: the last event of a stream has all of it."""
    if isinstance(said, list):
        numbers = [event["sequence_number"] for event in said]
        assert numbers == list(range(len(said))), "the events are not numbered through"
        deltas = [event["delta"] for event in said if event["type"] == "response.output_text.delta"]
        said = said[-1]["response"]
        assert "".join(deltas) == "".join(texts_of(said)), "the deltas are not the text"
    usage = said["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"], usage
    calls = [item for item in said["output"] if item["type"] == "function_call"]
    calls = [[call["name"], json.loads(call["arguments"])] for call in calls]
    return texts_of(said), calls, said["status"], usage


def texts_of(said):
    messages = [item for item in said["output"] if item["type"] == "message"]
    return [part["text"] for message in messages for part in message["content"]]


def message(said):
    """The same of a message, folded as Anthropic's clients do."""
    if isinstance(said, list):
        whole, blocks, parts = {}, [], {}
        for event in said:
            if event["type"] == "message_start":
                whole = {**event["message"]}
            elif event["type"] == "content_block_start":
                blocks.append({**event["content_block"]})
            elif event["type"] == "content_block_delta":
                block, delta = blocks[event["index"]], event["delta"]
                if delta["type"] == "input_json_delta":
                    at = event["index"]
                    parts[at] = parts.get(at, "") + delta["partial_json"]
                    block["input"] = parts[at]
                else:
                    name = delta["type"].removesuffix("_delta")
                    block[name] = block.get(name, "") + delta[name]
            elif event["type"] == "message_delta":
                whole["stop_reason"] = event["delta"]["stop_reason"]
                whole["usage"] = {**whole["usage"], **event["usage"]}
        for at, text in parts.items():
            blocks[at]["input"] = json.loads(text)
        whole["content"] = blocks
        said = whole
    usage = said["usage"]
    assert usage["input_tokens"] > 0 and usage["output_tokens"] > 0, usage
    return said["content"], [], said["stop_reason"], usage


def content(said):
    """The same of Gemini's answers; each chunk of a stream says what was used so far."""
    chunks = said if isinstance(said, list) else [said]
    parts, end, usage = {}, None, None
    for chunk in chunks:
        candidate, usage = chunk["candidates"][0], chunk["usageMetadata"]
        for part in candidate["content"].get("parts", []):
            key = "thought" if part.get("thought") else "text"
            if "text" in part:
                parts[key] = parts.get(key, "") + part["text"]
            else:
                parts.setdefault("calls", []).append(part["functionCall"])
        end = candidate.get("finishReason") or end
    sides = [usage.get(name, 0) for name in
             ("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount")]
    assert usage["totalTokenCount"] == sum(sides), usage
    return [parts.get("text", "")], parts, end, usage


READERS = {
    "chat.completions.create": chat,
    "completions.create": chat,
    "responses.create": response,
    "messages.create": message,
    "models.generate_content": content,
    "models.generate_content_stream": content,
}


def other(said):
    """What has no text: all of it."""
    usage = (said.get("usage") or said.get("usageMetadata")) if isinstance(said, dict) else None
    return said, [], None, usage


def read(scenario, line):
    """Text, calls, end and usage of what was said to a scenario."""
    return READERS.get(scenario["call"], other)(line["said"])


def lines_of(folder, language):
    path = folder / f"{language}.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    wanted = [one["name"] for one in TABLE if one["sdk"] in LANGUAGES[language]]
    names = [line["name"] for line in lines]
    assert names == wanted, f"{path} has not the scenarios of the table"
    return {line["name"]: line for line in lines}
