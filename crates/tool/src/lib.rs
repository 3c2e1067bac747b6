#![doc = include_str!("../README.md")]

mod call;
mod catalog;
mod check;
mod cursor;
mod fit;
mod id;
mod meta;
mod nouns;
mod once;
mod page;
mod prompt;
mod reference;
mod schema;
mod sources;
mod stakes;
mod terms;
#[cfg(feature = "testing")]
pub mod testing;
mod tool;
mod whole;
mod written;

pub use call::{Answer, Call, Link, Question};
pub use catalog::{Catalog, Kind, Spec, Toolbox};
pub use cursor::{Seal, SealKey};
pub use fit::fit;
pub use id::RecordId;
pub use meta::{Alias, Consent, Deadline, Effect, Labels, Meta, Repeat, WriteKind};
pub use nouns::{
    Count, Currency, CustomerKeys, Day, Detail, MatchedBy, MatchedCustomer, Moment, Money, Person, Place,
    Total, Totals, When, Window,
};
pub use once::{Mark, require};
pub use page::gather::{Told, worth_repeating};
pub use page::{Fetch, Listing, Page, Rows, SourceReport, SourceStatus};
pub use prompt::{Argument, Complete, Prompt};
pub use reference::{CustomerPage, Customers, Keys, Meant, Places, PossibleCustomer};
pub use schema::{input_schema, output_schema};
pub use sources::{Source, Sources};
pub use stakes::{Audience, Declared, Stakes, Sum, Targets, Within};
pub use terms::{Known, Settle, Terms, settle_money, settle_place, wants_place};
pub use tool::{Output, Tool};
pub use written::{Change, Facts, FieldChange, Record, Status, Undo, Written};
