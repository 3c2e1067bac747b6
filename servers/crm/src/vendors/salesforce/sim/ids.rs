//! Record ids: 15 characters of base 62 in which case counts, or 18 with a checksum of the case.
//!
//! Source: Salesforce Help, "Convert a 15 Character Id to 18 Characters".

/// The letters a checksum is written in.
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The id of 18 characters for a record of this type, the same for the same key in every life of the simulator.
pub(super) fn derived(prefix: &str, key: &str) -> String {
    // FNV-1a: short, and spread well enough for some thousand records.
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    numbered(prefix, "gL", hash)
}

/// The id of 18 characters for a record made while the simulator runs.
pub(super) fn fresh(prefix: &str, number: u64) -> String {
    numbered(prefix, "gN", number)
}

fn numbered(prefix: &str, pod: &str, number: u64) -> String {
    let (mut rest, mut tail) = (number, Vec::new());
    for _ in 0..10 {
        tail.push(DIGITS[(rest % 62) as usize]);
        rest /= 62;
    }
    tail.reverse();
    let short = format!("{prefix}{pod}{}", String::from_utf8_lossy(&tail));
    format!("{short}{}", checksum(&short))
}

/// The id in its long form, if it is one at all. A long one with a wrong checksum is none.
pub(super) fn long(id: &str) -> Option<String> {
    if !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) || !matches!(id.len(), 15 | 18) {
        return None;
    }
    let (short, shown) = id.split_at(15);
    let sum = checksum(short);
    (shown.is_empty() || shown.eq_ignore_ascii_case(&sum)).then(|| format!("{short}{sum}"))
}

/// One letter per five characters: which of them are capitals.
fn checksum(short: &str) -> String {
    let letter = |five: &[u8]| {
        let bit = |(at, byte): (usize, &u8)| usize::from(byte.is_ascii_uppercase()) << at;
        char::from(LETTERS[five.iter().enumerate().map(bit).sum::<usize>()])
    };
    short.as_bytes().chunks(5).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_salesforces() {
        // The example of the help page.
        assert_eq!(long("001A0000006Vm9r").as_deref(), Some("001A0000006Vm9rIAC"));
        assert_eq!(long("001A0000006Vm9rIAC").as_deref(), Some("001A0000006Vm9rIAC"));
        for none in ["001A0000006Vm9rIAD", "001A0000006Vm9", "001A0000006Vm9r' OR", "", "001A0000006Vm9-"] {
            assert_eq!(long(none), None, "{none}");
        }
        assert_eq!(long(&derived("001", "nordwind")), Some(derived("001", "nordwind")));
    }
}
