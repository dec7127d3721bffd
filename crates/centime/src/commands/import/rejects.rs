//! What is refused: said on standard error, and kept in a file for those who want to mend it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::records::Problem;
use crate::failure::{Failure, Outcome};
use crate::output::escape;

/// How many problems are said one by one.
const SAID_MAX: u64 = 10;

/// Where problems go.
pub(super) struct Rejects {
    file: Option<(BufWriter<File>, String)>,
    count: u64,
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
        let record = &problem.record;
        if self.count <= SAID_MAX {
            anstream::eprintln!("{}:{}: {}", record.file, record.line, problem.what);
        } else if self.count == SAID_MAX + 1 {
            let where_to = match &self.file {
                Some((_, name)) => format!("all of them are in `{name}`"),
                None => "`--rejects FILE` keeps all of them".to_owned(),
            };
            anstream::eprintln!("… and more; {where_to}");
        }
        if let Some((file, name)) = &mut self.file {
            let id = problem.id.as_deref().map_or_else(|| "null".to_owned(), escape);
            writeln!(
                file,
                "{{\"file\":{},\"line\":{},\"id\":{id},\"error\":{},\"record\":{}}}",
                escape(&record.file),
                record.line,
                escape(&problem.what),
                escape(&String::from_utf8_lossy(&record.raw)),
            )
            .map_err(|error| Failure::Environment(format!("cannot write `{name}`: {error}")))?;
        }
        Ok(())
    }

    /// Writes out what is still in memory.
    pub(super) fn finish(&mut self) -> Outcome {
        match &mut self.file {
            Some((file, name)) => file
                .flush()
                .map_err(|error| Failure::Environment(format!("cannot write `{name}`: {error}"))),
            None => Ok(()),
        }
    }
}
