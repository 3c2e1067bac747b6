//! The trackers behind the port. One folder each; a folder and its two lines here can be deleted.

#[cfg(test)]
pub(crate) mod memory;
pub mod github;
