//! What is known of a vendor once its port was asked, with all settings and with fewer.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use call::{Clock, Users};
use outbound::{Kit, Vendor};
use toml::Table;
use tool::{Catalog, Seal, Source, Sources, Spec};

use crate::schema::exists;
use crate::settings::{self, All};
use crate::{Ability, Part, Problem};

/// What a vendor can do, tool by tool in the catalogue's order.
pub(crate) struct Known {
    pub(crate) tools: Vec<KnownTool>,
}

/// What a vendor can do of a tool.
pub(crate) struct KnownTool {
    pub(crate) name: &'static str,
    pub(crate) able: When,
    pub(crate) parts: Vec<(Part, When)>,
}

/// When a vendor is able to do something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum When {
    Always,
    Never,
    /// With all settings of one of these sets.
    With(Vec<BTreeSet<String>>),
}

/// What all vendors of a server have in common.
pub(crate) struct Server<P: ?Sized> {
    catalog: Arc<Catalog<P>>,
    abilities: fn(&P) -> Vec<Ability>,
}

impl<P: ?Sized + Send + Sync + 'static> Server<P> {
    pub(crate) fn new(catalog: Arc<Catalog<P>>, abilities: fn(&P) -> Vec<Ability>) -> Self {
        Self { catalog, abilities }
    }

    /// Asks the vendor's port under all its settings, and under fewer for what depends on them.
    pub(crate) fn known(&self, vendor: &Vendor<P>, all: &All) -> Result<Known, Problem> {
        let asked = Asked { server: self, vendor, all, answers: RefCell::default() };
        let connected = (vendor.connect)(&all.with(all.keys.clone()), &kit());
        let port = connected.map_err(|e| Problem(format!("`{}` does not connect: {e:?}", vendor.name)))?;
        let parts = (self.abilities)(&port);
        let specs = self.catalog.specs().map_err(|e| Problem(format!("{e:?}")))?;
        parts.iter().try_for_each(|ability| exists(ability, specs))?;
        let bare = settings::least(&all.keys, |keys| asked.answer(keys).is_some());
        let tool = |(at, spec): (usize, &Spec)| {
            let holds = |keys: &Table| asked.says(keys, at);
            let able = asked.when(&bare, holds);
            // What the tool itself needs is not told again of its parts, unless there is a choice.
            let given = match &able {
                When::With(ways) if ways.len() == 1 => settings::least(&all.keys, holds),
                _ => bare.clone(),
            };
            let part = |(part, ability): (usize, &Ability)| {
                let when = asked.when(&given, |keys| asked.says(keys, specs.len() + part));
                (ability.part.clone(), when)
            };
            let of_tool = |(_, ability): &(usize, &Ability)| ability.tool == spec.meta.name;
            KnownTool {
                name: spec.meta.name,
                able,
                parts: parts.iter().enumerate().filter(of_tool).map(part).collect(),
            }
        };
        Ok(Known { tools: specs.iter().enumerate().map(tool).collect() })
    }

    /// The answers of a port: for each tool in order, then for each part in order.
    fn answers(&self, vendor: &'static str, port: Arc<P>) -> Vec<bool> {
        let parts = (self.abilities)(&port).into_iter().map(|ability| ability.able);
        let source = Source { name: vendor.into(), vendor, port, users: Users::default() };
        let tools = self.catalog.clone().bind(Sources::new(vec![source], Seal::ephemeral()));
        tools.specs().iter().map(|spec| tools.offered(spec.meta.name)).chain(parts).collect()
    }
}

/// One vendor, and what it answered under which keys.
struct Asked<'a, P: ?Sized> {
    server: &'a Server<P>,
    vendor: &'a Vendor<P>,
    all: &'a All,
    answers: RefCell<BTreeMap<String, Option<Vec<bool>>>>,
}

impl<P: ?Sized + Send + Sync + 'static> Asked<'_, P> {
    /// The answers under these keys; none if the vendor refuses them.
    fn answer(&self, keys: &Table) -> Option<Vec<bool>> {
        let ask = || {
            let port = (self.vendor.connect)(&self.all.with(keys.clone()), &kit()).ok()?;
            Some(self.server.answers(self.vendor.name, port))
        };
        self.answers.borrow_mut().entry(keys.to_string()).or_insert_with(ask).clone()
    }

    /// Whether the answer at this place is yes.
    fn says(&self, keys: &Table, place: usize) -> bool {
        self.answer(keys).is_some_and(|answers| answers.get(place) == Some(&true))
    }

    /// When something holds, beside the keys of `given`.
    fn when(&self, given: &Table, holds: impl Fn(&Table) -> bool) -> When {
        match (holds(given), holds(&self.all.keys)) {
            (true, _) => When::Always,
            (false, false) => When::Never,
            (false, true) => {
                let ways = self.all.ways(given, holds).iter().map(|way| self.all.shown(way)).collect();
                When::With(distinct(ways))
            }
        }
    }
}

/// Without the settings of one way, another may name the same tables.
fn distinct(mut ways: Vec<BTreeSet<String>>) -> Vec<BTreeSet<String>> {
    ways.sort();
    ways.dedup();
    ways
}

fn kit() -> Kit {
    Kit::new(Clock::system())
}
