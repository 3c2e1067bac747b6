//! The demo company's customers as one system holds them, for the simulators.
//!
//! An account lives in every system that its `home` names. What hangs on it (opportunities, activities, renewals,
//! cases) lives in the first of them only; contacts, like accounts, in all.

use std::collections::BTreeMap;

use sandbox::company::{self, Account, Activity, Case, Contact, Opportunity, Person, Renewal};

/// What one system holds.
pub struct Holdings {
    /// Everybody who works at the company, the agent's own user (`sandbox`) included.
    pub people: Vec<Person>,
    /// Customers.
    pub accounts: Vec<Account>,
    /// People at customers.
    pub contacts: Vec<Contact>,
    /// Business that may come.
    pub opportunities: Vec<Opportunity>,
    /// What was done and is to be done.
    pub activities: Vec<Activity>,
    /// Contracts that run out.
    pub renewals: Vec<Renewal>,
    /// What customers ask and complain about.
    pub cases: Vec<Case>,
}

impl Holdings {
    /// What the system `home` holds.
    #[must_use]
    pub fn of(home: &str) -> Self {
        let accounts: Vec<Account> =
            company::accounts().into_iter().filter(|a| a.home.iter().any(|h| h == home)).collect();
        let first: BTreeMap<&str, bool> =
            accounts.iter().map(|a| (a.key.as_str(), a.home.first().is_some_and(|h| h == home))).collect();
        let held = |key: &String| first.contains_key(key.as_str());
        let lives = |key: &String| first.get(key.as_str()) == Some(&true);
        Self {
            people: company::people(),
            contacts: company::contacts().into_iter().filter(|c| held(&c.account)).collect(),
            opportunities: company::opportunities().into_iter().filter(|o| lives(&o.account)).collect(),
            activities: company::activities().into_iter().filter(|a| lives(&a.account)).collect(),
            renewals: company::renewals().into_iter().filter(|r| lives(&r.account)).collect(),
            cases: company::cases().into_iter().filter(|c| lives(&c.account)).collect(),
            accounts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_of_both_systems_does_its_business_in_the_first() {
        let (first, second) = (Holdings::of("salesforce"), Holdings::of("hubspot"));
        let both = |h: &Holdings| h.accounts.iter().any(|a| a.key == "aurora-retail");
        assert!(both(&first) && both(&second));
        let business = |h: &Holdings| h.opportunities.iter().filter(|o| o.account == "aurora-retail").count();
        assert_eq!(business(&second), 0);
        let total = first.opportunities.len() + second.opportunities.len();
        assert_eq!(total, company::opportunities().len(), "each opportunity has one home");
    }
}
