//! The port: what a customer relationship system must be able to do for the tools.
//!
//! Tools decide what is asked and how it is answered; vendors decide how the question is put to the vendor. Neither
//! names the other. Ids here are native and tell what they name: `001Qy00000Ab1cdIAB`, `company/512`.

mod ask;

use call::{BoxFuture, Cx};
use error::Result;
use jiff::Timestamp;
use tool::{Fetch, Mark, Person, Rows};

pub use self::ask::{
    AccountQuery, ActivityQuery, BriefWant, Called, CaseQuery, Changed, NewActivity, NewFollowUp,
    OpportunityQuery, PipelineQuery, RenewalQuery, Share, Shares, Stage, StageChange,
};
use crate::model::{
    Account, AccountBrief, AccountGap, Activity, ActivityKind, CustomerCase, Noun, Opportunity,
    OpportunityGap, Renewal,
};

/// The port's type, as tools name it.
pub type Book = dyn AccountBook;

/// What a book can do. What it cannot is said in the answer, never faked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "a table of abilities")]
pub struct Able {
    /// Filters accounts by segment.
    pub segment: bool,
    /// Filters accounts by their next renewal.
    pub account_renewal: bool,
    /// Filters accounts by each of the fields that may be empty.
    pub account_empty: &'static [AccountGap],
    /// Filters opportunities by each of the fields that may be empty.
    pub opportunity_empty: &'static [OpportunityGap],
    /// Divides the pipeline by forecast category.
    pub forecast: bool,
    /// Lists activities of these kinds.
    pub activities: &'static [ActivityKind],
    /// Logs activities of these kinds.
    pub logs: &'static [ActivityKind],
    /// Knows the time of day of calls, mails and notes. Without it they begin with their day (UTC), and a window of
    /// time holds whole days of them.
    pub times: bool,
    /// Lists renewals.
    pub renewals: bool,
    /// Knows what a renewal is worth, and filters by it.
    pub renewal_value: bool,
    /// Filters cases by severity.
    pub severity: bool,
    /// Keeps why an opportunity was lost.
    pub lost_reason: bool,
    /// Counts matches.
    pub total: bool,
}

impl Able {
    /// Everything.
    pub const ALL: Self = Self {
        segment: true,
        account_renewal: true,
        account_empty: &[AccountGap::Owner, AccountGap::Domain, AccountGap::Segment],
        opportunity_empty: &[
            OpportunityGap::Owner,
            OpportunityGap::Amount,
            OpportunityGap::CloseDate,
            OpportunityGap::NextStep,
        ],
        forecast: true,
        activities: ActivityKind::ALL,
        logs: &[ActivityKind::Call, ActivityKind::Meeting, ActivityKind::Note],
        times: true,
        renewals: true,
        renewal_value: true,
        severity: true,
        lost_reason: true,
        total: true,
    };
}

/// A system that knows the customers.
pub trait AccountBook: Send + Sync {
    /// What it can do.
    fn able(&self) -> Able;

    /// The native id of one of the `nouns` that `reference` (a native id or a URL of this very account) stands for;
    /// asks nobody.
    fn recognize(&self, nouns: &[Noun], reference: &str) -> Option<String>;

    /// Records that people call `text`, exact ones first, then those whose name contains its words, which may be left
    /// out where there are exact ones; at most ten. An account answers to its name, domain and mapped keys, a contact to
    /// name and e-mail address, a case to number and subject. `ambiguous_reference` rather than one exact record where
    /// others that answer to it may not have been looked at.
    fn called<'a>(&'a self, cx: &'a Cx, noun: Noun, text: &'a str) -> BoxFuture<'a, Result<Vec<Called>>>;

    /// People of the company whose e-mail address, user id or full name is `text`; at most ten.
    fn people<'a>(&'a self, cx: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Person>>>;

    /// Accounts by name, case aside, then by id. Here and below: `unsupported_filter` for a filter it cannot honor.
    fn accounts<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a AccountQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Account>>>;

    /// One account, in full, with what surrounds it; `not_found` if there is none or the source's account may not see
    /// it. A section that cannot be had is said so in `unavailable` and spoils nothing.
    fn brief<'a>(
        &'a self,
        cx: &'a Cx,
        account: &'a str,
        want: &'a BriefWant,
    ) -> BoxFuture<'a, Result<AccountBrief>>;

    /// Open opportunities, soonest close first, those without a close date last, then by id.
    fn opportunities<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a OpportunityQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Opportunity>>>;

    /// One opportunity, open or not, in full.
    fn opportunity<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Opportunity>>;

    /// Opportunities of any standing that close in a period, added up per currency. `too_broad` beyond what the vendor
    /// can page through.
    fn pipeline<'a>(&'a self, cx: &'a Cx, query: &'a PipelineQuery) -> BoxFuture<'a, Result<Shares>>;

    /// Activities, newest first, then by id.
    fn activities<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a ActivityQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Activity>>>;

    /// Renewals to come, soonest first, then by id.
    fn renewals<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a RenewalQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Renewal>>>;

    /// Cases, newest opened first, then by id.
    fn cases<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a CaseQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<CustomerCase>>>;

    /// The stages an opportunity can go through, in their order, its own included.
    fn stages<'a>(&'a self, cx: &'a Cx, opportunity: &'a str) -> BoxFuture<'a, Result<Vec<Stage>>>;

    /// Moves an opportunity, unless it changed after `expected` (then `conflict`).
    fn change_stage<'a>(
        &'a self,
        cx: &'a Cx,
        opportunity: &'a str,
        change: &'a StageChange,
        expected: Option<Timestamp>,
    ) -> BoxFuture<'a, Result<Changed>>;

    /// Logs an activity that bears the mark.
    fn log_activity<'a>(
        &'a self,
        cx: &'a Cx,
        new: &'a NewActivity,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Activity>>;

    /// Creates a task that bears the mark.
    fn schedule<'a>(
        &'a self,
        cx: &'a Cx,
        new: &'a NewFollowUp,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Activity>>;

    /// The activity of this kind about this record that bears the mark: the external key if one is given, else the
    /// operation.
    fn find_marked<'a>(
        &'a self,
        cx: &'a Cx,
        kind: ActivityKind,
        about: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Activity>>>;
}
