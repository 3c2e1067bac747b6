//! Markdown, as agents write and read it: CommonMark's common part, with tables and strike-through (GFM).

mod blocks;
mod inline;
mod write;

pub(in super::super) use blocks::read;
pub(in super::super) use write::write;
