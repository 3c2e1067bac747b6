//! The SOAP login, which clients of the username and password kind begin with.
//!
//! Source: SOAP API Developer Guide, `login()`.

use sandbox::{Answer, Ask, Principal};

use super::face::{ORG, user_id};
use super::store::Org;
use super::{AGENT, SCOPES, SESSION};

/// The demo user's password, and the security token that may follow it.
const PASSWORD: &str = "sandbox-salesforce-password";
const SECURITY_TOKEN: &str = "sandboxtoken";

/// `POST /services/Soap/u/{version}`.
pub(super) fn login(_: &mut Org, ask: &Ask) -> Answer {
    let body = String::from_utf8_lossy(&ask.body);
    let (user, password) = (element(&body, "username"), element(&body, "password"));
    let right = [PASSWORD.to_owned(), format!("{PASSWORD}{SECURITY_TOKEN}")];
    if user.as_deref() != Some(AGENT) || !password.is_some_and(|shown| right.contains(&shown)) {
        return refused("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.");
    }
    let issued = ask.tokens().issue(Principal::new(AGENT, SCOPES), SESSION);
    let url = format!("{}/services/Soap/u/{}/{}", ask.origin, ask.param("version"), &ORG[..15]);
    let result = format!(
        "<serverUrl>{url}</serverUrl><sessionId>{}</sessionId><userId>{}</userId>",
        issued.token,
        user_id(AGENT)
    );
    envelope(200, &format!("<loginResponse><result>{result}</result></loginResponse>")).private()
}

fn refused(code: &str, message: &str) -> Answer {
    let fault = format!(
        "<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring><detail>\
         <sf:LoginFault><sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>{message}\
         </sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault>"
    );
    envelope(500, &fault)
}

fn envelope(status: u16, body: &str) -> Answer {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns=\"urn:partner.soap.sforce.com\" \
         xmlns:sf=\"urn:fault.partner.soap.sforce.com\"><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    );
    Answer::body(status, "text/xml; charset=utf-8", text)
}

/// The text of the first element of this name, whatever its prefix.
fn element(xml: &str, name: &str) -> Option<String> {
    let at = xml.match_indices(name).find(|(at, _)| {
        let before = xml[..*at].chars().next_back();
        matches!(before, Some('<' | ':')) && xml[at + name.len()..].starts_with(['>', ' '])
    })?;
    let inner = xml[at.0..].split_once('>')?.1.split_once("</")?.0;
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&amp;", "&")];
    Some(plain.iter().fold(inner.trim().to_owned(), |text, (from, to)| text.replace(from, to)))
}
