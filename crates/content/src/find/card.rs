//! Payment card numbers (ISO/IEC 7812).

use super::{Finding, Kind, begins_freely, context, ends_freely, separator};

/// How cards are written in groups.
const GROUPS: &[&[usize]] = &[&[4, 4, 4, 4, 3], &[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 3, 3, 3]];

/// Digits of the longest and the shortest card.
const MOST: usize = 19;
const LEAST: usize = 13;

/// A card number that begins at the digit `at`.
pub(super) fn at(bytes: &[u8], at: usize) -> Option<Finding> {
    if !begins_freely(bytes, at) {
        return None;
    }
    let groups = Groups::read(bytes, at);
    let (end, grouped) = match groups.ends.first()?.checked_sub(at)? {
        // Thirteen in one are an article's number (EAN-13): cards of that length are no longer issued.
        14..=MOST => (groups.ends[0], false),
        4 => (groups.card(bytes, at)?, true),
        _ => return None,
    };
    let is_card = ends_freely(bytes, end) && is_number(&Digits::of(&bytes[at..end]));
    // Sixteen digits in a row are more often a document than a card: a word that says so is believed.
    (is_card && (grouped || !context::is_document(bytes, at))).then_some(Finding {
        kind: Kind::Card,
        start: at,
        end,
    })
}

/// Where up to six groups of digits with the same separator end.
struct Groups {
    ends: [usize; 6],
    count: usize,
}

impl Groups {
    fn read(bytes: &[u8], at: usize) -> Self {
        let digits = |from: usize| from + bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
        let mut groups = Self { ends: [digits(at); 6], count: 1 };
        let mut between: Option<&[u8]> = None;
        while groups.count < groups.ends.len() {
            let end = groups.ends[groups.count - 1];
            let Some(length) = separator(bytes, end) else { break };
            let (this, next) = (&bytes[end..end + length], digits(end + length));
            if next == end + length || between.is_some_and(|former| former != this) {
                break;
            }
            between = Some(this);
            groups.ends[groups.count] = next;
            groups.count += 1;
        }
        groups
    }

    /// The end of the longest run of groups from the first that are a card's in size and number.
    fn card(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let ends = &self.ends[..self.count];
        let fits = |sizes: &&&[usize]| {
            sizes.len() <= ends.len() && {
                let digits = Digits::of(&bytes[at..ends[sizes.len() - 1]]);
                self.sizes(bytes, at, sizes) && is_number(&digits)
            }
        };
        GROUPS.iter().find(fits).map(|sizes| ends[sizes.len() - 1])
    }

    fn sizes(&self, bytes: &[u8], at: usize, sizes: &[usize]) -> bool {
        let mut from = at;
        sizes.iter().zip(&self.ends).all(|(size, end)| {
            let fits = end - from == *size;
            from = end + separator(bytes, *end).unwrap_or(0);
            fits
        })
    }
}

/// The digits of a candidate, without what stands between them.
struct Digits {
    digits: [u8; MOST],
    count: usize,
}

impl Digits {
    fn of(bytes: &[u8]) -> Self {
        let mut digits = Self { digits: [0; MOST], count: 0 };
        for byte in bytes.iter().filter(|b| b.is_ascii_digit()) {
            if let Some(place) = digits.digits.get_mut(digits.count) {
                *place = byte - b'0';
            }
            digits.count += 1;
        }
        digits
    }

    fn first(&self, places: usize) -> u32 {
        self.digits[..places].iter().fold(0, |number, digit| number * 10 + u32::from(*digit))
    }
}

fn is_number(digits: &Digits) -> bool {
    (LEAST..=MOST).contains(&digits.count) && is_issued(digits) && is_luhn(&digits.digits[..digits.count])
}

/// Prefix and length of the issuers in use.
fn is_issued(digits: &Digits) -> bool {
    let length = digits.count;
    match digits.first(4) {
        4000..=4999 => matches!(length, 13 | 16 | 19), // Visa
        5100..=5599 | 2221..=2720 => length == 16,     // Mastercard
        3400..=3499 | 3700..=3799 => length == 15,     // American Express
        3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => (14..=19).contains(&length), // Diners Club
        3528..=3589 => (16..=19).contains(&length),    // JCB
        6011 | 6440..=6599 | 6200..=6299 | 8100..=8171 => (16..=19).contains(&length), // Discover, UnionPay
        6037 | 6060..=6089 | 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763 => length >= 13, // Maestro, RuPay
        2200..=2204 => (16..=19).contains(&length),                                                 // Mir
        _ => false,
    }
}

fn is_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (u32::from(*digit), place % 2) {
            (digit, 0) => digit,
            (digit, _) if digit > 4 => digit * 2 - 9,
            (digit, _) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}
