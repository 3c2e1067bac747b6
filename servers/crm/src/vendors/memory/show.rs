//! The company's records in the domain's words.

use content::{Author, FreeText, Label};
use sandbox::company;
use tool::{CustomerKeys, Day, Moment, Money};

use super::{Memory, STAGES};
use crate::model::{
    Account, Activity, ActivityKind, CaseComment, CaseState, Contact, CustomerCase, Opportunity, Renewal,
    Severity, Standing,
};

/// A text of the company's own people.
pub(super) fn internal(text: &str) -> FreeText {
    FreeText::new(text, Author::Internal)
}

impl Memory {
    pub(super) fn account_of(&self, a: &company::Account) -> Account {
        let id = self.id("account", &a.key);
        let open =
            |o: &&company::Opportunity| o.account == a.key && !matches!(o.stage.as_str(), "won" | "lost");
        let due = |r: &&company::Renewal| r.account == a.key && r.status == "active" && r.end_days >= 0;
        Account {
            name: Label::new(&a.name),
            keys: CustomerKeys {
                domain: Some(a.domain.clone()).filter(|d| !d.is_empty()),
                erp_customer: a.erp_customer.clone(),
                billing_customer: a.billing_customer.clone(),
            },
            owner: self.name(a.owner.as_ref()),
            segment: Some(Label::new(&a.segment)).filter(|s| !s.as_str().is_empty()),
            industry: Some(Label::new(&a.industry)).filter(|i| !i.as_str().is_empty()),
            location: Some(Label::new(&format!("{} {}", a.city, a.country))),
            open_opportunities: u32::try_from(self.holdings.opportunities.iter().filter(open).count()).ok(),
            renewal: self.holdings.renewals.iter().filter(due).map(|r| Day(self.day(r.end_days))).min(),
            last_activity: None,
            updated: Some(Moment(self.at(24 * a.created_days))),
            url: self.url(&id),
            as_of: Some(Moment(self.now)),
            description: a.text.as_deref().map(internal),
            id,
        }
    }

    pub(super) fn contact_of(&self, c: &company::Contact) -> Contact {
        let id = self.id("contact", &c.key);
        Contact {
            name: Label::new(&format!("{} {}", c.first_name, c.last_name)),
            title: c.title.as_deref().map(Label::new),
            email: c.email.as_deref().map(Label::new),
            phone: c.phone.as_deref().map(Label::new),
            last_activity: None,
            url: self.url(&id),
            as_of: Some(Moment(self.now)),
            id,
        }
    }

    pub(super) fn opportunity_of(&self, o: &company::Opportunity) -> Opportunity {
        let id = self.id("opportunity", &o.key);
        let stage = STAGES.iter().find(|(name, _)| name.to_lowercase().ends_with(&o.stage));
        let (stage, standing) = stage.copied().unwrap_or(("Qualification", Standing::Open));
        Opportunity {
            name: Label::new(&o.name),
            account: self.linked(&o.account),
            stage: Label::new(stage),
            standing,
            amount: o.amount.as_deref().and_then(|amount| Money::parse(amount, &o.currency).ok()),
            currency: tool::Currency::parse(&o.currency).ok(),
            probability: None,
            forecast: Some(Label::new(&o.forecast)),
            close: Some(Day(self.day(o.close_days))),
            owner: self.name(o.owner.as_ref()),
            next_step: o.next_step.as_deref().map(Label::new),
            last_activity: o.active_days.map(|days| Moment(self.at(24 * days))),
            lost_reason: o.lost_reason.as_deref().map(Label::new),
            whole_reason: o.lost_reason.clone(),
            updated: Some(Moment(self.at(24 * o.moved_days))),
            url: self.url(&id),
            as_of: Some(Moment(self.now)),
            description: None,
            id,
        }
    }

    pub(super) fn activity_of(&self, a: &company::Activity) -> Activity {
        let kind = match a.kind.as_str() {
            "call" => ActivityKind::Call,
            "meeting" => ActivityKind::Meeting,
            "email" => ActivityKind::Email,
            "task" => ActivityKind::Task,
            _ => ActivityKind::Note,
        };
        let author = if kind == ActivityKind::Email { Author::Customer } else { Author::Internal };
        let other = |noun: &str, key: &Option<String>| {
            Some(crate::model::Linked::new(self.id(noun, key.as_deref()?), None))
        };
        let others = [other("opportunity", &a.opportunity), other("contact", &a.contact)];
        Activity {
            id: self.id("activity", &a.key),
            kind,
            subject: Label::new(&a.subject),
            at: Moment(a.due_days.map_or_else(|| self.at(a.hours), |days| self.at(24 * days))),
            owner: self.name(a.owner.as_ref()),
            about: self.linked(&a.account).into_iter().chain(others.into_iter().flatten()).collect(),
            due: a.due_days.map(|days| Day(self.day(days))),
            done: (kind == ActivityKind::Task).then_some(a.done),
            minutes: None,
            url: None,
            as_of: Some(Moment(self.now)),
            text: a.text.as_deref().map(|text| FreeText::new(text, author)),
        }
    }

    pub(super) fn renewal_of(&self, r: &company::Renewal) -> Renewal {
        let id = self.id("renewal", &r.key);
        let value = r.value.as_deref().filter(|_| self.able.renewal_value);
        Renewal {
            name: Label::new(&r.name),
            account: self.linked(&r.account),
            due: Day(self.day(r.end_days)),
            value: value.and_then(|value| Money::parse(value, &r.currency).ok()),
            status: Some(Label::new(&r.status)),
            owner: self.name(r.owner.as_ref()),
            url: self.url(&id),
            as_of: Some(Moment(self.now)),
            id,
        }
    }

    pub(super) fn case_of(&self, c: &company::Case) -> CustomerCase {
        let id = self.id("case", &c.key);
        let text = c.text.as_deref().map(|text| text.repeat(c.repeat.unwrap_or(1)));
        CustomerCase {
            number: Some(Label::new(&c.key)),
            subject: Label::new(&c.subject),
            state: match c.status.as_str() {
                "closed" => CaseState::Closed,
                "waiting" => CaseState::Waiting,
                _ => CaseState::Open,
            },
            status: Label::new(&c.status),
            severity: Some(match c.severity.as_str() {
                "critical" => Severity::Critical,
                "high" => Severity::High,
                "low" => Severity::Low,
                _ => Severity::Medium,
            }),
            account: self.linked(&c.account),
            owner: self.name(c.owner.as_ref()),
            opened: Moment(self.at(c.created_hours)),
            updated: Some(Moment(self.at(c.updated_hours))),
            url: self.url(&id),
            as_of: Some(Moment(self.now)),
            description: text.map(|text| FreeText::new(&text, Author::Customer)),
            comments: self.comments_of(c),
            id,
        }
    }

    fn comments_of(&self, c: &company::Case) -> Vec<CaseComment> {
        let author = |by: &company::CaseComment| match by.author {
            Some(_) => Author::Internal,
            None => Author::Customer,
        };
        let comment = |said: &company::CaseComment| CaseComment {
            author: self.name(said.author.as_ref()),
            at: Moment(self.at(said.hours)),
            public: Some(said.public || said.author.is_none()),
            text: FreeText::new(&said.text, author(said)),
        };
        let mut comments: Vec<CaseComment> = c.comments.iter().map(comment).collect();
        comments.sort_by_key(|comment| std::cmp::Reverse(comment.at));
        comments
    }
}
