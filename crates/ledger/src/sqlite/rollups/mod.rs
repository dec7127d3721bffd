//! The rollups in the file: kept by the writer, read by reports, proved by `verify`.

mod families;
mod keep;
mod read;
mod rebuild;
mod sheet;

pub(super) use families::{add_standard, declare_tags, families};
pub(super) use keep::{Numbering, Numbers, Placed, Rollups, Waiting};
pub(super) use read::{Answer, answer};
pub(super) use rebuild::{Kept, differences, name_series, prepare_proof};

use rebuild::fill;
