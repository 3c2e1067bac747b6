//! What is wrong with a file, all of it at once.

use std::fmt;

/// Problems shown; the rest is counted.
const SHOWN: usize = 30;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: `role.sales.write`.
    pub at: String,
    /// What, and what was perhaps meant.
    pub says: String,
}

/// Everything that is wrong with a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    pub(super) fn add(&mut self, at: impl Into<String>, says: impl Into<String>) {
        self.0.push(Problem { at: at.into(), says: says.into() });
    }

    /// Adds that `name` is unknown, with the nearest of those that are.
    pub(super) fn unknown<'a>(
        &mut self,
        at: &str,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        let shown = content::cut(name, 60);
        let says = match nearest(name, known) {
            Some(near) => format!("there is no {what} `{shown}`; did you mean `{near}`?"),
            None => format!("there is no {what} `{shown}`"),
        };
        self.add(at, says);
    }
}

/// The name most like another, if any is much like it.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = content::cut(name, 60).to_lowercase();
    let scored =
        known.into_iter().map(|k| (strsim::normalized_damerau_levenshtein(&name, &k.to_lowercase()), k));
    let best = scored.max_by(|one, other| one.0.total_cmp(&other.0))?;
    (best.0 >= 0.5).then_some(best.1)
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.says)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.0.iter().take(SHOWN).enumerate() {
            write!(f, "{}{problem}", if n == 0 { "" } else { "\n" })?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for Problems {}
