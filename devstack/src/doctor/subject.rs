//! Who is looked at: the settings, read once.

use std::path::PathBuf;

use platform::secret::Secret;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::settings::{Settings, Template};

/// A secret that was given, or the reason why it could not be read.
pub type Given = Result<Option<SecretString>, String>;

/// A template that must be approved.
#[derive(Clone, Debug)]
pub struct WantedTemplate {
    /// Which.
    pub template: Template,
    /// Meta's category, when only one will do.
    pub category: Option<&'static str>,
}

/// What was told.
pub struct Subject {
    /// The webhook's public address.
    pub public_url: Option<Url>,
    /// Base address of the Graph API, without a slash at its end.
    pub graph_url: String,
    /// Its version.
    pub graph_version: String,
    /// The access token.
    pub access_token: Given,
    /// The list of app secrets.
    pub app_secret_list: Given,
    /// The verify token.
    pub verify_token: Given,
    /// The Gemini key.
    pub gemini_key: Given,
    /// Id of the number.
    pub phone_number_id: Option<String>,
    /// Id of the account.
    pub waba_id: Option<String>,
    /// Id of the app.
    pub app_id: Option<String>,
    /// The key of one-time codes.
    pub otp_key: Given,
    /// Whether one-time codes are sent.
    pub sends_codes: bool,
    /// Templates that must be approved.
    pub templates: Vec<WantedTemplate>,
}

impl Subject {
    /// Reads the settings, and the files they name.
    pub fn of(settings: &Settings) -> Self {
        let plain = |id: &Option<String>| id.as_deref().map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned);
        let codes = plain(&settings.otp_template).map(|name| WantedTemplate {
            template: Template { name, language: settings.otp_template_language.clone() },
            category: Some("AUTHENTICATION"),
        });
        let others = settings.templates.iter().cloned().map(|template| WantedTemplate { template, category: None });
        Self {
            public_url: settings.public_url.clone(),
            graph_url: settings.graph_api_url.as_str().trim_end_matches('/').to_owned(),
            graph_version: settings.graph_api_version.trim().to_owned(),
            access_token: given(
                "WHATSAPP_ACCESS_TOKEN",
                settings.whatsapp_access_token.as_ref(),
                settings.whatsapp_access_token_file.as_ref(),
            ),
            app_secret_list: given(
                "WHATSAPP_APP_SECRET",
                settings.whatsapp_app_secret.as_ref(),
                settings.whatsapp_app_secret_file.as_ref(),
            ),
            verify_token: given(
                "WHATSAPP_VERIFY_TOKEN",
                settings.whatsapp_verify_token.as_ref(),
                settings.whatsapp_verify_token_file.as_ref(),
            ),
            gemini_key: given(
                "GEMINI_API_KEY",
                settings.gemini_api_key.as_ref(),
                settings.gemini_api_key_file.as_ref(),
            ),
            otp_key: given("OTP_KEY", settings.otp_key.as_ref(), settings.otp_key_file.as_ref()),
            phone_number_id: plain(&settings.whatsapp_phone_number_id),
            waba_id: plain(&settings.whatsapp_business_account_id),
            app_id: plain(&settings.whatsapp_app_id),
            sends_codes: codes.is_some(),
            templates: codes.into_iter().chain(others).collect(),
        }
    }

    /// Returns the access token, if there is one.
    pub fn access_token(&self) -> Option<&str> {
        exposed(&self.access_token)
    }

    /// Returns the verify token, if there is one.
    pub fn verify_token(&self) -> Option<&str> {
        exposed(&self.verify_token)
    }

    /// Returns every app secret, the newest first as the operator lists them.
    pub fn app_secrets(&self) -> Vec<&str> {
        parts(&self.app_secret_list)
    }

    /// Returns every key of one-time codes, the newest first.
    pub fn otp_keys(&self) -> Vec<&str> {
        parts(&self.otp_key)
    }

    /// Returns whether the Graph API is a simulator's: it speaks plain HTTP and takes plain HTTP.
    pub fn is_simulated(&self) -> bool {
        self.graph_url.starts_with("http://")
    }

    /// Returns everything that must not be shown.
    pub fn secrets(&self) -> Vec<SecretString> {
        let mut secrets: Vec<SecretString> = self.app_secrets().into_iter().map(SecretString::from).collect();
        secrets.extend(self.otp_keys().into_iter().map(SecretString::from));
        let others = [self.access_token(), self.verify_token(), exposed(&self.gemini_key)];
        secrets.extend(others.into_iter().flatten().map(SecretString::from));
        secrets
    }
}

/// Returns the parts of a list that rotates.
fn parts(given: &Given) -> Vec<&str> {
    exposed(given).unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn exposed(given: &Given) -> Option<&str> {
    given.as_ref().ok()?.as_ref().map(SecretString::expose_secret)
}

fn given(name: &str, value: Option<&SecretString>, file: Option<&PathBuf>) -> Given {
    match Secret::resolve(name, value, file) {
        Ok(secret) => Ok(secret.map(|secret| SecretString::from(secret.expose().trim()))),
        Err(error) => Err(format!("{error:#}")),
    }
}
