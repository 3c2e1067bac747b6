//! Customers, as sales and support see them.

use serde::{Deserialize, Serialize};

/// A customer, or one that may become one.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The key: `nordwind`.
    pub key: String,
    /// The CRMs that hold it: `salesforce`, `hubspot`, or both (a duplicate that reality holds, too).
    pub home: Vec<String>,
    /// Its name.
    pub name: String,
    /// Its internet domain, which joins it across systems.
    pub domain: String,
    /// `enterprise`, `mid_market` or `small`.
    pub segment: String,
    /// `customer`, `prospect` or `closed`.
    pub status: String,
    /// ISO 3166 code.
    pub country: String,
    /// City.
    #[serde(default)]
    pub city: String,
    /// ISO 4217 code.
    pub currency: String,
    /// The handle of who looks after it; missing where nobody does.
    pub owner: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// What it does: `Retail`.
    #[serde(default)]
    pub industry: String,
    /// People working there.
    #[serde(default)]
    pub employees: u32,
    /// The customer's number in the ERP: `17100001`.
    pub erp_customer: Option<String>,
    /// The customer's id in billing: `cus_HaldenNordwind`.
    pub billing_customer: Option<String>,
    /// What somebody wrote about it.
    pub text: Option<String>,
    /// When it was created.
    pub created_days: i64,
}

/// Somebody at a customer.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// The key.
    pub key: String,
    /// The account's key.
    pub account: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Address.
    pub email: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// What they are.
    pub title: Option<String>,
}

/// Business that may come, or came, or did not.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Opportunity {
    /// The key.
    pub key: String,
    /// The account's key; it lives in the first CRM of the account.
    pub account: String,
    /// Its name.
    pub name: String,
    /// `qualification`, `discovery`, `proposal`, `negotiation`, `won` or `lost`.
    pub stage: String,
    /// `new`, `expansion` or `renewal`.
    pub kind: String,
    /// Decimal: `120000.00`.
    pub amount: Option<String>,
    /// ISO 4217 code.
    pub currency: String,
    /// `pipeline`, `best_case`, `commit`, `closed` or `omitted`.
    pub forecast: String,
    /// Handle.
    pub owner: Option<String>,
    /// When it closes or closed.
    pub close_days: i64,
    /// When it was created.
    pub created_days: i64,
    /// When its stage changed last.
    pub moved_days: i64,
    /// When somebody last did something about it.
    pub active_days: Option<i64>,
    /// What is next.
    pub next_step: Option<String>,
    /// Why it was lost.
    pub lost_reason: Option<String>,
}

/// Something that was or will be done with a customer.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// The key.
    pub key: String,
    /// The account's key.
    pub account: String,
    /// The contact's key.
    pub contact: Option<String>,
    /// The opportunity's key.
    pub opportunity: Option<String>,
    /// `call`, `meeting`, `email`, `note` or `task`.
    pub kind: String,
    /// One line.
    pub subject: String,
    /// What was said; mails come from the customer.
    pub text: Option<String>,
    /// Handle.
    pub owner: Option<String>,
    /// When.
    pub hours: i64,
    /// Tasks: due day.
    pub due_days: Option<i64>,
    /// Tasks: done.
    #[serde(default)]
    pub done: bool,
}

/// A contract with a customer that runs out.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Renewal {
    /// The key.
    pub key: String,
    /// The account's key.
    pub account: String,
    /// Its name.
    pub name: String,
    /// Decimal, a year.
    pub value: Option<String>,
    /// ISO 4217 code.
    pub currency: String,
    /// Handle.
    pub owner: Option<String>,
    /// When it began.
    pub start_days: i64,
    /// When it ends.
    pub end_days: i64,
    /// `active`, `renewed` or `terminated`.
    pub status: String,
}

/// What a customer asks or complains about.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The number: `00001042`.
    pub key: String,
    /// The account's key.
    pub account: String,
    /// The contact's key.
    pub contact: Option<String>,
    /// One line.
    pub subject: String,
    /// The customer's words.
    pub text: Option<String>,
    /// The text is repeated this often, to make a very long one.
    pub repeat: Option<usize>,
    /// `new`, `working`, `waiting`, `escalated` or `closed`.
    pub status: String,
    /// `critical`, `high`, `medium` or `low`.
    pub severity: String,
    /// `email`, `phone` or `web`.
    pub channel: String,
    /// Handle.
    pub owner: Option<String>,
    /// When it came.
    pub created_hours: i64,
    /// When it changed last.
    pub updated_hours: i64,
    /// What was said since.
    #[serde(default)]
    pub comments: Vec<CaseComment>,
}

/// Something said on a case.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CaseComment {
    /// Handle of a colleague, or absent for the customer.
    pub author: Option<String>,
    /// When.
    pub hours: i64,
    /// What.
    pub text: String,
    /// The customer sees it.
    #[serde(default)]
    pub public: bool,
}
