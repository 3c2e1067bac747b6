//! Versions, limits, users and picklists.

use sandbox::{Answer, Ask, Reply};
use serde_json::{Value, json};

use super::face::{NEWEST, ORG, error, not_found, user_id};
use super::schema::{Kind, Object};
use super::store::{Org, Row, flag, text};

/// The record type of those that have none.
pub(super) const MASTER: &str = "012000000000000AAA";

/// The stages a renewal goes through; a new sale goes through all.
const RENEWAL_STAGES: [&str; 4] = ["Proposal", "Negotiation", "Closed Won", "Closed Lost"];

/// `GET /services/data`, which anyone may ask.
pub(super) fn versions() -> Reply {
    #[allow(clippy::cast_possible_truncation, reason = "versions are small whole numbers")]
    let newest = NEWEST as i32;
    let one = |number: i32| {
        // Version 66 came in the spring of 2026, and three come a year; winter counts as the next one's.
        let (years, season) = ((number - 66).div_euclid(3), (number - 66).rem_euclid(3));
        let (season, year) =
            [("Spring", 26), ("Summer", 26), ("Winter", 27)][usize::try_from(season).unwrap_or(0)];
        json!({
            "label": format!("{season} '{:02}", year + years), "url": format!("/services/data/v{number}.0"),
            "version": format!("{number}.0"),
        })
    };
    Ok(Answer::json(200, (31..=newest).map(one).collect::<Vec<Value>>()))
}

/// `GET /services/data/{version}`.
pub(super) fn resources(_: &mut Org, ask: &Ask) -> Reply {
    let base = format!("/services/data/{}", ask.param("version"));
    let names = ["sobjects", "query", "queryAll", "search", "parameterizedSearch", "limits", "composite"];
    let links = names.into_iter().map(|name| (name.to_owned(), json!(format!("{base}/{name}"))));
    Ok(Answer::json(200, links.collect::<serde_json::Map<_, _>>()))
}

/// `GET /limits`.
pub(super) fn limits(_: &mut Org, _: &Ask) -> Reply {
    let limit = |most: u64, left: u64| json!({ "Max": most, "Remaining": left });
    Ok(Answer::json(
        200,
        json!({
            "DailyApiRequests": limit(5_000_000, 4_999_000),
            "DailyBulkApiBatches": limit(15_000, 15_000),
            "DataStorageMB": limit(20_480, 20_112),
            "FileStorageMB": limit(61_440, 61_440),
            "HourlyODataCallout": limit(20_000, 20_000),
        }),
    ))
}

/// Who calls.
pub(super) fn user_info(org: &mut Org, ask: &Ask) -> Reply {
    let id = user_id(ask.who());
    let user = org.any(&id).ok_or_else(|| error(403, "Bad_OAuth_Token", "no such user"))?;
    Ok(Answer::json(
        200,
        json!({
            "id": id,
            "sub": format!("{}/id/{ORG}/{id}", ask.origin),
            "user_id": id,
            "organization_id": ORG,
            "preferred_username": text(user, "Username"),
            "username": text(user, "Username"),
            "name": text(user, "Name"),
            "email": text(user, "Email"),
            "active": flag(user, "IsActive"),
            "zoneinfo": "GMT",
        }),
    ))
}

/// `GET /ui-api/object-info/{object}/picklist-values/{record_type}/{field}`: the values a record type admits.
pub(super) fn picklist_values(org: &mut Org, ask: &Ask) -> Reply {
    let object = Object::named(ask.param("object")).ok_or_else(not_found)?;
    let field = object.field(ask.param("field")).ok_or_else(not_found)?;
    let Kind::Picklist(values, _) = field.kind else { return Err(not_found()) };
    let record_type = super::ids::long(ask.param("record_type")).unwrap_or_default();
    let renewal = record_type != MASTER;
    if renewal && org.any(&record_type).is_none_or(|row| text(row, "SobjectType") != object.name) {
        return Err(not_found());
    }
    let values: Vec<Value> = if field.name == "StageName" {
        stages(org)
            .into_iter()
            .filter(|s| !renewal || RENEWAL_STAGES.contains(&text(s, "ApiName")))
            .map(stage)
            .collect()
    } else {
        values.iter().map(|v| json!({ "attributes": null, "label": v, "validFor": [], "value": v })).collect()
    };
    let body = json!({ "controllerValues": {}, "defaultValue": null, "url": ask.path, "values": values });
    Ok(Answer::json(200, body))
}

fn stages(org: &Org) -> Vec<&Row> {
    let mut stages: Vec<&Row> =
        Object::named("OpportunityStage").into_iter().flat_map(|table| org.rows(table)).collect();
    stages.retain(|stage| flag(stage, "IsActive"));
    stages.sort_by_key(|stage| stage.get("SortOrder").and_then(Value::as_i64));
    stages
}

fn stage(row: &Row) -> Value {
    json!({
        "attributes": {
            "closed": flag(row, "IsClosed"),
            "defaultProbability": row.get("DefaultProbability"),
            "forecastCategoryName": text(row, "ForecastCategoryName"),
            "picklistAtributesValueType": "OpportunityStage",
            "won": flag(row, "IsWon"),
        },
        "label": text(row, "MasterLabel"),
        "validFor": [],
        "value": text(row, "ApiName"),
    })
}
