//! `list_documents_needing_review`.

use call::Cx;
use error::{Code, Error, Result};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{Listing, Meta, Page, Source, Sources, Tool, When};

use crate::library::{Criterion, Library, Review};
use crate::listing::{self, Local, Scope};
use crate::model::{Kind, ReviewItem};

/// Days without a change after which a draft counts as forgotten, unless the caller says.
const STALE_DRAFT_DAYS: i64 = 30;

/// Documents and pages that may be out of date, longest unchanged first, each with its reasons: no owner, review date
/// passed, forgotten draft, label missing. Without criteria: no owner, review date passed, drafts older than 30 days.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListDocumentsNeedingReview {
    /// Space or data source: key or name
    #[schemars(length(max = 200))]
    space: Option<String>,
    /// Only runbooks or policies
    kind: Option<Kind>,
    /// E-mail, full name, user id or `me`
    #[schemars(length(max = 200))]
    owner: Option<String>,
    /// This is missing
    where_empty: Option<Emptiable>,
    /// To be reviewed before this date
    review_before: Option<When>,
    #[schemars(range(min = 1, max = 3650))]
    draft_older_than_days: Option<u32>,
    #[schemars(length(min = 1, max = 100))]
    label_missing: Option<String>,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[schemars(length(max = 4096))]
    cursor: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

/// A field that may be empty, for compliance questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Emptiable {
    /// Nobody owns it.
    Owner,
    /// No label is set.
    Labels,
    /// No review date is set.
    ReviewDate,
}

impl Tool for ListDocumentsNeedingReview {
    type Port = Library;
    type Out = Page<ReviewItem>;
    const META: Meta =
        Meta::read("list_documents_needing_review", "List documents needing review", "docs:read");

    fn able(port: &Library) -> bool {
        port.able().review.any()
    }

    async fn run(mut self, cx: &Cx, sources: &Sources<Library>) -> Result<Page<ReviewItem>> {
        let cursor = self.cursor.take();
        let listing = Listing {
            query: format!("{self:?}"),
            limit: self.limit,
            cursor,
            source: self.source.clone(),
            only: None,
        };
        let begun = sources.begun(cx, &listing)?;
        let asked = self.criteria(begun)?;
        let scope = Scope { space: self.space, owner: self.owner, ids: Vec::new() };
        let kind = self.kind;
        listing::over(cx, sources, listing, scope, listing::longest_unchanged_first, |source, local, page| {
            let Local { space, owner, .. } = local;
            let criteria = of_source(&asked, source, begun);
            Box::pin(async move {
                let review = Review { space, kind, owner, any_of: criteria? };
                source.port.needing_review(cx, &review, page).await
            })
        })
        .await
    }
}

impl ListDocumentsNeedingReview {
    /// What the caller asks for; empty if they leave it to us.
    fn criteria(&self, now: Timestamp) -> Result<Vec<Criterion>> {
        let empty = self.where_empty.map(|field| match field {
            Emptiable::Owner => Criterion::NoOwner,
            Emptiable::Labels => Criterion::NoLabels,
            Emptiable::ReviewDate => Criterion::NoReviewDate,
        });
        let review = self.review_before.as_ref().map(|w| w.day(now, "review_before")).transpose()?;
        let draft = self.draft_older_than_days.map(|days| unchanged(now, i64::from(days)));
        let label = self.label_missing.clone().map(Criterion::Lacks);
        Ok([empty, review.map(Criterion::ReviewBefore), draft, label].into_iter().flatten().collect())
    }
}

/// What is asked of one source: what the caller asked for, all of it or not at all; or, left to us, what it can find.
fn of_source(asked: &[Criterion], source: &Source<Library>, now: Timestamp) -> Result<Vec<Criterion>> {
    let able = source.port.able().review;
    let finds = |criterion: &Criterion| able.finds(criterion.reason());
    if !asked.is_empty() {
        return match asked.iter().find(|c| !finds(c)) {
            Some(criterion) => {
                let message = format!("cannot look for documents by {}", criterion.reason());
                Err(Error::new(Code::UnsupportedFilter, message))
            }
            None => Ok(asked.to_vec()),
        };
    }
    let today = now.to_zoned(TimeZone::UTC).date();
    let usual = [Criterion::NoOwner, Criterion::ReviewBefore(today), unchanged(now, STALE_DRAFT_DAYS)];
    let found: Vec<Criterion> = usual.into_iter().filter(finds).collect();
    match found.is_empty() {
        true => Err(Error::new(Code::Unsupported, "cannot tell which documents need a review")),
        false => Ok(found),
    }
}

fn unchanged(now: Timestamp, days: i64) -> Criterion {
    Criterion::DraftSince(now - SignedDuration::from_hours(24 * days))
}
