//! `backroom completion`: what a shell needs to complete the commands.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

/// Print the completion script of a shell: `backroom completion bash > /etc/bash_completion.d/backroom`.
#[derive(Args, Clone, Debug)]
pub(super) struct Completion {
    /// The shell.
    shell: Shell,
}

impl Completion {
    pub(super) fn run(&self) {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::Cli::command(), "backroom", &mut script);
        super::ui::say(String::from_utf8_lossy(&script).trim_end());
    }
}
