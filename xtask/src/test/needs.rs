//! What tests need from outside cargo: each need is a line in [`NEEDS`] and a function.

use std::process::{Command, Stdio};

/// Every need of the tests.
const NEEDS: &[Need] = &[Need { name: "a C compiler", bring_up: c_compiler }];

/// Something outside cargo without which tests cannot run, or would not test what they promise.
struct Need {
    name: &'static str,
    /// Finds or starts it; the error says why it is not to be had and how to get it.
    bring_up: fn() -> Result<(), String>,
}

/// Brings up every need and returns those that had to be skipped, each with its reason.
pub(crate) fn bring_up() -> Vec<String> {
    skipped(NEEDS)
}

/// Whether a skipped need is a failure: where nobody watches, it would go unseen.
pub(crate) fn must_be_complete() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

fn skipped(needs: &[Need]) -> Vec<String> {
    needs
        .iter()
        .filter_map(|need| {
            let outcome = (need.bring_up)();
            match &outcome {
                Ok(()) => eprintln!("   ready  {}", need.name),
                Err(reason) => eprintln!(" skipped  {}: {reason}", need.name),
            }
            outcome.err().map(|reason| format!("{}: {reason}", need.name))
        })
        .collect()
}

/// SQLite is built from its source.
fn c_compiler() -> Result<(), String> {
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let answers = Command::new(&compiler)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if answers {
        return Ok(());
    }
    Err(format!(
        "`{}` does not answer; install one (`gcc` or `clang`), or name it in `CC`",
        compiler.to_string_lossy()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_need_that_is_not_met_is_named_with_its_reason() {
        let needs = [
            Need { name: "air", bring_up: || Ok(()) },
            Need { name: "a database", bring_up: || Err("no server answers".to_owned()) },
        ];
        assert_eq!(skipped(&needs), ["a database: no server answers"]);
    }
}
