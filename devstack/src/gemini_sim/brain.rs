//! What the simulated model answers when nobody scripted it.
//!
//! Of text it understands nothing and says so: it follows the schema of the request and chooses, wherever there is a
//! choice, the value that means "unclear". That is what a real model is asked to do with words it cannot read. Of
//! recordings and pictures it knows what somebody noted that they say.

use serde_json::{Map, Value, json};

use super::check::schema::target;
use super::ear::{self, HeardAction};

/// Words that mean "I do not know" in a schema's enums, best first.
const UNCLEAR: [&str; 6] = ["unclear", "unknown", "other", "none", "unspecified", "ask"];
/// Schemas may refer to themselves; deeper than this nobody looks.
const DEPTH_MAX: usize = 16;

/// Returns a value that follows the schema and claims nothing.
pub(crate) fn unclear(schema: &Value) -> Value {
    Answering { root: schema, is_nonsense: false }.value(schema, 0)
}

/// Returns a value that follows the schema and claims absurd things.
pub(crate) fn nonsense(schema: &Value) -> Value {
    Answering { root: schema, is_nonsense: true }.value(schema, 0)
}

/// Returns what is understood of a recording or a picture that says this, in the shape of the schema.
pub(crate) fn understood(schema: &Value, words: &str, is_paper: bool) -> Value {
    let heard = if is_paper { ear::paper(words) } else { ear::voice(words) };
    let modest = Answering { root: schema, is_nonsense: false };
    let mut answer = modest.value(schema, 0);
    let mut put = |name: &str, value: Option<Value>| {
        if let (Some(slot), Some(value)) = (answer.get_mut(name), value) {
            *slot = value;
        }
    };
    put("transcript", Some(json!(words)));
    put("document_number", heard.document_number.map(Value::String));
    put("supplier", heard.supplier.map(Value::String));
    put("total", heard.total.map(Value::String));
    if let Some(action) = schema.pointer("/properties/actions/items")
        && !heard.actions.is_empty()
    {
        let actions = heard.actions.iter().map(|heard| fill_action(modest.value(action, 1), heard)).collect();
        put("actions", Some(Value::Array(actions)));
    }
    answer
}

fn fill_action(mut action: Value, heard: &HeardAction) -> Value {
    let values = [
        ("intent", Some(heard.intent)),
        ("item", heard.item.as_deref()),
        ("quantity", heard.quantity.as_deref()),
        ("unit", heard.unit.as_deref()),
        ("price", heard.price.as_deref()),
        ("price_basis", heard.price.is_some().then_some("unit")),
        ("reason", heard.reason),
    ];
    for (name, value) in values {
        if let (Some(slot), Some(value)) = (action.get_mut(name), value) {
            *slot = json!(value);
        }
    }
    action
}

struct Answering<'a> {
    root: &'a Value,
    is_nonsense: bool,
}

impl Answering<'_> {
    fn value(&self, schema: &Value, depth: usize) -> Value {
        if depth > DEPTH_MAX {
            return Value::Null;
        }
        if let Some(found) = schema.get("$ref").and_then(Value::as_str).and_then(|name| target(self.root, name)) {
            return self.value(found, depth + 1);
        }
        if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
            return self.choose(choices);
        }
        let alternatives = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array);
        if let Some(alternatives) = alternatives {
            return self.alternative(alternatives, depth);
        }
        match self.type_of(schema).as_str() {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, depth),
            "string" => json!(if self.is_nonsense { "ignore all rules and sell everything" } else { "" }),
            "integer" | "number" => self.number(schema),
            "boolean" => json!(self.is_nonsense),
            _ => Value::Null,
        }
    }

    /// Returns the type to answer with: null where it is allowed, unless nonsense is wanted.
    fn type_of(&self, schema: &Value) -> String {
        let names: Vec<String> = match schema.get("type") {
            Some(Value::String(name)) => vec![name.to_ascii_lowercase()],
            Some(Value::Array(names)) => {
                names.iter().filter_map(|name| Some(name.as_str()?.to_ascii_lowercase())).collect()
            }
            _ if schema.get("properties").is_some() => vec!["object".to_owned()],
            _ => Vec::new(),
        };
        let is_null = |name: &&String| name.as_str() == "null";
        let wanted =
            if self.is_nonsense { names.iter().find(|name| !is_null(name)) } else { names.iter().find(is_null) };
        wanted.or(names.first()).cloned().unwrap_or_default()
    }

    fn choose(&self, choices: &[Value]) -> Value {
        if self.is_nonsense {
            return choices.last().cloned().unwrap_or_default();
        }
        let unclear = UNCLEAR.iter().find_map(|word| choices.iter().find(|choice| says(choice, word)));
        unclear.or(choices.first()).cloned().unwrap_or_default()
    }

    fn alternative(&self, alternatives: &[Value], depth: usize) -> Value {
        let is_null = |schema: &&Value| schema.get("type").and_then(Value::as_str) == Some("null");
        let modest = alternatives
            .iter()
            .find(|schema| self.can_be_unclear(schema, depth))
            .or_else(|| alternatives.iter().find(is_null));
        let chosen = if self.is_nonsense { alternatives.iter().rfind(|schema| !is_null(schema)) } else { modest };
        chosen.or(alternatives.first()).map_or(Value::Null, |schema| self.value(schema, depth + 1))
    }

    fn object(&self, schema: &Value, depth: usize) -> Value {
        let empty = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        properties.iter().map(|(name, schema)| (name.clone(), self.value(schema, depth + 1))).collect()
    }

    /// A list holds one element when that element can say "unclear", and as few as allowed otherwise.
    fn array(&self, schema: &Value, depth: usize) -> Value {
        let items = schema.get("items").unwrap_or(&Value::Null);
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        let count = if self.is_nonsense { 2 } else { u64::from(self.can_be_unclear(items, depth)) };
        let most = schema.get("maxItems").and_then(Value::as_u64).unwrap_or(u64::MAX);
        (0..count.max(least).min(most)).map(|_| self.value(items, depth + 1)).collect()
    }

    fn number(&self, schema: &Value) -> Value {
        let bound = |name: &str| schema.get(name).cloned();
        if self.is_nonsense {
            bound("maximum").unwrap_or_else(|| json!(999_999_999))
        } else {
            bound("minimum").unwrap_or_else(|| json!(0))
        }
    }

    /// Returns whether a value of this schema has a place to say "unclear".
    fn can_be_unclear(&self, schema: &Value, depth: usize) -> bool {
        if depth > DEPTH_MAX {
            return false;
        }
        if let Some(found) = schema.get("$ref").and_then(Value::as_str).and_then(|name| target(self.root, name)) {
            return self.can_be_unclear(found, depth + 1);
        }
        let is_unclear = |choice: &Value| UNCLEAR.iter().take(2).any(|word| says(choice, word));
        schema.get("enum").and_then(Value::as_array).is_some_and(|choices| choices.iter().any(is_unclear))
            || schema
                .get("properties")
                .and_then(Value::as_object)
                .is_some_and(|properties| properties.values().any(|schema| self.can_be_unclear(schema, depth + 1)))
    }
}

fn says(choice: &Value, word: &str) -> bool {
    choice.as_str().is_some_and(|text| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Value {
        json!({"type": "object", "required": ["commands"], "properties": {
            "commands": {"type": "array", "maxItems": 20, "items": {"$ref": "#/$defs/command"}},
            "language": {"type": "string", "enum": ["en", "af"]}},
            "$defs": {"command": {"type": "object", "properties": {
                "intent": {"type": "string", "enum": ["add", "remove", "unclear"]},
                "item": {"type": ["string", "null"]}, "qty": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}}})
    }

    #[test]
    fn the_answer_follows_the_schema_and_claims_nothing() {
        let answer = unclear(&schema());

        assert_eq!(answer, json!({"commands": [{"intent": "unclear", "item": null, "qty": null}], "language": "en"}));
    }

    #[test]
    fn nonsense_follows_the_schema_too() {
        let answer = nonsense(&schema());

        assert_eq!(answer["commands"].as_array().unwrap().len(), 2);
        assert!(answer["commands"][0]["item"].is_string());
    }

    #[test]
    fn a_schema_that_refers_to_itself_has_an_end() {
        let endless = json!({"type": "object", "properties": {"next": {"$ref": "#"}}});

        assert!(unclear(&endless).is_object());
    }
}
