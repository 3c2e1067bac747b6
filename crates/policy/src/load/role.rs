//! One role, from what is written to what is asked.

use std::collections::{BTreeMap, HashMap};

use content::{Class, Masks, Treatment};
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use tool::{Consent, Currency, Meta, Money, Targets};

use super::{Problems, currencies, names, raw};
use crate::checks::is_among;
use crate::hours::{DAYS, Hours};
use crate::pattern::Pattern;
use crate::policy::{Grant, House, Places, Role};
use crate::{Ceilings, Reach};

/// The consent levels as the file names them.
const CONSENTS: [(&str, Consent); 4] = [
    ("none", Consent::None),
    ("preview", Consent::Preview),
    ("confirm", Consent::Confirm),
    ("approve", Consent::Approve),
];

pub(super) fn compile(
    name: &str,
    raw: &raw::Role,
    domains: &[String],
    house: &House,
    problems: &mut Problems,
) -> Role {
    let mut compiler = Compiler { name, raw, domains, house, problems };
    let grants = compiler.grants();
    Role {
        name: name.into(),
        about: raw.about.clone(),
        grants,
        forbids: compiler.forbids(),
        sources: compiler.sources(),
        places: compiler.places(),
        rows: compiler.rows(),
        masks: compiler.masks(),
        fields: compiler.fields().into(),
        hours: compiler.hours(),
    }
}

struct Compiler<'a> {
    name: &'a str,
    raw: &'a raw::Role,
    domains: &'a [String],
    house: &'a House,
    problems: &'a mut Problems,
}

impl<'a> Compiler<'a> {
    fn at(&self, key: &str) -> String {
        format!("role.{}.{key}", self.name)
    }

    fn tools(&mut self, name: &str, at: &str) -> Vec<&'a Meta> {
        names::tools(name, self.domains, self.house, at, self.problems)
    }

    fn grants(&mut self) -> HashMap<&'static str, Grant> {
        if self.raw.about.trim().is_empty() {
            self.problems.add(self.at("about"), "say in a sentence what the role is for");
        }
        let mut grants = HashMap::new();
        self.grant(&mut grants, "read", &self.raw.read, false);
        self.grant(&mut grants, "write", &self.raw.write, true);
        self.targets(&mut grants);
        self.unattended(&mut grants);
        self.ceilings(&mut grants);
        self.consents(&mut grants);
        grants
    }

    fn grant(
        &mut self,
        grants: &mut HashMap<&'static str, Grant>,
        key: &str,
        named: &[String],
        writes: bool,
    ) {
        let at = self.at(key);
        for name in named {
            let found = self.tools(name, &at);
            let fitting: Vec<&Meta> =
                found.iter().copied().filter(|meta| meta.is_write() == writes).collect();
            if fitting.is_empty() && !found.is_empty() && !name.starts_with('*') {
                let (is, belongs) = if writes { ("reads", "read") } else { ("writes", "write") };
                self.problems.add(&at, format!("`{name}` {is}; name it under `{belongs}`"));
            }
            for meta in fitting {
                grants.entry(meta.name).or_insert_with(|| Grant {
                    rule: format!("{at} \"{name}\""),
                    consent: Consent::None,
                    targets: None,
                    unattended: Vec::new(),
                    ceilings: None,
                });
            }
        }
    }

    fn forbids(&mut self) -> HashMap<&'static str, String> {
        let at = self.at("forbid");
        let mut forbids = HashMap::new();
        for name in &self.raw.forbid {
            for meta in self.tools(name, &at) {
                forbids.insert(meta.name, format!("{at} \"{name}\""));
            }
        }
        forbids
    }

    /// The granted tools that a table's key names; one that has nothing of the kind is reported.
    fn keyed(
        &mut self,
        at: &str,
        name: &str,
        grants: &HashMap<&'static str, Grant>,
        what: &str,
        has: fn(&Meta) -> bool,
    ) -> Vec<&'a Meta> {
        let found = self.tools(name, at);
        let able: Vec<&Meta> = found.iter().copied().filter(|meta| has(meta)).collect();
        if able.is_empty() && !found.is_empty() {
            self.problems.add(at, format!("`{name}` {what}"));
        }
        let granted: Vec<&Meta> =
            able.iter().copied().filter(|meta| grants.contains_key(meta.name)).collect();
        if granted.is_empty() && !able.is_empty() {
            self.problems.add(at, format!("the role has no tool `{name}`"));
        }
        granted
    }

    fn targets(&mut self, grants: &mut HashMap<&'static str, Grant>) {
        for (name, targets) in &self.raw.targets {
            let at = self.at("targets");
            let moves = |meta: &Meta| meta.stakes.targets != Targets::None;
            for meta in self.keyed(&at, name, grants, "moves no record", moves) {
                if let Targets::Of(known) = meta.stakes.targets {
                    let all: Vec<String> = known.iter().map(|&target| target.to_owned()).collect();
                    for target in targets.iter().filter(|target| !is_among(target, &all)) {
                        self.problems.unknown(&at, "target", target, known.iter().copied());
                    }
                }
                if let Some(grant) = grants.get_mut(meta.name) {
                    grant.targets.get_or_insert_default().extend(targets.iter().cloned());
                }
            }
        }
    }

    fn unattended(&mut self, grants: &mut HashMap<&'static str, Grant>) {
        for (name, actions) in &self.raw.unattended {
            let at = self.at("unattended");
            let acts = |meta: &Meta| meta.stakes.targets == Targets::Actions;
            for meta in self.keyed(&at, name, grants, "runs no approved actions", acts) {
                if let Some(grant) = grants.get_mut(meta.name) {
                    grant.unattended.extend(actions.iter().cloned());
                }
            }
        }
    }

    fn ceilings(&mut self, grants: &mut HashMap<&'static str, Grant>) {
        for (name, amounts) in &self.raw.ceilings {
            let at = self.at("ceilings");
            let mut ceilings = Ceilings::default();
            for (code, amount) in amounts {
                self.ceiling(&at, code, amount).into_iter().for_each(|money| ceilings.set(money));
            }
            for meta in self.keyed(&at, name, grants, "moves no money", |meta| meta.stakes.money) {
                if let Some(grant) = grants.get_mut(meta.name) {
                    grant.ceilings = Some(ceilings.clone());
                }
            }
        }
    }

    fn ceiling(&mut self, at: &str, code: &str, amount: &str) -> Option<Money> {
        if !currencies::CODES.contains(&code) {
            self.problems.unknown(at, "currency", code, currencies::CODES.iter().copied());
            return None;
        }
        let known = Currency::parse(code).ok()?;
        match Money::parse(amount, code) {
            Ok(money) if !money.amount.is_sign_negative() => Some(money),
            _ => {
                self.problems
                    .add(at, format!("the ceiling of {known} must be a decimal text, such as \"500.00\""));
                None
            }
        }
    }

    fn consents(&mut self, grants: &mut HashMap<&'static str, Grant>) {
        for (name, word) in &self.raw.consent {
            let at = self.at("consent");
            let level = CONSENTS.iter().find(|(known, _)| known == word).map(|(_, level)| *level);
            if level.is_none() {
                self.problems.unknown(&at, "consent level", word, CONSENTS.map(|(known, _)| known));
            }
            let writes = self.keyed(&at, name, grants, "only reads and asks nobody", Meta::is_write);
            for meta in writes {
                if let (Some(grant), Some(level)) = (grants.get_mut(meta.name), level) {
                    grant.consent = grant.consent.max(level);
                }
            }
        }
    }

    fn sources(&mut self) -> Reach {
        let at = self.at("sources");
        self.domains_of(&at, &self.raw.sources);
        let Some(patterns) = self.raw.sources.get(&self.house.domain) else { return Reach::All };
        Reach::Only(names::sources(patterns, self.house, &at, self.problems).into())
    }

    fn places(&mut self) -> Option<Places> {
        let at = self.at("places");
        self.domains_of(&at, &self.raw.places);
        let places = self.raw.places.get(&self.house.domain)?;
        if !self.house.tools.iter().any(|meta| meta.stakes.place) {
            self.problems.add(at, format!("no tool of {} works in a place", self.house.domain));
        }
        let patterns = places.iter().map(|text| Pattern::new(text)).collect();
        Some(Places { patterns, reach: Reach::Only(places.as_slice().into()) })
    }

    fn domains_of(&mut self, at: &str, table: &BTreeMap<String, Vec<String>>) {
        for domain in table.keys() {
            names::domain(domain, self.domains, at, self.problems);
        }
    }

    fn rows(&mut self) -> Option<u32> {
        if self.raw.rows == Some(0) {
            self.problems.add(self.at("rows"), "must be at least 1");
        }
        self.raw.rows
    }

    fn masks(&mut self) -> Masks {
        let mut masks = Masks::default();
        for (class, treatment) in &self.raw.masks {
            let at = self.at("masks");
            let class_known = Class::ALL.into_iter().find(|known| known.name() == class);
            if class_known.is_none() {
                self.problems.unknown(&at, "class", class, Class::ALL.map(Class::name));
            }
            let treatment_known = self.treatment(&at, treatment);
            match (class_known, treatment_known) {
                (Some(Class::Secret), Some(Treatment::Show)) => {
                    self.problems.add(at, "what is secret is shown to nobody");
                }
                (Some(class), Some(treatment)) => masks.set(class, treatment),
                _ => {}
            }
        }
        masks
    }

    /// What becomes of this server's fields. Those of others are theirs to check.
    fn fields(&mut self) -> BTreeMap<String, Treatment> {
        let mut fields = BTreeMap::new();
        for (name, treatment) in &self.raw.fields {
            let at = self.at("fields");
            let treatment = self.treatment(&at, treatment);
            let Some((domain, field)) = name.split_once(':') else {
                self.problems.add(at, format!("`{}` is no `domain:field`", content::cut(name, 60)));
                continue;
            };
            names::domain(domain, self.domains, &at, self.problems);
            if domain != self.house.domain {
                continue;
            }
            if !self.house.fields.contains(field) {
                self.problems.unknown(&at, "field", field, self.house.fields.iter().map(String::as_str));
            }
            fields.extend(treatment.map(|treatment| (field.to_owned(), treatment)));
        }
        fields
    }

    fn treatment(&mut self, at: &str, name: &str) -> Option<Treatment> {
        let treatment = Treatment::ALL.into_iter().find(|known| known.name() == name);
        if treatment.is_none() {
            self.problems.unknown(at, "treatment", name, Treatment::ALL.map(Treatment::name));
        }
        treatment
    }

    fn hours(&mut self) -> Option<Hours> {
        let raw = self.raw.hours.as_ref()?;
        let at = self.at("hours");
        let zone = TimeZone::get(&raw.zone).ok();
        if zone.is_none() {
            let known: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
            self.problems.unknown(&at, "time zone", &raw.zone, known.iter().map(String::as_str));
        }
        let mut days = Vec::new();
        for day in &raw.days {
            days.extend(self.day(&at, day));
        }
        let (from, to) = (self.time(&at, &raw.from), self.time(&at, &raw.to));
        Some(Hours { zone: zone?, days, from: from?, to: to? })
    }

    fn day(&mut self, at: &str, name: &str) -> Option<Weekday> {
        let day = DAYS.iter().position(|known| *known == name);
        if day.is_none() {
            self.problems.unknown(at, "day", name, DAYS);
        }
        Weekday::from_monday_zero_offset(i8::try_from(day?).ok()?).ok()
    }

    fn time(&mut self, at: &str, text: &str) -> Option<Time> {
        let time = text.parse().ok().filter(|_| text.len() == 5);
        if time.is_none() {
            self.problems
                .add(at, format!("`{}` is no time of day, such as \"08:00\"", content::cut(text, 20)));
        }
        time
    }
}
