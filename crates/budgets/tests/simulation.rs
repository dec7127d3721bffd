//! A seeded simulation: calls, crashes, late and repeated news of the ledger, edits of budgets and a
//! clock that jumps, each step held against a model that adds everything up anew.
//!
//! `CENTIME_SIMULATE_STEPS` and `CENTIME_SIMULATE_SEED` make it longer, and replay a seed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use centime_budgets::{Bank, Funds, Known, Refused, Rules};
use centime_core::attribution::Attribution;
use centime_core::budget::{Action, Budget, Member, Payer, Plan, Scope};
use centime_core::entry::Uid;
use centime_core::money::PicoUsd;
use centime_core::time::Timestamp;
use centime_core::window::Window;
use jiff::tz::TimeZone;

const SECOND: i64 = 1_000_000;

/// Something in the ledger, or on its way there.
#[derive(Debug, Clone)]
struct Row {
    uid: Uid,
    payer: Arc<Payer>,
    at: Timestamp,
    pico: i64,
    /// It is in doubt, with this much set aside.
    doubt: Option<i64>,
    /// It settles this one in doubt.
    settles: Option<Uid>,
}

#[derive(Debug, Clone)]
struct Call {
    payer: Arc<Payer>,
    at: Timestamp,
    worst: i64,
}

struct World {
    dice: fastrand::Rng,
    zone: TimeZone,
    now: Timestamp,
    bank: Bank,
    rules: Rules,
    /// What the ledger has, in its order, and how much of it the bank was told.
    ledger: Vec<Row>,
    told: usize,
    /// Settled, and not in the ledger yet.
    on_its_way: Vec<Row>,
    open: BTreeMap<Uid, Call>,
    doubts: BTreeMap<Uid, Call>,
    over: u64,
    admitted: u64,
    refused: u64,
    numbers: u128,
}

impl World {
    fn new(seed: u64) -> Self {
        let zones = ["UTC", "Europe/Paris", "Australia/Lord_Howe", "America/St_Johns"];
        let mut dice = fastrand::Rng::with_seed(seed);
        let zone = TimeZone::get(zones[dice.usize(..zones.len())]).unwrap();
        let now =
            Timestamp::from_micros(1_790_000_000 * SECOND + dice.i64(0..90 * 86_400) * SECOND);
        let mut world = Self {
            bank: Bank::new(zone.clone()),
            dice,
            zone,
            now,
            rules: Rules::default(),
            ledger: Vec::new(),
            told: 0,
            on_its_way: Vec::new(),
            open: BTreeMap::new(),
            doubts: BTreeMap::new(),
            over: 0,
            admitted: 0,
            refused: 0,
            numbers: 0,
        };
        world.rules.plans = vec![
            Plan {
                name: "free".into(),
                limit: Some(PicoUsd::from_pico(150)),
                window: Window::Month,
            },
            Plan { name: "open".into(), limit: None, window: Window::Month },
        ];
        for number in 0..4 {
            world.edit(number);
        }
        world.set();
        world
    }

    fn uid(&mut self) -> Uid {
        self.numbers += 1;
        Uid(self.numbers.to_be_bytes())
    }

    fn payer(&mut self) -> Arc<Payer> {
        let mut one = |names: &[&str]| Some(names[self.dice.usize(..names.len())].to_owned());
        let user = one(&["", "alice", "bob", "carol"]).filter(|name| !name.is_empty());
        let team = one(&["", "search", "ads"]).filter(|name| !name.is_empty());
        let app = one(&["bot", "web"]).unwrap();
        let model = one(&["big", "small"]).unwrap();
        let tags = [("app".to_owned(), app)].into();
        let attribution = Attribution { user, team, tags, ..Attribution::default() };
        Arc::new(Payer { attribution, provider: "acme".to_owned(), model })
    }

    /// Makes a budget, or changes it, in place of the one of this number.
    fn edit(&mut self, number: usize) {
        let scopes = [
            "all",
            "user",
            "user:alice",
            "team",
            "tag:app",
            "tag:app=bot",
            "model:big",
            "provider",
        ];
        let windows = ["day", "week", "month", "total", "90m", "30h"];
        let name: Box<str> = format!("budget-{number}").into();
        let limit = PicoUsd::from_pico(self.dice.i64(0..600));
        let known = self.rules.budgets.iter_mut().find(|funds| funds.budget.name == name);
        match known {
            Some(funds) if self.dice.u8(..4) > 0 => funds.budget.limit = limit,
            known => {
                let scope = scopes[self.dice.usize(..scopes.len())].parse().unwrap();
                let window = windows[self.dice.usize(..windows.len())].parse().unwrap();
                let action = match self.dice.u8(..6) {
                    0 => Action::Warn,
                    1 => Action::Downgrade("small".into()),
                    _ => Action::Refuse,
                };
                let budget = Budget { name, scope, limit, window, action };
                match known {
                    Some(funds) => funds.budget = budget,
                    None => self.rules.budgets.push(Funds { budget, raise: None }),
                }
            }
        }
    }

    fn raise(&mut self) {
        let until = Timestamp::from_micros(self.now.micros() + self.dice.i64(1..7200) * SECOND);
        let more = PicoUsd::from_pico(self.dice.i64(1..200));
        let at = self.dice.usize(..self.rules.budgets.len());
        self.rules.budgets[at].raise = Some((more, until));
    }

    /// Puts the rules in force; new budgets are told what the ledger says up to what was told.
    fn set(&mut self) {
        let told = &self.ledger[..self.told];
        let known = |budget: &Budget| {
            let rows = told.iter().filter_map(|row| {
                let subject = subject(&budget.scope, &row.payer)?;
                Some(Known { subject: subject.into(), at: row.at, settled_pico: row.pico.into() })
            });
            Ok::<_, std::convert::Infallible>(rows.collect())
        };
        let Ok(()) = self.bank.set(&self.rules, known, self.now);
    }

    /// The ledger takes some of what is on its way, in any order, and the bank is told some of it.
    fn flow(&mut self) {
        for _ in 0..self.dice.usize(..4) {
            if !self.on_its_way.is_empty() {
                let at = self.dice.usize(..self.on_its_way.len());
                let row = self.on_its_way.swap_remove(at);
                self.ledger.push(row);
            }
        }
        for _ in 0..self.dice.usize(..6) {
            let Some(row) = self.ledger.get(self.told).cloned() else { break };
            self.told += 1;
            self.tell(&row);
        }
    }

    fn tell(&self, row: &Row) {
        match row.doubt {
            Some(worst) => {
                self.bank.doubtful(row.uid, &row.payer, row.at, PicoUsd::from_pico(worst));
            }
            None => self.bank.tell(row.uid, &row.payer, row.at, PicoUsd::from_pico(row.pico)),
        }
        if let Some(uid) = row.settles {
            self.bank.resolve(uid);
        }
    }

    /// The process dies: the bank is made anew from the ledger, into which what was on its way goes
    /// first, and what was open goes in doubt.
    fn crash(&mut self) {
        self.ledger.append(&mut self.on_its_way);
        for (uid, call) in std::mem::take(&mut self.open) {
            let Call { payer, at, worst } = call.clone();
            self.ledger.push(Row { uid, payer, at, pico: 0, doubt: Some(worst), settles: None });
            self.doubts.insert(uid, call);
        }
        for row in &self.ledger {
            row.settles.map(|uid| self.doubts.remove(&uid));
        }
        self.told = self.ledger.len();
        self.bank = Bank::new(self.zone.clone());
        self.set();
        for (uid, Call { payer, at, worst }) in &self.doubts {
            self.bank.doubtful(*uid, payer, *at, PicoUsd::from_pico(*worst));
        }
    }

    fn step(&mut self) {
        match self.dice.u8(..100) {
            0..40 => self.admit(),
            40..65 => self.end(),
            65..80 => self.flow(),
            80..84 => {
                // Usage that somebody tells afterwards.
                let (uid, payer) = (self.uid(), self.payer());
                let ago = self.dice.i64(0..3 * 3600) * SECOND;
                let at = Timestamp::from_micros(self.now.micros() - ago);
                let pico = self.dice.i64(-3..30);
                self.ledger.push(Row { uid, payer, at, pico, doubt: None, settles: None });
            }
            84..86 => self.resolve(),
            86..94 => {
                let seconds = match self.dice.u8(..20) {
                    0 => self.dice.i64(-3600..0),
                    1 => self.dice.i64(0..40 * 86_400),
                    _ => self.dice.i64(0..600),
                };
                self.now = Timestamp::from_micros(self.now.micros() + seconds * SECOND);
            }
            94..96 => {
                let number = self.dice.usize(..6);
                self.edit(number);
                self.set();
            }
            96 => {
                self.raise();
                self.set();
            }
            97 => {
                let user = ["alice", "bob"][self.dice.usize(..2)];
                let plan = [None, Some("free".into()), Some("open".into())];
                let plan = plan[self.dice.usize(..3)].clone();
                self.rules.users.insert(user.into(), Member { plan, team: None });
                self.set();
            }
            98 => self.bank.sweep(self.now),
            _ => self.crash(),
        }
    }

    fn admit(&mut self) {
        let (uid, payer, worst) = (self.uid(), self.payer(), self.dice.i64(0..60));
        let is_downgraded = self.dice.bool();
        let fits = |budget: &Budget, left: i128| match &budget.action {
            Action::Refuse => left >= i128::from(worst),
            Action::Downgrade(_) => is_downgraded || left >= i128::from(worst),
            Action::Warn => true,
        };
        let all = self.expected(Some(&payer));
        let should = all
            .iter()
            .all(|(budget, _, settled, held, limit)| fits(budget, limit - settled - held));
        let asked = PicoUsd::from_pico(worst);
        match self.bank.admit(uid, &payer, asked, self.now, is_downgraded) {
            Ok(_) => {
                assert!(should, "{payer:?} was admitted at {worst}: {all:?}");
                self.admitted += 1;
                self.open.insert(uid, Call { payer, at: self.now, worst });
                let again =
                    self.bank.admit(uid, &self.open[&uid].payer, PicoUsd::ZERO, self.now, true);
                let _ = again;
            }
            Err(Refused::Unknown) => panic!("it is known what was spent"),
            Err(_) => {
                assert!(!should, "{payer:?} was refused at {worst}: {all:?}");
                self.refused += 1;
            }
        }
    }

    fn end(&mut self) {
        let Some((&uid, _)) = self.open.iter().nth(self.dice.usize(..self.open.len().max(1)))
        else {
            return;
        };
        let call = self.open.remove(&uid).unwrap();
        let Call { payer, at, worst } = call.clone();
        match self.dice.u8(..10) {
            0 => self.bank.release(uid),
            1 => {
                self.bank.doubt(uid);
                self.doubts.insert(uid, call);
                let row = Row { uid, payer, at, pico: 0, doubt: Some(worst), settles: None };
                self.on_its_way.push(row);
            }
            2 => {
                // A bill above the worst case.
                self.over += 1;
                let pico = worst + self.dice.i64(1..9);
                self.bank.settle(uid, PicoUsd::from_pico(pico), self.now);
                self.on_its_way.push(Row { uid, payer, at, pico, doubt: None, settles: None });
            }
            _ => {
                let pico = self.dice.i64(0..=worst);
                self.bank.settle(uid, PicoUsd::from_pico(pico), self.now);
                self.on_its_way.push(Row { uid, payer, at, pico, doubt: None, settles: None });
            }
        }
        // Whatever is said again of it changes nothing.
        self.bank.settle(uid, PicoUsd::from_pico(1000), self.now);
        self.bank.release(uid);
    }

    /// Somebody settles one in doubt that the ledger has.
    fn resolve(&mut self) {
        let in_ledger: BTreeSet<Uid> =
            self.ledger.iter().filter(|row| row.doubt.is_some()).map(|row| row.uid).collect();
        let known = self.doubts.iter().find(|(uid, _)| in_ledger.contains(uid));
        let Some((&settles, call)) = known else { return };
        let Call { payer, at, worst } = call.clone();
        let (uid, pico) = (self.uid(), self.dice.i64(0..=worst));
        self.ledger.push(Row { uid, payer, at, pico, doubt: None, settles: Some(settles) });
    }

    /// What budgets should say now: budget, subject, settled, held, limit. All that touch a payer, or
    /// every account.
    fn expected(&self, of: Option<&Payer>) -> Vec<(Budget, Box<str>, i128, i128, i128)> {
        // What the bank knows: the ledger as far as it was told, and its own.
        let told = &self.ledger[..self.told];
        let told_uids: BTreeSet<Uid> = told.iter().map(|row| row.uid).collect();
        let untold = self.ledger[self.told..].iter().chain(&self.on_its_way);
        let own = untold.filter(|row| self.is_own(row) && !told_uids.contains(&row.uid));
        let rows: Vec<&Row> = told.iter().chain(own).collect();
        let resolved: BTreeSet<Uid> = told.iter().filter_map(|row| row.settles).collect();
        let doubts = self.doubts.iter().filter(|(uid, _)| !resolved.contains(uid));
        let open: Vec<&Call> = self.open.values().chain(doubts.map(|(_, call)| call)).collect();
        let plans = self.rules.plans.iter().filter_map(|plan| {
            let budget = Budget {
                name: plan.name.clone(),
                scope: "user".parse().unwrap(),
                limit: plan.limit?,
                window: plan.window,
                action: Action::Refuse,
            };
            Some((budget, None, true))
        });
        let own = self.rules.budgets.iter().map(|it| (it.budget.clone(), it.raise, false));
        let mut expected = Vec::new();
        for (budget, raise, is_plan) in own.chain(plans) {
            let subject_of = |payer: &Payer| {
                let subject = subject(&budget.scope, payer)?;
                let has_plan = || {
                    let member = self.rules.users.get(subject)?;
                    (member.plan.as_deref()? == &*budget.name).then_some(())
                };
                if is_plan {
                    has_plan()?;
                };
                Some(Box::<str>::from(subject))
            };
            let mut limit = i128::from(budget.limit.pico());
            if let Some((more, _)) = raise.filter(|(_, until)| self.now < *until) {
                limit += i128::from(more.pico());
            }
            let Some(subject) = of.and_then(&subject_of) else { continue };
            let counts = |at: Timestamp| counts(budget.window, at, self.now, &self.zone);
            let is_its = |payer: &Payer| subject_of(payer).as_ref() == Some(&subject);
            let settled = rows.iter().filter(|row| is_its(&row.payer) && counts(row.at));
            let settled = settled.map(|row| i128::from(row.pico)).sum();
            let is_rolling = budget.window.rolling_micros().is_some();
            let held =
                open.iter().filter(|call| is_its(&call.payer) && (is_rolling || counts(call.at)));
            let held = held.map(|call| i128::from(call.worst)).sum();
            expected.push((budget, subject, settled, held, limit));
        }
        expected
    }

    /// Whether the bank settled it itself, so that it knows it before the ledger tells it.
    fn is_own(&self, row: &Row) -> bool {
        self.on_its_way.iter().any(|own| own.uid == row.uid)
            || OWN.with_borrow(|own| own.contains(&row.uid))
    }

    fn check(&self) {
        for user in [None, Some("alice"), Some("bob"), Some("carol")] {
            let attribution = Attribution {
                user: user.map(str::to_owned),
                team: Some("search".to_owned()),
                tags: [("app".to_owned(), "bot".to_owned())].into(),
                ..Attribution::default()
            };
            let payer = Payer { attribution, provider: "acme".to_owned(), model: "big".to_owned() };
            let mut found: Vec<_> = self
                .bank
                .standings_of(&payer, self.now)
                .into_iter()
                .map(|it| {
                    assert!(
                        it.settled.pico() + it.held.pico()
                            <= it.limit.pico() + it.overdraft().pico()
                    );
                    (it.budget, it.settled.pico(), it.held.pico(), it.limit.pico())
                })
                .collect();
            let mut expected: Vec<_> = self
                .expected(Some(&payer))
                .into_iter()
                .map(|(budget, _, settled, held, limit)| (budget.name, settled, held, limit))
                .collect();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "at {}: {:?}", self.now, self.rules);
        }
    }
}

thread_local! {
    /// Which rows a bank that lives settled itself.
    static OWN: std::cell::RefCell<BTreeSet<Uid>> = const { std::cell::RefCell::new(BTreeSet::new()) };
}

fn subject<'p>(scope: &Scope, payer: &'p Payer) -> Option<&'p str> {
    match scope {
        Scope::All => Some(""),
        Scope::Each(aspect) => payer.value(aspect),
        Scope::One(aspect, value) => payer.value(aspect).filter(|it| *it == &**value).map(|_| ""),
    }
}

fn counts(window: Window, at: Timestamp, now: Timestamp, zone: &TimeZone) -> bool {
    let Some(length) = window.rolling_micros() else {
        return window.period(now, zone).contains(at);
    };
    // Part by part, as is documented.
    let part = window.part_micros();
    let (its, ours) = (at.micros().div_euclid(part), now.micros().div_euclid(part));
    its <= ours && (its + 1) * part > ours * part - length - part
}

#[allow(clippy::disallowed_methods, reason = "a test that is asked for a longer run")]
fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().unwrap())
}

#[test]
fn budgets_hold_whatever_happens() {
    let steps = setting("CENTIME_SIMULATE_STEPS", 12_000);
    let first = setting("CENTIME_SIMULATE_SEED", 1);
    let per_world = 600;
    let (mut admitted, mut refused, mut over) = (0, 0, 0);
    for seed in first..first + steps.div_ceil(per_world) {
        let told = std::panic::catch_unwind(|| {
            OWN.with_borrow_mut(BTreeSet::clear);
            let mut world = World::new(seed);
            for _ in 0..per_world {
                world.step();
                let on_its_way = world.on_its_way.iter().map(|row| row.uid);
                OWN.with_borrow_mut(|own| own.extend(on_its_way));
                let resolved: Vec<Uid> =
                    world.ledger[..world.told].iter().filter_map(|row| row.settles).collect();
                for uid in resolved {
                    world.doubts.remove(&uid);
                }
                world.check();
            }
            (world.admitted, world.refused, world.over)
        });
        let Ok(told) = told else {
            panic!("seed {seed} fails: CENTIME_SIMULATE_SEED={seed} CENTIME_SIMULATE_STEPS=1")
        };
        admitted += told.0;
        refused += told.1;
        over += told.2;
    }
    let enough = steps / 100;
    assert!(admitted > enough && refused > enough, "{admitted} admitted, {refused} refused");
    assert!(over > 0);
}
