//! The demo company's customers as a Salesforce org.

use jiff::{SignedDuration, Timestamp, civil::Date};
use sandbox::company::{Account, Activity, Case, Contact, Opportunity, Person, Renewal};
use serde_json::{Value, json};

use super::face::{ORG, user_id};
use super::ids::derived;
use super::schema::Object;
use super::store::{Org, Row, day, or_null, stamp, text};
use super::{AGENT, effects};
use crate::company::Holdings;

/// Name, closed, won, probability, forecast category, and the company's word for it; in their order.
const STAGES: [(&str, bool, bool, f64, &str, &str); 6] = [
    ("Qualification", false, false, 10.0, "Pipeline", "qualification"),
    ("Discovery", false, false, 25.0, "Pipeline", "discovery"),
    ("Proposal", false, false, 60.0, "Best Case", "proposal"),
    ("Negotiation", false, false, 80.0, "Commit", "negotiation"),
    ("Closed Won", true, true, 100.0, "Closed", "won"),
    ("Closed Lost", true, false, 0.0, "Omitted", "lost"),
];

/// Currencies and how many of them one euro is.
const CURRENCIES: [(&str, f64, i64); 8] = [
    ("EUR", 1.0, 2),
    ("USD", 1.16, 2),
    ("JPY", 178.0, 0),
    ("GBP", 0.88, 2),
    ("KWD", 0.356, 3),
    ("SEK", 11.0, 2),
    ("NOK", 11.7, 2),
    ("CHF", 0.93, 2),
];

/// The org at `now`.
pub(super) fn fill(now: Timestamp) -> Org {
    let held = Holdings::of("salesforce");
    let mut filler = Filler { org: Org::new(), people: &held.people, now };
    filler.set_up();
    filler.users();
    held.accounts.iter().for_each(|a| filler.account(a));
    held.contacts.iter().for_each(|c| filler.contact(c));
    held.opportunities.iter().for_each(|o| filler.opportunity(o));
    held.renewals.iter().for_each(|r| filler.contract(r));
    held.cases.iter().for_each(|c| filler.case(c));
    held.activities.iter().for_each(|a| filler.activity(a));
    held.opportunities.iter().for_each(|o| filler.last_active(o));
    filler.org
}

struct Filler<'a> {
    org: Org,
    people: &'a [Person],
    now: Timestamp,
}

/// A row in the making.
macro_rules! row {
    ($($field:literal: $value:expr),* $(,)?) => {
        Row::from_iter([$(($field, json!($value))),*])
    };
}

impl Filler<'_> {
    fn at(&self, hours: i64) -> Timestamp {
        self.now.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(self.now)
    }

    fn day(&self, days: i64) -> Date {
        day(self.at(days.saturating_mul(24)))
    }

    /// Adds a record with its past. What nobody is responsible for belongs to the integration's own user.
    fn put(&mut self, object: &str, key: &str, mut row: Row, created: Timestamp, changed: Timestamp) {
        let Some(object) = Object::named(object) else { return };
        row.insert("Id", json!(derived(object.prefix, key)));
        let agent = user_id(AGENT);
        row.entry("CreatedById").or_insert_with(|| json!(agent));
        row.insert("LastModifiedById", json!(agent));
        row.insert("IsDeleted", json!(false));
        let number = row.remove("CaseNumber");
        effects::born(&mut self.org, object, &mut row, changed, &agent);
        row.extend(number.map(|number| ("CaseNumber", number)));
        row.insert("CreatedDate", json!(stamp(created)));
        for field in ["LastModifiedDate", "SystemModstamp"] {
            row.insert(field, json!(stamp(changed)));
        }
        self.org.put(object, row.clone(), changed);
        effects::after(&mut self.org, object, &row, changed);
    }

    /// What the org's owner made once.
    fn once(&mut self, object: &str, key: &str, row: Row) {
        let long_ago = self.at(-24 * 2_000);
        self.put(object, key, row, long_ago, long_ago);
    }

    fn set_up(&mut self) {
        for (order, (name, closed, won, probability, forecast, key)) in (1..).zip(STAGES) {
            let row = row! {
                "MasterLabel": name, "ApiName": name, "IsActive": true, "IsClosed": closed, "IsWon": won,
                "SortOrder": order, "DefaultProbability": probability, "ForecastCategoryName": forecast,
            };
            self.once("OpportunityStage", key, row);
        }
        for (code, rate, digits) in CURRENCIES {
            let row = row! {
                "IsoCode": code, "ConversionRate": rate, "DecimalPlaces": digits, "IsActive": true,
                "IsCorporate": code == "EUR",
            };
            self.once("CurrencyType", code, row);
        }
        let renewal = row! {
            "Name": "Renewal", "DeveloperName": "Renewal", "SobjectType": "Opportunity", "IsActive": true,
        };
        self.once("RecordType", "renewal", renewal);
        let mut organization = row! {
            "Name": "Halden Pay", "IsSandbox": true, "InstanceName": "EU46", "OrganizationType": "Enterprise Edition",
            "LanguageLocaleKey": "en_US",
        };
        organization.insert("Id", json!(ORG));
        if let Some(object) = Object::named("Organization") {
            self.org.put(object, organization, self.now);
        }
    }

    fn users(&mut self) {
        for person in self.people {
            let (first, last) = person.name.rsplit_once(' ').unwrap_or(("", &person.name));
            let row = row! {
                "Username": person.email, "Email": person.email, "FirstName": first, "LastName": last,
                "Title": person.title, "IsActive": !person.left, "UserType": "Standard",
            };
            // The id is derived from the name a user signs in with.
            self.once("User", &person.email, row);
        }
    }

    fn user(&self, handle: Option<&str>) -> Value {
        let person = self.people.iter().find(|p| Some(p.handle.as_str()) == handle);
        json!(user_id(person.map_or(AGENT, |p| &p.email)))
    }

    fn account(&mut self, account: &Account) {
        let kind = match account.status.as_str() {
            "customer" => "Customer",
            "closed" => "Former Customer",
            _ => "Prospect",
        };
        let row = row! {
            "Name": account.name, "Website": website(account), "Phone": account.phone, "Type": kind,
            "Industry": account.industry, "Segment__c": account.segment, "ERP_Customer__c": account.erp_customer,
            "Billing_Customer__c": account.billing_customer, "NumberOfEmployees": account.employees,
            "BillingCity": account.city, "BillingCountry": account.country, "Description": account.text,
            "CurrencyIsoCode": account.currency, "OwnerId": self.user(account.owner.as_deref()),
        };
        let created = self.at(account.created_days * 24);
        self.put("Account", &account.key, row, created, self.at(account.created_days / 4 * 24));
    }

    fn contact(&mut self, contact: &Contact) {
        let row = row! {
            "AccountId": derived("001", &contact.account), "FirstName": contact.first_name,
            "LastName": contact.last_name, "Email": contact.email, "Phone": contact.phone, "Title": contact.title,
        };
        let created = self.at(-24 * 200);
        self.put("Contact", &contact.key, row, created, created);
    }

    fn opportunity(&mut self, opportunity: &Opportunity) {
        let stage = STAGES.iter().find(|stage| stage.5 == opportunity.stage).unwrap_or(&STAGES[0]);
        let (kind, record_type) = match opportunity.kind.as_str() {
            "renewal" => ("Renewal", json!(derived("012", "renewal"))),
            "expansion" => ("Expansion", Value::Null),
            _ => ("New Business", Value::Null),
        };
        let mut row = row! {
            "AccountId": derived("001", &opportunity.account), "Name": opportunity.name, "StageName": stage.0,
            "Amount": number(opportunity.amount.as_deref()), "CurrencyIsoCode": opportunity.currency,
            "CloseDate": self.day(opportunity.close_days), "Type": kind, "RecordTypeId": record_type,
            "NextStep": opportunity.next_step, "Loss_Reason__c": opportunity.lost_reason,
            "OwnerId": self.user(opportunity.owner.as_deref()),
        };
        let moved = self.at(opportunity.moved_days * 24);
        row.insert("LastStageChangeDate", json!(stamp(moved)));
        let changed = self.at(opportunity.active_days.unwrap_or(opportunity.moved_days).min(0) * 24);
        let key = &opportunity.key;
        self.put("Opportunity", key, row, self.at(opportunity.created_days * 24), changed.max(moved));
        let forecast = forecast(&opportunity.forecast);
        self.org.touch(&derived("006", key), "ForecastCategoryName", json!(forecast), changed);
    }

    /// What was done about an opportunity is not all written down.
    fn last_active(&mut self, opportunity: &Opportunity) {
        let date = or_null(opportunity.active_days.map(|days| self.day(days)));
        self.org.touch(&derived("006", &opportunity.key), "LastActivityDate", date, self.now);
    }

    fn contract(&mut self, renewal: &Renewal) {
        let status = if renewal.status == "active" { "Activated" } else { "Expired" };
        let row = row! {
            "AccountId": derived("001", &renewal.account), "Name": renewal.name,
            "StartDate": self.day(renewal.start_days), "EndDate": self.day(renewal.end_days), "Status": status,
            "Annual_Value__c": number(renewal.value.as_deref()), "CurrencyIsoCode": renewal.currency,
            "OwnerId": self.user(renewal.owner.as_deref()),
        };
        let began = self.at(renewal.start_days * 24);
        self.put("Contract", &renewal.key, row, began, began);
    }

    fn case(&mut self, case: &Case) {
        let status = match case.status.as_str() {
            "working" => "Working",
            "waiting" => "Waiting on Customer",
            "escalated" => "Escalated",
            "closed" => "Closed",
            _ => "New",
        };
        let said = case.text.as_deref().map(|text| text.repeat(case.repeat.unwrap_or(1)));
        // A description holds 32,000 characters.
        let said = said.map(|text| text.chars().take(32_000).collect::<String>());
        let row = row! {
            "CaseNumber": case.key, "AccountId": derived("001", &case.account),
            "ContactId": or_null(case.contact.as_ref().map(|key| derived("003", key))),
            "Subject": case.subject, "Description": said, "Status": status,
            "Priority": capitalized(&case.severity), "Origin": capitalized(&case.channel),
            "OwnerId": self.user(case.owner.as_deref()),
        };
        self.put("Case", &case.key, row, self.at(case.created_hours), self.at(case.updated_hours));
        for (nth, comment) in case.comments.iter().enumerate() {
            let row = row! {
                "ParentId": derived("500", &case.key), "CommentBody": comment.text, "IsPublished": comment.public,
                "CreatedById": match &comment.author {
                    Some(handle) => self.user(Some(handle)),
                    None => self.portal_user(case),
                },
            };
            let at = self.at(comment.hours);
            self.put("CaseComment", &format!("{}/{nth}", case.key), row, at, at);
        }
    }

    /// Customers comment through a portal, of which they are users.
    fn portal_user(&mut self, case: &Case) -> Value {
        let contact = case.contact.as_ref().map(|key| derived("003", key));
        let contact = contact.and_then(|id| self.org.any(&id));
        let shown = |field| contact.map(|row| text(row, field).to_owned()).unwrap_or_default();
        let (first, last, email) = (shown("FirstName"), shown("LastName"), shown("Email"));
        let name = format!("{}.portal", if email.is_empty() { &case.account } else { &email });
        let last = if last.is_empty() { "Customer".to_owned() } else { last };
        let row = row! {
            "Username": name, "Email": email, "FirstName": first, "LastName": last, "IsActive": true,
            "UserType": "CspLitePortal",
        };
        self.once("User", &name, row);
        json!(user_id(&name))
    }

    fn activity(&mut self, activity: &Activity) {
        let at = self.at(activity.hours);
        let account = derived("001", &activity.account);
        let mut row = row! {
            "WhatId": activity.opportunity.as_ref().map_or(account, |key| derived("006", key)),
            "WhoId": or_null(activity.contact.as_ref().map(|key| derived("003", key))),
            "Subject": activity.subject, "Description": activity.text,
            "OwnerId": self.user(activity.owner.as_deref()),
        };
        if activity.kind == "meeting" {
            row.extend([("StartDateTime", json!(stamp(at))), ("DurationInMinutes", json!(60))]);
            return self.put("Event", &activity.key, row, at.min(self.now), at.min(self.now));
        }
        let is_task = activity.kind == "task";
        let (subtype, kind) = match activity.kind.as_str() {
            "call" => ("Call", json!("Call")),
            "email" => ("Email", json!("Email")),
            "note" => ("Task", json!("Note")),
            _ => ("Task", Value::Null),
        };
        let done = !is_task || activity.done;
        let date = activity.due_days.filter(|_| is_task).map_or(day(at), |days| self.day(days));
        row.extend([
            ("TaskSubtype", json!(subtype)),
            ("Type", kind),
            ("Status", json!(if done { "Completed" } else { "Not Started" })),
            ("ActivityDate", json!(date)),
        ]);
        self.put("Task", &activity.key, row, at.min(self.now), at.min(self.now));
        if activity.kind == "email" {
            self.mail(activity, at);
        }
    }

    /// A mail is a message, and a task that stands for it.
    fn mail(&mut self, activity: &Activity, at: Timestamp) {
        let writer = activity.contact.as_ref().map(|key| derived("003", key));
        let writer =
            writer.and_then(|id| self.org.any(&id)).and_then(|contact| contact.get("Email")).cloned();
        let row = row! {
            "ActivityId": derived("00T", &activity.key), "RelatedToId": derived("001", &activity.account),
            "Subject": activity.subject, "TextBody": activity.text, "Incoming": true,
            "FromAddress": writer.unwrap_or_default(), "MessageDate": stamp(at),
        };
        self.put("EmailMessage", &activity.key, row, at, at);
    }
}

/// Sites are written in every way that people write them.
fn website(account: &Account) -> Option<String> {
    if account.domain.is_empty() {
        return None;
    }
    let domain = &account.domain;
    Some(match account.key.len() % 4 {
        0 => domain.clone(),
        1 => format!("www.{domain}"),
        2 => format!("https://www.{domain}/"),
        _ => format!("https://{domain}"),
    })
}

fn number(decimal: Option<&str>) -> Value {
    or_null(decimal.and_then(|text| text.parse::<f64>().ok()))
}

fn forecast(word: &str) -> &'static str {
    match word {
        "best_case" => "Best Case",
        "commit" => "Commit",
        "closed" => "Closed",
        "omitted" => "Omitted",
        _ => "Pipeline",
    }
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
