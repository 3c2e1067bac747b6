//! Record ids. Salesforce takes 15 characters, in which case counts, and 18, in which the last three repeat the case;
//! ours are always the long ones, so that one record has one id.
//!
//! Source: Object Reference, "Field Types", ID.

use crate::model::Noun;

/// The objects behind the domain's nouns, and how their ids begin.
pub(super) const NOUNS: [(Noun, &str, &str); 4] = [
    (Noun::Account, "Account", "001"),
    (Noun::Contact, "Contact", "003"),
    (Noun::Opportunity, "Opportunity", "006"),
    (Noun::Case, "Case", "500"),
];

/// The id in its long form; `None` for what is no id, or a long one whose end does not fit its beginning.
pub(super) fn id(text: &str) -> Option<String> {
    let is_id = matches!(text.len(), 15 | 18) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    let (short, tail) = is_id.then(|| text.split_at(15))?;
    let long = format!("{short}{}", tail_of(short));
    (tail.is_empty() || long == text).then_some(long)
}

/// The id if it is of one of these nouns.
pub(super) fn of_nouns(nouns: &[Noun], text: &str) -> Option<String> {
    let fits = |prefix: &str| NOUNS.iter().any(|(noun, _, own)| *own == prefix && nouns.contains(noun));
    id(text).filter(|id| fits(&id[..3]))
}

/// The object of an id.
pub(super) fn object(id: &str) -> Option<&'static str> {
    let prefix = id.get(..3)?;
    NOUNS.iter().find(|(_, _, own)| *own == prefix).map(|(_, object, _)| *object)
}

/// Each of the three says which of five characters are capitals.
fn tail_of(short: &str) -> String {
    const ALPHABET: [char; 32] = [
        'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T',
        'U', 'V', 'W', 'X', 'Y', 'Z', '0', '1', '2', '3', '4', '5',
    ];
    let capitals = |five: &[u8]| {
        five.iter().rev().fold(0, |bits, byte| bits << 1 | usize::from(byte.is_ascii_uppercase()))
    };
    short.as_bytes().chunks(5).map(|five| ALPHABET[capitals(five)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_record_has_one_id() {
        // The example of Salesforce's help page on long ids.
        for text in ["001A0000006Vm9r", "001A0000006Vm9rIAC"] {
            assert_eq!(id(text).as_deref(), Some("001A0000006Vm9rIAC"));
            assert_eq!(of_nouns(&[Noun::Account], text).as_deref(), Some("001A0000006Vm9rIAC"));
            assert_eq!(of_nouns(&[Noun::Case], text), None);
        }
        for none in
            ["001A0000006Vm9rIAD", "001a0000006vm9riac", "001A0000006Vm9", "001A0000006Vm9r'", "", "é"]
        {
            assert_eq!(id(none), None, "{none}");
        }
    }
}
