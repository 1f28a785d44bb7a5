//! How the simulated Meta is set up.

use std::time::Duration;

use platform::clock::Clock;
use rand::distr::{Alphanumeric, SampleString as _};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use super::manage::AccountOptions;
use super::media::MediaManner;
use super::rules::Rules;
use super::webhook::DeliveryManner;
use crate::hearsay::Hearsay;

/// Everything the simulator has to know. Holds secrets, so it does not print itself.
pub struct MetaSimOptions {
    /// Where the Graph side, the control routes and the chat page are served.
    pub listener: TcpListener,
    /// Signs webhooks: the gateway's `WHATSAPP_APP_SECRET`.
    pub app_secret: String,
    /// The Bearer token that sends must carry: the messenger's `WHATSAPP_ACCESS_TOKEN`.
    pub access_token: String,
    /// Shown in the verification GET: the gateway's `WHATSAPP_VERIFY_TOKEN`.
    pub verify_token: String,
    /// The business number, as an id.
    pub phone_number_id: String,
    /// The business number, as people see it: digits.
    pub display_phone_number: String,
    /// The WhatsApp business account.
    pub waba_id: String,
    /// What an operator finds at Meta.
    pub account: AccountOptions,
    /// Where webhooks go, for example `http://127.0.0.1:8080/webhook/whatsapp`.
    pub webhook_url: String,
    /// Whether sends are followed by receipts.
    pub receipts: bool,
    /// How long after the send each receipt comes.
    pub receipt_pace: ReceiptPace,
    /// How a webhook that was not answered 200 is repeated.
    pub retry: RetrySchedule,
    /// How many webhooks are in flight at once.
    pub parallel_deliveries: usize,
    /// How many delivered replies a month are free; later ones are marked billable.
    pub free_service_messages: u64,
    /// Which limits hold. By default those that a fast test does not meet.
    pub rules: Rules,
    /// How webhooks come.
    pub delivery: DeliveryManner,
    /// How files are described.
    pub media: MediaManner,
    /// What recordings and pictures say: shared with the simulated Gemini, which cannot hear.
    pub hearsay: Hearsay,
    /// Stamps messages and receipts.
    pub clock: Clock,
}

impl MetaSimOptions {
    /// Returns options for a development stack: fresh secrets, quick retries, receipts on.
    pub fn new(listener: TcpListener, webhook_url: impl Into<String>) -> Self {
        let secret = || Alphanumeric.sample_string(&mut rand::rng(), 32);
        Self {
            listener,
            app_secret: secret(),
            access_token: secret(),
            verify_token: secret(),
            phone_number_id: "200000000000001".to_owned(),
            display_phone_number: "15550001111".to_owned(),
            waba_id: "100000000000001".to_owned(),
            account: AccountOptions::default(),
            webhook_url: webhook_url.into(),
            receipts: true,
            receipt_pace: ReceiptPace::default(),
            retry: RetrySchedule::default(),
            parallel_deliveries: 64,
            free_service_messages: 1_000,
            rules: Rules::lenient(),
            delivery: DeliveryManner::default(),
            media: MediaManner::default(),
            hearsay: Hearsay::default(),
            clock: Clock::system(),
        }
    }
}

/// When receipts come, counted from the acceptance of the message.
#[derive(Clone, Copy, Debug)]
pub struct ReceiptPace {
    /// When WhatsApp has sent it.
    pub sent: Duration,
    /// When it is on the phone.
    pub delivered: Duration,
    /// When it was read.
    pub read: Duration,
}

impl Default for ReceiptPace {
    fn default() -> Self {
        Self {
            sent: Duration::from_millis(20),
            delivered: Duration::from_millis(120),
            read: Duration::from_millis(700),
        }
    }
}

/// How a webhook is repeated until it is answered 200. Meta does it for seven days.
#[derive(Clone, Copy, Debug)]
pub struct RetrySchedule {
    /// How long one attempt may take.
    pub attempt_timeout: Duration,
    /// The pause after the first failure; it doubles with each one.
    pub first_delay: Duration,
    /// The longest pause.
    pub delay_max: Duration,
    /// When to give up, counted from the first attempt.
    pub give_up_after: Duration,
}

impl Default for RetrySchedule {
    fn default() -> Self {
        Self {
            attempt_timeout: Duration::from_secs(10),
            first_delay: Duration::from_millis(200),
            delay_max: Duration::from_secs(5),
            give_up_after: Duration::from_hours(7 * 24),
        }
    }
}

impl RetrySchedule {
    /// Returns the pause after the attempt with this number, counted from 1.
    pub(crate) fn delay_after(&self, attempt: u32) -> Duration {
        self.first_delay.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1))).min(self.delay_max)
    }
}

/// What becomes of receipts.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptMode {
    /// None are made.
    Off,
    /// Sent, delivered, read, each once.
    #[default]
    InOrder,
    /// Nobody tells that they read it: receipts for that are switched off.
    Unread,
    /// The chat is open: read at once, without `delivered`.
    ChatOpen,
    /// Read first, sent last.
    Reversed,
    /// Each twice, the second time in a webhook of its own.
    Duplicated,
    /// Made and kept back until they are released.
    Withheld,
}
