//! Who and where, as vendors name them.

use content::Label;

/// A person a vendor knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The vendor's id: an account id, a login.
    pub id: String,
    /// Their name.
    pub name: Label,
    /// Their e-mail address, where the vendor shows it.
    pub email: Option<String>,
}

/// What holds records at a vendor: a project, a repository, a space, a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The vendor's key: `PAY`, `acme/web`.
    pub key: String,
    /// Its name.
    pub name: Label,
}
