//! The port: what a service desk must be able to do for the tools.
//!
//! Tools decide what is asked and how it is answered; vendors decide how the question is put to the vendor. Neither
//! names the other. Ids here are native.

mod query;

pub use query::{AlertQuery, ChangeQuery, OnCallQuery, Query, Signature, SlaQuery};

use call::{BoxFuture, Cx};
use content::Label;
use error::Result;
use tool::{Fetch, Mark, MatchedBy, Person, Place, Rows};

use crate::model::{
    Action, Alert, Audience, Change, Emptiable, Entry, Incident, OnCall, Remediation, Run, SlaClock, State,
    Update, Urgency,
};
use crate::wakes::Wakes;

/// The port's type, as tools name it.
pub type Desk = dyn ServiceDesk;

/// What a desk can do. What it cannot is said in the answer, never faked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "a table of abilities")]
pub struct Able {
    /// Finds incidents by words.
    pub text: bool,
    /// Finds incidents by priority.
    pub priority: bool,
    /// Finds incidents by customer.
    pub customer: bool,
    /// Finds incidents in which one of these is empty.
    pub empty: &'static [Emptiable],
    /// The states its incidents can be in.
    pub states: &'static [State],
    /// Counts matches.
    pub total: bool,
    /// Knows alerts.
    pub alerts: bool,
    /// Knows changes.
    pub changes: bool,
    /// Knows how risky a change is.
    pub change_risk: bool,
    /// Knows who is on call.
    pub on_call: bool,
    /// Keeps the clocks of promises.
    pub slas: bool,
    /// Offers remediations and runs them.
    pub remediations: bool,
    /// The urgencies an incident can be opened with.
    pub urgencies: &'static [Urgency],
    /// Posts updates that the customer reads.
    pub customer_updates: bool,
    /// What can be done with an incident's state, as far as its workflow allows.
    pub actions: &'static [Action],
    /// Assigns to a group, not only to a person.
    pub assign_group: bool,
    /// Records why and how an incident was resolved under a code.
    pub close_code: bool,
}

impl Able {
    /// Everything.
    pub const ALL: Self = Self {
        text: true,
        priority: true,
        customer: true,
        empty: &[Emptiable::Assignee, Emptiable::Group, Emptiable::Service, Emptiable::Priority],
        states: &[State::New, State::InProgress, State::OnHold, State::Resolved, State::Closed],
        total: true,
        alerts: true,
        changes: true,
        change_risk: true,
        on_call: true,
        slas: true,
        remediations: true,
        urgencies: &[Urgency::High, Urgency::Medium, Urgency::Low],
        customer_updates: true,
        actions: &[Action::Acknowledge, Action::Assign, Action::Escalate, Action::Resolve],
        assign_group: true,
        close_code: true,
    };
}

/// What a reference can be to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// An incident.
    Incident,
    /// An alert.
    Alert,
    /// A service or configuration item.
    Service,
    /// A group or team.
    Group,
    /// A remediation.
    Remediation,
}

/// A customer a desk knows.
#[derive(Clone, Debug)]
pub struct Customer {
    /// The desk's id of it.
    pub key: String,
    /// Its name.
    pub name: Label,
    /// What of it is what the caller said.
    pub matched_by: MatchedBy,
}

/// An incident to be.
#[derive(Clone, Debug)]
pub struct NewIncident {
    /// The service or configuration item, by key.
    pub service: String,
    /// One line.
    pub title: String,
    /// Plain text, evidence included.
    pub description: Option<String>,
    /// How soon somebody is disturbed.
    pub urgency: Urgency,
}

/// A change of an incident's state.
#[derive(Clone, Debug)]
pub struct Transition {
    /// What to do.
    pub action: Action,
    /// To this person, by the desk's id (assign).
    pub assignee: Option<String>,
    /// To this group, by key (assign).
    pub group: Option<String>,
    /// Under this code (resolve).
    pub close_code: Option<String>,
    /// What was done (resolve), or why.
    pub notes: Option<String>,
}

/// What can be done with an incident now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// What.
    pub action: Action,
    /// The codes to choose from (resolve); empty if none is needed.
    pub close_codes: Vec<String>,
    /// Whether notes are required.
    pub needs_notes: bool,
}

/// An incident before and after a change.
#[derive(Clone, Debug)]
pub struct Changed {
    /// As it was.
    pub before: Incident,
    /// As it is.
    pub after: Incident,
    /// The assigned person's id before, for undo.
    pub assignee_before: Option<String>,
}

/// A service desk.
pub trait ServiceDesk: Send + Sync {
    /// What it can do.
    fn able(&self) -> Able;

    /// How often people may be woken through it.
    fn wakes(&self) -> &Wakes;

    /// The native id that `reference` (a native id, a number or a URL of this very account) stands for; asks nobody.
    fn recognize(&self, noun: Noun, reference: &str) -> Option<String>;

    /// Services ([`Noun::Service`]) or groups ([`Noun::Group`]) whose name or key is or resembles `like`, at most 100;
    /// where a desk has few, all of them. With an empty `like`, the first 100 by name.
    fn places<'a>(&'a self, cx: &'a Cx, noun: Noun, like: &'a str) -> BoxFuture<'a, Result<Vec<Place>>>;

    /// People whose e-mail address, login, id or full name is `text`; at most ten.
    fn people<'a>(&'a self, cx: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Person>>>;

    /// Customers whose name, domain or mapped key is `text`; at most ten.
    fn customers<'a>(&'a self, cx: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Customer>>>;

    /// Incidents, newest first by `opened`, then by id. `unsupported_filter` for a filter it cannot honor.
    fn search<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a Query,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Incident>>>;

    /// One incident in full; `not_found` if there is none or the account may not see it.
    fn get<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Incident>>;

    /// The incident that people call by this number, whatever its state and age; none for a text that is no number, and
    /// where numbers are ids, which [`Self::recognize`] knows.
    fn numbered<'a>(&'a self, _: &'a Cx, _: &'a str) -> BoxFuture<'a, Result<Option<Incident>>> {
        Box::pin(async { Ok(None) })
    }

    /// The newest `limit` things that happened to an incident, newest first.
    fn timeline<'a>(&'a self, cx: &'a Cx, id: &'a str, limit: u32) -> BoxFuture<'a, Result<Vec<Entry>>>;

    /// Alerts, newest first by `raised`, then by id. A total of `at_least` says that not all could be asked for.
    fn alerts<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a AlertQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Alert>>>;

    /// One alert.
    fn alert<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Alert>>;

    /// Changes, newest first by `start`, then by id. `unsupported_filter` for a filter it cannot honor.
    fn changes<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a ChangeQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Change>>>;

    /// Who is on call, by group and level.
    fn on_call<'a>(&'a self, cx: &'a Cx, query: &'a OnCallQuery) -> BoxFuture<'a, Result<Vec<OnCall>>>;

    /// Clocks, the one due first first, then by id.
    fn slas<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a SlaQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<SlaClock>>>;

    /// The pre-approved actions of a service.
    fn remediations<'a>(&'a self, cx: &'a Cx, service: &'a str) -> BoxFuture<'a, Result<Vec<Remediation>>>;

    /// The incident that bears the dedup key (`mark.external_key`) and is open, or the one that the operation opened,
    /// open or not.
    fn find_opened<'a>(
        &'a self,
        cx: &'a Cx,
        service: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Incident>>>;

    /// Opens an incident that bears the mark.
    fn open<'a>(
        &'a self,
        cx: &'a Cx,
        new: &'a NewIncident,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Incident>>;

    /// Posts a text on an incident; it bears the mark. `unsupported` for an audience it has not.
    fn post<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        text: &'a str,
        audience: Audience,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Update>>;

    /// The update of an incident that bears the mark.
    fn find_posted<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Update>>>;

    /// What can be done with an incident now.
    fn moves<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Vec<Move>>>;

    /// Does it; what is written beside bears the mark.
    fn change<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        to: &'a Transition,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Changed>>;

    /// The incident, if the operation has changed it so. Where the desk keeps no mark on a change, it counts that the
    /// incident is as it should be. Notes that an earlier attempt did not come to write are written now.
    fn find_changed<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        to: &'a Transition,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Incident>>>;

    /// Starts a remediation of a service, for an incident; the run bears the mark where the desk keeps one.
    fn run<'a>(
        &'a self,
        cx: &'a Cx,
        remediation: &'a str,
        incident: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Run>>;

    /// The run that the operation started; where the desk keeps no mark, the newest run of the last ten minutes of this
    /// remediation for this incident.
    fn find_run<'a>(
        &'a self,
        cx: &'a Cx,
        remediation: &'a str,
        incident: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Run>>>;
}
