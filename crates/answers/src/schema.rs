//! What answers look like, as JSON Schema (2020-12, which is what OpenAPI 3.1 speaks).

use serde_json::{Map, Value as Json, json};

use crate::Value;

/// What a value of a document is.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A text.
    Text,
    /// A moment: RFC 3339.
    Moment,
    /// Yes or no.
    Flag,
    /// A whole number.
    Count,
    /// US dollars: an exact decimal with all its digits.
    Money,
    /// An exact decimal.
    Number,
    /// One of some names.
    OneOf(fn() -> Vec<&'static str>),
    /// A list of texts.
    Texts,
    /// An object of texts.
    TextByName,
    /// An object of exact decimals.
    NumberByName,
    /// Any JSON.
    Anything,
    /// `null`, where there is none.
    Maybe(&'static Kind),
}

impl Kind {
    /// Its schema.
    ///
    /// ```
    /// use centime_answers::schema::Kind;
    ///
    /// let schema = Kind::Maybe(&Kind::Count).schema();
    /// assert_eq!(schema, serde_json::json!({"type": ["integer", "null"]}));
    /// ```
    #[must_use]
    pub fn schema(self) -> Json {
        match self {
            Self::Text => json!({"type": "string"}),
            Self::Moment => json!({"type": "string", "format": "date-time"}),
            Self::Flag => json!({"type": "boolean"}),
            Self::Count => json!({"type": "integer"}),
            Self::Money | Self::Number => json!({"type": "number"}),
            Self::OneOf(names) => json!({"type": "string", "enum": names()}),
            Self::Texts => json!({"type": "array", "items": {"type": "string"}}),
            Self::TextByName => {
                json!({"type": "object", "additionalProperties": {"type": "string"}})
            }
            Self::NumberByName => {
                json!({"type": "object", "additionalProperties": {"type": "number"}})
            }
            Self::Anything => json!({}),
            Self::Maybe(kind) => or_null(kind.schema()),
        }
    }
}

/// A field of a document: its name, what it is, and its value.
pub struct Field<T: 'static> {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// What it says, in a few words.
    pub says: &'static str,
    /// Its value.
    pub of: for<'a> fn(&'a T) -> Value<'a>,
}

impl<T> Field<T> {
    /// A field.
    #[must_use]
    pub const fn new(
        name: &'static str,
        kind: Kind,
        says: &'static str,
        of: for<'a> fn(&'a T) -> Value<'a>,
    ) -> Self {
        Self { name, kind, says, of }
    }

    /// Its name and its schema.
    #[must_use]
    pub fn member(&self) -> (&'static str, Json) {
        (self.name, described(self.kind.schema(), self.says))
    }
}

/// A schema and the name under which others refer to it.
pub type Named = (&'static str, Json);

/// The schemas of all answers.
#[must_use]
pub fn all() -> Vec<Named> {
    let mut all = crate::report::schemas();
    all.extend(crate::entries::schemas());
    all.extend(crate::explain::schemas());
    all.extend(crate::prices::schemas());
    all.extend(crate::budgets::schemas());
    all.extend(crate::keys::schemas());
    all.extend(crate::alerts::schemas());
    all
}

/// An object that has all of these members.
#[must_use]
pub fn object(says: &str, members: impl IntoIterator<Item = (&'static str, Json)>) -> Json {
    let properties: Map<String, Json> =
        members.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    let required: Vec<&String> = properties.keys().collect();
    described(json!({"type": "object", "required": required, "properties": properties}), says)
}

/// The same with members that may be missing.
#[must_use]
pub fn with_optional(
    mut object: Json,
    members: impl IntoIterator<Item = (&'static str, Json)>,
) -> Json {
    for (name, schema) in members {
        object["properties"][name] = schema;
    }
    object
}

/// The same, described.
#[must_use]
pub fn described(mut schema: Json, says: &str) -> Json {
    if !says.is_empty() {
        schema["description"] = Json::from(says);
    }
    schema
}

/// A list of such.
#[must_use]
pub fn list(items: &Json) -> Json {
    json!({"type": "array", "items": items})
}

/// Such or `null`.
#[must_use]
pub fn or_null(mut schema: Json) -> Json {
    match schema.get("type") {
        Some(Json::String(kind)) if schema.get("enum").is_none() => {
            schema["type"] = json!([kind, "null"]);
            schema
        }
        _ => json!({"anyOf": [schema, {"type": "null"}]}),
    }
}

/// What has a name.
#[must_use]
pub fn named(name: &str) -> Json {
    json!({"$ref": format!("#/components/schemas/{name}")})
}
