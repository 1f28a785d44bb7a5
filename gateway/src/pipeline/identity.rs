//! A person goes by another number or user id from now on: the shop stays theirs.

use platform::error::reason_of;
use proto::common::v1::WhatsAppUser;
use proto::inventory::v1::LinkIdentityRequest;

use super::Pipeline;
use super::failure::Failure;
use super::inbound::{Inbound, names, phone_of};
use crate::webhook::SystemNotice;

/// Takes word of WhatsApp about a person. Nobody is answered: nobody asked, and every answer is billed.
pub(super) async fn take_notice(pipeline: &Pipeline, inbound: &Inbound, notice: &SystemNotice) -> Result<(), Failure> {
    if !notice.changes_identity() {
        return Ok(());
    }
    let Some((previous, current)) = change(&inbound.sender, notice) else {
        tracing::warn!("a notice of a changed number or user id does not name the person before and after");
        return Ok(());
    };
    match link(pipeline, previous, current).await? {
        Linked::Done { other_shop_id } if other_shop_id.is_empty() => {}
        Linked::Done { other_shop_id } => tracing::warn!(
            shop.id = other_shop_id,
            "somebody who changed number has another shop under the new one: {other_shop_id}"
        ),
        Linked::Stranger => tracing::info!("somebody who belongs to no shop changed number or user id"),
    }
    Ok(())
}

/// What came of it.
pub(super) enum Linked {
    /// The person is known by the new names.
    Done {
        /// Another shop of the same person; empty: none.
        other_shop_id: String,
    },
    /// Nobody is known by the names before.
    Stranger,
}

/// Gives a member the names they have now. Repeating it changes nothing.
pub(super) async fn link(
    pipeline: &Pipeline,
    previous: WhatsAppUser,
    current: WhatsAppUser,
) -> Result<Linked, Failure> {
    let request = LinkIdentityRequest { previous: Some(previous), current: Some(current) };
    match pipeline.services.inventory.clone().link_identity(request).await {
        Ok(response) => Ok(Linked::Done { other_shop_id: response.into_inner().other_shop_id }),
        Err(status) if reason_of(&status).as_deref() == Some("ERROR_REASON_MEMBER_NOT_FOUND") => Ok(Linked::Stranger),
        Err(status) => Err(Failure::of("link identity")(status)),
    }
}

/// Returns the names before and after. Schemas differ in whether `from` is the number before or after.
fn change(sender: &WhatsAppUser, notice: &SystemNotice) -> Option<(WhatsAppUser, WhatsAppUser)> {
    let filled = |id: &str| (!id.is_empty()).then(|| id.to_owned());
    let current = names(notice.user_id.as_deref(), notice.wa_id.as_deref());
    let previous_user = notice.previous_user_id.as_deref().and_then(filled);
    let sender_user = filled(&sender.user_id);
    // The sender's user id is the one before, unless the notice says otherwise.
    let current_user = filled(&current.user_id)
        .or_else(|| sender_user.clone().filter(|id| previous_user.as_ref().is_some_and(|before| before != id)));
    let previous_user = previous_user.or_else(|| sender_user.filter(|id| Some(id) != current_user.as_ref()));
    let previous_phone = [notice.customer.as_deref().and_then(phone_of), phone_of(&sender.phone_number)]
        .into_iter()
        .flatten()
        .find(|phone| *phone != current.phone_number);
    let previous = WhatsAppUser {
        user_id: previous_user.unwrap_or_default(),
        phone_number: previous_phone.unwrap_or_default().to_owned(),
    };
    let current = WhatsAppUser { user_id: current_user.unwrap_or_default(), phone_number: current.phone_number };
    let is_named = |user: &WhatsAppUser| !user.user_id.is_empty() || !user.phone_number.is_empty();
    (is_named(&previous) && is_named(&current)).then_some((previous, current))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Returns who it was and who it is, each as user id and phone number.
    fn read(from: Option<&str>, from_user: Option<&str>, system: Value) -> Option<[String; 4]> {
        let notice: SystemNotice = serde_json::from_value(system).unwrap();
        let (previous, current) = change(&names(from_user, from), &notice)?;
        Some([previous.user_id, previous.phone_number, current.user_id, current.phone_number])
    }

    #[test]
    fn every_schema_tells_who_it_was_and_who_it_is() {
        let (old, new) = ("27820000001", "27820000002");
        let cases = [
            // As of 2026, with the number before as the sender, with the number after, and without any.
            (
                Some(old),
                Some("ZA.1"),
                json!({"wa_id": new, "user_id": "ZA.2", "previous_user_id": "ZA.1"}),
                ["ZA.1", old, "ZA.2", new],
            ),
            (
                Some(new),
                Some("ZA.2"),
                json!({"wa_id": new, "user_id": "ZA.2", "previous_user_id": "ZA.1"}),
                ["ZA.1", "", "ZA.2", new],
            ),
            (
                None,
                None,
                json!({"wa_id": new, "user_id": "ZA.2", "previous_user_id": "ZA.1"}),
                ["ZA.1", "", "ZA.2", new],
            ),
            // Only the user id changed, or only that is told.
            (None, None, json!({"user_id": "ZA.2", "previous_user_id": "ZA.1"}), ["ZA.1", "", "ZA.2", ""]),
            (Some(old), Some("ZA.2"), json!({"previous_user_id": "ZA.1"}), ["ZA.1", old, "ZA.2", ""]),
            (None, Some("ZA.1"), json!({"user_id": "ZA.2"}), ["ZA.1", "", "ZA.2", ""]),
            // Old schemas.
            (Some(old), None, json!({"new_wa_id": new}), ["", old, "", new]),
            (Some(new), None, json!({"wa_id": new, "customer": old}), ["", old, "", new]),
            (Some(old), None, json!({"wa_id": 27_820_000_002_u64}), ["", old, "", new]),
        ];
        for (from, from_user, system, expected) in cases {
            assert_eq!(read(from, from_user, system.clone()), Some(expected.map(str::to_owned)), "{system}");
        }
    }

    #[test]
    fn half_a_change_links_nobody() {
        for (from, system) in [
            (None, json!({"wa_id": "27820000002"})),
            (Some("27820000001"), json!({})),
            (Some("27820000002"), json!({"wa_id": "27820000002"})),
            (Some("27820000001"), json!({"wa_id": "US.13491208655302741918"})),
        ] {
            let read = read(from, None, system.clone());
            // A user id in the place of a number is still a user id.
            assert!(read.is_none_or(|[_, _, user, phone]| user.starts_with("US.") && phone.is_empty()), "{system}");
        }
    }
}
