use super::*;

fn term(field: &str, operator: Operator, operand: Operand) -> Clause {
    Clause::Term(Term { field: field.into(), operator, operand })
}

#[test]
fn precedence_and_parentheses_are_those_of_jql() {
    let a = || term("a", Operator::Equals, Operand::Text("1".into()));
    let b = || term("b", Operator::Equals, Operand::Text("2".into()));
    let c = || term("c", Operator::Is, Operand::Empty);
    let clause = |text: &str| parse(text).unwrap().clause.unwrap();
    assert_eq!(clause("a = 1 or b = 2 and c is empty"), Clause::Or(vec![a(), Clause::And(vec![b(), c()])]));
    assert_eq!(clause("(a = 1 || b = 2) && c is null"), Clause::And(vec![Clause::Or(vec![a(), b()]), c()]));
    assert_eq!(clause("not a = 1"), Clause::Not(Box::new(a())));
    let query = parse("cf[10021] is not EMPTY order by updated desc, key").unwrap();
    assert_eq!(query.clause, Some(term("cf[10021]", Operator::IsNot, Operand::Empty)));
    assert_eq!(query.order.len(), 2);
    assert!(query.order[0].descending && !query.order[1].descending);
}

#[test]
fn strings_are_unescaped_once() {
    let text = r#"summary ~ "a \"b\" \\ c\né""#;
    let Some(Clause::Term(term)) = parse(text).unwrap().clause else { panic!("{text}") };
    assert_eq!(term.operand, Operand::Text("a \"b\" \\ c\né".into()));
    let Some(Clause::Term(term)) = parse("status = 'In \"Progress'").unwrap().clause else { panic!() };
    assert_eq!(term.operand, Operand::Text("In \"Progress".into()));
}

#[test]
fn what_jira_refuses_is_refused() {
    for (text, says) in [
        ("summary ~ \"open", "has not been completed"),
        ("summary ~ \"a\\qb\"", "illegal JQL escape sequence"),
        ("summary ~ \"a\nb\"", "line break"),
        ("summary ~ \"a\u{1}b\"", "Illegal character"),
        ("project = PAY/WEB", "reserved JQL character"),
        ("project = PAY AND", "Expecting a field name"),
        ("project PAY", "Expecting an operator"),
        ("project = PAY) OR (project = HR", "Expecting either 'OR' or 'AND'"),
        ("(project = PAY", "Expecting ')'"),
        ("project in PAY", "only supports lists"),
        ("project = (PAY)", "does not support lists"),
        ("assignee is ana", "only supports 'EMPTY'"),
        ("or = 1", "reserved JQL word"),
        ("project = PAY order updated", "Expecting 'BY'"),
        ("status was Done", "History searches"),
    ] {
        let refused = parse(text).unwrap_err();
        assert!(refused.contains(says), "{text}: {refused}");
    }
}
