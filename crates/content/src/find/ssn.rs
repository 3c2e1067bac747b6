//! US social security numbers, by the ranges that are issued (SSA, since the randomization of 2011).

use super::{Finding, Kind, begins_freely, context, ends_freely, separator};

/// A number that begins at the digit `at`: three, two and four digits with the same separator; in one, or with dots,
/// only beside a word that says so.
pub(super) fn at(bytes: &[u8], at: usize) -> Option<Finding> {
    if !begins_freely(bytes, at) {
        return None;
    }
    let digits = |from: usize, count: usize| {
        let digits = bytes.get(from..from + count)?;
        digits.iter().all(u8::is_ascii_digit).then_some(digits)
    };
    let first = separator(bytes, at + 3).unwrap_or(0);
    let group = at + 3 + first;
    let serial = group + 2 + first;
    let end = serial + 4;
    let issued = is_issued(digits(at, 3)?, digits(group, 2)?, digits(serial, 4)?);
    let between = bytes.get(at + 3..group)?;
    if !issued || bytes.get(group + 2..serial)? != between || !ends_freely(bytes, end) {
        return None;
    }
    let plain = match between {
        [] | [b'.'] => context::is_social_security(bytes, at),
        // `1 123 45 6789` is some other number in groups.
        [b'-'] => true,
        _ => !follows_a_number(bytes, at),
    };
    plain.then_some(Finding { kind: Kind::Ssn, start: at, end })
}

fn is_issued(area: &[u8], group: &[u8], serial: &[u8]) -> bool {
    area != b"000" && area != b"666" && area[0] != b'9' && group != b"00" && serial != b"0000"
}

fn follows_a_number(bytes: &[u8], at: usize) -> bool {
    matches!(bytes[..at], [.., before, b' '] if before.is_ascii_digit() || before == b'+')
}
