//! Who is on call, where On-Call Scheduling is active (ServiceNow, "On-Call Scheduling API").

use std::collections::BTreeMap;

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use jiff::SignedDuration;
use outbound::Request;

use super::ServiceNow;
use super::people::USERS;
use super::query::{Encoded, Term};
use super::wire::{Answered, OnDuty, Row};
use crate::desk::OnCallQuery;
use crate::model::{Named, OnCall};

const WHO_IS: &str = "/api/now/on_call_rota/whoisoncall";
const ROTAS: &str = "/api/now/table/cmn_rota";

/// Rotas and people at most.
const MOST: u32 = 100;

/// A rota: its name, and its group with its name.
type Rota = (String, Named);

impl ServiceNow {
    pub(super) async fn on_duty(&self, cx: &Cx, query: &OnCallQuery) -> Result<Vec<OnCall>> {
        if !self.keys.on_call_scheduling {
            let message = "this desk does not tell who is on call: On-Call Scheduling is not configured";
            return Err(Error::new(Code::Unsupported, message));
        }
        let group = match (&query.group, &query.service) {
            (Some(group), _) => Some(group.clone()),
            (None, Some(service)) => match self.component(cx, service, "support_group", str::to_owned).await?
            {
                // Nobody supports it.
                group if group.is_empty() => return Ok(Vec::new()),
                group => Some(group),
            },
            (None, None) => None,
        };
        let rotas = self.rotas(cx, group.as_deref()).await?;
        if rotas.is_empty() {
            return Ok(Vec::new());
        }
        let ids = rotas.keys().map(String::as_str).collect::<Vec<_>>().join(",");
        let mut request = Request::get(WHO_IS, &[]).query("rota_ids", ids);
        // The present needs no time, and time zones nobody agrees on.
        if query.at.duration_since(cx.now()).abs() > SignedDuration::from_mins(1) {
            request = request.query("date_time", query.at.strftime("%Y-%m-%d %H:%M:%S"));
        }
        let reply = self.tables.send(cx, request).await?;
        let turns: Vec<OnDuty<'_>> = reply.json::<Answered<_>>()?.result;
        let users: Vec<String> =
            turns.iter().filter_map(|turn| turn.user.as_ref()).map(|id| id.0.to_string()).collect();
        let people = self.users(cx, users).await?;
        let mut on_call: Vec<OnCall> = turns.iter().filter_map(|turn| shown(turn, &rotas, &people)).collect();
        on_call.sort_by(|a, b| {
            (&a.group.name, &a.schedule, a.level).cmp(&(&b.group.name, &b.schedule, b.level))
        });
        Ok(on_call)
    }

    /// The rotas of a group, or of all, by `sys_id`.
    async fn rotas(&self, cx: &Cx, group: Option<&str>) -> Result<BTreeMap<String, Rota>> {
        let query = Encoded::new()
            .and(Term::Is("active", "true".into()))
            .and_some(group.map(|group| Term::Is("group", group.to_owned())))
            .oldest_first("name");
        let read = |row: &Row<'_>| {
            let of_group = self.named(row, "group");
            let wanted = of_group.filter(|own| group.is_none_or(|group| own.id.native() == group));
            Ok(wanted.map(|own| (row.value("sys_id").to_owned(), (row.value("name").to_owned(), own))))
        };
        let rotas = self.tables.few(cx, ROTAS, "sys_id,name,group,active", &query, MOST, read).await?;
        Ok(rotas.into_iter().flatten().collect())
    }

    /// Names and addresses, by `sys_id`.
    async fn users(&self, cx: &Cx, ids: Vec<String>) -> Result<BTreeMap<String, (String, Option<String>)>> {
        let query = Encoded::new().and(Term::In("sys_id", ids)).oldest_first("name");
        let read = |row: &Row<'_>| {
            let known = (row.value("name").to_owned(), row.filled("email").map(str::to_owned));
            Ok((row.value("sys_id").to_owned(), known))
        };
        Ok(self.tables.few(cx, USERS, "sys_id,name,email", &query, MOST, read).await?.into_iter().collect())
    }
}

/// A person's turn; `None` for a device, or somebody the account may not see.
fn shown(
    turn: &OnDuty<'_>,
    rotas: &BTreeMap<String, Rota>,
    people: &BTreeMap<String, (String, Option<String>)>,
) -> Option<OnCall> {
    let (name, email) = people.get(&*turn.user.as_ref()?.0)?;
    let rota = turn.rota.as_ref().and_then(|id| rotas.get(&*id.0));
    let of_group = || {
        let id = &*turn.group.as_ref()?.0;
        rotas.values().find(|(_, group)| group.id.native() == id)
    };
    let (schedule, group) = rota.or_else(of_group)?;
    Some(OnCall {
        person: Label::new(name),
        email: email.as_deref().map(Label::new),
        level: turn.order,
        group: group.clone(),
        schedule: Some(Label::new(schedule)),
        start: None,
        end: None,
    })
}
