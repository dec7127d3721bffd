//! The file as a tree of settings: each is asked for by name, so that what nobody asked for is
//! known to be unknown, and what was asked for can be listed.

use std::cell::RefCell;
use std::fmt::Write as _;

use toml::de::{DeTable, DeValue};

use super::setting::{Raw, Setting, literal};
use crate::output::Value;

/// A variable of the environment, by name.
pub(super) type Environment<'r> = dyn Fn(&str) -> Option<String> + 'r;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The line of the file; `None` where the environment is wrong.
    pub line: Option<usize>,
    /// In lower case, with the key and the remedy, and never with a secret.
    pub what: String,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nobody said anything else.
    Default,
    /// The file, on this line; it may name a variable of the environment.
    File { line: usize, variable: Option<String> },
    /// A variable of the environment, unasked.
    Environment(String),
    /// A flag of the command line.
    Flag(&'static str),
}

/// A setting in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Its name, with the tables that it stands in: `timeouts.connect`.
    pub key: String,
    /// Its value; of a secret only that it is there.
    pub value: Value<'static>,
    /// Where it came from.
    pub origin: Origin,
}

/// The file, the environment, and what was found in them.
pub(super) struct Reader<'r> {
    text: &'r str,
    environment: &'r Environment<'r>,
    rows: RefCell<Vec<Row>>,
    /// What is wrong only for those who need it.
    later: RefCell<Vec<Wrong>>,
}

impl<'r> Reader<'r> {
    pub(super) fn new(text: &'r str, environment: &'r Environment<'r>) -> Self {
        Self { text, environment, rows: RefCell::default(), later: RefCell::default() }
    }

    /// Reads the whole file; every key in it must be asked for.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Section<'_>) -> Result<T, Wrong>,
    ) -> Result<T, Wrong> {
        // The parser's own text would quote the line, which may hold a key.
        let document = DeTable::parse(self.text).map_err(|error| Wrong {
            line: Some(self.line(error.span().map_or(0, |span| span.start))),
            what: error.message().to_owned(),
        })?;
        Section::new(self, String::new(), 1, Some(document.get_ref())).whole(read)
    }

    /// What was asked for, the settings of tables last; and what is wrong for those who need it.
    pub(super) fn rows(self) -> (Vec<Row>, Vec<Wrong>) {
        let mut rows = self.rows.into_inner();
        rows.sort_by_key(|row| row.key.contains('.'));
        (rows, self.later.into_inner())
    }

    /// The line of a place in the text.
    fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().iter().take(at);
        before.filter(|&&byte| byte == b'\n').count() + 1
    }
}

/// One table of the file.
pub(super) struct Section<'s> {
    reader: &'s Reader<'s>,
    name: String,
    line: usize,
    table: Option<&'s DeTable<'s>>,
    asked: RefCell<Vec<String>>,
}

impl<'s> Section<'s> {
    fn new(
        reader: &'s Reader<'s>,
        name: String,
        line: usize,
        table: Option<&'s DeTable<'s>>,
    ) -> Self {
        Self { reader, name, line, table, asked: RefCell::default() }
    }

    /// Reads the table to its end: what is left over is unknown.
    fn whole<T>(self, read: impl FnOnce(&Self) -> Result<T, Wrong>) -> Result<T, Wrong> {
        let value = read(&self)?;
        let asked = self.asked.into_inner();
        for (key, _) in self.table.into_iter().flatten() {
            if !asked.iter().any(|asked| asked == key.get_ref()) {
                let line = Some(self.reader.line(key.span().start));
                return Err(Wrong { line, what: unknown_key(key.get_ref(), &self.name, &asked) });
            }
        }
        Ok(value)
    }

    /// A setting that has a default, written as in the file.
    pub(super) fn get<T: Setting>(&self, key: &str, default: &str) -> Result<T, Wrong> {
        if let Some(value) = self.optional_unlisted(key)? {
            return Ok(value);
        }
        let raw = Raw::Open(default.to_owned());
        let value = T::read(&raw).map_err(|what| self.wrong(key, &what))?;
        self.list(key, value.shown(&raw), Origin::Default);
        Ok(value)
    }

    /// A setting that may be missing.
    pub(super) fn optional<T: Setting>(&self, key: &str) -> Result<Option<T>, Wrong> {
        let value = self.optional_unlisted(key)?;
        if value.is_none() {
            self.list(key, Value::Absent, Origin::Default);
        }
        Ok(value)
    }

    /// A setting that may be missing, which somebody else lists then.
    pub(super) fn optional_unlisted<T: Setting>(&self, key: &str) -> Result<Option<T>, Wrong> {
        self.asked.borrow_mut().push(key.to_owned());
        let Some((line, value)) = self.find(key) else {
            return Ok(None);
        };
        let wrong = |what: String| self.wrong(key, &what);
        let raw = match raw(value) {
            Raw::Text(text) => match text.strip_prefix("env:") {
                Some(name) => match self.variable(name) {
                    Some(value) => {
                        let origin = Origin::File { line, variable: Some(name.to_owned()) };
                        return self.read_as(key, &Raw::Open(value), origin).map(Some);
                    }
                    None => {
                        let what = format!("the environment variable `{name}` is not set");
                        self.put_off(wrong(what));
                        return Ok(None);
                    }
                },
                None => Raw::Text(text),
            },
            Raw::List(items) => {
                let item = |item| match item {
                    Raw::Text(text) if text.starts_with("env:") => {
                        let name = text.trim_start_matches("env:");
                        let unset =
                            || wrong(format!("the environment variable `{name}` is not set"));
                        self.variable(name).map(Raw::Open).ok_or_else(unset)
                    }
                    other => Ok(other),
                };
                Raw::List(items.into_iter().map(item).collect::<Result<_, _>>()?)
            }
            other => other,
        };
        self.read_as(key, &raw, Origin::File { line, variable: None }).map(Some)
    }

    fn read_as<T: Setting>(&self, key: &str, raw: &Raw, origin: Origin) -> Result<T, Wrong> {
        let value = T::read(raw).map_err(|what| self.wrong(key, &what))?;
        self.list(key, value.shown(raw), origin);
        Ok(value)
    }

    /// Reads a table in this one; where it is missing, every setting in it has its default.
    pub(super) fn table<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Section<'_>) -> Result<T, Wrong>,
    ) -> Result<T, Wrong> {
        self.asked.borrow_mut().push(key.to_owned());
        let (line, table) = match self.find(key) {
            None => (self.line, None),
            Some((line, DeValue::Table(table))) => (line, Some(table)),
            Some(_) => return Err(self.wrong(key, "must be a table")),
        };
        Section::new(self.reader, self.path(key), line, table).whole(read)
    }

    /// Reads a table if it is there.
    pub(super) fn optional_table<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Section<'_>) -> Result<T, Wrong>,
    ) -> Result<Option<T>, Wrong> {
        match self.find(key) {
            Some(_) => self.table(key, read).map(Some),
            None => {
                self.asked.borrow_mut().push(key.to_owned());
                Ok(None)
            }
        }
    }

    /// The names that stand in this table, whatever they are: it is a table of somebody's own names.
    pub(super) fn names(&self) -> Vec<String> {
        let keys = self.table.into_iter().flatten().map(|(key, _)| key.get_ref());
        keys.map(|key| key.clone().into_owned()).collect()
    }

    /// The names that stand in a table of this one.
    pub(super) fn names_in(&self, key: &str) -> Vec<String> {
        match self.find(key) {
            Some((line, DeValue::Table(table))) => {
                Section::new(self.reader, self.path(key), line, Some(table)).names()
            }
            _ => Vec::new(),
        }
    }

    /// Whether the file sets it, to whatever.
    pub(super) fn has(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// Lists a value that was not in the file.
    pub(super) fn list(&self, key: &str, value: Value<'static>, origin: Origin) {
        self.reader.rows.borrow_mut().push(Row { key: self.path(key), value, origin });
    }

    /// The value of a variable of the environment.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        (self.reader.environment)(name).filter(|value| !value.trim().is_empty())
    }

    /// What is wrong with a setting.
    pub(super) fn wrong(&self, key: &str, what: &str) -> Wrong {
        let line = self.find(key).map_or(self.line, |(line, _)| line);
        let is_in_file = self.find(key).is_some() || self.table.is_some();
        let line = is_in_file.then_some(line);
        Wrong { line, what: format!("`{}` {what}", self.path(key)) }
    }

    /// Says that something is wrong for those who need it, and for nobody else.
    pub(super) fn put_off(&self, wrong: Wrong) {
        self.reader.later.borrow_mut().push(wrong);
    }

    /// Fails where something was wrong so far: all need it.
    pub(super) fn fail_now(&self) -> Result<(), Wrong> {
        self.reader.later.borrow().first().cloned().map_or(Ok(()), Err)
    }

    fn find(&self, key: &str) -> Option<(usize, &'s DeValue<'s>)> {
        let (key, value) = self.table?.iter().find(|(name, _)| name.get_ref() == key)?;
        Some((self.reader.line(key.span().start), value.get_ref()))
    }

    fn path(&self, key: &str) -> String {
        match self.name.is_empty() {
            true => quoted(key),
            false => format!("{}.{}", self.name, quoted(key)),
        }
    }
}

/// A key as it stands in the file: one with other characters than words have is quoted.
fn quoted(key: &str) -> String {
    let is_bare = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '-';
    match !key.is_empty() && key.chars().all(is_bare) {
        true => key.to_owned(),
        false => literal(key),
    }
}

fn raw(value: &DeValue<'_>) -> Raw {
    match value {
        DeValue::String(text) => Raw::Text(text.clone().into_owned()),
        DeValue::Integer(number) if number.radix() == 10 => Raw::Number(number.as_str().to_owned()),
        DeValue::Float(number) => Raw::Number(number.as_str().to_owned()),
        DeValue::Boolean(flag) => Raw::Flag(*flag),
        DeValue::Array(items) => Raw::List(items.iter().map(|item| raw(item.get_ref())).collect()),
        // No setting is a number of another base, a date of its own or a table.
        DeValue::Integer(_) | DeValue::Datetime(_) | DeValue::Table(_) => Raw::Other,
    }
}

fn unknown_key(key: &str, table: &str, asked: &[String]) -> String {
    let mut what = format!("unknown key `{key}`");
    if !table.is_empty() {
        let _ = write!(what, " in `{table}`");
    }
    let distance = |known: &&String| strsim::osa_distance(key, known);
    let nearest = asked.iter().min_by_key(distance).filter(|known| distance(known) <= 3);
    let _ = match nearest {
        Some(known) => write!(what, "; did you mean `{known}`?"),
        None if asked.is_empty() => write!(what, "; it has no keys"),
        None => write!(what, "; the keys are {}", asked.join(", ")),
    };
    what
}
