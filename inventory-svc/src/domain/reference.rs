//! The four characters of an operation that people can say aloud.

use uuid::Uuid;

/// No vowels, so no words; nothing that is mistaken for something else: 0 O, 1 I L, 5 S, 8 B.
const ALPHABET: &[u8; 23] = b"234679CDFGHJKMNPQRTVWXZ";

/// Returns the public reference of an operation, made of the random end of its id.
pub(crate) fn public_reference(operation_id: Uuid) -> String {
    let mut rest = operation_id.as_u128() & 0xffff_ffff_ffff;
    (0..4)
        .map(|_| {
            let place = usize::try_from(rest % ALPHABET.len() as u128).expect("smaller than the alphabet");
            rest /= ALPHABET.len() as u128;
            char::from(ALPHABET[place])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_four_sayable_characters() {
        let reference = public_reference(Uuid::from_u128(0x0190_1234_5678_7abc_8def_0123_4567_89ab));

        assert_eq!(reference.len(), 4);
        assert!(reference.chars().all(|char| ALPHABET.contains(&(char as u8))), "{reference}");
        assert_eq!(reference, public_reference(Uuid::from_u128(0x0190_1234_5678_7abc_8def_0123_4567_89ab)));
    }
}
