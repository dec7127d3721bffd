//! Tables: lines and colours on a terminal, plain columns in a pipe.

use std::io::{Write, stdout};

use comfy_table::{
    Attribute, Cell, CellAlignment, ContentArrangement, LineStyle, TableStyle, presets,
};

use super::{blocks, screen_width, visible};
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
    parts: Vec<i128>,
}

/// How wide the bars of a table are.
const BAR_WIDTHS: std::ops::RangeInclusive<usize> = 6..=24;
/// What stands beside a bar, and around both.
const BESIDE_BAR_WIDTH: usize = " 100.0 %".len() + 3;

impl Table {
    /// A table with these columns.
    pub(crate) fn new<T: Into<String>>(columns: impl IntoIterator<Item = (T, Align)>) -> Self {
        let columns = columns.into_iter().map(|(name, align)| (name.into(), align)).collect();
        Self { columns, rows: Vec::new(), footer: None, parts: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Sets the last row, which sums up the others.
    pub(crate) fn footer(&mut self, cells: Vec<String>) {
        self.footer = Some(cells);
    }

    /// What part of a whole each row is: on a screen that has room for it, as a bar beside the row.
    pub(crate) fn parts(&mut self, parts: Vec<i128>) {
        self.parts = parts;
    }

    /// Prints it for people.
    pub(crate) fn print(&self) -> Outcome {
        let mut out = anstream::stdout().lock();
        for line in self.lines(screen_width()) {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    /// Its lines on a screen of this width, or in a pipe.
    fn lines(&self, screen_width: Option<usize>) -> Vec<String> {
        let mut table = self.laid_out(screen_width.is_some(), &[]);
        if let Some(width) = screen_width {
            let bars = self.bars(width.saturating_sub(width_of(&table)));
            if !bars.is_empty() {
                table = self.laid_out(true, &bars);
            }
            table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
            table.set_content_arrangement(ContentArrangement::Dynamic);
        }
        table.to_string().lines().map(|line| line.trim_end().to_owned()).collect()
    }

    fn laid_out(&self, is_screen: bool, bars: &[String]) -> comfy_table::Table {
        let mut table = comfy_table::Table::new();
        table.load_style(if is_screen { RULED } else { presets::NOTHING });
        table.set_content_arrangement(ContentArrangement::Disabled);
        let head = self.columns.iter().map(|(name, align)| cell(name, *align, is_screen));
        let share = (!bars.is_empty()).then(|| cell("share of cost", Align::Left, true));
        table.set_header(head.chain(share));
        let mut bars = bars.iter();
        for row in &self.rows {
            let bar = bars.next().map(|bar| cell(bar, Align::Left, false));
            table.add_row(self.aligned(row, false).into_iter().chain(bar));
        }
        if let Some(footer) = &self.footer {
            table.add_row(self.aligned(footer, is_screen));
        }
        table
    }

    /// A bar for each row, as wide as there is room; none where there is too little, or nothing to show.
    fn bars(&self, room: usize) -> Vec<String> {
        let whole: i128 = self.parts.iter().sum();
        let most = self.parts.iter().copied().max().unwrap_or_default();
        let width = room.saturating_sub(BESIDE_BAR_WIDTH).min(*BAR_WIDTHS.end());
        if most <= 0 || !BAR_WIDTHS.contains(&width) {
            return Vec::new();
        }
        let bar = |&part: &i128| {
            // Nothing may be a price that nobody knows: no share is said of it.
            let percent = blocks::percent(part, whole).filter(|_| part != 0).unwrap_or_default();
            format!("{:width$} {percent:>7}", blocks::bar(part, most, width))
        };
        self.parts.iter().map(bar).collect()
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
        self.lines(None).join("\n")
    }

    /// What spreadsheets read.
    #[cfg(test)]
    pub(crate) fn csv(&self) -> String {
        let mut out = Vec::new();
        self.write_csv(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}

/// How wide a table on a screen is: as long as the rule under its head, whose characters are one wide
/// each, as those of names need not be.
fn width_of(table: &comfy_table::Table) -> usize {
    table.to_string().lines().nth(1).map_or(0, |rule| rule.chars().count())
}

fn cell(text: &str, align: Align, is_bold: bool) -> Cell {
    let cell = Cell::new(visible(text)).set_alignment(match align {
        Align::Left => CellAlignment::Left,
        Align::Right => CellAlignment::Right,
    });
    if is_bold { cell.add_attribute(Attribute::Bold) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(parts: &[i128]) -> Table {
        let mut table = Table::new([("model", Align::Left), ("cost", Align::Right)]);
        for part in parts {
            table.row(vec![format!("m{part}"), part.to_string()]);
        }
        table.footer(vec!["total".to_owned(), parts.iter().sum::<i128>().to_string()]);
        table.parts(parts.to_vec());
        table
    }

    #[test]
    fn a_screen_with_room_for_them_has_bars() {
        let lines = table(&[75, 25, 0]).lines(Some(42));
        let text = lines.join("\n");
        assert!(lines[0].contains("share of cost"), "{text}");
        for (line, bar, percent) in [(2, 17, "75.0 %"), (3, 5, "25.0 %"), (4, 0, "0")] {
            let blocks = lines[line].chars().filter(|char| *char == '█').count();
            assert!(blocks == bar && lines[line].ends_with(percent), "{text}");
        }
        assert!(lines.iter().all(|line| line.chars().count() <= 42), "{text}");
        assert!(!lines[5].contains('%') && lines[5].contains("100"), "{text}");
        for (table, width) in [
            (table(&[75, 25]), None),
            (table(&[75, 25]), Some(30)),
            (table(&[0, 0]), Some(200)),
            (table(&[]), Some(200)),
        ] {
            let text = table.lines(width).join("\n");
            assert!(!text.contains('%') && !text.contains("share"), "{text}");
        }
    }
}
