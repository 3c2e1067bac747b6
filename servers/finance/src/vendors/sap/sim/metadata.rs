//! Service documents and `$metadata`.

use std::fmt::Write as _;

use sandbox::Answer;
use serde_json::{Value as Json, json};

use super::refusal::with_version;
use super::schema::{Edm, EntitySet, Filterable, Navigation, Property, Service, Version};

/// The list of sets.
pub(super) fn document(service: &Service) -> Answer {
    let names: Vec<&str> = service.sets.iter().map(|set| set.name).collect();
    let body = match service.version {
        Version::V2 => json!({ "d": { "EntitySets": names } }),
        Version::V4 => {
            let set = |name: &&str| json!({ "name": name, "kind": "EntitySet", "url": name });
            json!({ "@odata.context": "$metadata", "value": names.iter().map(set).collect::<Json>() })
        }
    };
    with_version(Answer::json(200, body), service.version)
}

/// What the service is made of.
pub(super) fn metadata(service: &Service) -> Answer {
    let body = match service.version {
        Version::V2 => version_2(service),
        Version::V4 => version_4(service),
    };
    with_version(Answer::body(200, "application/xml", body), service.version)
}

// Writing into a `String` cannot fail, so the results of `write!` are left aside below.

fn version_2(service: &Service) -> String {
    let namespace = service.namespace;
    let mut out = String::from(concat!(
        r#"<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="1.0" "#,
        r#"xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx" "#,
        r#"xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" "#,
        r#"xmlns:sap="http://www.sap.com/Protocols/SAPData"><edmx:DataServices m:DataServiceVersion="2.0">"#,
    ));
    let _ = write!(
        out,
        r#"<Schema Namespace="{namespace}" xml:lang="en" sap:schema-version="1" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">"#
    );
    for set in service.sets {
        kind(&mut out, set, service, |out, set, navigation| {
            let role = association(set, navigation);
            let _ = write!(
                out,
                r#"<NavigationProperty Name="{}" Relationship="{namespace}.{role}" FromRole="From_{role}" ToRole="To_{role}"/>"#,
                navigation.name
            );
        });
    }
    for (set, navigation) in ways(service) {
        let role = association(set, navigation);
        let target = service.set(navigation.target).map_or("", |target| target.kind);
        let multiplicity = if navigation.many { "*" } else { "0..1" };
        let _ = write!(
            out,
            r#"<Association Name="{role}"><End Type="{namespace}.{}" Multiplicity="1" Role="From_{role}"/><End Type="{namespace}.{target}" Multiplicity="{multiplicity}" Role="To_{role}"/></Association>"#,
            set.kind
        );
    }
    let _ = write!(
        out,
        r#"<EntityContainer Name="{namespace}_Entities" m:IsDefaultEntityContainer="true" sap:supported-formats="json">"#
    );
    for set in service.sets {
        let (access, name) = (set.access, set.name);
        let _ = write!(
            out,
            r#"<EntitySet Name="{name}" EntityType="{namespace}.{}" sap:creatable="{}" sap:updatable="{}" sap:deletable="{}"/>"#,
            set.kind, access.create, access.update, access.delete
        );
    }
    for (set, navigation) in ways(service) {
        let role = association(set, navigation);
        let _ = write!(
            out,
            r#"<AssociationSet Name="{role}Set" Association="{namespace}.{role}"><End EntitySet="{}" Role="From_{role}"/><End EntitySet="{}" Role="To_{role}"/></AssociationSet>"#,
            set.name, navigation.target
        );
    }
    out.push_str("</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>");
    out
}

fn version_4(service: &Service) -> String {
    let namespace = service.namespace;
    let mut out = String::from(concat!(
        r#"<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" "#,
        r#"xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" xmlns="http://docs.oasis-open.org/odata/ns/edm">"#,
        "<edmx:DataServices>",
    ));
    let _ = write!(out, r#"<Schema Namespace="{namespace}" Alias="SAP__self">"#);
    for set in service.sets {
        kind(&mut out, set, service, |out, _, navigation| {
            let target = service.set(navigation.target).map_or("", |target| target.kind);
            let kind = match navigation.many {
                true => format!("Collection({namespace}.{target})"),
                false => format!("{namespace}.{target}"),
            };
            let _ = write!(out, r#"<NavigationProperty Name="{}" Type="{kind}"/>"#, navigation.name);
        });
    }
    out.push_str(r#"<EntityContainer Name="Container">"#);
    for set in service.sets {
        let _ = write!(out, r#"<EntitySet Name="{}" EntityType="{namespace}.{}">"#, set.name, set.kind);
        for navigation in set.navigations {
            let _ = write!(
                out,
                r#"<NavigationPropertyBinding Path="{}" Target="{}"/>"#,
                navigation.name, navigation.target
            );
        }
        out.push_str("</EntitySet>");
    }
    out.push_str("</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>");
    out
}

fn kind(
    out: &mut String,
    set: &EntitySet,
    service: &Service,
    navigation: impl Fn(&mut String, &EntitySet, &Navigation),
) {
    let _ = write!(out, r#"<EntityType Name="{}"><Key>"#, set.kind);
    for key in set.keys {
        let _ = write!(out, r#"<PropertyRef Name="{key}"/>"#);
    }
    out.push_str("</Key>");
    for property in set.properties {
        self::property(out, set, property, service.version);
    }
    for way in set.navigations {
        navigation(out, set, way);
    }
    out.push_str("</EntityType>");
}

fn property(out: &mut String, set: &EntitySet, property: &Property, version: Version) {
    let (kind, facets) = match (property.edm, version) {
        (Edm::Text(length), _) => ("Edm.String", format!(r#" MaxLength="{length}""#)),
        (Edm::Flag, _) => ("Edm.Boolean", String::new()),
        (Edm::Decimal(precision, scale), _) => {
            ("Edm.Decimal", format!(r#" Precision="{precision}" Scale="{scale}""#))
        }
        (Edm::Date, Version::V2) => {
            ("Edm.DateTime", r#" Precision="0" sap:display-format="Date""#.to_owned())
        }
        (Edm::Date, Version::V4) => ("Edm.Date", String::new()),
        (Edm::Moment, Version::V2) => ("Edm.DateTimeOffset", r#" Precision="7""#.to_owned()),
        (Edm::Moment, Version::V4) => ("Edm.DateTimeOffset", r#" Precision="7""#.to_owned()),
    };
    let is_key = set.keys.contains(&property.name);
    let nullable = if is_key { r#" Nullable="false""# } else { "" };
    let sap = match version {
        Version::V2 if property.filter == Filterable::Never => {
            r#" sap:sortable="false" sap:filterable="false""#
        }
        _ => "",
    };
    let _ = write!(out, r#"<Property Name="{}" Type="{kind}"{nullable}{facets}{sap}/>"#, property.name);
}

fn ways(service: &Service) -> impl Iterator<Item = (&EntitySet, &Navigation)> {
    service.sets.iter().flat_map(|set| set.navigations.iter().map(move |navigation| (set, navigation)))
}

fn association(set: &EntitySet, navigation: &Navigation) -> String {
    format!("assoc_{}_{}", set.name, navigation.name)
}
