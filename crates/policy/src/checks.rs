//! What a role refuses a call for.

use tool::{Stakes, Sum, Within};

use crate::Reach;
use crate::authorize::Inquiry;

/// A check of a role: its name in the file, and why it refuses.
pub(crate) type Check = (&'static str, fn(&Inquiry<'_>, &Stakes) -> Option<String>);

/// Every check of a role, in the order in which they are made.
pub(crate) const CHECKS: [Check; 5] = [
    ("hours", hours),
    ("sources", sources),
    ("places", places),
    ("targets", targets),
    ("ceilings", ceilings),
];

fn hours(inquiry: &Inquiry<'_>, _: &Stakes) -> Option<String> {
    let role = inquiry.role;
    let hours = role.hours.as_ref().filter(|hours| !hours.contain(inquiry.now.now))?;
    Some(format!("role `{}` works {hours}", role.name))
}

fn sources(inquiry: &Inquiry<'_>, stakes: &Stakes) -> Option<String> {
    let role = inquiry.role;
    let Reach::Only(allowed) = &role.sources else { return None };
    if allowed.is_empty() {
        return Some(format!("role `{}` has no source here", role.name));
    }
    let source = content::cut(stakes.sources.iter().find(|source| !allowed.contains(source))?, 60);
    Some(format!("source `{source}` is not among those of role `{}`: {}", role.name, role.sources))
}

fn places(inquiry: &Inquiry<'_>, stakes: &Stakes) -> Option<String> {
    let places = inquiry.role.places.as_ref()?;
    let refused = match &stakes.place {
        Within::Named(named) => {
            let outside = named.iter().find(|place| !places.contain(place))?;
            format!("`{}` is not within reach", content::cut(outside, 60))
        }
        Within::OfRecord if !inquiry.ask.is_settled() => return None,
        Within::OfRecord => "the place of the record is not known".to_owned(),
        Within::Anywhere => "the call must name its place".to_owned(),
        Within::Unsaid => format!("`{}` does not say where it works", inquiry.ask.tool.name),
    };
    Some(format!("{refused}: role `{}` keeps to {}", inquiry.role.name, places.reach))
}

fn targets(inquiry: &Inquiry<'_>, stakes: &Stakes) -> Option<String> {
    let allowed = inquiry.grant.targets.as_ref()?;
    let Some(target) = &stakes.target else {
        return inquiry.ask.is_settled().then(|| "the target is not known".to_owned());
    };
    (!is_among(target, allowed)).then(|| {
        let (target, role) = (content::cut(target, 60), &inquiry.role.name);
        format!("`{target}` is not among the targets of role `{role}`: {}", allowed.join(", "))
    })
}

fn ceilings(inquiry: &Inquiry<'_>, stakes: &Stakes) -> Option<String> {
    match (&stakes.money, &inquiry.grant.ceilings) {
        (Sum::None, _) => None,
        (_, None) => {
            Some(format!("role `{}` may move no money with `{}`", inquiry.role.name, inquiry.ask.tool.name))
        }
        (Sum::Unknown, Some(_)) => inquiry.ask.is_settled().then(|| "the amount is not known".to_owned()),
        (Sum::Of(sums), Some(ceilings)) => ceilings.exceeded(sums),
    }
}

/// Vendors' states are compared as people do: by letters and digits, whatever their case.
pub(crate) fn is_among(target: &str, allowed: &[String]) -> bool {
    fn bare(text: &str) -> impl Iterator<Item = char> + '_ {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
    }
    allowed.iter().any(|name| bare(name).eq(bare(target)))
}
