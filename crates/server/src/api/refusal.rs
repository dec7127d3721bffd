//! Why a question is not answered, and what its asker is told.

use centime_answers::Wrong;
use centime_answers::entries::Unnamed;
use centime_answers::prices::Unlisted;
use centime_core::price::format::FormatError;
use centime_ledger::LedgerError;
use http::header::RETRY_AFTER;
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use super::{Answer, Api, error, health};

/// Why a question is not answered.
#[derive(Debug)]
pub(super) enum Refused {
    /// A parameter is not what it must be.
    Wrong(Wrong),
    /// There is no such thing.
    Nothing(String),
    /// There are several of them.
    Several(String),
    /// The ledger cannot be read.
    Ledger(LedgerError),
    /// Too many ask.
    Busy,
    /// The prices cannot be read.
    Prices(FormatError),
    /// The program has a defect.
    Defect,
}

impl Refused {
    /// What the asker is told. Where the ledger is, is for operators alone.
    pub(super) fn answer(self, api: &Api, parts: &Parts) -> Answer {
        match self {
            Self::Wrong(wrong) => {
                let (parameter, message) = (Some(wrong.parameter.as_str()), &wrong.message);
                let (status, code) = (StatusCode::BAD_REQUEST, "invalid_parameter");
                super::error_about(parts, status, code, message, parameter)
            }
            Self::Nothing(message) => error(parts, StatusCode::NOT_FOUND, "not_found", &message),
            Self::Several(message) => error(parts, StatusCode::CONFLICT, "ambiguous", &message),
            Self::Ledger(failed) => {
                api.log.event("query_failed", &[("why", &failed.to_string())]);
                let message = match health::reason(&failed) {
                    health::UNWRITABLE => "the ledger cannot be read",
                    reason => reason,
                };
                let message = format!("{message}; try again when its operator has seen to it");
                error(parts, StatusCode::SERVICE_UNAVAILABLE, "ledger_unavailable", &message)
            }
            Self::Prices(damaged) => {
                api.log.event("query_failed", &[("why", &damaged.to_string())]);
                let message = "the price book is damaged; `centime verify` names what is wrong";
                error(parts, StatusCode::INTERNAL_SERVER_ERROR, "prices_damaged", message)
            }
            Self::Busy => {
                let message = "too many questions wait already; ask again in a second";
                let mut answer = error(parts, StatusCode::SERVICE_UNAVAILABLE, "busy", message);
                answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
                answer
            }
            Self::Defect => {
                let message = "the program has a defect; `centime doctor` looks for it";
                error(parts, StatusCode::INTERNAL_SERVER_ERROR, "defect", message)
            }
        }
    }
}

impl From<Wrong> for Refused {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

impl From<LedgerError> for Refused {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl From<Unnamed> for Refused {
    fn from(unnamed: Unnamed) -> Self {
        match unnamed {
            Unnamed::Nothing => Self::Nothing(
                "there is no entry of this id; `GET /api/v1/entries` lists them".to_owned(),
            ),
            Unnamed::Several(message) => Self::Several(message),
            Unnamed::Ledger(error) => Self::Ledger(error),
        }
    }
}

impl From<Unlisted> for Refused {
    fn from(unlisted: Unlisted) -> Self {
        match unlisted {
            Unlisted::Wrong(wrong) => Self::Wrong(wrong),
            Unlisted::Damaged(error) => Self::Prices(error),
        }
    }
}

/// What the API says has nothing in it that cannot be written.
impl From<serde_json::Error> for Refused {
    fn from(_: serde_json::Error) -> Self {
        Self::Defect
    }
}
