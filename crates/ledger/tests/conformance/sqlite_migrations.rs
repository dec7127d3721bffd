//! sqlite_migrations
