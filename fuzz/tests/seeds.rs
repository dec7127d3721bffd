//! Every seed, and everything that was once found, through its target: as part of all tests, where
//! there is no fuzzer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]

use std::fs;
use std::path::{Path, PathBuf};

use centime_fuzz::{TARGETS, Target};

fn seeds() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds")
}

/// Runs a target over a folder, and says over how many files.
fn run_over(target: &Target, folder: &Path) -> usize {
    let files =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let files: Vec<_> =
        files.map(|file| file.unwrap().path()).filter(|path| path.is_file()).collect();
    for file in &files {
        let bytes = fs::read(file).unwrap();
        if std::panic::catch_unwind(|| (target.run)(&bytes)).is_err() {
            panic!("`{}` does not hold for {}", target.name, file.display());
        }
    }
    files.len()
}

#[test]
fn every_target_holds_for_its_seeds() {
    for target in TARGETS {
        let files = run_over(target, &seeds().join(target.name));
        assert!(files > 0, "`{}` has no seeds", target.name);
    }
}

#[test]
fn every_folder_of_seeds_is_a_targets() {
    for folder in fs::read_dir(seeds()).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        assert!(TARGETS.iter().any(|target| target.name == name), "`{name}` is no target");
    }
}

/// Usage made of bytes alone, as the fuzzer does at first.
#[test]
fn every_target_takes_any_bytes() {
    let mut state = 7_u64;
    for target in TARGETS.iter().filter(|target| target.name != "tokens") {
        for length in 0..300 {
            let mut bytes = Vec::new();
            for _ in 0..length {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                bytes.push(u8::try_from(state >> 56).unwrap());
            }
            (target.run)(&bytes);
        }
    }
}
