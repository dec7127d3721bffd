//! What a journal promises.

mod samples;

mod records;
mod replaying;
mod writing;
