//! What describes the account: owners, pipelines, properties.

use sandbox::{Answer, Ask, Reply};
use serde_json::{Value, json};

use super::objects::next;
use super::state::{Kind, Pipeline, Portal, User};
use super::{face, kind, schema};

const EPOCH: &str = "2024-01-08T09:00:00.000Z";

/// `GET /account-info/{version}/details`.
pub(super) fn account(_: &mut Portal, _: &Ask) -> Reply {
    Ok(Answer::json(
        200,
        json!({
            "portalId": Portal::ID,
            "accountType": "STANDARD",
            "timeZone": "Europe/Oslo",
            "companyCurrency": Portal::CURRENCY,
            "additionalCurrencies": ["USD", "JPY", "SEK"],
            "utcOffset": "+01:00",
            "utcOffsetMilliseconds": 3_600_000,
            "uiDomain": "app-eu1.hubspot.com",
            "dataHostingLocation": "eu1",
        }),
    ))
}

fn user(user: &User) -> Value {
    json!({
        "id": user.id.to_string(),
        "email": user.email,
        "firstName": user.first,
        "lastName": user.last,
        "type": "PERSON",
        "userId": user.user_id,
        "userIdIncludingInactive": user.user_id,
        "createdAt": EPOCH,
        "updatedAt": EPOCH,
        "archived": false,
        "teams": [],
    })
}

/// `GET /owners`.
pub(super) fn owners(portal: &mut Portal, ask: &Ask) -> Reply {
    ask.require_scope("crm.objects.owners.read")?;
    let limit = ask.query_as::<usize>("limit")?.unwrap_or(100);
    if limit > 500 {
        return Err(face::invalid("limit", "Limit must be no larger than 500"));
    }
    let start = ask.query_as::<usize>("after")?.unwrap_or(0);
    let wanted = |u: &&User| ask.query("email").is_none_or(|email| u.email.eq_ignore_ascii_case(email));
    let all: Vec<&User> = portal.users.iter().filter(wanted).collect();
    let shown: Vec<Value> = all.iter().skip(start).take(limit).map(|u| user(u)).collect();
    let end = start + shown.len();
    let mut answer = json!({ "results": shown });
    if end < all.len() {
        answer["paging"] = next(ask, &end.to_string());
    }
    Ok(Answer::json(200, answer))
}

/// `GET /owners/{id}`, by owner id or by user id.
pub(super) fn owner(portal: &mut Portal, ask: &Ask) -> Reply {
    ask.require_scope("crm.objects.owners.read")?;
    let id: u64 = ask.param_as("id")?;
    let by_user = ask.query("idProperty") == Some("userId");
    let found = portal.users.iter().find(|u| if by_user { u.user_id == id } else { u.id == id });
    found.map(|u| Answer::json(200, user(u))).ok_or_else(face::missing)
}

fn stages_of(kind: Kind, pipeline: &Pipeline) -> Vec<Value> {
    let stage = |(order, stage): (usize, &super::state::Stage)| {
        let metadata = match kind {
            Kind::Ticket => json!({ "ticketState": if stage.closed { "CLOSED" } else { "OPEN" } }),
            _ => json!({ "isClosed": stage.closed.to_string(), "probability": stage.probability }),
        };
        json!({
            "id": stage.id, "label": stage.label, "displayOrder": order, "metadata": metadata, "archived": false,
            "createdAt": EPOCH, "updatedAt": EPOCH, "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        })
    };
    pipeline.stages.iter().enumerate().map(stage).collect()
}

fn shown(kind: Kind, order: usize, pipeline: &Pipeline) -> Value {
    json!({
        "id": pipeline.id, "label": pipeline.label, "displayOrder": order, "archived": false,
        "createdAt": EPOCH, "updatedAt": EPOCH, "stages": stages_of(kind, pipeline),
    })
}

/// `GET /pipelines/{type}`.
pub(super) fn pipelines(portal: &mut Portal, ask: &Ask) -> Reply {
    let kind = kind(ask, "type")?;
    super::allow(ask, kind, false)?;
    let all = portal.pipelines(kind).iter().enumerate().map(|(order, one)| shown(kind, order, one));
    Ok(Answer::json(200, json!({ "results": all.collect::<Vec<_>>() })))
}

fn one<'p>(portal: &'p Portal, ask: &Ask) -> Result<(Kind, &'p Pipeline), Answer> {
    let kind = kind(ask, "type")?;
    super::allow(ask, kind, false)?;
    let found = portal.pipelines(kind).iter().find(|pipeline| pipeline.id == ask.param("id"));
    found.map(|pipeline| (kind, pipeline)).ok_or_else(face::missing)
}

/// `GET /pipelines/{type}/{id}`.
pub(super) fn pipeline(portal: &mut Portal, ask: &Ask) -> Reply {
    let (kind, pipeline) = one(portal, ask)?;
    Ok(Answer::json(200, shown(kind, 0, pipeline)))
}

/// `GET /pipelines/{type}/{id}/stages`.
pub(super) fn stages(portal: &mut Portal, ask: &Ask) -> Reply {
    let (kind, pipeline) = one(portal, ask)?;
    Ok(Answer::json(200, json!({ "results": stages_of(kind, pipeline) })))
}

fn described(property: &schema::Property) -> Value {
    let option = |(order, (value, label)): (usize, &(&str, &str))| json!({ "label": label, "value": value, "displayOrder": order, "hidden": false });
    json!({
        "name": property.name,
        "label": property.name,
        "type": property.kind.word(),
        "fieldType": if property.options.is_empty() { "text" } else { "select" },
        "description": "",
        "groupName": "information",
        "options": property.options.iter().enumerate().map(option).collect::<Vec<_>>(),
        "calculated": property.read_only,
        "hasUniqueValue": property.name == "hs_object_id" || property.name == "email",
        "hidden": false,
        "archived": false,
        "hubspotDefined": !["customer_segment", "erp_customer_number", "billing_customer_id", "next_renewal_date"].contains(&property.name),
        "modificationMetadata": { "archivable": true, "readOnlyDefinition": true, "readOnlyValue": property.read_only },
    })
}

/// `GET /properties/{type}`.
pub(super) fn properties(_: &mut Portal, ask: &Ask) -> Reply {
    let kind = kind(ask, "type")?;
    super::allow(ask, kind, false)?;
    let all: Vec<Value> = schema::properties(kind).iter().map(described).collect();
    Ok(Answer::json(200, json!({ "results": all })))
}

/// `GET /properties/{type}/{name}`.
pub(super) fn property(portal: &mut Portal, ask: &Ask) -> Reply {
    let kind = kind(ask, "type")?;
    super::allow(ask, kind, false)?;
    let found = portal.property(kind, ask.param("name")).ok_or_else(face::missing)?;
    Ok(Answer::json(200, described(&found)))
}
