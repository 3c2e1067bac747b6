//! Nouns that every domain shares.

mod count;
mod customer;
mod detail;
mod money;
mod person;
mod time;

pub use count::{Count, Total};
pub use customer::{CustomerKeys, MatchedBy, MatchedCustomer};
pub use detail::Detail;
pub use money::{Currency, Money, Totals};
pub use person::{Person, Place};
pub use time::{Day, Moment, When, Window};
