//! Each way in which an account can be broken.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::account::{Facts, TokenState};
use super::health::Complaint;

/// Something that is wrong at Meta's side (section 9).
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Ailment {
    /// The access token was good until yesterday.
    TokenExpired,
    /// The access token is none.
    TokenInvalid,
    /// The access token is the dashboard's: of a person, for some hours.
    TokenTemporary,
    /// The access token may not do something.
    ScopeMissing {
        /// `whatsapp_business_messaging` or `whatsapp_business_management`.
        scope: String,
    },
    /// The access token was made for another app, whose secret signs nothing of ours.
    TokenOfAnotherApp,
    /// The access token's user was not given this account.
    AccountNotAssigned,
    /// The token sees no such number.
    NumberNotVisible,
    /// The number is `BANNED`, `PENDING`, `FLAGGED` or in another state.
    NumberStatus {
        /// Meta's word.
        status: String,
    },
    /// Nobody proved to own the number.
    NumberUnverified,
    /// The number was never registered with the Cloud API.
    NumberNotRegistered,
    /// The number is Meta's test number.
    Sandbox,
    /// People block or report the number.
    Quality {
        /// `YELLOW` or `RED`.
        rating: String,
    },
    /// The display name is not approved.
    NameStatus {
        /// `PENDING_REVIEW`, `DECLINED` and others.
        status: String,
    },
    /// The number is also used in the WhatsApp Business app.
    Coexistence,
    /// Somebody may send less, or nothing.
    Health {
        /// Who.
        entity: Entity,
        /// `LIMITED` or `BLOCKED`.
        can_send_message: String,
        /// Meta's code.
        code: u32,
        /// What is wrong.
        description: String,
        /// What Meta says to do.
        possible_solution: String,
    },
    /// There is no payment method that works.
    PaymentProblem,
    /// The app does not get the account's webhooks: the silent failure.
    AppNotSubscribed,
    /// The account's webhooks go elsewhere.
    AccountCallback {
        /// Where.
        url: String,
    },
    /// The number's webhooks go elsewhere.
    NumberCallback {
        /// Where.
        url: String,
    },
    /// The app itself has no webhook.
    AppCallbackMissing,
    /// The app is not subscribed to a field.
    FieldNotSubscribed {
        /// Which.
        field: String,
    },
    /// A template is not there.
    TemplateMissing {
        /// Its name.
        name: String,
    },
    /// A template may not be used.
    TemplateStatus {
        /// Its name.
        name: String,
        /// `PAUSED`, `REJECTED`, `PENDING` and others.
        status: String,
    },
    /// A template is there in another language alone.
    TemplateLanguage {
        /// Its name.
        name: String,
        /// The language it has.
        language: String,
    },
    /// A template is of another category.
    TemplateCategory {
        /// Its name.
        name: String,
        /// The category it has.
        category: String,
    },
    /// Meta's clock is ahead of ours, or behind with a minus.
    ClockSkew {
        /// By so many seconds.
        seconds: i64,
    },
}

/// Who a complaint of `health_status` is about.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// The number.
    PhoneNumber,
    /// The WhatsApp business account.
    Waba,
    /// The business portfolio.
    Business,
    /// The app.
    App,
}

impl Entity {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::PhoneNumber => "PHONE_NUMBER",
            Self::Waba => "WABA",
            Self::Business => "BUSINESS",
            Self::App => "APP",
        }
    }
}

impl Ailment {
    pub(super) fn strike(&self, facts: &mut Facts) {
        match self {
            Self::TokenExpired => {
                facts.token.state = TokenState::Expired;
                facts.token.expires_in = Some(SignedDuration::from_hours(-24));
            }
            Self::TokenInvalid => facts.token.state = TokenState::Invalid,
            Self::TokenTemporary => {
                facts.token.kind = "USER";
                facts.token.expires_in = Some(SignedDuration::from_hours(5));
            }
            Self::ScopeMissing { scope } => facts.token.scopes.retain(|granted| granted != scope),
            Self::TokenOfAnotherApp => "399999999999999".clone_into(&mut facts.token.app_id),
            Self::AccountNotAssigned => facts.token.targets = vec!["199999999999999".to_owned()],
            Self::NumberNotVisible => facts.number.is_visible = false,
            Self::NumberStatus { status } => facts.number.status.clone_from(status),
            Self::NumberUnverified => {
                "NOT_VERIFIED".clone_into(&mut facts.number.code_verification_status);
                unregister(facts, "UNVERIFIED");
            }
            Self::NumberNotRegistered => unregister(facts, "PENDING"),
            Self::Sandbox => "SANDBOX".clone_into(&mut facts.number.account_mode),
            Self::Quality { rating } => facts.number.quality_rating.clone_from(rating),
            Self::NameStatus { status } => facts.number.name_status.clone_from(status),
            Self::Coexistence => facts.number.is_on_biz_app = true,
            Self::Health { entity, can_send_message, code, description, possible_solution } => {
                facts.health.complaints.push(Complaint {
                    entity: *entity,
                    can_send_message: can_send_message.clone(),
                    code: *code,
                    description: description.clone(),
                    possible_solution: possible_solution.clone(),
                });
            }
            Self::PaymentProblem => facts.health.complaints.push(payment_problem()),
            Self::AppNotSubscribed => {
                facts.is_subscribed = false;
                facts.account_callback = None;
            }
            Self::AccountCallback { url } => facts.account_callback = Some(url.clone()),
            Self::NumberCallback { url } => facts.number.callback = Some(url.clone()),
            Self::AppCallbackMissing => facts.app_subscription = None,
            Self::FieldNotSubscribed { field } => {
                if let Some(subscription) = &mut facts.app_subscription {
                    subscription.fields.retain(|subscribed| subscribed != field);
                }
            }
            Self::TemplateMissing { name } => facts.templates.retain(|template| template.name != *name),
            Self::TemplateStatus { name, status } => {
                of_name(facts, name, |template| template.status.clone_from(status));
            }
            Self::TemplateLanguage { name, language } => {
                of_name(facts, name, |template| template.language.clone_from(language));
            }
            Self::TemplateCategory { name, category } => {
                of_name(facts, name, |template| template.category.clone_from(category));
            }
            Self::ClockSkew { seconds } => facts.clock_skew = SignedDuration::from_secs(*seconds),
        }
    }
}

fn unregister(facts: &mut Facts, status: &str) {
    status.clone_into(&mut facts.number.status);
    "NOT_APPLICABLE".clone_into(&mut facts.number.platform_type);
    "NOT_APPLICABLE".clone_into(&mut facts.number.throughput);
}

fn of_name(facts: &mut Facts, name: &str, change: impl Fn(&mut super::MessageTemplate)) {
    facts.templates.iter_mut().filter(|template| template.name == name).for_each(change);
}

fn payment_problem() -> Complaint {
    Complaint {
        entity: Entity::Waba,
        can_send_message: "BLOCKED".to_owned(),
        code: 141_006,
        description: "There is an error with the payment method. This will block business initiated conversations."
            .to_owned(),
        possible_solution:
            "There was an error with your payment method. Please add a new payment method to the account.".to_owned(),
    }
}
