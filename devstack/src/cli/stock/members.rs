//! `backroom stock members`: who belongs to a shop.

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use platform::Process;
use proto::common::v1::WhatsAppUser;
use proto::inventory::v1 as pb;
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::call::{Call, Ledger, digits};
use super::json::to_json;
use super::refusal::{refused, write_refused};
use super::repeat::{Repeat, say_json};
use super::table::{minute, names, plain, table, word, words};
use crate::cli::ui;

/// List the people of a shop, add to them, let them do more or less, and take them out.
#[derive(Args, Clone, Debug)]
pub(super) struct Members {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand, Clone, Debug)]
enum Task {
    List(Box<List>),
    Add(Box<Add>),
    Role(Box<ChangeRole>),
    Remove(Box<Remove>),
}

/// List who belongs to the shop, those who came first first. Numbers are not told.
#[derive(Args, Clone, Debug)]
struct List {
    /// List those who were removed as well.
    #[arg(long)]
    removed: bool,
    #[command(flatten)]
    call: Call,
}

/// Add a person to the shop before they first write.
#[derive(Args, Clone, Debug)]
struct Add {
    /// Their phone number in international form, or their business-scoped user id.
    person: SecretString,
    /// What they may do.
    #[arg(long, value_enum, default_value = "clerk")]
    role: Role,
    /// What they are called.
    #[arg(long, default_value = "")]
    name: String,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    call: Call,
}

/// Let a person do more or less: `members role Sipho manager`.
#[derive(Args, Clone, Debug)]
struct ChangeRole {
    /// Their name, if nobody else has it, or their member id.
    subject: String,
    /// What they may do from now on.
    #[arg(value_enum)]
    role: Role,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    call: Call,
}

/// Take a person out of the shop: they change nothing any more, and history keeps their name.
#[derive(Args, Clone, Debug)]
struct Remove {
    /// Their name, if nobody else has it, or their member id.
    subject: String,
    #[command(flatten)]
    repeat: Repeat,
    #[command(flatten)]
    call: Call,
}

/// What a person may do in a shop.
#[derive(ValueEnum, Clone, Copy, Debug)]
enum Role {
    /// Everything.
    Owner,
    /// Everything but removing owners.
    Manager,
    /// Sells and receives.
    Clerk,
    /// Looks.
    Viewer,
}

impl From<Role> for pb::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => Self::Owner,
            Role::Manager => Self::Manager,
            Role::Clerk => Self::Clerk,
            Role::Viewer => Self::Viewer,
        }
    }
}

impl Members {
    pub(super) fn call(&self) -> &Call {
        match &self.task {
            Task::List(list) => &list.call,
            Task::Add(add) => &add.call,
            Task::Role(role) => &role.call,
            Task::Remove(remove) => &remove.call,
        }
    }

    pub(super) async fn run(self, process: &Process) -> Result<()> {
        match self.task {
            Task::List(list) => list.run().await,
            Task::Add(add) => add.run(process).await,
            Task::Role(role) => role.run(process).await,
            Task::Remove(remove) => remove.run(process).await,
        }
    }
}

impl Ledger {
    async fn members(&mut self, with_removed: bool) -> Result<pb::ListMembersResponse> {
        let mut asked = pb::ListMembersRequest { shop_id: self.shop_id.clone(), with_removed, ..Default::default() };
        let mut all = pb::ListMembersResponse::default();
        loop {
            let answer = self.client.list_members(asked.clone()).await.map_err(refused)?.into_inner();
            all.members.extend(answer.members);
            asked.page_token = answer.next_page_token;
            if asked.page_token.is_empty() {
                return Ok(all);
            }
        }
    }

    /// Returns the id of the one member that was meant. What is an id is taken as it is: they may have been removed.
    async fn member_id(&mut self, typed: &str) -> Result<String> {
        if typed.parse::<Uuid>().is_ok() {
            return Ok(typed.to_owned());
        }
        let wanted = typed.trim().to_lowercase();
        let members = self.members(false).await?.members.into_iter().filter_map(|listed| listed.member);
        let mut meant = members.filter(|member| member.display_name.to_lowercase() == wanted);
        match (meant.next(), meant.next()) {
            (Some(member), None) => Ok(member.member_id),
            (Some(_), Some(_)) => {
                bail!("several go by the name {:?}: type an id from `backroom stock members list`", plain(typed))
            }
            (None, _) => bail!("nobody in this shop is called {:?}: `backroom stock members list`", plain(typed)),
        }
    }
}

impl ChangeRole {
    async fn run(self, process: &Process) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let subject_member_id = ledger.member_id(&self.subject).await?;
        let request_id = self.repeat.request_id(process);
        let asked = pb::ChangeMemberRoleRequest {
            shop_id: ledger.shop_id.clone(),
            request_id: request_id.clone(),
            source: pb::Source::Grpc.into(),
            member_id: self.repeat.member_id(),
            subject_member_id,
            role: pb::Role::from(self.role).into(),
        };
        let answer = ledger.client.change_member_role(asked).await.map_err(write_refused(&request_id))?.into_inner();
        if ledger.is_json {
            return say_json(&answer, &request_id);
        }
        let member = answer.member.context("the answer holds a member")?;
        ui::say(format_args!("{} is {} from now on.", name_of(&member), word(member.role().as_str_name(), "ROLE_")));
        Ok(())
    }
}

impl Remove {
    async fn run(self, process: &Process) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let subject_member_id = ledger.member_id(&self.subject).await?;
        let request_id = self.repeat.request_id(process);
        let asked = pb::RemoveMemberRequest {
            shop_id: ledger.shop_id.clone(),
            request_id: request_id.clone(),
            source: pb::Source::Grpc.into(),
            member_id: self.repeat.member_id(),
            subject_member_id,
        };
        let answer = ledger.client.remove_member(asked).await.map_err(write_refused(&request_id))?.into_inner();
        if ledger.is_json {
            return say_json(&answer, &request_id);
        }
        let member = answer.member.and_then(|removed| removed.member).context("the answer holds a member")?;
        ui::say(format_args!("{} is out of the shop; history keeps the name.", name_of(&member)));
        Ok(())
    }
}

fn name_of(member: &pb::Member) -> String {
    if member.display_name.is_empty() { "no name yet".to_owned() } else { plain(&member.display_name) }
}

impl List {
    async fn run(self) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let all = ledger.members(self.removed).await?;
        if ledger.is_json {
            ui::say(format_args!("{:#}", to_json(&all)?));
            return Ok(());
        }
        let rows: Vec<[String; 3]> = all
            .members
            .iter()
            .map(|listed| {
                let member = listed.member.clone().unwrap_or_default();
                let since = match (&listed.remove_time, listed.invited) {
                    (Some(removed), _) => format!("removed {}", minute(Some(removed))),
                    (None, true) => "has not written yet".to_owned(),
                    (None, false) => format!("since {}", minute(listed.create_time.as_ref())),
                };
                let role = word(member.role().as_str_name(), "ROLE_");
                [plain(&member.display_name), role, since]
            })
            .collect();
        // An id is 36 wide: with it below its row the rest has room.
        let laid_out = table(&[names("name"), words("role"), words("state")], &rows);
        let ids = all.members.iter().map(|listed| listed.member.as_ref().map_or("", |member| &member.member_id));
        for (line, id) in laid_out.lines().zip(std::iter::once("").chain(ids)) {
            ui::say(line);
            if !id.is_empty() {
                ui::say(format_args!("  member {id}"));
            }
        }
        Ok(())
    }
}

impl Add {
    async fn run(self, process: &Process) -> Result<()> {
        let mut ledger = self.call.open().await?;
        let request_id = self.repeat.request_id(process);
        let asked = pb::AddMemberRequest {
            shop_id: ledger.shop_id.clone(),
            request_id: request_id.clone(),
            source: pb::Source::Grpc.into(),
            member_id: self.repeat.member_id(),
            user: Some(person(self.person.expose_secret())),
            display_name: self.name,
            role: pb::Role::from(self.role).into(),
        };
        let answer = ledger.client.add_member(asked).await.map_err(write_refused(&request_id))?.into_inner();
        if ledger.is_json {
            return say_json(&answer, &request_id);
        }
        let member = answer.member.context("the answer holds a member")?;
        let role = word(member.role().as_str_name(), "ROLE_");
        let name = name_of(&member);
        let how = if answer.existed { "Was there before, and nothing was changed" } else { "Added" };
        ui::say(format_args!("{how}: {name}, {role}"));
        ui::say(format_args!("  member {}", member.member_id));
        Ok(())
    }
}

/// Tells a number from a user id: a number has no letters.
fn person(typed: &str) -> WhatsAppUser {
    if typed.chars().any(char::is_alphabetic) {
        WhatsAppUser { user_id: typed.to_owned(), phone_number: String::new() }
    } else {
        WhatsAppUser { user_id: String::new(), phone_number: digits(typed) }
    }
}
