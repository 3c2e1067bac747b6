//! What a service is made of: the part of SAP's published metadata that this simulator holds.

/// The protocol of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// OData 2.0, SAP Gateway's first.
    V2,
    /// OData 4.0, as RAP services speak it.
    V4,
}

/// A service below its own path.
#[derive(Debug)]
pub(crate) struct Service {
    /// The path, with the slash that services end with.
    pub(crate) path: &'static str,
    /// The schema's namespace.
    pub(crate) namespace: &'static str,
    /// Its protocol.
    pub(crate) version: Version,
    /// Rows that one answer holds at most.
    pub(crate) page: usize,
    /// Its entity sets.
    pub(crate) sets: &'static [EntitySet],
}

/// A set of entities of one type. Set names are unique over all services here.
#[derive(Debug)]
pub(crate) struct EntitySet {
    /// The set: `A_Supplier`.
    pub(crate) name: &'static str,
    /// The type of its entities: `A_SupplierType`.
    pub(crate) kind: &'static str,
    /// The properties that make the key, in the order of the key.
    pub(crate) keys: &'static [&'static str],
    /// All properties.
    pub(crate) properties: &'static [Property],
    /// Ways to other sets of the service.
    pub(crate) navigations: &'static [Navigation],
    /// What may be done besides reading.
    pub(crate) access: Access,
}

/// What may be done with a set besides reading.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Access {
    /// `POST` to the set.
    pub(crate) create: bool,
    /// `PATCH`, and in version 2 `MERGE` and `PUT`.
    pub(crate) update: bool,
    /// `DELETE`, which in purchasing sets the deletion flag.
    pub(crate) delete: bool,
}

/// Nothing but reading.
pub(crate) const READ: Access = Access { create: false, update: false, delete: false };
/// Everything but deleting.
pub(crate) const WRITE: Access = Access { create: true, update: true, delete: false };
/// Everything.
pub(crate) const ALL: Access = Access { create: true, update: true, delete: true };

/// A property.
#[derive(Debug)]
pub(crate) struct Property {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its type.
    pub(crate) edm: Edm,
    /// What `$filter` may do with it.
    pub(crate) filter: Filterable,
    /// Whether a client may set it; what it sends for others is dropped, as `Core.Computed` says.
    pub(crate) settable: bool,
}

/// What a filter may do with a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filterable {
    /// Everything.
    Fully,
    /// Compare for equality (`AllowedExpressions: MultiValue`): quantities and amounts of purchasing's version 4.
    ByEquality,
    /// Nothing (`sap:filterable="false"`).
    Never,
}

/// A property's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edm {
    /// `Edm.String` of at most this length.
    Text(usize),
    /// `Edm.Boolean`.
    Flag,
    /// `Edm.Decimal` with precision and scale.
    Decimal(u32, u32),
    /// A day: `Edm.DateTime` with `sap:display-format="Date"` in version 2, `Edm.Date` in version 4.
    Date,
    /// `Edm.DateTimeOffset`.
    Moment,
}

/// A way to other entities.
#[derive(Debug)]
pub(crate) struct Navigation {
    /// Its name.
    pub(crate) name: &'static str,
    /// The set it leads to.
    pub(crate) target: &'static str,
    /// Whether to several.
    pub(crate) many: bool,
    /// The properties that agree: own, theirs.
    pub(crate) on: &'static [(&'static str, &'static str)],
}

impl Service {
    /// A set by name.
    pub(crate) fn set(&self, name: &str) -> Option<&'static EntitySet> {
        self.sets.iter().find(|set| set.name == name)
    }
}

impl EntitySet {
    /// A property by name.
    pub(crate) fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// A navigation by name.
    pub(crate) fn navigation(&self, name: &str) -> Option<&'static Navigation> {
        self.navigations.iter().find(|navigation| navigation.name == name)
    }

    /// Whether its entities bear an ETag: those that can be changed do.
    pub(crate) fn has_etag(&self) -> bool {
        self.access.update
    }
}

/// A text of at most `length` characters.
pub(super) const fn text(name: &'static str, length: usize) -> Property {
    Property { name, edm: Edm::Text(length), filter: Filterable::Fully, settable: true }
}

/// A flag.
pub(super) const fn flag(name: &'static str) -> Property {
    Property { name, edm: Edm::Flag, filter: Filterable::Fully, settable: true }
}

/// An amount or quantity.
pub(super) const fn decimal(name: &'static str, precision: u32, scale: u32) -> Property {
    Property { name, edm: Edm::Decimal(precision, scale), filter: Filterable::Fully, settable: true }
}

/// A day.
pub(super) const fn date(name: &'static str) -> Property {
    Property { name, edm: Edm::Date, filter: Filterable::Fully, settable: true }
}

/// A point in time.
pub(super) const fn moment(name: &'static str) -> Property {
    Property { name, edm: Edm::Moment, filter: Filterable::Fully, settable: false }
}

/// The same, set by SAP alone.
pub(super) const fn computed(property: Property) -> Property {
    Property { settable: false, ..property }
}

/// The same, not to be filtered by.
pub(super) const fn unfilterable(property: Property) -> Property {
    Property { filter: Filterable::Never, ..property }
}

/// The same, to be compared for equality alone.
pub(super) const fn multi_value(property: Property) -> Property {
    Property { filter: Filterable::ByEquality, ..property }
}
