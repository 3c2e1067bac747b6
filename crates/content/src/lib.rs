#![doc = include_str!("../README.md")]

mod class;
mod clean;
mod scrub;
mod text;
mod weigh;
mod withhold;

pub use class::{Class, Masks, Treatment};
pub use clean::{Cleaned, clean, cut};
pub use scrub::{HARD_CAP, bounded, scrub};
pub use text::{Author, Flag, FreeText, Label};
pub use weigh::weigh;
pub use withhold::withhold;
