//! HTML comments and what comes together where one was.

use super::{LONGEST, entity_in};

/// Removes `<!-- ... -->`; an unclosed comment goes to the end, as a browser reads it. Runs in rounds until nothing
/// changes: all comments of a text, the entities that now come together, the comments that now do.
///
/// `text` holds no hidden entity. Linear: after the first round only the seams are looked at, for what stands apart
/// from them has been looked at before, and each step beyond a few around a seam is over something that goes.
pub(super) fn strip_comments(text: &str) -> Option<Stripped> {
    let mut seams: Vec<usize> = text.match_indices(OPEN).map(|(at, _)| at + 1).collect();
    if seams.is_empty() {
        return None;
    }
    let mut chain = Chain::new(text.as_bytes());
    let mut entities = false;
    while !seams.is_empty() {
        seams = chain.without_comments(&seams);
        let (joined, found) = chain.without_entities(&seams);
        seams = joined;
        entities |= found;
    }
    let left = text.char_indices().filter(|(at, _)| !chain.gone[at + 1]);
    Some(Stripped { text: left.map(|(_, c)| c).collect(), entities })
}

/// A text without comments.
pub(super) struct Stripped {
    pub(super) text: String,
    /// Hidden entities came together and were removed.
    pub(super) entities: bool,
}

const OPEN: &str = "<!--";
const CLOSE: &str = "-->";

/// The bytes of a text as a ring, so that taking a stretch out costs no more than its length. Bytes count from 1;
/// 0 stands before the first and after the last. A seam is named by the byte before it.
struct Chain<'a> {
    text: &'a [u8],
    next: Vec<usize>,
    before: Vec<usize>,
    gone: Vec<bool>,
}

impl<'a> Chain<'a> {
    fn new(text: &'a [u8]) -> Self {
        let last = text.len();
        Self {
            text,
            next: (1..=last).chain([0]).collect(),
            before: [last].into_iter().chain(0..last).collect(),
            gone: vec![false; last + 1],
        }
    }

    /// One round: from left to right, each comment that begins at or across one of `seams`. Gives the seams where they
    /// were.
    fn without_comments(&mut self, seams: &[usize]) -> Vec<usize> {
        let mut left = Vec::new();
        // What lies before is done for this round, even if a comment comes together there.
        let mut done = 0;
        for &seam in seams {
            if self.gone[seam] {
                continue;
            }
            let Some(start) = self.opening_at(seam, done) else { continue };
            let mut end = self.after(start, OPEN.len());
            while end != 0 && !self.reads(end, CLOSE) {
                end = self.next[end];
            }
            let end = if end == 0 { 0 } else { self.after(end, CLOSE.len()) };
            done = self.take_out(start, end);
            left.push(done);
        }
        left.dedup();
        left
    }

    /// The start of a `<!--` that begins at most three bytes before `seam` or at it, and after `done`.
    fn opening_at(&self, seam: usize, done: usize) -> Option<usize> {
        let mut start = seam;
        for _ in 0..OPEN.len() {
            if start == done || start == 0 {
                return None;
            }
            if self.reads(start, OPEN) {
                return Some(start);
            }
            start = self.before[start];
        }
        None
    }

    /// Hidden entities across `seams`, until none is left. Gives the seams that there are then, and whether one was
    /// found.
    fn without_entities(&mut self, seams: &[usize]) -> (Vec<usize>, bool) {
        let mut left: Vec<usize> = Vec::with_capacity(seams.len());
        let mut found = false;
        for &seam in seams {
            if self.gone[seam] {
                continue;
            }
            let mut seam = seam;
            while let Some((start, end)) = self.entity_across(seam) {
                found = true;
                seam = self.take_out(start, end);
            }
            while left.last().is_some_and(|last| self.gone[*last] || *last == seam) {
                left.pop();
            }
            left.push(seam);
        }
        (left, found)
    }

    /// A hidden entity that begins at or before `seam` and ends after it: its first byte and the first beyond it.
    fn entity_across(&self, seam: usize) -> Option<(usize, usize)> {
        let mut start = seam;
        for _ in 0..LONGEST {
            if start == 0 {
                return None;
            }
            if self.byte(start) == b'&' {
                break;
            }
            start = self.before[start];
        }
        let mut read = Vec::with_capacity(LONGEST);
        let mut end = start;
        while end != 0 && read.len() < LONGEST {
            read.push(self.byte(end));
            end = self.next[end];
            if read.last() == Some(&b';') {
                break;
            }
        }
        entity_in(&read).then_some((start, end))
    }

    /// Takes out from `start` up to `end`, which stays; gives the seam.
    fn take_out(&mut self, start: usize, end: usize) -> usize {
        let seam = self.before[start];
        let mut at = start;
        while at != end {
            self.gone[at] = true;
            at = self.next[at];
        }
        self.next[seam] = end;
        self.before[end] = seam;
        seam
    }

    fn reads(&self, start: usize, word: &str) -> bool {
        let mut at = start;
        word.bytes().all(|wanted| {
            let same = at != 0 && self.byte(at) == wanted;
            at = self.next[at];
            same
        })
    }

    fn after(&self, start: usize, bytes: usize) -> usize {
        (0..bytes).fold(start, |at, _| self.next[at])
    }

    fn byte(&self, at: usize) -> u8 {
        self.text[at - 1]
    }
}
