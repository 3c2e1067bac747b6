//! The port: what a system that counts usage must be able to do for the tools.
//!
//! Tools decide what is asked and how it is answered; vendors decide how the question is put to the vendor. Neither
//! names the other. Ids here are native: `cst_nordwind`.

use call::{BoxFuture, Cx};
use error::Result;
use jiff::civil::Date;
use tool::{Fetch, Mark, Place, Rows};

use crate::model::{Annotation, Customer, ProductUsage, UsageDrop};

/// The port's type, as tools name it.
pub type Meter = dyn UsageMeter;

/// What a meter can do. What it cannot is said in the answer, never faked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Able {
    /// Filters drops by product.
    pub drops_by_product: bool,
    /// Keeps annotations.
    pub annotations: bool,
}

impl Able {
    /// Everything.
    pub const ALL: Self = Self { drops_by_product: true, annotations: true };
}

/// What is asked of one customer's usage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageQuery {
    /// Native id.
    pub customer: String,
    /// One product alone, by key.
    pub product: Option<String>,
    /// Weeks back, 1 to 26.
    pub weeks: usize,
}

/// What is asked of a list of drops.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DropQuery {
    /// Native id.
    pub customer: Option<String>,
    /// One product alone, by key.
    pub product: Option<String>,
    /// Percent lost, 1 to 100.
    pub at_least: u32,
}

/// An annotation to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAnnotation {
    /// Native id.
    pub customer: String,
    /// The product it is about, by key.
    pub product: String,
    /// A day of the week it is about; the last whole week if absent.
    pub day: Option<Date>,
    /// What is noted.
    pub text: String,
}

/// A system that counts how much customers use what.
pub trait UsageMeter: Send + Sync {
    /// What it can do.
    fn able(&self) -> Able;

    /// The native id of the customer that `reference` (a native id or a URL of this very account) stands for; asks
    /// nobody.
    fn recognize(&self, reference: &str) -> Option<String>;

    /// Every product that is counted.
    fn products<'a>(&'a self, cx: &'a Cx) -> BoxFuture<'a, Result<Vec<Place>>>;

    /// One customer; `not_found` if there is none.
    fn customer<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Customer>>;

    /// Customers one of whose keys is `text`, then those whose name contains it; at most ten.
    fn customers<'a>(&'a self, cx: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Customer>>>;

    /// What a customer uses, by product; a product it does not use is no row.
    fn usage<'a>(&'a self, cx: &'a Cx, query: &'a UsageQuery) -> BoxFuture<'a, Result<Vec<ProductUsage>>>;

    /// Drops, the steepest first, then by id; `unsupported_filter` for a filter it cannot honor.
    fn drops<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a DropQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<UsageDrop>>>;

    /// Makes an annotation that bears the mark.
    fn annotate<'a>(
        &'a self,
        cx: &'a Cx,
        new: &'a NewAnnotation,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Annotation>>;

    /// The annotation that bears the mark: the external key if one is given, else the operation.
    fn find_marked<'a>(&'a self, cx: &'a Cx, mark: &'a Mark) -> BoxFuture<'a, Result<Option<Annotation>>>;
}
