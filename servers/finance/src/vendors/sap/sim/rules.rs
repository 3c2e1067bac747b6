//! What purchasing makes of what it is sent: numbers, amounts, complaints, warnings.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use sandbox::{Answer, Ask};
use serde_json::{Value as Json, json};

use super::catalog;
use super::refusal::Fault;
use super::schema::{EntitySet, Version};
use super::state::{Key, Ledger, key_of};
use super::value::{Row, Value, get};

/// A remark on a write that was done all the same.
pub(super) struct Warning {
    code: &'static str,
    message: String,
    target: String,
}

/// Fills in what SAP determines: numbers, defaults, computed values. `nth` is the row's place among its siblings.
pub(super) fn complete(
    ledger: &mut Ledger,
    set: &EntitySet,
    row: &mut Row,
    nth: usize,
    ask: &Ask,
) -> Result<(), Fault> {
    let today = ask.now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let item = || Value::Text(((nth + 1) * 10).to_string());
    match set.name {
        "PurchaseReqn" => {
            let number = ledger.next_number("requisition", 10_009_000);
            row.insert("PurchaseRequisition", Value::Text(number.to_string()));
        }
        "PurchaseReqnItem" => {
            row.insert("PurchaseRequisitionItem", item());
            row.insert("PurReqnReleaseStatus", Value::Text("03".into()));
            row.insert("ProcessingStatus", Value::Text("N".into()));
            row.insert("ReleaseIsNotCompleted", Value::Flag(true));
            row.insert("CreatedByUser", Value::Text(user(ask)));
            row.insert("PurReqCreationDate", Value::Date(today));
            row.insert("LastChangeDateTime", Value::Moment(ask.now));
            let total =
                net(set, row, "RequestedQuantity", "PurchaseRequisitionPrice", "PurReqnPriceQuantity");
            row.insert("ItemNetAmount", Value::Number(total));
        }
        "PurchaseReqnAcctAssgmt" => {
            row.insert("PurchaseReqnAcctAssgmtNumber", Value::Text((nth + 1).to_string()));
        }
        "PurchaseOrder" => {
            let number = ledger.next_number("order", 4_500_900_000);
            row.insert("PurchaseOrder", Value::Text(number.to_string()));
            row.insert("CreationDate", Value::Date(today));
            row.entry("PurchaseOrderDate").or_insert(Value::Date(today));
            row.insert("CreatedByUser", Value::Text(user(ask)));
            row.insert("LastChangeDateTime", Value::Moment(ask.now));
            row.insert("ReleaseIsNotCompleted", Value::Flag(true));
            row.insert("PurchasingProcessingStatus", Value::Text("03".into()));
        }
        "PurchaseOrderItem" => {
            row.insert("PurchaseOrderItem", item());
            let total = net(set, row, "OrderQuantity", "NetPriceAmount", "NetPriceQuantity");
            row.insert("NetAmount", Value::Number(total));
        }
        "PurchaseOrderScheduleLine" => {
            row.insert("ScheduleLine", Value::Text((nth + 1).to_string()));
            let open = row.get("ScheduleLineOrderQuantity").cloned().unwrap_or(Value::Number(Decimal::ZERO));
            row.insert("OpenPurchaseOrderQuantity", open);
        }
        "A_BusinessPartner" => partner(ledger, row, today)?,
        "A_BusinessPartnerAddress" => {
            let number = ledger.next_number("address", 9_000);
            row.insert("AddressID", Value::Text(number.to_string()));
        }
        "A_AddressEmailAddress" | "A_AddressHomePageURL" => {
            row.insert("OrdinalNumber", Value::Text((nth + 1).to_string()));
        }
        _ => {}
    }
    Ok(())
}

fn partner(ledger: &mut Ledger, row: &mut Row, today: Date) -> Result<(), Fault> {
    let category = text(row, "BusinessPartnerCategory");
    let name = match category.as_str() {
        "1" => format!("{} {}", text(row, "FirstName"), text(row, "LastName")),
        "2" => format!("{} {}", text(row, "OrganizationBPName1"), text(row, "OrganizationBPName2")),
        _ => {
            return Err(Fault::refused(
                "R1/102",
                "Enter a business partner category",
                "BusinessPartnerCategory",
            ));
        }
    };
    if name.trim().is_empty() {
        return Err(Fault::refused("R11/401", "Enter a name", "OrganizationBPName1"));
    }
    let number = ledger.next_number("partner", 17_900_000);
    row.insert("BusinessPartner", Value::Text(number.to_string()));
    row.insert("BusinessPartnerFullName", Value::Text(name.trim().to_owned()));
    row.insert("CreationDate", Value::Date(today));
    Ok(())
}

/// Errors: what purchasing does not accept.
pub(super) fn admit(ledger: &Ledger, plan: &[(&'static EntitySet, Row)]) -> Result<(), Fault> {
    let items = plan.iter().filter(|(set, _)| matches!(set.name, "PurchaseReqnItem" | "PurchaseOrderItem"));
    let heads = plan.iter().filter(|(set, _)| matches!(set.name, "PurchaseReqn" | "PurchaseOrder"));
    if heads.count() > 0 && items.clone().count() == 0 {
        return Err(Fault::refused("ME/083", "Enter at least one item", "_PurchaseOrderItem"));
    }
    plan.iter().try_for_each(|(set, row)| new_key(ledger, set, row))?;
    plan.iter().try_for_each(|(set, row)| match set.name {
        "PurchaseReqn" => required(row, &["PurchaseRequisitionType"]),
        "PurchaseReqnItem" => requisition_item(ledger, plan, row),
        "PurchaseReqnAcctAssgmt" => known(ledger, row, "CostCenter", "A_CostCenter", "CostCenter", "KI/265"),
        "PurchaseOrder" => {
            required(row, &["CompanyCode", "PurchasingOrganization", "PurchasingGroup", "Supplier"])?;
            known(ledger, row, "Supplier", "A_Supplier", "Supplier", "06/321")
        }
        "PurchaseOrderItem" => {
            required(row, &["Plant", "PurchaseOrderItemText"])?;
            known(ledger, row, "Plant", "A_Plant", "Plant", "ME/002")
        }
        _ => Ok(()),
    })
}

/// Errors: a key that is not whole, or that another entity has.
fn new_key(ledger: &Ledger, set: &EntitySet, row: &Row) -> Result<(), Fault> {
    // Addresses of organizations belong to no person.
    let missing = set.keys.iter().find(|key| **key != "Person" && text(row, key).is_empty());
    if let Some(key) = missing {
        return Err(Fault::refused("/IWBEP/CM_MGW_RT/021", format!("Key property '{key}' is missing"), key));
    }
    match ledger.row(set, &key_of(set, row)) {
        Some(_) => Err(Fault::refused("/IWBEP/CM_MGW_RT/022", "The entity already exists", set.keys[0])),
        None => Ok(()),
    }
}

fn requisition_item(ledger: &Ledger, plan: &[(&'static EntitySet, Row)], row: &Row) -> Result<(), Fault> {
    required(row, &["PurchaseRequisitionItemText", "Plant", "BaseUnit", "PurchasingGroup", "MaterialGroup"])?;
    if number(row, "RequestedQuantity") <= Decimal::ZERO {
        return Err(Fault::refused("ME/083", "Enter a quantity", "RequestedQuantity"));
    }
    if number(row, "PurchaseRequisitionPrice") > Decimal::ZERO {
        required(row, &["PurReqnItemCurrency"])?;
    }
    known(ledger, row, "Plant", "A_Plant", "Plant", "ME/002")?;
    known(ledger, row, "Supplier", "A_Supplier", "Supplier", "06/321")?;
    known(ledger, row, "PurchaseContract", "A_PurchaseContract", "PurchaseContract", "06/019")?;
    if !text(row, "PurchaseContract").is_empty() {
        required(row, &["PurchaseContractItem"])?;
    }
    let own = text(row, "PurchaseRequisitionItem");
    let assigned = plan.iter().any(|(set, assignment)| {
        set.name == "PurchaseReqnAcctAssgmt" && text(assignment, "PurchaseRequisitionItem") == own
    });
    match text(row, "AccountAssignmentCategory").as_str() {
        "K" if !assigned => {
            Err(Fault::refused("ME/083", "Enter an account assignment", "AccountAssignmentCategory"))
        }
        _ => Ok(()),
    }
}

/// Errors: what a change may not set.
pub(super) fn admit_change(ledger: &Ledger, set: &EntitySet, row: &Row) -> Result<(), Fault> {
    if set.name == "PurchaseReqnItem" && row.contains_key("Plant") {
        return known(ledger, row, "Plant", "A_Plant", "Plant", "ME/002");
    }
    Ok(())
}

/// Sets the deletion flag.
pub(super) fn delete(ledger: &mut Ledger, set: &EntitySet, key: &Key, now: Timestamp) {
    let flagged: Vec<(&str, Key)> = match set.name {
        "PurchaseReqn" => {
            let items = catalog::set("PurchaseReqnItem").into_iter().flat_map(|set| ledger.rows(set));
            let own = items.filter(|record| Some(&text(&record.value, "PurchaseRequisition")) == key.first());
            let item =
                |row: &Row| vec![text(row, "PurchaseRequisition"), text(row, "PurchaseRequisitionItem")];
            own.map(|record| ("PurchaseReqnItem", item(&record.value))).collect()
        }
        name => vec![(name, key.clone())],
    };
    for (name, key) in flagged {
        let Some(set) = catalog::set(name) else { continue };
        ledger.change(set, &key, now, |row| {
            if set.property("IsDeleted").is_some() {
                row.insert("IsDeleted", Value::Flag(true));
            } else {
                row.insert("PurchasingDocumentDeletionCode", Value::Text("L".into()));
            }
        });
    }
}

/// What purchasing remarks and does all the same.
pub(super) fn warnings(plan: &[(&'static EntitySet, Row)], now: Timestamp) -> Vec<Warning> {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let soon = |row: &Row| matches!(row.get("DeliveryDate"), Some(Value::Date(day)) if *day < super::value::days_after(today, 7));
    plan.iter()
        .filter(|(set, row)| set.name == "PurchaseReqnItem" && soon(row))
        .map(|(_, row)| Warning {
            code: "ME/039",
            message: "Can delivery date be met? (realistic delivery time is 7 days)".to_owned(),
            target: format!(
                "_PurchaseRequisitionItem('{}')/DeliveryDate",
                text(row, "PurchaseRequisitionItem")
            ),
        })
        .collect()
}

/// Puts the remarks into the header that this protocol has for them.
pub(super) fn tell(answer: Answer, warnings: &[Warning], version: Version) -> Answer {
    let (Some(first), rest) = (warnings.first(), warnings.get(1..).unwrap_or_default()) else {
        return answer;
    };
    match version {
        Version::V2 => {
            let detail = |w: &Warning| json!({ "code": w.code, "message": w.message, "severity": "warning", "target": w.target });
            let mut message = detail(first);
            message["details"] = rest.iter().map(detail).collect::<Json>();
            answer.header("sap-message", message)
        }
        Version::V4 => {
            let detail = |w: &Warning| json!({ "code": w.code, "message": w.message, "numericSeverity": 3, "target": w.target });
            answer.header("sap-messages", warnings.iter().map(detail).collect::<Json>())
        }
    }
}

fn required(row: &Row, names: &[&'static str]) -> Result<(), Fault> {
    let missing = names.iter().find(|name| text(row, name).is_empty());
    missing.map_or(Ok(()), |name| Err(Fault::refused("ME/083", format!("Enter {name}"), name)))
}

/// Errors: a text that names no row of `set`. An empty one names nothing and is fine.
fn known(
    ledger: &Ledger,
    row: &Row,
    name: &'static str,
    set: &str,
    key: &str,
    code: &'static str,
) -> Result<(), Fault> {
    let wanted = text(row, name);
    let mut rows = catalog::set(set).into_iter().flat_map(|set| ledger.rows(set));
    if wanted.is_empty() || rows.any(|record| text(&record.value, key) == wanted) {
        return Ok(());
    }
    Err(Fault::refused(code, format!("{name} {wanted} does not exist"), name))
}

fn net(set: &EntitySet, row: &Row, quantity: &str, price: &str, per: &str) -> Decimal {
    let value = |name| match set.property(name).map(|property| get(row, property)) {
        Some(Value::Number(number)) => number,
        _ => Decimal::ZERO,
    };
    let per = value(per).max(Decimal::ONE);
    (value(quantity) * value(price) / per).round_dp(2)
}

fn text(row: &Row, name: &str) -> String {
    row.get(name).map(Value::key).unwrap_or_default()
}

fn number(row: &Row, name: &str) -> Decimal {
    if let Some(Value::Number(number)) = row.get(name) { *number } else { Decimal::ZERO }
}

/// The technical user, cut to what the field holds.
fn user(ask: &Ask) -> String {
    ask.who().chars().take(12).collect()
}
