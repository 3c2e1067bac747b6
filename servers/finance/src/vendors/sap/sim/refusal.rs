//! Errors, as SAP's two gateways write them.

use sandbox::{Answer, Ask, Refusal};
use serde_json::{Value as Json, json};

use super::schema::Version;

/// Why a request was refused.
#[derive(Debug)]
pub(super) struct Fault {
    status: u16,
    code: &'static str,
    message: String,
    target: Option<String>,
}

impl Fault {
    /// A request that makes no sense: an unknown property, a malformed filter.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self { status: 400, code: "/IWBEP/CM_MGW_RT/021", message: message.into(), target: None }
    }

    /// An application's complaint about what it was to write.
    pub(super) fn refused(code: &'static str, message: impl Into<String>, target: &str) -> Self {
        Self { status: 400, code, message: message.into(), target: Some(target.to_owned()) }
    }

    /// A path that leads nowhere.
    pub(super) fn no_segment(segment: &str) -> Self {
        let message = format!("Resource not found for segment '{segment}'");
        Self { status: 404, code: "/IWBEP/CM_MGW_RT/020", message, target: None }
    }

    /// Something that this service does not do.
    pub(super) fn not_offered(status: u16, message: impl Into<String>) -> Self {
        Self { status, code: "/IWBEP/CM_MGW_RT/027", message: message.into(), target: None }
    }

    /// A change without the version it is a change of.
    pub(super) fn no_precondition() -> Self {
        let message = "Precondition required: the request needs an If-Match header".to_owned();
        Self { status: 428, code: "/IWBEP/CM_MGW_RT/189", message, target: None }
    }

    /// A change of a version that is not the present one.
    pub(super) fn stale() -> Self {
        let message = "Precondition failed: the resource was changed by another user".to_owned();
        Self { status: 412, code: "/IWBEP/CM_MGW_RT/190", message, target: None }
    }

    /// The error as this protocol writes it.
    pub(super) fn answer(&self, version: Version) -> Answer {
        let body = match version {
            Version::V2 => version_2(self.code, &self.message, self.target.as_deref()),
            Version::V4 => version_4(self.code, &self.message, self.target.as_deref()),
        };
        with_version(Answer::json(self.status, body), version)
    }
}

/// What the kit refuses by itself.
pub(super) fn refuse(ask: &Ask, refusal: &Refusal) -> Answer {
    let status = refusal.status();
    // What never reaches an application is answered by the web server.
    if let Refusal::Unauthenticated(_) = refusal {
        let page = "<html><head><title>Logon Error Message</title></head><body>Anmeldung fehlgeschlagen</body></html>";
        return Answer::body(401, "text/html; charset=utf-8", page)
            .header("www-authenticate", "Basic realm=\"SAP NetWeaver Application Server [S4H/100]\"");
    }
    let version = if ask.path.starts_with("/sap/opu/odata4/") { Version::V4 } else { Version::V2 };
    let fault = Fault { status, code: "/IWFND/MED/170", message: refusal.message(), target: None };
    let answer = fault.answer(version);
    match refusal {
        Refusal::RateLimited(budget) => answer.header("retry-after", budget.retry_after),
        _ => answer,
    }
}

/// Says which protocol an answer is in.
pub(super) fn with_version(answer: Answer, version: Version) -> Answer {
    match version {
        Version::V2 => answer.header("dataserviceversion", "2.0"),
        Version::V4 => answer.header("odata-version", "4.0"),
    }
}

fn version_2(code: &str, message: &str, target: Option<&str>) -> Json {
    let detail = json!({
        "code": code, "message": message, "propertyref": target.unwrap_or_default(), "severity": "error",
        "transition": false, "target": target.unwrap_or_default(),
    });
    json!({ "error": {
        "code": code,
        "message": { "lang": "en", "value": message },
        "innererror": {
            "transactionid": uuid::Uuid::new_v4().simple().to_string().to_uppercase(),
            "errordetails": [detail],
        },
    } })
}

fn version_4(code: &str, message: &str, target: Option<&str>) -> Json {
    // The younger gateway has message classes of its own.
    let code = code.replace("CM_MGW_RT", "CM_V4_APPS");
    let mut error = json!({ "code": code, "message": message, "details": [] });
    if let Some(target) = target {
        error["target"] = target.into();
    }
    json!({ "error": error })
}
