//! Which column of a table holds which field, as `--map` says.

use centime_providers::event::is_field;

use super::pairs::Pair;

/// A field of an event, and the index of its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// The name of the field.
    pub(super) name: String,
    /// Where it stands.
    pub(super) column: usize,
}

/// The columns as somebody maps them.
pub(super) fn mapped(map: &[Pair], columns: &[String]) -> Result<Vec<Field>, String> {
    let mut fields: Vec<Field> = Vec::new();
    for (field, column) in map {
        if !is_field(field) {
            return Err(format!(
                "--map {field}={column}: `{field}` is no field of an event; map to at, model, user, \
                 tag:NAME, … or to a meter such as input or output"
            ));
        }
        if fields.iter().any(|taken| taken.name == *field) {
            return Err(format!("--map {field}={column}: `{field}` is mapped already"));
        }
        let index = columns.iter().position(|name| name == column).ok_or_else(|| {
            format!(
                "--map {field}={column}: there is no such column; there are {}",
                columns.join(", ")
            )
        })?;
        fields.push(Field { name: field.clone(), column: index });
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_name_fields_and_columns_that_are_there() {
        let columns = ["TIMESTAMP".to_owned(), "Tokens".to_owned()];
        let map = |pairs: &[(&str, &str)]| {
            let pairs: Vec<_> = pairs
                .iter()
                .map(|&(field, column)| (field.to_owned(), column.to_owned()))
                .collect();
            mapped(&pairs, &columns)
        };
        let fields = map(&[("at", "TIMESTAMP"), ("input", "Tokens")]).unwrap();
        let field = |name: &str, column| Field { name: name.to_owned(), column };
        assert_eq!(fields, [field("at", 0), field("input", 1)]);
        for wrong in [("at", "Time"), ("colour", "Tokens")] {
            assert!(map(&[wrong]).is_err());
        }
        assert!(map(&[("at", "TIMESTAMP"), ("at", "Tokens")]).is_err());
    }
}
