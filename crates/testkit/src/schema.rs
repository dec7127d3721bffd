//! A value that a JSON schema allows, as models give when they are held to one.
//!
//! Understood is what providers allow in schemas (<https://platform.openai.com/docs/guides/structured-outputs>),
//! and Gemini's way of writing it; a `pattern` is not.

use serde_json::{Map, Value, json};

use crate::dice::Dice;
use crate::words::phrase;

/// How deep a value goes before it takes only what it must: schemas may contain themselves.
const DEPTH_MAX: u32 = 5;
/// Where it stops, whatever the schema asks.
const DEPTH_END: u32 = 24;

/// A value that the schema allows.
pub(crate) fn value_of(schema: &Value, dice: &mut Dice) -> Value {
    Maker { root: schema, dice }.value(schema, 0)
}

struct Maker<'a> {
    /// Where `#/$defs/…` is looked up.
    root: &'a Value,
    dice: &'a mut Dice,
}

impl<'a> Maker<'a> {
    fn value(&mut self, schema: &'a Value, depth: u32) -> Value {
        if depth > DEPTH_END {
            return Value::Null;
        }
        if let Some(target) = schema["$ref"].as_str() {
            let target = target.trim_start_matches('#');
            let root = self.root;
            return root.pointer(target).map_or(Value::Null, |to| self.value(to, depth + 1));
        }
        if let Some(constant) = schema.get("const") {
            return constant.clone();
        }
        if let Some(allowed) = schema["enum"].as_array() {
            return self.dice.pick(allowed).cloned().unwrap_or(Value::Null);
        }
        for name in ["anyOf", "oneOf"] {
            if let Some(choices) = schema[name].as_array() {
                return self.one_of(choices, depth);
            }
        }
        if let Some(all) = schema["allOf"].as_array() {
            return self.all_of(all, depth);
        }
        match kind(schema).as_str() {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, depth),
            "string" => Value::String(self.string(schema)),
            "integer" => self.integer(schema),
            "number" => self.number(schema),
            "boolean" => Value::Bool(self.dice.below(2) == 1),
            _ => Value::Null,
        }
    }

    /// Deep down, the choice that leads no further.
    fn one_of(&mut self, choices: &'a [Value], depth: u32) -> Value {
        let ends = |choice: &&Value| {
            choice.get("$ref").is_none() && !matches!(kind(choice).as_str(), "object" | "array")
        };
        let chosen = match choices.iter().find(ends) {
            Some(choice) if depth >= DEPTH_MAX => Some(choice),
            _ => self.dice.pick(choices),
        };
        chosen.map_or(Value::Null, |chosen| self.value(chosen, depth + 1))
    }

    fn all_of(&mut self, all: &'a [Value], depth: u32) -> Value {
        let mut merged = Map::new();
        for part in all {
            match self.value(part, depth + 1) {
                Value::Object(more) => merged.extend(more),
                other => return other,
            }
        }
        Value::Object(merged)
    }

    fn object(&mut self, schema: &'a Value, depth: u32) -> Value {
        let required: Vec<&str> = schema["required"]
            .as_array()
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let properties = schema["properties"].as_object().into_iter().flatten();
        let wanted = properties
            .filter(|(name, _)| depth < DEPTH_MAX || required.contains(&name.as_str()))
            .collect::<Vec<_>>();
        wanted.into_iter().map(|(name, of)| (name.clone(), self.value(of, depth + 1))).collect()
    }

    fn array(&mut self, schema: &'a Value, depth: u32) -> Value {
        let least = schema["minItems"].as_u64().unwrap_or(0);
        let most = schema["maxItems"].as_u64().unwrap_or(least.max(3));
        let wanted = if depth < DEPTH_MAX { self.dice.between(least.max(1), 3) } else { least };
        let count = wanted.clamp(least, most.max(least));
        match schema.get("items") {
            Some(items) => (0..count).map(|_| self.value(items, depth + 1)).collect(),
            None => json!([]),
        }
    }

    fn string(&mut self, schema: &Value) -> String {
        match schema["format"].as_str() {
            Some("date-time") => return "2026-03-01T12:00:00Z".to_owned(),
            Some("date") => return "2026-03-01".to_owned(),
            Some("time") => return "12:00:00Z".to_owned(),
            Some("duration") => return "P1D".to_owned(),
            Some("email") => return "someone@example.com".to_owned(),
            Some("hostname") => return "example.com".to_owned(),
            Some("ipv4") => return "192.0.2.1".to_owned(),
            Some("ipv6") => return "2001:db8::1".to_owned(),
            Some("uri" | "url") => return "https://example.com/".to_owned(),
            Some("uuid") => return "123e4567-e89b-12d3-a456-426614174000".to_owned(),
            _ => {}
        }
        let least = usize::try_from(schema["minLength"].as_u64().unwrap_or(0)).unwrap_or(0);
        let most = schema["maxLength"]
            .as_u64()
            .map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
        let words = self.dice.between(1, 4);
        let mut text = phrase(self.dice, words);
        while text.len() < least {
            text.push('x');
        }
        text.truncate(most.max(least));
        text
    }

    fn integer(&mut self, schema: &Value) -> Value {
        let bound = |name: &str| schema[name].as_i64();
        let least = bound("minimum").or(bound("exclusiveMinimum").map(|least| least + 1));
        let most = bound("maximum").or(bound("exclusiveMaximum").map(|most| most - 1));
        let least = least.unwrap_or_else(|| most.map_or(0, |most| most.min(0)));
        let most = most.unwrap_or_else(|| least.saturating_add(100)).max(least);
        let span = u64::try_from(most.saturating_sub(least)).unwrap_or(0).min(1_000_000);
        let drawn = least.saturating_add_unsigned(self.dice.between(0, span));
        match bound("multipleOf") {
            Some(step @ 1..) => {
                let down = drawn - drawn.rem_euclid(step);
                json!(if down < least { down.saturating_add(step) } else { down })
            }
            _ => json!(drawn),
        }
    }

    /// An integer is a number; one with a half shows that it need not be.
    fn number(&mut self, schema: &Value) -> Value {
        let is_free = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]
            .iter()
            .all(|name| schema.get(name).is_none());
        if is_free {
            let whole = i32::try_from(self.dice.between(0, 100)).unwrap_or(0);
            return json!(f64::from(whole) + 0.5);
        }
        let least = schema["minimum"].as_f64().or(schema["exclusiveMinimum"].as_f64());
        let most = schema["maximum"].as_f64().or(schema["exclusiveMaximum"].as_f64());
        match (least, most) {
            // Between two bounds there is always their mean.
            (Some(least), Some(most)) if schema.get("multipleOf").is_none() => {
                json!(f64::midpoint(least, most))
            }
            _ => self.integer(schema),
        }
    }
}

/// The type in lower case, as Gemini does not write it; of several, the first that is not null.
fn kind(schema: &Value) -> String {
    let word = match &schema["type"] {
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null")
        }
        Value::String(kind) => kind,
        _ if schema.get("properties").is_some() => "object",
        _ if schema.get("items").is_some() => "array",
        _ => "string",
    };
    word.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_to_their_schemas() {
        type Keeps = fn(&Value) -> bool;
        let cases: &[(Value, Keeps)] = &[
            (json!({"type":"string","minLength":40,"maxLength":50}), |it| {
                (40..=50).contains(&it.as_str().unwrap().len())
            }),
            (json!({"type":"string","maxLength":2}), |it| it.as_str().unwrap().len() <= 2),
            (json!({"type":"integer","minimum":3,"maximum":4}), |it| {
                (3..=4).contains(&it.as_i64().unwrap())
            }),
            (json!({"type":"integer","exclusiveMaximum":-5}), |it| it.as_i64().unwrap() < -5),
            (json!({"type":"integer","minimum":1,"multipleOf":7}), |it| {
                it.as_i64().unwrap() % 7 == 0 && it.as_i64().unwrap() >= 1
            }),
            (json!({"type":"number"}), Value::is_number),
            (json!({"type":"number","minimum":0.2,"maximum":0.4}), |it| {
                (0.2..=0.4).contains(&it.as_f64().unwrap())
            }),
            (json!({"type":["null","boolean"]}), Value::is_boolean),
            (json!({"enum":["a","b"]}), |it| it == "a" || it == "b"),
            (json!({"const":5}), |it| it == 5),
            (json!({"type":"array","items":{"type":"string"},"minItems":4,"maxItems":5}), |it| {
                let items = it.as_array().unwrap();
                (4..=5).contains(&items.len()) && items.iter().all(Value::is_string)
            }),
            (json!({"type":"OBJECT","properties":{"n":{"type":"INTEGER"}}}), |it| it["n"].is_i64()),
            (
                json!({"allOf":[{"properties":{"a":{"const":1}}},{"properties":{"b":{"const":2}}}]}),
                |it| *it == json!({"a":1,"b":2}),
            ),
            (
                json!({"type":"object","properties":{"who":{"$ref":"#/$defs/person"}},
                       "$defs":{"person":{"type":"object","properties":{"name":{"type":"string"}}}}}),
                |it| it["who"]["name"].is_string(),
            ),
        ];
        for (schema, keeps) in cases {
            for seed in 0..50 {
                let value = value_of(schema, &mut Dice::new(seed));
                assert!(keeps(&value), "{schema} gave {value}");
            }
        }
    }

    #[test]
    fn a_schema_that_contains_itself_comes_to_an_end() {
        let tree = json!({"$ref":"#/$defs/node","$defs":{"node":{"type":"object",
            "properties":{"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]},
                          "all":{"type":"array","items":{"$ref":"#/$defs/node"}}},
            "required":["next","all"]}}});
        for seed in 0..20 {
            assert!(value_of(&tree, &mut Dice::new(seed)).is_object());
        }
        let endless =
            json!({"type":"object","properties":{"self":{"$ref":"#"}},"required":["self"]});
        assert!(value_of(&endless, &mut Dice::new(1)).is_object());
    }
}
