//! Bank accounts (ISO 13616), written in one or in groups.

use super::{Finding, Kind, begins_freely, ends_freely, separator};

/// Length by country, from the registry of ISO 13616.
#[rustfmt::skip]
const LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24), (b"AE", 23), (b"AL", 28), (b"AT", 20), (b"AZ", 28), (b"BA", 20), (b"BE", 16), (b"BG", 22),
    (b"BH", 22), (b"BI", 27), (b"BR", 29), (b"BY", 28), (b"CH", 21), (b"CR", 22), (b"CY", 28), (b"CZ", 24),
    (b"DE", 22), (b"DJ", 27), (b"DK", 18), (b"DO", 28), (b"EE", 20), (b"EG", 29), (b"ES", 24), (b"FI", 18),
    (b"FK", 18), (b"FO", 18), (b"FR", 27), (b"GB", 22), (b"GE", 22), (b"GI", 23), (b"GL", 18), (b"GR", 27),
    (b"GT", 28), (b"HN", 28), (b"HR", 21), (b"HU", 28), (b"IE", 22), (b"IL", 23), (b"IQ", 23), (b"IS", 26),
    (b"IT", 27), (b"JO", 30), (b"KW", 30), (b"KZ", 20), (b"LB", 28), (b"LC", 32), (b"LI", 21), (b"LT", 20),
    (b"LU", 20), (b"LV", 21), (b"LY", 25), (b"MC", 27), (b"MD", 24), (b"ME", 22), (b"MK", 19), (b"MN", 20),
    (b"MR", 27), (b"MT", 31), (b"MU", 30), (b"NI", 28), (b"NL", 18), (b"NO", 15), (b"OM", 23), (b"PK", 24),
    (b"PL", 28), (b"PS", 29), (b"PT", 25), (b"QA", 29), (b"RO", 24), (b"RS", 22), (b"RU", 33), (b"SA", 24),
    (b"SC", 31), (b"SD", 18), (b"SE", 24), (b"SI", 19), (b"SK", 24), (b"SM", 27), (b"SO", 23), (b"ST", 25),
    (b"SV", 28), (b"TL", 23), (b"TN", 24), (b"TR", 26), (b"UA", 29), (b"VA", 22), (b"VG", 24), (b"XK", 20),
    (b"YE", 30),
];

/// The fewest digits an account has: a country's letters and a word in capitals are none.
const DIGITS: usize = 8;

/// An account that begins at the letter `at`.
pub(super) fn at(bytes: &[u8], at: usize) -> Option<Finding> {
    let [one, two, rest @ ..] = bytes.get(at..)? else { return None };
    let country = [one.to_ascii_uppercase(), two.to_ascii_uppercase()];
    // Two check digits follow, which hardly any word of two letters has behind it.
    let checked = rest.get(separator(rest, 0).unwrap_or(0)).is_some_and(u8::is_ascii_digit);
    if !checked || !begins_freely(bytes, at) {
        return None;
    }
    let length = LENGTHS.iter().find(|(name, _)| **name == country)?.1;
    let end = end(bytes, at, length)?;
    (ends_freely(bytes, end) && is_checked(&bytes[at..end])).then_some(Finding {
        kind: Kind::Iban,
        start: at,
        end,
    })
}

/// The end of `length` letters and digits, perhaps with one separator between two of them. Grouped ones are in
/// capitals: words of a sentence are not.
fn end(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let (mut here, mut count, mut digits) = (at, 0, 0);
    let mut grouped = false;
    while count < length {
        let byte = *bytes.get(here)?;
        if byte.is_ascii_alphanumeric() && !(grouped && byte.is_ascii_lowercase()) {
            count += 1;
            digits += usize::from(byte.is_ascii_digit());
            here += 1;
        } else {
            here += separator(bytes, here)?;
            grouped = true;
            bytes.get(here).filter(|b| b.is_ascii_alphanumeric())?;
        }
    }
    (digits >= DIGITS).then_some(here)
}

/// ISO 7064, mod 97-10: the country and its check digits go behind, letters count from ten.
fn is_checked(bytes: &[u8]) -> bool {
    let is_part = |b: &&u8| b.is_ascii_alphanumeric();
    let account = bytes.iter().filter(is_part).skip(4);
    let head = bytes.iter().filter(is_part).take(4);
    if !bytes.iter().filter(is_part).skip(2).take(2).all(u8::is_ascii_digit) {
        return false;
    }
    let rest = account.chain(head).fold(0_u32, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        letter => (rest * 100 + u32::from(letter.to_ascii_uppercase() - b'A') + 10) % 97,
    });
    rest == 1
}
