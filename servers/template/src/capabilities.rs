//! What each meter is able to do: the tables in the vendors' READMEs.

use capabilities::{Ability, argument, check, field};

use crate::meter::{Able, Meter};

/// With `CHANCERY_BLESS=1` the tables are written, else they are compared.
#[tokio::test]
async fn tables_say_what_vendors_are_able_to_do() {
    let (catalog, vendors) = (crate::tools::catalog(), crate::vendors::all());
    check(env!("CARGO_MANIFEST_DIR"), catalog, &vendors, abilities).unwrap();
}

fn abilities(meter: &Meter) -> Vec<Ability> {
    let Able { drops_by_product, annotations } = meter.able();
    vec![
        argument("list_usage_drops", "product", drops_by_product),
        field("get_product_usage", "annotations", annotations),
    ]
}
