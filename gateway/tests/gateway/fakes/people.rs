//! Who belongs to the shops of the fake ledger, by their names as their ids.

use std::collections::{BTreeMap, VecDeque};

use platform::error::Situation;
use proto::inventory::v1::{self as pb, Role};
use tonic::Status;

use super::inventory::Inventory;
use super::{Script, refuse};

/// People of a shop.
#[derive(Default)]
pub struct Staff {
    /// Roles by names.
    pub roles: BTreeMap<String, Role>,
    /// What each request did.
    pub done: Vec<(String, String)>,
    /// What the next change is refused with.
    pub refusals: VecDeque<(Situation, &'static str)>,
    /// The next answer is lost on its way, after the work was done.
    pub is_lost: bool,
}

impl Staff {
    fn member(&self, name: &str) -> pb::Member {
        pb::Member {
            member_id: name.to_owned(),
            display_name: name.to_owned(),
            role: self.roles.get(name).copied().unwrap_or(Role::Viewer) as i32,
            ..pb::Member::default()
        }
    }

    /// Does a change once, however often it is asked.
    fn change(&mut self, request_id: &str, what: String, change: impl FnOnce(&mut Self)) -> Result<(), Status> {
        if let Some((situation, reason)) = self.refusals.pop_front() {
            return Err(refuse(situation, reason));
        }
        if !self.done.iter().any(|(known, _)| known == request_id) {
            change(self);
            self.done.push((request_id.to_owned(), what));
        }
        if std::mem::take(&mut self.is_lost) {
            return Err(refuse(Situation::Unavailable, "ERROR_REASON_DATABASE_UNAVAILABLE"));
        }
        Ok(())
    }
}

impl Inventory {
    pub(super) fn staff(&self, script: Script) -> Script {
        script
            .on("ListMembers", self.method(Self::list_members))
            .on("RemoveMember", self.method(Self::remove_member))
            .on("ChangeMemberRole", self.method(Self::change_member_role))
    }

    #[expect(clippy::unnecessary_wraps, reason = "methods of the ledger can refuse")]
    fn list_members(&self, _: pb::ListMembersRequest) -> Result<pb::ListMembersResponse, Status> {
        let state = self.state();
        let member = |name: &String| pb::ShopMember {
            member: Some(state.staff.member(name)),
            invited: name == "Sipho",
            ..pb::ShopMember::default()
        };
        let members = state.staff.roles.keys().map(member).collect();
        Ok(pb::ListMembersResponse { members, ..pb::ListMembersResponse::default() })
    }

    fn remove_member(&self, request: pb::RemoveMemberRequest) -> Result<pb::RemoveMemberResponse, Status> {
        let name = request.subject_member_id;
        self.state().staff.change(&request.request_id, format!("remove {name}"), |staff| {
            staff.roles.remove(&name);
        })?;
        Ok(pb::RemoveMemberResponse::default())
    }

    fn change_member_role(&self, request: pb::ChangeMemberRoleRequest) -> Result<pb::ChangeMemberRoleResponse, Status> {
        let role = request.role();
        let name = request.subject_member_id;
        self.state().staff.change(&request.request_id, format!("{role:?} {name}"), |staff| {
            staff.roles.insert(name, role);
        })?;
        Ok(pb::ChangeMemberRoleResponse::default())
    }
}
