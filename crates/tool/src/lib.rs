#![doc = include_str!("../README.md")]

mod call;
mod catalog;
mod check;
mod cursor;
mod id;
mod meta;
mod nouns;
mod page;
mod prompt;
mod schema;
mod sources;
mod tool;
mod written;

pub use call::{Answer, Call, Link};
pub use catalog::{Catalog, Kind, Spec, Toolbox};
pub use cursor::{Seal, SealKey};
pub use id::RecordId;
pub use meta::{Consent, Deadline, Effect, Labels, Meta, Repeat, WriteKind};
pub use nouns::{Count, Moment, Total, When};
pub use page::{Fetch, Listing, Page, Rows, SourceReport, SourceStatus};
pub use prompt::{Argument, Complete, Prompt};
pub use schema::{input_schema, output_schema};
pub use sources::{Source, Sources};
pub use tool::{Output, Tool};
pub use written::{Change, Facts, FieldChange, Record, Status, Undo, Written};
