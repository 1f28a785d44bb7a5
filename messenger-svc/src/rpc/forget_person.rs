//! `ForgetPerson`: what was written to a person loses words and names, and stays for the books.

use platform::db;
use proto::common::v1::WhatsAppUser;
use proto::messenger::v1 as pb;

use super::Messenger;
use crate::domain::content::Violation;
use crate::domain::recipient::{Phone, UserId};
use crate::error::Error;
use crate::metrics;
use crate::store::forget::{self, Names};

/// Names of one person besides the first.
const OTHER_NAMES_MAX: usize = 100;

pub(super) async fn forget_person(
    svc: &Messenger,
    request: pb::ForgetPersonRequest,
) -> Result<pb::ForgetPersonResponse, Error> {
    let names = read(&request)?;
    let count = if request.dry_run {
        db::statement(&svc.pool, "count_messages_of_person", || forget::count(&svc.pool, &names)).await?
    } else {
        let count = forget::forget(&svc.pool, &names, svc.clock.now()).await?;
        metrics::get().removed("person", count);
        tracing::info!("forgot what was written to a person: {count} messages");
        count
    };
    Ok(pb::ForgetPersonResponse { forgotten_message_count: i64::try_from(count).unwrap_or(i64::MAX) })
}

fn read(request: &pb::ForgetPersonRequest) -> Result<Names, Error> {
    let (mut names, mut found) = (Names::default(), Vec::new());
    let user = request.user.clone().unwrap_or_default();
    if user.user_id.is_empty() && user.phone_number.is_empty() {
        found.push(Violation::new("user", "must hold a user_id or a phone_number"));
    }
    if !user.user_id.is_empty() && UserId::parse(&user.user_id).is_none() {
        found.push(Violation::new("user.user_id", "must be a business-scoped user id like ZA.1349"));
    }
    if !user.phone_number.is_empty() && Phone::parse(&user.phone_number).is_none() {
        found.push(Violation::new("user.phone_number", "must be the 5 to 16 digits of a WhatsApp id, without +"));
    }
    if request.other_names.len() > OTHER_NAMES_MAX {
        found.push(Violation::new("other_names", format!("must be at most {OTHER_NAMES_MAX}")));
    }
    if !found.is_empty() {
        return Err(Error::Invalid(found));
    }
    // Of the others, what is no name here was written to by nobody.
    for WhatsAppUser { user_id, phone_number } in request.other_names.iter().chain([&user]) {
        if let Some(user_id) = UserId::parse(user_id) {
            names.add_user_id(&user_id);
        }
        if let Some(phone) = Phone::parse(phone_number) {
            names.add_phone(&phone);
        }
    }
    Ok(names)
}
