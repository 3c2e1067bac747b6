//! Records and people by what they are called.

use call::Cx;
use content::Label;
use error::Result;
use tool::{MatchedBy, Person};

use super::Salesforce;
use super::accounts::{ID, NAME, of_domain, words};
use super::connection::part;
use super::ids;
use super::map::{Lens, WEBSITE};
use super::org::Org;
use super::soql::{Clause, Direction, Field, Soql, Value};
use super::wire::{Answers, Page, Record};
use crate::book::Called;
use crate::model::Noun;

/// Records and people, at most.
const MOST: usize = 10;

impl Salesforce {
    pub(super) async fn all_called(&self, cx: &Cx, noun: Noun, text: &str) -> Result<Vec<Called>> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let naming = self.naming(noun);
        let exact = Clause::Any(naming.exact(self, text));
        let near = words(&naming.label, text);
        let query = |clause: Clause| {
            let fields = naming.fields.iter().cloned();
            Soql::of(naming.object, fields)
                .and(clause)
                .by(naming.label.clone(), Direction::Up)
                .limit(MOST as u32)
        };
        let reply = self.connection.queries(cx, &[query(exact).text(), query(near).text()]).await?;
        let answers: Answers<'_> = reply.json()?;
        // Names ask nothing of the org's set-up.
        let org = Org::default();
        let lens = Lens::new(&self.source, &self.configured, &org, cx);
        let mut found: Vec<Called> = Vec::new();
        for answer in &answers.answers {
            let page: Page<'_> = part(answer)?;
            for record in &page.records {
                let called = naming.called(&lens, record, text)?;
                if found.iter().all(|known| known.id != called.id) {
                    found.push(called);
                }
            }
        }
        found.sort_by_key(|called| called.matched.is_none());
        found.truncate(MOST);
        Ok(found)
    }

    fn naming(&self, noun: Noun) -> Naming {
        let own = &self.configured;
        let (object, label, fields) = match noun {
            Noun::Account => ("Account", NAME, vec![own.domain.clone().unwrap_or(WEBSITE)]),
            Noun::Contact => ("Contact", NAME, vec![EMAIL]),
            Noun::Opportunity => ("Opportunity", NAME, Vec::new()),
            Noun::Case => ("Case", Field::new("Subject"), vec![NUMBER]),
        };
        let keys = [&own.erp_customer, &own.billing_customer].into_iter().flatten().cloned();
        let keys = keys.filter(|_| noun == Noun::Account);
        let fields = [ID, label.clone()].into_iter().chain(fields).chain(keys).collect();
        Naming { noun, object, label, fields }
    }

    pub(super) async fn all_people(&self, cx: &Cx, text: &str) -> Result<Vec<Person>> {
        let text = text.trim();
        let by = |name| Clause::Is(Field::new(name), text.into());
        let by_id =
            ids::id(text).filter(|id| id.starts_with("005")).map(|id| Clause::Is(ID, id.as_str().into()));
        let ways = [by("Email"), by("Username"), by("Name")].into_iter().chain(by_id);
        let soql = Soql::of("User", ["Id", "Name", "Email"].map(Field::new))
            .and(Clause::Is(Field::new("IsActive"), Value::Flag(true)))
            // Customers who use a portal are users, too.
            .and(Clause::Is(Field::new("UserType"), "Standard".into()))
            .and(Clause::Any(ways.collect()))
            .by(NAME, Direction::Up)
            .by(ID, Direction::Up)
            .limit(MOST as u32);
        let person = |record: &Record<'_>| {
            Ok(Person {
                id: record.need("Id")?.to_owned(),
                name: Label::new(record.need("Name")?),
                email: record.text("Email").map(str::to_owned),
            })
        };
        Ok(self.connection.every(cx, &soql, MOST, person).await?.0)
    }
}

const EMAIL: Field = Field::new("Email");
const NUMBER: Field = Field::new("CaseNumber");

/// How records of a noun are called.
struct Naming {
    noun: Noun,
    object: &'static str,
    label: Field,
    fields: Vec<Field>,
}

impl Naming {
    /// The ways in which a record may be called exactly this.
    fn exact(&self, own: &Salesforce, text: &str) -> Vec<Clause> {
        let is = |field: &Field| Clause::Is(field.clone(), text.into());
        let mut ways = vec![is(&self.label)];
        match self.noun {
            Noun::Account => {
                ways.push(of_domain(&own.configured, text));
                let keys = [&own.configured.erp_customer, &own.configured.billing_customer];
                ways.extend(keys.into_iter().flatten().map(is));
            }
            Noun::Contact => ways.push(is(&EMAIL)),
            // A number is written with zeros in front or without.
            Noun::Case if text.len() <= 8 && text.bytes().all(|b| b.is_ascii_digit()) => {
                ways.push(Clause::In(NUMBER, vec![text.to_owned(), format!("{text:0>8}")]));
            }
            Noun::Case | Noun::Opportunity => {}
        }
        ways
    }

    fn called(&self, lens: &Lens<'_>, record: &Record<'_>, text: &str) -> Result<Called> {
        let id = record.need("Id")?;
        let label = record.text(self.label.name()).unwrap_or(id);
        let same = |own: Option<&str>| own.is_some_and(|own| own.to_lowercase() == text.to_lowercase());
        let number = record.text("CaseNumber").map(|number| number.trim_start_matches('0'));
        let by_id = match self.noun {
            Noun::Contact => same(record.text("Email")),
            Noun::Case => number.is_some_and(|number| number == text.trim_start_matches('0')),
            Noun::Account | Noun::Opportunity => false,
        };
        let by_key = || (self.noun == Noun::Account).then(|| lens.keys(record).matched(text)).flatten();
        let matched = match (same(Some(label)), by_id) {
            (true, _) => Some(MatchedBy::Name),
            (_, true) => Some(MatchedBy::Id),
            _ => by_key(),
        };
        let label = Label::new(label).to_string();
        Ok(Called { id: id.to_owned(), label, url: lens.url(self.object, id), matched })
    }
}
