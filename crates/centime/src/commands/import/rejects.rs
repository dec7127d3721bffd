//! What is refused: said on standard error, and kept in a file for those who want to mend it.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use super::records::{Place, Problem};
use crate::failure::{Failure, Outcome};
use crate::output::{say, visible};

/// How many problems are said one by one.
const SAID_MAX: u64 = 10;

/// Where problems go.
pub(super) struct Rejects {
    file: Option<(BufWriter<File>, String)>,
    count: u64,
}

/// A problem as it is kept.
#[derive(Serialize)]
struct Reject<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<&'a str>,
    id: Option<&'a str>,
    error: &'a str,
    record: Cow<'a, str>,
}

impl Rejects {
    /// Opens the file that was named, if one was.
    pub(super) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let open = |path: &Path| match File::create(path) {
            Ok(file) => Ok((BufWriter::new(file), path.display().to_string())),
            Err(error) => {
                Err(Failure::Environment(format!("cannot write `{}`: {error}", path.display())))
            }
        };
        Ok(Self { file: path.map(open).transpose()?, count: 0 })
    }

    /// Refuses a record.
    pub(super) fn refuse(&mut self, problem: &Problem) -> Outcome {
        self.count += 1;
        if self.count <= SAID_MAX {
            say(told(problem));
        } else if self.count == SAID_MAX + 1 {
            let where_to = match &self.file {
                Some((_, name)) => format!("all of them are in `{}`", visible(name)),
                None => "`--rejects FILE` keeps all of them".to_owned(),
            };
            say(format_args!("… and more; {where_to}"));
        }
        if let Some((file, name)) = &mut self.file {
            keep(file, problem).map_err(|error| cannot_write(name, &error))?;
        }
        Ok(())
    }

    /// Writes out what is still in memory.
    pub(super) fn finish(&mut self) -> Outcome {
        match &mut self.file {
            Some((file, name)) => file.flush().map_err(|error| cannot_write(name, &error)),
            None => Ok(()),
        }
    }
}

fn cannot_write(name: &str, error: &io::Error) -> Failure {
    Failure::Environment(format!("cannot write `{name}`: {error}"))
}

/// The line that a person reads.
fn told(problem: &Problem) -> String {
    let record = &problem.record;
    let (file, what) = (visible(&record.file), visible(&problem.what));
    match &record.place {
        Place::Line(line) => format!("{file}:{line}: {what}"),
        Place::Row { row, column: None } => format!("{file}: row {}: {what}", visible(row)),
        Place::Row { row, column: Some(column) } => {
            format!("{file}: row {}, column `{column}`: {what}", visible(row))
        }
    }
}

fn keep(out: &mut impl Write, problem: &Problem) -> io::Result<()> {
    let record = &problem.record;
    let (line, row, column) = match &record.place {
        Place::Line(line) => (Some(*line), None, None),
        Place::Row { row, column } => (None, Some(&**row), *column),
    };
    let reject = Reject {
        file: &record.file,
        line,
        row,
        column,
        id: problem.id.as_deref(),
        error: &problem.what,
        record: String::from_utf8_lossy(&record.raw),
    };
    serde_json::to_writer(&mut *out, &reject)?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::import::records::Record;

    #[test]
    fn a_row_is_named_with_its_column() {
        let place = Place::Row { row: "id 7\n".into(), column: Some("cost_usd") };
        let record = Record { file: "costs.db".into(), place, raw: b"{}".to_vec() };
        let problem = Problem { record, id: None, what: "is bad".to_owned() };
        assert_eq!(told(&problem), "costs.db: row id 7\u{fffd}, column `cost_usd`: is bad");
        let mut kept = Vec::new();
        keep(&mut kept, &problem).unwrap();
        assert_eq!(
            String::from_utf8(kept).unwrap(),
            "{\"file\":\"costs.db\",\"row\":\"id 7\\n\",\"column\":\"cost_usd\",\"id\":null,\
             \"error\":\"is bad\",\"record\":\"{}\"}\n"
        );
    }

    #[test]
    fn what_is_foreign_steers_no_terminal_and_breaks_no_line() {
        let problem = Problem {
            record: Record {
                file: "a\x1b]0;x\x07".into(),
                place: Place::Line(3),
                raw: b"\"\n\xff".to_vec(),
            },
            id: Some("i\"1".to_owned()),
            what: "found `\x1b[2J\r\n`".to_owned(),
        };
        assert_eq!(told(&problem), "a\u{fffd}]0;x\u{fffd}:3: found `\u{fffd}[2J\u{fffd}\u{fffd}`");
        let mut kept = Vec::new();
        keep(&mut kept, &problem).unwrap();
        assert_eq!(
            String::from_utf8(kept).unwrap(),
            "{\"file\":\"a\\u001b]0;x\\u0007\",\"line\":3,\"id\":\"i\\\"1\",\
             \"error\":\"found `\\u001b[2J\\r\\n`\",\"record\":\"\\\"\\n\u{fffd}\"}\n"
        );
    }
}
