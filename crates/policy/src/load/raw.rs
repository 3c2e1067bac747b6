//! The file as it is written. Every table refuses keys it does not know.

use std::collections::BTreeMap;

use serde::Deserialize;

/// `roles.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    /// The domains the file speaks of, whether this server is one of them or not.
    pub(super) domains: Vec<String>,
    /// Whether the roles of the house hold too; a role of the same name replaces one of them.
    pub(super) presets: bool,
    /// Claim -> value -> roles.
    pub(super) claims: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// The roles of callers to whom no claim gives one; none if absent. The presets' do not come with `presets`.
    pub(super) otherwise: Vec<String>,
    /// `domain:source` or `domain:source/place` -> who may read what is there.
    pub(super) audience: BTreeMap<String, String>,
    pub(super) taint: Taint,
    pub(super) role: toml::Table,
}

pub(super) const FILE: &[&str] = &["audience", "claims", "domains", "otherwise", "presets", "role", "taint"];

/// `[taint]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Taint {
    /// For how many minutes a workflow that read untrusted text is watched; 0 turns the rule off.
    pub(super) minutes: u32,
}

impl Default for Taint {
    fn default() -> Self {
        Self { minutes: 60 }
    }
}

/// `[role.NAME]`. Tools are named `domain:tool`; `*` stands for any run of characters.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Role {
    /// What the role is for, in a sentence.
    pub(super) about: String,
    /// Tools that read.
    pub(super) read: Vec<String>,
    /// Tools that write.
    pub(super) write: Vec<String>,
    /// Tools that whoever has this role may never use, whatever other roles allow.
    pub(super) forbid: Vec<String>,
    /// Domain -> sources; all if absent.
    pub(super) sources: BTreeMap<String, Vec<String>>,
    /// Domain -> projects, repositories, spaces, companies, plants by key; all if absent.
    pub(super) places: BTreeMap<String, Vec<String>>,
    /// Tool -> targets it may move a record to; all if absent.
    pub(super) targets: BTreeMap<String, Vec<String>>,
    /// Tool -> approved actions that run without anybody's consent.
    pub(super) unattended: BTreeMap<String, Vec<String>>,
    /// Tool -> currency -> the most that one call may move, as a decimal text.
    pub(super) ceilings: BTreeMap<String, BTreeMap<String, String>>,
    /// Tool -> the least consent: `none`, `preview`, `confirm`, `approve`.
    pub(super) consent: BTreeMap<String, String>,
    /// Class -> `show`, `mask`, `tokenize`, `drop`.
    pub(super) masks: BTreeMap<String, String>,
    /// Field of a domain -> treatment, which goes before that of its class: `"crm:contacts.email" = "drop"`.
    pub(super) fields: BTreeMap<String, String>,
    /// The most rows of one answer.
    pub(super) rows: Option<u32>,
    pub(super) hours: Option<Hours>,
}

pub(super) const ROLE: &[&str] = &[
    "about",
    "ceilings",
    "consent",
    "fields",
    "forbid",
    "hours",
    "masks",
    "places",
    "read",
    "rows",
    "sources",
    "targets",
    "unattended",
    "write",
];

/// `hours = { zone = "Europe/Berlin", days = ["mon"], from = "08:00", to = "18:00" }`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hours {
    pub(super) zone: String,
    pub(super) days: Vec<String>,
    pub(super) from: String,
    pub(super) to: String,
}
