//! A file.

use serde::{Deserialize, Serialize};

use super::BODY_UNITS_MAX;
use super::check::{Violation, check_optional_units, check_units};

/// Bytes of a file. Meta takes 100 MB; a report has a few hundred KB, and all of it goes through one gRPC request.
pub const DOCUMENT_BYTES_MAX: usize = 3 * 1024 * 1024;
/// UTF-16 units of a file's name.
const FILE_NAME_UNITS_MAX: usize = 240;
/// What Meta takes as a document. `text/csv` is not among it.
const MIME_TYPES: [&str; 8] = [
    "text/plain",
    "application/pdf",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
];

/// A file, without its bytes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// MIME type.
    pub mime_type: String,
    /// Name as the person sees it.
    pub file_name: String,
    /// Text under it; may be empty.
    pub caption: String,
    /// SHA-256 of the bytes in hex, so that the same request with another file is another request.
    pub sha256: String,
}

impl Document {
    pub(super) fn check(&self, found: &mut Vec<Violation>, path: &str) {
        if !MIME_TYPES.contains(&self.mime_type.as_str()) {
            found.push(Violation::new(
                format!("{path}.mime_type"),
                "must be text/plain, application/pdf or one of Microsoft Office: Meta takes no others",
            ));
        }
        let field = format!("{path}.file_name");
        check_units(found, field.clone(), &self.file_name, FILE_NAME_UNITS_MAX);
        if self.file_name.chars().any(|c| c.is_control() && c != '\0' || matches!(c, '/' | '\\' | '"')) {
            found.push(Violation::new(field, "must not contain slashes, quotes or control characters"));
        }
        check_optional_units(found, format!("{path}.caption"), &self.caption, BODY_UNITS_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(mime_type: &str, file_name: &str, caption: &str) -> Document {
        Document {
            mime_type: mime_type.to_owned(),
            file_name: file_name.to_owned(),
            caption: caption.to_owned(),
            sha256: String::new(),
        }
    }

    #[test]
    fn document_has_a_type_that_meta_takes_a_name_and_perhaps_a_caption() {
        let cases = [
            (document("text/plain", &"n".repeat(240), &"c".repeat(1024)), None),
            (document("application/pdf", "stock 🧾.pdf", ""), None),
            (document("text/csv", "stock.csv", ""), Some("document.mime_type")),
            (document("text/plain; charset=utf-8", "stock.txt", ""), Some("document.mime_type")),
            (document("text/plain", "", ""), Some("document.file_name")),
            (document("text/plain", &"n".repeat(241), ""), Some("document.file_name")),
            (document("text/plain", "../passwd", ""), Some("document.file_name")),
            (document("text/plain", "a\nb", ""), Some("document.file_name")),
            (document("text/plain", "a", &"c".repeat(1025)), Some("document.caption")),
        ];
        for (document, field) in cases {
            let mut found = Vec::new();
            document.check(&mut found, "document");
            assert_eq!(found.first().map(|found| found.field.as_str()), field);
        }
    }
}
