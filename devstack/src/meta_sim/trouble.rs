//! What a test can let go wrong.

use std::sync::PoisonError;

use super::graph::{DownloadFault, LookupFault, SendFault};
use super::manage::Ailment;
use super::media::MediaManner;
use super::options::ReceiptMode;
use super::person::Person;
use super::rules::Rules;
use super::webhook::DeliveryManner;
use super::{MetaSim, receipts};
use crate::script::When;

impl MetaSim {
    /// Points webhooks at another address.
    pub fn set_webhook_url(&self, url: impl Into<String>) {
        self.world.courier.set_url(url.into());
    }

    /// Breaks the account in one more way.
    pub fn ail(&self, ailment: &Ailment) {
        self.world.account.ail(ailment);
    }

    /// Takes the account back to how it began.
    pub fn heal(&self) {
        self.world.account.heal();
    }

    /// Makes coming sends go wrong. Rules are looked at in the order they were added.
    pub fn fail_sends(&self, when: When, fault: SendFault) {
        self.world.faults.sends.add(when, fault, None);
    }

    /// Makes coming sends to one person go wrong.
    pub fn fail_sends_to(&self, person: &Person, when: When, fault: SendFault) {
        self.world.faults.sends.add(when, fault, Some(person.user_id.clone()));
    }

    /// Makes coming read marks go wrong; what speaks of receipts does nothing here.
    pub fn fail_marks(&self, when: When, fault: SendFault) {
        self.world.faults.marks.add(when, fault, None);
    }

    /// Makes coming uploads go wrong; what speaks of receipts does nothing here.
    pub fn fail_uploads(&self, when: When, fault: SendFault) {
        self.world.faults.uploads.add(when, fault, None);
    }

    /// Makes coming lookups of files go wrong.
    pub fn fail_lookups(&self, when: When, fault: LookupFault) {
        self.world.faults.lookups.add(when, fault, None);
    }

    /// Makes coming fetches of files go wrong.
    pub fn fail_downloads(&self, when: When, fault: DownloadFault) {
        self.world.faults.downloads.add(when, fault, None);
    }

    /// Lets calls go right again.
    pub fn clear_faults(&self) {
        self.world.faults.clear();
    }

    /// Refuses sends and uploads with this code until [`MetaSim::resume_number`]: 131031, 368 and their like.
    pub fn halt_number(&self, code: u32) {
        *self.world.halt.write().unwrap_or_else(PoisonError::into_inner) = Some(code);
    }

    /// Lets the number send again.
    pub fn resume_number(&self) {
        *self.world.halt.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Ends every token: calls get error 190 with subcode 463 until another is admitted.
    pub fn expire_token(&self) {
        self.world.tokens.expire();
    }

    /// Makes every token good again that once was.
    pub fn revive_tokens(&self) {
        self.world.tokens.revive();
    }

    /// Takes another token beside those that are good.
    pub fn admit_token(&self, token: impl Into<String>) {
        self.world.tokens.admit(token.into());
    }

    /// Sets which of Meta's limits hold from now on.
    pub fn set_rules(&self, rules: Rules) {
        *self.world.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
    }

    /// Lets a person's 24 hours be over.
    pub fn close_window(&self, person: &Person) {
        self.world.close_window(&self.chat_of(person.clone()));
    }

    /// Sets how webhooks come from now on; what was held leaves, unless it is to stay.
    pub fn set_delivery(&self, manner: DeliveryManner) {
        self.world.set_delivery(manner);
    }

    /// Sends off the webhooks that were held, and returns how many updates that were.
    pub fn release_updates(&self) -> usize {
        self.world.release_updates()
    }

    /// Sets how files are described.
    pub fn set_media_manner(&self, manner: MediaManner) {
        self.world.media.set_manner(manner);
    }

    /// Sets what becomes of the receipts of messages that are sent from now on.
    pub fn set_receipts(&self, mode: ReceiptMode) {
        *self.world.receipt_mode.write().unwrap_or_else(PoisonError::into_inner) = mode;
    }

    /// Delivers the receipts that were withheld, and returns how many.
    pub fn release_receipts(&self) -> usize {
        receipts::release(&self.world)
    }
}
