//! The README and its neighbours are true: links lead somewhere, settings and ports are those of the binaries, what is
//! said to be checked is checked, and docker-compose.yml is what they say it is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::CommandFactory as _;
use serde_json::Value;

/// In capitals and in backticks, and still no setting of a binary.
const NO_SETTINGS: [&str; 6] = [
    "X_FILE",                   // of any secret
    "WABA_ID",                  // of the reader's shell
    "POSTGRES_HOST",            // of deploy/make-secrets
    "PASSWORDS",                // of deploy/postgres/databases.sh
    "SQLX_OFFLINE_DIR",         // of sqlx
    "BACKROOM_REQUIRE_KUBECTL", // of a test
];

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    let pages = pages();
    assert!(pages.len() > 5, "only {} pages were found", pages.len());
    for page in &pages {
        for link in links(&read(page)) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target =
                if path.is_empty() { page.clone() } else { page.parent().expect("a page is in a folder").join(path) };
            if !target.exists() {
                broken.push(format!("{}: {link} is not there", page.display()));
            } else if !anchor.is_empty() && !anchors(&read(&target)).contains(anchor) {
                broken.push(format!("{}: {link} has no such heading", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn settings_that_are_named_exist() {
    let known = settings();
    for page in pages() {
        for word in settings_named(&read(&page)) {
            let name = word.strip_suffix("_FILE").unwrap_or(&word);
            let is_known = known.contains(&word) || NO_SETTINGS.contains(&word.as_str());
            assert!(is_known, "{} names {word}, which no binary reads (nor {name})", page.display());
        }
    }
}

#[test]
fn tests_that_are_named_exist() {
    let mut sources = String::new();
    for folder in ["proto", "platform", "gateway", "parser-svc", "inventory-svc", "messenger-svc", "devstack", "tests"]
    {
        gather_sources(&root().join(folder), &mut sources);
    }
    let page = read(&root().join("docs/architecture.md"));
    let table = page
        .split("what holds it\n")
        .nth(1)
        .and_then(|rest| rest.split("\n## ").next())
        .expect("the table of promises");
    let names: Vec<&str> = table.split('`').skip(1).step_by(2).filter(|name| name.matches('_').count() > 2).collect();
    assert!(names.len() > 20, "only {} tests are named", names.len());

    for name in names {
        assert!(
            sources.contains(&format!("fn {name}(")),
            "docs/architecture.md names the test {name}, which is not there"
        );
    }
}

#[test]
fn commands_and_flags_that_are_named_exist() {
    let readme = read(&root().join("README.md"));
    assert!(readme.contains("gateway --migrate=only"));
    let gateway = command_of("gateway");
    assert!(gateway.get_arguments().any(|argument| argument.get_long() == Some("migrate")));
    let source = read(&root().join("devstack/src/cli/mod.rs"));
    for (subcommand, variant) in [
        ("dev", "Dev("),
        ("serve", "Serve("),
        ("chat", "Chat("),
        ("doctor", "Doctor("),
        ("connect", "Connect("),
        ("events", "Events("),
        ("message", "Message("),
        ("cost", "Cost("),
        ("dead-letters", "DeadLetters("),
        ("caller-key", "CallerKey("),
        ("stock", "Stock("),
        ("forget", "Forget("),
        ("completion", "Completion("),
    ] {
        let is_named =
            ["backroom ", "cargo run -- "].iter().any(|prefix| readme.contains(&format!("{prefix}{subcommand}")));
        assert!(is_named, "README.md does not name `backroom {subcommand}`");
        assert!(source.contains(&format!("    {variant}")), "`backroom` has no {subcommand}");
    }
}

#[test]
fn ports_are_those_of_the_binaries() {
    let readme = read(&root().join("README.md"));
    let compose = compose();
    for binary in ["gateway", "parser-svc", "inventory-svc", "messenger-svc"] {
        let command = command_of(binary);
        let argument = command.get_arguments().find(|argument| argument.get_id() == "listen_addr").expect("it listens");
        let address = argument.get_default_values()[0].to_string_lossy().into_owned();
        let port = address.rsplit(':').next().expect("address:port");

        let row = format!("| `{binary}` | {port}, ");
        assert!(readme.contains(&row), "README.md has no row that begins {row}");
        let service = &compose["services"][binary];
        assert_eq!(service["environment"]["LISTEN_ADDR"], address.as_str(), "{binary} in docker-compose.yml");
        let check = service["healthcheck"]["test"].to_string();
        assert!(check.contains(&format!("/dev/tcp/127.0.0.1/{port}")), "the healthcheck of {binary}: {check}");
    }
}

#[test]
fn what_a_binary_must_be_told_is_in_the_table() {
    let readme = read(&root().join("README.md"));
    let compose = compose();
    for binary in ["gateway", "parser-svc", "inventory-svc", "messenger-svc"] {
        let row = readme.lines().find(|line| line.starts_with(&format!("| `{binary}` |"))).expect("a row");
        for name in settings_named(row) {
            let given = &compose["services"][binary]["environment"];
            let is_given = given[&name].is_string() || given[format!("{name}_FILE")].is_string();
            assert!(is_given, "docker-compose.yml does not tell {binary} its {name}");
        }
    }
}

#[test]
fn compose_sets_variables_that_exist_and_holds_no_secret() {
    let compose = compose();
    for binary in ["gateway", "parser-svc", "inventory-svc", "messenger-svc"] {
        let command = command_of(binary);
        let known: BTreeSet<String> = command
            .get_arguments()
            .filter_map(|argument| Some(argument.get_env()?.to_string_lossy().into_owned()))
            .collect();
        let service = &compose["services"][binary];
        for (name, value) in merged(&service["environment"]) {
            assert!(known.contains(&name), "docker-compose.yml sets {name}, which {binary} does not read");
            let is_secret = command.get_arguments().any(|argument| {
                argument.get_env().is_some_and(|env| *env == *name) && argument.is_hide_env_values_set()
            });
            assert!(!is_secret || value.starts_with("${"), "docker-compose.yml holds the value of {name}");
        }
        let healthcheck = &service["healthcheck"]["test"];
        assert!(healthcheck.is_array(), "{binary} has no healthcheck");
        let read_only = merged(service).into_iter().any(|(key, value)| key == "read_only" && value == "true");
        assert!(read_only, "{binary} may write to its image");
    }
}

#[test]
fn make_secrets_makes_every_secret_of_compose() {
    let folder = tempfile::tempdir().expect("a folder");
    let status = Command::new(root().join("deploy/make-secrets")).arg(folder.path()).output().expect("bash is here");
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));

    for (name, secret) in compose()["secrets"].as_object().expect("secrets") {
        let file = secret["file"].as_str().expect("a file").strip_prefix(".backroom/secrets/").expect("in that folder");
        assert_eq!(name, file);
        assert!(folder.path().join(file).is_file(), "deploy/make-secrets makes no {file}");
    }
    let secret = |name: &str| read(&folder.path().join(name)).trim().to_owned();
    assert_eq!(secret("caller-keys"), format!("gateway {} *", platform::grpc::key_hash(&secret("caller-key"))));

    let first = secret("caller-key");
    let again = Command::new(root().join("deploy/make-secrets")).arg(folder.path()).status().expect("bash is here");
    assert!(again.success());
    assert_eq!(secret("caller-key"), first, "a second run made other secrets");
}

#[test]
fn the_commands_of_the_readme_are_what_ci_runs() {
    let output = Command::new(root().join(".ci/readme-commands")).output().expect("bash is here");
    let commands = String::from_utf8(output.stdout).expect("text");

    for what in ["cargo fmt --all --check", "cargo clippy", "-D warnings", "cargo build", "cargo test --workspace"] {
        assert!(commands.contains(what), "no block marked `sh ci` holds {what}:\n{commands}");
    }
    assert!(read(&root().join(".ci/run")).contains(".ci/readme-commands"), ".ci/run does not run them");
}

// --- reading pages -----------------------------------------------------------------

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the repository is here")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The pages at the top and everything below docs/.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("docs/ can be listed") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages
}

/// Appends every Rust file below a folder.
fn gather_sources(folder: &Path, sources: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder of the repository can be listed") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            gather_sources(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push_str(&read(&path));
        }
    }
}

/// The text outside of fenced blocks.
fn prose(page: &str) -> String {
    let mut is_fenced = false;
    let outside = page.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        is_fenced ^= is_fence;
        !is_fenced && !is_fence
    });
    outside.collect::<Vec<_>>().join("\n")
}

/// Targets of `[text](target)`.
fn links(page: &str) -> Vec<String> {
    prose(page).split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())).collect()
}

/// Headings as GitHub links to them.
fn anchors(page: &str) -> BTreeSet<String> {
    prose(page)
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
            kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
        })
        .collect()
}

/// `NAMES_LIKE_THIS` in backticks. An error reason, a gRPC code or a probe's option is no setting.
fn settings_named(page: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for code in prose(page).split('`').skip(1).step_by(2) {
        let word = code.split(['=', ' ']).next().unwrap_or_default();
        let looks_like_one = word.contains('_')
            && !word.starts_with("ERROR_REASON_")
            && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        if looks_like_one && !is_grpc_code(word) {
            names.insert(word.to_owned());
        }
    }
    names
}

fn is_grpc_code(word: &str) -> bool {
    let codes = [
        "INVALID_ARGUMENT",
        "PERMISSION_DENIED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "FAILED_PRECONDITION",
        "RESOURCE_EXHAUSTED",
        "DEADLINE_EXCEEDED",
        "NOT_SERVING",
    ];
    codes.contains(&word)
}

// --- settings and compose ------------------------------------------------------------

fn command_of(binary: &str) -> clap::Command {
    match binary {
        "gateway" => gateway::Settings::command(),
        "parser-svc" => parser_svc::Settings::command(),
        "inventory-svc" => inventory_svc::Settings::command(),
        "messenger-svc" => messenger_svc::Settings::command(),
        other => panic!("{other} is none of our services"),
    }
}

/// Every variable of every binary: `.env.example` lists them, and a test of its own holds it to that.
fn settings() -> BTreeSet<String> {
    let example = read(&root().join(".env.example"));
    example
        .lines()
        .filter_map(|line| Some(line.trim_start_matches('#').split_once('=')?.0.to_owned()))
        .filter(|name| !name.contains(' '))
        .collect()
}

fn compose() -> Value {
    serde_yaml_ng::from_str(&read(&root().join("docker-compose.yml"))).expect("docker-compose.yml is YAML")
}

/// The entries of a mapping with those of its `<<`, values as text.
fn merged(mapping: &Value) -> Vec<(String, String)> {
    let mut entries = Vec::new();
    for (key, value) in mapping.as_object().into_iter().flatten() {
        if key == "<<" {
            entries.extend(merged(value));
        } else {
            entries.push((key.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
        }
    }
    entries
}
