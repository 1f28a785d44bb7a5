//! Cards of people: an owner adds somebody to the shop, or a person tells their own number.

use platform::error::reason_of;
use proto::common::v1::WhatsAppUser;
use proto::inventory::v1::{AddMemberRequest, Role, Source};

use super::Pipeline;
use super::failure::Failure;
use super::identity::{Linked, link};
use super::inbound::{Inbound, phone_of};
use super::message::{Sender, lookup};
use crate::conversation::{Choice, Plan, Saying, Step};
use crate::webhook::SharedContact;

/// Letters of a name that are kept.
const NAME_LENGTH_MAX: usize = 100;

/// Makes the plan for shared cards.
pub(super) fn plan(inbound: &Inbound, sender: &Sender, cards: &[SharedContact], is_requested: bool) -> Plan {
    // Whose number is known, or who passes on somebody else's card, tells nothing of themselves.
    let is_own = is_requested && !inbound.riders.is_forwarded && inbound.sender.phone_number.is_empty();
    let step = match cards {
        [card] if is_own => own_number(card),
        // Asking before would tell everybody else that they may ask.
        _ if !matches!(sender.member.role(), Role::Owner | Role::Manager) => Step::Say(Saying::MayNotAdd),
        [card] => add(card),
        _ => Step::Say(Saying::OneAtATime),
    };
    Plan { language: sender.member.language_code.clone(), steps: vec![step] }
}

fn own_number(card: &SharedContact) -> Step {
    // Only a number that WhatsApp itself names: what is written on a card is anybody's word.
    let known = card.phones.iter().find_map(|phone| phone_of(phone.wa_id.as_deref()?));
    match known {
        Some(phone) => Step::LinkPhone { phone: phone.to_owned() },
        None => Step::Say(Saying::NoNumber { name: name_of(card) }),
    }
}

fn add(card: &SharedContact) -> Step {
    let name = name_of(card);
    let Some(phone) = whatsapp_number(card) else { return Step::Say(Saying::NoNumber { name }) };
    let (saying, choices) = really_add(name, phone, Role::Clerk as i32);
    Step::Ask { saying, choices, asked: None }
}

/// Asks whether to add somebody.
pub(super) fn really_add(name: String, phone: String, role: i32) -> (Saying, Vec<Choice>) {
    let steps = vec![Step::AddMember { name: name.clone(), phone: phone.clone(), role }];
    let choices = vec![
        Choice { title: String::new(), steps },
        Choice { title: String::new(), steps: vec![Step::Say(Saying::Dropped)] },
    ];
    (Saying::ReallyAdd { name, phone, role }, choices)
}

/// Returns the number as WhatsApp knows it, else one that is written in international form. A local one would be a guess.
fn whatsapp_number(card: &SharedContact) -> Option<String> {
    card.phones.iter().find_map(|phone| {
        if let Some(id) = &phone.wa_id {
            return phone_of(id).map(str::to_owned);
        }
        let plain: String =
            phone.written.chars().filter(|letter| !matches!(letter, ' ' | '-' | '(' | ')' | '\u{a0}')).collect();
        plain.starts_with('+').then(|| phone_of(&plain).map(str::to_owned)).flatten()
    })
}

fn name_of(card: &SharedContact) -> String {
    card.name.trim().chars().filter(|letter| !letter.is_control()).take(NAME_LENGTH_MAX).collect()
}

/// Adds the person, as a clerk unless something else was said. Repeating it changes nothing.
pub(super) async fn add_member(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    name: &str,
    phone: &str,
    role: i32,
) -> Result<Saying, Failure> {
    let name = name.to_owned();
    let request = AddMemberRequest {
        shop_id: sender.shop.shop_id.clone(),
        request_id: format!("{}/member", inbound.wamid),
        source: Source::Whatsapp as i32,
        member_id: sender.member.member_id.clone(),
        user: Some(WhatsAppUser { user_id: String::new(), phone_number: phone.to_owned() }),
        display_name: name.clone(),
        role: if role == 0 { Role::Clerk as i32 } else { role },
    };
    match pipeline.services.inventory.clone().add_member(request).await {
        Ok(response) if response.get_ref().existed => Ok(Saying::AddedBefore { name }),
        Ok(_) => Ok(Saying::Added { name }),
        Err(status) => match reason_of(&status).as_deref() {
            Some("ERROR_REASON_MEMBER_ELSEWHERE") => Ok(Saying::Elsewhere { name }),
            Some("ERROR_REASON_ROLE_NOT_ALLOWED") => Ok(Saying::MayNotAdd),
            Some("ERROR_REASON_INVALID_FIELD") => Ok(Saying::NoNumber { name }),
            _ => Err(Failure::of("add member")(status)),
        },
    }
}

/// Notes the number that a person told of themselves, unless it is somebody else's. Repeating it changes nothing.
pub(super) async fn link_phone(
    pipeline: &Pipeline,
    inbound: &Inbound,
    sender: &Sender,
    phone: &str,
) -> Result<Saying, Failure> {
    let named = WhatsAppUser { user_id: String::new(), phone_number: phone.to_owned() };
    let holder = lookup(pipeline, inbound, named).await?;
    if holder.is_some_and(|holder| holder.member.member_id != sender.member.member_id) {
        return Ok(Saying::NumberTaken);
    }
    let current = WhatsAppUser { user_id: inbound.sender.user_id.clone(), phone_number: phone.to_owned() };
    Ok(match link(pipeline, inbound.sender.clone(), current).await? {
        Linked::Done { .. } => Saying::NumberNoted,
        Linked::Stranger => Saying::Stranger,
    })
}
