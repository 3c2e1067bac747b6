//! The word before a number that says what it is.

/// Words that say a phone number follows.
#[rustfmt::skip]
const PHONE: &[&[u8]] = &[
    b"call", b"cell", b"cellphone", b"cellulare", b"dial", b"durchwahl", b"fax", b"fono", b"handy", b"mobil",
    b"mobile", b"mobilnummer", b"phone", b"phonenumber", b"portable", b"ring", b"rufnummer", b"sms", b"tel", b"telefon",
    b"telefone", b"telefonnummer", b"telefono", b"telephone", b"tlf", b"whatsapp",
];

/// Words that say a document follows, however much its number looks like a card's.
#[rustfmt::skip]
const DOCUMENT: &[&[u8]] = &[
    b"auftrag", b"barcode", b"batch", b"beleg", b"belegnummer", b"bestellung", b"build", b"case", b"commit",
    b"confirmation", b"contract", b"delivery", b"document", b"ean", b"gtin", b"id", b"imei", b"invoice", b"material",
    b"order", b"ordernumber", b"parcel", b"po", b"receipt", b"rechnung", b"ref", b"reference", b"request", b"serial",
    b"shipment", b"sku", b"ticket", b"timestamp", b"trace", b"tracking", b"transaction", b"vertrag",
];

/// Words that may stand between such a word and the number.
#[rustfmt::skip]
const BETWEEN: &[&[u8]] = &[
    b"a", b"at", b"direct", b"her", b"him", b"home", b"is", b"me", b"my", b"no", b"nr", b"num", b"number", b"nummer",
    b"office", b"on", b"our", b"the", b"them", b"to", b"us", b"was", b"work",
];

/// How many of those.
const MOST_BETWEEN: usize = 3;

/// Bytes of the longest word that is looked at.
const LONGEST: usize = 16;

/// Whether a phone number is announced before `at`.
pub(super) fn is_phone(bytes: &[u8], at: usize) -> bool {
    announced(bytes, at, PHONE)
}

/// Whether a document is announced before `at`.
pub(super) fn is_document(bytes: &[u8], at: usize) -> bool {
    announced(bytes, at, DOCUMENT)
}

/// Whether a social security number is announced before `at`.
pub(super) fn is_social_security(bytes: &[u8], at: usize) -> bool {
    announced(bytes, at, &[b"ssn", b"security", b"sozialversicherung"])
}

fn announced(bytes: &[u8], at: usize, words: &[&[u8]]) -> bool {
    let mut end = at;
    for _ in 0..=MOST_BETWEEN {
        let Some((word, start)) = word_before(bytes, end) else { return false };
        if is_one_of(word, words) {
            return true;
        }
        if !is_one_of(word, BETWEEN) {
            return false;
        }
        end = start;
    }
    false
}

/// The word before `end` and its start, with nothing but punctuation between: a hyphen or an underscore would make
/// it a part of an id (`TEL-4711`).
fn word_before(bytes: &[u8], end: usize) -> Option<(&[u8], usize)> {
    let is_between =
        |b: &&u8| matches!(**b, b' ' | b':' | b'.' | b'(' | b')' | b'=' | b'"' | b'\'' | b'\t' | b'#');
    let end = end - bytes[..end].iter().rev().take(6).take_while(is_between).count();
    let length = bytes[..end].iter().rev().take(LONGEST + 1).take_while(|b| b.is_ascii_alphabetic()).count();
    (1..=LONGEST).contains(&length).then(|| (&bytes[end - length..end], end - length))
}

fn is_one_of(word: &[u8], words: &[&[u8]]) -> bool {
    words.iter().any(|known| word.eq_ignore_ascii_case(known))
}
