//! Names that stand for records.

use super::super::state::{self, Site};
use super::Asker;

pub(super) fn categories(text: &str) -> Option<u8> {
    [2, 3, 4].into_iter().find(|id| {
        let (key, name) = state::category(*id);
        id.to_string() == text || key.eq_ignore_ascii_case(text) || name.eq_ignore_ascii_case(text)
    })
}

pub(super) fn account<'a>(site: &'a Site, text: &str) -> Option<&'a str> {
    let by_name = |u: &&state::User| u.display_name.eq_ignore_ascii_case(text) || u.email == text;
    site.user(text).or_else(|| site.users.iter().find(by_name)).map(|u| u.account_id.as_str())
}

/// What a function stands for in a field; `None` if there is no such function there.
pub(super) fn functions(site: &Site, field: &str, name: &str, asker: &Asker<'_>) -> Option<Vec<String>> {
    let sprints =
        |state: &str| site.sprints.iter().filter(|s| s.state == state).map(|s| s.id.to_string()).collect();
    let versions = |released| {
        site.versions.iter().filter(|v| v.released == released).map(|v| v.id.to_string()).collect()
    };
    match (field, name) {
        ("assignee" | "reporter", "currentuser") => Some(vec![asker.account.to_owned()]),
        ("fixversion", "unreleasedversions") => Some(versions(false)),
        ("fixversion", "releasedversions") => Some(versions(true)),
        ("sprint" | "cf[10020]", "opensprints") => Some(sprints("active")),
        ("sprint" | "cf[10020]", "closedsprints") => Some(sprints("closed")),
        ("sprint" | "cf[10020]", "futuresprints") => Some(sprints("future")),
        _ => None,
    }
}
