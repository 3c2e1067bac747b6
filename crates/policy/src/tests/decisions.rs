use call::Scopes;
use error::Code;
use tool::{Audience, Consent, Currency, Money, Sum};

use super::*;
use crate::{Reach, Verdict};

fn euros(amount: &str) -> Sum {
    Sum::of(Money::new(amount.parse().unwrap(), Currency::parse("EUR").unwrap()))
}

#[test]
fn what_no_role_allows_is_denied_and_a_forbid_overrides_every_allow() {
    let stakes = Stakes::default();
    let two = "[role.guest]\nabout = \"Looks.\"\nread = [\"jars:find_*\"]\nforbid = [\"jars:move_jar\"]\n";
    let policy = policy(two);
    let of = |roles: &[&str]| {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        Subject::of(&Caller::local("ada"), roles)
    };
    let verdict = |who: &Subject, tool: &Meta| {
        let decision = Moment::quiet().decide(&policy, who, tool, Stage::Call(&stakes));
        let listed = Moment::quiet().decide(&policy, who, tool, Stage::List);
        assert_eq!(
            decision.is_allowed(),
            listed.is_allowed(),
            "the list and the call agree on {}",
            tool.name
        );
        decision.is_allowed()
    };
    assert!(verdict(&of(&["keeper"]), &READ) && verdict(&of(&["keeper"]), &WRITE));
    assert!(verdict(&of(&["guest"]), &READ) && !verdict(&of(&["guest"]), &WRITE));
    assert!(!verdict(&of(&["guest", "keeper"]), &WRITE), "forbidden by one of two roles");
    assert!(!verdict(&of(&[]), &READ) && !verdict(&of(&["nobody"]), &READ));
}

#[test]
fn who_lacks_a_scope_alone_is_told_which() {
    let policy = policy("[role.guest]\nabout = \"Looks.\"\nread = [\"*\"]\n");
    let poor = |role: &str| Subject {
        scopes: Scopes::from_iter(["jars:read"]),
        roles: vec![role.into()],
        ..keeper()
    };
    let decision = Moment::quiet().decide(&policy, &poor("keeper"), &WRITE, Stage::List);
    assert_eq!(decision.lacks, Some("jars:write"));
    assert!(decision.shows() && !decision.is_allowed(), "a client may ask for the scope");
    let decision = Moment::quiet().decide(&policy, &poor("guest"), &WRITE, Stage::List);
    assert_eq!((decision.lacks, decision.shows()), (None, false), "no scope would help");
}

#[test]
fn a_role_keeps_to_its_sources_places_targets_and_hours() {
    let rules = "sources = { jars = [\"cellar\"] }\nplaces = { jars = [\"shelf-*\"] }\n\
                 targets = { \"jars:move_jar\" = [\"to the table\"] }\n";
    let policy = policy(rules);
    let table = Some("To-The-Table".to_owned());
    let stakes = |place| Stakes { target: table.clone(), ..at(place) };
    let refused = |tool: &Meta, stakes: &Stakes| {
        let decision = decide(&policy, tool, Stage::Call(stakes));
        decision.reasons.first().filter(|_| !decision.is_allowed()).map(|reason| reason.rule.clone())
    };
    assert_eq!(refused(&WRITE, &stakes(Within::one("Shelf-3"))), None);
    assert_eq!(refused(&WRITE, &stakes(Within::one("floor"))).as_deref(), Some("role.keeper.places"));
    assert_eq!(refused(&READ, &at(Within::Anywhere)).as_deref(), Some("role.keeper.places"));
    let attic = Stakes { sources: vec!["attic".into()], ..stakes(Within::one("shelf-3")) };
    assert_eq!(refused(&WRITE, &attic).as_deref(), Some("role.keeper.sources"));
    let away = Stakes { target: Some("away".into()), ..at(Within::one("shelf-3")) };
    assert_eq!(refused(&WRITE, &away).as_deref(), Some("role.keeper.targets"));

    let night = "hours = { zone = \"UTC\", days = [\"mon\"], from = \"22:00\", to = \"06:00\" }\n";
    let decision = decide(&super::policy(night), &READ, Stage::Call(&Stakes::default()));
    assert_eq!(super::rules(&decision), ["role.keeper.hours"]);
}

#[test]
fn what_a_yes_is_bound_to_comes_with_it() {
    let policy = policy(
        "sources = { jars = [\"cellar\"] }\nrows = 7\nconsent = { \"jars:move_jar\" = \"confirm\" }\n",
    );
    let bound = decide(&policy, &WRITE, Stage::Call(&at(Within::one("x")))).obligations;
    assert_eq!(bound.sources, Reach::Only(["cellar".to_owned()].into()));
    assert_eq!((bound.rows, bound.consent), (Some(7), Some(Consent::Confirm)));
    let asked = Stakes { consent: Some(Consent::Approve), ..at(Within::one("x")) };
    let bound = decide(&policy, &WRITE, Stage::Call(&asked)).obligations;
    assert_eq!(bound.consent, Some(Consent::Approve), "the higher of the tool's and the role's");
    let mode = Mode { lockdown: true, read_only: true };
    let moment = Moment { mode, ..Moment::quiet() };
    assert!(moment.decide(&policy, &keeper(), &READ, Stage::List).obligations.withhold);
    let decision = moment.decide(&policy, &keeper(), &WRITE, Stage::List);
    assert_eq!(rules(&decision), ["mode.read_only"]);
}

#[test]
fn what_the_arguments_do_not_tell_is_asked_again_and_no_wider() {
    let policy = policy(
        "places = { jars = [\"shelf\"] }\nceilings = { \"jars:pay_for_jar\" = { EUR = \"10.00\" } }\n",
    );
    let open = decide(&policy, &WRITE, Stage::Call(&at(Within::OfRecord)));
    assert!(open.is_allowed() && open.obligations.settle);
    for (place, allowed) in
        [(Within::one("shelf"), true), (Within::one("floor"), false), (Within::OfRecord, false)]
    {
        assert_eq!(
            decide(&policy, &WRITE, Stage::Settled(&at(place.clone()))).is_allowed(),
            allowed,
            "{place:?}"
        );
    }
    let policy = super::policy("ceilings = { \"jars:pay_for_jar\" = { EUR = \"10.00\" } }\n");
    let pays = |money| Stakes { money, ..Stakes::default() };
    let open = decide(&policy, &PAY, Stage::Call(&pays(Sum::Unknown)));
    assert!(open.is_allowed() && open.obligations.settle);
    for (money, allowed) in
        [(euros("10.00"), true), (euros("10.01"), false), (euros("-10.01"), false), (Sum::Unknown, false)]
    {
        let stakes = pays(money);
        assert_eq!(decide(&policy, &PAY, Stage::Settled(&stakes)).is_allowed(), allowed, "{stakes:?}");
    }
    let none = decide(&super::policy(""), &PAY, Stage::Call(&pays(euros("0.01"))));
    assert_eq!(rules(&none), ["role.keeper.ceilings"], "no ceiling is no money");
}

/// `move_jar` was `carry_jar`, and files say so until somebody changes them.
#[test]
fn a_former_name_in_a_file_means_the_tool() {
    let stakes = at(Within::one("x"));
    let verdict = |moment: &Moment, policy: &Policy, tool: &Meta| {
        moment.decide(policy, &keeper(), tool, Stage::Call(&stakes)).verdict
    };
    let frozen = Frozen::parse("tools = [\"jars:carry_jar\"]", &house()).unwrap();
    let frozen = Moment { frozen, ..Moment::quiet() };
    assert_eq!(verdict(&frozen, &policy(""), &WRITE), Verdict::Denied(Code::Frozen));
    let forbidden = policy("forbid = [\"jars:carry_jar\"]");
    assert_eq!(verdict(&Moment::quiet(), &forbidden, &WRITE), Verdict::Denied(Code::Permission));
    let granted = file("").replace("write = [\"*\"]", "write = [\"jars:carry_jar\"]");
    let granted = Policy::load(&granted, &house()).unwrap();
    assert_eq!(verdict(&Moment::quiet(), &granted, &WRITE), Verdict::Allowed);
}

#[test]
fn a_freeze_stops_writes_and_nothing_else() {
    let policy = policy("");
    let frozen = |text: &str| Moment { frozen: Frozen::parse(text, &house()).unwrap(), ..Moment::quiet() };
    let verdict = |moment: &Moment, tool: &Meta, source: &str| {
        let sources = if source.is_empty() { Vec::new() } else { vec![source.to_owned()] };
        let stakes = Stakes { sources, ..at(Within::one("x")) };
        moment.decide(&policy, &keeper(), tool, Stage::Call(&stakes)).verdict
    };
    let denied = Verdict::Denied(Code::Frozen);
    let all = frozen("all = true\nreason = \"a test\"");
    assert_eq!(verdict(&all, &WRITE, ""), denied);
    assert_eq!(verdict(&all, &READ, ""), Verdict::Allowed);
    let tool = frozen("tools = [\"jars:move_*\"]");
    assert_eq!(verdict(&tool, &WRITE, "cellar"), denied);
    let source = frozen("sources = [\"cellar\"]");
    assert_eq!(verdict(&source, &WRITE, "cellar"), denied);
    assert_eq!(verdict(&source, &WRITE, "attic"), Verdict::Allowed);
    let stakes = at(Within::one("x"));
    let bound = source.decide(&policy, &keeper(), &WRITE, Stage::Call(&stakes)).obligations;
    assert_eq!(bound.sources, Reach::Only(["attic".to_owned()].into()), "the frozen one is out of its reach");
    let both = frozen("sources = [\"cellar\", \"attic\"]");
    assert_eq!(verdict(&both, &WRITE, ""), denied, "no source is left");
}

#[test]
fn what_would_reach_more_people_than_could_read_it_needs_an_approval() {
    let policy = policy("[audience]\n\"jars:attic\" = \"outside\"\n\"jars:cellar\" = \"team\"\n");
    let write = |source: &str, taint: Option<Mark>| {
        let stakes = Stakes { sources: vec![source.to_owned()], ..at(Within::one("x")) };
        Moment { taint, ..Moment::quiet() }.decide(&policy, &keeper(), &WRITE, Stage::Call(&stakes))
    };
    let read = |untrusted, narrowest| Mark { untrusted, narrowest, until: now() };
    assert_eq!(write("cellar", None).consent(), Consent::None);
    let outside = write("attic", None);
    assert_eq!((outside.consent(), rules(&outside)[1]), (Consent::Confirm, "audience"));
    let both = read(Some("find_jars"), Some(Audience::Team));
    let tainted = write("attic", Some(both.clone()));
    assert_eq!((tainted.consent(), *rules(&tainted).last().unwrap()), (Consent::Approve, "taint"));
    assert_eq!(write("cellar", Some(both)).consent(), Consent::None, "back to the same team");
    for half in [read(None, Some(Audience::Team)), read(Some("find_jars"), None)] {
        assert_eq!(write("attic", Some(half)).consent(), Consent::Confirm, "one leg does not stand");
    }
}
