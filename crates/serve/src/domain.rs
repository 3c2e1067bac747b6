//! What a server gives: its tools and its vendors, with the port's type erased.

use std::sync::Arc;

use error::{Error, Result};
use outbound::{Kit, Settings, Vendor};
use tool::{Catalog, Seal, Source, Sources, Toolbox};

use crate::catalogue::{Catalogue, Playbook};

/// A business domain, ready to be served.
pub struct Domain {
    catalogue: Arc<Catalogue>,
    vendors: Vec<Known>,
    connect: Box<Connect>,
    broken: Option<Error>,
}

/// Connects the sources and binds the tools to them.
type Connect = dyn Fn(&[Settings], Seal, &Kit) -> Result<Arc<dyn Toolbox>, Refused> + Send + Sync;

/// A source that cannot be connected.
pub(crate) struct Refused {
    pub(crate) source: String,
    pub(crate) error: Error,
}

/// A vendor without its port.
struct Known {
    name: &'static str,
    #[cfg(feature = "sandbox")]
    simulate: fn() -> sandbox::Simulator,
    #[cfg(feature = "sandbox")]
    demo: &'static str,
}

impl Domain {
    /// The domain `name` (`issues`), whose server has `version` and tells a model `instructions` before its tools.
    #[must_use]
    pub fn new<P: ?Sized + Send + Sync + 'static>(
        name: &'static str,
        version: &'static str,
        instructions: &'static str,
        catalog: Catalog<P>,
        vendors: Vec<Vendor<P>>,
    ) -> Self {
        let broken = catalog.specs().err();
        let catalog = Arc::new(catalog);
        Self {
            catalogue: Arc::new(catalogue(name, version, instructions, &catalog)),
            vendors: vendors.iter().map(known).collect(),
            connect: Box::new(move |settings, seal, kit| {
                let sources: Result<_, Refused> = settings.iter().map(|s| source(&vendors, s, kit)).collect();
                Ok(catalog.clone().bind(Sources::new(sources?, seal)))
            }),
            broken,
        }
    }

    /// Every tool as clients see it, with scope, effect, consent and the rest beside it: the server's contract.
    ///
    /// # Errors
    /// `internal` when a schema could not be made, which is a defect of the tool.
    pub fn contract(&self) -> Result<Vec<serde_json::Value>> {
        self.sound()?;
        Ok(self.catalogue.specs().iter().map(crate::handler::contract).collect())
    }

    pub(crate) fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Refuses a domain one of whose schemas could not be made.
    pub(crate) fn sound(&self) -> Result<()> {
        self.broken.clone().map_or(Ok(()), Err)
    }

    /// The names of its vendors.
    pub(crate) fn vendors(&self) -> Vec<&'static str> {
        self.vendors.iter().map(|v| v.name).collect()
    }

    /// The tools over the configured sources.
    pub(crate) fn connect(
        &self,
        settings: &[Settings],
        seal: Seal,
        kit: &Kit,
    ) -> Result<Arc<dyn Toolbox>, Refused> {
        (self.connect)(settings, seal, kit)
    }
}

#[cfg(feature = "sandbox")]
impl Domain {
    /// A simulator of the vendor called `name`.
    pub(crate) fn simulator(&self, name: &str) -> Option<sandbox::Simulator> {
        self.vendors.iter().find(|v| v.name == name).map(|v| (v.simulate)())
    }

    /// The settings of a source at a serving simulator, under the vendor's name.
    pub(crate) fn at_simulator(&self, to: &sandbox::Directions) -> Result<Settings> {
        let auth = crate::demo::auth(to)?;
        let mut settings = Settings::new(to.vendor, to.vendor, auth);
        let url = to.base_url.parse();
        settings.base_url = Some(url.map_err(|_| Error::internal("a simulator's address is no URL"))?);
        if let Some(vendor) = self.vendors.iter().find(|v| v.name == to.vendor) {
            let keys: DemoKeys = toml::from_str(vendor.demo)
                .map_err(|e| Error::internal("a vendor's demo keys are no configuration").source(e))?;
            (settings.users, settings.map, settings.rest) = (keys.users, keys.map, keys.rest);
        }
        Ok(settings)
    }
}

/// What [`Vendor::demo`] may set.
#[cfg(feature = "sandbox")]
#[derive(serde::Deserialize)]
struct DemoKeys {
    #[serde(default)]
    users: call::Users,
    #[serde(default)]
    map: toml::Table,
    #[serde(flatten)]
    rest: toml::Table,
}

fn known<P: ?Sized>(vendor: &Vendor<P>) -> Known {
    Known {
        name: vendor.name,
        #[cfg(feature = "sandbox")]
        simulate: vendor.simulate,
        #[cfg(feature = "sandbox")]
        demo: vendor.demo,
    }
}

fn source<P: ?Sized>(vendors: &[Vendor<P>], settings: &Settings, kit: &Kit) -> Result<Source<P>, Refused> {
    let refused = |error| Refused { source: settings.name.clone(), error };
    let vendor = vendors.iter().find(|v| v.name == settings.vendor).ok_or_else(|| {
        let known: Vec<_> = vendors.iter().map(|v| v.name).collect();
        let problem = format!("this server has no vendor `{}`; it has {}", settings.vendor, known.join(", "));
        refused(Error::invalid("vendor", problem))
    })?;
    let port = (vendor.connect)(settings, kit).map_err(refused)?;
    Ok(Source { name: settings.name.clone(), vendor: vendor.name, port, users: settings.users.clone() })
}

fn catalogue<P: ?Sized + Send + Sync + 'static>(
    name: &'static str,
    version: &'static str,
    instructions: &'static str,
    catalog: &Arc<Catalog<P>>,
) -> Catalogue {
    let playbook = |p: &tool::Prompt<P>| Playbook {
        name: p.name,
        title: p.title,
        description: p.description,
        arguments: p.arguments,
        render: p.render,
    };
    Catalogue {
        name,
        version,
        instructions,
        kinds: catalog.kinds().to_vec(),
        playbooks: catalog.prompts().iter().map(playbook).collect(),
        // No source is needed to list, and this seal never seals.
        bare: catalog.clone().bind(Sources::new(Vec::new(), Seal::ephemeral())),
    }
}
