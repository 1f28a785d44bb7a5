//! What Meta tells of the account, the number and its templates: the fields of section 3.2.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::manage::Ailment;
use super::world::World;

/// Something that is nobody's message.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AccountEvent {
    /// The account may not do something until a time, in unix seconds.
    Restricted {
        /// For example `RESTRICTED_BIZ_INITIATED_MESSAGING`.
        restriction: String,
        /// When it ends.
        until: i64,
    },
    /// The account broke a policy.
    Violated {
        /// Meta's word for it.
        violation: String,
    },
    /// The account is, or will be, disabled or reinstated.
    Disabled {
        /// `SCHEDULE_FOR_DISABLE`, `DISABLE` or `REINSTATE`.
        state: String,
    },
    /// Something wants looking after.
    Alert {
        /// `CRITICAL`, `WARNING` or `INFORMATIONAL`.
        severity: String,
        /// Meta's word for it.
        alert: String,
        /// A sentence.
        description: String,
    },
    /// A template is in another state; sends by it go by that from now on.
    TemplateStatus {
        /// Its name.
        name: String,
        /// Its language as sends write it; the webhook writes `en-US` for `en_US`.
        language: String,
        /// `APPROVED`, `PAUSED`, `DISABLED`, `REJECTED` and others.
        event: String,
        /// Why, when Meta says it.
        #[serde(default)]
        reason: Option<String>,
    },
    /// The number's quality or speed changed.
    NumberQuality {
        /// `ONBOARDING`, `THROUGHPUT_UPGRADE`, or one of the older `FLAGGED`, `UNFLAGGED`, `UPGRADE`, `DOWNGRADE`.
        event: String,
    },
    /// The number's name was looked at.
    NumberName {
        /// `APPROVED` or `REJECTED`.
        decision: String,
    },
    /// Somebody was at the number's PIN.
    Security {
        /// What they did.
        event: SecurityEvent,
    },
    /// A person wants no marketing, or wants it again.
    Preference {
        /// Who, by phone.
        wa_id: Option<String>,
        /// Who, by user id.
        user_id: Option<String>,
        /// `stop`, `resume` or `signup`.
        value: String,
    },
    /// Any other field with any value.
    Other {
        /// The field.
        field: String,
        /// Its value.
        value: Value,
    },
}

/// What somebody did at the number's PIN.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SecurityEvent {
    /// It is another one.
    PinChanged,
    /// Somebody asked for its removal.
    PinResetRequest,
    /// It was removed.
    PinRequestSuccess,
}

impl World {
    /// Tells the gateway of an event, and lets a template's state change with it.
    pub(crate) fn tell_event(self: &Arc<Self>, event: &AccountEvent) {
        let mut template_id = None;
        if let AccountEvent::TemplateStatus { name, language, event, .. } = event {
            self.account.ail(&Ailment::TemplateStatus { name: name.clone(), status: event.clone() });
            template_id = self.account.template(name, language).and_then(|template| template.id.parse().ok());
        }
        let (field, value) = event.wire(self, template_id);
        self.tell(&field, value);
    }
}

impl AccountEvent {
    /// Returns the field and its value.
    fn wire(&self, world: &World, template_id: Option<u64>) -> (String, Value) {
        let number = &world.number.display_phone_number;
        let (field, value) = match self {
            Self::Restricted { restriction, until } => (
                "account_update",
                json!({"event": "ACCOUNT_RESTRICTION",
                       "restriction_info": [{"restriction_type": restriction, "expiration": until}]}),
            ),
            Self::Violated { violation } => (
                "account_update",
                json!({"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": violation}}),
            ),
            Self::Disabled { state } => {
                let date = world.clock.now().strftime("%B %d, %Y").to_string();
                let ban_info = json!({"waba_ban_state": state, "waba_ban_date": date});
                ("account_update", json!({"event": "DISABLED_UPDATE", "ban_info": ban_info}))
            }
            Self::Alert { severity, alert, description } => (
                "account_alerts",
                json!({"entity_type": "BUSINESS", "entity_id": world.number.waba_id,
                       "alert_info": {"alert_severity": severity, "alert_status": "ACTIVE", "alert_type": alert,
                                      "alert_description": description}}),
            ),
            Self::TemplateStatus { name, language, event, reason } => (
                "message_template_status_update",
                json!({"event": event, "message_template_id": template_id.unwrap_or_default(),
                       "message_template_name": name, "message_template_language": language.replace('_', "-"),
                       "reason": reason}),
            ),
            Self::NumberQuality { event } => (
                "phone_number_quality_update",
                json!({"display_phone_number": number, "event": event, "current_limit": "TIER_1K",
                       "max_daily_conversations_per_business": "TIER_1K"}),
            ),
            Self::NumberName { decision } => (
                "phone_number_name_update",
                json!({"display_phone_number": number, "decision": decision,
                       "requested_verified_name": "The Backroom", "rejection_reason": null}),
            ),
            Self::Security { event } => {
                ("security", json!({"display_phone_number": number, "event": event, "requester": "100000000000009"}))
            }
            Self::Preference { wa_id, user_id, value } => {
                ("user_preferences", preference(world, wa_id.as_deref(), user_id.as_deref(), value))
            }
            Self::Other { field, value } => return (field.clone(), value.clone()),
        };
        (field.to_owned(), value)
    }
}

fn preference(world: &World, wa_id: Option<&str>, user_id: Option<&str>, value: &str) -> Value {
    let mut preference = json!({"category": "marketing_messages", "value": value, "detail": "User requested it",
                                "timestamp": world.clock.now().as_second()}); // an integer here, unlike in messages
    for (name, id) in [("wa_id", wa_id), ("user_id", user_id)] {
        if let Some(id) = id {
            preference[name] = json!(id);
        }
    }
    let mut whole = world.number.value("user_preferences", &Value::Null, &preference);
    whole["contacts"] = json!([]);
    whole
}
