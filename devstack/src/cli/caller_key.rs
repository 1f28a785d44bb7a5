//! `backroom caller-key`: a new key for somebody who calls a service.

use crate::stack::keys;
use clap::Args;

use super::ui;

/// Make a key for a caller of the gRPC services.
#[derive(Args, Clone, Debug)]
pub(super) struct CallerKey {
    /// Who calls, one word.
    #[arg(value_parser = one_word)]
    name: String,
    /// What they may call: `*`, `package.Service/*` or `package.Service/Method`, separated by commas.
    #[arg(default_value = "*", value_parser = one_word)]
    methods: String,
}

impl CallerKey {
    pub(super) fn run(&self) {
        let key = keys::new_key();
        ui::say(format_args!("For the caller, shown once:\n  CALLER_KEY={key}\n"));
        let entry = keys::entry(&self.name, &key, &self.methods);
        ui::say(format_args!("For the servers, a line or a part between `;` of CALLER_KEYS:\n  {entry}"));
    }
}

fn one_word(text: &str) -> Result<String, String> {
    if text.is_empty() || text.chars().any(|character| character.is_whitespace() || character == ';') {
        return Err("must be one word".to_owned());
    }
    Ok(text.to_owned())
}
