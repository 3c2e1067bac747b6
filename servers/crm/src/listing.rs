//! What the listing tools share: which sources are asked, and the order of each list.

use std::cmp::Reverse;

use call::Cx;
use content::Label;
use error::Result;
use tool::{Day, Listing, Moment, RecordId, Sources};

use crate::book::Book;
use crate::model::{Account, Activity, CustomerCase, Noun, Opportunity, Renewal};
use crate::reference;

/// The records that `texts` refer to; narrows the list to their sources.
pub(crate) async fn ids(
    cx: &Cx,
    sources: &Sources<Book>,
    listing: &mut Listing,
    nouns: &'static [Noun],
    texts: Option<Vec<String>>,
) -> Result<Vec<RecordId>> {
    let Some(texts) = texts else { return Ok(Vec::new()) };
    let what = nouns.first().map_or("record", |noun| noun.word());
    let meant = texts.iter().map(|text| reference::record(cx, sources, what, nouns, text));
    let ids: Vec<RecordId> =
        futures::future::try_join_all(meant).await?.iter().map(reference::Meant::id).collect();
    listing.narrow(ids.iter().map(|id| id.source().to_owned()));
    Ok(ids)
}

/// The native ids of one source.
pub(crate) fn natives(ids: &[RecordId], source: &str) -> Vec<String> {
    ids.iter().filter(|id| id.source() == source).map(|id| id.native().to_owned()).collect()
}

/// Accounts by name, case aside.
pub(crate) fn by_name(account: &Account) -> (String, &RecordId) {
    (account.name.as_str().to_lowercase(), &account.id)
}

/// Opportunities, soonest close first, those without a close date last.
pub(crate) fn soonest_close(opportunity: &Opportunity) -> ((bool, Option<Day>), &RecordId) {
    ((opportunity.close.is_none(), opportunity.close), &opportunity.id)
}

/// Activities, newest first.
pub(crate) fn newest(activity: &Activity) -> (Reverse<Moment>, &RecordId) {
    (Reverse(activity.at), &activity.id)
}

/// Renewals, soonest first.
pub(crate) fn soonest_due(renewal: &Renewal) -> (Day, &RecordId) {
    (renewal.due, &renewal.id)
}

/// Cases, newest opened first.
pub(crate) fn newest_opened(case: &CustomerCase) -> (Reverse<Moment>, &RecordId) {
    (Reverse(case.opened), &case.id)
}

/// What a record is called, by an activity that is about it.
pub(crate) fn label(about: &[crate::model::Linked], id: &RecordId) -> Label {
    let name =
        about.iter().find(|linked| linked.id.as_ref() == Some(id)).and_then(|linked| linked.name.clone());
    name.unwrap_or_else(|| Label::new(id.native()))
}
