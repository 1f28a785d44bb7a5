//! The people of a shop: who they are, and what becomes of them after a yes.

use platform::error::reason_of;
use proto::common::v1::WhatsAppUser;
use proto::inventory::v1::{
    ChangeMemberRoleRequest, ListMembersRequest, Member, RemoveMemberRequest, Role, ShopMember, Source,
};
use tonic::Status;

use super::upkeep::Upheld;
use crate::conversation::{Choice, OfPeople, People, Saying, Step};
use crate::pipeline::failure::Failure;
use crate::pipeline::inbound::Inbound;
use crate::pipeline::message::{Sender, lookup};
use crate::pipeline::{Pipeline, contacts};
use crate::reply::{Outcome, Upkept};

/// People of one page, and pages that are looked through: more than any shop has.
const PAGE_SIZE: i32 = 200;
const PAGES_MAX: usize = 5;
/// People that a list shows.
const LIST_MAX: usize = 20;
/// People that are offered when several fit.
const CANDIDATES_MAX: usize = 10;

/// Does it, tells it, or asks first. Repeating it has no further effect.
pub(super) async fn people(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    request_id: String,
    people: &People,
) -> Result<Upheld, Failure> {
    let said = |saying| Ok(Upheld::Done(Outcome::Said(Saying::People(saying))));
    // Asking before would tell everybody else that they may ask.
    let may_manage = matches!(sender.member.role(), Role::Owner | Role::Manager);
    match people {
        People::List => list(pipeline, sender).await,
        People::Add { .. } if !may_manage => Ok(Upheld::Done(Outcome::Said(Saying::MayNotAdd))),
        _ if !may_manage => Ok(Upheld::Done(Outcome::Upkept(Upkept::ManagersOnly))),
        People::Add { role, .. } if !may_give(sender, *role) => said(OfPeople::OwnersOnly),
        People::Add { name, phone, .. } if phone.is_empty() => said(OfPeople::WhichNumber { name: name.clone() }),
        People::Add { name, phone, role } => {
            let (saying, choices) = contacts::really_add(name.clone(), phone.clone(), *role);
            Ok(Upheld::Asks { saying, choices })
        }
        People::Ask { name, phone, role } => {
            let found = match phone.as_str() {
                "" => called(pipeline, sender, name).await?,
                phone => reached_by(pipeline, inbound, sender, phone).await?,
            };
            match found {
                Found::One(member) => Ok(really(sender, &member, *role)),
                Found::Several(members) => Ok(which(sender, name, &members, *role)),
                Found::None(names) => said(OfPeople::NoSuchPerson { name: name.clone(), names }),
            }
        }
        People::Remove { member_id, name } => {
            let request = RemoveMemberRequest {
                shop_id: sender.shop.shop_id.clone(),
                request_id,
                source: Source::Whatsapp as i32,
                member_id: sender.member.member_id.clone(),
                subject_member_id: member_id.clone(),
            };
            match pipeline.services.inventory.clone().remove_member(request).await {
                Ok(_) => said(OfPeople::Removed { name: name.clone() }),
                Err(status) => refused(status, name),
            }
        }
        People::ChangeRole { member_id, name, role } => {
            let request = ChangeMemberRoleRequest {
                shop_id: sender.shop.shop_id.clone(),
                request_id,
                source: Source::Whatsapp as i32,
                member_id: sender.member.member_id.clone(),
                subject_member_id: member_id.clone(),
                role: *role,
            };
            match pipeline.services.inventory.clone().change_member_role(request).await {
                Ok(_) => said(OfPeople::Changed { name: name.clone(), role: *role }),
                Err(status) => refused(status, name),
            }
        }
    }
}

/// Returns whether the sender may give somebody this role, or take it: managers manage clerks and viewers.
fn may_give(sender: &Sender, role: i32) -> bool {
    let is_small = |role| matches!(role, Role::Clerk | Role::Viewer);
    sender.member.role() == Role::Owner || Role::try_from(role).is_ok_and(is_small)
}

/// Whom a name or a number means.
enum Found {
    One(Member),
    Several(Vec<Member>),
    /// Nobody; the names of those who are there.
    None(Vec<String>),
}

async fn list(pipeline: &Pipeline, sender: &Sender) -> Result<Upheld, Failure> {
    let members = members(pipeline, sender, 1).await?;
    let has_more = members.len() > LIST_MAX;
    let shown = members.into_iter().take(LIST_MAX).map(|shown| {
        let member = shown.member.unwrap_or_default();
        (member.display_name, member.role, shown.invited)
    });
    let members = shown.collect();
    Ok(Upheld::Done(Outcome::Said(Saying::People(OfPeople::Members { members, has_more }))))
}

async fn members(pipeline: &Pipeline, sender: &Sender, pages_max: usize) -> Result<Vec<ShopMember>, Failure> {
    let mut members = Vec::new();
    let mut page_token = String::new();
    for _ in 0..pages_max {
        let request = ListMembersRequest {
            shop_id: sender.shop.shop_id.clone(),
            page_size: PAGE_SIZE,
            page_token,
            with_removed: false,
        };
        let mut inventory = pipeline.services.inventory.clone();
        let page = inventory.list_members(request).await.map_err(Failure::of("list members"))?.into_inner();
        members.extend(page.members);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    Ok(members)
}

/// Finds somebody by the whole of their name, else by words of it.
async fn called(pipeline: &Pipeline, sender: &Sender, name: &str) -> Result<Found, Failure> {
    let all: Vec<Member> =
        members(pipeline, sender, PAGES_MAX).await?.into_iter().filter_map(|member| member.member).collect();
    let plain = |name: &str| name.trim().to_lowercase();
    let wanted = plain(name);
    let is_whole = |member: &&Member| plain(&member.display_name) == wanted;
    let words_fit = |member: &&Member| {
        let words = plain(&member.display_name);
        wanted.split_whitespace().all(|part| words.split_whitespace().any(|word| word == part))
    };
    let mut found: Vec<Member> = all.iter().filter(is_whole).cloned().collect();
    if found.is_empty() {
        found = all.iter().filter(words_fit).cloned().collect();
    }
    Ok(match found.len() {
        0 => Found::None(all.into_iter().map(|member| member.display_name).filter(|name| !name.is_empty()).collect()),
        1 => Found::One(found.remove(0)),
        _ => Found::Several(found),
    })
}

/// Finds somebody by their number. Who belongs to another shop is nobody here.
async fn reached_by(pipeline: &Pipeline, inbound: &Inbound, sender: &Sender, phone: &str) -> Result<Found, Failure> {
    let user = WhatsAppUser { user_id: String::new(), phone_number: phone.to_owned() };
    let holder = lookup(pipeline, inbound, user).await?;
    let holder = holder.filter(|holder| holder.shop.shop_id == sender.shop.shop_id);
    Ok(holder.map_or_else(|| Found::None(Vec::new()), |holder| Found::One(holder.member)))
}

fn really(sender: &Sender, member: &Member, role: Option<i32>) -> Upheld {
    if !may_give(sender, member.role) || role.is_some_and(|role| !may_give(sender, role)) {
        return Upheld::Done(Outcome::Said(Saying::People(OfPeople::OwnersOnly)));
    }
    let name = member.display_name.clone();
    let member_id = member.member_id.clone();
    let (saying, step) = match role {
        Some(role) if role == member.role => {
            return Upheld::Done(Outcome::Said(Saying::People(OfPeople::Changed { name, role })));
        }
        Some(role) => {
            (OfPeople::ReallyChange { name: name.clone(), role }, People::ChangeRole { member_id, name, role })
        }
        None => (OfPeople::ReallyRemove { name: name.clone() }, People::Remove { member_id, name }),
    };
    let choices = vec![
        Choice { title: String::new(), steps: vec![Step::People(step)] },
        Choice { title: String::new(), steps: vec![Step::Say(Saying::Dropped)] },
    ];
    Upheld::Asks { saying: Saying::People(saying), choices }
}

/// Asks which of several people was meant. Each choice names the person and what becomes of them, so it is the yes.
fn which(sender: &Sender, said: &str, members: &[Member], role: Option<i32>) -> Upheld {
    let allowed = members.iter().filter(|member| may_give(sender, member.role)).take(CANDIDATES_MAX);
    let choices: Vec<Choice> = allowed
        .filter_map(|member| match really(sender, member, role) {
            Upheld::Asks { saying, choices } => {
                let ask = Step::Ask { saying, choices, asked: None };
                Some(Choice { title: member.display_name.clone(), steps: vec![ask] })
            }
            _ => None,
        })
        .collect();
    if choices.is_empty() {
        return Upheld::Done(Outcome::Said(Saying::People(OfPeople::OwnersOnly)));
    }
    let names = choices.iter().map(|choice| choice.title.clone()).collect();
    Upheld::Asks { saying: Saying::WhichOf { said: said.to_owned(), names }, choices }
}

/// A rule of the ledger that said no is an answer, anything else a failure.
fn refused(status: Status, name: &str) -> Result<Upheld, Failure> {
    let saying = match reason_of(&status).as_deref() {
        Some("ERROR_REASON_ROLE_NOT_ALLOWED") => OfPeople::OwnersOnly,
        Some("ERROR_REASON_LAST_OWNER") => OfPeople::LastOwner,
        // Somebody else was faster.
        Some("ERROR_REASON_MEMBER_NOT_FOUND") => OfPeople::NoSuchPerson { name: name.to_owned(), names: Vec::new() },
        _ => return Err(Failure::of("people")(status)),
    };
    Ok(Upheld::Done(Outcome::Said(Saying::People(saying))))
}
