//! Texts in another dress: base64, and letters with spaces between them.

/// Characters of base64 that are worth decoding: a dozen words.
const SHORTEST: usize = 32;
/// Runs of a text that are decoded.
const MOST: usize = 8;

/// What a text hides, if that is text again.
pub(super) fn decoded(text: &str) -> Option<String> {
    let runs = text.split(|c: char| !is_base64(c)).filter(|run| run.len() >= SHORTEST).take(MOST);
    let mut hidden: Vec<String> = runs.filter_map(base64).collect();
    hidden.extend(spaced(text));
    (!hidden.is_empty()).then(|| hidden.join("\n"))
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_')
}

/// RFC 4648, both alphabets. Only what becomes plain text is given.
fn base64(run: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(run.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in run.bytes() {
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
    let words = text.split(' ');
    let (mut run, mut best) = (Vec::new(), Vec::new());
    for word in words {
        if word.chars().count() <= 1 {
            run.push(word);
            continue;
        }
        if run.len() > best.len() {
            best = std::mem::take(&mut run);
        }
        run.clear();
    }
    let longest = if run.len() > best.len() { run } else { best };
    let letters = longest.iter().filter(|letter| !letter.is_empty()).count();
    // Two spaces in a row leave an empty word between two letters: the end of a word.
    let join = |word: &&str| if word.is_empty() { " ".to_owned() } else { (*word).to_owned() };
    (letters >= LETTERS).then(|| longest.iter().map(join).collect())
}
