//! What the port is asked and what it answers, as plain data.

use content::Label;
use jiff::{Timestamp, civil::Date};
use tool::{MatchedBy, Money, Totals};

use crate::model::{
    AccountGap, ActivityKind, CaseState, GroupBy, Opportunity, OpportunityGap, Section, Severity, Standing,
};

/// Which accounts. In this and the other queries all filters hold together, an empty query matches everything that the
/// source's account may see, and people are the vendor's user ids.
#[derive(Clone, Debug, Default)]
pub struct AccountQuery {
    /// These and no others (native ids); other filters still hold.
    pub ids: Vec<String>,
    /// With these words in the name, case aside.
    pub name: Option<String>,
    /// With this domain, lower case, without `www.`.
    pub domain: Option<String>,
    /// With a contact of this e-mail address.
    pub contact_email: Option<String>,
    /// This person is responsible.
    pub owner: Option<String>,
    /// In this segment, in the vendor's word for it, case aside.
    pub segment: Option<String>,
    /// With at least one open opportunity, or with none.
    pub has_open_opportunities: Option<bool>,
    /// With a renewal from today on and before this day.
    pub renewal_before: Option<Date>,
    /// With this field empty.
    pub where_empty: Option<AccountGap>,
    /// With description, industry and location.
    pub full: bool,
}

/// Which open opportunities.
#[derive(Clone, Debug, Default)]
pub struct OpportunityQuery {
    /// These and no others (native ids); other filters still hold.
    pub ids: Vec<String>,
    /// Of this account.
    pub account: Option<String>,
    /// This person is responsible.
    pub owner: Option<String>,
    /// In the stage of this name, case aside. A name that is no stage is `invalid_argument` with the ones there are.
    pub stage: Option<String>,
    /// Worth at least this, in this very currency.
    pub min_amount: Option<Money>,
    /// Expected to close before this day.
    pub close_before: Option<Date>,
    /// Without activity since; one that never had any counts from its creation.
    pub stale_since: Option<Timestamp>,
    /// With this field empty.
    pub where_empty: Option<OpportunityGap>,
    /// With description, next step, probability and forecast.
    pub full: bool,
}

/// Which part of the pipeline, and how it is divided.
#[derive(Clone, Copy, Debug)]
pub struct PipelineQuery {
    /// Closing on or after this day.
    pub from: Date,
    /// Closing before this day.
    pub before: Date,
    /// By what it is divided.
    pub group_by: GroupBy,
}

/// Which activities.
#[derive(Clone, Debug, Default)]
pub struct ActivityQuery {
    /// About this record (an account, contact, opportunity or case, by native id); about any if absent.
    pub about: Option<String>,
    /// Of these kinds; empty for all that the book lists.
    pub kinds: Vec<ActivityKind>,
    /// At or after.
    pub after: Option<Timestamp>,
    /// Before.
    pub before: Option<Timestamp>,
}

/// Which renewals. They are due on or after `from`.
#[derive(Clone, Debug, Default)]
pub struct RenewalQuery {
    /// Due on or after this day.
    pub from: Date,
    /// Due before this day.
    pub before: Option<Date>,
    /// Worth at least this, in this very currency.
    pub min_value: Option<Money>,
    /// This person is responsible.
    pub owner: Option<String>,
    /// Of this account.
    pub account: Option<String>,
}

/// Which cases.
#[derive(Clone, Debug, Default)]
pub struct CaseQuery {
    /// These and no others (native ids); other filters still hold.
    pub ids: Vec<String>,
    /// Of this account.
    pub account: Option<String>,
    /// This far.
    pub state: Option<CaseState>,
    /// Not closed, however far.
    pub unclosed: bool,
    /// This bad.
    pub severity: Option<Severity>,
    /// Opened before.
    pub opened_before: Option<Timestamp>,
    /// With description and the newest comments, at most [`CaseQuery::COMMENTS`] a case.
    pub full: bool,
}

impl CaseQuery {
    /// Comments of a case that are read with `full`, at most.
    pub const COMMENTS: usize = 5;
}

/// What a brief is to hold.
#[derive(Clone, Debug)]
pub struct BriefWant {
    /// Its sections; the profile is always there.
    pub sections: Vec<Section>,
    /// Activity at or after.
    pub since: Timestamp,
    /// Records per section, at most.
    pub rows: u32,
}

/// A record that answers to a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// Its native id.
    pub id: String,
    /// What a person would call it.
    pub label: String,
    /// Where a person can look at it.
    pub url: String,
    /// By what it answers to the very text asked for, case aside ([`MatchedBy::Id`] for an e-mail address or a case
    /// number); `None` if it only resembles it.
    pub matched: Option<MatchedBy>,
}

/// Some opportunities of the pipeline, added up.
#[derive(Clone, Debug)]
pub struct Share {
    /// How they stand.
    pub standing: Standing,
    /// The stage, person or forecast category, as people call it.
    pub group: Option<String>,
    /// How many.
    pub count: u64,
    /// What they are worth.
    pub totals: Totals,
}

/// The pipeline of one source.
#[derive(Clone, Debug)]
pub struct Shares {
    /// Its parts.
    pub shares: Vec<Share>,
    /// Whether all opportunities of the period were counted; at most 2,000 need be.
    pub complete: bool,
    /// When the vendor was asked.
    pub as_of: Timestamp,
}

/// A stage an opportunity can be in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The vendor's id of it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How an opportunity in it stands.
    pub standing: Standing,
    /// Percent that the vendor sets as an opportunity's probability whenever it comes into it, whatever people had set;
    /// `None` where it sets none.
    pub probability: Option<u8>,
    /// The forecast category that it sets the same way.
    pub forecast: Option<Label>,
}

/// Where an opportunity goes.
#[derive(Clone, Debug)]
pub struct StageChange {
    /// The stage, one of those [`AccountBook::stages`] gave.
    pub stage: Stage,
    /// A new amount.
    pub amount: Option<Money>,
    /// Why it was lost.
    pub lost_reason: Option<String>,
}

impl StageChange {
    /// The opportunity as the change makes it, as far as the change tells.
    #[must_use]
    pub fn applied(&self, before: &Opportunity) -> Opportunity {
        let reason = self.lost_reason.as_ref().or(before.whole_reason.as_ref());
        Opportunity {
            stage: Label::new(&self.stage.name),
            standing: self.stage.standing,
            amount: self.amount.or(before.amount),
            probability: self.stage.probability.or(before.probability),
            forecast: self.stage.forecast.clone().or_else(|| before.forecast.clone()),
            lost_reason: reason.map(|reason| Label::new(reason)),
            whole_reason: reason.cloned(),
            ..before.clone()
        }
    }
}

/// An opportunity before and after a change.
#[derive(Clone, Debug)]
pub struct Changed {
    /// As it was.
    pub before: Opportunity,
    /// As it is.
    pub after: Opportunity,
}

/// Something that was done with a customer.
#[derive(Clone, Debug)]
pub struct NewActivity {
    /// The account, contact, opportunity or case, by native id.
    pub about: String,
    /// Call, meeting or note.
    pub kind: ActivityKind,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: Option<String>,
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub minutes: Option<u32>,
}

/// Something that is to be done with a customer.
#[derive(Clone, Debug)]
pub struct NewFollowUp {
    /// The account, contact, opportunity or case, by native id.
    pub about: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: Option<String>,
    /// When it is due.
    pub due: Date,
    /// Who has to do it; the vendor's default if absent.
    pub owner: Option<String>,
}
