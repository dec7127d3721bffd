//! The configuration file.
//!
//! Flags beat the environment, which beats the file; relative paths in the file are the file's.

use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The file that is read when none is named and it is there.
const DEFAULT_FILE: &str = "centime.toml";

/// What the file may set.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Config {
    /// `database`: the ledger.
    pub database: Option<String>,
    /// `timezone`: whose clocks days are read from.
    pub timezone: Option<String>,
    /// `tags`: the declared ones, whose reports are answered from rollups.
    pub tags: Vec<String>,
}

/// The keys there are.
const KEYS: &[&str] = &["database", "tags", "timezone"];

impl Config {
    /// Reads the file that was named, or `centime.toml` where there is one.
    pub(crate) fn read(named: Option<&Path>) -> Result<Self, Failure> {
        let path = match named {
            Some(path) => path.to_owned(),
            None if Path::new(DEFAULT_FILE).exists() => PathBuf::from(DEFAULT_FILE),
            None => return Ok(Self::default()),
        };
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Failure::Usage(format!("cannot read the configuration `{}`: {error}", path.display()))
        })?;
        Self::parse(&text, path.parent().unwrap_or(Path::new("")))
            .map_err(|what| Failure::Usage(format!("{}: {what}", path.display())))
    }

    fn parse(text: &str, folder: &Path) -> Result<Self, String> {
        let table: toml::Table =
            text.parse().map_err(|error: toml::de::Error| error.to_string().trim().to_owned())?;
        let mut config = Self::default();
        for (key, value) in table {
            let text = || match value.as_str() {
                Some(text) => from_environment(text),
                None => Err(format!("`{key}` must be a text")),
            };
            match key.as_str() {
                "database" => config.database = Some(beside(folder, text()?)),
                "timezone" => config.timezone = Some(text()?),
                "tags" => config.tags = tags(&value)?,
                _ => return Err(unknown_key(&key)),
            }
        }
        Ok(config)
    }
}

/// Names of tags, in a list.
fn tags(value: &toml::Value) -> Result<Vec<String>, String> {
    let name =
        |item: &toml::Value| item.as_str().filter(|name| !name.is_empty()).map(str::to_owned);
    let names = value.as_array().and_then(|items| items.iter().map(name).collect());
    names.ok_or_else(|| "`tags` must be a list of names, such as `[\"app\", \"env\"]`".to_owned())
}

/// A value may be `env:NAME`.
fn from_environment(text: &str) -> Result<String, String> {
    let Some(name) = text.strip_prefix("env:") else {
        return Ok(text.to_owned());
    };
    std::env::var(name).map_err(|_| format!("the environment variable `{name}` is not set"))
}

/// A relative path in the file is the file's.
fn beside(folder: &Path, database: String) -> String {
    if database.contains("://") {
        return database;
    }
    folder.join(database).display().to_string()
}

fn unknown_key(key: &str) -> String {
    let nearest = KEYS.iter().min_by_key(|known| strsim::osa_distance(key, known));
    let hint = match nearest.filter(|known| strsim::osa_distance(key, known) <= 3) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("the keys are {}", KEYS.join(", ")),
    };
    format!("unknown key `{key}`; {hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_knows_and_names_what_it_does_not() {
        let parse = |text| Config::parse(text, Path::new("/etc/centime"));
        let text = "database = \"centime.db\"\ntimezone = \"Europe/Paris\"\ntags = [\"app\"]\n";
        let config = parse(text).unwrap();
        assert_eq!(config.tags, ["app"]);
        assert_eq!(config.database.as_deref(), Some("/etc/centime/centime.db"));
        assert_eq!(config.timezone.as_deref(), Some("Europe/Paris"));
        for (text, expected) in [
            ("databse = \"x\"", "unknown key `databse`; did you mean `database`?"),
            ("quux = 1", "unknown key `quux`; the keys are database, tags, timezone"),
            ("timezone = 5", "`timezone` must be a text"),
            ("tags = \"app\"", "`tags` must be a list of names, such as `[\"app\", \"env\"]`"),
            ("tags = [\"app\", 5]", "`tags` must be a list of names, such as `[\"app\", \"env\"]`"),
            ("tags = [\"\"]", "`tags` must be a list of names, such as `[\"app\", \"env\"]`"),
        ] {
            assert_eq!(parse(text).unwrap_err(), expected);
        }
        assert!(parse("database = ").is_err());
        assert_eq!(beside(Path::new("/x"), "postgres://h/d".into()), "postgres://h/d");
    }
}
