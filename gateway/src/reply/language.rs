//! Languages that have words of their own.

/// Languages that have words of their own. Others are answered in English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// English.
    English,
    /// Afrikaans.
    Afrikaans,
    /// isiZulu.
    Zulu,
    /// isiXhosa.
    Xhosa,
    /// Sesotho.
    Sotho,
}

impl Language {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Self; 5] = [Self::English, Self::Afrikaans, Self::Zulu, Self::Xhosa, Self::Sotho];

    /// Returns its BCP 47 tag, which is also the name of its folder.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Afrikaans => "af",
            Self::Zulu => "zu",
            Self::Xhosa => "xh",
            Self::Sotho => "st",
        }
    }

    /// Picks the language for a BCP 47 tag; `None`: it has no words of its own.
    pub(crate) fn known(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// Picks the language for a BCP 47 tag.
    pub fn of(tag: &str) -> Self {
        Self::known(tag).unwrap_or(Self::English)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_by_its_tag_and_others_are_answered_in_english() {
        for (number, language) in Language::ALL.into_iter().enumerate() {
            assert_eq!(language as usize, number);
            assert_eq!(Language::of(language.tag()), language);
            assert_eq!(Language::of(&format!("{}-ZA", language.tag())), language);
        }
        assert_eq!(
            (Language::known("fr"), Language::of("fr"), Language::of("")),
            (None, Language::English, Language::English)
        );
    }
}
