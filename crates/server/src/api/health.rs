//! `/healthz` and `/readyz`: whether the process lives, and whether it can do its work.

use std::sync::Arc;

use centime_ledger::LedgerError;
use http::StatusCode;
use serde_json::json;

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

/// Why a ledger cannot be written, for those who are not told where it is.
pub(super) fn reason(error: &LedgerError) -> &'static str {
    match error {
        LedgerError::Open { .. } => "the ledger cannot be opened",
        LedgerError::ReadOnly { .. } => "the ledger is read-only",
        LedgerError::Full { .. } => "the disk of the ledger is full",
        LedgerError::Locked { .. } => "the ledger is locked by another program",
        LedgerError::Damaged { .. } => "the ledger is damaged",
        LedgerError::Newer { .. } => "the ledger was written by a newer Centime",
        LedgerError::Refused { .. } | LedgerError::Other { .. } => "the ledger cannot be written",
    }
}
