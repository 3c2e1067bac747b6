//! On-Call Scheduling (ServiceNow, "On-Call Scheduling API", `GET /now/on_call_rota/whoisoncall`).

use jiff::Timestamp;
use sandbox::{Answer, Ask, Reply};
use serde_json::{Value, json};

use super::failure;
use super::state::{Instance, Shift, sys_id, time};

/// `GET /on_call_rota/whoisoncall`: everybody on call in the groups or rotas asked for.
pub(super) fn who_is(instance: &mut Instance, ask: &Ask) -> Reply {
    let listed = |name: &str| -> Vec<String> {
        let ids = ask.query(name).unwrap_or_default().split(',').map(str::trim).filter(|id| !id.is_empty());
        ids.map(str::to_owned).collect()
    };
    let (groups, rotas) = (listed("group_ids"), listed("rota_ids"));
    let at = match ask.query("date_time") {
        None | Some("") => ask.now,
        Some(text) => {
            time(text).ok_or_else(|| failure(400, "Invalid date_time", Some("Use yyyy-MM-dd HH:mm:ss")))?
        }
    };
    let asked = |shift: &&Shift| {
        let any = groups.is_empty() && rotas.is_empty();
        any || groups.contains(&shift.group) || rotas.contains(&shift.rota)
    };
    let mut turns: Vec<&Shift> =
        instance.shifts.iter().filter(asked).filter(|shift| covers(shift, at)).collect();
    turns.sort_by(|a, b| (&a.group, a.order).cmp(&(&b.group, b.order)));
    Ok(Answer::json(200, json!({ "result": turns.into_iter().map(shown).collect::<Vec<Value>>() })))
}

fn covers(shift: &Shift, at: Timestamp) -> bool {
    shift.from <= at && at < shift.until
}

fn shown(shift: &Shift) -> Value {
    let member = sys_id("cmn_rota_member", &format!("{}/{}", shift.rota, shift.user));
    json!({
        "memberIds": [&member], "userIds": [&shift.user], "deviceIds": [], "escalationGroups": [],
        "deviceId": "", "userId": shift.user, "roster": sys_id("cmn_rota_roster", &shift.rota),
        "rota": shift.rota, "group": shift.group, "isDevice": false, "order": shift.order, "isOverride": false,
    })
}
