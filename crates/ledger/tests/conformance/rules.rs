//! Who may spend what.

use centime_core::budget::{Action, Budget, Member, Plan, Scope};
use centime_core::entry::Status;
use centime_core::money::PicoUsd;
use centime_core::window::Window;
use centime_ledger::{Ledger, RuleChange, SetRules};

use crate::samples::entry;

fn budget(name: &str, limit: &str) -> Budget {
    Budget {
        name: name.into(),
        scope: "tag:app=bot".parse().unwrap(),
        limit: limit.parse().unwrap(),
        window: Window::Rolling { seconds: 3600 },
        action: Action::Downgrade("fast".into()),
    }
}

pub(crate) fn rules_come_out_as_they_were_set(ledger: &mut dyn Ledger) {
    assert_eq!(ledger.rules().unwrap(), SetRules::default());
    let raise = ("3".parse::<PicoUsd>().unwrap(), "2026-12-01".parse().unwrap());
    let all = Budget { scope: Scope::All, action: Action::Refuse, ..budget("b", "0.000001") };
    let plan = Plan { name: "free".into(), limit: None, window: Window::Month };
    let member = Member { plan: Some("free".into()), team: Some("search".into()) };
    let changes = [
        (RuleChange::SetBudget(budget("a", "5"), None), true),
        (RuleChange::SetBudget(budget("a", "5"), None), false),
        (RuleChange::SetBudget(budget("a", "6"), Some(raise)), true),
        (RuleChange::SetBudget(all, None), true),
        (RuleChange::SetPlan(plan.clone()), true),
        (RuleChange::SetPlan(Plan { name: "gone".into(), ..plan }), true),
        (RuleChange::RemovePlan("gone".into()), true),
        (RuleChange::RemovePlan("gone".into()), false),
        (RuleChange::SetUser("alice".into(), Member::default()), true),
        (RuleChange::SetUser("alice".into(), member), true),
        (RuleChange::SetTeam("search".into(), Some("free".into())), true),
        (RuleChange::SetTeam("ads".into(), Some("free".into())), true),
        (RuleChange::SetTeam("ads".into(), None), true),
        (RuleChange::RemoveBudget("nothing".into()), false),
    ];
    let mut expected = SetRules::default();
    let mut revision = ledger.rules_revision().unwrap();
    for (change, is_one) in changes {
        assert_eq!(ledger.change_rules(&change).unwrap(), is_one, "{change:?}");
        assert_eq!(expected.change(&change), is_one);
        assert_eq!(ledger.rules().unwrap(), expected);
        revision += u64::from(is_one);
        assert_eq!(ledger.rules_revision().unwrap(), revision);
    }
    assert_eq!(expected.budgets.len(), 2);
    assert_eq!(ledger.verify(&mut |_| {}).unwrap().differences, []);
}

pub(crate) fn what_is_set_aside_is_found_again(ledger: &mut dyn Ledger) {
    let mut doubt = entry("doubt", &[]);
    (doubt.status, doubt.held) = (Status::InDoubt, Some(PicoUsd::from_pico(7)));
    ledger.append(&[entry("other", &[]), doubt.clone()]).unwrap();
    assert_eq!(ledger.held().unwrap(), [doubt.uid]);
    assert_eq!(ledger.entry(doubt.uid).unwrap(), Some(doubt));
}

pub(crate) fn what_was_written_is_told_in_order(ledger: &mut dyn Ledger) {
    assert_eq!(ledger.written_after(0, 9).unwrap(), []);
    let entries: Vec<_> = ["a", "b", "c"].map(|id| entry(id, &[])).into();
    ledger.append(&entries).unwrap();
    let mut place = 0;
    for (entry, written) in entries.iter().zip(ledger.written_after(0, 9).unwrap()) {
        assert!(written.0 > place);
        assert_eq!(written.1, entry.uid);
        assert_eq!(ledger.written_after(place, 1).unwrap(), [written]);
        place = written.0;
    }
    assert_eq!(ledger.written_after(place, 9).unwrap(), []);
    let mut seen = 0;
    let ledger = &*ledger;
    let mut look = || {
        seen = ledger.written_after(0, 9)?.len();
        ledger.visit_attempts(&centime_ledger::EntryFilter::default(), &mut |_, _| {
            std::ops::ControlFlow::Continue(())
        })
    };
    ledger.at_one_moment(&mut look).unwrap();
    assert_eq!(seen, 3);
}
