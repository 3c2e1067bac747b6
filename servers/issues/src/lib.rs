//! The `issues` domain.

#[cfg(feature = "sandbox")]
pub mod company;
pub mod model;
pub mod tracker;
pub mod vendors;
