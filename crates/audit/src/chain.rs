//! The hash chain over the bytes of lines, and lines as they are read back.

use std::fmt;
use std::io::{self, BufRead};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

/// What stands between the content of a line and its hash.
const MARK: &[u8] = b",\"hash\":\"";
/// `,"hash":"`, 64 digits, `"}`.
const TAIL: usize = MARK.len() + 64 + 2;

/// The hash of a line, as its 64 lower-case hexadecimal digits. The digits themselves are hashed into the next
/// line, so that a chain can be checked with nothing but `sha256sum`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hash([u8; 64]);

impl Hash {
    /// What the first line of a stream follows.
    pub(crate) const GENESIS: Self = Self([b'0'; 64]);

    /// The hash of `parts` run together.
    pub(crate) fn of(parts: &[&[u8]]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut sha = Sha256::new();
        for part in parts {
            sha.update(part);
        }
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(sha.finalize()) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        Self(text)
    }

    /// Ends the line that starts at `start` of `buffer` (a JSON object without its closing brace) with the hash
    /// that follows this one, which is returned.
    pub(crate) fn seal(&self, buffer: &mut Vec<u8>, start: usize) -> Self {
        let hash = Self::of(&[&self.0, &buffer[start..]]);
        buffer.extend_from_slice(MARK);
        buffer.extend_from_slice(&hash.0);
        buffer.extend_from_slice(b"\"}\n");
        hash
    }

    /// The hash that `line` (without its newline) states, and whether it is right after this one; `None` if the
    /// line states no hash.
    pub(crate) fn check(&self, line: &[u8]) -> Option<(Self, bool)> {
        let (content, tail) = line.split_at_checked(line.len().checked_sub(TAIL)?)?;
        let digits = tail.strip_prefix(MARK)?.strip_suffix(b"\"}")?;
        let stated = Self::parse(digits)?;
        Some((stated, Self::of(&[&self.0, content]) == stated))
    }

    fn parse(digits: &[u8]) -> Option<Self> {
        let digits: [u8; 64] = digits.try_into().ok()?;
        digits.iter().all(u8::is_ascii_hexdigit).then_some(Self(digits))
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(text.as_bytes()).ok_or_else(|| de::Error::custom("a hash has 64 hexadecimal digits"))
    }
}

/// One line of a segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    /// Its bytes without the newline.
    pub(crate) bytes: &'a [u8],
    /// Where it starts.
    pub(crate) offset: u64,
    /// Where the next one starts.
    pub(crate) end: u64,
    /// Counted from 1, the header.
    pub(crate) number: u64,
    /// Whether it ends in a newline; a line without one was being written when its writer ended.
    pub(crate) whole: bool,
}

/// Reads lines, one in memory at a time.
pub(crate) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    offset: u64,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    /// The lines of `reader`, which stands at the start of its file.
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new(), offset: 0, number: 0 }
    }

    /// The next line; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        let read = self.reader.read_until(b'\n', &mut self.buffer)?;
        if read == 0 {
            return Ok(None);
        }
        let offset = self.offset;
        self.offset += read as u64;
        self.number += 1;
        let whole = self.buffer.last() == Some(&b'\n');
        let bytes = if whole { &self.buffer[..read - 1] } else { &self.buffer[..] };
        Ok(Some(Line { bytes, offset, end: self.offset, number: self.number, whole }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_is_sha256_of_the_former_digits_and_the_bytes_before_the_hash() {
        let mut buffer = br#"{"a":1"#.to_vec();
        let first = Hash::GENESIS.seal(&mut buffer, 0);
        // printf '%064d{"a":1' 0 | sha256sum
        assert_eq!(first.to_string(), "a6fc8d7dbf738917ee8344e1cd5486b01255b25fe5de4df9be7af29689f6a1aa");
        assert_eq!(String::from_utf8(buffer).unwrap(), format!("{{\"a\":1,\"hash\":\"{first}\"}}\n"));
    }

    #[test]
    fn every_flipped_byte_of_a_line_is_seen() {
        let mut buffer = br#"{"text":"a \"hash\":\"b\" c""#.to_vec();
        let hash = Hash::GENESIS.seal(&mut buffer, 0);
        let line = &mut buffer[..];
        let len = line.len() - 1;
        assert_eq!(Hash::GENESIS.check(&line[..len]), Some((hash, true)));
        for at in 0..len {
            line[at] ^= 1;
            assert!(!matches!(Hash::GENESIS.check(&line[..len]), Some((_, true))), "byte {at}");
            line[at] ^= 1;
        }
    }
}
