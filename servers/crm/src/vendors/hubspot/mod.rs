#![doc = include_str!("README.md")]

mod activities;
mod api;
mod brief;
mod called;
mod cases;
mod html;
mod hub;
mod judge;
mod lists;
mod map;
mod mark;
mod pipeline;
mod query;
mod relations;
mod settings;
#[cfg(feature = "sandbox")]
mod sim;
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;
mod wire;
mod writes;

use std::sync::Arc;

use call::{BoxFuture, Cx};
use error::{Code, Error, Result};
use jiff::Timestamp;
use outbound::{Kit, Profile, Settings, Vendor};
use tool::{Fetch, Mark, Person, Rows};

use self::api::Object;
use self::hub::Hub;
use crate::book::{
    Able, AccountBook, AccountQuery, ActivityQuery, Book, BriefWant, Called, CaseQuery, Changed, NewActivity,
    NewFollowUp, OpportunityQuery, PipelineQuery, RenewalQuery, Shares, Stage, StageChange,
};
use crate::model::{
    Account, AccountBrief, AccountGap, Activity, ActivityKind, CustomerCase, Noun, Opportunity, Renewal,
};

/// HubSpot as the domain lists it.
pub const VENDOR: Vendor<Book> = Vendor {
    name: "hubspot",
    connect,
    #[cfg(feature = "sandbox")]
    simulate: sim::simulator,
    #[cfg(feature = "sandbox")]
    demo: include_str!("demo.toml"),
};

/// What holds for all of HubSpot; data hosted in Europe has the same address.
const PROFILE: Profile = Profile {
    default_base_url: Some("https://api.hubapi.com"),
    quota: judge::quota,
    request_id_headers: &["x-hubspot-correlation-id"],
    ..Profile::new("hubspot")
};

/// Filters by empty fields where a segment is mapped, and where none is.
const GAPS: &[AccountGap] = &[AccountGap::Owner, AccountGap::Domain, AccountGap::Segment];
const GAPS_UNMAPPED: &[AccountGap] = &[AccountGap::Owner, AccountGap::Domain];

/// A HubSpot account.
struct HubSpot {
    hub: Arc<Hub>,
}

fn connect(settings: &Settings, kit: &Kit) -> Result<Arc<Book>> {
    let (api, keys, mapping) = settings::read(settings)?;
    let client = kit.client(settings, PROFILE)?;
    Ok(Arc::new(HubSpot { hub: Arc::new(Hub::new(client, api, mapping, keys.portal_id)) }))
}

/// Our native id of a record: HubSpot counts each kind by itself.
fn native(object: Object, id: &str) -> String {
    format!("{}/{id}", object.singular())
}

/// Kind and number of a native id: `deal/17990812233`. Errors: `not_found`, for nothing can be called otherwise.
fn parsed(native: &str) -> Result<(Object, &str)> {
    let record = native
        .split_once('/')
        .and_then(|(kind, id)| Some((RECORDS.into_iter().find(|o| o.singular() == kind)?, id)));
    record.filter(|(_, id)| is_number(id)).ok_or_else(|| {
        Error::new(Code::NotFound, "no such record: HubSpot's ids look like company/512 or deal/77")
    })
}

/// The kinds of records that activities are about.
const RECORDS: [Object; 4] = [Object::Company, Object::Contact, Object::Deal, Object::Ticket];

/// The number of a native id of this very kind.
fn id_of(object: Object, native: &str) -> Result<&str> {
    let id = native.strip_prefix(object.singular()).and_then(|rest| rest.strip_prefix('/'));
    id.filter(|id| is_number(id)).ok_or_else(|| missing(object, native))
}

fn is_number(id: &str) -> bool {
    !id.is_empty() && id.len() <= 20 && id.bytes().all(|b| b.is_ascii_digit())
}

fn missing(object: Object, id: &str) -> Error {
    let id = content::Label::new(content::cut(id, 40));
    Error::new(
        Code::NotFound,
        format!("HubSpot has no {} {id}, or this account may not see it", object.singular()),
    )
}

/// Kind and number that a HubSpot URL of this account names: `https://app.hubspot.com/contacts/62515/record/0-3/77`,
/// and the older `.../contacts/62515/deal/77`.
fn from_url(url: &str, portal: Option<u64>) -> Option<(Object, &str)> {
    let rest = url.strip_prefix("https://")?;
    let (host, path) = rest.split_once('/')?;
    let is_hubspot = host.ends_with(".hubspot.com") && host.starts_with("app");
    let path = path.split(['?', '#']).next().unwrap_or(path).trim_end_matches('/');
    let mut parts = path.split('/');
    let (contacts, account) = (parts.next()?, parts.next()?);
    let (kind, id) = match (parts.next()?, parts.next()?, parts.next()) {
        ("record", kind, Some(id)) => (kind, id),
        (kind, id, None) => (kind, id),
        _ => return None,
    };
    let object = RECORDS.into_iter().find(|o| o.type_id() == kind || o.singular() == kind)?;
    let ours = portal.is_some_and(|portal| portal.to_string() == account);
    (is_hubspot && contacts == "contacts" && ours && is_number(id)).then_some((object, id))
}

impl AccountBook for HubSpot {
    fn able(&self) -> Able {
        let mapping = &self.hub.mapping;
        let renewals = mapping.renewal_pipeline.is_some();
        Able {
            segment: mapping.segment.is_some(),
            account_renewal: mapping.renewal_date.is_some(),
            account_empty: if mapping.segment.is_some() { GAPS } else { GAPS_UNMAPPED },
            renewals,
            renewal_value: renewals,
            ..Able::ALL
        }
    }

    fn recognize(&self, nouns: &[Noun], reference: &str) -> Option<String> {
        let wanted = |object: &Object| nouns.iter().any(|noun| Object::of_noun(*noun) == *object);
        let (object, id) = match reference.contains("://") {
            true => from_url(reference, self.hub.portal_id())?,
            false => parsed(reference).ok()?,
        };
        wanted(&object).then(|| native(object, id))
    }

    fn called<'a>(&'a self, cx: &'a Cx, noun: Noun, text: &'a str) -> BoxFuture<'a, Result<Vec<Called>>> {
        Box::pin(self.records_called(cx, noun, text))
    }

    fn people<'a>(&'a self, cx: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Person>>> {
        Box::pin(self.people_called(cx, text))
    }

    fn accounts<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a AccountQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Account>>> {
        Box::pin(async move { self.find_accounts(cx, query, &page).await })
    }

    fn brief<'a>(
        &'a self,
        cx: &'a Cx,
        account: &'a str,
        want: &'a BriefWant,
    ) -> BoxFuture<'a, Result<AccountBrief>> {
        Box::pin(self.brief_on(cx, account, want))
    }

    fn opportunities<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a OpportunityQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Opportunity>>> {
        Box::pin(async move { self.find_opportunities(cx, query, &page).await })
    }

    fn opportunity<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Opportunity>> {
        Box::pin(self.deal(cx, id))
    }

    fn pipeline<'a>(&'a self, cx: &'a Cx, query: &'a PipelineQuery) -> BoxFuture<'a, Result<Shares>> {
        Box::pin(self.shares(cx, query))
    }

    fn activities<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a ActivityQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Activity>>> {
        Box::pin(async move { self.find_activities(cx, query, &page).await })
    }

    fn renewals<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a RenewalQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Renewal>>> {
        Box::pin(async move { self.find_renewals(cx, query, &page).await })
    }

    fn cases<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a CaseQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<CustomerCase>>> {
        Box::pin(async move { self.find_cases(cx, query, &page).await })
    }

    fn stages<'a>(&'a self, cx: &'a Cx, opportunity: &'a str) -> BoxFuture<'a, Result<Vec<Stage>>> {
        Box::pin(self.stages_of(cx, opportunity))
    }

    fn change_stage<'a>(
        &'a self,
        cx: &'a Cx,
        opportunity: &'a str,
        change: &'a StageChange,
        expected: Option<Timestamp>,
    ) -> BoxFuture<'a, Result<Changed>> {
        Box::pin(self.move_deal(cx, opportunity, change, expected))
    }

    fn log_activity<'a>(
        &'a self,
        cx: &'a Cx,
        new: &'a NewActivity,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Activity>> {
        Box::pin(self.log(cx, new, mark))
    }

    fn schedule<'a>(
        &'a self,
        cx: &'a Cx,
        new: &'a NewFollowUp,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Activity>> {
        Box::pin(self.task(cx, new, mark))
    }

    fn find_marked<'a>(
        &'a self,
        cx: &'a Cx,
        kind: ActivityKind,
        about: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Activity>>> {
        Box::pin(self.marked(cx, kind, about, mark))
    }
}
