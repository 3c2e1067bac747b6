//! Names with `*` in them.

/// A name in which `*` stands for any run of characters, none included. Letters match whatever their case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(String);

impl Pattern {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_lowercase())
    }

    /// Whether it names one thing only.
    pub(crate) fn is_exact(&self) -> bool {
        !self.0.contains('*')
    }

    /// How closely it says what it means: one that names one thing before one with a `*`, then the longer one.
    pub(crate) fn closeness(&self) -> (bool, usize) {
        (self.is_exact(), self.0.chars().filter(|c| *c != '*').count())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Linear in the name for each `*`, whatever the pattern.
    pub(crate) fn matches(&self, name: &str) -> bool {
        if name.bytes().any(|b| b.is_ascii_uppercase() || !b.is_ascii()) {
            return glob(self.0.as_bytes(), name.to_lowercase().as_bytes());
        }
        glob(self.0.as_bytes(), name.as_bytes())
    }
}

/// Goes back only to the last `*`: a later one could do nothing that this one cannot.
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while n < name.len() {
        match (pattern.get(p), back) {
            (Some(b'*'), _) => {
                back = Some((p + 1, n));
                p += 1;
            }
            (Some(wanted), _) if Some(wanted) == name.get(n) => {
                p += 1;
                n += 1;
            }
            (_, Some((after, from))) => {
                back = Some((after, from + 1));
                p = after;
                n = from + 1;
            }
            (_, None) => return false,
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|b| *b == b'*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run() {
        for (pattern, name, expected) in [
            ("*", "", true),
            ("*", "crm", true),
            ("get_*", "get_issue", true),
            ("get_*", "forget_issue", false),
            ("*_issue", "get_issue_", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("PAY", "pay", true),
            ("acme/*", "Acme/Website", true),
            ("", "x", false),
            ("ü*", "Über", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn the_closer_pattern_is_the_exact_one_and_then_the_longer() {
        let mut patterns = ["acme/website*", "*", "acme/web", "*web*", "acme/*"].map(Pattern::new);
        patterns.sort_by_key(Pattern::closeness);
        let names = patterns.each_ref().map(Pattern::as_str);
        assert_eq!(names, ["*", "*web*", "acme/*", "acme/website*", "acme/web"]);
    }

    #[test]
    fn a_hostile_pattern_is_no_slower_than_any_other() {
        let pattern = Pattern::new(&"*a".repeat(2_000));
        assert!(!pattern.matches(&"a".repeat(1_999)));
    }
}
