//! How many records there are.

use schemars::JsonSchema;
use serde::Serialize;

/// How many records match in all, where the vendor tells. Never made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Total {
    /// The number.
    pub count: u64,
    /// What kind of number it is.
    pub kind: Count,
}

impl Total {
    /// Both together; as good as the worse of them.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { count: self.count.saturating_add(other.count), kind: self.kind.max(other.kind) }
    }
}

/// How a number of records is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// It is the number.
    Exact,
    /// It is near the number.
    Estimate,
    /// It is not more than the number.
    AtLeast,
}
