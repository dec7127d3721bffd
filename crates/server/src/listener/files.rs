//! Room for connections: each is an open file to the system.

/// Lets this process have as many files open as the system lets it at all.
///
/// A shell gives out a thousand, of old, for the sake of programs that cannot count beyond. Where more
/// cannot be had, connections wait for room.
#[cfg(unix)]
pub(super) fn allow_many() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    }
}

#[cfg(not(unix))]
pub(super) fn allow_many() {}
