//! The manifests fit the Kubernetes schemas, and say what they are meant to say.
//!
//! Every object goes through the types that k8s-openapi makes from the Kubernetes OpenAPI document, and has to come out as
//! it went in: a misspelt field is lost on the way, a missing required one appears, a wrong type is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::CommandFactory as _;
use k8s_openapi::api;
use serde::de::DeserializeOwned;
use serde::{Deserialize as _, Serialize};
use serde_json::{Value, json};

const SERVICES: [&str; 4] = ["gateway", "parser-svc", "inventory-svc", "messenger-svc"];

#[test]
fn every_complete_object_fits_its_schema() {
    let mut complaints = Vec::new();
    let mut count = 0;
    for folder in ["base", "overlays/dev", "overlays/prod", "components/autoscaling"] {
        let folder = manifests().join(folder);
        let kustomization = &documents(&read(&folder.join("kustomization.yaml")))[0];
        for resource in strings(&kustomization["resources"]).filter(|name| folder.join(name).is_file()) {
            for object in documents(&read(&folder.join(&resource))) {
                count += 1;
                complaints.extend(misfits(&object).into_iter().map(|misfit| format!("{resource}: {misfit}")));
            }
        }
    }

    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert!(count > 30, "only {count} objects were found");
}

#[test]
fn what_kustomize_renders_fits_too() {
    for (name, objects) in renderings() {
        let complaints: Vec<String> = objects.iter().flat_map(misfits).collect();

        assert!(complaints.is_empty(), "{name}: {}", complaints.join("\n"));
    }
}

#[test]
fn a_manifest_that_does_not_fit_is_refused() {
    let good = json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "gateway"},
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app.kubernetes.io/name": "gateway"}}},
    });
    assert_eq!(misfits(&good), Vec::<String>::new());

    let mut misspelt = good.clone();
    misspelt["spec"]["maxUnavailible"] = json!(1);
    assert_eq!(misfits(&misspelt), ["PodDisruptionBudget gateway: spec.maxUnavailible is not in the schema"]);

    let mut wrong_type = good.clone();
    wrong_type["spec"]["maxUnavailable"] = json!([1]);
    assert!(misfits(&wrong_type)[0].contains("invalid type"), "{:?}", misfits(&wrong_type));

    let mut unknown_kind = good;
    unknown_kind["apiVersion"] = json!("policy/v1beta1");
    assert!(misfits(&unknown_kind)[0].contains("no schema for policy/v1beta1"), "{:?}", misfits(&unknown_kind));

    let without_selector = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "gateway"},
        "spec": {"template": {"spec": {"containers": [{"name": "service"}]}}},
    });
    assert!(misfits(&without_selector).contains(&"Deployment gateway: spec.selector is missing".to_owned()));
}

#[test]
fn pods_give_up_every_privilege_and_leave_in_peace() {
    for (name, objects) in renderings() {
        let mut pods = 0;
        for object in &objects {
            let pod = &object["spec"]["template"]["spec"];
            if pod.is_null() {
                continue;
            }
            pods += 1;
            let who = format!("{name}: {}", title(object));
            assert_eq!(pod["automountServiceAccountToken"], false, "{who}");
            assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "{who}");
            assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault", "{who}");
            for container in pod["containers"].as_array().expect("containers") {
                let security = &container["securityContext"];
                assert_eq!(security["readOnlyRootFilesystem"], true, "{who}");
                assert_eq!(security["allowPrivilegeEscalation"], false, "{who}");
                assert_eq!(security["capabilities"]["drop"], json!(["ALL"]), "{who}");
                assert!(container["resources"]["requests"]["memory"].is_string(), "{who} asks for no memory");
                assert!(container["resources"]["limits"]["memory"].is_string(), "{who} has no memory limit");
                if object["kind"] == "Deployment" {
                    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
                        assert!(container[probe].is_object(), "{who} has no {probe}");
                    }
                    let pause =
                        container["lifecycle"]["preStop"]["sleep"]["seconds"].as_u64().expect("a preStop sleep");
                    let drain =
                        default_of(service_of(object), "DRAIN_TIMEOUT_MS").parse::<u64>().expect("a number") / 1000;
                    let grace = pod["terminationGracePeriodSeconds"].as_u64().expect("a grace period");
                    assert!(grace > pause + drain, "{who}: {grace} s of grace for {pause} s and {drain} s");
                }
            }
        }
        assert!(pods >= 7, "{name} has {pods} kinds of pods");
    }
}

#[test]
fn every_variable_that_is_set_is_one_the_binary_knows() {
    for (name, objects) in renderings() {
        let config: BTreeMap<&str, &Value> = objects
            .iter()
            .filter(|object| object["kind"] == "ConfigMap")
            .map(|map| (text(&map["metadata"]["name"]), &map["data"]))
            .collect();
        for object in objects.iter().filter(|object| object["kind"] == "Deployment" || object["kind"] == "Job") {
            let known = variables_of(service_of(object));
            let container = &object["spec"]["template"]["spec"]["containers"][0];
            let own = container["env"].as_array().into_iter().flatten().map(|entry| text(&entry["name"]));
            let shared = container["envFrom"].as_array().into_iter().flatten().flat_map(|source| {
                let map = text(&source["configMapRef"]["name"]);
                config
                    .get(map)
                    .unwrap_or_else(|| panic!("{name}: no ConfigMap {map}"))
                    .as_object()
                    .into_iter()
                    .flatten()
            });
            for variable in own.chain(shared.map(|(variable, _)| variable.as_str())) {
                assert!(known.contains(variable), "{name}: {} sets {variable}, which it does not read", title(object));
            }
        }
    }
}

#[test]
fn ports_are_those_the_binaries_listen_on() {
    for (name, objects) in renderings() {
        for service in SERVICES {
            let deployment = find(&objects, "Deployment", service);
            let port = &deployment["spec"]["template"]["spec"]["containers"][0]["ports"][0];
            let listens_on = default_of(service, "LISTEN_ADDR").rsplit_once(':').expect("address:port").1.to_owned();

            assert_eq!(port["containerPort"].to_string(), listens_on, "{name}: {service}");
            assert_eq!(
                find(&objects, "Service", service)["spec"]["ports"][0]["targetPort"],
                port["name"],
                "{name}: {service}"
            );
        }
    }
}

#[test]
fn selectors_meet_their_pods() {
    for (name, objects) in renderings() {
        let pods: Vec<&Value> = objects
            .iter()
            .map(|object| &object["spec"]["template"]["metadata"]["labels"])
            .filter(|labels| labels.is_object())
            .collect();
        for object in &objects {
            let selector = match text(&object["kind"]) {
                "Service" => &object["spec"]["selector"],
                "PodDisruptionBudget" | "Deployment" | "StatefulSet" => &object["spec"]["selector"]["matchLabels"],
                _ => continue,
            };
            let met = pods.iter().filter(|labels| contains(labels, selector)).count();
            assert_eq!(met, 1, "{name}: {} selects {met} kinds of pods", title(object));
        }
    }
}

#[test]
fn policies_allow_the_arrows_of_the_architecture_and_no_others() {
    for (name, objects) in renderings() {
        let policies: Vec<&Value> = objects.iter().filter(|object| object["kind"] == "NetworkPolicy").collect();
        let deny = find(&objects, "NetworkPolicy", "default-deny");
        assert_eq!(deny["spec"], json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}), "{name}");

        let mut out = BTreeSet::new();
        let mut into = BTreeSet::new();
        for policy in policies {
            let here = party(&policy["spec"]["podSelector"]);
            for rule in policy["spec"]["egress"].as_array().into_iter().flatten() {
                for there in rule["to"].as_array().expect("an arrow has an end") {
                    out.insert(format!("{here} -> {}", party_of_peer(there)));
                }
            }
            for rule in policy["spec"]["ingress"].as_array().into_iter().flatten() {
                for there in rule["from"].as_array().expect("an arrow has a beginning") {
                    into.insert(format!("{} -> {here}", party_of_peer(there)));
                }
            }
        }

        let expected_out = [
            "all -> kube-dns",
            "all -> otel-collector",
            "gateway -> inventory-svc",
            "gateway -> messenger-svc",
            "gateway -> parser-svc",
            "gateway -> postgres",
            "inventory-svc -> postgres",
            "messenger-svc -> internet",
            "messenger-svc -> postgres",
            "parser-svc -> internet",
        ];
        assert_eq!(out, expected_out.map(str::to_owned).into(), "{name}");
        let expected_in: BTreeSet<String> = [
            "gateway -> inventory-svc",
            "gateway -> messenger-svc",
            "gateway -> parser-svc",
            "ingress-nginx -> gateway",
        ]
        .map(str::to_owned)
        .into();
        into.retain(|arrow| !arrow.ends_with("-> postgres")); // a Postgres of our own is in the dev overlay alone
        assert_eq!(into, expected_in, "{name}");
    }
}

#[test]
fn no_secret_is_written_down() {
    for (name, objects) in renderings() {
        assert!(objects.iter().all(|object| object["kind"] != "Secret"), "{name} holds a Secret");
        for object in objects.iter().filter(|object| object["kind"] == "ConfigMap") {
            for (variable, _) in object["data"].as_object().into_iter().flatten() {
                let is_secret =
                    ["KEY", "KEYS", "SECRET", "TOKEN", "DATABASE_URL"].iter().any(|word| variable.ends_with(word));
                let is_path = variable.starts_with("TLS_"); // of a file in a mounted Secret
                assert!(!is_secret || is_path, "{name}: {variable} is in a ConfigMap");
            }
        }
    }
}

// --- schemas -----------------------------------------------------------------------

/// Returns what of an object does not fit the schema of its kind.
fn misfits(object: &Value) -> Vec<String> {
    let check = match (text(&object["apiVersion"]), text(&object["kind"])) {
        ("v1", "ConfigMap") => through::<api::core::v1::ConfigMap>,
        ("v1", "Namespace") => through::<api::core::v1::Namespace>,
        ("v1", "Service") => through::<api::core::v1::Service>,
        ("v1", "ServiceAccount") => through::<api::core::v1::ServiceAccount>,
        ("apps/v1", "Deployment") => through::<api::apps::v1::Deployment>,
        ("apps/v1", "StatefulSet") => through::<api::apps::v1::StatefulSet>,
        ("autoscaling/v2", "HorizontalPodAutoscaler") => through::<api::autoscaling::v2::HorizontalPodAutoscaler>,
        ("batch/v1", "Job") => through::<api::batch::v1::Job>,
        ("networking.k8s.io/v1", "Ingress") => through::<api::networking::v1::Ingress>,
        ("networking.k8s.io/v1", "NetworkPolicy") => through::<api::networking::v1::NetworkPolicy>,
        ("policy/v1", "PodDisruptionBudget") => through::<api::policy::v1::PodDisruptionBudget>,
        (version, kind) => return vec![format!("no schema for {version} {kind} in this test")],
    };
    check(object).into_iter().map(|misfit| format!("{}: {misfit}", title(object))).collect()
}

fn through<T: DeserializeOwned + Serialize>(object: &Value) -> Vec<String> {
    match T::deserialize(object) {
        Ok(typed) => {
            let mut found = Vec::new();
            compare("", object, &serde_json::to_value(typed).expect("it was JSON before"), &mut found);
            found
        }
        Err(error) => vec![error.to_string()],
    }
}

fn compare(path: &str, given: &Value, typed: &Value, found: &mut Vec<String>) {
    match (given, typed) {
        (Value::Object(given), Value::Object(typed)) => {
            for (key, value) in given {
                let path = format!("{path}.{key}");
                match typed.get(key) {
                    Some(typed) => compare(&path, value, typed, found),
                    None => found.push(format!("{} is not in the schema", &path[1..])),
                }
            }
            let absent = typed.keys().filter(|key| !given.contains_key(*key));
            found.extend(absent.map(|key| format!("{} is missing", &format!("{path}.{key}")[1..])));
        }
        (Value::Array(given), Value::Array(typed)) => {
            for (index, (given, typed)) in given.iter().zip(typed).enumerate() {
                compare(&format!("{path}[{index}]"), given, typed, found);
            }
        }
        _ if given == typed => {}
        _ => found.push(format!("{} is {given} and was read as {typed}", &path[1..])),
    }
}

// --- rendering ---------------------------------------------------------------------

/// What `kubectl kustomize` makes of the base and the overlays.
///
/// Empty, with a notice, where kubectl is missing and BACKROOM_REQUIRE_KUBECTL does not ask for it.
fn renderings() -> Vec<(&'static str, Vec<Value>)> {
    let mut rendered = Vec::new();
    for name in ["base", "overlays/dev", "overlays/prod"] {
        let output = match Command::new("kubectl").arg("kustomize").arg(manifests().join(name)).output() {
            Ok(output) => output,
            Err(error) => {
                let required = std::env::var_os("BACKROOM_REQUIRE_KUBECTL").is_some_and(|value| value == "1");
                assert!(!required, "BACKROOM_REQUIRE_KUBECTL is set and kubectl cannot be run: {error}");
                // To the handle itself: what a passing test prints is not shown.
                let notice = "SKIPPED: kubectl is not installed, so what kustomize renders was not checked";
                writeln!(std::io::stderr(), "{notice}").expect("standard error is open");
                return Vec::new();
            }
        };
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        rendered.push((name, documents(&String::from_utf8(output.stdout).expect("YAML is text"))));
    }
    rendered
}

fn documents(yaml: &str) -> Vec<Value> {
    serde_yaml_ng::Deserializer::from_str(yaml)
        .map(|document| Value::deserialize(document).expect("manifests are YAML with string keys"))
        .filter(|document| !document.is_null())
        .collect()
}

fn manifests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/k8s")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

// --- objects -----------------------------------------------------------------------

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn strings(list: &Value) -> impl Iterator<Item = String> {
    list.as_array().into_iter().flatten().map(|entry| text(entry).to_owned())
}

fn title(object: &Value) -> String {
    format!("{} {}", text(&object["kind"]), text(&object["metadata"]["name"]))
}

fn find<'a>(objects: &'a [Value], kind: &str, name: &str) -> &'a Value {
    objects
        .iter()
        .find(|object| object["kind"] == kind && object["metadata"]["name"] == name)
        .unwrap_or_else(|| panic!("there is no {kind} {name}"))
}

fn contains(labels: &Value, selector: &Value) -> bool {
    selector.as_object().expect("a selector").iter().all(|(key, value)| &labels[key] == value)
}

/// Who a selector of pods means.
fn party(selector: &Value) -> String {
    let labels = &selector["matchLabels"];
    let known = ["app.kubernetes.io/name", "k8s-app"].iter().find_map(|key| labels[*key].as_str());
    match known {
        Some(name) => name.to_owned(),
        None if !labels["cnpg.io/cluster"].is_null() => "postgres".to_owned(),
        None => "all".to_owned(),
    }
}

fn party_of_peer(peer: &Value) -> String {
    if let Some(block) = peer["ipBlock"].as_object() {
        let private: Vec<String> = strings(&block["except"]).collect();
        for range in ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"] {
            assert!(private.iter().any(|except| except == range), "the internet holds no {range}");
        }
        return "internet".to_owned();
    }
    if peer["podSelector"].is_null() {
        return text(&peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]).to_owned();
    }
    party(&peer["podSelector"])
}

// --- settings ----------------------------------------------------------------------

fn service_of(object: &Value) -> &str {
    text(&object["metadata"]["labels"]["app.kubernetes.io/name"])
}

fn command_of(service: &str) -> clap::Command {
    match service {
        "gateway" => gateway::Settings::command(),
        "parser-svc" => parser_svc::Settings::command(),
        "inventory-svc" => inventory_svc::Settings::command(),
        "messenger-svc" => messenger_svc::Settings::command(),
        other => panic!("{other} is none of our services"),
    }
}

fn variables_of(service: &str) -> BTreeSet<String> {
    let command = command_of(service);
    command.get_arguments().filter_map(clap::Arg::get_env).map(|name| name.to_string_lossy().into_owned()).collect()
}

fn default_of(service: &str, variable: &str) -> String {
    let command = command_of(service);
    let argument = command
        .get_arguments()
        .find(|argument| argument.get_env().is_some_and(|name| name == variable))
        .unwrap_or_else(|| panic!("{service} reads no {variable}"));
    argument.get_default_values()[0].to_string_lossy().into_owned()
}
