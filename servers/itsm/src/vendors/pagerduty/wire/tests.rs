//! Bodies as PagerDuty documents them.

use super::*;

#[test]
fn an_incident_reads() {
    let read: OneIncident<'_> = serde_json::from_str(include_str!("../fixtures/incident.json")).unwrap();
    let incident = read.incident;
    assert_eq!((&*incident.id, incident.incident_number), ("Q2AIBRTZ8NS2H7", 1234));
    assert_eq!(incident.assignments[0].assignee.summary.as_deref(), Some("Earline Greenholt"));
    assert!(incident.priority.is_none() && incident.resolved_at.is_none());
    assert!(incident.body.unwrap().details.unwrap().get().contains("disk"));
}

#[test]
fn insights_and_alerts_read() {
    let past: Past<'_> = serde_json::from_str(include_str!("../fixtures/past_incidents.json")).unwrap();
    assert_eq!(
        (&*past.past_incidents[0].incident.id, past.past_incidents[0].score),
        ("Q1QKZKKE2FC88M", 46.8249)
    );
    let related: Related<'_> =
        serde_json::from_str(include_str!("../fixtures/related_incidents.json")).unwrap();
    assert_eq!(related.related_incidents[0].relationships[0].kind, "machine_learning_inferred");
    let alerts: Alerts<'_> = serde_json::from_str(include_str!("../fixtures/alerts.json")).unwrap();
    let body = alerts.alerts[0].body.as_ref().unwrap();
    assert!(body.details.unwrap().get().starts_with('{'));
    assert_eq!(body.cef_details.as_ref().unwrap().source_component.as_deref(), Some("checkout-db"));
}

#[test]
fn a_run_reads_in_either_spelling_of_its_time() {
    for name in ["creation_time", "timestamp"] {
        let text = include_str!("../fixtures/invocation.json").replace("creation_time", name);
        let run: OneInvocation<'_> = serde_json::from_str(&text).unwrap();
        assert!(run.invocation.timing[0].creation_time.is_some(), "{name}");
    }
}

#[test]
fn a_note_of_no_user_reads() {
    let notes: Notes<'_> = serde_json::from_str(include_str!("../fixtures/notes.json")).unwrap();
    assert!(notes.notes[1].user.as_ref().unwrap().id.is_none());
}
