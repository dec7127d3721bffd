//! sqlite_transactions
