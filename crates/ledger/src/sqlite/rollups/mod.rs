//! The rollups in the file: kept by the writer, read by reports, proved by `verify`.

mod families;
mod keep;
mod read;
mod rebuild;
mod wide;

pub(super) use families::{add_standard, declare_tags, families};
pub(super) use keep::{Placed, Rollups};
pub(super) use read::{Answer, answer};
pub(super) use rebuild::{Kept, differences, prepare_proof};

use rebuild::fill;
