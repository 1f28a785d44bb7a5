//! Meta's explanations without what they may repeat of a message.

/// Longest explanation that is kept, in characters.
const CHARS_MAX: usize = 200;

/// Keeps the words of an explanation and drops what may come from the message: anything the request held, anything in
/// quotes, runs of four digits or more, addresses. When in doubt the whole explanation goes.
pub(super) fn scrub(details: &str, secrets: &[&str]) -> String {
    if secrets.iter().any(|secret| !secret.trim().is_empty() && details.contains(secret.trim())) {
        return String::new();
    }
    let mut kept = Vec::new();
    let mut quote = None;
    for word in details.split_whitespace() {
        let opens = word.chars().find(|c| is_quote(*c));
        match (quote, opens) {
            (None, None) => kept.push(if is_harmless(word) { word } else { ".." }),
            (None, Some(_)) => {
                kept.push("..");
                // One mark opens; two in the same word open and close.
                if word.chars().filter(|c| is_quote(*c)).count() % 2 == 1 && !is_apostrophe(word) {
                    quote = opens;
                }
            }
            (Some(_), None) => {}
            (Some(_), Some(_)) => quote = None,
        }
    }
    kept.join(" ").chars().take(CHARS_MAX).collect()
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '“' | '”' | '«' | '»' | '‘' | '’')
}

// The mark inside of `doesn't`.
fn is_apostrophe(word: &str) -> bool {
    let marks = word.trim_matches(|c: char| c.is_ascii_punctuation() && !is_quote(c));
    !marks.starts_with(is_quote) && !marks.ends_with(is_quote)
}

fn is_harmless(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let is_address = word.contains('@') || word.contains("://");
    digits < 4 && !is_address && word.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_stay() {
        assert_eq!(
            scrub("Recipient phone number not in allowed list", &[]),
            "Recipient phone number not in allowed list"
        );
        assert_eq!(scrub("it doesn't work now", &[]), "it .. work now");
    }

    #[test]
    fn numbers_quotes_and_addresses_go() {
        assert_eq!(scrub("to +27820000000 failed", &[]), "to .. failed");
        assert_eq!(scrub("user US.1349000 unknown", &[]), "user .. unknown");
        assert_eq!(scrub("value 'Added 50 screws' too long", &[]), "value .. too long");
        assert_eq!(scrub("see https://example.test/x or a@b.c", &[]), "see .. or ..");
        assert!(scrub(&"word ".repeat(100), &[]).chars().count() <= CHARS_MAX);
    }

    #[test]
    fn explanation_that_repeats_the_message_goes_whole() {
        assert_eq!(scrub("text Added screws is too long", &["Added screws"]), "");
    }
}
