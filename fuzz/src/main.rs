//! libFuzzer's entry: the target is named in the environment, so that all of them are one program
//! to build.

#![no_main]
#![allow(clippy::panic, clippy::disallowed_methods, reason = "a tool, started by a chore")]

use std::sync::OnceLock;

use centime_fuzz::{TARGETS, Target};

static CHOSEN: OnceLock<&'static Target> = OnceLock::new();

libfuzzer_sys::fuzz_target!(
    init: {
        let name = std::env::var("CENTIME_FUZZ_TARGET").unwrap_or_default();
        let Some(target) = TARGETS.iter().find(|target| target.name == name) else {
            panic!("`CENTIME_FUZZ_TARGET` names no target: `{name}`");
        };
        CHOSEN.get_or_init(|| target);
    },
    |bytes: &[u8]| {
        if let Some(target) = CHOSEN.get() {
            (target.run)(bytes);
        }
    }
);
