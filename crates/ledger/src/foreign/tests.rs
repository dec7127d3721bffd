use super::*;

struct File(tempfile::TempDir);

impl File {
    /// A file `costs.db` that a program with SQLite made.
    fn new(sql: &str) -> Self {
        let file = Self(tempfile::tempdir().unwrap());
        file.program().execute_batch(sql).unwrap();
        file
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("costs.db")
    }

    /// The program that writes it.
    fn program(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    fn open(&self) -> Result<ForeignTable, ForeignError> {
        ForeignTable::open(&self.path(), "costs")
    }

    /// The files of the folder, with what is in those that are kept.
    fn all(&self) -> Vec<(String, Vec<u8>)> {
        let mut all: Vec<_> = std::fs::read_dir(self.0.path())
            .unwrap()
            .map(|file| file.unwrap())
            .map(|file| {
                let name = file.file_name().into_string().unwrap();
                (name, std::fs::read(file.path()).unwrap())
            })
            .collect();
        all.sort();
        all
    }
}

/// All but the index of a log, which is no part of what a file holds.
fn kept(all: &[(String, Vec<u8>)]) -> Vec<(String, Vec<u8>)> {
    all.iter().filter(|(name, _)| !name.ends_with("-shm")).cloned().collect()
}

fn rows(table: &mut ForeignTable) -> Vec<ForeignRow> {
    std::iter::from_fn(|| table.next_row().unwrap()).collect()
}

fn ids(table: &mut ForeignTable) -> Vec<i64> {
    rows(table).iter().map(|row| row.row_id).collect()
}

#[test]
fn cells_are_what_they_are_and_fractions_are_what_was_written() {
    let file = File::new("CREATE TABLE Costs (c)");
    for (value, expected) in [
        ("NULL", Cell::Null),
        ("-7", Cell::Whole(-7)),
        ("'x'", Cell::Text("x".to_owned())),
        ("''", Cell::Text(String::new())),
        ("x'00ff'", Cell::Bytes(2)),
        ("CAST(x'ff' AS TEXT)", Cell::Bytes(1)),
        ("zeroblob(65537)", Cell::TooLong(65537)),
        ("hex(zeroblob(32768))", Cell::Text("0".repeat(65536))),
        ("hex(zeroblob(40000))", Cell::TooLong(80000)),
        ("0.0123", Cell::Real("0.0123".to_owned())),
        ("0.1 + 0.2", Cell::Real("0.30000000000000004".to_owned())),
        ("-0.0", Cell::Real("0".to_owned())),
        ("1e-7", Cell::Real("0.0000001".to_owned())),
        ("1e23", Cell::Real("100000000000000000000000".to_owned())),
        ("9e999", Cell::Real("inf".to_owned())),
    ] {
        let sql = format!("DELETE FROM costs; INSERT INTO costs VALUES ({value})");
        file.program().execute_batch(&sql).unwrap();
        assert_eq!(rows(&mut file.open().unwrap())[0].cells, [expected], "{value}");
    }
}

#[test]
fn rows_come_in_the_order_of_their_ids_page_by_page() {
    let file = File::new(
        "CREATE TABLE costs (id INTEGER PRIMARY KEY, rowid TEXT, note TEXT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1300)
         INSERT INTO costs SELECT 1301 - i, 'x', hex(zeroblob(i)) FROM n;
         INSERT INTO costs VALUES (-9223372036854775808, '', ''), (9223372036854775807, '', '')",
    );
    let expected: Vec<i64> = [i64::MIN].into_iter().chain(1..=1300).chain([i64::MAX]).collect();
    let mut table = file.open().unwrap();
    assert_eq!(table.columns(), ["id", "rowid", "note"]);
    table.select(&["ID"]);
    assert_eq!(table.columns(), ["id"]);
    assert_eq!(ids(&mut table), expected);
    assert_eq!(table.next_row().unwrap(), None);
    assert_eq!(table.read_of(1000), 1000);
    assert!(rows(&mut File::new("CREATE TABLE costs (c)").open().unwrap()).is_empty());
}

#[test]
fn what_is_no_such_table_is_refused() {
    for (sql, expected) in [
        ("CREATE TABLE costs (c)", None),
        ("CREATE TABLE a (c); CREATE TABLE \"b`\" (c)", Some("it has no table `costs`")),
        ("CREATE VIEW costs AS SELECT 1 AS c", Some("`costs` is a view")),
        ("CREATE VIRTUAL TABLE costs USING fts5(c)", Some("`costs` is a virtual table")),
        (
            "CREATE TABLE costs (id TEXT PRIMARY KEY) WITHOUT ROWID",
            Some("`costs` is a table without row ids"),
        ),
        (
            "CREATE TABLE costs (rowid, _rowid_, oid)",
            Some("`costs` is a table whose columns hide its row ids"),
        ),
        ("PRAGMA application_id = 0x43454E54; CREATE TABLE costs (c)", Some("a ledger of Centime")),
    ] {
        match (File::new(sql).open(), expected) {
            (Ok(_), None) => {}
            (Err(error), Some(words)) => assert!(error.to_string().contains(words), "{error}"),
            (found, _) => panic!("{sql}: {found:?}"),
        }
    }
    let file = File::new("CREATE TABLE costs (c)");
    std::fs::write(file.path(), "id,model\n").unwrap();
    assert_eq!(file.open().unwrap_err(), ForeignError::NotSqlite);
    let mut bytes = MAGIC.to_vec();
    bytes.resize(4096, 0x5a);
    std::fs::write(file.path(), bytes).unwrap();
    assert!(matches!(file.open(), Err(ForeignError::Damaged(_))));
}

#[test]
fn nothing_is_written_whoever_has_the_file_open() {
    const TABLE: &str = "CREATE TABLE costs (c); INSERT INTO costs VALUES (1), (2)";
    let by_log = format!("PRAGMA journal_mode = WAL; {TABLE}");
    // Nobody has it open: no log is left by its program, and none by us.
    for sql in [TABLE, &by_log] {
        let file = File::new(sql);
        let before = file.all();
        assert_eq!(before.len(), 1);
        assert_eq!(ids(&mut file.open().unwrap()), [1, 2]);
        assert!(file.all() == before, "{sql}");
    }
    // Its program has it open, and what it wrote last is in the log alone.
    let file = File::new(&by_log);
    let program = file.program();
    program.execute("INSERT INTO costs VALUES (3)", ()).unwrap();
    let before = file.all();
    assert_eq!(before.len(), 3);
    assert_eq!(ids(&mut file.open().unwrap()), [1, 2, 3]);
    // In this process both share one index; all the rest is as it was.
    assert!(kept(&file.all()) == kept(&before));
    // It goes on writing while we read.
    let mut table = file.open().unwrap();
    program.execute("INSERT INTO costs VALUES (4)", ()).unwrap();
    assert_eq!(ids(&mut table), [1, 2, 3, 4]);
}

#[test]
fn a_log_that_was_left_over_is_read() {
    let file = File::new("PRAGMA journal_mode = WAL; CREATE TABLE costs (c)");
    let program = file.program();
    program.execute("INSERT INTO costs VALUES (1)", ()).unwrap();
    let copy = File(tempfile::tempdir().unwrap());
    for (name, bytes) in kept(&file.all()) {
        std::fs::write(copy.0.path().join(name), bytes).unwrap();
    }
    let before = copy.all();
    assert_eq!(ids(&mut copy.open().unwrap()), [1]);
    assert!(kept(&copy.all()) == before);
    // The index that its program left, which nobody keeps up any more.
    for (name, bytes) in file.all() {
        std::fs::write(copy.0.path().join(name), bytes).unwrap();
    }
    let before = copy.all();
    assert_eq!(ids(&mut copy.open().unwrap()), [1]);
    assert!(copy.all() == before);
}

#[test]
fn a_file_that_wakes_up_is_opened_anew() {
    let file = File::new(
        "PRAGMA journal_mode = WAL; CREATE TABLE costs (c);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
         INSERT INTO costs SELECT i FROM n",
    );
    let mut table = file.open().unwrap();
    assert_eq!(table.next_row().unwrap().unwrap().row_id, 1);
    let program = file.program();
    program.execute("INSERT INTO costs VALUES (601)", ()).unwrap();
    assert_eq!(ids(&mut table), (2..=601).collect::<Vec<_>>());
}
