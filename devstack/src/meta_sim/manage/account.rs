//! The state of a WhatsApp business account, its number, the app and its token.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::health::Health;
use crate::meta_sim::{MetaSimOptions, TemplateForm};

/// What an operator needs of Meta, with `messages` first: the fields of section 3.2 that are worth a subscription.
pub(super) const FIELDS: [&str; 13] = [
    "messages",
    "account_update",
    "account_alerts",
    "account_review_update",
    "business_capability_update",
    "phone_number_quality_update",
    "phone_number_name_update",
    "message_template_status_update",
    "message_template_quality_update",
    "message_template_components_update",
    "template_category_update",
    "security",
    "user_preferences",
];

/// How the account is set up when the simulator starts.
#[derive(Clone, Debug)]
pub struct AccountOptions {
    /// The Meta app.
    pub app_id: String,
    /// The business portfolio.
    pub business_id: String,
    /// PIN of the number's two-step verification; `None`: nobody chose one yet.
    pub pin: Option<String>,
    /// Templates of the account.
    pub templates: Vec<MessageTemplate>,
    /// Whether it was connected before: the number registered and the app subscribed.
    pub is_connected: bool,
}

impl Default for AccountOptions {
    fn default() -> Self {
        Self {
            app_id: "300000000000001".to_owned(),
            business_id: "400000000000001".to_owned(),
            pin: None,
            templates: vec![
                MessageTemplate::approved("login_code", "en_US", "AUTHENTICATION"),
                MessageTemplate::approved("low_stock", "en_US", "UTILITY")
                    .with_form(TemplateForm::of_body("Running low: {{1}} has {{2}} left in your shop.")),
            ],
            is_connected: true,
        }
    }
}

/// A text that Meta reviewed.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct MessageTemplate {
    /// Its id.
    pub id: String,
    /// Its name: lower-case letters, digits, underscores.
    pub name: String,
    /// Its language, for example `en_US`.
    pub language: String,
    /// Meta's word: `APPROVED`, `PENDING`, `REJECTED`, `PAUSED` and others.
    pub status: String,
    /// `AUTHENTICATION`, `UTILITY` or `MARKETING`.
    pub category: String,
    /// What it looks like.
    #[serde(skip)]
    pub form: TemplateForm,
}

impl MessageTemplate {
    /// Returns one that is approved.
    pub fn approved(name: &str, language: &str, category: &str) -> Self {
        let number =
            name.bytes().chain(language.bytes()).fold(0_u64, |sum, byte| sum * 31 % 1_000_003 + u64::from(byte));
        Self {
            id: format!("{}", 500_000_000_000_000 + number),
            name: name.to_owned(),
            language: language.to_owned(),
            status: "APPROVED".to_owned(),
            category: category.to_owned(),
            form: if category == "AUTHENTICATION" {
                TemplateForm::one_time_code()
            } else {
                TemplateForm::of_body("{{1}}")
            },
        }
    }

    /// The same with this look.
    #[must_use]
    pub fn with_form(self, form: TemplateForm) -> Self {
        Self { form, ..self }
    }
}

/// Ids that do not change.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    pub(super) app_id: String,
    pub(super) app_secret: String,
    pub(super) business_id: String,
    pub(super) waba_id: String,
    pub(super) phone_number_id: String,
}

/// The account. Calls read and change it.
pub(crate) struct Account {
    ids: Ids,
    at_start: Facts,
    facts: Mutex<Facts>,
}

/// Everything that may change.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) token: Token,
    pub(super) number: Number,
    pub(super) health: Health,
    pub(super) is_subscribed: bool,
    /// The address that wins over the app's for this account.
    pub(super) account_callback: Option<String>,
    pub(super) app_subscription: Option<AppSubscription>,
    pub(super) templates: Vec<MessageTemplate>,
    pub(super) clock_skew: SignedDuration,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) state: TokenState,
    /// The app it was made for.
    pub(super) app_id: String,
    pub(super) kind: &'static str,
    /// `None`: never.
    pub(super) expires_in: Option<SignedDuration>,
    pub(super) scopes: Vec<String>,
    pub(super) targets: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenState {
    Valid,
    Expired,
    Invalid,
}

#[derive(Clone, Debug)]
pub(super) struct Number {
    pub(super) is_visible: bool,
    pub(super) status: String,
    pub(super) platform_type: String,
    pub(super) code_verification_status: String,
    pub(super) name_status: String,
    pub(super) quality_rating: String,
    pub(super) throughput: String,
    pub(super) account_mode: String,
    pub(super) is_on_biz_app: bool,
    /// The address that wins over the account's and the app's for this number.
    pub(super) callback: Option<String>,
    pub(super) pin: Option<String>,
    pub(super) code: Option<String>,
    pub(super) wrong_pin_count: u32,
    pub(super) registrations: Vec<Timestamp>,
    pub(super) deregistered_at: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub(super) struct AppSubscription {
    pub(super) callback_url: String,
    pub(super) fields: Vec<String>,
}

impl Account {
    pub(crate) fn new(options: &MetaSimOptions) -> Self {
        let wanted = &options.account;
        let is_connected = wanted.is_connected;
        let words = |here: &str, otherwise: &str| if is_connected { here } else { otherwise }.to_owned();
        let facts = Facts {
            token: Token {
                state: TokenState::Valid,
                app_id: wanted.app_id.clone(),
                kind: "SYSTEM_USER",
                expires_in: None,
                scopes: ["whatsapp_business_management", "whatsapp_business_messaging"].map(str::to_owned).to_vec(),
                targets: vec![options.waba_id.clone()],
            },
            number: Number {
                is_visible: true,
                status: words("CONNECTED", "PENDING"),
                platform_type: words("CLOUD_API", "NOT_APPLICABLE"),
                code_verification_status: "VERIFIED".to_owned(),
                name_status: "APPROVED".to_owned(),
                quality_rating: words("GREEN", "UNKNOWN"),
                throughput: words("STANDARD", "NOT_APPLICABLE"),
                account_mode: "LIVE".to_owned(),
                is_on_biz_app: false,
                callback: None,
                pin: wanted.pin.clone(),
                code: None,
                wrong_pin_count: 0,
                registrations: Vec::new(),
                deregistered_at: None,
            },
            health: Health::default(),
            is_subscribed: is_connected,
            account_callback: None,
            app_subscription: is_connected.then(|| AppSubscription {
                callback_url: options.webhook_url.clone(),
                fields: FIELDS.map(str::to_owned).to_vec(),
            }),
            templates: wanted.templates.clone(),
            clock_skew: SignedDuration::ZERO,
        };
        let ids = Ids {
            app_id: wanted.app_id.clone(),
            app_secret: options.app_secret.clone(),
            business_id: wanted.business_id.clone(),
            waba_id: options.waba_id.clone(),
            phone_number_id: options.phone_number_id.clone(),
        };
        Self { ids, at_start: facts.clone(), facts: Mutex::new(facts) }
    }

    pub(super) fn ids(&self) -> &Ids {
        &self.ids
    }

    /// Returns a template, whatever its state.
    pub(crate) fn template(&self, name: &str, language: &str) -> Option<MessageTemplate> {
        let is_it = |template: &&MessageTemplate| template.name == name && template.language == language;
        self.read(|facts| facts.templates.iter().find(is_it).cloned())
    }

    /// Looks at the state.
    pub(super) fn read<T>(&self, look: impl FnOnce(&Facts) -> T) -> T {
        look(&self.facts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the state.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Facts) -> T) -> T {
        change(&mut self.facts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Breaks it.
    pub(crate) fn ail(&self, ailment: &super::Ailment) {
        self.change(|facts| ailment.strike(facts));
    }

    /// Takes it back to how it began.
    pub(crate) fn heal(&self) {
        self.change(|facts| *facts = self.at_start.clone());
    }
}

impl Facts {
    /// Returns where webhooks of the number go: its own address, else the account's, else the app's.
    pub(super) fn callback(&self) -> Option<&str> {
        let app = self.app_subscription.as_ref().map(|subscription| subscription.callback_url.as_str());
        self.number.callback.as_deref().or(self.account_callback.as_deref()).or(app)
    }
}
