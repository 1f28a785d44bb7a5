//! Languages that have words of their own.

/// Languages that have words of their own. Others are answered in English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// English.
    English,
    /// Afrikaans.
    Afrikaans,
}

impl Language {
    /// Picks the language for a BCP 47 tag.
    pub fn of(tag: &str) -> Self {
        if tag == "af" || tag.starts_with("af-") { Self::Afrikaans } else { Self::English }
    }

    /// Returns the one in this language.
    pub(crate) fn pick(self, english: &'static str, afrikaans: &'static str) -> &'static str {
        match self {
            Self::English => english,
            Self::Afrikaans => afrikaans,
        }
    }
}
