//! Phone numbers: a shape says little, so a `+` with a country (ITU-T E.164) or a word before it is needed.

use super::{Finding, Kind, context, ends_freely};

/// Digits of a number with its country, and of one without.
const WITH_COUNTRY: std::ops::RangeInclusive<usize> = 8..=15;
const IN_CONTEXT: std::ops::RangeInclusive<usize> = 7..=15;

/// A number with its country that begins at the `+`.
pub(super) fn international(bytes: &[u8], plus: usize) -> Option<Finding> {
    // `12:00+0200`, `a+123456789`, `++12345678`
    let glued = plus.checked_sub(1).is_some_and(|i| bytes[i].is_ascii_alphanumeric() || bytes[i] == b'+');
    let first = *bytes.get(plus + 1)?;
    if glued || !matches!(first, b'1'..=b'9' | b'(') {
        return None;
    }
    let number = Number::read(bytes, plus + 1)?;
    (WITH_COUNTRY.contains(&number.digits)).then_some(Finding {
        kind: Kind::Phone,
        start: plus,
        end: number.end,
    })
}

/// A number that begins at the digit `at`, beside a word that says so.
pub(super) fn in_context(bytes: &[u8], at: usize) -> Option<Finding> {
    if !context::is_phone(bytes, at) {
        return None;
    }
    let number = Number::read(bytes, at)?;
    (IN_CONTEXT.contains(&number.digits)).then_some(Finding { kind: Kind::Phone, start: at, end: number.end })
}

struct Number {
    digits: usize,
    end: usize,
}

impl Number {
    /// Digits with at most three characters between two of them. Dates are none.
    fn read(bytes: &[u8], start: usize) -> Option<Self> {
        let mut number = Self { digits: 0, end: start };
        let mut here = start;
        while let Some(byte) = bytes.get(here) {
            match byte {
                b'0'..=b'9' => {
                    number.digits += 1;
                    number.end = here + 1;
                }
                b' ' | b'-' | b'.' | b'/' | b'(' | b')' if here - number.end < 3 => {}
                _ => break,
            }
            here += 1;
        }
        (ends_freely(bytes, number.end) && !is_date(&bytes[start..])).then_some(number)
    }
}

/// `2024-05-01`, `01.05.2024`, `20240501`
fn is_date(bytes: &[u8]) -> bool {
    let shape = |shape: &[u8]| {
        bytes.len() >= shape.len()
            && bytes.iter().zip(shape).all(|(byte, wanted)| match wanted {
                b'0' => byte.is_ascii_digit(),
                _ => matches!(byte, b'-' | b'.' | b'/'),
            })
    };
    let compact = shape(b"00000000") && !bytes.get(8).is_some_and(u8::is_ascii_digit);
    let of_now = matches!(bytes, [b'1', b'9', ..] | [b'2', b'0', ..]);
    let in_calendar =
        matches!(bytes.get(4..7), Some([b'0', _, b'0'..=b'3'] | [b'1', b'0'..=b'2', b'0'..=b'3']));
    shape(b"0000-00-00") || shape(b"00-00-0000") || (compact && of_now && in_calendar)
}
