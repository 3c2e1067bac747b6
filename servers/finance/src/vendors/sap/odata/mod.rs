//! OData filters from typed conditions, in both versions. No text of a caller stands in a filter but inside a quoted
//! literal.
//!
//! Sources: OData 2.0 URI Conventions, section 4.5 and Overview, section 6 (literals); OData 4.0 URL Conventions,
//! section 5.1.1 and its ABNF.

use std::borrow::Cow;

use jiff::civil::Date;
use rust_decimal::Decimal;

/// The protocol of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// OData 2.0.
    V2,
    /// OData 4.0.
    V4,
}

/// The name of a property or navigation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Property(Cow<'static, str>);

impl Property {
    /// A name out of SAP's metadata.
    pub(super) const fn named(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A name out of the configuration, if it can be one.
    pub(super) fn configured(name: &str) -> Option<Self> {
        let mut chars = name.chars();
        let is_name = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
            && name.len() <= 128;
        is_name.then(|| Self(Cow::Owned(name.to_owned())))
    }

    /// The name.
    pub(super) fn name(&self) -> &str {
        &self.0
    }
}

impl From<&'static str> for Property {
    fn from(name: &'static str) -> Self {
        Self::named(name)
    }
}

/// A value to compare with.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    /// A text; any.
    Text(String),
    /// An exact number.
    Number(Decimal),
    /// A day.
    Day(Date),
    /// True or false.
    Flag(bool),
    /// Nothing.
    Null,
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Decimal> for Literal {
    fn from(number: Decimal) -> Self {
        Self::Number(number)
    }
}

impl From<Date> for Literal {
    fn from(day: Date) -> Self {
        Self::Day(day)
    }
}

impl From<bool> for Literal {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

/// How a property is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    GreaterOrEqual,
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Clause {
    /// The property compares so with the value.
    Compare(Property, Comparison, Literal),
    /// The property contains this text, case and all.
    Contains(Property, String),
    /// The property ends with this text.
    EndsWith(Property, String),
    /// All of these.
    All(Vec<Clause>),
    /// One of these.
    Any(Vec<Clause>),
    /// Not this.
    Not(Box<Clause>),
    /// One of the entities that the navigation leads to fits; version 4 only.
    Some(Property, Box<Clause>),
}

impl Clause {
    /// Equality.
    pub(super) fn is(property: impl Into<Property>, value: impl Into<Literal>) -> Self {
        Self::Compare(property.into(), Comparison::Equal, value.into())
    }

    /// Inequality.
    pub(super) fn is_not(property: impl Into<Property>, value: impl Into<Literal>) -> Self {
        Self::Compare(property.into(), Comparison::NotEqual, value.into())
    }

    /// At least.
    pub(super) fn from(property: impl Into<Property>, value: impl Into<Literal>) -> Self {
        Self::Compare(property.into(), Comparison::GreaterOrEqual, value.into())
    }

    /// At most.
    pub(super) fn until(property: impl Into<Property>, value: impl Into<Literal>) -> Self {
        Self::Compare(property.into(), Comparison::LessOrEqual, value.into())
    }

    /// Less than.
    pub(super) fn before(property: impl Into<Property>, value: impl Into<Literal>) -> Self {
        Self::Compare(property.into(), Comparison::Less, value.into())
    }

    /// Equality with one of these; nothing for no values, which nothing equals.
    pub(super) fn one_of<'v>(
        property: &'static str,
        values: impl IntoIterator<Item = &'v str>,
    ) -> Option<Self> {
        Self::any(values.into_iter().map(|value| Self::is(property, value)))
    }

    /// One of these; nothing for none, which nothing fits.
    pub(super) fn any(clauses: impl Iterator<Item = Self>) -> Option<Self> {
        let mut clauses: Vec<_> = clauses.collect();
        match clauses.len() {
            0 => None,
            1 => clauses.pop(),
            _ => Some(Self::Any(clauses)),
        }
    }
}

/// A filter: conditions that hold together.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter(Vec<Clause>);

impl Filter {
    /// Adds a condition.
    pub(super) fn and(mut self, clause: Clause) -> Self {
        self.0.push(clause);
        self
    }

    /// Adds a condition if there is one.
    pub(super) fn and_some(self, clause: Option<Clause>) -> Self {
        match clause {
            Some(clause) => self.and(clause),
            None => self,
        }
    }

    /// The filter's text; `None` if it has no condition.
    pub(super) fn text(&self, version: Version) -> Option<String> {
        let mut out = Writer { out: String::with_capacity(128), version };
        out.joined(&self.0, " and ", &mut Scope::default());
        (!self.0.is_empty()).then_some(out.out)
    }
}

/// Entities named by enclosing conditions: how many, so that each has a name of its own.
#[derive(Clone, Copy, Default)]
struct Scope(usize);

struct Writer {
    out: String,
    version: Version,
}

impl Writer {
    fn joined(&mut self, clauses: &[Clause], word: &str, scope: &mut Scope) {
        for (nth, clause) in clauses.iter().enumerate() {
            if nth > 0 {
                self.out.push_str(word);
            }
            self.clause(clause, scope);
        }
    }

    fn clause(&mut self, clause: &Clause, scope: &mut Scope) {
        match clause {
            Clause::Compare(property, comparison, value) => {
                self.property(property, *scope);
                self.out.push_str(match comparison {
                    Comparison::Equal => " eq ",
                    Comparison::NotEqual => " ne ",
                    Comparison::Less => " lt ",
                    Comparison::LessOrEqual => " le ",
                    Comparison::GreaterOrEqual => " ge ",
                });
                self.literal(value);
            }
            Clause::Contains(property, text) => match self.version {
                Version::V2 => {
                    self.out.push_str("substringof(");
                    self.quoted(text);
                    self.out.push(',');
                    self.property(property, *scope);
                    self.out.push(')');
                }
                Version::V4 => self.call("contains", property, text, *scope),
            },
            Clause::EndsWith(property, text) => self.call("endswith", property, text, *scope),
            Clause::All(parts) => self.bracketed(parts, " and ", scope),
            Clause::Any(parts) => self.bracketed(parts, " or ", scope),
            Clause::Not(inner) => {
                self.out.push_str("not ");
                self.bracketed(std::slice::from_ref(inner), "", scope);
            }
            Clause::Some(navigation, inner) => {
                self.property(navigation, *scope);
                let mut within = Scope(scope.0 + 1);
                self.out.push_str("/any(");
                self.out.push_str(&within.name());
                self.out.push(':');
                self.clause(inner, &mut within);
                self.out.push(')');
            }
        }
    }

    /// What holds for no parts must be said too: none of nothing holds, all of nothing does.
    fn bracketed(&mut self, parts: &[Clause], word: &str, scope: &mut Scope) {
        self.out.push('(');
        match (parts, word) {
            ([], " or ") => self.out.push_str("false"),
            ([], _) => self.out.push_str("true"),
            _ => self.joined(parts, word, scope),
        }
        self.out.push(')');
    }

    fn call(&mut self, function: &str, property: &Property, text: &str, scope: Scope) {
        self.out.push_str(function);
        self.out.push('(');
        self.property(property, scope);
        self.out.push(',');
        self.quoted(text);
        self.out.push(')');
    }

    fn property(&mut self, property: &Property, scope: Scope) {
        if scope.0 > 0 {
            self.out.push_str(&scope.name());
            self.out.push('/');
        }
        self.out.push_str(property.name());
    }

    fn literal(&mut self, literal: &Literal) {
        match (literal, self.version) {
            (Literal::Text(text), _) => self.quoted(text),
            (Literal::Number(number), Version::V2) => {
                self.out.push_str(&number.to_string());
                self.out.push('M');
            }
            (Literal::Number(number), Version::V4) => self.out.push_str(&number.to_string()),
            (Literal::Day(day), Version::V2) => {
                self.out.push_str("datetime'");
                self.out.push_str(&day.to_string());
                self.out.push_str("T00:00:00'");
            }
            (Literal::Day(day), Version::V4) => self.out.push_str(&day.to_string()),
            (Literal::Flag(flag), _) => self.out.push_str(if *flag { "true" } else { "false" }),
            (Literal::Null, _) => self.out.push_str("null"),
        }
    }

    /// The one character to escape is the quote, by doubling.
    fn quoted(&mut self, text: &str) {
        self.out.push('\'');
        self.out.push_str(&text.replace('\'', "''"));
        self.out.push('\'');
    }
}

impl Scope {
    fn name(self) -> String {
        format!("x{}", self.0)
    }
}

#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;
