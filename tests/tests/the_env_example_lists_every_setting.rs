//! `.env.example` lists every variable that a binary reads, with its help and its default, and no others.
//!
//! The file is what the command lines say, so nobody writes it by hand: when a setting changes this test leaves the new
//! text beside the build and says how to take it over.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use clap::{Arg, Command, CommandFactory as _};

/// What stands above the list: the few that a real number needs.
const HEAD: &str = "\
# Every variable of every binary, with its default. Copy to .env, take the # away and fill in.
#
# `cargo run` needs none of them: what has no credentials is simulated. For a real number four of them:
# WHATSAPP_APP_SECRET, WHATSAPP_VERIFY_TOKEN, WHATSAPP_ACCESS_TOKEN and WHATSAPP_PHONE_NUMBER_ID; and GEMINI_API_KEY for
# what the grammar does not understand.
#
# A secret X can be given as X_FILE instead: a path that holds it, read again when it changes. Not both.
";

#[test]
fn the_example_says_what_the_command_lines_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.env.example");
    let expected = rendered(&settings(&commands()));

    let written = std::fs::read_to_string(&path).unwrap_or_default();

    if written != expected {
        let fresh = Path::new(env!("CARGO_TARGET_TMPDIR")).join("env.example");
        std::fs::write(&fresh, &expected).expect("the build folder can be written to");
        let (known, listed) = (names_in(&expected), names_in(&written));
        panic!(
            ".env.example is not what the command lines say. Missing: {:?}. Not read by anybody: {:?}. Take it over: cp {} .env.example",
            known.difference(&listed).collect::<Vec<_>>(),
            listed.difference(&known).collect::<Vec<_>>(),
            fresh.display(),
        );
    }
}

#[test]
fn every_secret_can_come_from_a_file() {
    let settings = settings(&commands());
    for (name, setting) in &settings {
        let is_for_every_process = setting.users.iter().any(|user| user != "backroom");
        if setting.is_secret && is_for_every_process {
            assert!(settings.contains_key(&format!("{name}_FILE")), "{name} is a secret and there is no {name}_FILE");
        }
    }
}

#[test]
fn every_setting_has_a_variable_and_a_help_text() {
    for command in commands() {
        let is_service = command.get_name() != "backroom";
        for argument in arguments(&command) {
            let id = argument.get_id();
            assert!(argument.get_help().is_some(), "{} --{id} has no help", command.get_name());
            assert!(!is_service || argument.get_env().is_some(), "{} --{id} has no variable", command.get_name());
        }
    }
}

/// A variable and who reads it.
#[derive(Default)]
struct Setting {
    users: Vec<String>,
    help: String,
    /// The default of each user, in their order.
    defaults: Vec<String>,
    is_secret: bool,
}

fn commands() -> [Command; 5] {
    [
        gateway::Settings::command(),
        parser_svc::Settings::command(),
        inventory_svc::Settings::command(),
        messenger_svc::Settings::command(),
        devstack::cli::Cli::command(),
    ]
}

/// The arguments of a command and of the commands below it.
fn arguments(command: &Command) -> Vec<&Arg> {
    let built_in = ["help", "version"];
    let mut found: Vec<&Arg> =
        command.get_arguments().filter(|argument| !built_in.contains(&argument.get_id().as_str())).collect();
    for below in command.get_subcommands() {
        found.extend(arguments(below));
    }
    found
}

fn settings(commands: &[Command]) -> BTreeMap<String, Setting> {
    let mut settings: BTreeMap<String, Setting> = BTreeMap::new();
    for command in commands {
        for argument in arguments(command) {
            let Some(name) = argument.get_env() else { continue };
            let setting = settings.entry(name.to_string_lossy().into_owned()).or_default();
            if setting.users.iter().any(|user| user == command.get_name()) {
                continue; // another subcommand reads it too
            }
            setting.users.push(command.get_name().to_owned());
            // A flag is off unless it is given.
            let is_flag = matches!(argument.get_action(), clap::ArgAction::SetTrue);
            let default = argument.get_default_values().first().map(|value| value.to_string_lossy().into_owned());
            setting.defaults.push(if is_flag { "false".to_owned() } else { default.unwrap_or_default() });
            setting.is_secret |= argument.is_hide_env_values_set();
            if setting.help.is_empty() {
                setting.help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            }
        }
    }
    settings
}

/// One section for each group of binaries that read the same variables, the biggest group first.
fn rendered(settings: &BTreeMap<String, Setting>) -> String {
    let mut sections: BTreeMap<(usize, String), Vec<(&String, &Setting)>> = BTreeMap::new();
    for (name, setting) in settings {
        let key = (usize::MAX - setting.users.len(), setting.users.join(", "));
        sections.entry(key).or_default().push((name, setting));
    }
    let mut text = HEAD.to_owned();
    for ((_, users), settings) in sections {
        let _ = write!(text, "\n# --- {users} {}\n", "-".repeat(110_usize.saturating_sub(users.len())));
        for (name, setting) in settings {
            let _ = write!(text, "\n# {}\n", setting.help);
            let common = setting.defaults.iter().all(|default| *default == setting.defaults[0]);
            if !common {
                let each: Vec<String> = setting
                    .users
                    .iter()
                    .zip(&setting.defaults)
                    .map(|(user, default)| format!("{user} {default}"))
                    .collect();
                let _ = writeln!(text, "# Default: {}.", each.join(", "));
            }
            let default = if common { &setting.defaults[0] } else { "" };
            let _ = writeln!(text, "#{name}={default}");
        }
    }
    text
}

/// The variables that a text assigns, commented out or not.
fn names_in(text: &str) -> BTreeSet<&str> {
    text.lines()
        .filter_map(|line| line.trim_start_matches('#').split_once('='))
        .map(|(name, _)| name)
        .filter(|name| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        })
        .collect()
}
