//! What is asked of a domain, as data.

/// A call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) tool: &'static str,
    /// JSON, in which `$source` is the source, `$noun` an id of that noun out of an earlier answer, and `$name` what
    /// was kept under that name.
    pub(crate) arguments: &'static str,
    /// Vendors that cannot do it and have to say so.
    pub(crate) unable: &'static [&'static str],
    /// What later calls need of the answer: a name and a JSON pointer.
    pub(crate) keep: &'static [(&'static str, &'static str)],
}

/// A call that every vendor is able to answer.
pub(crate) const fn ask(tool: &'static str, arguments: &'static str) -> Step {
    Step { tool, arguments, unable: &[], keep: &[] }
}

impl Step {
    /// The same, but these vendors are not able to.
    pub(crate) const fn unable(self, vendors: &'static [&'static str]) -> Self {
        Self { unable: vendors, ..self }
    }

    /// The same, and part of the answer is kept under a name.
    pub(crate) const fn keep(self, kept: &'static [(&'static str, &'static str)]) -> Self {
        Self { keep: kept, ..self }
    }
}

/// A list over both vendors of a domain, whose rows are sorted by a member and then by id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct List {
    pub(crate) tool: &'static str,
    pub(crate) arguments: &'static str,
    /// Pointer of the member in a row.
    pub(crate) key: &'static str,
    pub(crate) order: Order,
}

/// How rows follow one another. Dates and times are compared as text: they are all in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Ascending,
    Descending,
}

/// A domain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Script {
    pub(crate) domain: &'static str,
    /// Asked of each vendor in this order.
    pub(crate) steps: &'static [Step],
    /// Whose ids stand where: the end of a path in an answer, which begins with the tool, and the noun. The first
    /// that fits counts. Ids of the noun `-` are taken by no tool.
    pub(crate) nouns: &'static [(&'static str, &'static str)],
    /// Every tool that takes a noun, asked with `$id`, whichever tool the id came from.
    pub(crate) takes: &'static [(&'static str, Step)],
    /// What only the demo company can say: a vendor, a name and its value.
    pub(crate) facts: &'static [(&'static str, &'static str, &'static str)],
    /// Resource kinds and the noun whose ids they take, where the words differ.
    pub(crate) kinds: &'static [(&'static str, &'static str)],
    /// What is no reference, though it stands beside an id: a vendor or `*`, a noun, and `url`, `number` or `name`.
    pub(crate) nameless: &'static [(&'static str, &'static str, &'static str)],
    /// Every list that several vendors have.
    pub(crate) lists: &'static [List],
}

impl Script {
    /// The noun whose ids a resource kind takes.
    pub(crate) fn noun_of(&self, kind: &str) -> &'static str {
        let renamed = self.kinds.iter().find(|(name, _)| *name == kind).map(|(_, noun)| *noun);
        let same = || self.nouns.iter().map(|(_, noun)| *noun).find(|noun| *noun == kind);
        renamed.or_else(same).unwrap_or_else(|| panic!("{}: no noun for the resource {kind}", self.domain))
    }

    /// Whether a record's `url`, `number` or `name` is as good as its id.
    pub(crate) fn is_reference(&self, vendor: &str, noun: &str, form: &str) -> bool {
        let is = |(v, n, f): &&(&str, &str, &str)| (*v == "*" || *v == vendor) && *n == noun && *f == form;
        !self.nameless.iter().any(|row| is(&row))
    }
}
