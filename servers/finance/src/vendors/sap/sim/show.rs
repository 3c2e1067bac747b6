//! Entities as JSON: OData 2.0's verbose format and OData 4.0's minimal one.

use sandbox::{Ask, Row as Record};
use serde_json::{Map, Value as Json, json};

use super::expand::{Expansion, Shape};
use super::filter::{Scope, holds};
use super::read;
use super::schema::{EntitySet, Service, Version};
use super::state::{Ledger, etag};
use super::value::{Row, Style, get, show};

/// Paints entities for one request.
pub(super) struct Painter<'a> {
    ledger: &'a Ledger,
    service: &'static Service,
    origin: &'a str,
    style: Style,
}

impl<'a> Painter<'a> {
    pub(super) fn new(ledger: &'a Ledger, ask: &'a Ask, service: &'static Service) -> Self {
        Self { ledger, service, origin: &ask.origin, style: style(ask.header("accept"), service) }
    }

    /// An entity with what is wanted of it.
    pub(super) fn entity(
        &self,
        set: &'static EntitySet,
        record: &Record<Row>,
        shape: &Shape,
    ) -> Map<String, Json> {
        let mut body = self.head(set, record);
        let is_wanted = |name: &str| shape.select.as_ref().is_none_or(|names| names.contains(&name));
        for property in set.properties.iter().filter(|property| is_wanted(property.name)) {
            let value = show(&get(&record.value, property), property.edm, self.style);
            body.insert(property.name.to_owned(), value);
        }
        for expansion in &shape.expand {
            let neighbors = self.neighbors(set, record, expansion);
            body.insert(expansion.navigation.name.to_owned(), neighbors);
        }
        if self.style.version == Version::V2 && shape.select.is_none() {
            self.defer(&mut body, set, record);
        }
        body
    }

    /// What stands before the properties.
    fn head(&self, set: &'static EntitySet, record: &Record<Row>) -> Map<String, Json> {
        let mut head = Map::new();
        let tag = set.has_etag().then(|| etag(record));
        match self.style.version {
            Version::V2 => {
                let uri = self.uri(set, &record.value);
                let kind = format!("{}.{}", self.service.namespace, set.kind);
                let mut metadata = json!({ "id": uri, "uri": uri, "type": kind });
                if let Some(tag) = tag {
                    metadata["etag"] = tag.into();
                }
                head.insert("__metadata".into(), metadata);
            }
            Version::V4 => {
                if let Some(tag) = tag {
                    head.insert("@odata.etag".into(), tag.into());
                }
            }
        }
        head
    }

    fn neighbors(&self, set: &'static EntitySet, record: &Record<Row>, expansion: &Expansion) -> Json {
        let targets = self.ledger.targets(set, &record.value, expansion.navigation, expansion.set);
        let mut rows: Vec<_> = targets
            .filter(|target| {
                let scope = Scope {
                    ledger: self.ledger,
                    service: self.service,
                    set: expansion.set,
                    row: &target.value,
                };
                expansion.filter.as_ref().is_none_or(|filter| holds(filter, scope))
            })
            .collect();
        read::sort(&mut rows, &expansion.order, expansion.set);
        rows.truncate(expansion.top.unwrap_or(usize::MAX));
        let mut entities: Vec<Json> =
            rows.iter().map(|row| self.entity(expansion.set, row, &expansion.shape).into()).collect();
        match (expansion.navigation.many, self.style.version) {
            (true, Version::V2) => json!({ "results": entities }),
            (true, Version::V4) => entities.into(),
            (false, _) => entities.pop().unwrap_or(Json::Null),
        }
    }

    /// Version 2 tells where the neighbors are that it does not show.
    fn defer(&self, body: &mut Map<String, Json>, set: &'static EntitySet, record: &Record<Row>) {
        let uri = self.uri(set, &record.value);
        for navigation in set.navigations {
            let deferred = || json!({ "__deferred": { "uri": format!("{uri}/{}", navigation.name) } });
            body.entry(navigation.name).or_insert_with(deferred);
        }
    }

    /// Where an entity is.
    pub(super) fn uri(&self, set: &'static EntitySet, row: &Row) -> String {
        format!("{}{}{}", self.origin, self.service.path, address(set, row))
    }
}

/// An entity below its service: `A_Supplier('10300042')`.
pub(super) fn address(set: &EntitySet, row: &Row) -> String {
    let literal = |name: &str| {
        let value = set.property(name).map(|property| get(row, property).key()).unwrap_or_default();
        format!("'{}'", value.replace('\'', "''"))
    };
    let key = match set.keys {
        [only] => literal(only),
        several => {
            several.iter().map(|name| format!("{name}={}", literal(name))).collect::<Vec<_>>().join(",")
        }
    };
    format!("{}({key})", set.name)
}

/// How the client wants values.
pub(super) fn style(media: Option<&str>, service: &Service) -> Style {
    let ieee754 = media.is_some_and(|media| media.to_ascii_lowercase().contains("ieee754compatible=true"));
    Style { version: service.version, ieee754 }
}
