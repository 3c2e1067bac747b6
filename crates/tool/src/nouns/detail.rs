//! How much of a record.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much of each record a list returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// What a list needs.
    #[default]
    Row,
    /// Text, comments and custom fields too.
    Full,
}
