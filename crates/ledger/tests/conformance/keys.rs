//! Keys of the gateway.

use centime_core::key::{Former, Key, Role};
use centime_ledger::{KeyAdded, Ledger};

use crate::samples::second;

/// A key with something in every field.
pub(crate) fn full(secret: &str) -> Key {
    Key {
        name: Some("bot".to_owned()),
        former: Some(Former { digest: [8; 32], until: second(50) }),
        role: Role::ReadOnly,
        user: Some("alice".to_owned()),
        team: Some("search".to_owned()),
        project: Some("ranker \"2\"".to_owned()),
        tags: [("app".to_owned(), "bot".to_owned()), ("é".to_owned(), String::new())].into(),
        models: vec!["gpt-4o*".to_owned(), "fast".to_owned()],
        requests_per_minute: Some(60),
        tokens_per_minute: Some(i64::MAX.cast_unsigned()),
        expires_at: Some(second(100)),
        revoked_at: Some(second(7)),
        ..Key::new(secret, second(1))
    }
}

fn named(secret: &str, name: &str) -> Key {
    Key { name: Some(name.to_owned()), ..Key::new(secret, second(0)) }
}

pub(crate) fn keys_come_out_as_they_went_in(ledger: &mut dyn Ledger) {
    assert_eq!((ledger.keys().unwrap(), ledger.keys_revision().unwrap()), (vec![], 0));
    let (later, earlier) = (full("ck-1"), Key::new("ck-2", second(0)));
    assert_eq!(ledger.add_key(&later).unwrap(), KeyAdded::New);
    assert_eq!(ledger.add_key(&earlier).unwrap(), KeyAdded::New);
    assert_eq!(ledger.keys().unwrap(), [earlier, later]);
    assert_eq!(ledger.verify(&mut |_| {}).unwrap().differences, []);
}

pub(crate) fn a_name_is_one_keys_until_it_is_revoked(ledger: &mut dyn Ledger) {
    let first = named("ck-1", "bot");
    assert_eq!(ledger.add_key(&first).unwrap(), KeyAdded::New);
    assert_eq!(ledger.add_key(&first).unwrap(), KeyAdded::SameId);
    assert_eq!(ledger.add_key(&named("ck-2", "bot")).unwrap(), KeyAdded::SameName);
    // Keys without a name share none.
    for secret in ["ck-3", "ck-4"] {
        assert_eq!(ledger.add_key(&Key::new(secret, second(1))).unwrap(), KeyAdded::New);
    }
    let revoked = Key { revoked_at: Some(second(5)), ..first };
    assert!(ledger.change_key(&revoked).unwrap());
    assert_eq!(ledger.add_key(&named("ck-2", "bot")).unwrap(), KeyAdded::New);
    assert_eq!(ledger.keys().unwrap().len(), 4);
}

pub(crate) fn a_change_leaves_what_a_key_is_bound_to(ledger: &mut dyn Ledger) {
    let kept = full("ck-1");
    assert!(!ledger.change_key(&kept).unwrap(), "there is none");
    ledger.add_key(&kept).unwrap();
    let rotated =
        Key { id: kept.id.clone(), expires_at: Some(second(200)), ..Key::new("ck-2", second(9)) };
    assert!(ledger.change_key(&rotated).unwrap());
    let expected =
        Key { digest: rotated.digest, former: None, expires_at: rotated.expires_at, ..kept };
    assert_eq!(ledger.keys().unwrap(), [expected]);
}

pub(crate) fn a_revoked_key_stays_revoked(ledger: &mut dyn Ledger) {
    let key = Key::new("ck-1", second(0));
    ledger.add_key(&key).unwrap();
    let revoked = Key { revoked_at: Some(second(5)), ..key.clone() };
    for change in [&revoked, &Key { revoked_at: Some(second(6)), ..key.clone() }, &key] {
        ledger.change_key(change).unwrap();
        assert_eq!(ledger.keys().unwrap(), std::slice::from_ref(&revoked));
    }
}

pub(crate) fn every_change_has_a_revision(ledger: &mut dyn Ledger) {
    let (one, two) = (named("ck-1", "one"), named("ck-2", "two"));
    let mut known = vec![ledger.keys_revision().unwrap()];
    let mut expect_another = |ledger: &dyn Ledger| {
        let revision = ledger.keys_revision().unwrap();
        assert!(!known.contains(&revision), "{revision} of {known:?}");
        known.push(revision);
    };
    for key in [&one, &two] {
        ledger.add_key(key).unwrap();
        expect_another(ledger);
    }
    for key in [&two, &one, &one, &two] {
        ledger.change_key(key).unwrap();
        expect_another(ledger);
    }
    ledger.add_key(&one).unwrap();
    assert_eq!(Some(&ledger.keys_revision().unwrap()), known.last(), "nothing was written");
}
