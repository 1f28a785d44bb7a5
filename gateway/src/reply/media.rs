//! The words about voice notes, photos and documents.

use rust_decimal::Decimal;

use super::catalogue::{Count, Message, words};
use super::language::Language;
use super::limit::cut;
use super::media_numbers::in_words;
use super::number::quantity;
use crate::conversation::{FileKind, FileSaying};

/// UTF-16 units of a transcript that are shown.
const HEARD_MAX: usize = 200;
/// Numbers of a voice note that are shown in words.
const NUMBERS_MAX: usize = 4;
/// Lines of an answer to a voice note.
const LINES_MAX: usize = 6;

/// Says it.
pub(super) fn about_file(language: Language, saying: &FileSaying) -> String {
    let message = match saying {
        FileSaying::Heard { said, numbers } => return heard(language, said, numbers),
        FileSaying::NotConfigured(FileKind::Voice) => Message::NoVoice,
        FileSaying::NotConfigured(FileKind::Photo) => Message::NoPhoto,
        FileSaying::NotConfigured(FileKind::Document) => Message::NoDocument,
        FileSaying::Busy(FileKind::Voice) => Message::VoiceBusy,
        FileSaying::Busy(FileKind::Photo | FileKind::Document) => Message::FileBusy,
        FileSaying::Unclear(FileKind::Voice) => Message::VoiceUnclear,
        FileSaying::Unclear(FileKind::Photo | FileKind::Document) => Message::FileUnclear,
        FileSaying::Nothing(FileKind::Voice) => Message::VoiceEmpty,
        FileSaying::Nothing(FileKind::Photo) => Message::PhotoEmpty,
        FileSaying::Nothing(FileKind::Document) => Message::DocumentEmpty,
        FileSaying::Gone => Message::FileGone,
        FileSaying::TooLarge { mebibytes } => {
            return words(language, Message::FileTooLarge { mebibytes: &mebibytes.to_string() });
        }
        FileSaying::UnknownKind => Message::FileUnknown,
        FileSaying::TooManyLines => Message::TooManyLines,
        FileSaying::HowToFix => Message::HowToFix,
        FileSaying::NoSuchLine { count } => {
            return words(language, Message::NoSuchLine { count: Count::of(*count), amount: &count.to_string() });
        }
        FileSaying::NothingLeft => Message::NoLineLeft,
        // The draft itself is the text.
        FileSaying::Approve => return String::new(),
    };
    words(language, message)
}

/// Writes `🎤 "sold five bread" - 5 (five)`.
fn heard(language: Language, said: &str, numbers: &[Decimal]) -> String {
    let one_line = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain: String = one_line.chars().filter(|letter| !letter.is_control() && *letter != '"').collect();
    let quote = format!("🎤 \"{}\"", cut(&plain, HEARD_MAX));
    let numbers: Vec<String> = numbers
        .iter()
        .take(NUMBERS_MAX)
        .filter_map(|number| in_words(language, *number).map(|words| format!("{} ({words})", quantity(*number))))
        .collect();
    if numbers.is_empty() { quote } else { format!("{quote} - {}", numbers.join(", ")) }
}

/// Keeps an answer to a voice note within six lines; says how many more there are.
pub(crate) fn six_lines(text: String) -> String {
    let count = text.lines().count();
    if count <= LINES_MAX {
        return text;
    }
    let mut kept: Vec<&str> = text.lines().take(LINES_MAX - 1).collect();
    let more = format!("… +{}", count - kept.len());
    kept.push(&more);
    kept.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_heard_comes_back_with_its_numbers_in_words() {
        let text = heard(Language::English, "sold  five\nbread", &[5.into(), 15.into()]);
        assert_eq!(text, "🎤 \"sold five bread\" - 5 (five), 15 (fifteen)");
        assert_eq!(heard(Language::Afrikaans, "vyftig verkoop", &[50.into()]), "🎤 \"vyftig verkoop\" - 50 (vyftig)");
        assert_eq!(heard(Language::English, "\"\u{7}hello\"", &[]), "🎤 \"hello\"");
        assert!(heard(Language::English, &"long ".repeat(500), &[]).encode_utf16().count() < 210);
    }

    #[test]
    fn both_sides_of_six_lines() {
        assert_eq!(six_lines("a\nb\nc\nd\ne\nf".to_owned()), "a\nb\nc\nd\ne\nf");
        assert_eq!(six_lines("a\nb\nc\nd\ne\nf\ng".to_owned()), "a\nb\nc\nd\ne\n… +2");
    }

    #[test]
    fn every_sentence_about_a_file_says_that_nothing_changed() {
        let kinds = [FileKind::Voice, FileKind::Photo, FileKind::Document];
        let of = |make: fn(FileKind) -> FileSaying| kinds.map(make).to_vec();
        let sayings = [
            of(FileSaying::NotConfigured),
            of(FileSaying::Busy),
            of(FileSaying::Unclear),
            of(FileSaying::Nothing),
            vec![FileSaying::Gone, FileSaying::TooLarge { mebibytes: 16 }, FileSaying::UnknownKind],
            vec![FileSaying::TooManyLines, FileSaying::NoSuchLine { count: 2 }, FileSaying::NothingLeft],
        ];
        for saying in sayings.concat() {
            assert!(about_file(Language::English, &saying).contains("Nothing changed"), "{saying:?}");
            assert!(about_file(Language::Afrikaans, &saying).contains("Niks het verander nie"), "{saying:?}");
        }
    }
}
