//! One section replaced within the storage document.

use std::ops::Range;

use error::{Code, Error, Result};

use super::tree::Block;
use super::{Page, Part, from_markdown, markdown, plain, text, to_markdown, write};
use crate::markdown::{Edit, Outline, same};

/// Blocks up to which two texts are compared block by block; beyond, what lies between the first and the last change is
/// written anew.
const LIMIT: usize = 1_500;

/// The storage document with one section's text replaced. Blocks that say after the edit what they said before stay
/// byte for byte, and so does what shows nothing. `conflict` if the section is not as the edit found it.
pub(in super::super) fn replaced(storage: &str, edit: &Edit) -> Result<String> {
    let page = Page::read(storage)?;
    edit.apply(&page.text())?;
    let (head, section) = bounds(&page.parts, edit.heading)?;
    let parts = &page.parts[section.clone()];
    let start = match (parts.first(), head) {
        (Some(first), None) => first.range.start,
        (_, Some(head)) => page.parts[head].range.end,
        (None, None) => page.parts.first().map_or(storage.len(), |next| next.range.start),
    };
    let fresh = markdown::parse(&edit.after);
    Ok(spliced(storage, start, parts, &fresh))
}

/// Whether the section says already what the edit would have it say, written as this storage format is shown.
pub(in super::super) fn says_already(edit: &Edit) -> bool {
    let shown = to_markdown(&from_markdown(&edit.after));
    edit.is_empty() || shown.is_ok_and(|shown| same(&shown, &edit.before))
}

/// Whether the same edit with the former text, made on `storage`, brings all of `former` back.
pub(in super::super) fn comes_back(former: &str, storage: &str, edit: &Edit) -> bool {
    let back = || {
        let text = Page::read(storage)?.text();
        let before = edit.before.trim_matches('\n');
        replaced(storage, &Edit::new(&Outline::of(&text), &edit.section.anchor, before)?)
    };
    let settled = |storage: &str| plain::settled(storage).ok();
    back().is_ok_and(|back| settled(&back).is_some() && settled(&back) == settled(former))
}

/// The heading's part, and the parts below it up to the next heading of its level or above.
fn bounds(parts: &[Part], heading: Option<usize>) -> Result<(Option<usize>, Range<usize>)> {
    let mut headings = parts.iter().enumerate().filter_map(|(at, part)| Some((at, part.level()?)));
    match heading {
        None => {
            let end = headings.next().map_or(parts.len(), |(at, _)| at);
            Ok((None, 0..end))
        }
        Some(number) => {
            let gone = || Error::new(Code::Conflict, "the section is no longer there");
            let (at, level) = headings.nth(number).ok_or_else(gone)?;
            let end = headings.find(|(_, other)| *other <= level).map_or(parts.len(), |(at, _)| at);
            Ok((Some(at), at + 1..end))
        }
    }
}

/// The document with `parts` turned into `fresh`; what is new at the beginning goes to `start`.
fn spliced(storage: &str, start: usize, parts: &[Part], fresh: &[Block]) -> String {
    // What a part says once it was written and read: the form in which it can be compared.
    let said: Vec<Vec<Block>> =
        parts.iter().map(|part| markdown::parse(&text::written(&part.blocks))).collect();
    let kept = kept(&said, fresh);
    let mut out = storage[..start].to_owned();
    let (mut at, mut next) = (start, 0);
    for (number, part) in parts.iter().enumerate() {
        let said = &said[number];
        match kept[number] {
            // It shows nothing: it stays where it is.
            _ if said.is_empty() => out.push_str(&storage[at..part.range.end]),
            Some(from) => {
                out.push_str(&write::storage(&fresh[next..from]));
                out.push_str(&storage[at..part.range.end]);
                next = from + said.len();
            }
            // What comes in its place stands where it stood.
            None => {
                out.push_str(&storage[at..part.range.start]);
                let until = next_kept(&kept[number..]).unwrap_or(fresh.len());
                out.push_str(&write::storage(&fresh[next..until]));
                next = until;
            }
        }
        at = part.range.end;
    }
    out.push_str(&write::storage(&fresh[next..]));
    out.push_str(&storage[at..]);
    out
}

fn next_kept(kept: &[Option<usize>]) -> Option<usize> {
    kept.iter().flatten().next().copied()
}

/// For each old part, the place in `fresh` where it stands again, if it does: the longest such assignment in order.
fn kept(said: &[Vec<Block>], fresh: &[Block]) -> Vec<Option<usize>> {
    let mut kept = vec![None; said.len()];
    let (mut first, mut from) = (0, 0);
    while first < said.len() && stands(&said[first], fresh, from) {
        kept[first] = Some(from);
        from += said[first].len();
        first += 1;
    }
    let (mut last, mut to) = (said.len(), fresh.len());
    let room = |to: usize, last: usize| to.checked_sub(said[last - 1].len()).filter(|at| *at >= from);
    while last > first && room(to, last).is_some_and(|at| stands(&said[last - 1], fresh, at)) {
        to -= said[last - 1].len();
        last -= 1;
        kept[last] = Some(to);
    }
    if (last - first).max(to - from) <= LIMIT {
        let inner = longest(&said[first..last], &fresh[from..to]);
        for (own, found) in kept[first..last].iter_mut().zip(inner) {
            *own = found.map(|at| at + from);
        }
    }
    kept
}

/// Whether a part says what stands there; one that says nothing stands nowhere.
fn stands(part: &[Block], fresh: &[Block], at: usize) -> bool {
    !part.is_empty() && fresh.get(at..at + part.len()).is_some_and(|there| there == part)
}

fn longest(said: &[Vec<Block>], fresh: &[Block]) -> Vec<Option<usize>> {
    let width = fresh.len() + 1;
    // best[i * width + j]: parts of said[i..] that can be kept in fresh[j..].
    let mut best = vec![0_u32; (said.len() + 1) * width];
    for i in (0..said.len()).rev() {
        for j in (0..width).rev() {
            let skip = best[(i + 1) * width + j];
            let later = if j + 1 < width { best[i * width + j + 1] } else { 0 };
            let take = match stands(&said[i], fresh, j) {
                true => 1 + best[(i + 1) * width + j + said[i].len()],
                false => 0,
            };
            best[i * width + j] = skip.max(later).max(take);
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut kept = vec![None; said.len()];
    while i < said.len() {
        let here = best[i * width + j];
        if stands(&said[i], fresh, j) && here == 1 + best[(i + 1) * width + j + said[i].len()] {
            kept[i] = Some(j);
            j += said[i].len();
            i += 1;
        } else if here == best[(i + 1) * width + j] {
            i += 1;
        } else {
            j += 1;
        }
    }
    kept
}
