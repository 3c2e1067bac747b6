//! How bad a case is: `Case.Priority` in the org's words and in ours.

use super::settings::Configured;
use crate::model::Severity;

/// Ours for the org's: as configured, else as it sounds.
pub(super) fn of(configured: &Configured, priority: &str) -> Option<Severity> {
    let configured = configured.severities.iter();
    let own = configured.filter(|(_, names)| names.iter().any(|name| name.eq_ignore_ascii_case(priority)));
    own.map(|(severity, _)| *severity).next().or_else(|| match priority.to_lowercase().as_str() {
        "critical" | "urgent" => Some(Severity::Critical),
        "high" => Some(Severity::High),
        "medium" | "normal" => Some(Severity::Medium),
        "low" => Some(Severity::Low),
        _ => None,
    })
}

/// The org's priorities of a severity.
pub(super) fn priorities(configured: &Configured, severity: Severity) -> Vec<String> {
    let sounding = match severity {
        Severity::Critical => &["Critical", "Urgent"][..],
        Severity::High => &["High"],
        Severity::Medium => &["Medium", "Normal"],
        Severity::Low => &["Low"],
    };
    let taken = |name: &str| {
        let others = configured.severities.iter().filter(|(own, _)| **own != severity);
        others.flat_map(|(_, names)| names).any(|own| own.eq_ignore_ascii_case(name))
    };
    let sounding = sounding.iter().filter(|name| !taken(name)).map(|&name| name.to_owned());
    configured.severities.get(&severity).cloned().unwrap_or_default().into_iter().chain(sounding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configured_name_beats_its_sound() {
        let map = [(Severity::Critical, vec!["High".to_owned()]), (Severity::High, vec!["P2".to_owned()])];
        let own = Configured { severities: map.into(), ..Configured::default() };
        assert_eq!(of(&own, "HIGH"), Some(Severity::Critical));
        assert_eq!(of(&own, "p2"), Some(Severity::High));
        assert_eq!((of(&own, "low"), of(&own, "Whenever")), (Some(Severity::Low), None));
        assert_eq!(priorities(&own, Severity::Critical), ["High", "Critical", "Urgent"]);
        assert_eq!(priorities(&own, Severity::High), ["P2"], "a name means one severity");
    }
}
