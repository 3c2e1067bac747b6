//! The services, cut down to what a finance department reads and writes. Names, types and lengths are those of SAP's
//! published metadata (api.sap.com, S/4HANA Cloud).

mod accounting;
mod organization;
mod partner;
mod purchasing;
mod views;

use super::schema::{EntitySet, Navigation, Service};

/// Every service.
pub(super) fn services() -> impl Iterator<Item = &'static Service> {
    [
        &purchasing::ORDERS,
        &purchasing::REQUISITIONS,
        &purchasing::CONTRACTS,
        &partner::PARTNERS,
        &accounting::SUPPLIER_INVOICES,
        &accounting::BILLING,
        &accounting::ITEMS,
        &organization::COMPANIES,
        &organization::PLANTS,
        &organization::COST_CENTERS,
        &views::SPEND,
        &views::DELIVERIES,
        &views::BUDGET,
    ]
    .into_iter()
}

/// The set of this name, in whichever service it is.
pub(super) fn set(name: &str) -> Option<&'static EntitySet> {
    services().find_map(|service| service.set(name))
}

/// A way to several entities.
const fn many(
    name: &'static str,
    target: &'static str,
    on: &'static [(&'static str, &'static str)],
) -> Navigation {
    Navigation { name, target, many: true, on }
}

/// A way to one entity at most.
const fn one(
    name: &'static str,
    target: &'static str,
    on: &'static [(&'static str, &'static str)],
) -> Navigation {
    Navigation { name, target, many: false, on }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_lead_somewhere() {
        let mut names = BTreeSet::new();
        for service in services() {
            assert!(service.path.starts_with('/') && service.path.ends_with('/'), "{}", service.path);
            for set in service.sets {
                assert!(names.insert(set.name), "{} is there twice", set.name);
                assert!(set.keys.iter().all(|key| set.property(key).is_some()), "{}", set.name);
                for navigation in set.navigations {
                    let target = service.set(navigation.target).expect(navigation.name);
                    for (own, theirs) in navigation.on {
                        assert!(set.property(own).is_some() && target.property(theirs).is_some(), "{own}");
                    }
                }
            }
        }
    }
}
