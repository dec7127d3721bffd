//! What a person is told when the gateway is ready.

use std::io::IsTerminal as _;
use std::net::SocketAddr;

use centime_engine::settings::Settings;

use crate::app::App;
use crate::output;

/// Says where to point applications; to a person, not to a log.
pub(super) fn print(app: &App, settings: &Settings, address: SocketAddr) {
    if !std::io::stderr().is_terminal() {
        return;
    }
    let base = format!("http://{address}");
    let providers: Vec<&str> = settings.providers.keys().map(String::as_str).collect();
    let providers = match providers.is_empty() {
        true => {
            "none: set OPENAI_API_KEY, ANTHROPIC_API_KEY or another, or [providers.NAME]".to_owned()
        }
        false => providers.join(", "),
    };
    output::note(&format!(
        "Centime listens at {base}\n\n  \
           ledger      {}\n  \
           providers   {providers}\n\n  \
           OPENAI_BASE_URL={base}/v1\n  \
           ANTHROPIC_BASE_URL={base}\n  \
           GEMINI_BASE_URL={base}\n",
        app.database(),
    ));
}
