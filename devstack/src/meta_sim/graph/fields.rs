//! A strict look into a JSON object: what is not known is refused, what is too long is refused.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::error::GraphError;

/// One object of a request, with its path for error messages.
#[derive(Clone, Debug)]
pub(crate) struct Fields<'a> {
    path: String,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// Looks at the whole request.
    pub(crate) fn root(value: &'a Value) -> Result<Self, GraphError> {
        let map = value.as_object().ok_or_else(|| GraphError::invalid_parameter("The body must be a JSON object."))?;
        Ok(Self { path: String::new(), map })
    }

    /// Looks at an element of a list.
    pub(crate) fn element(path: String, value: &'a Value) -> Result<Self, GraphError> {
        let Some(map) = value.as_object() else {
            return Err(GraphError::invalid_parameter(format!("Param {path} must be a JSON object.")));
        };
        Ok(Self { path, map })
    }

    /// Refuses keys that are not among these.
    pub(crate) fn only(&self, names: &[&str]) -> Result<(), GraphError> {
        match self.map.keys().find(|key| !names.contains(&key.as_str())) {
            Some(key) if self.path.is_empty() => {
                Err(GraphError::invalid_parameter(format!("Unexpected key \"{key}\" in the request.")))
            }
            Some(key) => {
                Err(GraphError::invalid_parameter(format!("Unexpected key \"{key}\" on param \"{}\".", self.path)))
            }
            None => Ok(()),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// Returns a required object.
    pub(crate) fn object(&self, name: &str) -> Result<Fields<'a>, GraphError> {
        self.optional_object(name)?.ok_or_else(|| GraphError::missing(&self.path_of(name)))
    }

    pub(crate) fn optional_object(&self, name: &str) -> Result<Option<Fields<'a>>, GraphError> {
        self.map.get(name).map(|value| Fields::element(self.path_of(name), value)).transpose()
    }

    /// Returns a required list of objects whose length is in `count`.
    pub(crate) fn objects(&self, name: &str, count: &RangeInclusive<usize>) -> Result<Vec<Fields<'a>>, GraphError> {
        let path = self.path_of(name);
        let Some(value) = self.map.get(name) else { return Err(GraphError::missing(&path)) };
        let Some(list) = value.as_array() else {
            return Err(GraphError::invalid_parameter(format!("Param {path} must be an array.")));
        };
        if !count.contains(&list.len()) {
            return Err(GraphError::invalid_value(format!(
                "Param {path} must have {} to {} elements.",
                count.start(),
                count.end()
            )));
        }
        list.iter().enumerate().map(|(i, value)| Fields::element(format!("{path}[{i}]"), value)).collect()
    }

    /// Returns a required text of 1 to `unit_count_max` UTF-16 units.
    pub(crate) fn text(&self, name: &str, unit_count_max: usize) -> Result<&'a str, GraphError> {
        self.optional_text(name, unit_count_max)?.ok_or_else(|| GraphError::missing(&self.path_of(name)))
    }

    pub(crate) fn optional_text(&self, name: &str, unit_count_max: usize) -> Result<Option<&'a str>, GraphError> {
        let path = self.path_of(name);
        let text = match self.map.get(name) {
            None => return Ok(None),
            Some(Value::String(text)) => text,
            Some(_) => return Err(GraphError::invalid_parameter(format!("Param {path} must be a string."))),
        };
        if text.trim().is_empty() {
            return Err(GraphError::invalid_value(format!("Param {path} must not be empty.")));
        }
        if text.encode_utf16().count() > unit_count_max {
            let details = format!("Param {path} must be at most {unit_count_max} characters long.");
            return Err(GraphError::invalid_parameter(details));
        }
        Ok(Some(text))
    }

    pub(crate) fn optional_bool(&self, name: &str) -> Result<Option<bool>, GraphError> {
        match self.map.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(GraphError::invalid_parameter(format!("Param {} must be a boolean.", self.path_of(name)))),
        }
    }

    /// Returns a required number below a hundred, which may be written as a text.
    pub(crate) fn small_number(&self, name: &str) -> Result<usize, GraphError> {
        let path = self.path_of(name);
        let number = match self.map.get(name) {
            None => return Err(GraphError::missing(&path)),
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(text)) => text.parse().ok(),
            Some(_) => None,
        };
        let small = number.and_then(|number| usize::try_from(number).ok()).filter(|number| *number < 100);
        small.ok_or_else(|| GraphError::invalid_value(format!("Param {path} must be a small number.")))
    }

    /// Returns an optional text that may be empty.
    pub(crate) fn optional_text_or_empty(
        &self,
        name: &str,
        unit_count_max: usize,
    ) -> Result<Option<&'a str>, GraphError> {
        match self.map.get(name) {
            Some(Value::String(text)) if text.is_empty() => Ok(Some("")),
            _ => self.optional_text(name, unit_count_max),
        }
    }

    /// Requires a text that is one of these.
    pub(crate) fn one_of(&self, name: &str, allowed: &[&str]) -> Result<&'a str, GraphError> {
        let text = self.text(name, usize::MAX)?;
        if allowed.contains(&text) {
            return Ok(text);
        }
        let details = format!("Param {} must be one of {{{}}}.", self.path_of(name), allowed.join(", "));
        Err(GraphError::invalid_parameter(details))
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}['{name}']", self.path) }
    }
}
