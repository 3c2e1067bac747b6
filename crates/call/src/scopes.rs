//! What a caller was granted.

use std::collections::BTreeSet;

/// The scopes of a caller: those of its token, or all of them for the local principal.
///
/// A scope is `domain:right`. `domain:admin` includes every right of its domain, `domain:write` includes
/// `domain:read`. Rights with a name of their own, such as `finance:payment_run.approve`, are included in `admin`
/// alone, and include nothing: who may approve need not be able to write.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scopes {
    /// Everything: the person at the machine, and a listener on loopback without identity.
    All,
    /// These, and what they include.
    Some(BTreeSet<String>),
}

impl Scopes {
    /// Nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::Some(BTreeSet::new())
    }

    /// Whether `needed` is granted or included in what is.
    #[must_use]
    pub fn grant(&self, needed: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some(granted) => granted.iter().any(|scope| includes(scope, needed)),
        }
    }
}

impl<S: Into<String>> FromIterator<S> for Scopes {
    fn from_iter<I: IntoIterator<Item = S>>(scopes: I) -> Self {
        Self::Some(scopes.into_iter().map(Into::into).collect())
    }
}

fn includes(granted: &str, needed: &str) -> bool {
    if granted == needed {
        return true;
    }
    let (Some((domain, right)), Some((other, wanted))) = (granted.split_once(':'), needed.split_once(':'))
    else {
        return false;
    };
    domain == other && (right == "admin" || (right == "write" && wanted == "read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_includes_the_lesser_ones_of_its_domain() {
        let grants = |granted: &str, needed: &str| Scopes::from_iter([granted]).grant(needed);
        for (granted, needed) in [
            ("crm:read", "crm:read"),
            ("crm:write", "crm:read"),
            ("crm:admin", "crm:read"),
            ("crm:admin", "crm:write"),
            ("finance:admin", "finance:payment_run.approve"),
            ("finance:payment_run.approve", "finance:payment_run.approve"),
        ] {
            assert!(grants(granted, needed), "{granted} includes {needed}");
        }
        for (granted, needed) in [
            ("crm:read", "crm:write"),
            ("crm:write", "itsm:read"),
            ("crm:admin", "itsm:read"),
            ("crm:admin", "crmx:read"),
            ("finance:write", "finance:payment_run.approve"),
            ("finance:payment_run.approve", "finance:read"),
            ("admin", "crm:read"),
            ("*", "crm:read"),
            ("crm:*", "crm:read"),
            ("crm", "crm"),
        ] {
            assert_eq!(grants(granted, needed), granted == needed, "{granted} and {needed}");
        }
        assert!(!Scopes::none().grant("crm:read"));
        assert!(Scopes::All.grant("finance:payment_run.approve"));
    }
}
