use tool::{Currency, Money, Sum};

use super::*;
use crate::{Gate, Settings};

#[test]
fn an_explanation_names_every_check_and_the_nearest_name() {
    let gate = Gate::open(Settings::default(), house(), clock()).unwrap();
    let all = gate.explain("analyst", None, None).unwrap();
    let allowed = |name: &str| all.tools.iter().find(|(tool, _)| *tool == name).unwrap().1.is_allowed();
    assert!(allowed("find_jars") && !allowed("move_jar") && all.steps.is_empty());

    let money = Sum::of(Money::new("5".parse().unwrap(), Currency::parse("EUR").unwrap()));
    let stakes = Stakes { money, ..Stakes::default() };
    let one = gate.explain("admin", Some("jars:pay_for_jar"), Some(&stakes)).unwrap();
    let refusing: Vec<&str> =
        one.steps.iter().filter(|step| !step.passes).map(|step| step.rule.as_str()).collect();
    assert_eq!(refusing, ["role.admin.ceilings"]);
    let text = one.to_string();
    assert!(text.contains("REFUSES") && text.contains("may move no money"), "{text}");

    for (role, tool, says) in [
        ("analist", None, "did you mean `analyst`?"),
        ("analyst", Some("find_jasr"), "did you mean `find_jars`?"),
        ("zzz", None, "there are admin, analyst"),
    ] {
        let told = gate.explain(role, tool, None).unwrap_err();
        assert!(told.contains(says), "{says} in {told}");
    }
}
