//! The playbooks. One file each, like tools.

use tool::Prompt;

use crate::library::Library;

/// Every playbook of the domain.
#[must_use]
pub fn all() -> [Prompt<Library>; 0] {
    []
}
