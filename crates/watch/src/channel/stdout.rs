//! Standard output: a line of JSON a message, as a webhook has it.

/// The standard output of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stdout;
