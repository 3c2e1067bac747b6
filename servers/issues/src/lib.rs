#![doc = include_str!("../README.md")]

#[cfg(feature = "sandbox")]
pub mod company;
#[cfg(test)]
mod behavior;
mod listing;
pub mod model;
pub mod prompts;
pub mod reference;
pub mod tools;
pub mod tracker;
pub mod vendors;
mod writing;
