//! How good answers were, and what that cost.

use centime_core::meter::Meter;
use centime_core::score::Score;
use centime_ledger::ScoreAdded::{Known, New, NoAttempt};
use centime_ledger::{Ledger, Scored, ScoredRow};

use crate::samples::{adjustment, by, entry, second, unpriced};

fn score(text: &str) -> Score {
    text.parse().unwrap()
}

pub(crate) fn the_last_score_counts(ledger: &mut dyn Ledger) {
    let attempt = entry("a", &[(Meter::Input, "100")]);
    ledger.append(std::slice::from_ref(&attempt)).unwrap();
    assert_eq!(ledger.score(attempt.uid).unwrap(), None);
    for (text, expected) in
        [("0.5", New), ("0.50", Known), ("1", New), ("0.5", New), ("0.5", Known)]
    {
        let added = ledger.add_score(attempt.uid, score(text), second(90)).unwrap();
        assert_eq!(added, expected, "{text}");
        assert_eq!(ledger.score(attempt.uid).unwrap(), Some(score(text)));
    }
    let scored = ledger.scored(&by("")).unwrap();
    assert_eq!(scored.len(), 1);
    let sums = scored[0].scored;
    assert_eq!((sums.requests, sums.score_millionths), (1, 500_000), "one score of it counts");
    assert_eq!(ledger.verify(&mut |_| {}).unwrap().differences, []);
}

pub(crate) fn only_attempts_have_scores(ledger: &mut dyn Ledger) {
    let attempt = entry("a", &[(Meter::Input, "100")]);
    let adjusting = adjustment(&attempt, 0, Meter::Input, "1", 0);
    ledger.append(&[attempt, adjusting.clone()]).unwrap();
    for uid in [adjusting.uid, entry("absent", &[]).uid] {
        assert_eq!(ledger.add_score(uid, Score::BEST, second(90)).unwrap(), NoAttempt);
        assert_eq!(ledger.score(uid).unwrap(), None);
    }
    assert_eq!(ledger.scored(&by("model")).unwrap(), []);
}

pub(crate) fn scores_add_up_in_any_grouping(ledger: &mut dyn Ledger) {
    let mut good = entry("good", &[(Meter::Input, "1000")]);
    good.attribution.user = Some("ann".to_owned());
    let mut many = entry("many", &[(Meter::Output, "10")]);
    (many.requests, many.at) = (3, second(86_400));
    many.attribution.tags.insert("app".to_owned(), "bot".to_owned());
    let mystery = unpriced("mystery", &[(Meter::Input, "1")]);
    let unscored = entry("unscored", &[(Meter::Input, "9")]);
    let adjusting = adjustment(&good, 0, Meter::Input, "-400", -500_000_000);
    let scores = [(good.uid, "0.9"), (many.uid, "0.2"), (mystery.uid, "0")];
    ledger.append(&[good, many, mystery, unscored, adjusting]).unwrap();
    for (uid, text) in scores {
        ledger.add_score(uid, score(text), second(90)).unwrap();
    }
    // 1000 input at 1.25 a million less 400, and 10 output at 10 a million.
    let expected = Scored {
        cost: centime_core::money::TotalPicoUsd::from_pico(
            1_250_000_000 - 500_000_000 + 100_000_000,
        ),
        requests: 5,
        unpriced_requests: 1,
        score_millionths: 900_000 + 3 * 200_000,
    };
    for keys in ["", "model", "user", "date", "hour", "tag:app", "user,tag:app", "session"] {
        let rows = ledger.scored(&by(keys)).unwrap();
        assert_eq!(rows.iter().map(|row| row.scored).sum::<Scored>(), expected, "{keys}");
    }
    let mut rows = ledger.scored(&by("user")).unwrap();
    rows.sort_by(|left, right| left.key.cmp(&right.key));
    let ScoredRow { key, scored } = &rows[1];
    assert_eq!((key.as_slice(), scored.cost.pico()), (&[Some("ann".to_owned())][..], 750_000_000));
    let mut narrow = by("user");
    narrow.filter.window.since = Some(second(3600));
    let rows = ledger.scored(&narrow).unwrap();
    assert_eq!(rows.iter().map(|row| row.scored.requests).collect::<Vec<_>>(), [3]);
}
