//! Which JSON Schema `responseJsonSchema` takes: section 2 of the Gemini reference.

use serde_json::{Map, Value};

use super::shape::Violation;

const KEYWORDS: [&str; 20] = [
    "$id",
    "$defs",
    "$ref",
    "$anchor",
    "type",
    "format",
    "title",
    "description",
    "enum",
    "items",
    "prefixItems",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "anyOf",
    "oneOf",
    "properties",
    "additionalProperties",
    "required",
];
const ORDERING: &str = "propertyOrdering";
const TYPES: [&str; 7] = ["string", "number", "integer", "boolean", "object", "array", "null"];

/// Returns what the schema holds that is not taken.
pub(crate) fn violations(schema: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    node(schema, schema, "generation_config.response_json_schema", &mut found);
    found
}

fn node(root: &Value, schema: &Value, path: &str, found: &mut Vec<Violation>) {
    let Some(map) = schema.as_object() else {
        return say(found, path, "a schema must be an object");
    };
    for (keyword, value) in map {
        let path = format!("{path}.{keyword}");
        match keyword.as_str() {
            "properties" | "$defs" => each_value(root, value, &path, found),
            "items" => node(root, value, &path, found),
            "prefixItems" | "anyOf" | "oneOf" => each_element(root, value, &path, found),
            "additionalProperties" if !value.is_boolean() => node(root, value, &path, found),
            "enum" => enumeration(value, &path, found),
            "type" => types(value, &path, found),
            "$ref" => reference(root, map, value, &path, found),
            "required" => required(map, value, &path, found),
            other if KEYWORDS.contains(&other) || other == ORDERING => {}
            other => say(found, &path, &format!("the keyword \"{other}\" is not supported")),
        }
    }
}

fn each_value(root: &Value, value: &Value, path: &str, found: &mut Vec<Violation>) {
    let Some(map) = value.as_object() else { return say(found, path, "must be an object") };
    for (name, schema) in map {
        node(root, schema, &format!("{path}.{name}"), found);
    }
}

fn each_element(root: &Value, value: &Value, path: &str, found: &mut Vec<Violation>) {
    let Some(list) = value.as_array() else { return say(found, path, "must be a list") };
    for (i, schema) in list.iter().enumerate() {
        node(root, schema, &format!("{path}[{i}]"), found);
    }
}

fn enumeration(value: &Value, path: &str, found: &mut Vec<Violation>) {
    let is_good = value
        .as_array()
        .is_some_and(|values| !values.is_empty() && values.iter().all(|value| value.is_string() || value.is_number()));
    if !is_good {
        say(found, path, "must be a list of strings or numbers");
    }
}

fn types(value: &Value, path: &str, found: &mut Vec<Violation>) {
    let is_type =
        |value: &Value| value.as_str().is_some_and(|name| TYPES.contains(&name.to_ascii_lowercase().as_str()));
    let is_good = is_type(value) || value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(is_type));
    if !is_good {
        say(found, path, "must name a type or a list of types");
    }
}

fn reference(root: &Value, map: &Map<String, Value>, value: &Value, path: &str, found: &mut Vec<Violation>) {
    if map.keys().any(|key| !key.starts_with('$')) {
        say(found, path, "a node with \"$ref\" may have no other keyword");
    }
    if value.as_str().and_then(|reference| target(root, reference)).is_none() {
        say(found, path, "refers to nothing");
    }
}

fn required(map: &Map<String, Value>, value: &Value, path: &str, found: &mut Vec<Violation>) {
    let properties = map.get("properties").and_then(Value::as_object);
    let is_known = |name: &Value| {
        name.as_str().is_some_and(|name| properties.is_some_and(|properties| properties.contains_key(name)))
    };
    if !value.as_array().is_some_and(|names| names.iter().all(is_known)) {
        say(found, path, "must name properties that are defined");
    }
}

/// Returns what a `$ref` refers to.
pub(crate) fn target<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    root.pointer(reference.strip_prefix('#')?)
}

fn say(found: &mut Vec<Violation>, path: &str, what: &str) {
    found.push(Violation { field: path.to_owned(), description: format!("Invalid schema at '{path}': {what}.") });
}
