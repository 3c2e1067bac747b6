//! The servers of the house.

/// A server and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Home {
    pub domain: &'static str,
    /// Its folder, from the root of the workspace.
    pub folder: &'static str,
}

/// Every server there is.
pub const SERVERS: [Home; 6] = [
    Home { domain: "crm", folder: "servers/crm" },
    Home { domain: "docs", folder: "servers/docs" },
    Home { domain: "finance", folder: "servers/finance" },
    Home { domain: "issues", folder: "servers/issues" },
    Home { domain: "itsm", folder: "servers/itsm" },
    Home { domain: "usage", folder: "servers/template" },
];
