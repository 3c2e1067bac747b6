//! Who reads what is written where.

use tool::{Audience, Within};

use crate::pattern::Pattern;

/// The audiences of this server's sources and places; what is not named is for the company.
#[derive(Clone, Debug, Default)]
pub(crate) struct Audiences(pub(crate) Vec<Rule>);

/// `"github/acme/website" = "outside"`.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) source: Pattern,
    /// Absent: the whole source.
    pub(crate) place: Option<Pattern>,
    pub(crate) audience: Audience,
}

impl Audiences {
    /// The widest audience a write to one of these sources may reach.
    pub(crate) fn widest(&self, sources: &[String], within: &Within) -> Audience {
        self.of_all(sources, within).into_iter().max().unwrap_or_default()
    }

    /// The narrowest audience that what is read there may have.
    pub(crate) fn narrowest(&self, sources: &[String], within: &Within) -> Audience {
        self.of_all(sources, within).into_iter().min().unwrap_or_default()
    }

    fn of_all(&self, sources: &[String], within: &Within) -> Vec<Audience> {
        if self.0.is_empty() {
            return Vec::new();
        }
        sources.iter().flat_map(|source| self.of(source, within)).collect()
    }

    fn of(&self, source: &str, within: &Within) -> Vec<Audience> {
        let rules = || self.0.iter().filter(|rule| rule.source.matches(source));
        let whole = || closest(rules().filter(|rule| rule.place.is_none()));
        let Within::Named(places) = within else {
            // Anywhere in the source: each of its places may be meant.
            return rules()
                .filter(|rule| rule.place.is_some())
                .map(|rule| rule.audience)
                .chain(whole())
                .collect();
        };
        let of_place = |place: &String| {
            let named = |rule: &&Rule| rule.place.as_ref().is_some_and(|pattern| pattern.matches(place));
            match rules().any(|rule| named(&rule)) {
                true => closest(rules().filter(named)),
                false => whole(),
            }
        };
        places.iter().flat_map(of_place).collect()
    }
}

/// What the closest of some rules say: by the place first, then by the source. Rules that are equally close all count,
/// so that a write is held to the widest of them and a read to the narrowest. Without a rule it is the company.
fn closest<'a>(rules: impl Iterator<Item = &'a Rule> + Clone) -> Vec<Audience> {
    let closeness = |rule: &Rule| (rule.place.as_ref().map(Pattern::closeness), rule.source.closeness());
    let Some(most) = rules.clone().map(closeness).max() else { return vec![Audience::default()] };
    rules.filter(|rule| closeness(rule) == most).map(|rule| rule.audience).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audiences() -> Audiences {
        let rule = |source: &str, place: Option<&str>, audience| Rule {
            source: Pattern::new(source),
            place: place.map(Pattern::new),
            audience,
        };
        Audiences(vec![
            rule("github", None, Audience::Company),
            rule("github", Some("acme/website"), Audience::Outside),
            rule("jira-hr", None, Audience::Team),
        ])
    }

    #[test]
    fn a_place_that_is_not_known_may_be_any_of_its_source() {
        let all = audiences();
        let of = |source: &str, within| {
            let sources = [source.to_owned()];
            (all.narrowest(&sources, &within), all.widest(&sources, &within))
        };
        assert_eq!(of("github", Within::one("acme/website")), (Audience::Outside, Audience::Outside));
        assert_eq!(of("github", Within::one("acme/payments")), (Audience::Company, Audience::Company));
        assert_eq!(of("github", Within::OfRecord), (Audience::Company, Audience::Outside));
        assert_eq!(of("jira-hr", Within::Anywhere), (Audience::Team, Audience::Team));
        assert_eq!(of("jira", Within::Unsaid), (Audience::Company, Audience::Company));
        let both = ["jira".to_owned(), "jira-hr".to_owned()];
        assert_eq!(all.narrowest(&both, &Within::Anywhere), Audience::Team);
        assert_eq!(all.widest(&both, &Within::Anywhere), Audience::Company);
    }
    #[test]
    fn the_closest_rule_says_who_reads_a_place() {
        let rule = |source: &str, place: &str, audience| Rule {
            source: Pattern::new(source),
            place: Some(Pattern::new(place)),
            audience,
        };
        let exact = rule("github", "acme/web", Audience::Outside);
        let wide = rule("github", "acme/web*", Audience::Team);
        let wider = rule("github", "acme/*", Audience::Company);
        let elsewhere = rule("*", "acme/*", Audience::Outside);
        let twin = rule("github", "*/acme", Audience::Outside);
        let rules = [exact, wide, wider, elsewhere, twin];
        for turn in 0..rules.len() {
            let mut rules = rules.to_vec();
            rules.rotate_left(turn);
            let all = Audiences(rules);
            let of = |place: &str| {
                let (sources, within) = (["github".to_owned()], Within::one(place));
                (all.narrowest(&sources, &within), all.widest(&sources, &within))
            };
            assert_eq!(of("acme/web"), (Audience::Outside, Audience::Outside), "the exact one");
            assert_eq!(of("acme/website"), (Audience::Team, Audience::Team), "then the longer one");
            assert_eq!(of("acme/api"), (Audience::Company, Audience::Company), "then the closer source");
            assert_eq!(of("acme/acme"), (Audience::Company, Audience::Outside), "else the stricter one");
        }
    }
}
