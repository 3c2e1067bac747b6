//! What a text stands for, without asking anybody: numbers, ids, and URLs of this very instance.

use url::Url;

use super::{ServiceNow, is_sys_id};
use crate::desk::Noun;

/// The native id in a number, an id or a URL.
pub(super) fn recognize(snow: &ServiceNow, noun: Noun, reference: &str) -> Option<String> {
    let reference = reference.trim();
    if reference.contains("://") {
        let named = in_url(&snow.site, tables(noun), reference)?;
        return recognize(snow, noun, &named);
    }
    let id = reference.to_ascii_lowercase();
    match noun {
        Noun::Incident => {
            number(&snow.keys.incident_prefix, reference).or_else(|| is_sys_id(&id).then_some(id))
        }
        Noun::Alert => number("Alert", reference).or_else(|| is_sys_id(&id).then_some(id)),
        Noun::Service | Noun::Group => is_sys_id(&id).then_some(id),
        Noun::Remediation => {
            snow.mapping.remediations.iter().any(|item| item.key == reference).then(|| reference.to_owned())
        }
    }
}

/// A number with this beginning, spelled as the vendor does.
fn number(prefix: &str, text: &str) -> Option<String> {
    let (start, digits) = text.split_at_checked(prefix.len())?;
    let counted = (4..=12).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    (counted && start.eq_ignore_ascii_case(prefix)).then(|| format!("{prefix}{digits}"))
}

fn tables(noun: Noun) -> &'static [&'static str] {
    match noun {
        Noun::Incident => &["incident"],
        Noun::Alert => &["em_alert"],
        Noun::Service => &["cmdb_ci_service", "cmdb_ci"],
        Noun::Group => &["sys_user_group"],
        Noun::Remediation => &[],
    }
}

/// The number or `sys_id` in a URL: `/incident.do?sys_id=...` or `?sysparm_query=number=...`, the same wrapped in
/// `nav_to.do?uri=` or in `/now/nav/ui/`, and a workspace's `/record/incident/...`.
fn in_url(site: &str, tables: &[&str], text: &str) -> Option<String> {
    let (url, site) = (Url::parse(text).ok()?, Url::parse(site).ok()?);
    if url.origin() != site.origin() {
        return None;
    }
    // A form within a frame is encoded once or twice more.
    let path = (0..3).fold(text.to_owned(), |path, _| decoded(&path));
    tables.iter().find_map(|table| {
        let form =
            path.split_once(&format!("/{table}.do?")).or_else(|| path.split_once(&format!("={table}.do?")));
        let in_form = || {
            let id = |pair: &'_ str| {
                let named =
                    pair.strip_prefix("sys_id=").or_else(|| pair.strip_prefix("sysparm_query=number="));
                named.map(str::to_owned)
            };
            form?.1.split('&').find_map(id)
        };
        let in_record = || {
            let (_, rest) = path.split_once(&format!("/record/{table}/"))?;
            rest.split(['/', '?', '&']).next().map(str::to_owned)
        };
        in_form().or_else(in_record)
    })
}

/// Undoes one layer of percent-encoding.
fn decoded(text: &str) -> String {
    // A form's decoder takes `+` for a space, which ids and table names do not have.
    let pairs = url::form_urlencoded::parse(text.as_bytes());
    pairs
        .map(|(name, value)| if value.is_empty() { name.into_owned() } else { format!("{name}={value}") })
        .collect::<Vec<_>>()
        .join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "9d385017c611228701d22104cc95c371";

    #[test]
    fn forms_frames_and_workspaces_are_recognized() {
        let site = "https://acme.service-now.com";
        for url in [
            format!("{site}/incident.do?sys_id={ID}"),
            format!("{site}/incident.do?sysparm_view=ess&sys_id={ID}&x=1"),
            format!("{site}/nav_to.do?uri=incident.do?sys_id={ID}"),
            format!("{site}/nav_to.do?uri=%2Fincident.do%3Fsys_id%3D{ID}%26sysparm_view%3D"),
            format!("{site}/now/nav/ui/classic/params/target/incident.do%3Fsys_id%3D{ID}"),
            format!("{site}/now/sow/record/incident/{ID}"),
            format!("{site}/now/sow/record/incident/{ID}?x=1"),
            format!("{site}/now/sow/record/incident/{ID}/params/selected-tab-index/0"),
        ] {
            assert_eq!(in_url(site, &["incident"], &url).as_deref(), Some(ID), "{url}");
        }
        let by_number = format!("{site}/incident.do?sysparm_query=number=INC0010023");
        assert_eq!(in_url(site, &["incident"], &by_number).as_deref(), Some("INC0010023"));
        for url in [
            format!("https://evil.example/incident.do?sys_id={ID}"),
            format!("{site}/change_request.do?sys_id={ID}"),
            format!("{site}/incident_list.do"),
        ] {
            assert_eq!(in_url(site, &["incident"], &url), None, "{url}");
        }
    }

    #[test]
    fn numbers_are_spelled_as_the_vendor_does() {
        assert_eq!(number("INC", "inc0010023").as_deref(), Some("INC0010023"));
        assert_eq!(number("Alert", "ALERT0010001").as_deref(), Some("Alert0010001"));
        for none in ["INC", "INC12", "CHG0010023", "INC00100x3", "é"] {
            assert_eq!(number("INC", none), None, "{none}");
        }
    }
}
