//! Boards and sprints.

use serde::Deserialize;

use super::Text;

/// A page of the agile API.
#[derive(Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub(in super::super) struct Offset<T> {
    #[serde(default = "Vec::new")]
    pub(in super::super) values: Vec<T>,
    #[serde(rename = "isLast", default)]
    pub(in super::super) last: bool,
}

/// A board.
#[derive(Deserialize)]
pub(in super::super) struct Board {
    pub(in super::super) id: u64,
}

/// A sprint.
#[derive(Clone, Deserialize)]
pub(in super::super) struct Sprint<'a> {
    pub(in super::super) id: u64,
    #[serde(borrow)]
    pub(in super::super) name: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) state: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) goal: Option<Text<'a>>,
    #[serde(borrow, rename = "startDate")]
    pub(in super::super) start: Option<Text<'a>>,
    #[serde(borrow, rename = "endDate")]
    pub(in super::super) end: Option<Text<'a>>,
    #[serde(borrow, rename = "completeDate")]
    pub(in super::super) completed: Option<Text<'a>>,
}
