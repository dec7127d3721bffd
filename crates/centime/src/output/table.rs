//! Tables: lines and colours on a terminal, plain columns in a pipe.

use std::io::{IsTerminal, Write, stdout};

use comfy_table::{
    Attribute, Cell, CellAlignment, ContentArrangement, LineStyle, TableStyle, presets,
};

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
        let is_terminal = stdout().is_terminal();
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
        let mut out = anstream::stdout().lock();
        for line in table.to_string().lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    fn aligned(&self, row: &[String], is_bold: bool) -> Vec<Cell> {
        let columns = row.iter().zip(&self.columns);
        columns.map(|(text, (_, align))| cell(text, *align, is_bold)).collect()
    }

    /// Prints it for spreadsheets, without its footer: a sum among the rows would be counted twice.
    pub(crate) fn print_csv(&self) -> Outcome {
        let mut out = csv::Writer::from_writer(stdout().lock());
        let written = out
            .write_record(self.columns.iter().map(|(name, _)| name))
            .and_then(|()| self.rows.iter().try_for_each(|row| out.write_record(row)));
        written.map_err(std::io::Error::from)?;
        out.flush()?;
        Ok(())
    }
}

fn cell(text: &str, align: Align, is_bold: bool) -> Cell {
    let cell = Cell::new(visible(text)).set_alignment(match align {
        Align::Left => CellAlignment::Left,
        Align::Right => CellAlignment::Right,
    });
    if is_bold { cell.add_attribute(Attribute::Bold) } else { cell }
}

/// Names come from anybody: what would steer the terminal is shown instead of done.
fn visible(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { '\u{fffd}' } else { char }).collect()
}
