//! What is printed is what runs, and every table is that of the contract.

use std::collections::BTreeSet;
use std::path::Path;

use clap::CommandFactory as _;
use prost::Message as _;
use proto::inventory::v1::{ErrorReason, LineOutcome};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn guide() -> String {
    read("docs/inventory-api.md")
}

/// Returns the fenced blocks of a language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("\n```{language}\n");
    page.split(&fence).skip(1).filter_map(|rest| Some(rest.split_once("\n```")?.0.to_owned())).collect()
}

/// Takes away what every line begins with.
fn dedented(text: &str) -> String {
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let common = text.lines().filter(|line| !line.trim().is_empty()).map(|line| indent(&line)).min().unwrap_or(0);
    text.lines().map(|line| line.get(common..).unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// Returns the rows of the tables whose first cell begins so.
fn rows(page: &str, begins: &str) -> Vec<Vec<String>> {
    page.lines()
        .filter(|line| line.starts_with('|') && line.trim_start_matches(['|', ' ', '`']).starts_with(begins))
        .map(|line| line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

#[test]
fn the_clients_that_are_printed_are_those_that_run() {
    let clients = [
        ("rust", "tests/tests/the_inventory_guide_is_true/till.rs"),
        ("python", "clients/python/till.py"),
        ("ts", "clients/typescript/src/till.ts"),
    ];
    for (language, path) in clients {
        let source = read(path);
        let blocks = blocks(&guide(), language);
        assert!(blocks.len() >= 6, "only {} blocks of {language} were found", blocks.len());
        // Any runs of whole lines of the source, moved to the left as a page shows them.
        let lines: Vec<&str> = source.lines().collect();
        for part in blocks.iter().flat_map(|block| parts(block)) {
            let length = part.lines().count();
            let is_there = lines.windows(length).any(|window| dedented(&window.join("\n")) == part);
            assert!(is_there, "this is printed and not in {path}:\n{part}");
        }
    }
}

/// Cuts a block where one function ends and another begins, which need not be neighbours in the source.
fn parts(block: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for piece in block.split("\n\n") {
        match parts.last_mut() {
            Some(part) if piece.starts_with(' ') => {
                part.push_str("\n\n");
                part.push_str(piece);
            }
            _ => parts.push(piece.to_owned()),
        }
    }
    parts
}

#[test]
fn every_reason_is_in_the_table_with_its_code() {
    let declared = read("proto/thebackroom/inventory/v1/error_reason.proto");
    let rows = rows(&guide(), "ERROR_REASON_");
    let named: Vec<String> = rows.iter().map(|row| row[0].trim_matches('`').to_owned()).collect();
    let mut expected = BTreeSet::new();
    for number in 1.. {
        let Ok(reason) = ErrorReason::try_from(number) else { break };
        expected.insert(reason.as_str_name().to_owned());
    }
    assert_eq!(named.iter().cloned().collect::<BTreeSet<_>>(), expected, "of the table and of the enum");
    assert_eq!(named.len(), expected.len(), "each has one row");

    for row in rows {
        let name = row[0].trim_matches('`');
        let comment = comment_above(&declared, name);
        let code = row[1].trim_matches('`');
        assert!(comment.contains(&format!("`{code}`")), "{name} is {code} in the guide and in the contract: {comment}");
        assert!(!row[2].is_empty() && ["no", "yes", "as another request"].contains(&row[3].as_str()), "{row:?}");
    }
}

#[test]
fn every_outcome_of_a_line_is_in_the_table() {
    let named: BTreeSet<String> =
        rows(&guide(), "LINE_OUTCOME_").into_iter().map(|row| row[0].trim_matches('`').to_owned()).collect();
    let expected = (1..).map_while(|number| LineOutcome::try_from(number).ok());

    assert_eq!(named, expected.map(|outcome| outcome.as_str_name().to_owned()).collect());
}

/// Returns what is written about a value of an enum.
fn comment_above(declared: &str, name: &str) -> String {
    let lines: Vec<&str> = declared.lines().map(str::trim).collect();
    let place = lines.iter().position(|line| line.starts_with(&format!("{name} ="))).expect("it is declared");
    let length = lines[..place].iter().rev().take_while(|line| line.starts_with("//")).count();
    lines[place - length..place].join(" ")
}

#[test]
fn methods_that_are_named_exist() {
    let set = prost_types::FileDescriptorSet::decode(proto::FILE_DESCRIPTOR_SET).expect("the build made it");
    let services =
        set.file.iter().flat_map(|file| &file.service).filter(|service| service.name() == "InventoryService");
    let known: BTreeSet<String> =
        services.flat_map(|service| &service.method).map(|rpc| rpc.name().to_owned()).collect();
    let guide = guide();
    let named: BTreeSet<String> = guide
        .split("InventoryService/")
        .skip(1)
        .map(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).collect::<String>())
        .filter(|name| !name.is_empty())
        .collect();

    assert!(!named.is_empty());
    for name in named {
        assert!(known.contains(&name), "the guide names the method {name}, which is not there");
    }
}

#[test]
fn commands_that_are_printed_are_understood() {
    let guide = guide();
    let commands: Vec<&str> = guide.lines().map(str::trim).filter(|line| line.starts_with("backroom ")).collect();
    assert!(commands.len() >= 10, "only {} commands were found", commands.len());
    for printed in &commands {
        let words = words(printed.split(" #").next().unwrap_or(printed));
        let understood = devstack::cli::Cli::command().try_get_matches_from(&words);
        assert!(
            understood.is_ok(),
            "{printed}: {}",
            understood.err().map(|error| error.to_string()).unwrap_or_default()
        );
    }
    let stock = devstack::cli::Cli::command();
    let stock = stock.find_subcommand("stock").expect("it is a command");
    let is_printed = |command: &str| {
        commands.iter().any(|printed| *printed == command || printed.starts_with(&format!("{command} ")))
    };
    for command in stock.get_subcommands() {
        let name = format!("backroom stock {}", command.get_name());
        assert!(is_printed(&name), "the guide does not show `{name}`");
        for below in command.get_subcommands() {
            let name = format!("{name} {}", below.get_name());
            assert!(is_printed(&name), "the guide does not show `{name}`");
        }
    }
}

/// Splits a line as a shell does that knows double quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (place, part) in line.split('"').enumerate() {
        if place % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}
