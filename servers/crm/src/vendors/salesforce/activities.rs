//! Activities: tasks (calls, mails, notes and what is to be done) and events (meetings), merged.

use call::Cx;
use content::{Author, FreeText};
use error::{Code, Error, Result};
use tool::{Count, Fetch, Rows, Total};

use super::Salesforce;
use super::accounts::{ACCOUNT_ID, ID};
use super::connection::{mapped, part, start};
use super::map::{ACTIVITY_FIELDS, Lens, day, midnight};
use super::soql::{Clause, Direction, Field, Soql, Value};
use super::wire::{Answers, Page, PartAnswer};
use crate::book::ActivityQuery;
use crate::listing;
use crate::model::{Activity, ActivityKind};

const SUBTYPE: Field = Field::new("TaskSubtype");
const TYPE: Field = Field::new("Type");
const TASK_DAY: Field = Field::new("ActivityDate");
const EVENT_START: Field = Field::new("StartDateTime");

/// Rows of each object that a page begins after.
#[derive(Clone, Copy, Default)]
struct Place {
    tasks: u32,
    events: u32,
}

impl Salesforce {
    pub(super) async fn found_activities(
        &self,
        cx: &Cx,
        query: &ActivityQuery,
        page: Fetch,
    ) -> Result<Rows<Activity>> {
        let org = self.org(cx).await?;
        let lens = Lens::new(&self.source, &self.configured, &org, cx);
        let place = Place::read(page.token.as_deref())?;
        let (tasks, events) = (self.tasks(query), self.events(query));
        let most = page.limit + 1;
        let mut texts = vec![
            tasks.clone().limit(most).offset(place.tasks).text(),
            events.clone().limit(most).offset(place.events).text(),
        ];
        if page.token.is_none() && self.configured.count {
            texts.extend([tasks.count(), events.count()]);
        }
        let reply = self.connection.queries_of_all(cx, &texts).await?;
        let answers: Answers<'_> = reply.json()?;
        let mut rows = both(&lens, &answers.answers)?;
        let more = rows.len() > page.limit as usize;
        rows.truncate(page.limit as usize);
        let next = more.then(|| place.after(&rows).token());
        let total = answers.answers.get(2..).and_then(total);
        self.tell_senders(cx, &mut rows).await;
        Ok(Rows { rows, next, total, as_of: cx.now() })
    }

    /// Newest first. Tasks know their day and not the time of it, so that a window holds whole days of them.
    pub(super) fn tasks(&self, query: &ActivityQuery) -> Soql {
        let own = ["TaskSubtype", "Type", "ActivityDate", "IsClosed", "CallDurationInSeconds", "CreatedDate"];
        let fields = ACTIVITY_FIELDS.into_iter().chain(own).map(Field::new);
        let before = query.before.map(|at| match midnight(day(at)).0 == at {
            true => Clause::Below(TASK_DAY, Value::Day(day(at))),
            false => Clause::Below(TASK_DAY, Value::Day(day(at).tomorrow().unwrap_or(day(at)))),
        });
        Soql::of("Task", fields)
            .and(kept())
            .and(Clause::Filled(TASK_DAY))
            .and_some(query.about.as_deref().map(about))
            .and_some((!query.kinds.is_empty()).then(|| self.task_kinds(&query.kinds)))
            .and_some(query.after.map(|at| Clause::AtLeast(TASK_DAY, Value::Day(day(at)))))
            .and_some(before)
            .by(TASK_DAY, Direction::Down)
            .by(ID, Direction::Up)
    }

    fn task_kinds(&self, kinds: &[ActivityKind]) -> Clause {
        let plain = || {
            let task = Clause::In(SUBTYPE, vec!["Task".into()]);
            Clause::Any(vec![task, Clause::Empty(SUBTYPE)])
        };
        let note = || Value::Text(self.configured.note_type.clone());
        let clauses = kinds.iter().filter_map(|kind| match kind {
            ActivityKind::Call => Some(Clause::Is(SUBTYPE, "Call".into())),
            ActivityKind::Email => Some(Clause::In(SUBTYPE, vec!["Email".into(), "ListEmail".into()])),
            ActivityKind::Note => Some(Clause::All(vec![plain(), Clause::Is(TYPE, note())])),
            ActivityKind::Task => {
                let other = Clause::Any(vec![Clause::IsNot(TYPE, note()), Clause::Empty(TYPE)]);
                Some(Clause::All(vec![plain(), other]))
            }
            ActivityKind::Meeting => None,
        });
        Clause::Any(clauses.collect())
    }

    /// Newest first.
    pub(super) fn events(&self, query: &ActivityQuery) -> Soql {
        let fields = ACTIVITY_FIELDS.into_iter().chain(["StartDateTime", "DurationInMinutes", "CreatedDate"]);
        let wanted = query.kinds.is_empty() || query.kinds.contains(&ActivityKind::Meeting);
        Soql::of("Event", fields.map(Field::new))
            .and(kept())
            // Each guest has a copy.
            .and(Clause::Is(Field::new("IsChild"), Value::Flag(false)))
            .and_some((!wanted).then(|| Clause::Any(Vec::new())))
            .and_some(query.about.as_deref().map(about))
            .and_some(query.after.map(|at| Clause::AtLeast(EVENT_START, Value::Moment(at))))
            .and_some(query.before.map(|at| Clause::Below(EVENT_START, Value::Moment(at))))
            .by(EVENT_START, Direction::Down)
            .by(ID, Direction::Up)
    }

    /// Who wrote the mails among the rows: the task that stands for a mail does not say. An org without messages of
    /// its own leaves the writer unknown.
    pub(super) async fn tell_senders(&self, cx: &Cx, rows: &mut [Activity]) {
        let is_mail = |row: &&mut Activity| row.kind == ActivityKind::Email && row.text.is_some();
        let mails: Vec<String> =
            rows.iter_mut().filter(is_mail).map(|row| row.id.native().to_owned()).collect();
        if mails.is_empty() {
            return;
        }
        let soql = Soql::of("EmailMessage", ["ActivityId", "Incoming"].map(Field::new));
        let soql = soql.and(Clause::In(Field::new("ActivityId"), mails)).limit(200);
        let message = |record: &super::wire::Record<'_>| {
            Ok((record.text("ActivityId").unwrap_or_default().to_owned(), record.flag("Incoming")))
        };
        let Ok((messages, _)) = self.connection.every(cx, &soql, 200, message).await else { return };
        for row in rows.iter_mut().filter(is_mail) {
            let known = messages.iter().find(|(id, _)| id == row.id.native());
            let Some(((_, incoming), text)) = known.zip(row.text.as_ref()) else { continue };
            let author = if *incoming { Author::Customer } else { Author::Internal };
            row.text = Some(FreeText::new(text.as_str(), author));
        }
    }
}

impl Place {
    fn read(token: Option<&str>) -> Result<Self> {
        let Some(token) = token else { return Ok(Self::default()) };
        let lost = || Error::new(Code::CursorExpired, "the page token is no pair of numbers");
        let (tasks, events) = token.split_once('.').ok_or_else(lost)?;
        Ok(Self { tasks: start(Some(tasks))?, events: start(Some(events))? })
    }

    /// The place behind these rows.
    fn after(self, rows: &[Activity]) -> Self {
        rows.iter().fold(self, |place, row| match row.kind {
            ActivityKind::Meeting => Self { events: place.events + 1, ..place },
            _ => Self { tasks: place.tasks + 1, ..place },
        })
    }

    fn token(self) -> String {
        format!("{}.{}", self.tasks, self.events)
    }
}

/// Tasks and events in one order.
pub(super) fn both(lens: &Lens<'_>, answers: &[PartAnswer<'_>]) -> Result<Vec<Activity>> {
    let [tasks, events, ..] = answers else { return Err(Error::internal("a part of an answer is missing")) };
    let mut rows = mapped(&part::<Page<'_>>(tasks)?, |record| lens.task(record))?;
    rows.extend(mapped(&part::<Page<'_>>(events)?, |record| lens.event(record))?);
    rows.sort_by(|a, b| listing::newest(a).cmp(&listing::newest(b)));
    Ok(rows)
}

/// Not deleted: where archived activities are asked for, deleted ones are answered, too.
fn kept() -> Clause {
    Clause::Is(Field::new("IsDeleted"), Value::Flag(false))
}

/// About this record, or beneath this account.
fn about(id: &str) -> Clause {
    let field = match super::ids::object(id) {
        Some("Account") => ACCOUNT_ID,
        Some("Contact") => Field::new("WhoId"),
        _ => Field::new("WhatId"),
    };
    Clause::Is(field, id.into())
}

/// How many there are in both; absent if either count is.
fn total(counts: &[PartAnswer<'_>]) -> Option<Total> {
    let [tasks, events] = counts else { return None };
    let count = |answer| part::<Page<'_>>(answer).ok().map(|page| page.total);
    Some(Total { count: count(tasks)? + count(events)?, kind: Count::Exact })
}
