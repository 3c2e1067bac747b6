#![doc = include_str!("../README.md")]

mod clean;
mod scrub;
mod text;
mod weigh;

pub use clean::{Cleaned, clean, cut};
pub use scrub::{HARD_CAP, bounded, scrub};
pub use text::{Author, Flag, FreeText, Label};
pub use weigh::weigh;
