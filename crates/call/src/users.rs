//! Who a caller is at a vendor.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Caller;

/// The users that callers are at a vendor, by subject; those of a tenant's callers stand in a table of its name.
///
/// ```toml
/// [source.jira.users]
/// local = "5b10ac8d"            # callers of no tenant
/// acme = { alice = "712020" }   # alice of the tenant acme, and of no other
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Users(BTreeMap<String, Entry>);

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Entry {
    User(String),
    Tenant(BTreeMap<String, String>),
}

impl Users {
    /// The user that `caller` is. The same subject in another tenant is somebody else, so it is never looked for there.
    #[must_use]
    pub fn of(&self, caller: &Caller) -> Option<&str> {
        let user = match &caller.tenant {
            None => match self.0.get(&caller.subject)? {
                Entry::User(user) => user,
                Entry::Tenant(_) => return None,
            },
            Some(tenant) => match self.0.get(tenant)? {
                Entry::User(_) => return None,
                Entry::Tenant(users) => users.get(&caller.subject)?,
            },
        };
        Some(user)
    }
}

impl FromIterator<(String, String)> for Users {
    /// Users of callers of no tenant.
    fn from_iter<I: IntoIterator<Item = (String, String)>>(users: I) -> Self {
        Self(users.into_iter().map(|(subject, user)| (subject, Entry::User(user))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_subject_in_another_tenant_is_somebody_else() {
        let users: Users =
            serde_json::from_str(r#"{"alice": "u1", "acme": {"alice": "u2", "other": "u3"}}"#).unwrap();
        let of = |tenant: Option<&str>, subject: &str| {
            let caller = Caller { tenant: tenant.map(str::to_owned), ..Caller::new(subject, "jwt") };
            users.of(&caller).map(str::to_owned)
        };
        assert_eq!(of(None, "alice").as_deref(), Some("u1"));
        assert_eq!(of(Some("acme"), "alice").as_deref(), Some("u2"));
        assert_eq!(of(Some("other"), "alice"), None);
        assert_eq!(of(Some("alice"), "alice"), None, "a tenant of a caller's name");
        assert_eq!(of(None, "acme"), None, "a caller of a tenant's name");
    }
}
