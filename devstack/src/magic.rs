//! What bytes are, by how they begin.

/// How many bytes at the beginning of a text are looked at.
const TEXT_LENGTH_LOOKED_AT: usize = 4 * 1024;

/// Returns a MIME type without its parameters, in lower case.
pub(crate) fn essence(mime_type: &str) -> String {
    mime_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Returns whether bytes could be what a MIME type (without parameters) says. Types without a mark fit everything.
pub(crate) fn fits(mime_type: &str, content: &[u8]) -> bool {
    let begins = |mark: &[u8]| content.starts_with(mark);
    let at = |offset: usize, mark: &[u8]| content.get(offset..offset + mark.len()) == Some(mark);
    match mime_type {
        "audio/ogg" | "audio/opus" => begins(b"OggS"),
        "audio/mpeg" | "audio/mp3" => begins(b"ID3") || matches!(content, [0xff, second, ..] if second & 0xe0 == 0xe0),
        "audio/aac" => matches!(content, [0xff, second, ..] if second & 0xf6 == 0xf0) || begins(b"ADIF"),
        "audio/amr" => begins(b"#!AMR"),
        "audio/flac" => begins(b"fLaC"),
        "audio/wav" => begins(b"RIFF") && at(8, b"WAVE"),
        "audio/aiff" => begins(b"FORM") && at(8, b"AIF"),
        "audio/mp4" | "audio/m4a" | "video/mp4" | "video/3gpp" | "image/heic" | "image/heif" => at(4, b"ftyp"),
        "image/jpeg" => begins(&[0xff, 0xd8, 0xff]),
        "image/png" => begins(b"\x89PNG\r\n\x1a\n"),
        "image/webp" => begins(b"RIFF") && at(8, b"WEBP"),
        "image/gif" => begins(b"GIF8"),
        "image/bmp" => begins(b"BM"),
        "image/tiff" => begins(b"II*\0") || begins(b"MM\0*"),
        "application/pdf" => begins(b"%PDF-"),
        "application/msword" | "application/vnd.ms-excel" | "application/vnd.ms-powerpoint" => {
            begins(&[0xd0, 0xcf, 0x11, 0xe0])
        }
        office if office.starts_with("application/vnd.openxmlformats-officedocument.") => begins(b"PK\x03\x04"),
        "text/plain" | "text/csv" => is_text(content),
        _ => true,
    }
}

/// Returns whether an Ogg file holds Opus, the only sound that WhatsApp takes in it.
pub(crate) fn is_ogg_opus(content: &[u8]) -> bool {
    // The header of the first page is 27 bytes and a table of one segment; the stream's own header follows.
    content.starts_with(b"OggS") && content.get(28..36) == Some(b"OpusHead".as_slice())
}

/// Returns the type of a picture by its first bytes.
pub(crate) fn picture(content: &[u8]) -> Option<&'static str> {
    ["image/jpeg", "image/png", "image/webp"].into_iter().find(|mime_type| fits(mime_type, content))
}

fn is_text(content: &[u8]) -> bool {
    let looked_at = &content[..content.len().min(TEXT_LENGTH_LOOKED_AT)];
    let is_utf8 = match std::str::from_utf8(looked_at) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(), // a character may be cut where the look ends
    };
    is_utf8 && !looked_at.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_first_bytes() {
        let cases: [(&str, &[u8]); 8] = [
            ("audio/ogg", b"OggS\0"),
            ("audio/mpeg", b"ID3\x04"),
            ("image/jpeg", &[0xff, 0xd8, 0xff, 0xe0]),
            ("image/png", b"\x89PNG\r\n\x1a\n"),
            ("image/webp", b"RIFF\x01\0\0\0WEBP"),
            ("application/pdf", b"%PDF-1.7"),
            ("audio/mp4", b"\0\0\0\x20ftypM4A "),
            ("text/plain", "50 skroewe, é".as_bytes()),
        ];

        for (mime_type, content) in cases {
            assert!(fits(mime_type, content), "{mime_type}");
            let others = cases.iter().filter(|(other, _)| *other != mime_type);
            assert!(
                others.clone().all(|(_, other)| mime_type == "text/plain" || !fits(mime_type, other)),
                "{mime_type}"
            );
        }
        assert!(!fits("text/plain", b"a\0b") && !fits("text/csv", &[0xff, 0xfe]));
    }

    #[test]
    fn opus_is_told_from_other_sounds_in_ogg() {
        let page = |codec: &[u8]| [b"OggS".as_slice(), &[0; 24], codec].concat();

        assert!(is_ogg_opus(&page(b"OpusHead\x01")));
        assert!(!is_ogg_opus(&page(b"\x01vorbis.")));
    }
}
