//! Centime beside its peers: `benches/peers.py` measures, in their own language.

use std::fs;
use std::process::Command;

use anyhow::Result;

use crate::parity;
use crate::step::{binary, do_it, root};

/// Builds the binary and times it beside the peers.
///
/// # Errors
/// When there are no peers to be had, or one of the measured commands fails.
pub(super) fn run() -> Result<()> {
    let root = root()?;
    let python = parity::peers(&root)?;
    let folder = root.join("target/peers");
    fs::create_dir_all(&folder)?;
    let centime = binary("dist")?;
    let mut measure = Command::new(python);
    // No bytecode beside the sources; a configuration or a ledger of this place is none of its.
    measure.arg("-B").arg(root.join("benches/peers.py")).arg(centime).arg(&folder);
    do_it(measure.current_dir(&folder))
}
