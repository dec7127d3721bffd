//! What somebody was told, and what has to be told still.

use centime_core::alert::{Alert, Severity};
use centime_core::money::TotalPicoUsd;
use centime_core::time::Timestamp;
use centime_ledger::{Ledger, Message, Sent};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_800_000_000_000_000 + seconds * 1_000_000)
}

fn alert(rule: &str, subject: &str, window: i64, step: u8) -> Alert {
    Alert {
        rule: rule.into(),
        severity: Severity::Critical,
        subject: subject.into(),
        amount: TotalPicoUsd::from_pico(i128::from(i64::MAX) * 3),
        limit: TotalPicoUsd::from_pico(-7),
        since: (window > 0).then(|| at(window)),
        window,
        step,
        message: "it is too much".to_owned(),
    }
}

fn message(id: &str, channel: &str) -> Message {
    let (id, channel) = (id.to_owned(), channel.to_owned());
    Message { body: format!("{{\"of\":\"{id}\"}}"), id, channel, kind: "alert".to_owned() }
}

pub(crate) fn an_alert_is_raised_once_a_window(ledger: &mut dyn Ledger) {
    let first = [alert("daily_limit", "all", 0, 100), alert("budget", "b", 5, 50)];
    let mut told = Vec::new();
    let mut announce = |alerts: &[&Alert]| {
        told.push(alerts.len());
        vec![message(&format!("m{}", told.len()), "ops")]
    };
    assert_eq!(ledger.raise(&first, at(0), &mut announce).unwrap(), 2);
    let again = [
        alert("daily_limit", "all", 0, 100),
        alert("daily_limit", "all", 1, 100),
        alert("daily_limit", "al", 0, 100),
        alert("budget", "b", 5, 80),
    ];
    assert_eq!(ledger.raise(&again, at(1), &mut announce).unwrap(), 3);
    assert_eq!(ledger.raise(&again, at(2), &mut announce).unwrap(), 0);
    assert_eq!(told, [2, 3]);
    let raised = ledger.raised(10).unwrap();
    assert_eq!(raised.len(), 5);
    assert_eq!((&raised[4].alert, raised[4].at), (&first[0], at(0)));
    assert_eq!((&raised[0].alert, raised[0].at), (&again[3], at(1)));
    assert_eq!(ledger.raised(1).unwrap().len(), 1);
    assert_eq!(ledger.channel_state("ops").unwrap().waiting, 2);
}

pub(crate) fn messages_go_out_in_order_and_once(ledger: &mut dyn Ledger) {
    let messages = [message("a", "ops"), message("b", "ops"), message("c", "hook")];
    assert!(ledger.post(&messages, at(0), None).unwrap());
    assert!(ledger.post(&messages[..1], at(1), None).unwrap());
    let taken = ledger.take_message("ops", at(1), at(10)).unwrap().unwrap();
    assert_eq!((&taken.message, taken.created_at, taken.attempts), (&messages[0], at(0), 0));
    // Somebody has it, and the next one waits for it.
    assert_eq!(ledger.take_message("ops", at(5), at(20)).unwrap(), None);
    // Whoever had it is gone.
    let again = ledger.take_message("ops", at(10), at(20)).unwrap().unwrap();
    assert_eq!(again.message, messages[0]);
    let later = Sent::Later { due_at: at(60), why: "it is busy".to_owned() };
    ledger.end_message("a", at(11), &later).unwrap();
    assert_eq!(ledger.take_message("ops", at(59), at(70)).unwrap(), None);
    assert_eq!(ledger.channel_state("ops").unwrap().last_error.as_deref(), Some("it is busy"));
    assert_eq!(ledger.take_message("ops", at(60), at(70)).unwrap().unwrap().attempts, 1);
    ledger.end_message("a", at(61), &Sent::Delivered).unwrap();
    // What is decided stays so.
    ledger.end_message("a", at(62), &later).unwrap();
    assert_eq!(ledger.take_message("ops", at(62), at(70)).unwrap().unwrap().message, messages[1]);
    ledger.end_message("b", at(63), &Sent::GivenUp { why: "it is gone".to_owned() }).unwrap();
    assert_eq!(ledger.take_message("ops", at(99), at(100)).unwrap(), None);
    let state = ledger.channel_state("ops").unwrap();
    assert_eq!((state.waiting, state.delivered, state.given_up), (0, 1, 1));
    assert_eq!(state.last_error.as_deref(), Some("it is gone"));
    assert_eq!(ledger.take_message("hook", at(99), at(100)).unwrap().unwrap().message, messages[2]);
}

pub(crate) fn a_digest_is_made_once(ledger: &mut dyn Ledger) {
    assert_eq!(ledger.digested().unwrap(), None);
    assert!(ledger.post(&[], at(0), Some(at(0))).unwrap());
    assert!(ledger.post(&[message("d1", "ops")], at(9), Some(at(9))).unwrap());
    assert!(!ledger.post(&[message("d2", "ops")], at(9), Some(at(9))).unwrap());
    assert!(!ledger.post(&[message("d3", "ops")], at(9), Some(at(5))).unwrap());
    assert_eq!(ledger.digested().unwrap(), Some(at(9)));
    assert_eq!(ledger.channel_state("ops").unwrap().waiting, 1);
}
