#![doc = include_str!("README.md")]

mod account;
mod alerts;
mod automation;
mod change;
mod changes;
mod incident;
mod judge;
mod on_call;
mod places;
mod query;
mod search;
mod settings;
#[cfg(feature = "sandbox")]
mod sim;
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;
mod wire;

use std::sync::Arc;

use call::{BoxFuture, Cx};
use error::{Code, Error, Result};
use outbound::{Kit, Profile, Settings, Vendor};
use tool::{Fetch, Mark, Person, Place, Rows};

use self::account::Account;
use self::settings::{Keys, Meanings};
use crate::desk::{
    Able, AlertQuery, ChangeQuery, Changed, Customer, Desk, Move, NewIncident, Noun, OnCallQuery, Query,
    ServiceDesk, SlaQuery, Transition,
};
use crate::model::{
    Alert, Audience, Change, Entry, Incident, OnCall, Remediation, Run, SlaClock, State, Update, Urgency,
};
use crate::wakes::Wakes;

/// PagerDuty as the domain lists it.
pub const VENDOR: Vendor<Desk> = Vendor {
    name: "pagerduty",
    connect,
    #[cfg(feature = "sandbox")]
    simulate: sim::simulate,
    #[cfg(feature = "sandbox")]
    demo: include_str!("demo.toml"),
};

/// What holds for all of PagerDuty.
const PROFILE: Profile = Profile {
    default_base_url: Some("https://api.pagerduty.com"),
    default_token_url: Some("https://identity.pagerduty.com/oauth/token"),
    quota: judge::quota,
    ..Profile::new("pagerduty")
};

struct PagerDuty(Account);

fn connect(settings: &Settings, kit: &Kit) -> Result<Arc<Desk>> {
    let keys = Keys::read(settings)?;
    let meanings: Meanings = settings.mapping()?;
    let mut settings = settings.clone();
    settings.base_url = settings.base_url.or_else(|| keys.region.base_url());
    let client = kit.client(&settings, PROFILE)?;
    let wakes = keys.wakes();
    Ok(Arc::new(PagerDuty(Account { client, keys, meanings, wakes })))
}

/// What an account can do.
fn able(account: &Account) -> Able {
    Able {
        text: false,
        priority: false,
        customer: false,
        empty: &[],
        states: &[State::New, State::InProgress, State::Resolved],
        total: false,
        change_risk: false,
        slas: false,
        remediations: account.keys.automation_actions,
        urgencies: &[Urgency::High, Urgency::Low],
        customer_updates: false,
        assign_group: false,
        close_code: false,
        ..Able::ALL
    }
}

fn cannot<'a, T: Send + 'a>(what: &'static str) -> BoxFuture<'a, Result<T>> {
    Box::pin(async move { Err(Error::new(Code::Unsupported, what)) })
}

impl ServiceDesk for PagerDuty {
    fn able(&self) -> Able {
        able(&self.0)
    }

    fn wakes(&self) -> &Wakes {
        &self.0.wakes
    }

    fn recognize(&self, noun: Noun, reference: &str) -> Option<String> {
        self.0.recognize(noun, reference)
    }

    fn places<'a>(&'a self, cx: &'a Cx, noun: Noun, like: &'a str) -> BoxFuture<'a, Result<Vec<Place>>> {
        Box::pin(places::places(&self.0, cx, noun, like))
    }

    fn people<'a>(&'a self, cx: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Person>>> {
        Box::pin(places::people(&self.0, cx, text))
    }

    fn customers<'a>(&'a self, _: &'a Cx, _: &'a str) -> BoxFuture<'a, Result<Vec<Customer>>> {
        cannot("PagerDuty knows no customers")
    }

    fn search<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a Query,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Incident>>> {
        Box::pin(search::search(&self.0, cx, query, page))
    }

    fn get<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Incident>> {
        Box::pin(incident::get(&self.0, cx, id, true))
    }

    fn numbered<'a>(&'a self, cx: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Option<Incident>>> {
        Box::pin(incident::numbered(&self.0, cx, text))
    }

    fn timeline<'a>(&'a self, cx: &'a Cx, id: &'a str, limit: u32) -> BoxFuture<'a, Result<Vec<Entry>>> {
        Box::pin(incident::timeline(&self.0, cx, id, limit))
    }

    fn alerts<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a AlertQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Alert>>> {
        Box::pin(alerts::alerts(&self.0, cx, query, page))
    }

    fn alert<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Alert>> {
        Box::pin(alerts::alert(&self.0, cx, id))
    }

    fn changes<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a ChangeQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Change>>> {
        Box::pin(changes::changes(&self.0, cx, query, page))
    }

    fn on_call<'a>(&'a self, cx: &'a Cx, query: &'a OnCallQuery) -> BoxFuture<'a, Result<Vec<OnCall>>> {
        Box::pin(on_call::on_call(&self.0, cx, query))
    }

    fn slas<'a>(&'a self, _: &'a Cx, _: &'a SlaQuery, _: Fetch) -> BoxFuture<'a, Result<Rows<SlaClock>>> {
        cannot("PagerDuty keeps no clocks of promises")
    }

    fn remediations<'a>(&'a self, cx: &'a Cx, service: &'a str) -> BoxFuture<'a, Result<Vec<Remediation>>> {
        match self.0.keys.automation_actions {
            true => Box::pin(automation::remediations(&self.0, cx, service)),
            false => cannot("this source has no automation actions"),
        }
    }

    fn find_opened<'a>(
        &'a self,
        cx: &'a Cx,
        service: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Incident>>> {
        Box::pin(incident::find_opened(&self.0, cx, service, mark))
    }

    fn open<'a>(
        &'a self,
        cx: &'a Cx,
        new: &'a NewIncident,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Incident>> {
        Box::pin(incident::open(&self.0, cx, new, mark))
    }

    fn post<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        text: &'a str,
        audience: Audience,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Update>> {
        Box::pin(incident::post(&self.0, cx, id, text, audience, mark))
    }

    fn find_posted<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Update>>> {
        Box::pin(incident::find_posted(&self.0, cx, id, mark))
    }

    fn moves<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Vec<Move>>> {
        Box::pin(change::moves(&self.0, cx, id))
    }

    fn change<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        to: &'a Transition,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Changed>> {
        Box::pin(change::change(&self.0, cx, id, to, mark))
    }

    fn find_changed<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        to: &'a Transition,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Incident>>> {
        Box::pin(change::find_changed(&self.0, cx, id, to, mark))
    }

    fn run<'a>(
        &'a self,
        cx: &'a Cx,
        remediation: &'a str,
        incident: &'a str,
        _: &'a Mark,
    ) -> BoxFuture<'a, Result<Run>> {
        Box::pin(automation::run(&self.0, cx, remediation, incident))
    }

    fn find_run<'a>(
        &'a self,
        cx: &'a Cx,
        remediation: &'a str,
        incident: &'a str,
        _: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Run>>> {
        Box::pin(automation::find_run(&self.0, cx, remediation, incident))
    }
}
