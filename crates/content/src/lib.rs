#![doc = include_str!("../README.md")]

mod clean;
mod scrub;
mod text;

pub use clean::{Cleaned, clean, cut};
pub use scrub::{HARD_CAP, bounded, scrub};
pub use text::{Author, Flag, FreeText, Label};
