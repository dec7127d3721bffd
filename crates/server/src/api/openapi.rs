//! `GET /api/v1/openapi.json`: the API for programs that read how to call it, made from the table that
//! requests are answered by.

use std::sync::LazyLock;

use bytes::Bytes;
use centime_answers::schema::{self, Kind};
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::query::Parameter;
use super::routes::{ROUTES, Resource, Route};
use super::{events, health};

/// The document as it is sent.
pub(super) fn bytes() -> Bytes {
    static BYTES: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(document().to_string()));
    BYTES.clone()
}

/// The document.
pub(super) fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for (path, methods) in ROUTES.iter().map(path) {
        match (paths.get_mut(&path).and_then(Value::as_object_mut), methods) {
            (Some(known), Value::Object(methods)) => known.extend(methods),
            (_, methods) => drop(paths.insert(path, methods)),
        }
    }
    let mut schemas: Map<String, Value> = schema::all().into_iter().map(named).collect();
    schemas.extend(events::schemas().into_iter().map(named));
    schemas.extend([
        named(("Health", health::schema())),
        named(("Error", error())),
        named(("EntriesPage", entries_page())),
    ]);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Centime",
            "summary": "The cost ledger for LLM traffic: what every call cost, and who it was for.",
            "description": "Money is a decimal number literal with all its digits: read it as a \
                            decimal, not as a float.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"adminKey": {
                "type": "http",
                "scheme": "bearer",
                "description": "`admin_key` of the configuration, or a key of the role `admin` or \
                                `read-only`; nothing is asked for on a loopback address while no \
                                key was created.",
            }},
        },
    })
}

fn named((name, schema): schema::Named) -> (String, Value) {
    (name.to_owned(), schema)
}

fn path(route: &Route) -> (String, Value) {
    let mut parameters: Vec<Value> = route.parameters.iter().map(parameter).collect();
    if route.path.ends_with("{id}") {
        parameters.push(json!({
            "name": "id",
            "in": "path",
            "required": true,
            "description": match route.resource {
                Resource::Key => "The key's id",
                Resource::Budget | Resource::Plan => "Its name; `/` is written `%2F`",
                _ => "The entry's own id, or the 32 digits of its `uid`; `/` is written `%2F`",
            },
            "schema": {"type": "string"},
        }));
    }
    let (kind, answer) = route.answer;
    let content = |kind: &str, schema: Value| json!({kind: {"schema": schema}});
    let mut responses = Map::new();
    let done = json!({"description": "The answer", "content": content(kind, answer())});
    if route.resource == Resource::Readiness {
        responses.insert("503".to_owned(), done.clone());
    }
    responses.insert("200".to_owned(), done);
    for &status in route.refusals {
        let content = content("application/json", schema::named("Error"));
        let refusal = json!({"description": reason(status), "content": content});
        responses.insert(status.to_string(), refusal);
    }
    let security = match route.is_open() {
        true => json!([]),
        false => json!([{}, {"adminKey": []}]),
    };
    let mut operation = json!({
        "operationId": format!("{:?}", route.resource).to_lowercase(),
        "summary": route.says,
        "parameters": parameters,
        "responses": responses,
        "security": security,
    });
    match route.resource {
        Resource::Events => operation["requestBody"] = events::request_body(),
        Resource::NewKey => operation["requestBody"] = request_body("WantedKey"),
        Resource::SetBudget => operation["requestBody"] = request_body("WantedBudget"),
        Resource::SetPlan => operation["requestBody"] = request_body("WantedPlan"),
        Resource::SetUser => operation["requestBody"] = request_body("WantedUser"),
        _ => {}
    }
    let methods = route.methods().split(", ").filter(|method| *method != "HEAD");
    let methods = methods.map(|method| (method.to_lowercase(), operation.clone()));
    (route.path.to_owned(), Value::Object(methods.collect()))
}

/// What may be sent.
fn request_body(of: &str) -> Value {
    json!({"required": true, "content": {"application/json": {"schema": schema::named(of)}}})
}

fn parameter(parameter: &Parameter) -> Value {
    let schema = (parameter.schema)();
    let schema = if parameter.is_list { schema::list(&schema) } else { schema };
    json!({
        "name": parameter.name,
        "in": "query",
        "description": parameter.says,
        "schema": schema,
    })
}

fn reason(status: u16) -> &'static str {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    status.canonical_reason().unwrap_or_default()
}

fn error() -> Value {
    let member = |kind: Kind, says| schema::described(kind.schema(), says);
    let error = schema::object(
        "",
        [
            ("message", member(Kind::Text, "what is wrong, and what to do")),
            ("type", member(Kind::Text, "")),
            ("param", member(Kind::Maybe(&Kind::Text), "the parameter that it is about")),
            ("code", member(Kind::Text, "for programs")),
        ],
    );
    schema::object("Why there is no answer.", [("error", error)])
}

fn entries_page() -> Value {
    let next = Kind::Maybe(&Kind::Text).schema();
    let next = schema::described(next, "what to send as `after` for the next page; null: the last");
    let entries = schema::list(&schema::named("Entry"));
    schema::object("A page of entries, newest first.", [("entries", entries), ("next", next)])
}
