//! Several connections that see one moment of a ledger.

use std::path::Path;

use rusqlite::{Connection, Transaction};

use crate::error::LedgerError;
use crate::sqlite::fault::Fault;
use crate::sqlite::open;

/// How often it is tried to see one moment beside others who write.
const ATTEMPTS: usize = 20;
/// The most connections that help; the rows of one file do not come faster from more.
const HELPERS_MAX: usize = 8;

/// A moment of a ledger, whatever is written meanwhile.
pub(super) struct Moment<'ledger> {
    /// The ledger's own connection.
    pub(super) own: Transaction<'ledger>,
    /// Connections for other threads; none where one is enough.
    pub(super) helpers: Vec<Connection>,
}

impl<'ledger> Moment<'ledger> {
    /// This moment, with a connection for each core.
    pub(super) fn now(path: &Path, own: &'ledger Connection) -> Result<Self, Fault> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let wanted = if cores > 1 { cores.min(HELPERS_MAX) } else { 0 };
        for _ in 0..ATTEMPTS {
            // This number changes with every commit of another connection. Where it is the same
            // before and after, all who began to read in between see the same.
            let before = commits_seen(own)?;
            // Where there is no room for more connections, the own one does all the work.
            let Ok(helpers) = helpers(path, wanted) else { break };
            let moment = Self { own: own.unchecked_transaction()?, helpers };
            // What cannot be read is found by the proof itself.
            if before == commits_seen(&moment.own)? && moment.is_of_one_file().unwrap_or(false) {
                return Ok(moment);
            }
        }
        Self::alone(own)
    }

    /// This moment, with no help.
    pub(super) fn alone(own: &'ledger Connection) -> Result<Self, Fault> {
        let own = own.unchecked_transaction()?;
        commits_seen(&own)?;
        Ok(Self { own, helpers: Vec::new() })
    }

    /// Whether nobody has put another file in its place since it was opened.
    fn is_of_one_file(&self) -> Result<bool, Fault> {
        let own = told_apart(&self.own)?;
        for helper in &self.helpers {
            if told_apart(helper)? != own {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn helpers(path: &Path, wanted: usize) -> Result<Vec<Connection>, LedgerError> {
    let helper = |_| {
        let helper = open::connect_helper(path)?;
        let begun = helper.execute_batch("BEGIN").map_err(Fault::from);
        begun.and_then(|()| commits_seen(&helper)).map_err(|fault| fault.in_file(path))?;
        Ok(helper)
    };
    (0..wanted).map(helper).collect()
}

/// Reads, so that a transaction sees this moment from now on.
fn commits_seen(db: &Connection) -> Result<i64, Fault> {
    Ok(db.query_row("PRAGMA data_version", (), |row| row.get(0))?)
}

fn told_apart(db: &Connection) -> Result<[i64; 4], Fault> {
    let number = |sql: &str| db.query_row(sql, (), |row| row.get::<_, i64>(0));
    Ok([
        number("PRAGMA page_count")?,
        number("PRAGMA schema_version")?,
        number("SELECT ifnull(max(id), 0) FROM main.names")?,
        number("SELECT ifnull(max(seq), 0) FROM main.entries")?,
    ])
}
