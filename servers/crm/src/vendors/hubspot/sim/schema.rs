//! The properties of each kind: HubSpot's own as far as the demo has them, and the company's.

use super::state::{Kind, Portal};

/// What a property holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Number,
    /// A moment.
    DateTime,
    /// A day.
    Date,
    /// One of several.
    Choice,
}

impl Type {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Number => "number",
            Self::DateTime => "datetime",
            Self::Date => "date",
            Self::Choice => "enumeration",
        }
    }
}

/// A property.
#[derive(Clone, Debug)]
pub(super) struct Property {
    pub(super) name: &'static str,
    pub(super) kind: Type,
    /// Values with their labels; none where HubSpot takes any or knows them elsewhere.
    pub(super) options: &'static [(&'static str, &'static str)],
    /// Calculated, or set by HubSpot.
    pub(super) read_only: bool,
}

type Row = (&'static str, Type);

const CONTACT: &[Row] = &[
    ("firstname", Type::Text),
    ("lastname", Type::Text),
    ("email", Type::Text),
    ("phone", Type::Text),
    ("jobtitle", Type::Text),
    ("company", Type::Text),
    ("website", Type::Text),
    ("city", Type::Text),
    ("country", Type::Text),
    ("lifecyclestage", Type::Choice),
];

const COMPANY: &[Row] = &[
    ("name", Type::Text),
    ("domain", Type::Text),
    ("website", Type::Text),
    ("phone", Type::Text),
    ("industry", Type::Text),
    ("city", Type::Text),
    ("country", Type::Text),
    ("description", Type::Text),
    ("numberofemployees", Type::Number),
    ("customer_segment", Type::Choice),
    ("erp_customer_number", Type::Text),
    ("billing_customer_id", Type::Text),
];

const DEAL: &[Row] = &[
    ("dealname", Type::Text),
    ("dealstage", Type::Choice),
    ("pipeline", Type::Choice),
    ("amount", Type::Number),
    ("deal_currency_code", Type::Choice),
    ("closedate", Type::DateTime),
    ("description", Type::Text),
    ("dealtype", Type::Choice),
    ("hs_next_step", Type::Text),
    ("hs_manual_forecast_category", Type::Choice),
    ("closed_lost_reason", Type::Text),
    ("closed_won_reason", Type::Text),
];

const TICKET: &[Row] = &[
    ("subject", Type::Text),
    ("content", Type::Text),
    ("hs_pipeline", Type::Choice),
    ("hs_pipeline_stage", Type::Choice),
    ("hs_ticket_priority", Type::Choice),
    ("source_type", Type::Choice),
];

const NOTE: &[Row] = &[("hs_note_body", Type::Text), ("hs_attachment_ids", Type::Text)];

const CALL: &[Row] = &[
    ("hs_call_title", Type::Text),
    ("hs_call_body", Type::Text),
    ("hs_call_duration", Type::Number),
    ("hs_call_status", Type::Choice),
    ("hs_call_direction", Type::Choice),
];

const MEETING: &[Row] = &[
    ("hs_meeting_title", Type::Text),
    ("hs_meeting_body", Type::Text),
    ("hs_meeting_start_time", Type::DateTime),
    ("hs_meeting_end_time", Type::DateTime),
    ("hs_meeting_outcome", Type::Choice),
    ("hs_meeting_location", Type::Text),
];

const EMAIL: &[Row] = &[
    ("hs_email_subject", Type::Text),
    ("hs_email_text", Type::Text),
    ("hs_email_html", Type::Text),
    ("hs_email_direction", Type::Choice),
    ("hs_email_status", Type::Choice),
];

const TASK: &[Row] = &[
    ("hs_task_subject", Type::Text),
    ("hs_task_body", Type::Text),
    ("hs_task_status", Type::Choice),
    ("hs_task_priority", Type::Choice),
    ("hs_task_type", Type::Choice),
];

/// What every kind has.
const COMMON: &[Row] = &[("hubspot_owner_id", Type::Choice)];

/// What every activity has.
const ACTIVITY: &[Row] = &[("hs_timestamp", Type::DateTime)];

const READ_ONLY: &[Row] = &[
    ("hs_object_id", Type::Number),
    ("createdate", Type::DateTime),
    ("hs_createdate", Type::DateTime),
    ("hs_lastmodifieddate", Type::DateTime),
    ("lastmodifieddate", Type::DateTime),
    ("notes_last_updated", Type::DateTime),
];

/// Every property of a kind.
pub(super) fn properties(kind: Kind) -> Vec<Property> {
    let (own, calculated): (&[Row], &[Row]) = match kind {
        Kind::Contact => (CONTACT, &[]),
        Kind::Company => (COMPANY, &[("hs_num_open_deals", Type::Number), ("next_renewal_date", Type::Date)]),
        Kind::Deal => (DEAL, &[("hs_is_closed", Type::Choice), ("hs_deal_stage_probability", Type::Number)]),
        Kind::Ticket => (TICKET, &[]),
        Kind::Note => (NOTE, &[]),
        Kind::Call => (CALL, &[]),
        Kind::Meeting => (MEETING, &[]),
        Kind::Email => (EMAIL, &[]),
        Kind::Task => (TASK, &[]),
    };
    let timed = ACTIVITY.iter().filter(|_| kind.is_activity());
    let property =
        |(name, kind): &Row, read_only| Property { name, kind: *kind, options: options(name), read_only };
    let written = own.iter().chain(COMMON).chain(timed).map(|row| property(row, false));
    written.chain(calculated.iter().chain(READ_ONLY).map(|row| property(row, true))).collect()
}

/// What is shown where nothing is asked for (HubSpot, "Search the CRM", default properties).
pub(super) fn defaults(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Contact => &["firstname", "lastname", "email"],
        Kind::Company => &["name", "domain"],
        Kind::Deal => &["dealname", "amount", "closedate", "dealstage", "pipeline"],
        Kind::Ticket => &["subject", "content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority"],
        _ => &[],
    }
}

fn options(name: &str) -> &'static [(&'static str, &'static str)] {
    match name {
        "customer_segment" => {
            &[("enterprise", "Enterprise"), ("mid_market", "Mid-market"), ("small", "Small")]
        }
        "hs_ticket_priority" => {
            &[("LOW", "Low"), ("MEDIUM", "Medium"), ("HIGH", "High"), ("URGENT", "Urgent")]
        }
        "hs_task_status" => &[
            ("NOT_STARTED", "Not started"),
            ("IN_PROGRESS", "In progress"),
            ("WAITING", "Waiting"),
            ("COMPLETED", "Completed"),
            ("DEFERRED", "Deferred"),
        ],
        "hs_task_type" => &[("TODO", "To-do"), ("CALL", "Call"), ("EMAIL", "Email")],
        "hs_task_priority" => &[("LOW", "Low"), ("MEDIUM", "Medium"), ("HIGH", "High"), ("NONE", "None")],
        "hs_call_status" => &[("COMPLETED", "Completed"), ("NO_ANSWER", "No answer"), ("BUSY", "Busy")],
        "hs_call_direction" => &[("INBOUND", "Inbound"), ("OUTBOUND", "Outbound")],
        "hs_meeting_outcome" => &[
            ("SCHEDULED", "Scheduled"),
            ("COMPLETED", "Completed"),
            ("NO_SHOW", "No show"),
            ("CANCELED", "Canceled"),
        ],
        "hs_email_direction" => {
            &[("EMAIL", "Email"), ("INCOMING_EMAIL", "Incoming"), ("FORWARDED_EMAIL", "Forwarded")]
        }
        "hs_manual_forecast_category" => &[
            ("OMIT", "Not forecasted"),
            ("PIPELINE", "Pipeline"),
            ("BEST_CASE", "Best case"),
            ("COMMIT", "Commit"),
            ("CLOSED", "Closed won"),
        ],
        "dealtype" => &[("newbusiness", "New Business"), ("existingbusiness", "Existing Business")],
        "deal_currency_code" => &[
            ("EUR", "EUR"),
            ("USD", "USD"),
            ("GBP", "GBP"),
            ("JPY", "JPY"),
            ("SEK", "SEK"),
            ("NOK", "NOK"),
            ("DKK", "DKK"),
            ("CHF", "CHF"),
            ("KWD", "KWD"),
        ],
        _ => &[],
    }
}

/// Whether a property takes this value; else why not, in HubSpot's words.
pub(super) fn check(
    portal: &Portal,
    kind: Kind,
    property: &Property,
    value: &str,
) -> Result<(), (&'static str, String)> {
    if value.is_empty() {
        return Ok(());
    }
    let allowed: Vec<String> = match property.name {
        "dealstage" | "hs_pipeline_stage" => {
            portal.pipelines(kind).iter().flat_map(|p| &p.stages).map(|s| s.id.to_owned()).collect()
        }
        "pipeline" | "hs_pipeline" => portal.pipelines(kind).iter().map(|p| p.id.to_owned()).collect(),
        "hubspot_owner_id" => portal.users.iter().map(|u| u.id.to_string()).collect(),
        _ => property.options.iter().map(|(value, _)| (*value).to_owned()).collect(),
    };
    match property.kind {
        Type::Choice if !allowed.is_empty() && !allowed.iter().any(|option| option == value) => Err((
            "INVALID_OPTION",
            format!("{value} was not one of the allowed options: [{}]", allowed.join(", ")),
        )),
        Type::Number if value.parse::<f64>().is_err() => {
            Err(("INVALID_DECIMAL", format!("{value} was not a valid number.")))
        }
        Type::DateTime if super::search::moment(value).is_none() => {
            Err(("INVALID_DATE", format!("{value} was not a valid long.")))
        }
        _ => Ok(()),
    }
}
