//! Tables: lines and colours on a terminal, plain columns in a pipe.

use std::io::{IsTerminal, Write, stdout};

use comfy_table::{
    Attribute, Cell, CellAlignment, ContentArrangement, LineStyle, TableStyle, presets,
};

use super::visible;
use crate::failure::Outcome;

/// On which side of its column a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// On a terminal: a rule under the head, and no other line.
const RULED: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table of rows, printed as people or spreadsheets read it.
pub(crate) struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
    footer: Option<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    pub(crate) fn new<T: Into<String>>(columns: impl IntoIterator<Item = (T, Align)>) -> Self {
        let columns = columns.into_iter().map(|(name, align)| (name.into(), align)).collect();
        Self { columns, rows: Vec::new(), footer: None }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Sets the last row, which sums up the others.
    pub(crate) fn footer(&mut self, cells: Vec<String>) {
        self.footer = Some(cells);
    }

    /// Prints it for people.
    pub(crate) fn print(&self) -> Outcome {
        let mut out = anstream::stdout().lock();
        for line in self.lines(stdout().is_terminal()) {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    fn lines(&self, is_terminal: bool) -> Vec<String> {
        let mut table = comfy_table::Table::new();
        if is_terminal {
            table.load_style(RULED).set_content_arrangement(ContentArrangement::Dynamic);
        } else {
            table.load_style(presets::NOTHING);
        }
        let head = self.columns.iter().map(|(name, align)| cell(name, *align, is_terminal));
        table.set_header(head);
        for row in &self.rows {
            table.add_row(self.aligned(row, false));
        }
        if let Some(footer) = &self.footer {
            table.add_row(self.aligned(footer, is_terminal));
        }
        table.to_string().lines().map(|line| line.trim_end().to_owned()).collect()
    }

    fn aligned(&self, row: &[String], is_bold: bool) -> Vec<Cell> {
        let columns = row.iter().zip(&self.columns);
        columns.map(|(text, (_, align))| cell(text, *align, is_bold)).collect()
    }

    /// Prints it for spreadsheets, without its footer: a sum among the rows would be counted twice.
    pub(crate) fn print_csv(&self) -> Outcome {
        Ok(self.write_csv(stdout().lock())?)
    }

    fn write_csv(&self, out: impl Write) -> std::io::Result<()> {
        let mut out = csv::Writer::from_writer(out);
        let written = out
            .write_record(self.columns.iter().map(|(name, _)| name))
            .and_then(|()| self.rows.iter().try_for_each(|row| out.write_record(row)));
        written.map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => error,
            other => std::io::Error::other(format!("{other:?}")),
        })?;
        out.flush()
    }

    /// What people read in a pipe.
    #[cfg(test)]
    pub(crate) fn text(&self) -> String {
        self.lines(false).join("\n")
    }

    /// What spreadsheets read.
    #[cfg(test)]
    pub(crate) fn csv(&self) -> String {
        let mut out = Vec::new();
        self.write_csv(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}

fn cell(text: &str, align: Align, is_bold: bool) -> Cell {
    let cell = Cell::new(visible(text)).set_alignment(match align {
        Align::Left => CellAlignment::Left,
        Align::Right => CellAlignment::Right,
    });
    if is_bold { cell.add_attribute(Attribute::Bold) } else { cell }
}
