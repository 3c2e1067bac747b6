use super::like::is_like;
use super::*;

fn read(text: &str) -> Result<Query, Fault> {
    parse(text)
}

#[test]
fn and_and_or_side_by_side_are_refused() {
    assert!(read("SELECT Id FROM Account WHERE Name = 'a' AND Type = 'b' AND Phone = null").is_ok());
    assert!(read("SELECT Id FROM Account WHERE (Name = 'a' AND Type = 'b') OR Phone = null").is_ok());
    let fault = read("SELECT Id FROM Account WHERE Name = 'a' AND Type = 'b' OR Phone = null").unwrap_err();
    assert_eq!(fault.code, "MALFORMED_QUERY");
    assert!(fault.message.ends_with("ERROR at Row:1:Column:56\nunexpected token: 'OR'"), "{fault:?}");
}

#[test]
fn literals_have_types_and_escapes() {
    let query = read(
        r"SELECT Id FROM Opportunity WHERE Name = 'O\'Brien \\ \n' AND CloseDate >= 2026-11-01
          AND CreatedDate < 2026-11-01T00:00:00.000+0000 AND Amount > 1.5 AND IsWon = false
          AND CloseDate = LAST_N_DAYS:7 AND Amount < EUR5000 AND OwnerId != null",
    );
    let Some(Condition::All(all)) = query.unwrap().condition else { panic!("all hold together") };
    let operands: Vec<&Operand> = all
        .iter()
        .map(|c| match c {
            Condition::Compare(_, _, operand) => operand,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(operands[0].plain().as_deref(), Some("O'Brien \\ \n"));
    assert!(matches!(operands[1], Operand::Date(_)) && matches!(operands[2], Operand::Time(_)));
    assert_eq!(*operands[3], Operand::Number("1.5".into()));
    assert_eq!(*operands[5], Operand::Named("LAST_N_DAYS".into(), Some(7)));
    assert_eq!(*operands[6], Operand::Money("EUR".into(), "5000".into()));
    for wrong in [
        r"SELECT Id FROM Account WHERE Name = 'a\q'",
        "SELECT Id FROM Account WHERE Name = 'a",
        "SELECT Id FROM Account WHERE Name = \"a\"",
        "SELECT Id FROM Account WHERE",
        "SELECT Id FROM Account LIMIT ten",
        "SELECT Id FROM Account WHERE Name = 'a'; DROP",
        "SELECT FROM Account",
        "SELECT * FROM Account",
        "SELECT Id FROM Account WHERE Name = a",
    ] {
        assert_eq!(read(wrong).unwrap_err().code, "MALFORMED_QUERY", "{wrong}");
    }
}

#[test]
fn like_has_two_wildcards_and_escapes_them() {
    let pattern = |text: &str| match read(&format!("SELECT Id FROM Account WHERE Name LIKE '{text}'")) {
        Ok(Query { condition: Some(Condition::Compare(_, _, Operand::Text(chars))), .. }) => chars,
        other => panic!("{other:?}"),
    };
    for (text, like, is) in [
        ("Nordwind Handel", "nord%", true),
        ("Nordwind Handel", "%HANDEL", true),
        ("Nordwind", "N_rdwind", true),
        ("Nordwind", "Nord", false),
        ("100%", r"100\%", true),
        ("1000", r"100\%", false),
        ("a_b", r"a\_b", true),
        ("axb", r"a\_b", false),
        ("aXbXc", "%x%x%", true),
        ("", "%", true),
    ] {
        assert_eq!(is_like(text, &pattern(like)), is, "{text} LIKE {like}");
    }
}
