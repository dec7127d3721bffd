"""What the entries of a gateway's ledger must be, by what the SDKs were told through it.

A call has an entry for each time that it was tried. What an SDK was told that was used, its entry
says, meter by meter; beside it, or where nothing was told, a scenario says what was `spent`, or which
other one spent the same (`spent_like`), and whether the gateway had to count it (`counted`). A call that
was given up or cut off is counted; one that the provider refused cost nothing.
"""

from said import TABLE, read

# What asks no model.
FREE = {"models.list", "messages.count_tokens", "models.count_tokens"}
PROVIDERS = {"openai": "openai", "anthropic": "anthropic", "google": "gemini"}
# How an attempt ends, by what an SDK makes of it.
STATUSES = {None: "ok", "status": "error", "cut": "error", "timeout": "aborted"}


def conditions(said, entries):
    """What must hold, each with the language and the scenario it is about."""
    found = {}
    # The newest come first.
    for entry in reversed(entries):
        found.setdefault((entry["user"], entry["session"]), []).append(entry)
    by_name = {scenario["name"]: scenario for scenario in TABLE}

    def of(language, name):
        def holds():
            lines, entries = said[language], found.pop((language, name), [])
            agree(by_name, by_name[name], lines, entries)

        return language, name, holds

    def no_others():
        assert not found, f"entries of no call: {found}"

    calls = [of(language, name) for language, lines in said.items() for name in lines]
    return [*calls, ("ledger", "all", no_others)]


def agree(by_name, scenario, lines, entries):
    """Whether these are the entries of a call."""
    line = lines[scenario["name"]]
    kind = line.get("error", {}).get("kind")
    statuses = [] if scenario["call"] in FREE else [STATUSES[kind]]
    statuses = ["error"] * scenario.get("retries", 0) + statuses
    assert [entry["status"] for entry in entries] == statuses, entries
    for entry in entries:
        assert entry["key"] == "anonymous", entry
        assert entry["provider"] == PROVIDERS[scenario["sdk"]], entry
        assert entry["model"] == scenario["body"].get("model", ""), entry
        assert entry["missing"] == [] and entry["pricing_status"] == "priced", entry
    for entry in entries if kind == "status" else entries[:-1]:
        assert entry["meters"] == {} and entry["cost"] == 0, entry
    if not entries or kind == "status":
        return
    last = entries[-1]
    is_counted = kind is not None or scenario.get("counted", False)
    assert last["usage_source"] == ("estimated" if is_counted else "reported"), last
    if kind is None:
        expected = spent(by_name, scenario, lines)
        assert last["meters"] == expected, f"{last['meters']} is not {expected}"
        agree_in_cost(scenario, line, last)
    else:
        # The prompt went out; an answer came only where it was cut.
        assert last["input_tokens"] > 0 and last["cost"] > 0, last
        assert bool(last["output_tokens"]) == (kind == "cut"), last


def agree_in_cost(scenario, line, entry):
    """The SDK was told the cost where it asked a stream for its usage, and nowhere else."""
    usage = read(scenario, line)[3] or {}
    expected = entry["cost"] if "stream_options" in scenario["body"] else None
    assert usage.get("cost") == expected, f"{usage} has not the cost {expected}"


def spent(by_name, scenario, lines):
    """The meters that a call must have."""
    if "spent_like" in scenario:
        return spent(by_name, by_name[scenario["spent_like"]], lines)
    usage = read(scenario, lines[scenario["name"]])[3]
    meters = meters_of(usage, scenario["call"]) if usage else {}
    meters |= scenario.get("spent", {})
    return {name: quantity for name, quantity in meters.items() if quantity}


def meters_of(usage, call):
    """A usage object as disjoint meters, by the documentation of its interface."""
    if "promptTokenCount" in usage:
        return {"input": usage["promptTokenCount"],
                "output": usage.get("candidatesTokenCount", 0),
                "reasoning": usage.get("thoughtsTokenCount", 0)}
    if "seconds" in usage:
        return {"input_seconds": usage["seconds"]}
    if call == "messages.create":
        written = usage["cache_creation"]
        thought = (usage.get("output_tokens_details") or {}).get("thinking_tokens", 0)
        searches = (usage.get("server_tool_use") or {}).get("web_search_requests", 0)
        return {"input": usage["input_tokens"],
                "cache_read": usage["cache_read_input_tokens"],
                "cache_write_5m": written["ephemeral_5m_input_tokens"],
                "cache_write_1h": written["ephemeral_1h_input_tokens"],
                "output": usage["output_tokens"] - thought,
                "reasoning": thought,
                "web_search": searches}
    # OpenAI's: the chat, and all others, name them differently.
    input_side, output_side = "input_tokens", "output_tokens"
    if "prompt_tokens" in usage:
        input_side, output_side = "prompt_tokens", "completion_tokens"
    details = usage.get(f"{input_side}_details") or usage.get("input_token_details") or {}
    kinds = {"cache_read": details.get("cached_tokens", 0),
             "input_image": details.get("image_tokens", 0),
             "input_audio": details.get("audio_tokens", 0)}
    thought = (usage.get(f"{output_side}_details") or {}).get("reasoning_tokens", 0)
    answer = "output_image" if call.startswith("images.") else "output"
    return {"input": usage[input_side] - sum(kinds.values()), **kinds,
            answer: usage.get(output_side, 0) - thought, "reasoning": thought}
