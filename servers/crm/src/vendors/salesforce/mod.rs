#![doc = include_str!("README.md")]

mod accounts;
mod activities;
mod brief;
mod cases;
mod connection;
mod ids;
mod judge;
mod log;
mod map;
mod mark;
mod names;
mod opportunities;
mod org;
mod settings;
mod severity;
#[cfg(feature = "sandbox")]
mod sim;
mod soql;
mod stage;
mod wire;

use std::sync::Arc;

use call::{BoxFuture, Cached, Cx};
use error::Result;
use jiff::Timestamp;
use outbound::{Kit, Profile, Settings, Vendor};
use tool::{Fetch, Mark, Person, Rows};
use url::Url;

use connection::Connection;
use org::Org;
use settings::{Configured, RenewalsIn};

use crate::book::{
    Able, AccountBook, AccountQuery, ActivityQuery, Book, BriefWant, Called, CaseQuery, Changed, NewActivity,
    NewFollowUp, OpportunityQuery, PipelineQuery, RenewalQuery, Shares, Stage, StageChange,
};
use crate::model::{
    Account, AccountBrief, AccountGap, Activity, ActivityKind, CustomerCase, Noun, Opportunity,
    OpportunityGap, Renewal,
};

/// Salesforce Sales Cloud and Service Cloud.
pub const VENDOR: Vendor<Book> = Vendor {
    name: "salesforce",
    connect,
    #[cfg(feature = "sandbox")]
    simulate: sim::simulator,
    #[cfg(feature = "sandbox")]
    demo: include_str!("demo.toml"),
};

/// What Salesforce's documents say of every org.
const PROFILE: Profile = Profile {
    quota: judge::quota,
    request_id_headers: &["x-request-id", "x-sfdc-request-id"],
    trusted_suffixes: &["my.salesforce.com", "my.salesforce.mil", "my.sfcrmproducts.cn"],
    ..Profile::new("salesforce")
};

/// One Salesforce account.
pub(crate) struct Salesforce {
    source: String,
    configured: Configured,
    connection: Connection,
    set_up: Cached<Org>,
    /// Where the API is, and what a person opens.
    hosts: Vec<String>,
}

fn connect(settings: &Settings, kit: &Kit) -> Result<Arc<Book>> {
    let configured = settings::read(settings)?;
    let settings = settings::completed(settings.clone());
    let client = kit.client(&settings, PROFILE)?;
    let base = client.base_url().origin().ascii_serialization();
    // The pages behind `my.salesforce.com/<id>` have addresses of their own.
    let lightning = |own: &str| own.replace(".my.salesforce.com", ".lightning.force.com");
    let hosts = vec![lightning(&base), lightning(&configured.site), base, configured.site.clone()];
    let connection = Connection::new(client, configured.version.clone(), configured.count);
    Ok(Arc::new(Salesforce { source: settings.name, hosts, configured, connection, set_up: Cached::new() }))
}

impl Salesforce {
    async fn org(&self, cx: &Cx) -> Result<Arc<Org>> {
        org::org(&self.set_up, cx, &self.connection).await
    }

    /// The id in a URL of this org: `/001...`, or `/lightning/r/Account/001.../view` where that leads.
    fn id_in(&self, reference: &str) -> Option<String> {
        let reference = reference.trim();
        if !reference.contains("://") {
            return ids::id(reference);
        }
        let url = Url::parse(reference).ok()?;
        let origin = url.origin().ascii_serialization();
        if !self.hosts.iter().any(|own| own.eq_ignore_ascii_case(&origin)) {
            return None;
        }
        let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            ["lightning", "r", _, id, ..] | [id] => ids::id(id),
            _ => None,
        }
    }
}

impl AccountBook for Salesforce {
    fn able(&self) -> Able {
        let own = &self.configured;
        let contracts = own.renewals.as_ref().is_some_and(|kept| kept.kept_in == RenewalsIn::Contract);
        Able {
            segment: own.segment.is_some(),
            account_renewal: own.renewals.is_some(),
            account_empty: match (own.nobody.is_empty(), own.segment.is_some()) {
                (false, true) => &[AccountGap::Owner, AccountGap::Domain, AccountGap::Segment],
                (false, false) => &[AccountGap::Owner, AccountGap::Domain],
                (true, true) => &[AccountGap::Domain, AccountGap::Segment],
                (true, false) => &[AccountGap::Domain],
            },
            opportunity_empty: match own.nobody.is_empty() {
                true => &[OpportunityGap::Amount, OpportunityGap::CloseDate, OpportunityGap::NextStep],
                false => Able::ALL.opportunity_empty,
            },
            times: false,
            renewals: own.renewals.is_some(),
            renewal_value: own.renewals.as_ref().is_some_and(|kept| !contracts || kept.value.is_some()),
            lost_reason: own.lost_reason.is_some(),
            total: own.count,
            ..Able::ALL
        }
    }

    fn recognize(&self, nouns: &[Noun], reference: &str) -> Option<String> {
        self.id_in(reference).and_then(|id| ids::of_nouns(nouns, &id))
    }

    fn called<'a>(&'a self, cx: &'a Cx, noun: Noun, text: &'a str) -> BoxFuture<'a, Result<Vec<Called>>> {
        Box::pin(self.all_called(cx, noun, text))
    }

    fn people<'a>(&'a self, cx: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Person>>> {
        Box::pin(self.all_people(cx, text))
    }

    fn accounts<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a AccountQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Account>>> {
        Box::pin(self.found_accounts(cx, query, page))
    }

    fn brief<'a>(
        &'a self,
        cx: &'a Cx,
        account: &'a str,
        want: &'a BriefWant,
    ) -> BoxFuture<'a, Result<AccountBrief>> {
        Box::pin(self.briefed(cx, account, want))
    }

    fn opportunities<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a OpportunityQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Opportunity>>> {
        Box::pin(self.found_opportunities(cx, query, page))
    }

    fn opportunity<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Opportunity>> {
        Box::pin(self.one_opportunity(cx, id))
    }

    fn pipeline<'a>(&'a self, cx: &'a Cx, query: &'a PipelineQuery) -> BoxFuture<'a, Result<Shares>> {
        Box::pin(self.summed(cx, query))
    }

    fn activities<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a ActivityQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Activity>>> {
        Box::pin(self.found_activities(cx, query, page))
    }

    fn renewals<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a RenewalQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Renewal>>> {
        Box::pin(self.found_renewals(cx, query, page))
    }

    fn cases<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a CaseQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<CustomerCase>>> {
        Box::pin(self.found_cases(cx, query, page))
    }

    fn stages<'a>(&'a self, cx: &'a Cx, opportunity: &'a str) -> BoxFuture<'a, Result<Vec<Stage>>> {
        Box::pin(self.ways(cx, opportunity))
    }

    fn change_stage<'a>(
        &'a self,
        cx: &'a Cx,
        opportunity: &'a str,
        change: &'a StageChange,
        expected: Option<Timestamp>,
    ) -> BoxFuture<'a, Result<Changed>> {
        Box::pin(self.moved(cx, opportunity, change, expected))
    }

    fn log_activity<'a>(
        &'a self,
        cx: &'a Cx,
        new: &'a NewActivity,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Activity>> {
        Box::pin(self.logged(cx, new, mark))
    }

    fn schedule<'a>(
        &'a self,
        cx: &'a Cx,
        new: &'a NewFollowUp,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Activity>> {
        Box::pin(self.scheduled(cx, new, mark))
    }

    fn find_marked<'a>(
        &'a self,
        cx: &'a Cx,
        kind: ActivityKind,
        about: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Activity>>> {
        Box::pin(self.bearing(cx, kind, about, mark))
    }
}

#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;
