//! The commands of `backroom`, one file each.

mod caller_key;
mod chat;
mod completion;
mod connect;
mod cost;
mod dead_letters;
mod dev;
mod doctor;
mod events;
mod forget;
mod message;
mod messenger;
mod running;
mod serve;
mod stock;
mod ui;

use clap::error::{ErrorKind, Result as ClapResult};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand};
use platform::Process;
use platform::settings::{HasTelemetry, Telemetry};

/// What a terminal shows of the services' logs when nobody asked for more.
const QUIET: &str = "warn";

/// Stock-keeping by WhatsApp. Without a command: `dev`.
#[derive(Parser, Clone, Debug)]
#[command(name = "backroom", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Task>,
    #[command(flatten)]
    telemetry: Telemetry,
}

#[derive(Subcommand, Clone, Debug)]
enum Task {
    Dev(dev::Dev),
    Serve(serve::Serve),
    Chat(chat::Chat),
    Doctor(doctor::Doctor),
    Connect(connect::Connect),
    Events(events::Events),
    Message(message::Message),
    Cost(cost::Cost),
    DeadLetters(dead_letters::DeadLetters),
    Forget(Box<forget::Forget>),
    CallerKey(caller_key::CallerKey),
    Stock(Box<stock::Stock>),
    Completion(completion::Completion),
}

/// A command that was read, with the logs that suit it.
#[derive(Clone, Debug)]
pub struct Cli {
    task: Task,
    telemetry: Telemetry,
}

impl Cli {
    /// Does it.
    pub async fn run(self, process: Process) -> anyhow::Result<()> {
        match self.task {
            Task::Dev(dev) => dev.run(&process).await,
            Task::Serve(serve) => serve.run(&process).await,
            Task::Chat(chat) => chat.run(&process).await,
            Task::Doctor(doctor) => doctor.run(&process).await,
            Task::Connect(connect) => connect.run(&process).await,
            Task::Events(events) => events.run(&process).await,
            Task::Message(message) => message.run().await,
            Task::Cost(cost) => cost.run(&process).await,
            Task::DeadLetters(dead_letters) => dead_letters.run().await,
            Task::Forget(forget) => forget.run().await,
            Task::CallerKey(caller_key) => caller_key.run(),
            Task::Stock(stock) => stock.run(&process).await,
            Task::Completion(completion) => {
                completion.run();
                Ok(())
            }
        }
    }

    fn read(arguments: Arguments, matches: &ArgMatches) -> ClapResult<Self> {
        let task = match arguments.command {
            Some(task) => task,
            None => Task::Dev(dev_by_default()?),
        };
        if matches!(&task, Task::Connect(connect) if !connect.has_address()) {
            let words = "connect needs --url https://your.host/webhook/whatsapp, or PUBLIC_URL";
            return Err(Arguments::command().error(ErrorKind::MissingRequiredArgument, words));
        }
        let mut telemetry = arguments.telemetry;
        // On a server logs are what an operator has; on a terminal they bury what a person came for.
        let is_for_a_person = !matches!(task, Task::Serve(_));
        if is_for_a_person && matches.value_source("log_filter") == Some(ValueSource::DefaultValue) {
            QUIET.clone_into(&mut telemetry.log_filter);
        }
        telemetry.trace_ids |= matches!(task, Task::Dev(_)); // the chat page shows them
        Ok(Self { task, telemetry })
    }
}

/// Returns `dev` as its environment has it.
fn dev_by_default() -> ClapResult<dev::Dev> {
    let matches = dev::Dev::augment_args(Command::new("backroom")).try_get_matches_from(["backroom"])?;
    dev::Dev::from_arg_matches(&matches)
}

impl CommandFactory for Cli {
    fn command() -> Command {
        Arguments::command()
    }

    fn command_for_update() -> Command {
        Arguments::command_for_update()
    }
}

impl FromArgMatches for Cli {
    fn from_arg_matches(matches: &ArgMatches) -> ClapResult<Self> {
        Self::read(Arguments::from_arg_matches(matches)?, matches)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> ClapResult<()> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Parser for Cli {}

impl HasTelemetry for Cli {
    fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }
}
