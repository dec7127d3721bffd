//! sqlite_tampering
