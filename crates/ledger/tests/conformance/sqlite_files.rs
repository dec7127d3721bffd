//! sqlite_files
