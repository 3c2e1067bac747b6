use proptest::prelude::*;
use serde_json::json;

use super::*;

fn set(text: &str, change: impl FnOnce(&mut Marks)) -> Inline {
    let mut marks = Marks::default();
    change(&mut marks);
    Inline::Text(text.into(), marks)
}

#[test]
fn what_agents_write_is_understood() {
    let text = "# Plan\n\nIt is **very** *slow*, see `a_b` and [docs](https://x.example/a_b).\nSame line  \nnext line\n\n\
                - one\n  - deeper\n- two\n\n1. first\n2. second\n\n> quoted\n> more\n\n```rust\nfn main() {}\n```\n\n---\n\n\
                | a | b |\n|---|---|\n| 1 | x \\| y |";
    let blocks = markdown::read(text);
    assert_eq!(blocks[0], Block::Heading(1, vec![plain("Plan")]));
    let Block::Paragraph(line) = &blocks[1] else { panic!("{blocks:?}") };
    assert!(line.contains(&set("very", |m| m.strong = true)) && line.contains(&set("slow", |m| m.em = true)));
    assert!(line.contains(&set("a_b", |m| m.code = true)) && line.contains(&Inline::Break), "{line:?}");
    assert!(line.contains(&set("docs", |m| m.link = Some("https://x.example/a_b".into()))));
    let Block::List { start: None, items } = &blocks[2] else { panic!("{:?}", blocks[2]) };
    assert_eq!(items.len(), 2);
    assert!(matches!(&items[0][1], Block::List { .. }), "{:?}", items[0]);
    assert!(matches!(&blocks[3], Block::List { start: Some(1), items } if items.len() == 2));
    assert_eq!(blocks[4], Block::Quote(vec![Block::Paragraph(vec![plain("quoted more")])]));
    assert_eq!(blocks[5], Block::Code { language: Some("rust".into()), text: "fn main() {}".into() });
    assert_eq!(blocks[6], Block::Rule);
    let Block::Table(rows) = &blocks[7] else { panic!("{:?}", blocks[7]) };
    assert_eq!((rows.len(), words(&rows[1][1])), (2, "x | y".into()));
}

#[test]
fn what_is_no_markup_stays_text() {
    for text in [
        "snake_case_name and 2 * 3 * 4",
        "a ** b",
        "[not a link",
        "x < 1",
        "`open",
        "5)is it",
        "#tag",
        "~/home",
    ] {
        let blocks = markdown::read(text);
        assert_eq!(blocks, [Block::Paragraph(vec![plain(text)])], "{text}");
    }
}

#[test]
fn unknown_nodes_keep_their_words() {
    let document = json!({ "type": "doc", "version": 1, "content": [
        { "type": "panel", "attrs": { "panelType": "info" }, "content": [
            { "type": "paragraph", "content": [{ "type": "text", "text": "in a panel" }] }] },
        { "type": "hologram", "content": [{ "type": "paragraph", "content": [
            { "type": "text", "text": "from the ", "marks": [{ "type": "glow" }] },
            { "type": "sparkle", "attrs": { "text": "future" } }] }] },
        { "type": "expand", "attrs": { "title": "More" }, "content": [
            { "type": "paragraph", "content": [
                { "type": "status", "attrs": { "text": "DONE" } }, { "type": "emoji", "attrs": { "shortName": ":tada:" } },
                { "type": "date", "attrs": { "timestamp": "1767225600000" } }] }] },
        { "type": "taskList", "content": [
            { "type": "taskItem", "attrs": { "state": "TODO" }, "content": [{ "type": "text", "text": "task" }] }] }] });
    let text = markdown::write(&adf::read(&document));
    for word in ["in a panel", "from the", "future", "More", "DONE", ":tada:", "2026-01-01", "task"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn people_are_mentioned_by_id() {
    let document = adf::write(&markdown::read("ask [@Ana Ruiz](accountid:712020%3A4f5c) today"));
    let mention = &document["content"][0]["content"][1];
    assert_eq!(mention["attrs"], json!({ "id": "712020:4f5c", "text": "@Ana Ruiz" }));
    assert_eq!(markdown::write(&adf::read(&document)), "ask [@Ana Ruiz](accountid:712020%3A4f5c) today");
}

#[test]
fn wiki_markup_is_read() {
    let text = "h2. Steps\n\n* one\n** deeper\n* two\n\nIt is *very* _slow_ with {{code}}, see [docs|https://x.example] [~fred].\n\
                {code:java}\nint a = 1;\n{code}\n{quote}said{quote}\n||a||b||\n|1|2|\n----\n{color:red}hot{color}";
    let shown = markdown::write(&wiki::read(text));
    for part in [
        "## Steps",
        "- one\n  - deeper\n- two",
        "**very**",
        "*slow*",
        "`code`",
        "[docs](https://x.example)",
        "[@fred](accountid:fred)",
        "```java\nint a = 1;\n```",
        "> said",
        "| a | b |",
        "---",
        "hot",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn text_around_a_macro_of_wiki_markup_is_kept() {
    for (wiki, wanted) in [
        (
            "{quote}We saw it twice{quote} Not true, it was once.",
            "> We saw it twice\n\nNot true, it was once.",
        ),
        ("{quote}\nTwice\n{quote} Not true,\nit was once.", "> Twice\n\nNot true,\\\nit was once."),
        ("{quote}a{quote}{quote}b{quote} - Fred", "> a\n\n> b\n\n\\- Fred"),
        ("Run {code:sh}ls{code} then", "Run\n\n```sh\nls\n```\n\nthen"),
        ("Run\n{noformat}\nps\n\nls\n{noformat} then", "Run\n\n```\nps\n\nls\n```\n\nthen"),
        ("Run {noformat}ps\nls{noformat}\nthen", "Run\n\n```\nps\nls\n```\n\nthen"),
        ("h2. Log {noformat}x{noformat} end", "## Log\n\n```\nx\n```\n\nend"),
        ("bq. said {code}x{code} end", "> said\n\n```\nx\n```\n\nend"),
        (
            "# Stop {code}\nkill 1\n# wait\n{code} hard\n## now\n# Go",
            "1. Stop\n\n   ```\n   kill 1\n   # wait\n   ```\n\n   hard\n   1. now\n2. Go",
        ),
        ("{code}\n{quote}\n{code}{quote}a{quote} b", "```\n{quote}\n```\n\n> a\n\nb"),
        ("||a||b||\n|{code}x{code}|y|", "| a | b |\n| --- | --- |\n| {code}x{code} | y |"),
    ] {
        assert_eq!(markdown::write(&wiki::read(wiki)), wanted, "{wiki}");
    }
}

#[test]
fn what_only_looks_like_a_macro_of_wiki_markup_stays_text() {
    for (wiki, wanted) in [
        ("see {code} here", "see {code} here"),
        ("\\{quote}a\\{quote} b", "{quote}a{quote} b"),
        ("a {{b{code}c}} d {{e{code}f}} g", "a `b{code}c` d `e{code}f` g"),
        ("{coder} a {coder} b", "{coder} a {coder} b"),
        ("a {code:\n} b {code} c", "a {code:\\\n} b {code} c"),
    ] {
        assert_eq!(markdown::write(&wiki::read(wiki)), wanted, "{wiki}");
    }
    // Never closed: the rest belongs to it.
    assert_eq!(markdown::write(&wiki::read("a\n{code}\nb\n\n* c")), "a\n\n```\nb\n\n* c\n```");
}

#[test]
fn markers_without_an_end_are_read_at_once() {
    for marker in ["{quote:a}", "{quote}{code}", "{code:a}", "a{code:", "{{", "{{{code}", "\\{code}", "[a|"] {
        let blocks = wiki::read(&marker.repeat(20_000));
        assert!(!blocks.is_empty(), "{marker}");
    }
}

#[test]
fn lists_keep_their_numbers() {
    let text = "1. Stop\n\n```\nkill 1\n```\n\n2. Drain\n3. Wait\n\n```\nsleep 9\n```\n\n4. Start";
    let document = adf::write(&markdown::read(text));
    let order = |nth: usize| document["content"][nth].pointer("/attrs/order").cloned();
    assert_eq!([order(0), order(2), order(4)], [None, Some(json!(2)), Some(json!(4))]);
    assert_eq!(markdown::write(&adf::read(&document)), text);
    let markup =
        "# Stop\n\n{code}\nkill 1\n{code}\n\n2. Drain\n3. Wait\n\n{code}\nsleep 9\n{code}\n\n4. Start";
    assert_eq!(wiki::write(&markdown::read(text)), markup);
    // Numbers in the markup are text: written back they are what they were.
    assert_eq!(wiki::write(&markdown::read(&markdown::write(&wiki::read(markup)))), markup);
}

#[test]
fn cells_keep_the_numbers_of_their_lists() {
    let item = |text: &str| json!({ "type": "listItem", "content": [{ "type": "text", "text": text }] });
    let list =
        json!({ "type": "orderedList", "attrs": { "order": 3 }, "content": [item("this"), item("that")] });
    let row = json!({ "type": "tableRow", "content": [{ "type": "tableCell", "content": [list] }] });
    let document = json!({ "type": "doc", "version": 1, "content": [{ "type": "table", "content": [row] }] });
    assert!(markdown::write(&adf::read(&document)).starts_with("| 3. this 4. that  |"));
}

#[test]
fn an_order_that_is_none_is_passed_over() {
    for (order, wanted) in
        [(json!(0), "0. x"), (json!(-3), "1. x"), (json!("3"), "1. x"), (json!(u64::MAX), "999999999. x")]
    {
        let item = json!({ "type": "listItem", "content": [{ "type": "text", "text": "x" }] });
        let document = json!({ "type": "doc", "version": 1, "content": [
            { "type": "orderedList", "attrs": { "order": order }, "content": [item] }] });
        assert_eq!(markdown::write(&adf::read(&document)), wanted);
    }
}

#[test]
fn only_a_list_that_begins_with_1_interrupts_a_paragraph() {
    for (text, wanted) in [
        ("It was at\n14. That was late.", "It was at 14. That was late."),
        ("- It was at\n  14. That was late.", "- It was at 14. That was late."),
        ("Do\n1. this\n2. that", "Do\n\n1. this\n2. that"),
        ("Do\n- this\n- that", "Do\n\n- this\n- that"),
        ("Do\n\n3) this\n4) that", "Do\n\n3. this\n4. that"),
        ("- a\n  - b\n3. c", "- a\n  - b\n\n3. c"),
        ("1. a\n1. b\n1) c", "1. a\n2. b\n\n1) c"),
        ("# Do\n3. this", "# Do\n\n3. this"),
    ] {
        assert_eq!(markdown::write(&markdown::read(text)), wanted, "{text}");
    }
}

#[test]
fn lists_of_wiki_markup_count_on_over_what_stands_between() {
    for (wiki, wanted) in [
        ("# Stop\n{code}\nkill 1\n{code}\n# Go", "1. Stop\n\n   ```\n   kill 1\n   ```\n2. Go"),
        ("# Stop\nand wait\n# Go\n\n# New", "1. Stop\\\n   and wait\n2. Go\n\n1) New"),
        ("* a\n# b\n## c\n#* d\n# e", "- a\n\n1. b\n   1. c\n   - d\n2. e"),
        ("# Stop\nh2. Next\n* a\n----\n* b\nbq. c", "1. Stop\n\n## Next\n\n- a\n\n---\n\n- b\n\n> c"),
    ] {
        assert_eq!(markdown::write(&wiki::read(wiki)), wanted, "{wiki}");
    }
}

#[test]
fn items_of_wiki_markup_keep_their_lines_and_numbers() {
    for (text, wanted) in [
        ("1. Stop\n\n   ```\n   a\n   b\n   ```\n2. Go", "# Stop\n{code}\na\nb\n{code}\n# Go"),
        ("- Steps\n\n  3. this\n  4. that\n- End", "* Steps\n3. this\n4. that\n* End"),
        ("3. Stop\n   - now\n4. Go", "3. Stop\n* now\n\n4. Go"),
        ("1. Stop\\\n   \\- and wait\n2. Go", "# Stop\n\\- and wait\n# Go"),
    ] {
        assert_eq!(wiki::write(&markdown::read(text)), wanted, "{text}");
    }
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9é設]{1,8}",
        Just("snake_case".to_owned()),
        Just("2*3".to_owned()),
        Just("[x]".to_owned()),
        Just("`".to_owned()),
        Just("a\\b".to_owned()),
        Just("-".to_owned()),
        Just("1.".to_owned()),
        Just("#".to_owned()),
        Just(">".to_owned()),
        Just("|".to_owned()),
        Just("~~".to_owned()),
        Just("_x_".to_owned()),
        Just("<b>".to_owned()),
        Just("{x}".to_owned()),
    ]
}

fn phrase() -> impl Strategy<Value = String> {
    prop::collection::vec(word(), 1..4).prop_map(|words| words.join(" "))
}

fn marked() -> impl Strategy<Value = Inline> {
    let link = prop::option::of(Just("https://x.example/a?b=c_d".to_owned()));
    // Code goes with no mark but a link.
    let marks = prop_oneof![
        (any::<bool>(), any::<bool>(), any::<bool>(), link.clone())
            .prop_map(|(strong, em, strike, link)| Marks { strong, em, strike, code: false, link }),
        link.prop_map(|link| Marks { code: true, link, ..Marks::default() }),
    ];
    ("[a-zé設]{1,6}( [a-z_]{1,6})?", marks)
        .prop_filter("marked", |(_, marks)| *marks != Marks::default())
        .prop_map(|(text, marks)| Inline::Text(text.trim_end_matches('_').replace("__", "_"), marks))
        .prop_filter(
            "words",
            |piece| matches!(piece, Inline::Text(t, _) if !t.ends_with([' ', '_']) && !t.contains(" _")),
        )
}

/// Marked pieces with words between them, as people write.
fn line() -> impl Strategy<Value = Vec<Inline>> {
    (phrase(), prop::collection::vec((marked(), phrase(), any::<bool>()), 0..3)).prop_map(|(first, rest)| {
        let mut line = vec![plain(first)];
        for (piece, after, broken) in rest {
            push_text(&mut line, " ", &Marks::default());
            line.push(piece);
            if broken {
                line.push(Inline::Break);
                line.push(plain(after));
            } else {
                line.push(plain(format!(" {after}")));
            }
        }
        line
    })
}

fn start() -> impl Strategy<Value = Option<u32>> {
    prop_oneof![Just(None), Just(Some(1)), (0..20_u32).prop_map(Some), Just(Some(HIGHEST - 1))]
}

/// Tables as wide as their head, with empty cells.
fn table() -> impl Strategy<Value = Block> {
    let whole = |line: &Vec<Inline>| !line.contains(&Inline::Break);
    let cell = prop_oneof![3 => line().prop_filter("one line", whole), 1 => Just(Vec::new())];
    (1..3_usize).prop_flat_map(move |width| {
        let row = prop::collection::vec(cell.clone(), width);
        prop::collection::vec(row, 1..3).prop_map(Block::Table)
    })
}

fn blocks() -> impl Strategy<Value = Vec<Block>> {
    let simple = (start(), prop::collection::vec(line(), 1..3)).prop_map(|(start, lines)| Block::List {
        start,
        items: lines.into_iter().map(|l| vec![Block::Paragraph(l)]).collect(),
    });
    let code = (prop::option::of("[a-z]{1,5}"), "[ -~]{1,20}(\n[ -~]{0,20})?[a-z]")
        .prop_map(|(language, text)| Block::Code { language, text });
    let below = prop::collection::vec(prop_oneof![3 => simple, 1 => code.clone()], 0..3);
    let item = (line(), below).prop_map(|(first, below)| {
        let mut item = vec![Block::Paragraph(first)];
        item.extend(below);
        item
    });
    let list =
        (start(), prop::collection::vec(item, 1..4)).prop_map(|(start, items)| Block::List { start, items });
    let lists = prop::collection::vec(list, 1..4);
    let quote = line().prop_map(|l| Block::Quote(vec![Block::Paragraph(l)]));
    let other = prop_oneof![code, quote, table(), Just(Block::Rule)].prop_map(|block| vec![block]);
    // A paragraph between the others keeps quotations apart.
    prop::collection::vec((line(), prop_oneof![lists, other]), 1..4).prop_map(|pairs| {
        let blocks = pairs.into_iter().map(|(l, others)| [vec![Block::Paragraph(l)], others].concat());
        blocks.flatten().collect()
    })
}

/// Words in a macro or outside, with what comes before them; and the letters that have to be there.
fn around() -> impl Strategy<Value = (String, String)> {
    let before =
        prop::sample::select(vec!["", " ", "\n", "\n\n", "\n# ", "\n** ", "\nh2. ", "\n\nbq. ", " { ", "}"]);
    let marker = prop::sample::select(vec!["", "{quote}", "{code}", "{noformat}"]);
    (before, marker, prop::collection::vec("[A-Z]{1,3}", 1..3), "[ \n]").prop_map(
        |(before, marker, words, gap)| {
            (format!("{before}{marker}{}{marker}", words.join(&gap)), words.concat())
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn documents_survive_markdown(blocks in blocks()) {
        let text = markdown::write(&blocks);
        prop_assert_eq!(markdown::read(&text), blocks, "{}", text);
    }

    #[test]
    fn documents_survive_adf(blocks in blocks()) {
        prop_assert_eq!(adf::read(&adf::write(&blocks)), blocks);
    }

    #[test]
    fn whatever_is_written_becomes_a_valid_document(text in "(\\PC|\n|[-#>*_`|\\[\\]() 0-9.]){0,120}") {
        let blocks = markdown::read(&text);
        let document = adf::write(&blocks);
        #[cfg(feature = "sandbox")]
        super::super::sim::check_adf(&document).map_err(|e| TestCaseError::fail(format!("{e}: {document}")))?;
        let _ = wiki::read(&wiki::write(&blocks));
        let _ = markdown::write(&adf::read(&document));
    }

    #[test]
    fn no_word_around_a_macro_is_lost(pieces in prop::collection::vec(around(), 1..8)) {
        let (wiki, wanted): (String, String) = pieces.into_iter().unzip();
        prop_assert_eq!(letters(&wiki::read(&wiki)), wanted, "{}", wiki);
    }

    #[test]
    fn wiki_markup_keeps_the_words(blocks in blocks()) {
        let again = wiki::read(&wiki::write(&blocks));
        prop_assert_eq!(letters(&again), letters(&blocks), "{}", wiki::write(&blocks));
    }

    #[test]
    fn wiki_markup_keeps_the_cells(table in table()) {
        let wiki = wiki::write(std::slice::from_ref(&table));
        let again = wiki::read(&wiki);
        prop_assert_eq!(again.iter().map(cells).collect::<Vec<_>>(), [cells(&table)], "{}", wiki);
    }
}

/// The letters in each cell of a table.
fn cells(block: &Block) -> Vec<Vec<String>> {
    let Block::Table(rows) = block else { panic!("{block:?}") };
    let cell = |line: &Vec<Inline>| letters(&[Block::Paragraph(line.clone())]);
    rows.iter().map(|row| row.iter().map(cell).collect()).collect()
}

/// The letters of a text in order, without anything that could be markup.
fn letters(blocks: &[Block]) -> String {
    let of = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
    let line = |line: &Vec<Inline>| of(&words(line));
    blocks
        .iter()
        .map(|block| match block {
            Block::Paragraph(l) | Block::Heading(_, l) => line(l),
            Block::Code { text, .. } => of(text),
            Block::Quote(inside) => letters(inside),
            Block::List { items, .. } => items.iter().map(|item| letters(item)).collect(),
            Block::Table(rows) => rows.iter().flatten().map(line).collect(),
            Block::Rule => String::new(),
        })
        .collect()
}

#[test]
fn bars_that_are_text_end_no_cell() {
    let read = |wiki: &str| wiki::read(wiki).iter().map(cells).collect::<Vec<_>>().concat();
    assert_eq!(read("|see [docs|https://x.example]|y|"), [["seedocs", "y"]]);
    assert_eq!(read(r"|a\|b|{{c|d}}|"), [["ab", "cd"]]);
    assert_eq!(read("||head||of||\n|a| |\n||key|value|"), [["head", "of"], ["a", ""], ["key", "value"]]);
    assert_eq!(read("|[open|b"), [["open", "b"]], "what is never closed is no link");
    let table = markdown::read("| | Before |\n|---|---|\n| | 1 |");
    assert_eq!(wiki::write(&table), "|| ||Before||\n| |1|");
}

#[test]
fn marks_missing_inside_are_found_outside() {
    let blocks = markdown::read("**a * and a long text inside of the marks b** then *c*");
    let Block::Paragraph(line) = &blocks[0] else { panic!("{blocks:?}") };
    assert!(line.contains(&set("c", |m| m.em = true)), "{line:?}");
}
