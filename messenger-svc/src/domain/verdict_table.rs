//! Meta's error codes, one row each, as their documentation has them. Data, no logic.

use super::verdict::Action::{FewTries, HaltNumber, Never, PairBackoff, PauseNumber, Retry, WindowClosed};
use super::verdict::Halt::{Account, Payment, Permission, Registration, Spam, Token};
use super::verdict::{Action, Rule};

const fn one(code: i32, action: Action, meaning: &'static str) -> Rule {
    Rule { first: code, last: code, action, meaning }
}

const fn range(first: i32, last: i32, action: Action, meaning: &'static str) -> Rule {
    Rule { first, last, action, meaning }
}

/// Every code that is known to come.
pub(super) const RULES: &[Rule] = &[
    // --- Graph in general --------------------------------------------------------------
    one(0, HaltNumber(Token), "the app user cannot be authenticated"),
    one(1, FewTries, "a bad request or a fault of the server"),
    one(2, Retry, "temporary outage"),
    one(3, HaltNumber(Permission), "the app lacks a capability or permission"),
    one(4, PauseNumber { seconds: 60 }, "the app made too many calls"),
    one(10, HaltNumber(Permission), "permission is missing"),
    one(33, HaltNumber(Registration), "the business number was deleted"),
    one(100, Never, "a parameter is invalid"),
    one(190, HaltNumber(Token), "the access token is expired or invalid"),
    range(200, 299, HaltNumber(Permission), "permission is missing"),
    one(368, HaltNumber(Account), "temporarily blocked for a breach of policy"),
    one(613, PauseNumber { seconds: 10 }, "a call limit of the app was reached"),
    one(80_007, PauseNumber { seconds: 60 }, "the account made too many calls"),
    // --- limits ------------------------------------------------------------------------
    one(130_429, PauseNumber { seconds: 1 }, "the number sends too fast"),
    one(131_048, HaltNumber(Spam), "the number is held back for spam"),
    one(131_056, PairBackoff, "too many messages to this person"),
    // --- the person --------------------------------------------------------------------
    one(130_472, Never, "the person is in an experiment of Meta's"),
    one(130_497, Never, "the business may not write to this country"),
    one(131_021, Never, "the recipient is the sender"),
    one(131_026, Never, "undeliverable: not on WhatsApp, an old app, or terms not accepted"),
    one(131_030, Never, "not on the list of recipients of this test number"),
    one(131_047, WindowClosed, "the person last wrote more than 24 hours ago"),
    one(131_049, Never, "withheld by Meta for the health of the ecosystem"),
    one(131_050, Never, "the person opted out of marketing"),
    one(131_062, Never, "this message needs a phone number, not a user id"),
    one(137_000, Never, "the person's identity changed and must be confirmed"),
    // --- the account and its number ----------------------------------------------------
    one(131_005, HaltNumber(Permission), "access denied"),
    one(131_031, HaltNumber(Account), "the account is locked"),
    one(131_037, HaltNumber(Registration), "the number's display name is not approved"),
    one(131_042, HaltNumber(Payment), "the account has a payment problem"),
    one(131_044, HaltNumber(Payment), "the account has a payment problem"),
    one(131_045, HaltNumber(Registration), "the number's registration is wrong"),
    one(131_064, HaltNumber(Account), "held back for templates in the wrong category"),
    one(133_000, FewTries, "an earlier deregistration is not complete"),
    one(133_004, Retry, "the registration server is not available"),
    one(133_005, Never, "wrong two-step PIN"),
    one(133_006, Never, "the number must be verified first"),
    one(133_008, Never, "too many tries of the PIN"),
    one(133_009, FewTries, "the PIN was entered too fast"),
    one(133_010, HaltNumber(Registration), "the number is not registered"),
    one(133_015, FewTries, "the number was deregistered a moment ago"),
    one(133_016, Never, "too many registrations in 72 hours"),
    // --- the platform ------------------------------------------------------------------
    one(131_000, FewTries, "unknown failure"),
    one(131_016, Retry, "the service is temporarily not available"),
    one(131_057, PauseNumber { seconds: 10 }, "the account is in maintenance"),
    // --- the message -------------------------------------------------------------------
    one(131_008, Never, "a required parameter is missing"),
    one(131_009, Never, "a parameter has an invalid value"),
    one(131_051, Never, "this type of message is not supported"),
    one(131_052, Never, "the media could not be fetched"),
    one(131_053, Never, "the media could not be uploaded"),
    one(131_055, Never, "the wrong kind of message for this endpoint"),
    one(131_060, Never, "the message is not available"),
    one(131_063, Never, "marketing is disabled here"),
    one(135_000, Never, "a parameter of the message is wrong"),
    // --- templates and flows -----------------------------------------------------------
    one(132_000, Never, "the number of template parameters does not match"),
    one(132_001, Never, "no approved template of this name and language"),
    one(132_005, Never, "the template's text is too long once filled in"),
    one(132_007, Never, "the template breaks a content policy"),
    one(132_008, Never, "a template parameter breaks a policy"),
    one(132_012, Never, "a template parameter has the wrong format"),
    one(132_015, Never, "the template is paused"),
    one(132_016, Never, "the template is disabled"),
    one(132_018, Never, "a template parameter is wrong"),
    one(132_068, Never, "the flow is blocked"),
    one(132_069, Retry, "the flow is throttled"),
    // --- what other endpoints answer ---------------------------------------------------
    one(134_011, Never, "the terms of payments are not accepted"),
    range(134_100, 134_199, Never, "refused by the marketing API"),
    range(136_024, 136_025, Never, "the verification code could not be sent or checked"),
    range(138_000, 138_999, Never, "refused by the calling API"),
    range(139_000, 139_103, Never, "refused by the flows or blocking API"),
    range(147_001, 147_005, Never, "refused by the username API"),
    range(2_388_000, 2_388_999, Never, "refused by the template API"),
    one(2_494_100, Retry, "the number is in maintenance"),
    range(2_593_000, 2_593_999, Never, "refused by the sync API"),
];
