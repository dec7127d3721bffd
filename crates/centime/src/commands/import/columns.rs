//! Which column of a table holds which field, where nobody says so.

use centime_core::meter::Meter;
use centime_providers::event::is_field;

use super::likeness::{Likeness, alias, is_sum, likeness, normal};
use super::map::Field;

/// The columns whose names say what they hold, and the names of those that say nothing of a call.
///
/// What would be guessing is refused, with the `--map` that says it.
pub(super) fn by_name(
    columns: &[String],
    is_constant: &dyn Fn(&str) -> bool,
) -> Result<(Vec<Field>, Vec<String>), String> {
    let mut found = Found { columns, fields: Vec::new(), aliased: Vec::new() };
    let mut others: Vec<usize> = Vec::new();
    for (index, column) in columns.iter().enumerate() {
        if is_field(column) {
            found.fields.push(Field { name: column.clone(), column: index });
        } else {
            others.push(index);
        }
    }
    others.retain(|&index| match alias(&normal(&columns[index])) {
        Some(field) if !found.has(&field) || found.aliased.contains(&field) => {
            found.fields.push(Field { name: field.clone(), column: index });
            found.aliased.push(field);
            false
        }
        _ => true,
    });
    if found.fields.is_empty() {
        return Err(format!(
            "no column has the name of a field; say which is which, such as \
             `--map at=TIMESTAMP,input=PromptTokens`; the columns are {}",
            columns.join(", ")
        ));
    }
    found.refuse_doubles()?;
    found.refuse_likely(&others, is_constant)?;
    found.refuse_nested()?;
    let unused = others.into_iter().map(|index| columns[index].clone());
    Ok((found.fields, unused.filter(|name| !name.is_empty()).collect()))
}

struct Found<'a> {
    columns: &'a [String],
    fields: Vec<Field>,
    /// The fields whose columns have another name for them, once for each such column.
    aliased: Vec<String>,
}

impl Found<'_> {
    fn has(&self, field: &str) -> bool {
        self.fields.iter().any(|known| known.name == field)
    }

    fn column(&self, field: &Field) -> &str {
        &self.columns[field.column]
    }

    /// Two columns that both seem to hold a field.
    fn refuse_doubles(&self) -> Result<(), String> {
        for (at, field) in self.fields.iter().enumerate() {
            if let Some(first) = self.fields[..at].iter().find(|known| known.name == field.name) {
                return Err(format!(
                    "`{}` and `{}` both seem to be `{}`; say which is which: {}",
                    self.column(first),
                    self.column(field),
                    field.name,
                    self.map_with(&[])
                ));
            }
        }
        Ok(())
    }

    /// Columns that are nearly a field: to leave them out might make a call cheaper than it was.
    fn refuse_likely(
        &self,
        others: &[usize],
        is_constant: &dyn Fn(&str) -> bool,
    ) -> Result<(), String> {
        let is_set = |field: &str| self.has(field) || is_constant(field);
        let has_usage = is_set("input") && is_set("output");
        let mut likely = Vec::new();
        for &index in others {
            let name = normal(&self.columns[index]);
            let Some(Likeness { field, is_usage }) = likeness(&name) else { continue };
            let is_needed = match field {
                _ if is_sum(&name) => !has_usage,
                Some(field) if is_usage => !is_constant(field),
                Some(field) => !is_set(field),
                None => true,
            };
            if is_needed {
                likely.push((index, field));
            }
        }
        if likely.is_empty() {
            return Ok(());
        }
        let names: Vec<_> =
            likely.iter().map(|(index, _)| format!("`{}`", self.columns[*index])).collect();
        let verb = if names.len() == 1 { "looks" } else { "look" };
        Err(format!(
            "{} {verb} like fields of an event under other names; say which is which, and leave out \
             what is none: {}",
            names.join(", "),
            self.map_with(&likely)
        ))
    }

    /// A column that commonly holds the tokens of another one too.
    fn refuse_nested(&self) -> Result<(), String> {
        let has_own_name = |field: &&Field| is_field(&normal(self.column(field)));
        for whole in self.fields.iter().filter(|field| !has_own_name(field)) {
            let is_part: fn(Meter) -> bool = match whole.name.as_str() {
                "input" => |meter| meter != Meter::Input && meter.is_input_token(),
                "output" => |meter| meter != Meter::Output && meter.is_output_token(),
                _ => continue,
            };
            let part = self.fields.iter().find(|field| field.name.parse().is_ok_and(is_part));
            if let Some(part) = part {
                let (column, part) = (self.column(whole), self.column(part));
                return Err(format!(
                    "`{column}` commonly includes `{part}`, and `{}` is what is left without it: \
                     that would be charged twice. Take it out first; where the file has them apart, \
                     say so: {}",
                    whole.name,
                    self.map_with(&[])
                ));
            }
        }
        Ok(())
    }

    /// The map that says what was found and guessed.
    fn map_with(&self, guessed: &[(usize, Option<&'static str>)]) -> String {
        let mut taken: Vec<&str> = Vec::new();
        let mut pairs = Vec::new();
        let found = self.fields.iter().map(|field| (field.column, Some(field.name.as_str())));
        for (column, field) in found.chain(guessed.iter().copied()) {
            // A field has one column: the first of two stands here.
            if field.is_some_and(|field| taken.contains(&field)) {
                continue;
            }
            taken.extend(field);
            pairs.push(format!("{}={}", field.unwrap_or("METER"), self.columns[column]));
        }
        let pairs = pairs.join(",");
        let is_plain = |char: char| char.is_ascii_alphanumeric() || "_-.,:=/".contains(char);
        let pairs = if pairs.chars().all(is_plain) {
            pairs
        } else {
            format!("'{}'", pairs.replace('\'', r"'\''"))
        };
        format!("`--map {pairs}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    fn found(header: &str, constants: &[&str]) -> Result<(String, String), String> {
        let columns = names(header);
        let (fields, unused) = by_name(&columns, &|field| constants.contains(&field))?;
        let fields = fields.iter().map(|field| format!("{}={}", field.name, columns[field.column]));
        Ok((fields.collect::<Vec<_>>().join(" "), unused.join(" ")))
    }

    #[test]
    fn names_that_mean_one_thing_are_known() {
        for (header, fields, unused) in [
            (
                "id,at,model,input,tag:app,colour",
                "id=id at=at model=model input=input tag:app=tag:app",
                "colour",
            ),
            (
                "timestamp,model,input_tokens,output_tokens,total_tokens,cost_usd,user_id,api_key_hash",
                "model=model at=timestamp input=input_tokens output=output_tokens reported_cost=cost_usd \
                 user=user_id",
                "total_tokens api_key_hash",
            ),
            (
                "Created At,Model,PromptTokens,completion-tokens,Cost",
                "at=Created At model=Model \
              input=PromptTokens output=completion-tokens reported_cost=Cost",
                "",
            ),
            (
                "model,input,cached_tokens,output",
                "model=model input=input output=output cache_read=cached_tokens",
                "",
            ),
            (
                "at,time,user,user_name,model,input,cost,total_cost",
                "at=at user=user model=model input=input \
              reported_cost=cost",
                "time user_name total_cost",
            ),
        ] {
            let found = found(header, &[]).unwrap();
            assert_eq!((found.0.as_str(), found.1.as_str()), (fields, unused), "{header}");
        }
        let set = found("model,prompt,output", &["input", "at"]).unwrap();
        assert_eq!(set, ("model=model output=output".to_owned(), "prompt".to_owned()));
        assert!(found("model,output,input_tok,start_time", &["input", "at"]).is_ok());
    }

    #[test]
    fn what_would_be_guessing_is_refused_with_the_map_that_says_it() {
        for (header, map, word) in [
            (
                "TIMESTAMP,ContextTokens,GeneratedTokens",
                "--map at=TIMESTAMP,input=ContextTokens,output=GeneratedTokens`",
                "ContextTokens",
            ),
            (
                "model,input,output_tok",
                "--map model=model,input=input,output=output_tok`",
                "`output_tok` looks like",
            ),
            (
                "model,input,output,date",
                "--map model=model,input=input,output=output,at=date`",
                "`date`",
            ),
            (
                "model,input,output,total cost",
                "--map 'model=model,input=input,output=output,reported_cost=total cost'`",
                "`total cost`",
            ),
            ("model,tokens", "--map model=model,METER=tokens`", "`tokens`"),
            (
                "model,output,total_tokens",
                "--map model=model,output=output,METER=total_tokens`",
                "`total_tokens`",
            ),
            ("model,input,ouput", "--map model=model,input=input,output=ouput`", "`ouput`"),
            ("model,input,prompt_tokens", "--map model=model,input=input`", "`prompt_tokens`"),
            (
                "model,timestamp,created_at,input",
                "--map model=model,input=input,at=timestamp`",
                "`created_at`",
            ),
            (
                "model,prompt_tokens,cached_tokens",
                "--map model=model,input=prompt_tokens,cache_read=cached_tokens`",
                "charged twice",
            ),
            (
                "model,input_tokens,cache_read",
                "--map model=model,cache_read=cache_read,input=input_tokens`",
                "charged twice",
            ),
            (
                "model,completion_tokens,reasoning_tokens",
                "output=completion_tokens,reasoning=reasoning_tokens`",
                "charged twice",
            ),
            (
                "model,input_tokens,cache_creation_input_tokens",
                "cache_write_5m=cache_creation_input_tokens`",
                "cache_creation",
            ),
            ("hello,world", "--map at=TIMESTAMP", "hello, world"),
        ] {
            let error = found(header, &[]).expect_err(header);
            assert!(error.contains(map) && error.contains(word), "{header}: {error}");
        }
    }
}
