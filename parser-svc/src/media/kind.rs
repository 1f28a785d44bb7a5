//! What it is: the first bytes decide, the label only where they say nothing. Labels of chats are often wrong or empty.

/// How many first bytes tell the kind.
pub const HEAD_LENGTH: usize = 12;

const MIB: usize = 1024 * 1024;

/// What a person sent, by the name under which it goes to a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A voice note or sound file.
    Audio(&'static str),
    /// A photo.
    Image(&'static str),
    /// A PDF.
    Pdf,
    /// A table as text.
    Csv,
    /// A table of Excel's.
    Workbook,
}

impl Kind {
    /// Returns the MIME type that a model is told: bare, without parameters.
    pub fn mime_type(self) -> &'static str {
        match self {
            Self::Audio(name) | Self::Image(name) => name,
            Self::Pdf => "application/pdf",
            Self::Csv | Self::Workbook => "text/csv",
        }
    }

    /// Returns how large it may be. WhatsApp's photos end at 5 MiB; a table is unpacked here, so it has to be small.
    pub fn most_bytes(self) -> usize {
        match self {
            Self::Audio(_) | Self::Pdf => super::MAX_BYTES,
            Self::Image(_) => 5 * MIB,
            Self::Csv | Self::Workbook => MIB,
        }
    }

    /// Whether it is read here and not sent as it came.
    pub fn is_table(self) -> bool {
        matches!(self, Self::Csv | Self::Workbook)
    }

    /// Whether somebody speaks.
    pub fn is_voice(self) -> bool {
        matches!(self, Self::Audio(_))
    }
}

/// Returns what it is; `None` for what no reader takes.
pub fn kind_of(label: &str, file_name: &str, head: &[u8]) -> Option<Kind> {
    let label = label.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let ending = file_name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    match by_first_bytes(&label, &ending, head) {
        Seen::Kind(kind) => return Some(kind),
        Seen::Useless => return None,
        Seen::Nothing => {}
    }
    let is_table = match label.as_str() {
        "text/csv" | "application/csv" | "text/comma-separated-values" | "text/plain" => true,
        // Excel claims the ending, and phones know nothing.
        "application/vnd.ms-excel" | "application/octet-stream" | "" => ending == "csv",
        _ => false,
    };
    match label.as_str() {
        "audio/mpeg" => Some(Kind::Audio("audio/mpeg")),
        "audio/mp3" => Some(Kind::Audio("audio/mp3")),
        "audio/aac" => Some(Kind::Audio("audio/aac")),
        "audio/opus" => Some(Kind::Audio("audio/opus")),
        "audio/aiff" => Some(Kind::Audio("audio/aiff")),
        // A label alone makes no text of what has zero bytes in its head.
        _ => (is_table && !head.contains(&0)).then_some(Kind::Csv),
    }
}

/// What the first bytes say.
enum Seen {
    /// It is of this kind.
    Kind(Kind),
    /// It is something that no reader takes.
    Useless,
    /// They say nothing.
    Nothing,
}

fn by_first_bytes(label: &str, ending: &str, head: &[u8]) -> Seen {
    let kind = match head {
        [b'O', b'g', b'g', b'S', ..] => Kind::Audio("audio/ogg"),
        [b'I', b'D', b'3', ..] => Kind::Audio("audio/mp3"),
        [b'f', b'L', b'a', b'C', ..] => Kind::Audio("audio/flac"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Kind::Audio("audio/wav"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Kind::Image("image/webp"),
        [0xff, 0xd8, 0xff, ..] => Kind::Image("image/jpeg"),
        [0x89, b'P', b'N', b'G', ..] => Kind::Image("image/png"),
        [b'%', b'P', b'D', b'F', ..] => Kind::Pdf,
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand.get(..4).unwrap_or_default() {
            b"heic" | b"heix" | b"mif1" | b"heif" => Kind::Image("image/heic"),
            _ if label.starts_with("audio/") => Kind::Audio("audio/m4a"),
            _ => return Seen::Useless,
        },
        [b'P', b'K', 3, 4, ..] if label.contains("spreadsheet") || ending == "xlsx" => Kind::Workbook,
        [b'P', b'K', 3, 4, ..] => return Seen::Useless,
        _ => return Seen::Nothing,
    };
    Seen::Kind(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_win_over_the_label() {
        let cases: [(&str, &str, &[u8], Option<Kind>); 13] = [
            ("audio/ogg; codecs=opus", "", b"OggS........", Some(Kind::Audio("audio/ogg"))),
            ("application/octet-stream", "", b"OggS........", Some(Kind::Audio("audio/ogg"))),
            ("application/ogg", "", b"OggS........", Some(Kind::Audio("audio/ogg"))),
            ("audio/mp4", "", b"\0\0\0\x20ftypM4A ", Some(Kind::Audio("audio/m4a"))),
            ("video/mp4", "", b"\0\0\0\x20ftypisom", None),
            ("image/jpeg", "", b"\0\0\0\x20ftypheic", Some(Kind::Image("image/heic"))),
            ("image/png", "", &[0xff, 0xd8, 0xff, 0xe0], Some(Kind::Image("image/jpeg"))),
            ("", "note.pdf", b"%PDF-1.7", Some(Kind::Pdf)),
            ("text/csv", "", b"item,qty", Some(Kind::Csv)),
            ("application/vnd.ms-excel", "a.CSV", b"item,qty", Some(Kind::Csv)),
            (
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "",
                b"PK\x03\x04",
                Some(Kind::Workbook),
            ),
            ("application/zip", "a.zip", b"PK\x03\x04", None),
            ("audio/amr", "", b"#!AMR\n", None),
        ];
        for (label, name, head, kind) in cases {
            assert_eq!(kind_of(label, name, head), kind, "{label} {name}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_no_table() {
        assert_eq!(kind_of("text/csv", "", b"item\0\0"), None);
        assert_eq!(kind_of("audio/ogg", "", b"not ogg at all"), None);
    }
}
