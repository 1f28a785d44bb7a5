//! `openapi.yaml` and what is held against it.

use serde_json::{Value, json};

use crate::otp_world::{Answer, OtpWorld};

const METHODS: [&str; 5] = ["get", "post", "put", "delete", "patch"];

/// The file.
pub fn file() -> Value {
    serde_yaml_ng::from_str(include_str!("../../openapi.yaml")).unwrap()
}

/// Holds an answer against the file: its status, its content type, its headers and its shape.
pub fn hold(method: &str, path: &str, answer: &Answer) {
    let api = file();
    let operation = &api["paths"][path][method.to_lowercase()];
    if operation.is_null() {
        assert!(matches!(answer.status, 404 | 405), "{method} {path} is served and not in the file: {answer:?}");
        return;
    }
    let response = resolve(&api, &operation["responses"][answer.status.to_string()]);
    assert!(!response.is_null(), "{method} {path} answers {} which the file does not know", answer.status);
    let needs_retry_after = response["headers"]["Retry-After"]["required"] == true;
    assert!(!needs_retry_after || answer.retry_after.is_some(), "{method} {path}: {answer:?}");
    let Some(content) = response["content"].as_object() else {
        assert!(answer.text.is_empty(), "{method} {path}: {answer:?}");
        return;
    };
    // Words without a type are text.
    let media_type = answer.content_type.split(';').next().filter(|word| !word.is_empty()).unwrap_or("text/plain");
    let schema = &content.get(media_type).unwrap_or_else(|| panic!("{method} {path}: {answer:?}"))["schema"];
    let body = if media_type.ends_with("json") { answer.json() } else { Value::String(answer.text.clone()) };
    assert_eq!(faults(&api, schema, &body), [""; 0], "{method} {path}: {body}");
}

/// Whether a body is what the file wants of a request.
pub fn takes(path: &str, body: &Value) -> bool {
    let api = file();
    let schema = &api["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"];
    faults(&api, schema, body).is_empty()
}

fn resolve<'a>(api: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => api.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

fn faults(api: &Value, schema: &Value, body: &Value) -> Vec<String> {
    let mut root = schema.clone();
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["components"] = api["components"].clone();
    let validator = jsonschema::options().should_validate_formats(true).build(&root).unwrap();
    validator.iter_errors(body).map(|error| error.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_path_and_method_of_the_file_is_served_and_nothing_else() {
    let world = OtpWorld::open().await;
    let api = file();
    for (path, operations) in api["paths"].as_object().unwrap() {
        for method in METHODS {
            let answer = world.call(&method.to_uppercase(), path).send().await;
            let is_served = !matches!(answer.status, 404 | 405);
            assert_eq!(is_served, operations.get(method).is_some(), "{method} {path}: {answer:?}");
        }
    }
    // The router does not list its routes, so its two sources are read.
    for source in [include_str!("../../src/http/mod.rs"), include_str!("../../src/http/otp/mod.rs")] {
        let routes = source.split(".route(\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        let routes: Vec<&str> = routes.collect();
        assert!(routes.len() >= 2);
        for route in routes {
            assert!(api["paths"].get(route).is_some(), "{route} is not in the file");
        }
    }
    assert_eq!(world.call("GET", "/v1").send().await.status, 404);
}

#[test]
fn the_examples_of_the_file_fit_its_schemas() {
    let api = file();
    for schema in api["components"]["schemas"].as_object().unwrap().values() {
        for example in schema["examples"].as_array().into_iter().flatten() {
            assert_eq!(faults(&api, schema, example), [""; 0]);
        }
    }
    assert_eq!(api["openapi"], "3.1.0");
}
