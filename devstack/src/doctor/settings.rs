//! What the doctor may be told: the variables that the services read, and a few of its own.

use std::path::PathBuf;

use clap::Args;
use platform::settings::GrpcClient;
use secrecy::SecretString;
use url::Url;

/// Where everything is and the keys to it.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Public address of the webhook as Meta calls it: `https://your.host/webhook/whatsapp`.
    #[arg(long = "url", env = "PUBLIC_URL", value_name = "URL", value_parser = webhook_url)]
    pub public_url: Option<Url>,
    /// Access token of the Graph API, of a system user with whatsapp_business_messaging.
    #[arg(long, env = "WHATSAPP_ACCESS_TOKEN", hide_env_values = true)]
    pub whatsapp_access_token: Option<SecretString>,
    /// File that holds WHATSAPP_ACCESS_TOKEN, read again when it changes.
    #[arg(long, env = "WHATSAPP_ACCESS_TOKEN_FILE")]
    pub whatsapp_access_token_file: Option<PathBuf>,
    /// The business number, as Meta's phone-number id.
    #[arg(long, env = "WHATSAPP_PHONE_NUMBER_ID")]
    pub whatsapp_phone_number_id: Option<String>,
    /// The WhatsApp business account (WABA), as Meta's id; unset: what the token is for, if that is one.
    #[arg(long, env = "WHATSAPP_BUSINESS_ACCOUNT_ID")]
    pub whatsapp_business_account_id: Option<String>,
    /// The Meta app, as its id; unset: the one that the token was made for.
    #[arg(long, env = "WHATSAPP_APP_ID")]
    pub whatsapp_app_id: Option<String>,
    /// Secret of the Meta app; several separated by commas while rotating.
    #[arg(long, env = "WHATSAPP_APP_SECRET", hide_env_values = true)]
    pub whatsapp_app_secret: Option<SecretString>,
    /// File that holds WHATSAPP_APP_SECRET, read again when it changes.
    #[arg(long, env = "WHATSAPP_APP_SECRET_FILE")]
    pub whatsapp_app_secret_file: Option<PathBuf>,
    /// The token Meta sends in the verification GET.
    #[arg(long, env = "WHATSAPP_VERIFY_TOKEN", hide_env_values = true)]
    pub whatsapp_verify_token: Option<SecretString>,
    /// File that holds WHATSAPP_VERIFY_TOKEN, read again when it changes.
    #[arg(long, env = "WHATSAPP_VERIFY_TOKEN_FILE")]
    pub whatsapp_verify_token_file: Option<PathBuf>,
    /// Base address of the Graph API.
    #[arg(long, env = "GRAPH_API_URL", default_value = "https://graph.facebook.com")]
    pub graph_api_url: Url,
    /// Version of the Graph API.
    #[arg(long, env = "GRAPH_API_VERSION", default_value = "v25.0")]
    pub graph_api_version: String,
    /// Key of the Gemini API, of a project with billing. Without one the grammar reads alone.
    #[arg(long, env = "GEMINI_API_KEY", hide_env_values = true)]
    pub gemini_api_key: Option<SecretString>,
    /// File that holds GEMINI_API_KEY, read again when it changes.
    #[arg(long, env = "GEMINI_API_KEY_FILE")]
    pub gemini_api_key_file: Option<PathBuf>,
    /// Name of the approved authentication template that carries one-time codes. Empty: no codes are sent.
    #[arg(long, env = "OTP_TEMPLATE")]
    pub otp_template: Option<String>,
    /// Language of OTP_TEMPLATE as Meta names it.
    #[arg(long, env = "OTP_TEMPLATE_LANGUAGE", default_value = "en_US")]
    pub otp_template_language: String,
    /// Key under which one-time codes are hashed and sealed; several separated by commas while rotating.
    #[arg(long, env = "OTP_KEY", hide_env_values = true)]
    pub otp_key: Option<SecretString>,
    /// File that holds OTP_KEY, read again when it changes.
    #[arg(long, env = "OTP_KEY_FILE")]
    pub otp_key_file: Option<PathBuf>,
    /// A further template that must be approved, as `name:language`; may be given more than once.
    #[arg(long = "template", value_name = "NAME:LANGUAGE", value_parser = template)]
    pub templates: Vec<Template>,
    /// Where parser-svc is. Without it: where it is by default, if anything is there.
    #[arg(long, env = "PARSER_URL")]
    pub parser_url: Option<String>,
    /// Where inventory-svc is. Without it: where it is by default, if anything is there.
    #[arg(long, env = "INVENTORY_URL")]
    pub inventory_url: Option<String>,
    /// Where messenger-svc is. Without it: where it is by default, if anything is there.
    #[arg(long, env = "MESSENGER_URL")]
    pub messenger_url: Option<String>,
    /// The gateway's database.
    #[arg(long, env = "GATEWAY_DATABASE_URL", hide_env_values = true)]
    pub gateway_database_url: Option<SecretString>,
    /// The inventory's database.
    #[arg(long, env = "INVENTORY_DATABASE_URL", hide_env_values = true)]
    pub inventory_database_url: Option<SecretString>,
    /// The messenger's database.
    #[arg(long, env = "MESSENGER_DATABASE_URL", hide_env_values = true)]
    pub messenger_database_url: Option<SecretString>,
    /// Key and certificates towards the services.
    #[command(flatten)]
    pub client: GrpcClient,
}

/// A template that must be approved in a language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// Its language as Meta names it, for example `en_US`.
    pub language: String,
}

/// Reads the address of a webhook; of a host alone the usual path is meant.
fn webhook_url(text: &str) -> Result<Url, String> {
    let mut url = Url::parse(text).map_err(|_| "must be a URL like https://your.host/webhook/whatsapp".to_owned())?;
    if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
        return Err("must begin with https:// and name a host".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must have no ? and no #: Meta adds its own".to_owned());
    }
    if url.path() == "/" {
        url.set_path("/webhook/whatsapp");
    }
    Ok(url)
}

fn template(text: &str) -> Result<Template, String> {
    match text.split_once(':') {
        Some((name, language)) if !name.is_empty() && !language.is_empty() => {
            Ok(Template { name: name.to_owned(), language: language.to_owned() })
        }
        _ => Err("must be NAME:LANGUAGE, for example low_stock:en_US".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_host_alone_the_usual_path_is_meant() {
        assert_eq!(webhook_url("https://shop.example").unwrap().path(), "/webhook/whatsapp");
        assert_eq!(webhook_url("https://shop.example/own/path").unwrap().path(), "/own/path");
    }

    #[test]
    fn what_meta_could_not_call_is_no_address() {
        for text in ["shop.example", "ftp://shop.example/", "https://shop.example/?a=b", "https://shop.example/#a"] {
            assert!(webhook_url(text).is_err(), "{text}");
        }
    }
}
