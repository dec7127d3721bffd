//! How long a burst of a thousand small events takes to go through.

use std::collections::VecDeque;

use bytes::Bytes;
use centime_providers::wire::Endpoint;
use centime_providers::wire::pass::{Framing, Rules, StreamPass};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

const EVENTS: usize = 1000;

/// The chunks that a burst comes in.
fn chunks(event: &str, length: usize) -> Vec<Bytes> {
    let stream = Bytes::from(event.repeat(EVENTS));
    let starts = (0..stream.len()).step_by(length);
    starts.map(|start| stream.slice(start..stream.len().min(start + length))).collect()
}

fn burst(
    bencher: Bencher<'_, '_>,
    endpoint: Endpoint,
    event: &str,
    is_usage_ours: bool,
    length: usize,
) {
    let chunks = chunks(event, length);
    let rules = Rules { endpoint, framing: Framing::Events, is_usage_ours, has_usage_cost: false };
    let mut out = VecDeque::with_capacity(4 * EVENTS);
    bencher.counter(divan::counter::ItemsCount::new(EVENTS)).bench_local(|| {
        let mut pass = StreamPass::new(rules);
        for chunk in &chunks {
            pass.push(black_box(chunk.clone()), &mut out);
            black_box(&out);
            out.clear();
        }
        pass.finish(&mut out);
        out.clear();
        pass.end()
    });
}

const CHAT: &str = "data: {\"id\":\"chatcmpl-CQ2x7Yb1\",\"object\":\"chat.completion.chunk\",\"created\":1793534400,\"model\":\"gpt-5-2025-08-07\",\"service_tier\":\"default\",\"system_fingerprint\":null,\"choices\":[{\"index\":0,\"delta\":{\"content\":\" kettle\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null,\"obfuscation\":\"Yx3f\"}\n\n";
const PLAIN: &str = "data: {\"id\":\"chatcmpl-CQ2x7Yb1\",\"object\":\"chat.completion.chunk\",\"created\":1793534400,\"model\":\"gpt-5-2025-08-07\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" kettle\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n";
const MESSAGES: &str = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\" kettle\"}}\n\n";

#[divan::bench(args = [4096, 16384])]
fn chat(bencher: Bencher<'_, '_>, length: usize) {
    burst(bencher, Endpoint::ChatCompletions, PLAIN, false, length);
}

#[divan::bench(args = [4096, 16384])]
fn chat_with_usage_taken_out(bencher: Bencher<'_, '_>, length: usize) {
    burst(bencher, Endpoint::ChatCompletions, CHAT, true, length);
}

#[divan::bench(args = [4096, 16384])]
fn messages(bencher: Bencher<'_, '_>, length: usize) {
    burst(bencher, Endpoint::AnthropicMessages, MESSAGES, false, length);
}

/// One event a chunk, as a paced stream comes.
#[divan::bench]
fn chat_paced(bencher: Bencher<'_, '_>) {
    burst(bencher, Endpoint::ChatCompletions, PLAIN, false, PLAIN.len());
}
