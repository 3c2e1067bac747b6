//! The language of `sysparm_query`, read as the vendor reads it: pieces between carets, without quotes or escapes.
//! What cannot be understood is left out and the rest is run
//! (ServiceNow, "Operators available for filters and queries"; property `glide.invalid_query.returns_no_rows`).

/// A query, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// Rows of any of these (`^NQ`); of each, every group must hold, of a group one condition (`^OR`).
    pub(crate) alternatives: Vec<Vec<Vec<Condition>>>,
    /// Fields to sort by, and whether the greatest comes first.
    pub(crate) order: Vec<(String, bool)>,
    /// Pieces that mean nothing; they restrict nothing.
    pub(crate) ignored: Vec<String>,
}

/// A field, how it is compared, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) field: String,
    pub(crate) operator: Operator,
    pub(crate) value: String,
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equals,
    NotEquals,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    Contains,
    NotContains,
    StartsWith,
    EndsWith,
    Empty,
    NotEmpty,
    Anything,
    EmptyString,
    Between,
    SameAs,
    InstanceOf,
}

/// Spelled as in a query; where one begins with another, the longer one stands first.
const OPERATORS: &[(&str, Operator)] = &[
    ("!=", Operator::NotEquals),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("=", Operator::Equals),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("!*", Operator::NotContains),
    ("*", Operator::Contains),
    ("%", Operator::EndsWith),
    ("ANYTHING", Operator::Anything),
    ("BETWEEN", Operator::Between),
    ("CONTAINS", Operator::Contains),
    ("DOES NOT CONTAIN", Operator::NotContains),
    ("EMPTYSTRING", Operator::EmptyString),
    ("ENDSWITH", Operator::EndsWith),
    ("INSTANCEOF", Operator::InstanceOf),
    ("IN", Operator::In),
    ("ISEMPTY", Operator::Empty),
    ("ISNOTEMPTY", Operator::NotEmpty),
    ("LIKE", Operator::Contains),
    ("NOT IN", Operator::NotIn),
    ("NOT LIKE", Operator::NotContains),
    ("NOTLIKE", Operator::NotContains),
    ("SAMEAS", Operator::SameAs),
    ("STARTSWITH", Operator::StartsWith),
];

/// The one field whose name is no name: the full-text index.
const TEXT_INDEX: &str = "123TEXTQUERY321";

/// Reads a query. Never fails: what is wrong is ignored.
pub(crate) fn parse(text: &str) -> Query {
    let mut query = Query::default();
    let mut groups: Vec<Vec<Condition>> = Vec::new();
    for piece in text.split('^').filter(|piece| !piece.is_empty()) {
        if let Some(field) = piece.strip_prefix("ORDERBYDESC") {
            query.order.push((field.to_owned(), true));
        } else if let Some(field) = piece.strip_prefix("ORDERBY") {
            query.order.push((field.to_owned(), false));
        } else if piece.starts_with("GROUPBY") || piece == "EQ" {
            // Grouping changes what a list looks like, not which rows it has.
        } else if let Some(rest) = piece.strip_prefix("NQ") {
            query.alternatives.push(std::mem::take(&mut groups));
            match condition(rest) {
                Some(condition) => groups.push(vec![condition]),
                None => query.ignored.push(piece.to_owned()),
            }
        } else if let Some(rest) = piece.strip_prefix("OR") {
            match (condition(rest), groups.last_mut()) {
                (Some(condition), Some(group)) => group.push(condition),
                (Some(condition), None) => groups.push(vec![condition]),
                (None, _) => query.ignored.push(piece.to_owned()),
            }
        } else {
            match condition(piece) {
                Some(condition) => groups.push(vec![condition]),
                None => query.ignored.push(piece.to_owned()),
            }
        }
    }
    query.alternatives.push(groups);
    query
}

fn condition(piece: &str) -> Option<Condition> {
    let end = match piece.strip_prefix(TEXT_INDEX) {
        Some(_) => TEXT_INDEX.len(),
        None => piece.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || "_.".contains(c)))?,
    };
    let (field, rest) = piece.split_at(end);
    let (spelled, operator) = OPERATORS.iter().find(|(spelled, _)| rest.starts_with(spelled))?;
    let value = rest[spelled.len()..].to_owned();
    (!field.is_empty()).then(|| Condition { field: field.to_owned(), operator: *operator, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> Vec<Vec<Vec<String>>> {
        let condition = |c: &Condition| format!("{} {:?} {}", c.field, c.operator, c.value);
        let groups = |groups: &Vec<Vec<Condition>>| {
            groups.iter().map(|group| group.iter().map(condition).collect()).collect()
        };
        parse(text).alternatives.iter().map(groups).collect()
    }

    #[test]
    fn alternatives_bind_to_the_condition_before_them() {
        assert_eq!(
            shape("active=true^state=1^ORstate=2^NQpriority<=1"),
            [
                vec![vec!["active Equals true"], vec!["state Equals 1", "state Equals 2"]],
                vec![vec!["priority LessOrEqual 1"]]
            ]
        );
    }

    #[test]
    fn operators_are_read_as_long_as_they_can_be() {
        assert_eq!(shape("short_descriptionNOT LIKEx=1"), [[["short_description NotContains x=1"]]]);
        assert_eq!(shape("stateIN1,2"), [[["state In 1,2"]]]);
        assert_eq!(shape("sys_class_nameINSTANCEOFtask"), [[["sys_class_name InstanceOf task"]]]);
        assert_eq!(shape("cmdb_ci.nameISEMPTY"), [[["cmdb_ci.name Empty "]]]);
    }

    #[test]
    fn what_means_nothing_restricts_nothing() {
        let query = parse("state~1^Bad=2^ORDERBYDESCnumber^ORDERBYsys_id");
        assert_eq!(query.alternatives, [Vec::<Vec<Condition>>::new()]);
        assert_eq!(query.ignored, ["state~1", "Bad=2"]);
        assert_eq!(query.order, [("number".to_owned(), true), ("sys_id".to_owned(), false)]);
    }
}
