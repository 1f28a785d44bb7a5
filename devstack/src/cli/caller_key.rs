//! `backroom caller-key`: a new key for somebody who calls a service, or a look at a list of them.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use platform::grpc::describe_caller_keys;
use uuid::Uuid;

use super::ui;
use crate::stack::keys;

/// What a key may be held to, by words that some service knows.
const WORDS: [&str; 4] = ["shops", "rate", "burst", "until"];

/// Make a key for a caller of the gRPC services, or check a list of callers.
#[derive(Args, Clone, Debug)]
pub(super) struct CallerKey {
    /// Who calls, one word.
    #[arg(value_parser = one_word, required_unless_present = "check")]
    name: Option<String>,
    /// What they may call: `*`, `package.Service/*` or `package.Service/Method`, separated by commas.
    #[arg(default_value = "*", value_parser = one_word)]
    methods: String,
    /// A shop that they may touch, by its id; several times for several. Without it: all.
    #[arg(long = "shop", value_name = "ID")]
    shops: Vec<Uuid>,
    /// How often they may call each process of a service: `100/s`, `100/min` or `100/h`.
    #[arg(long, value_parser = one_word)]
    rate: Option<String>,
    /// How many calls may come at once; as many as the rate says without it.
    #[arg(long, requires = "rate")]
    burst: Option<u32>,
    /// When the key stops to count: `2027-01-31T00:00:00Z`.
    #[arg(long)]
    until: Option<Timestamp>,
    /// Make nothing: read this file as CALLER_KEYS_FILE and show who may what.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "methods", "shops", "rate", "burst", "until"])]
    check: Option<PathBuf>,
}

impl CallerKey {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        if let Some(path) = &self.check {
            let list = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
            for entry in check(&list)? {
                ui::say(format_args!("{entry}"));
            }
            return Ok(());
        }
        let key = keys::new_key();
        let entry = self.entry(&key)?;
        ui::say(format_args!("For the caller, shown once:\n  CALLER_KEY={key}\n"));
        ui::say(format_args!("For the servers, a line or a part between `;` of CALLER_KEYS:\n  {entry}"));
        Ok(())
    }

    /// Returns the line for the servers, as they would take it.
    fn entry(&self, key: &str) -> anyhow::Result<String> {
        let name = self.name.as_deref().context("a key needs a name")?;
        let mut entry = keys::entry(name, key, &self.methods);
        if !self.shops.is_empty() {
            let shops: Vec<String> = self.shops.iter().map(Uuid::to_string).collect();
            entry.extend([" shops=", &shops.join(",")]);
        }
        for (word, value) in [
            ("rate", self.rate.clone()),
            ("burst", self.burst.map(|burst| burst.to_string())),
            ("until", self.until.map(|until| until.to_string())),
        ] {
            if let Some(value) = value {
                entry.extend([" ", word, "=", &value]);
            }
        }
        check(&entry)?;
        Ok(entry)
    }
}

/// Returns what each entry of a list says. A word that no service knows is an error: such a key opens nothing.
fn check(list: &str) -> anyhow::Result<Vec<String>> {
    let entries = describe_caller_keys(list)?;
    anyhow::ensure!(!entries.is_empty(), "there is no entry: nobody could call");
    for entry in &entries {
        let words = entry.split_whitespace().skip(2).filter_map(|word| word.split_once('='));
        for (word, value) in words {
            anyhow::ensure!(
                WORDS.contains(&word),
                "{entry}: no service knows `{word}=`, so the key would open nothing"
            );
            let is_readable = word != "shops" || value.split(',').all(|shop| Uuid::try_parse(shop).is_ok());
            anyhow::ensure!(is_readable, "{entry}: a shop is named by its id, a UUID");
        }
    }
    Ok(entries)
}

fn one_word(text: &str) -> Result<String, String> {
    if text.is_empty() || text.chars().any(|character| character.is_whitespace() || character == ';') {
        return Err("must be one word".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        caller_key: CallerKey,
    }

    fn entry(words: &str) -> anyhow::Result<String> {
        let command = Command::try_parse_from(["caller-key"].into_iter().chain(words.split_whitespace()))?;
        let entry = command.caller_key.entry("a key")?;
        Ok(entry.replace(&platform::grpc::key_hash("a key"), "HASH"))
    }

    #[test]
    fn an_entry_says_what_was_asked_for() {
        let shop = "0190b2c4-0000-7000-8000-000000000000";

        assert_eq!(entry("gateway").unwrap(), "gateway HASH *");
        assert_eq!(
            entry(&format!(
                "till a.S/Get --shop {shop} --shop {shop} --rate 50/s --burst 5 --until 2027-01-31T00:00:00Z"
            ))
            .unwrap(),
            format!("till HASH a.S/Get shops={shop},{shop} rate=50/s burst=5 until=2027-01-31T00:00:00Z")
        );
        for wrong in
            ["", "till --rate often", "till --burst 5", "till --shop mine", "till --until soon", "till --rate 0/s"]
        {
            assert!(entry(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_list_is_shown_without_hashes_and_a_misspelt_word_is_found() {
        let hash = platform::grpc::key_hash("a key");

        assert_eq!(
            check(&format!("till {hash} * rate=5/s\n# others\nview {hash} a.S/Get")).unwrap(),
            ["till * rate=5/s", "view a.S/Get"]
        );
        for wrong in ["shop=0190b2c4-0000-7000-8000-000000000000", "shops=mine", "rate=often"] {
            let error = format!("{:#}", check(&format!("till {hash} * {wrong}")).unwrap_err());
            assert!(!error.contains(&hash), "{error}");
        }
        assert!(check("").is_err());
    }
}
