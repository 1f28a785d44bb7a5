//! The words about voice notes, photos and documents.

use rust_decimal::Decimal;

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
    let fixed = match saying {
        FileSaying::Heard { said, numbers } => return heard(language, said, numbers),
        FileSaying::NotConfigured(FileKind::Voice) => language.pick(
            "🎤 I cannot listen to voice notes yet. Nothing changed. Please type it, like \"sold 3 bread\"",
            "🎤 Ek kan nog nie na stemnotas luister nie. Niks het verander nie. Tik dit asseblief, soos \"3 brood verkoop\"",
        ),
        FileSaying::NotConfigured(FileKind::Photo) => language.pick(
            "I cannot read photos yet. Nothing changed. Please type it, like \"add 20 milk\"",
            "Ek kan nog nie foto's lees nie. Niks het verander nie. Tik dit asseblief, soos \"voeg 20 melk by\"",
        ),
        FileSaying::NotConfigured(FileKind::Document) => language.pick(
            "I cannot read this kind of document yet. Nothing changed. A CSV or Excel table with the columns Item and Qty works.",
            "Ek kan nog nie hierdie soort dokument lees nie. Niks het verander nie. 'n CSV- of Excel-tabel met die kolomme Item en Aantal werk.",
        ),
        FileSaying::Busy(FileKind::Voice) => language.pick(
            "⚠️ I cannot listen right now. Nothing changed. Please type it, or send it again later.",
            "⚠️ Ek kan nie nou luister nie. Niks het verander nie. Tik dit asseblief, of stuur dit later weer.",
        ),
        FileSaying::Busy(FileKind::Photo | FileKind::Document) => language.pick(
            "⚠️ I cannot read it right now. Nothing changed. Please type it, or send it again later.",
            "⚠️ Ek kan dit nie nou lees nie. Niks het verander nie. Tik dit asseblief, of stuur dit later weer.",
        ),
        FileSaying::Unclear(FileKind::Voice) => language.pick(
            "❓ I could not make that out. Nothing changed. Say it again, or type it like \"sold 3 bread\"",
            "❓ Ek kon dit nie uitmaak nie. Niks het verander nie. Sê dit weer, of tik dit soos \"3 brood verkoop\"",
        ),
        FileSaying::Unclear(FileKind::Photo | FileKind::Document) => language.pick(
            "❓ I could not read that. Nothing changed. A sharp, straight photo of the whole paper works best, or type it.",
            "❓ Ek kon dit nie lees nie. Niks het verander nie. 'n Skerp, reguit foto van die hele papier werk die beste, of tik dit.",
        ),
        FileSaying::Nothing(FileKind::Voice) => language.pick(
            "🎤 I heard nothing. Nothing changed. Say it again, or type it like \"sold 3 bread\"",
            "🎤 Ek het niks gehoor nie. Niks het verander nie. Sê dit weer, of tik dit soos \"3 brood verkoop\"",
        ),
        FileSaying::Nothing(FileKind::Photo) => {
            language.pick("I see no stock in that photo. Nothing changed.", "Ek sien geen voorraad op daardie foto nie. Niks het verander nie.")
        }
        FileSaying::Nothing(FileKind::Document) => language.pick(
            "I see no stock in that document. Nothing changed.",
            "Ek sien geen voorraad in daardie dokument nie. Niks het verander nie.",
        ),
        FileSaying::Gone => language.pick(
            "⚠️ WhatsApp does not have that file any more. Nothing changed. Please send it again.",
            "⚠️ WhatsApp het nie meer daardie lêer nie. Niks het verander nie. Stuur dit asseblief weer.",
        ),
        FileSaying::TooLarge { mebibytes } => {
            return match language {
                Language::English => {
                    format!("⚠️ That is too large: at most {mebibytes} MB. Nothing changed. Send a shorter or smaller one.")
                }
                Language::Afrikaans => format!(
                    "⚠️ Dit is te groot: hoogstens {mebibytes} MB. Niks het verander nie. Stuur 'n korter of kleiner een."
                ),
            };
        }
        FileSaying::UnknownKind => language.pick(
            "❓ I cannot read that kind of file. Nothing changed. I read voice notes, photos, PDF, CSV and Excel (xlsx).",
            "❓ Ek kan nie daardie soort lêer lees nie. Niks het verander nie. Ek lees stemnotas, foto's, PDF, CSV en Excel (xlsx).",
        ),
        FileSaying::TooManyLines => language.pick(
            "❓ That has more lines than I can show you: at most 60. Nothing changed. Send it in parts.",
            "❓ Dit het meer reëls as wat ek vir jou kan wys: hoogstens 60. Niks het verander nie. Stuur dit in dele.",
        ),
        FileSaying::HowToFix => language.pick(
            "What should change? For example\n\"2: 12\" the number of line 2\n\"2 is milk\" the item of line 2\n\"remove 3\"",
            "Wat moet verander? Byvoorbeeld\n\"2: 12\" die getal van lyn 2\n\"2 is melk\" die item van lyn 2\n\"verwyder 3\"",
        ),
        FileSaying::NoSuchLine { count } => {
            return match language {
                Language::English => format!("❓ There is no such line: it has {count}. Nothing changed."),
                Language::Afrikaans => format!("❓ Daar is nie so 'n lyn nie: dit het {count}. Niks het verander nie."),
            };
        }
        FileSaying::NothingLeft => language.pick("👍 No line is left. Nothing changed.", "👍 Geen lyn is oor nie. Niks het verander nie."),
        // The draft itself is the text.
        FileSaying::Approve => "",
    };
    fixed.to_owned()
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
