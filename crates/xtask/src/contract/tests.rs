//! A desk of two tools, and every kind of change to one of them.

use serde_json::{Value, json};

use super::{Contract, Size, Verdict, kept::path};
use crate::tidy::Tree;

const DESK: &str = "desk";

/// A tool as contract files have it.
fn find() -> Value {
    json!({
        "name": "find_it",
        "title": "Find it",
        "description": "Finds it.",
        "scope": "desk:read",
        "effect": "read",
        "consent": "none",
        "repeat": "by_nature",
        "deadline": "read",
        "labels": {"egress": false},
        "aliases": [],
        "annotations": {"readOnlyHint": true},
        "inputSchema": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "text": {"type": "string", "maxLength": 100, "description": "What to find"},
                "state": {"type": "string", "enum": ["open", "closed"]},
                "limit": {"type": "integer", "minimum": 1, "maximum": 50},
                "tags": {"type": "array", "maxItems": 5, "items": {"type": "string"}}
            },
            "required": ["text"]
        },
        "outputSchema": {
            "type": "object",
            "properties": {
                "items": {"type": "array", "items": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string"},
                        "state": {"type": "string", "enum": ["open", "closed"]},
                        "due": {"type": "string", "format": "date-time"}
                    },
                    "required": ["id"]
                }},
                "total": {"type": "number"}
            },
            "required": ["items"]
        }
    })
}

fn renamed(tool: &Value, name: &str, aliases: Value) -> Value {
    let mut tool = tool.clone();
    (tool["name"], tool["aliases"]) = (json!(name), aliases);
    tool
}

fn contract(version: &str, tools: &[Value]) -> Contract {
    let named = tools.iter().map(|tool| (tool["name"].as_str().unwrap().to_owned(), tool.clone()));
    Contract { version: version.parse().unwrap(), tools: named.collect() }
}

/// The verdict on `now` after 1.4.2 was released with `before`.
fn verdict(before: &[Value], version: &str, now: &[Value]) -> Verdict {
    Verdict::new(DESK, Some(contract("1.4.2", before)), contract(version, now))
}

/// The verdict on the tool after `edit`.
fn edited(edit: impl FnOnce(&mut Value)) -> Verdict {
    let mut tool = find();
    edit(&mut tool);
    verdict(&[find()], "1.4.2", &[tool])
}

/// One member of the tool gets another value; `null` takes it away.
fn with(pointer: &str, value: Value) -> Verdict {
    edited(|tool| {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = tool.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match value {
            Value::Null => drop(parent.remove(name).unwrap()),
            value => drop(parent.insert(name.to_owned(), value)),
        }
    })
}

/// Changes of one member, what they are, and a part of the sentence that says so.
fn table() -> Vec<(&'static str, Value, Size, &'static str)> {
    use Size::{Major, Minor, Patch};
    const IN: &str = "/inputSchema/properties";
    const OUT: &str = "/outputSchema/properties/items/items";
    let at = |base: &str, rest: &str| -> &'static str { format!("{base}{rest}").leak() };
    vec![
        // Who may call, and what a call does.
        ("/scope", json!("desk:write"), Major, "callers with desk:read are refused"),
        ("/effect", json!({"write": "additive"}), Major, "effect is additive, was read"),
        ("/consent", json!("confirm"), Major, "waits for somebody"),
        ("/repeat", json!("unsafe"), Major, "less safe"),
        ("/deadline", json!("report"), Minor, "take longer"),
        ("/labels/egress", json!(true), Minor, "labeled egress"),
        ("/description", json!("Finds anything."), Minor, "another description"),
        ("/title", json!("Find"), Patch, "another title"),
        ("/annotations", json!({}), Patch, "another `annotations`"),
        // Inputs: less is accepted.
        (at(IN, "/text"), Value::Null, Major, "input `text` is gone"),
        ("/inputSchema/required", json!(["text", "limit"]), Major, "input `limit` is now required"),
        (at(IN, "/limit/type"), json!("string"), Major, "input `limit` is \"string\", was \"integer\""),
        (at(IN, "/state/enum"), json!(["open"]), Major, "input `state` can no longer be \"closed\""),
        (at(IN, "/text/enum"), json!(["a"]), Major, "input `text` can only be \"a\""),
        (at(IN, "/text/maxLength"), json!(50), Major, "input `text` has maxLength 50, was 100"),
        (at(IN, "/text/minLength"), json!(1), Major, "input `text` has minLength 1, was none"),
        (at(IN, "/limit/minimum"), json!(2), Major, "input `limit` has minimum 2"),
        (at(IN, "/limit/maximum"), json!(20), Major, "input `limit` has maximum 20"),
        (at(IN, "/text/pattern"), json!("^a"), Major, "input `text` has pattern \"^a\", was none"),
        (at(IN, "/tags/items/maxLength"), json!(9), Major, "input `tags[]` has maxLength 9"),
        (at(IN, "/tags/anyOf"), json!([]), Major, "input `tags` has another anyOf"),
        // Inputs: more is.
        (at(IN, "/due"), json!({"type": "string"}), Minor, "input `due` is new and optional"),
        ("/inputSchema/required", Value::Null, Minor, "input `text` is no longer required"),
        (at(IN, "/limit/type"), json!("number"), Minor, "input `limit` is number"),
        (at(IN, "/state/enum"), json!(["open", "closed", "new"]), Minor, "can also be \"new\""),
        (at(IN, "/text/maxLength"), Value::Null, Minor, "has maxLength none, was 100"),
        (at(IN, "/limit/maximum"), json!(80), Minor, "has maximum 80"),
        ("/inputSchema/additionalProperties", Value::Null, Minor, "input is open"),
        (at(IN, "/text/description"), json!("Words"), Minor, "input `text` has another description"),
        (at(IN, "/text/x-note"), json!(1), Patch, "input `text` has another x-note"),
        // Outputs: something is missing, or is what nobody expected.
        (at(OUT, "/properties/due"), Value::Null, Major, "output `items[].due` is gone"),
        ("/outputSchema/properties/total/type", json!("string"), Major, "output `total` is string"),
        (at(OUT, "/required"), json!([]), Major, "output `items[].id` is no longer always there"),
        (at(OUT, "/properties/state/enum"), json!(["open", "closed", "new"]), Major, "can also be \"new\""),
        (at(OUT, "/properties/due/format"), Value::Null, Major, "has format none"),
        // Outputs: something is added, or is surer.
        (at(OUT, "/properties/owner"), json!({"type": "string"}), Minor, "output `items[].owner` is new"),
        ("/outputSchema/required", json!(["items", "total"]), Minor, "output `total` is now always there"),
        ("/outputSchema/properties/total/type", json!("integer"), Minor, "output `total` is integer"),
        (at(OUT, "/properties/state/enum"), json!(["open"]), Minor, "can no longer be \"closed\""),
    ]
}

#[test]
fn every_change_has_its_size_and_its_sentence() {
    for (pointer, value, size, says) in table() {
        let found = with(pointer, value);
        let [change] = found.changes.as_slice() else { panic!("{pointer}: {found}") };
        assert_eq!(change.size, size, "{found}");
        assert!(change.says.starts_with("`find_it`"), "{found}");
        assert!(change.says.replace('"', "").contains(&says.replace('"', "")), "{says}: {found}");
    }
}

#[test]
fn what_is_taken_back_has_the_opposite_size() {
    let verdict = |before: Value, now: Value| verdict(&[before], "1.4.2", &[now]).size();
    let changed = |pointer: &str, value: Value| {
        let mut tool = find();
        *tool.pointer_mut(pointer).unwrap() = value;
        tool
    };
    for (pointer, value, there, back) in [
        ("/scope", json!("desk:write"), Size::Major, Size::Minor),
        ("/effect", json!({"write": "additive"}), Size::Major, Size::Minor),
        ("/consent", json!("approve"), Size::Major, Size::Minor),
        ("/labels/egress", json!(true), Size::Minor, Size::Patch),
    ] {
        let other = changed(pointer, value);
        assert_eq!(verdict(find(), other.clone()), Some(there), "{pointer}");
        assert_eq!(verdict(other, find()), Some(back), "{pointer}");
    }
}

#[test]
fn tools_come_and_go() {
    let lose = renamed(&find(), "lose_it", json!([]));
    let gone = verdict(&[find(), lose.clone()], "1.4.2", &[find()]);
    assert_eq!(
        (gone.size(), gone.changes[0].says.as_str()),
        (Some(Size::Major), "`lose_it` is gone and is no alias of another tool: calls of it fail")
    );
    let new = verdict(&[find()], "1.4.2", &[find(), lose.clone()]);
    assert_eq!((new.size(), new.changes[0].says.as_str()), (Some(Size::Minor), "`lose_it` is a new tool"));
    let same = verdict(&[find(), lose.clone()], "1.4.2", &[find(), lose]);
    assert_eq!((same.size(), same.asked()), (None, None));
}

#[test]
fn a_renamed_tool_keeps_its_old_name_for_one_major_version() {
    let alias = |removed_in: &str| json!([{"name": "find_it", "removed_in": removed_in}]);
    let kept = renamed(&find(), "search_it", alias("2.0.0"));
    let kept_alone = std::slice::from_ref(&kept);
    let found = verdict(&[find()], "1.5.0", kept_alone);
    assert_eq!(found.changes.len(), 1, "{found}");
    assert_eq!((found.size(), found.problems()), (Some(Size::Minor), Vec::new()), "{found}");
    assert_eq!(found.changes[0].says, "`find_it` is now called `search_it`; the old name works until 2.0.0");

    let early = verdict(&[find()], "1.5.0", &[renamed(&find(), "search_it", alias("1.6.0"))]);
    assert_eq!(early.size(), Some(Size::Major), "{early}");

    let mut narrower = kept.clone();
    narrower["inputSchema"]["required"] = json!(["text", "limit"]);
    assert_eq!(
        verdict(&[find()], "1.5.0", &[narrower]).size(),
        Some(Size::Major),
        "an alias takes what its tool takes"
    );

    let dropped = verdict(kept_alone, "1.5.0", &[renamed(&find(), "search_it", json!([]))]);
    assert_eq!(dropped.changes[0].says, "the former name `find_it` of `search_it` is gone");
    assert_eq!(dropped.size(), Some(Size::Major));
    let later = verdict(kept_alone, "1.5.0", &[renamed(&find(), "search_it", alias("3.0.0"))]);
    assert_eq!(later.size(), Some(Size::Minor), "{later}");

    let overdue = verdict(kept_alone, "2.0.0", kept_alone).problems();
    assert!(overdue[0].contains("`find_it` was to be gone in 2.0.0"), "{overdue:?}");
    let twice = verdict(kept_alone, "1.5.0", &[kept.clone(), find()]).problems();
    assert!(twice[0].contains("`find_it` is the name of two tools"), "{twice:?}");
    let unread = renamed(&find(), "search_it", alias("next year"));
    assert!(verdict(&[find()], "2.0.0", &[unread]).problems()[0].contains("is no version"));
}

#[test]
fn a_version_that_is_too_small_is_refused_with_the_least_that_is_not() {
    let mut breaking = find();
    breaking["inputSchema"]["required"] = json!(["text", "limit"]);
    let problems =
        |version: &str, tool: &Value| verdict(&[find()], version, std::slice::from_ref(tool)).problems();
    for version in ["1.4.1", "1.4.2", "1.4.3", "1.5.0"] {
        let refused = problems(version, &breaking);
        assert!(refused[0].contains("are major and ask for 2.0.0"), "{refused:?}");
        assert!(refused[0].contains(&format!("says {version}")) && refused[0].contains("contract bump desk"));
    }
    assert!(problems("2.0.0", &breaking).is_empty() && problems("3.1.4", &breaking).is_empty());

    let mut wider = find();
    wider["inputSchema"]["properties"]["due"] = json!({"type": "string"});
    assert!(!problems("1.4.3", &wider).is_empty());
    assert!(problems("1.5.0", &wider).is_empty());
    assert!(problems("1.4.2", &find()).is_empty() && problems("1.4.3", &find()).is_empty());
    assert!(problems("1.4.1", &find())[0].contains("1.4.2 is released"));
}

fn tree(manifest: &str, more: &[(String, String)]) -> Tree {
    let files = [
        ("servers/desk/Cargo.toml".to_owned(), manifest.to_owned()),
        ("servers/desk/contract/find_it.json".to_owned(), format!("{:#}\n", find())),
    ];
    Tree::of(files.into_iter().chain(more.iter().cloned()))
}

#[test]
fn a_released_contract_is_read_as_it_was_kept() {
    let manifest = "[package]\nname = 'desk'\nversion = '1.4.2'\n";
    let current = Contract::current(&tree(manifest, &[]), DESK).unwrap();
    let kept = tree(manifest, &[(path(DESK), current.text())]);
    assert_eq!(Contract::released(&kept, DESK).unwrap().unwrap(), current);
    assert_eq!(current.text().lines().count(), 6, "a line a tool");
    assert!(Verdict::of(&kept, DESK).unwrap().problems().is_empty());

    let broken = tree(manifest, &[(path(DESK), "{}".to_owned())]);
    assert!(Contract::released(&broken, DESK).unwrap_err().to_string().contains("take it back"));
}

#[test]
fn before_its_first_release_a_server_promises_nothing() {
    let problems = |version: &str| {
        let manifest = format!("[package]\nname = 'desk'\nversion = '{version}'\n");
        Verdict::of(&tree(&manifest, &[]), DESK).unwrap().problems()
    };
    assert!(problems("0.1.0").is_empty());
    assert!(problems("1.0.0")[0].contains("`cargo xtask release desk` keeps it"));
}
