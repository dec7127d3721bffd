//! sqlite_costs
