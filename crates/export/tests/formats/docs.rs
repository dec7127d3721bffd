//! The page about exports names every column there is.

use centime_export::{BillingAccount, FocusVersion, Format};

use crate::samples::Paper;

fn header(format: Format) -> Vec<String> {
    let paper = Paper::default();
    format.sink(Box::new(paper.clone())).unwrap().finish().unwrap();
    let text = String::from_utf8(paper.bytes()).unwrap();
    text.trim_end().split(',').map(str::to_owned).collect()
}

#[test]
fn every_column_is_explained() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/export.md");
    let page = std::fs::read_to_string(page).unwrap();
    let account = || BillingAccount("a".to_owned());
    for format in [
        Format::Csv,
        Format::Focus { version: FocusVersion::V1_2, account: account() },
        Format::Focus { version: FocusVersion::V1_4, account: account() },
    ] {
        let columns = header(format);
        assert!(columns.len() > 40);
        for column in columns {
            let explains = |line: &str| {
                let names = line.strip_prefix("| ").and_then(|row| row.split_once(" |"));
                names.is_some_and(|(names, _)| names.contains(&format!("`{column}`")))
            };
            assert!(page.lines().any(explains), "docs/export.md does not explain `{column}`");
        }
    }
}
