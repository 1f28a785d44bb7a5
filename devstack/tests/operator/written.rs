//! What is written about going live is true: its commands do what they say, in that order, and its table is the doctor's.

use std::path::Path;

use anyhow::{Context as _, Result};
use devstack::doctor::version::Table;
use devstack::meta_sim::{AccountOptions, Person};

use crate::house::{House, PATIENCE, eventually};

fn page(name: &str) -> Result<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    std::fs::read_to_string(&path).with_context(|| path.display().to_string())
}

/// Returns the lines of a section's blocks that begin with `backroom`, without what a shell takes as a remark.
fn commands(page: &str, sections: &[&str]) -> Vec<String> {
    let (mut is_wanted, mut is_fenced, mut found) = (false, false, Vec::new());
    for line in page.lines() {
        let trimmed = line.trim();
        if let (false, Some(heading)) = (is_fenced, line.strip_prefix("## ")) {
            is_wanted = sections.contains(&heading);
        } else if trimmed.starts_with("```") {
            is_fenced = !is_fenced;
        } else if is_wanted && is_fenced && trimmed.starts_with("backroom ") {
            found.push(trimmed.split(" #").next().unwrap_or(trimmed).trim().to_owned());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_that_are_written_down_bring_a_new_number_to_life() -> Result<()> {
    for (name, sections) in [("README.md", &["Go live"][..]), ("docs/go-live.md", &["Connect", "Afterwards"])] {
        let house = House::start(AccountOptions { is_connected: false, ..AccountOptions::default() }).await?;
        let commands = commands(&page(name)?, sections);
        assert!(commands.len() >= 4, "only {commands:?} in {name}");
        let mut request_id = None;
        for command in commands {
            if command.contains("$REQUEST_ID") && request_id.is_none() {
                let thandi = Person::new("Thandi", "27825550101", "ZA.1001");
                let said = house.meta().say(&thandi, "Added 50 screws");
                house.meta().wait_for_reply(&thandi, &said.wamid, PATIENCE).await?;
                request_id = Some(format!("{}/reply", said.wamid));
            }
            let line = command
                .replace("https://your.host", &house.stack.gateway_url())
                .replace("\"$REQUEST_ID\"", request_id.as_deref().unwrap_or_default());
            let arguments: Vec<&str> = line.split_whitespace().skip(1).collect();
            // A receipt or a record may take a moment after the answer.
            let ran = eventually(async || {
                let ran = house.backroom(&arguments).await?;
                Ok((ran.code == 0 || !line.contains(" message ")).then_some(ran))
            })
            .await?;
            assert_eq!(ran.code, 0, "{name}: {command}\n{}", ran.said());
        }
        house.stack.stop().await?;
    }
    Ok(())
}

#[test]
fn the_table_of_versions_is_the_doctors() -> Result<()> {
    let page = page("docs/go-live.md")?;
    let table = Table::of_this_release();

    let rows: Vec<String> = table
        .versions
        .iter()
        .map(|row| {
            let ends = row.expires.map_or_else(|| "not announced".to_owned(), |end| end.to_string());
            format!("| {} | {} | {ends} |", row.version, row.released)
        })
        .collect();
    assert!(page.contains(&rows.join("\n")), "docs/go-live.md needs\n{}", rows.join("\n"));
    assert!(page.contains(&format!("As of {}, from {}", table.as_of, table.source)));
    Ok(())
}
