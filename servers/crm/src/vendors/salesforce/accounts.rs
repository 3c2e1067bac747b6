//! Accounts.

use call::Cx;
use error::{Code, Error, Result};
use tool::{Fetch, Rows};

use super::Salesforce;
use super::ids;
use super::map::{Lens, WEBSITE, day, host_of};
use super::settings::{Configured, Renewals, RenewalsIn};
use super::soql::{Clause, Direction, Field, Soql, Value};
use crate::book::AccountQuery;
use crate::model::{Account, AccountGap};

pub(super) const ID: Field = Field::new("Id");
pub(super) const NAME: Field = Field::new("Name");
pub(super) const OWNER_ID: Field = Field::new("OwnerId");
pub(super) const ACCOUNT_ID: Field = Field::new("AccountId");

impl Salesforce {
    pub(super) async fn found_accounts(
        &self,
        cx: &Cx,
        query: &AccountQuery,
        page: Fetch,
    ) -> Result<Rows<Account>> {
        let org = self.org(cx).await?;
        let lens = Lens::new(&self.source, &self.configured, &org, cx);
        // Three filters look into other objects, and a query may do so twice: this one is resolved first.
        let with_contact = match &query.contact_email {
            Some(email) => Some(Clause::In(ID, self.accounts_of_contact(cx, email).await?)),
            None => None,
        };
        let soql = Soql::of("Account", lens.account_fields(query.full))
            .and_some(known_ids("Account", &query.ids))
            .and_some(query.name.as_deref().map(|name| words(&NAME, name)))
            .and_some(query.domain.as_deref().map(|domain| of_domain(&self.configured, domain)))
            .and_some(with_contact)
            .and_some(query.owner.as_deref().map(|owner| Clause::Is(OWNER_ID, owner.into())))
            .and_some(self.of_segment(query.segment.as_deref())?)
            .and_some(query.has_open_opportunities.map(with_open))
            .and_some(self.renewing(cx, query)?)
            .and_some(self.account_gap(query.where_empty)?)
            .by(NAME, Direction::Up)
            .by(ID, Direction::Up);
        let mut rows = self.connection.list(cx, soql, &page, |record| lens.account(record)).await?;
        rows.rows.sort_by(|a, b| crate::listing::by_name(a).cmp(&crate::listing::by_name(b)));
        Ok(rows)
    }

    async fn accounts_of_contact(&self, cx: &Cx, email: &str) -> Result<Vec<String>> {
        let soql = Soql::of("Contact", [ACCOUNT_ID])
            .and(Clause::Is(Field::new("Email"), email.into()))
            .and(Clause::Filled(ACCOUNT_ID))
            .limit(200);
        let (ids, _) = self
            .connection
            .every(cx, &soql, 200, |record| record.need("AccountId").map(str::to_owned))
            .await?;
        Ok(ids)
    }

    fn of_segment(&self, segment: Option<&str>) -> Result<Option<Clause>> {
        let Some(segment) = segment else { return Ok(None) };
        let field = self.configured.segment.clone().ok_or_else(|| unmapped("segment"))?;
        Ok(Some(Clause::Is(field, segment.into())))
    }

    fn renewing(&self, cx: &Cx, query: &AccountQuery) -> Result<Option<Clause>> {
        let Some(before) = query.renewal_before else { return Ok(None) };
        let renewals = self.configured.renewals.as_ref().ok_or_else(|| unmapped("renewals"))?;
        let due = due_field(renewals);
        let inner = in_force(Soql::of(object(renewals), [ACCOUNT_ID]), renewals)
            .and(Clause::AtLeast(due.clone(), Value::Day(day(cx.now()))))
            .and(Clause::Below(due, Value::Day(before)));
        Ok(Some(Clause::Within(ID, Box::new(inner))))
    }

    fn account_gap(&self, gap: Option<AccountGap>) -> Result<Option<Clause>> {
        Ok(match gap {
            None => None,
            Some(AccountGap::Owner) => Some(self.nobodys()?),
            Some(AccountGap::Domain) => {
                Some(Clause::Empty(self.configured.domain.clone().unwrap_or(WEBSITE)))
            }
            Some(AccountGap::Segment) => {
                let field = self.configured.segment.clone().ok_or_else(|| unmapped("segment"))?;
                Some(Clause::Empty(field))
            }
        })
    }

    /// Belonging to users who stand for nobody.
    pub(super) fn nobodys(&self) -> Result<Clause> {
        if self.configured.nobody.is_empty() {
            return Err(unmapped("nobody"));
        }
        Ok(Clause::In(Field::new("Owner.Username"), self.configured.nobody.clone()))
    }
}

/// A filter that needs a mapping which is not there.
pub(super) fn unmapped(key: &str) -> Error {
    let message = format!("Salesforce keeps no such thing by itself, and `map.{key}` is not configured");
    Error::new(Code::UnsupportedFilter, message)
}

/// The ids that are ids of this object; what is none matches nothing.
pub(super) fn known_ids(object: &str, given: &[String]) -> Option<Clause> {
    let known = given.iter().filter_map(|id| ids::id(id)).filter(|id| ids::object(id) == Some(object));
    (!given.is_empty()).then(|| Clause::In(ID, known.collect()))
}

/// Every word of a text, somewhere in the field.
pub(super) fn words(field: &Field, text: &str) -> Clause {
    let words = text.split_whitespace().map(|word| Clause::Contains(field.clone(), word.to_owned()));
    match words.collect::<Vec<_>>() {
        // No word is asked for, and no name has none.
        none if none.is_empty() => Clause::Filled(field.clone()),
        some => Clause::All(some),
    }
}

/// The domain, in every way that a site can be written.
pub(super) fn of_domain(configured: &Configured, domain: &str) -> Clause {
    let Some(host) = host_of(domain) else { return Clause::Any(Vec::new()) };
    if let Some(field) = &configured.domain {
        return Clause::In(field.clone(), vec![host.clone(), format!("www.{host}")]);
    }
    let starts = ["", "http://", "https://"];
    let hosts = starts.iter().flat_map(|start| ["", "www."].map(|www| format!("{start}{www}{host}")));
    let hosts: Vec<String> = hosts.collect();
    let paths = hosts.iter().map(|site| Clause::Begins(WEBSITE, format!("{site}/")));
    Clause::Any([Clause::In(WEBSITE, hosts.clone())].into_iter().chain(paths).collect())
}

fn with_open(wanted: bool) -> Clause {
    let open = Soql::of("Opportunity", [ACCOUNT_ID])
        .and(Clause::Is(Field::new("IsClosed"), Value::Flag(false)))
        // A list with a null in it denies nothing.
        .and(Clause::Filled(ACCOUNT_ID));
    if wanted { Clause::Within(ID, Box::new(open)) } else { Clause::Without(ID, Box::new(open)) }
}

/// What renewals are kept in.
pub(super) fn object(renewals: &Renewals) -> &'static str {
    match renewals.kept_in {
        RenewalsIn::Contract => "Contract",
        RenewalsIn::Opportunity => "Opportunity",
    }
}

/// When a renewal is due.
pub(super) fn due_field(renewals: &Renewals) -> Field {
    match renewals.kept_in {
        RenewalsIn::Contract => Field::new("EndDate"),
        RenewalsIn::Opportunity => Field::new("CloseDate"),
    }
}

/// Only what is still to be renewed.
pub(super) fn in_force(soql: Soql, renewals: &Renewals) -> Soql {
    match renewals.kept_in {
        RenewalsIn::Contract => soql.and(Clause::In(Field::new("Status"), renewals.only.clone())),
        RenewalsIn::Opportunity => soql
            .and(Clause::In(Field::new("Type"), renewals.only.clone()))
            .and(Clause::Is(Field::new("IsClosed"), Value::Flag(false))),
    }
}
