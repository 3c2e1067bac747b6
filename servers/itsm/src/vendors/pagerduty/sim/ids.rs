//! PagerDuty's forms of ids, derived from the company's keys: the same at every start.

/// `P` and six of `[0-9A-Z]`: services, users, teams, policies, schedules.
pub(super) fn short(kind: &str, key: &str) -> String {
    format!("P{}", base36(kind, key, 6))
}

/// `Q` and thirteen: incidents and alerts.
pub(super) fn long(kind: &str, key: &str) -> String {
    format!("Q{}", base36(kind, key, 13))
}

/// `01` and twenty-four: automation actions and their invocations.
pub(super) fn ulid(kind: &str, key: &str) -> String {
    format!("01{}{}", base36(kind, key, 12), base36(key, kind, 12))
}

fn base36(kind: &str, key: &str, length: usize) -> String {
    const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut rest = u128::from(fnv(kind, key)) * 0x1_0000_0000_01B3 + u128::from(fnv(key, kind));
    let mut text = String::with_capacity(length);
    for _ in 0..length {
        let digit = usize::try_from(rest % 36).unwrap_or_default();
        text.push(char::from(DIGITS[digit]));
        rest /= 36;
    }
    text
}

/// FNV-1a, 64 bits.
fn fnv(kind: &str, key: &str) -> u64 {
    let bytes = kind.bytes().chain([b':']).chain(key.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
