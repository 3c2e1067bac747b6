//! Whether a page is what a query asks for.

use std::cmp::Ordering;

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

use super::super::state::{Page, Site};
use super::super::text;
use super::{Clause, Operand, Operator, Query, Term, words};

/// The account's clock runs behind UTC by so many hours: CQL reads its dates by it.
const BEHIND: i64 = 8;

/// What a query is asked against.
pub(in super::super) struct Scene<'a> {
    pub(in super::super) site: &'a Site,
    pub(in super::super) me: &'a str,
    pub(in super::super) now: Timestamp,
}

impl Scene<'_> {
    /// The pages that match, in the query's order.
    pub(in super::super) fn run<'p>(
        &self,
        query: &Query,
        pages: impl Iterator<Item = &'p Page>,
    ) -> Result<Vec<&'p Page>, String> {
        let mut found = Vec::new();
        for page in pages {
            if self.holds(&query.clause, page)? {
                found.push(page);
            }
        }
        // Without an order: by relevance, for which the last change stands here.
        let newest = [("lastmodified".to_owned(), true)];
        let order = if query.order.is_empty() { newest.as_slice() } else { &query.order };
        found.sort_by(|a, b| {
            order.iter().fold(Ordering::Equal, |so_far, (field, down)| {
                so_far.then_with(|| {
                    let by = self.compare(field, a, b);
                    if *down { by.reverse() } else { by }
                })
            })
        });
        Ok(found)
    }

    fn compare(&self, field: &str, a: &Page, b: &Page) -> Ordering {
        match field {
            "title" => a.title.cmp(&b.title),
            "created" => a.created.cmp(&b.created),
            "space" => a.space.cmp(&b.space),
            _ => a.updated().cmp(&b.updated()),
        }
    }

    fn holds(&self, clause: &Clause, page: &Page) -> Result<bool, String> {
        match clause {
            Clause::And(parts) => parts.iter().try_fold(true, |all, part| Ok(self.holds(part, page)? && all)),
            Clause::Or(parts) => parts.iter().try_fold(false, |any, part| Ok(self.holds(part, page)? || any)),
            Clause::Not(inner) => Ok(!self.holds(inner, page)?),
            Clause::Term(term) => self.term(term, page),
        }
    }

    fn term(&self, term: &Term, page: &Page) -> Result<bool, String> {
        match term.operator {
            Operator::Contains => self.contains(term, page),
            Operator::ContainsNot => Ok(!self.contains(term, page)?),
            Operator::Equals | Operator::In if is_date(&term.field) => {
                let at = self.date(&term.operand)?;
                Ok(moment(&term.field, page) == at)
            }
            Operator::Equals | Operator::In => self.is(term, page),
            Operator::NotEquals | Operator::NotIn => Ok(!self.is(term, page)?),
            Operator::Greater => Ok(moment(&term.field, page) > self.date(&term.operand)?),
            Operator::GreaterOrEqual => Ok(moment(&term.field, page) >= self.date(&term.operand)?),
            Operator::Less => Ok(moment(&term.field, page) < self.date(&term.operand)?),
            Operator::LessOrEqual => Ok(moment(&term.field, page) <= self.date(&term.operand)?),
        }
    }

    fn contains(&self, term: &Term, page: &Page) -> Result<bool, String> {
        let Operand::Text(asked) = &term.operand else { return Err("a text was expected".into()) };
        let asked = words::read(asked)?;
        let all = match term.field.as_str() {
            "title" => page.title.clone(),
            "text" => {
                let body = text::plain(&page.version().storage).unwrap_or_default();
                format!("{}\n{body}\n{}", page.title, page.labels.join("\n"))
            }
            other => return Err(format!("the field {other} is for people")),
        };
        Ok(asked.matches(&words::split(&all)))
    }

    fn is(&self, term: &Term, page: &Page) -> Result<bool, String> {
        let space = self.site.space(page.space).map(|space| space.key.clone()).unwrap_or_default();
        let id = |id: &u64| id.to_string();
        let own: Vec<String> = match term.field.as_str() {
            "type" => vec!["page".into()],
            "id" | "content" => vec![id(&page.id)],
            "space" | "space.key" => vec![space],
            "space.type" => vec!["global".into()],
            "title" => vec![page.title.to_lowercase()],
            "label" => page.labels.clone(),
            "creator" => vec![page.author.clone()],
            "contributor" => page.versions.iter().map(|version| version.author.clone()).collect(),
            "parent" => page.parent.iter().map(id).collect(),
            "ancestor" => self.site.above(page).iter().map(|above| id(&above.id)).collect(),
            other => return Err(format!("the field {other} is for people")),
        };
        let wanted = match &term.operand {
            Operand::List(values) => values.iter().map(|v| self.value(v)).collect::<Result<Vec<_>, _>>()?,
            one => vec![self.value(one)?],
        };
        let same = |value: &String| match term.field.as_str() {
            "title" => own.contains(&value.to_lowercase()),
            "type" | "space.type" => own.contains(&value.to_lowercase()),
            _ => own.contains(value),
        };
        Ok(wanted.iter().any(same))
    }

    fn value(&self, operand: &Operand) -> Result<String, String> {
        match operand {
            Operand::Text(text) => Ok(text.clone()),
            Operand::Function(name, _) if name == "currentuser" => Ok(self.me.to_owned()),
            other => Err(format!("{other:?} is no value here")),
        }
    }

    fn date(&self, operand: &Operand) -> Result<Timestamp, String> {
        match operand {
            Operand::Text(text) => read_date(text).ok_or_else(|| format!("`{text}` is no date")),
            Operand::Function(name, arguments) if name == "now" => {
                let moved = arguments.first().map_or(Some(SignedDuration::ZERO), |text| offset(text));
                let moved = moved.ok_or("an offset such as \"-4w\" was expected")?;
                self.now.checked_add(moved).map_err(|e| e.to_string())
            }
            other => Err(format!("{other:?} is no date")),
        }
    }
}

fn is_date(field: &str) -> bool {
    matches!(field, "created" | "lastmodified")
}

fn moment(field: &str, page: &Page) -> Timestamp {
    if field == "created" { page.created } else { page.updated() }
}

/// `2026-11-21`, `2026/11/21`, both with ` 09:30`.
fn read_date(text: &str) -> Option<Timestamp> {
    let text = text.replace('/', "-");
    let full = if text.len() == 10 { format!("{text} 00:00") } else { text };
    let local = DateTime::strptime("%Y-%m-%d %H:%M", &full).ok()?;
    let utc = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    utc.checked_add(SignedDuration::from_hours(BEHIND)).ok()
}

/// `-4w`, `+2d`, `3h`, `-30m`.
fn offset(text: &str) -> Option<SignedDuration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: i64 = number.trim_start_matches('+').parse().ok()?;
    let hours = match unit {
        "m" => return Some(SignedDuration::from_mins(number)),
        "h" => 1,
        "d" => 24,
        "w" => 24 * 7,
        "M" => 24 * 30,
        "y" => 24 * 365,
        _ => return None,
    };
    Some(SignedDuration::from_hours(number.checked_mul(hours)?))
}
