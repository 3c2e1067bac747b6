//! People.

use serde::{Deserialize, Serialize};

/// Somebody who works at Halden Pay.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The key: `ana`.
    pub handle: String,
    /// Full name.
    pub name: String,
    /// Their address; unique, where names are not.
    pub email: String,
    /// What they are.
    pub title: String,
    /// Their team, which is also the assignment group of the service desk: `Payments Operations`.
    pub team: String,
    /// Atlassian account id.
    pub account_id: String,
    /// GitHub login.
    pub login: String,
    /// No longer there: inactive users of every system.
    #[serde(default)]
    pub left: bool,
}
