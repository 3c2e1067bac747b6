//! The demo company as an instance.

mod desk;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use sandbox::company::{self, Account, Person};

use super::choices::CHOICES;
use super::people::{AGENT, DISPATCHER, READER};
use super::schema::Table;
use super::state::{Instance, Row, stored_time, sys_id};

const HOME: &str = "servicenow";

/// The instance at `now`.
pub(super) fn instance(now: Timestamp) -> Instance {
    let mut filler = Filler { instance: Instance::default(), now, people: BTreeMap::new() };
    filler.choices();
    filler.people(&company::people());
    company::accounts().iter().for_each(|one| filler.company(one));
    let services = company::services();
    services
        .iter()
        .filter(|one| one.home.iter().any(|home| home == HOME))
        .for_each(|one| filler.service(one));
    company::incidents().iter().filter(|one| one.home == HOME).for_each(|one| filler.incident(one));
    company::alerts().iter().filter(|one| one.home == HOME).for_each(|one| filler.alert(one));
    company::changes().iter().filter(|one| one.home == HOME).for_each(|one| filler.change(one));
    company::on_call().iter().filter(|one| one.home == HOME).for_each(|one| filler.shift(one));
    filler.instance
}

struct Filler {
    instance: Instance,
    now: Timestamp,
    /// User names by handle.
    people: BTreeMap<String, String>,
}

impl Filler {
    fn at(&self, minutes: i64) -> Timestamp {
        self.now.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(self.now)
    }

    fn stored(&self, minutes: i64) -> String {
        stored_time(self.at(minutes))
    }

    /// Adds a record that has always been there.
    fn add(&mut self, table: &'static str, key: &str, fields: &[(&str, &str)]) -> String {
        let id = sys_id(table, key);
        let born = self.stored(-60 * 24 * 400);
        let mut row = Row::new();
        for (field, value) in [
            ("sys_id", id.as_str()),
            ("sys_class_name", table),
            ("sys_created_on", &born),
            ("sys_created_by", "admin"),
            ("sys_updated_on", &born),
            ("sys_updated_by", "admin"),
            ("sys_mod_count", "0"),
        ]
        .into_iter()
        .chain(fields.iter().copied())
        {
            row.insert(field.to_owned(), value.to_owned());
        }
        if let Some(table) = Table::named(table) {
            self.instance.put(table, row);
        }
        id
    }

    fn set(&mut self, table: &'static str, key: &str, field: &str, text: &str) {
        let Some(table) = Table::named(table) else { return };
        let Some(mut row) = self.instance.row(table, &sys_id(table.name, key)).cloned() else { return };
        row.insert(field.to_owned(), text.to_owned());
        self.instance.put(table, row);
    }

    /// The `sys_id` of a record, if the instance has it.
    fn refer(&self, table: &'static str, key: &str) -> String {
        let id = sys_id(table, key);
        let known = Table::named(table).is_some_and(|table| self.instance.row(table, &id).is_some());
        if known { id } else { String::new() }
    }

    fn choices(&mut self) {
        for (table, element, values) in CHOICES {
            for (nth, (value, label)) in values.iter().enumerate() {
                let sequence = nth.to_string();
                let fields = [
                    ("name", *table),
                    ("element", *element),
                    ("value", *value),
                    ("label", *label),
                    ("language", "en"),
                    ("sequence", &*sequence),
                    ("inactive", "false"),
                ];
                self.add("sys_choice", &format!("{table}/{element}/{value}"), &fields);
            }
        }
    }

    fn people(&mut self, people: &[Person]) {
        for (name, shown) in
            [(AGENT, "Chancery Agent"), (READER, "Chancery Reader"), (DISPATCHER, "Dispatcher")]
        {
            let fields =
                [("user_name", name), ("name", shown), ("active", "true"), ("time_zone", "Europe/Berlin")];
            self.add("sys_user", name, &fields);
        }
        for person in people {
            let login = person.email.split('@').next().unwrap_or_default();
            let active = if person.left { "false" } else { "true" };
            let fields = [
                ("user_name", login),
                ("name", &*person.name),
                ("email", &*person.email),
                ("title", &*person.title),
                ("active", active),
            ];
            let user = self.add("sys_user", &person.handle, &fields);
            self.people.insert(person.handle.clone(), login.to_owned());
            let group = self.group(&person.team);
            let member = format!("{}/{}", person.team, person.handle);
            self.add("sys_user_grmember", &member, &[("user", &user), ("group", &group)]);
        }
    }

    fn company(&mut self, account: &Account) {
        let website = format!("https://www.{}", account.domain);
        let fields = [
            ("name", &*account.name),
            ("website", &*website),
            ("customer", "true"),
            ("u_erp_customer", account.erp_customer.as_deref().unwrap_or_default()),
            ("u_billing_customer", account.billing_customer.as_deref().unwrap_or_default()),
        ];
        self.add("core_company", &account.key, &fields);
    }

    fn group(&mut self, team: &str) -> String {
        self.add("sys_user_group", team, &[("name", team), ("active", "true")])
    }

    fn user(&self, handle: Option<&String>) -> String {
        handle
            .filter(|one| self.people.contains_key(*one))
            .map(|one| sys_id("sys_user", one))
            .unwrap_or_default()
    }

    fn author(&self, handle: Option<&String>) -> String {
        handle.and_then(|one| self.people.get(one)).cloned().unwrap_or_else(|| "system".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::super::schema::{Kind, TABLES};
    use super::super::state::value;
    use super::*;

    #[test]
    fn records_refer_to_what_is_there() {
        let instance = instance(Timestamp::now());
        for table in TABLES {
            for row in instance.rows(table) {
                for (field, kind) in table.fields() {
                    let Kind::Reference(to) = kind else { continue };
                    let id = value(row, field);
                    let found = Table::named(to).and_then(|to| instance.row(to, id)).is_some();
                    assert!(id.is_empty() || found, "{} {field} of {row:?}", table.name);
                }
            }
        }
    }
}
