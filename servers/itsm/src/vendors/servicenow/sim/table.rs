//! The Table API (ServiceNow, "Table API"): what is unknown among `sysparm_fields`, in a query or in a body is
//! silently left out.

use sandbox::{Answer, Reply, page};
use serde_json::{Map, Value, json};

use super::call::Call;
use super::encoded;
use super::evaluate::{self, Asker};
use super::schema::{Kind, Table};
use super::state::{Instance, Row, is_sys_id, value};
use super::{choices, failure, people, rules};

/// Rows of a page unless said, and at most.
const MOST_ROWS: usize = 10_000;

/// `GET /table/{table}`.
pub(super) fn list(instance: &mut Instance, call: &Call) -> Reply {
    let table = readable(call)?;
    let asker = asker(instance, call);
    let query = encoded::parse(call.query("sysparm_query").unwrap_or_default());
    let found = evaluate::run(instance, table, &query, &asker);
    let (offset, limit) = (call.number("sysparm_offset", 0)?, call.number("sysparm_limit", MOST_ROWS)?);
    let cut = page::cut(found, offset, limit.min(MOST_ROWS));
    let look = Look::of(call);
    let seen = cut.items.iter().filter(|row| people::may_see(&call.who, table.name, row));
    let rows: Vec<Value> = seen.map(|row| look.row(instance, table, row)).collect();
    let mut answer = Answer::json(200, json!({ "result": rows }));
    if !call.is_set("sysparm_no_count") {
        answer.push_header("x-total-count", cut.total);
    }
    if !call.is_set("sysparm_suppress_pagination_header") && cut.total > limit {
        answer.push_header("link", links(call, offset, limit, cut.total));
    }
    Ok(answer)
}

/// `GET /table/{table}/{sys_id}`.
pub(super) fn get(instance: &mut Instance, call: &Call) -> Reply {
    let table = readable(call)?;
    let row = instance.row(table, &call.sys_id).filter(|row| people::may_see(&call.who, table.name, row));
    let row = row.ok_or_else(no_record)?;
    Ok(Answer::json(200, json!({ "result": Look::of(call).row(instance, table, row) })))
}

/// `POST /table/{table}`.
pub(super) fn create(instance: &mut Instance, call: &Call) -> Reply {
    let table = writable(call)?;
    let written = body(instance, call, table)?;
    let row = rules::inserted(instance, table, written, &by(instance, call))?;
    let location = format!("{}{}/{}", call.origin, call.path.trim_end_matches('/'), value(&row, "sys_id"));
    let shown = Look::of(call).row(instance, table, &row);
    Ok(Answer::json(201, json!({ "result": shown })).header("location", location))
}

/// `PATCH` and `PUT /table/{table}/{sys_id}`, which do the same.
pub(super) fn update(instance: &mut Instance, call: &Call) -> Reply {
    let table = writable(call)?;
    let before = instance.row(table, &call.sys_id).ok_or_else(no_record)?.clone();
    let written = body(instance, call, table)?;
    let row = rules::updated(instance, table, before, written, &by(instance, call))?;
    Ok(Answer::json(200, json!({ "result": Look::of(call).row(instance, table, &row) })))
}

/// `DELETE /table/{table}/{sys_id}`.
pub(super) fn delete(instance: &mut Instance, call: &Call) -> Reply {
    let table = writable(call)?;
    match instance.remove(table, &call.sys_id) {
        true => Ok(Answer::empty(204)),
        false => Err(no_record()),
    }
}

/// `GET /stats/{table}`: counts, grouped by one field if asked.
pub(super) fn stats(instance: &mut Instance, call: &Call) -> Reply {
    let table = readable(call)?;
    let asker = asker(instance, call);
    let query = encoded::parse(call.query("sysparm_query").unwrap_or_default());
    let found = evaluate::run(instance, table, &query, &asker);
    let Some(field) = call.query("sysparm_group_by").filter(|field| table.kind(field).is_some()) else {
        return Ok(Answer::json(200, json!({ "result": { "stats": { "count": found.len().to_string() } } })));
    };
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    found.iter().for_each(|row| *counts.entry(value(row, field)).or_default() += 1);
    let group = |(one, count): (&&str, &usize)| {
        let fields = json!([{ "field": field, "value": one }]);
        json!({ "stats": { "count": count.to_string() }, "groupby_fields": fields })
    };
    Ok(Answer::json(200, json!({ "result": counts.iter().map(group).collect::<Vec<_>>() })))
}

fn asker(instance: &Instance, call: &Call) -> Asker {
    Asker { user: people::caller(instance, &call.who), hidden: people::hidden(&call.who), now: call.now }
}

fn by(instance: &Instance, call: &Call) -> rules::By {
    rules::By { user: people::caller(instance, &call.who), name: call.who.clone(), now: call.now }
}

/// The table asked for. Errors: 400 if there is none, 403 if the caller may not read it.
fn readable(call: &Call) -> Result<&'static Table, Answer> {
    let name = &call.table;
    let table = Table::named(name).ok_or_else(|| failure(400, &format!("Invalid table {name}"), None))?;
    match people::may_read(&call.who, table.name) {
        true => Ok(table),
        false => Err(failure(
            403,
            "Insufficient rights to query records",
            Some("Field(s) present in the query do not have permission to be read"),
        )),
    }
}

fn writable(call: &Call) -> Result<&'static Table, Answer> {
    let table = readable(call)?;
    match people::may_write(&call.who, table.name) {
        true => Ok(table),
        false => Err(failure(
            403,
            "Operation Failed",
            Some("ACL Exception Update Failed due to security constraints"),
        )),
    }
}

fn no_record() -> Answer {
    failure(404, "No Record found", Some("Record doesn't exist or ACL restricts the record retrieval"))
}

/// The fields of the body that the table has. Errors: 400 for anything but an object.
fn body(instance: &Instance, call: &Call, table: &'static Table) -> Result<Row, Answer> {
    let malformed =
        || failure(400, "Exception while reading request", Some("The payload is not valid JSON."));
    let object: Map<String, Value> = serde_json::from_slice(&call.body).map_err(|_| malformed())?;
    let by_label = call.is_set("sysparm_input_display_value");
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Object(cell) => cell.get("value").and_then(Value::as_str).unwrap_or_default().to_owned(),
        other => other.to_string(),
    };
    let allowed = object.iter().filter(|(name, _)| people::may_set(&call.who, name));
    let known = allowed.filter_map(|(name, value)| Some((name, text(value), table.kind(name)?)));
    let taken = known.map(|(name, text, kind)| {
        let text = match kind {
            Kind::Reference(to) => referred(instance, to, &text),
            Kind::Choice if by_label => choices::value(table, name, &text),
            _ => text,
        };
        (name.clone(), text)
    });
    Ok(taken.collect())
}

/// The `sys_id` of the record meant: by id, by what it is shown by, or a user's name. Nothing if there is none.
fn referred(instance: &Instance, to: &'static str, text: &str) -> String {
    let Some(table) = Table::named(to) else { return String::new() };
    if text.is_empty() || (is_sys_id(text) && instance.row(table, text).is_some()) {
        return text.to_owned();
    }
    let same = |row: &&Row| value(row, table.display) == text || value(row, "user_name") == text;
    let found = instance.rows(table).find(same);
    found.map(|row| value(row, "sys_id").to_owned()).unwrap_or_default()
}

fn links(call: &Call, offset: usize, limit: usize, total: usize) -> String {
    let limit = limit.max(1);
    let last = (total - 1) / limit * limit;
    let mut relations = vec![(0, "first")];
    if offset > 0 {
        relations.push((offset.saturating_sub(limit), "prev"));
    }
    if offset + limit < total {
        relations.push((offset + limit, "next"));
    }
    relations.push((last, "last"));
    let link = |(start, name): (usize, &str)| {
        let others = call.query.iter().filter(|(key, _)| key != "sysparm_offset");
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(others)
            .append_pair("sysparm_offset", &start.to_string())
            .finish();
        format!("<{}{}?{query}>;rel=\"{name}\"", call.origin, call.path)
    };
    relations.into_iter().map(link).collect::<Vec<_>>().join(",")
}

/// How a record is to be shown.
struct Look<'a> {
    fields: Option<Vec<&'a str>>,
    /// `false`, `true` or `all`.
    shown: String,
    links: bool,
    origin: &'a str,
    /// Fields that the caller may not read.
    hidden: &'static [&'static str],
}

impl<'a> Look<'a> {
    fn of(call: &'a Call) -> Self {
        let fields = call.query("sysparm_fields").filter(|fields| !fields.is_empty());
        Self {
            fields: fields.map(|fields| fields.split(',').map(str::trim).collect()),
            shown: call.query("sysparm_display_value").unwrap_or("false").to_ascii_lowercase(),
            links: !call.is_set("sysparm_exclude_reference_link"),
            origin: &call.origin,
            hidden: people::hidden(&call.who),
        }
    }

    fn row(&self, instance: &Instance, table: &'static Table, row: &Row) -> Value {
        let all = || table.fields().map(|(name, _)| name).collect();
        let fields: Vec<&str> = self.fields.clone().unwrap_or_else(all);
        let cells = fields
            .into_iter()
            .filter_map(|path| Some((path.to_owned(), self.cell(instance, table, row, path)?)));
        Value::Object(cells.collect())
    }

    /// A field; `None` if there is no such field.
    fn cell(&self, instance: &Instance, table: &'static Table, row: &Row, path: &str) -> Option<Value> {
        let field = evaluate::known(table, path).filter(|_| !evaluate::is_hidden(self.hidden, path))?;
        let end = evaluate::walk(instance, table, row, path);
        // Journals are read by what is shown alone.
        let stored = match field.kind {
            Kind::Journal => "",
            _ => end.map(|(_, row, name)| value(row, name)).unwrap_or_default(),
        };
        let shown = end.map(|(table, row, name)| instance.shown(table, row, name)).unwrap_or_default();
        let link = match field.kind {
            Kind::Reference(to) if self.links && !stored.is_empty() => {
                Some(format!("{}/api/now/table/{to}/{stored}", self.origin))
            }
            _ => None,
        };
        Some(match (self.shown.as_str(), link) {
            ("all", None) => json!({ "display_value": shown, "value": stored }),
            ("all", Some(link)) => json!({ "display_value": shown, "link": link, "value": stored }),
            ("true", None) => json!(shown),
            ("true", Some(link)) => json!({ "display_value": shown, "link": link }),
            (_, None) => json!(stored),
            (_, Some(link)) => json!({ "link": link, "value": stored }),
        })
    }
}
