//! Who and what a text may name: people, groups, services, customers.

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use tool::{MatchedBy, Person, Place};

use super::query::{Encoded, Term, words};
use super::wire::Row;
use super::{ServiceNow, is_sys_id};
use crate::desk::{Customer, Noun};

pub(super) const USERS: &str = "/api/now/table/sys_user";
const GROUPS: &str = "/api/now/table/sys_user_group";
const SERVICES: &str = "/api/now/table/cmdb_ci_service";
const ITEMS: &str = "/api/now/table/cmdb_ci";
const COMPANIES: &str = "/api/now/table/core_company";

/// People or customers at most.
const MOST: u32 = 10;

/// Places at most.
const MOST_PLACES: u32 = 100;

impl ServiceNow {
    pub(super) async fn called(&self, cx: &Cx, text: &str) -> Result<Vec<Person>> {
        let text = text.trim();
        let fields = ["email", "user_name", "name"];
        let mut ways: Vec<Term<'_>> = fields.map(|field| Term::Is(field, text.to_owned())).to_vec();
        ways.extend(is_sys_id(text).then(|| Term::Is("sys_id", text.to_owned())));
        let query = Encoded::new().and_any(ways).and(Term::Is("active", "true".into())).oldest_first("name");
        if query.text().is_err() {
            return Ok(Vec::new());
        }
        let read = |row: &Row<'_>| {
            let is = |field: &&str| row.value(field).to_lowercase() == text.to_lowercase();
            let meant = fields.iter().chain(&["sys_id"]).any(is) && row.value("active") == "true";
            Ok(meant.then(|| Person {
                id: row.value("sys_id").to_owned(),
                name: Label::new(row.value("name")),
                email: row.filled("email").map(str::to_owned),
            }))
        };
        let found =
            self.tables.few(cx, USERS, "sys_id,name,email,user_name,active", &query, MOST, read).await?;
        Ok(found.into_iter().flatten().collect())
    }

    pub(super) async fn named_so(&self, cx: &Cx, noun: Noun, like: &str) -> Result<Vec<Place>> {
        let (all, every) = match noun {
            Noun::Service => (SERVICES, ITEMS),
            Noun::Group => (GROUPS, GROUPS),
            Noun::Incident | Noun::Alert | Noun::Remediation => return Ok(Vec::new()),
        };
        let like = like.trim();
        let exact = self.exactly(cx, every, like).await?;
        if !exact.is_empty() {
            return Ok(exact);
        }
        let near: Vec<Term<'_>> = words(like).into_iter().map(|word| Term::Like("name", word)).collect();
        let near = if near.is_empty() { Encoded::new() } else { Encoded::new().and_any(near) };
        let found = self.places_of(cx, all, &near.oldest_first("name"), MOST_PLACES).await?;
        match found.is_empty() && !like.is_empty() {
            // Nothing resembles it: what there is may still show what was meant.
            true => self.places_of(cx, all, &Encoded::new().oldest_first("name"), MOST_PLACES).await,
            false => Ok(found),
        }
    }

    /// A service or component by its key. Errors: `not_found`.
    pub(super) async fn component<T>(
        &self,
        cx: &Cx,
        sys_id: &str,
        field: &str,
        map: impl Fn(&str) -> T,
    ) -> Result<T> {
        let query = Encoded::new().and(Term::Is("sys_id", sys_id.to_owned())).oldest_first("name");
        let read = |row: &Row<'_>| Ok((row.value("sys_id") == sys_id).then(|| map(row.value(field))));
        let found = self.tables.few(cx, ITEMS, &format!("sys_id,{field}"), &query, 1, read).await?;
        found.into_iter().flatten().next().ok_or_else(|| {
            Error::new(Code::NotFound, "there is no such service, or the service account may not see it")
        })
    }

    /// Those that are called exactly so. A service is meant before a component of the same name.
    async fn exactly(&self, cx: &Cx, table: &'static str, name: &str) -> Result<Vec<Place>> {
        let field = if is_sys_id(name) { "sys_id" } else { "name" };
        // Groups are retired, components are not.
        let active = (table == GROUPS).then(|| Term::Is("active", "true".into()));
        let query =
            Encoded::new().and(Term::Is(field, name.to_owned())).and_some(active).oldest_first("name");
        if query.text().is_err() {
            return Ok(Vec::new());
        }
        let read = |row: &Row<'_>| {
            let same = row.value(field).to_lowercase() == name.to_lowercase();
            Ok(same.then(|| (row.value("sys_class_name").starts_with("cmdb_ci_service"), place(row))))
        };
        let fields = "sys_id,name,sys_class_name";
        let found: Vec<(bool, Place)> =
            self.tables.few(cx, table, fields, &query, MOST, read).await?.into_iter().flatten().collect();
        let services = found.iter().any(|(service, _)| *service);
        Ok(found.into_iter().filter(|(service, _)| *service || !services).map(|(_, place)| place).collect())
    }

    async fn places_of(
        &self,
        cx: &Cx,
        table: &'static str,
        query: &Encoded<'_>,
        limit: u32,
    ) -> Result<Vec<Place>> {
        self.tables.few(cx, table, "sys_id,name", query, limit, |row| Ok(place(row))).await
    }

    pub(super) async fn companies(&self, cx: &Cx, text: &str) -> Result<Vec<Customer>> {
        let text = text.trim();
        let kept = &self.mapping.customer;
        let keyed = [
            (&kept.erp_customer, MatchedBy::ErpCustomer),
            (&kept.billing_customer, MatchedBy::BillingCustomer),
        ];
        let keyed: Vec<(&str, MatchedBy)> =
            keyed.iter().filter_map(|(field, by)| Some((field.as_deref()?, *by))).collect();
        let mut ways = vec![Term::Is("name", text.to_owned()), Term::Like(&kept.domain, text.to_owned())];
        ways.extend(keyed.iter().map(|(field, _)| Term::Is(field, text.to_owned())));
        ways.extend(is_sys_id(text).then(|| Term::Is("sys_id", text.to_owned())));
        let query = Encoded::new().and_any(ways).oldest_first("name");
        if query.text().is_err() {
            return Ok(Vec::new());
        }
        let names = keyed.iter().map(|(field, _)| *field);
        let fields = ["sys_id", "name", &kept.domain].into_iter().chain(names).collect::<Vec<_>>().join(",");
        let read = |row: &Row<'_>| {
            let is = |field: &str| row.value(field).to_lowercase() == text.to_lowercase();
            let by_key = || keyed.iter().find(|(field, _)| is(field)).map(|(_, by)| *by);
            let by = match () {
                () if is("sys_id") => Some(MatchedBy::Id),
                () if domain_of(row.value(&kept.domain)) == text.to_lowercase() => Some(MatchedBy::Domain),
                () if is("name") => Some(MatchedBy::Name),
                () => by_key(),
            };
            Ok(by.map(|matched_by| Customer {
                key: row.value("sys_id").to_owned(),
                name: Label::new(row.value("name")),
                matched_by,
            }))
        };
        let found = self.tables.few(cx, COMPANIES, &fields, &query, MOST_PLACES, read).await?;
        Ok(found.into_iter().flatten().take(MOST as usize).collect())
    }
}

fn place(row: &Row<'_>) -> Place {
    Place { key: row.value("sys_id").to_owned(), name: Label::new(row.value("name")) }
}

/// The domain in `https://www.nordwind.example/de` or in `nordwind.example`.
fn domain_of(website: &str) -> String {
    let rest = website.split_once("://").map_or(website, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default().to_lowercase();
    host.strip_prefix("www.").unwrap_or(&host).to_owned()
}

#[cfg(test)]
mod tests {
    use super::domain_of;

    #[test]
    fn a_website_is_its_domain() {
        for website in
            ["https://www.Nordwind.example/de?x=1", "nordwind.example", "http://nordwind.example:8080"]
        {
            assert_eq!(domain_of(website), "nordwind.example", "{website}");
        }
        assert_eq!(domain_of(""), "");
    }
}
