//! Markdown as both vendors and all tools understand it: outline, sections by anchor, edits of one section, diffs.
//!
//! A document is cut at its ATX headings (CommonMark 0.31, section 4.2) outside of fenced code and HTML blocks. A
//! section reaches from its heading to the next heading of the same or a higher level; what stands before the first
//! heading is the section [`TOP`].

mod diff;
mod outline;
mod section;

pub use diff::diff;
pub use outline::{Outline, Section, Span, TOP};
pub use section::{Edit, same};
