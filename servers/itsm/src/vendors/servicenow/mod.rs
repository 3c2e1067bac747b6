#![doc = include_str!("README.md")]

mod alerts;
mod catalog;
mod changes;
mod choices;
mod held;
mod journal;
mod judge;
mod map;
mod moves;
mod oncall;
mod opening;
mod people;
mod query;
mod reference;
mod search;
mod settings;
#[cfg(feature = "sandbox")]
mod sim;
mod slas;
mod table;
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;
mod wire;

use std::sync::Arc;

use call::{BoxFuture, Cached, Cx};
use error::Result;
use outbound::{Kit, Profile, Settings, Vendor};
use tool::{Fetch, Mark, Person, Place, Rows};

use choices::Choices;
use settings::{Keys, Mapping};
use table::Tables;

use crate::desk::{
    Able, AlertQuery, ChangeQuery, Changed, Customer, Desk, Move, NewIncident, Noun, OnCallQuery, Query,
    ServiceDesk, SlaQuery, Transition,
};
use crate::model::{Alert, Audience, Change, Entry, Incident, OnCall, Remediation, Run, SlaClock, Update};
use crate::wakes::Wakes;

/// ServiceNow as the domain lists it.
pub const VENDOR: Vendor<Desk> = Vendor {
    name: "servicenow",
    connect,
    #[cfg(feature = "sandbox")]
    simulate: sim::simulate,
    #[cfg(feature = "sandbox")]
    demo: include_str!("demo.toml"),
};

/// What holds for every instance.
const PROFILE: Profile = Profile { request_id_headers: &["x-transaction-id"], ..Profile::new("servicenow") };

/// One ServiceNow instance.
pub(crate) struct ServiceNow {
    source: String,
    /// What a person opens, without a slash at the end.
    site: String,
    tables: Tables,
    keys: Keys,
    mapping: Arc<Mapping>,
    choices: Cached<Choices>,
    wakes: Wakes,
}

fn connect(settings: &Settings, kit: &Kit) -> Result<Arc<Desk>> {
    let mut settings = settings.clone();
    let (keys, mapping) = settings::read(&mut settings)?;
    let client = kit.client(&settings, PROFILE)?;
    let site = keys.site_url.as_ref().unwrap_or_else(|| client.base_url());
    Ok(Arc::new(ServiceNow {
        source: settings.name,
        site: site.as_str().trim_end_matches('/').to_owned(),
        tables: Tables(client),
        wakes: Wakes::new(keys.opens_per_hour),
        keys,
        mapping: Arc::new(mapping),
        choices: Cached::new(),
    }))
}

/// Whether this can be the key of a record: 32 hexadecimal digits.
fn is_sys_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

impl ServiceDesk for ServiceNow {
    fn able(&self) -> Able {
        Able {
            alerts: self.keys.event_management,
            on_call: self.keys.on_call_scheduling,
            remediations: !self.mapping.remediations.is_empty(),
            ..Able::ALL
        }
    }

    fn wakes(&self) -> &Wakes {
        &self.wakes
    }

    fn recognize(&self, noun: Noun, reference: &str) -> Option<String> {
        reference::recognize(self, noun, reference)
    }

    fn places<'a>(&'a self, cx: &'a Cx, noun: Noun, like: &'a str) -> BoxFuture<'a, Result<Vec<Place>>> {
        Box::pin(self.named_so(cx, noun, like))
    }

    fn people<'a>(&'a self, cx: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Person>>> {
        Box::pin(self.called(cx, text))
    }

    fn customers<'a>(&'a self, cx: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Customer>>> {
        Box::pin(self.companies(cx, text))
    }

    fn search<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a Query,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Incident>>> {
        Box::pin(self.find(cx, query, page))
    }

    fn get<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Incident>> {
        Box::pin(async move { Ok(self.held(cx, id).await?.incident) })
    }

    fn timeline<'a>(&'a self, cx: &'a Cx, id: &'a str, limit: u32) -> BoxFuture<'a, Result<Vec<Entry>>> {
        Box::pin(self.happened(cx, id, limit))
    }

    fn alerts<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a AlertQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Alert>>> {
        Box::pin(self.rang(cx, query, page))
    }

    fn alert<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Alert>> {
        Box::pin(self.one_alert(cx, id))
    }

    fn changes<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a ChangeQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Change>>> {
        Box::pin(self.changed(cx, query, page))
    }

    fn on_call<'a>(&'a self, cx: &'a Cx, query: &'a OnCallQuery) -> BoxFuture<'a, Result<Vec<OnCall>>> {
        Box::pin(self.on_duty(cx, query))
    }

    fn slas<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a SlaQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<SlaClock>>> {
        Box::pin(self.promised(cx, query, page))
    }

    fn remediations<'a>(&'a self, cx: &'a Cx, service: &'a str) -> BoxFuture<'a, Result<Vec<Remediation>>> {
        Box::pin(self.offered(cx, service))
    }

    fn find_opened<'a>(
        &'a self,
        cx: &'a Cx,
        _: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Incident>>> {
        Box::pin(self.found_opened(cx, mark))
    }

    fn open<'a>(
        &'a self,
        cx: &'a Cx,
        new: &'a NewIncident,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Incident>> {
        Box::pin(self.open_one(cx, new, mark))
    }

    fn post<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        text: &'a str,
        audience: Audience,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Update>> {
        Box::pin(self.said(cx, id, text, audience, mark))
    }

    fn find_posted<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Update>>> {
        Box::pin(self.found_posted(cx, id, mark))
    }

    fn moves<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Vec<Move>>> {
        Box::pin(self.ways(cx, id))
    }

    fn change<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        to: &'a Transition,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Changed>> {
        Box::pin(self.moved(cx, id, to, mark))
    }

    fn find_changed<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        to: &'a Transition,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Incident>>> {
        Box::pin(self.found_moved(cx, id, to, mark))
    }

    fn run<'a>(
        &'a self,
        cx: &'a Cx,
        remediation: &'a str,
        incident: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Run>> {
        Box::pin(self.started(cx, remediation, incident, mark))
    }

    fn find_run<'a>(
        &'a self,
        cx: &'a Cx,
        remediation: &'a str,
        incident: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Run>>> {
        Box::pin(self.found_run(cx, remediation, incident, mark))
    }
}
