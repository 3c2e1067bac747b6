//! The objects of the org and their fields, as `describe` tells them.
//!
//! Source: Object Reference for the Salesforce Platform. The fields that end in `__c` are the demo company's own.

mod objects;

pub(super) use objects::OBJECTS;

/// An object.
pub(super) struct Object {
    pub(super) name: &'static str,
    pub(super) plural: &'static str,
    /// The first three characters of its ids.
    pub(super) prefix: &'static str,
    pub(super) fields: &'static [Field],
    /// Records may be made and changed by clients.
    pub(super) writable: bool,
    /// Whether its records have a currency.
    pub(super) has_currency: bool,
}

/// A field.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
    pub(super) creatable: bool,
    pub(super) updatable: bool,
    pub(super) external_id: bool,
}

/// What a field holds.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Id,
    /// An id of one of these objects, and the name of the relationship.
    Reference(&'static [&'static str], &'static str),
    Text(usize),
    /// A long text, which no filter may name.
    Area(usize),
    /// One of these values; restricted ones admit no other.
    Picklist(&'static [&'static str], bool),
    Bool,
    Date,
    DateTime,
    Currency,
    Double,
    Int,
    Email,
    Phone,
    Url,
}

impl Kind {
    /// The type as `describe` names it.
    pub(super) fn type_name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Reference(..) => "reference",
            Self::Text(_) => "string",
            Self::Area(_) => "textarea",
            Self::Picklist(..) => "picklist",
            Self::Bool => "boolean",
            Self::Date => "date",
            Self::DateTime => "datetime",
            Self::Currency => "currency",
            Self::Double => "double",
            Self::Int => "int",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Url => "url",
        }
    }

    /// The longest text, zero for what is none.
    pub(super) fn length(self) -> usize {
        match self {
            Self::Id | Self::Reference(..) => 18,
            Self::Text(most) | Self::Area(most) => most,
            Self::Picklist(..) | Self::Url => 255,
            Self::Email => 80,
            Self::Phone => 40,
            _ => 0,
        }
    }

    pub(super) fn is_text(self) -> bool {
        self.length() > 0 && !matches!(self, Self::Id | Self::Reference(..))
    }
}

impl Object {
    /// The object of this name, case aside.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        OBJECTS.iter().find(|object| object.name.eq_ignore_ascii_case(name))
    }

    /// The object of an id.
    pub(super) fn of_id(id: &str) -> Option<&'static Self> {
        OBJECTS.iter().find(|object| id.starts_with(object.prefix))
    }

    /// Its field of this name, case aside; the system's own fields are on every object.
    pub(super) fn field(&self, name: &str) -> Option<&'static Field> {
        self.all().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// The reference that a relationship of this name follows, case aside.
    pub(super) fn relationship(&self, name: &str) -> Option<&'static Field> {
        self.all()
            .find(|field| matches!(field.kind, Kind::Reference(_, own) if own.eq_ignore_ascii_case(name)))
    }

    /// Its fields, the system's own included.
    pub(super) fn all(&self) -> impl Iterator<Item = &'static Field> {
        let currency = self.has_currency.then_some(&objects::CURRENCY);
        objects::SYSTEM.iter().chain(currency).chain(self.fields)
    }
}

impl Field {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: false, creatable: true, updatable: true, external_id: false }
    }

    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// The system fills it.
    const fn read_only(self) -> Self {
        Self { creatable: false, updatable: false, ..self }
    }

    /// Set when a record is made, and never after.
    const fn at_birth(self) -> Self {
        Self { updatable: false, ..self }
    }

    /// Unique, and records can be found by it in a path.
    const fn external_id(self) -> Self {
        Self { external_id: true, ..self }
    }

    /// What a filter may name.
    pub(super) fn is_filterable(&self) -> bool {
        !matches!(self.kind, Kind::Area(_))
    }
}
