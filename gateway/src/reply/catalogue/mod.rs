//! The words of every language: Fluent files in `gateway/locales`, part of the binary and read once.
//! `docs/words.md` says how to add a sentence or a language.

mod message;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use fluent_bundle::FluentResource;
use fluent_bundle::concurrent::FluentBundle;

use super::language::Language;
pub(super) use message::{Count, Message, Name};

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<[Bundle; Language::ALL.len()]> = LazyLock::new(|| Language::ALL.map(bundle));

macro_rules! files {
    ($language:literal) => {
        files!($language, "ask", "count", "files", "items", "people", "reports", "stock", "talk")
    };
    ($language:literal, $( $topic:literal ),+) => {
        [$( include_str!(concat!("../../../locales/", $language, "/", $topic, ".ftl")) ),+]
    };
}

/// The files of a language, one for each topic.
fn files(language: Language) -> [&'static str; 8] {
    match language {
        Language::English => files!("en"),
        Language::Afrikaans => files!("af"),
        Language::Zulu => files!("zu"),
        Language::Xhosa => files!("xh"),
        Language::Sotho => files!("st"),
    }
}

fn bundle(language: Language) -> Bundle {
    let tag = language.tag().parse().expect("our tags are languages");
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    // The marks would stand between a number and its word on every phone, and break a search for either.
    bundle.set_use_isolating(false);
    for file in files(language) {
        let resource = FluentResource::try_new(file.to_owned()).map_err(|(_, errors)| errors);
        let resource = resource.expect("a test reads every file");
        bundle.add_resource(resource).expect("a test looks for messages that are there twice");
    }
    bundle
}

/// Reads every file, so that the first answer does not wait for it.
pub(super) fn load() {
    LazyLock::force(&BUNDLES);
}

/// Writes a message. One that a language does not have yet is said in English.
pub(super) fn words(language: Language, message: Message<'_>) -> String {
    let of =
        |language: Language| BUNDLES[language as usize].get_message(message.id())?.value().map(|text| (language, text));
    let (language, text) =
        of(language).or_else(|| of(Language::English)).expect("a test asks English for every message");
    let arguments = message.arguments();
    let mut errors = Vec::new();
    let text = BUNDLES[language as usize].format_pattern(text, arguments.as_ref(), &mut errors);
    debug_assert!(errors.is_empty(), "{}: {errors:?}", message.id());
    text.into_owned()
}
