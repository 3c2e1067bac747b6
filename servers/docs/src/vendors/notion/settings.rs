//! The keys of a Notion source.

use error::{Error, Result};
use outbound::Settings;
use serde::Deserialize;

use crate::model::{Kind, Status};

/// The version asked for unless configured: data sources, and what Notion's own clients send.
const VERSION: &str = "2025-09-03";

/// `[source.<name>]` beyond the common keys.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// The `Notion-Version` header; default `2025-09-03`.
    pub(super) notion_version: Option<String>,
}

/// `[source.<name>.map]`: what stands for what. Without it, documents have titles and nothing else.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Mapping {
    /// The data source that new drafts go to, by id or name; without it there are none.
    pub(super) drafts: Option<String>,
    /// Data sources whose every page is a runbook, by id or name.
    pub(super) runbooks: Vec<String>,
    /// Data sources whose every page is a policy, by id or name.
    pub(super) policies: Vec<String>,
    /// Names of properties.
    pub(super) properties: Properties,
    /// Names of options.
    pub(super) options: Options,
}

/// Names of properties, the same in every data source that has them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Properties {
    /// Who answers for a document (people).
    pub(super) owner: Option<String>,
    /// Labels (multi-select).
    pub(super) labels: Option<String>,
    /// How far it is (status or select), told apart by `options`.
    pub(super) status: Option<String>,
    /// What kind it is (select), told apart by `options`.
    pub(super) kind: Option<String>,
    /// The service a runbook is for (text or select).
    pub(super) service: Option<String>,
    /// From when a policy holds (date).
    pub(super) effective: Option<String>,
    /// By when to review it (date).
    pub(super) review: Option<String>,
    /// Where our marks stand (text): by them, a repeated draft is found instead of written twice.
    pub(super) mark: Option<String>,
}

/// Names of options of the properties `status` and `kind`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Options {
    /// Statuses of drafts; the first is given to new ones.
    pub(super) draft: Vec<String>,
    /// Statuses of what is kept for the record only. All others are current.
    pub(super) archived: Vec<String>,
    /// Kinds that are runbooks.
    pub(super) runbook: Vec<String>,
    /// Kinds that are policies.
    pub(super) policy: Vec<String>,
}

impl Keys {
    /// The version to ask for. Errors: `invalid_argument` for what is no date.
    pub(super) fn version(&self, settings: &Settings) -> Result<String> {
        let version = self.notion_version.as_deref().unwrap_or(VERSION);
        match version.parse::<jiff::civil::Date>() {
            Ok(_) => Ok(version.to_owned()),
            Err(_) => Err(Error::invalid(
                format!("source/{}/notion_version", settings.name),
                "not a date such as 2025-09-03",
            )),
        }
    }
}

impl Mapping {
    /// The mapping, checked. Errors: `invalid_argument` naming the key.
    pub(super) fn read(settings: &Settings) -> Result<Self> {
        let mapping: Self = settings.mapping()?;
        let at = |key: &str| format!("source/{}/map/{key}", settings.name);
        let (properties, options) = (&mapping.properties, &mapping.options);
        if mapping.drafts.is_some() && (properties.mark.is_none() || properties.status.is_none()) {
            let why = "needs `properties.mark` and `properties.status`: drafts are found by one and told by the other";
            return Err(Error::invalid(at("drafts"), why));
        }
        if mapping.drafts.is_some() && options.draft.is_empty() {
            return Err(Error::invalid(at("options/draft"), "needed: the status of a new draft"));
        }
        Ok(mapping)
    }

    /// How far a document with this status is.
    pub(super) fn status(&self, option: &str) -> Status {
        match option {
            draft if has(&self.options.draft, draft) => Status::Draft,
            archived if has(&self.options.archived, archived) => Status::Archived,
            _ => Status::Current,
        }
    }

    /// The kind of a document with this option.
    pub(super) fn kind(&self, option: &str) -> Option<Kind> {
        match option {
            runbook if has(&self.options.runbook, runbook) => Some(Kind::Runbook),
            policy if has(&self.options.policy, policy) => Some(Kind::Policy),
            _ => None,
        }
    }

    /// The statuses that mean this; empty for current, which is all others.
    pub(super) fn statuses(&self, status: Status) -> &[String] {
        match status {
            Status::Draft => &self.options.draft,
            Status::Archived => &self.options.archived,
            Status::Current => &[],
        }
    }

    /// The kinds that mean this.
    pub(super) fn kinds(&self, kind: Kind) -> &[String] {
        match kind {
            Kind::Runbook => &self.options.runbook,
            Kind::Policy => &self.options.policy,
        }
    }

    /// The data sources whose every page is of this kind.
    pub(super) fn places(&self, kind: Kind) -> &[String] {
        match kind {
            Kind::Runbook => &self.runbooks,
            Kind::Policy => &self.policies,
        }
    }

    /// Whether documents of this kind can be told from others.
    pub(super) fn tells(&self, kind: Kind) -> bool {
        !self.places(kind).is_empty() || (self.properties.kind.is_some() && !self.kinds(kind).is_empty())
    }
}

fn has(options: &[String], option: &str) -> bool {
    options.iter().any(|known| known.eq_ignore_ascii_case(option))
}
