//! How names are spelt.

/// Words that turn a verb and a noun into a sentence.
const PREPOSITIONS: [&str; 13] =
    ["After", "At", "Before", "By", "For", "From", "In", "Of", "On", "To", "Until", "With", "Without"];

/// Whether it is `lower_snake_case`.
pub fn is_lower_snake(name: &str) -> bool {
    !name.starts_with(|letter: char| !letter.is_ascii_lowercase())
        && !name.ends_with('_')
        && !name.contains("__")
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether it is `PascalCase`.
pub fn is_pascal(name: &str) -> bool {
    name.starts_with(|letter: char| letter.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// `RingBell` becomes `Ring`, `Bell`.
pub fn words(pascal: &str) -> Vec<&str> {
    let mut starts: Vec<usize> =
        pascal.char_indices().filter(|(_, letter)| letter.is_ascii_uppercase()).map(|(index, _)| index).collect();
    starts.push(pascal.len());
    starts.windows(2).map(|pair| &pascal[pair[0]..pair[1]]).collect()
}

/// Whether a preposition is among the words.
pub fn holds_preposition(pascal: &str) -> bool {
    words(pascal).iter().any(|word| PREPOSITIONS.contains(word))
}

/// `RingBell` becomes `ring_bell`.
pub fn snake(pascal: &str) -> String {
    words(pascal).iter().map(|word| word.to_ascii_lowercase()).collect::<Vec<_>>().join("_")
}

/// `BellKind` becomes `BELL_KIND_`.
pub fn value_prefix(enum_name: &str) -> String {
    format!("{}_", snake(enum_name).to_ascii_uppercase())
}

/// Whether two names are the same but for capitals and underscores: `WhatsAppUser` and `whatsapp_user`.
pub fn same_letters(one: &str, other: &str) -> bool {
    let bare = |name: &str| name.replace('_', "").to_ascii_lowercase();
    bare(one) == bare(other)
}
