//! `/healthz` and `/readyz`: whether the process lives, and whether it can do its work.

use std::sync::Arc;

use centime_answers::schema::{self, Kind};
use centime_ledger::LedgerError;
use http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Store};

/// It answers, so it lives.
pub(super) fn alive() -> Answer {
    super::json(StatusCode::OK, &json!({"status": "ok"}))
}

/// Whether what is done can be recorded.
pub(super) async fn ready(store: Arc<dyn Store>) -> Answer {
    let reason = match tokio::task::spawn_blocking(move || store.check_writable()).await {
        Ok(Ok(())) => return super::json(StatusCode::OK, &json!({"status": "ready"})),
        Ok(Err(error)) => reason(&error),
        Err(_) => "the program has a defect",
    };
    let document = json!({"status": "unready", "reason": reason});
    super::json(StatusCode::SERVICE_UNAVAILABLE, &document)
}

/// What is said where there is nothing better to say.
pub(super) const UNWRITABLE: &str = "the ledger cannot be written";

/// Why a ledger cannot be written, for those who are not told where it is.
pub(super) fn reason(error: &LedgerError) -> &'static str {
    match error {
        LedgerError::Open { .. } => "the ledger cannot be opened",
        LedgerError::ReadOnly { .. } => "the ledger is read-only",
        LedgerError::Full { .. } => "the disk of the ledger is full",
        LedgerError::Locked { .. } => "the ledger is locked by another program",
        LedgerError::Damaged { .. } => "the ledger is damaged",
        LedgerError::Newer { .. } => "the ledger was written by a newer Centime",
        LedgerError::Refused { .. } | LedgerError::Other { .. } => UNWRITABLE,
    }
}

/// What both answer.
pub(super) fn schema() -> Value {
    let status = json!({"type": "string", "enum": ["ok", "ready", "unready"]});
    let reason = schema::described(Kind::Text.schema(), "why the ledger cannot be written");
    schema::with_optional(schema::object("How it is.", [("status", status)]), [("reason", reason)])
}
