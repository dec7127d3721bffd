//! What a person is told when the demonstration is ready.

use std::net::SocketAddr;

use crate::app::App;
use crate::output;

/// Says where to point each SDK, and a call that works at once.
pub(super) fn print(app: &App, address: SocketAddr, events: usize) {
    let base = format!("http://{address}");
    let ledger = app.database();
    output::say(format_args!(
        "\
Centime demo: a simulated provider, {events} calls of the last month, no key needed.

  OpenAI      export OPENAI_BASE_URL={base}/v1 OPENAI_API_KEY=demo
  Anthropic   export ANTHROPIC_BASE_URL={base} ANTHROPIC_API_KEY=demo
  Google      export GEMINI_BASE_URL={base} GEMINI_API_KEY=demo

A call:

  curl -i {base}/v1/chat/completions -H 'content-type: application/json' \\
    -d '{{\"model\":\"gpt-5-mini\",\"messages\":[{{\"role\":\"user\",\"content\":\"Hello!\"}}]}}'

What was spent:

  centime report models --db {ledger}
  centime report daily --since 30d --db {ledger}

Ctrl-C ends it."
    ));
}
