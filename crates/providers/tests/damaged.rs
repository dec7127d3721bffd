//! Damaged answers: each is refused with the field that is wrong, none is read as something else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]

use centime_providers::{read_answer, read_usage};

#[test]
fn damage_is_named() {
    for (usage, expected) in [
        (
            r#"{}"#,
            "`usage`: is empty, which no known provider's usage looks like; send `meters` instead",
        ),
        (
            r#"{"tokens":5}"#,
            "`usage`: has only `tokens`, which no known provider's usage looks like; send `meters` instead",
        ),
        (r#"[]"#, "`usage`: expected a usage object, found an array"),
        (r#"5"#, "`usage`: expected a usage object, found a number"),
        (r#"{"prompt_tokens":-5}"#, "`usage.prompt_tokens`: -5 is negative; expected zero or more"),
        (
            r#"{"prompt_tokens":1.5}"#,
            "`usage.prompt_tokens`: 1.5 is not whole; expected a whole number",
        ),
        (
            r#"{"prompt_tokens":"5"}"#,
            "`usage.prompt_tokens`: expected a whole number, found a string",
        ),
        (
            r#"{"prompt_tokens":true}"#,
            "`usage.prompt_tokens`: expected a whole number, found true or false",
        ),
        (
            r#"{"prompt_tokens":{}}"#,
            "`usage.prompt_tokens`: expected a whole number, found an object",
        ),
        (r#"{"prompt_tokens":1e400}"#, "`usage.prompt_tokens`: `1e400` is too large"),
        (
            r#"{"prompt_tokens":9223372036854775808}"#,
            "`usage.prompt_tokens`: `9223372036854775808` is too large",
        ),
        (
            r#"{"prompt_tokens":1,"prompt_tokens":2}"#,
            "`usage.prompt_tokens`: is there twice; send it once",
        ),
        (
            r#"{"prompt_tokens":10,"prompt_tokens_details":{"cached_tokens":11}}"#,
            "`usage.prompt_tokens_details.cached_tokens`: 11 is more than `prompt_tokens`, 10, which it is part of",
        ),
        (
            r#"{"prompt_tokens":10,"prompt_tokens_details":{"audio_tokens":6,"image_tokens":6}}"#,
            "`usage.prompt_tokens`: 10 is less than its parts, which add up to 12",
        ),
        (
            r#"{"prompt_tokens":10,"prompt_tokens_details":[]}"#,
            "`usage.prompt_tokens_details`: expected an object, found an array",
        ),
        (
            r#"{"completion_tokens":10,"completion_tokens_details":{"reasoning_tokens":11}}"#,
            "`usage.completion_tokens_details.reasoning_tokens`: 11 is more than `completion_tokens`, 10, which it is part of",
        ),
        (
            r#"{"completion_tokens":10,"completion_tokens_details":{"reasoning_tokens":6,"audio_tokens":6}}"#,
            "`usage.completion_tokens`: 10 is less than its parts, which add up to 12",
        ),
        (
            r#"{"prompt_tokens":1,"cost":"free"}"#,
            "`usage.cost`: expected an amount in US dollars, found a string",
        ),
        (
            r#"{"prompt_tokens":1,"cost":-0.1}"#,
            "`usage.cost`: -0.1 is negative; expected zero or more",
        ),
        (r#"{"prompt_tokens":1,"cost":1e10}"#, "`usage.cost`: `1e10` is too large"),
        (
            r#"{"input_tokens":1,"cache_creation_input_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":3}}"#,
            "`usage.cache_creation_input_tokens`: 5 is less than the split of it in `cache_creation`",
        ),
        (
            r#"{"input_tokens":1,"cache_creation_input_tokens":5,"cache_creation":{"ephemeral_1h_input_tokens":6}}"#,
            "`usage.cache_creation.ephemeral_1h_input_tokens`: 6 is more than `cache_creation_input_tokens`, 5, which it is part of",
        ),
        (
            r#"{"input_tokens":10,"input_token_details":{"cached_tokens":5,"cached_tokens_details":{"audio_tokens":6,"image_tokens":4}}}"#,
            "`usage.input_tokens`: 10 is less than its parts, which add up to 10",
        ),
        (
            r#"{"promptTokenCount":10,"cachedContentTokenCount":11}"#,
            "`usage.cachedContentTokenCount`: 11 is more than `promptTokenCount`, 10, which it is part of",
        ),
        (
            r#"{"promptTokenCount":10,"promptTokensDetails":[5]}"#,
            "`usage.promptTokensDetails`: expected an array of objects, found a number",
        ),
        (
            r#"{"promptTokenCount":10,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":-1}]}"#,
            "`usage.promptTokensDetails.tokenCount`: -1 is negative; expected zero or more",
        ),
        (
            r#"{"inputTokens":1,"cacheWriteInputTokens":1,"cacheDetails":[{"ttl":"1h","inputTokens":1},{"ttl":"1h","inputTokens":1}]}"#,
            "`usage.cacheWriteInputTokens`: 1 is less than its parts in `cacheDetails`",
        ),
        (
            r#"{"inputTokens":9223372036854775807,"cacheReadInputTokens":9223372036854775807}"#,
            "`usage`: `input` is too large",
        ),
        (
            r#"{"total_tokens":10,"thinking_tokens":4}"#,
            "`usage.thinking_tokens`: stands beside `total_tokens`, as no known provider's does; send `meters` instead",
        ),
        (
            r#"{"total_input_tokens":10,"grounding_tool_count":[{"type":"google_books","count":1}]}"#,
            "`usage.groundingToolCount.type`: `google_books` is no tool that is known here",
        ),
        (
            r#"{"billed_units":null}"#,
            "`usage.billed_units`: is empty, so that nothing says what is charged",
        ),
        (
            r#"{"input_tokens":1,"iterations":[{"type":"advisor_message","model":"claude-opus-4-6","input_tokens":9}]}"#,
            "`usage.iterations`: has tokens of an advisor, `claude-opus-4-6`, at its own price; send an event for each model",
        ),
        (
            r#"{"prompt_tokens":10,"num_cached_tokens":11}"#,
            "`usage.num_cached_tokens`: 11 is more than `prompt_tokens`, 10, which it is part of",
        ),
        (
            r#"{"input_tokens":10,"image_tokens":11}"#,
            "`usage.image_tokens`: 11 is more than `input_tokens`, 10, which it is part of",
        ),
        (
            r#"{"pages_processed":"29"}"#,
            "`usage.pages_processed`: expected a number, found a string",
        ),
        (r#"{"prompt_tokens":NaN}"#, "expected a value at byte 17"),
        (r#"{"prompt_tokens":1"#, "the text ends too early at byte 18"),
    ] {
        let error = read_usage(usage).expect_err(usage);
        assert_eq!(error.to_string(), expected, "{usage}");
    }
}

#[test]
fn damage_of_a_whole_answer_is_named() {
    for (answer, expected) in [
        ("", "the text ends too early at byte 0"),
        ("{}", "`usage`: there is none in the answer"),
        (r#"{"usage":null}"#, "`usage`: there is none in the answer"),
        (r#"{"error":null}"#, "`usage`: there is none in the answer"),
        ("[]", "`usage`: there is none in the answer"),
        ("7", "expected an answer, found a number"),
        (r#"{"usage":[]}"#, "`usage`: expected an object, found an array"),
        (
            r#"{"usage":{"prompt_tokens":1},"usage":{"prompt_tokens":2}}"#,
            "`usage`: is there twice; send it once",
        ),
        (
            r#"{"response":{"usage":{"input_tokens":"1"}}}"#,
            "`response.usage.input_tokens`: expected a whole number, found a string",
        ),
        (
            r#"{"choices":[],"usage":{"total_tokens":100}}"#,
            "`usage`: has only `total_tokens`, which do not say what was read and what was written; send `meters` instead",
        ),
        (
            r#"{"predictions":[{"embeddings":{"values":[]}}]}"#,
            "`predictions`: say neither tokens, characters nor images; send `meters`",
        ),
        (
            r#"{"model_id":"ibm/granite","results":[{"generated_text":""}]}"#,
            "`results`: count no tokens; send `meters` instead",
        ),
        (
            r#"{"object":"video","status":"queued","seconds":"8"}"#,
            "`status`: the film is not made yet: nothing is charged",
        ),
        (
            r#"{"object":"video","status":"completed","seconds":"long"}"#,
            "`seconds`: `long` is not a decimal number",
        ),
        (
            r#"{"metadata":{"request_id":"1","duration":9e18,"channels":2}}"#,
            "`metadata.channels`: 2 is too large",
        ),
        (
            r#"{"delta":{"usage":{"billed_units":{"input_tokens":-1}}}}"#,
            "`delta.usage.billed_units.input_tokens`: -1 is negative; expected zero or more",
        ),
        // What only looks like one of these is none of them.
        (
            r#"{"meta":{"billed":1},"metrics":[],"extra_info":"x"}"#,
            "`usage`: there is none in the answer",
        ),
        (r#"{"data":[{"id":"gpt-5","object":"model"}]}"#, "`usage`: there is none in the answer"),
        (r#"{"id":"mod-1","results":[{"flagged":true}]}"#, "`usage`: there is none in the answer"),
        (
            r#"{"usageMetadata":{"promptTokenCount":0.5}}"#,
            "`usageMetadata.promptTokenCount`: 0.5 is not whole; expected a whole number",
        ),
    ] {
        let error = read_answer(answer).expect_err(answer);
        assert_eq!(error.to_string(), expected, "{answer}");
    }
}
