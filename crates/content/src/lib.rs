#![doc = include_str!("../README.md")]

mod class;
mod clean;
mod fields;
mod find;
mod mask;
mod people;
mod redact;
mod scrub;
mod suspect;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod text;
mod token;
mod treatments;
mod weigh;
mod withhold;

pub use class::{Class, Masks, Treatment};
pub use clean::{Cleaned, clean, cut, is_blank};
pub use fields::{CLASS, Fields};
pub use find::{Finding, Kind, find};
pub use mask::{lost_to, stand_in};
pub use people::People;
pub use redact::{Redactor, Tally};
pub use scrub::{HARD_CAP, bounded, scrub};
pub use suspect::{Suspicion, suspect};
pub use text::{Author, Flag, FreeText, Label};
pub use token::TokenKey;
pub use treatments::Treatments;
pub use weigh::weigh;
pub use withhold::withhold;
