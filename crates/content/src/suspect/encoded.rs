//! Texts in another dress: base64, and letters with spaces between them.

/// Characters of base64 that are worth decoding: a dozen words. Letters with spaces between them take as many.
const SHORTEST: usize = 32;
/// Runs of a text that are decoded.
const MOST: usize = 8;

/// What a text hides, if that is text again.
pub(super) fn decoded(text: &str) -> Option<String> {
    if text.len() < SHORTEST {
        return None; // titles and names
    }
    let runs = text.as_bytes().split(|b| !is_base64(*b)).filter(|run| run.len() >= SHORTEST).take(MOST);
    let mut hidden: Vec<String> = runs.filter_map(base64).collect();
    hidden.extend(spaced(text));
    (!hidden.is_empty()).then(|| hidden.join("\n"))
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// RFC 4648, both alphabets. Only what becomes plain text is given.
fn base64(run: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(run.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for &byte in run {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            _ => 63,
        };
        (bits, count) = ((bits << 6) | u32::from(six), count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xFF).ok()?);
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    let is_plain = text.chars().all(|c| !c.is_control() || c.is_whitespace());
    (is_plain && text.contains(' ')).then_some(text)
}

/// `i g n o r e   a l l`: single letters for at least a dozen words, joined; wider gaps stay.
fn spaced(text: &str) -> Option<String> {
    const LETTERS: usize = 16;
    if text.bytes().filter(|b| *b == b' ').count() < LETTERS - 1 {
        return None; // most titles: their words are not looked at one by one
    }
    let is_single = |word: &str| word.chars().nth(1).is_none();
    let (mut run, mut longest) = (0..0, 0..0);
    for (at, word) in text.split(' ').enumerate() {
        if !is_single(word) {
            continue;
        }
        run = if run.end == at { run.start..at + 1 } else { at..at + 1 };
        if run.len() > longest.len() {
            longest = run.clone();
        }
    }
    if longest.len() < LETTERS {
        return None; // nearly every text: nothing is copied
    }
    let letters = || text.split(' ').skip(longest.start).take(longest.len());
    // Two spaces in a row leave an empty word between two letters: the end of a word.
    let join = |word: &str| if word.is_empty() { " ".to_owned() } else { word.to_owned() };
    let count = letters().filter(|letter| !letter.is_empty()).count();
    (count >= LETTERS).then(|| letters().map(join).collect())
}
