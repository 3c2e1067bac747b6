//! What is read is what was written; what is edited is nothing else.

use proptest::prelude::*;

use super::*;
use crate::markdown::{Edit, Outline};

fn read(storage: &str) -> String {
    to_markdown(storage).unwrap()
}

/// What a text becomes on its way through Confluence.
fn through(text: &str) -> String {
    read(&from_markdown(text))
}

#[test]
fn markdown_survives_the_way_through_storage() {
    for text in [
        "# A\n\nPlain, **bold**, *italic*, ~~gone~~, `code | x`, [link](https://a.example/b?c=d&e).\n",
        "- one\n- two\n  - deeper\n  - **bold**\n- three\n",
        "3. three\n\n4. four\n\n   still four\n\n5. five\n",
        "1. Stop\n\n```sh\nkill 1\n```\n\n2. Drain\n3. Wait\n\n---\n\n0. none\n",
        "- one\n\n  -\n\n- two\n\n  7. seven\n",
        "- [ ] open\n- [x] done\n",
        "- \\[ ]\n\n  -\n",
        "> quoted\n>\n> - in it\n",
        "```sh\n# not a heading\na ]]> b && c < d\n```\n",
        "| a | b |\n|---|---|\n| 1 \\| 2 | **x** |\n| y |  |\n",
        "one\\\ntwo\n\n---\n\nERR_POOL_TIMEOUT 2 * 3 a_b_c\n",
        "1\\. no list\n\n\\# no heading\n\n\\- no bullet\n\n1.5 and -x- #7\n",
        "## 設定 \\<tags> & \"quotes\"\n\n``a`b`` and 5 * 3 * 1\n",
    ] {
        assert_eq!(through(text), text, "{}", from_markdown(text));
    }
}

#[test]
fn what_markdown_cannot_say_is_readable() {
    let storage = "<ac:layout><ac:layout-section><ac:layout-cell><h2>Left&nbsp;side</h2>\
        <ac:structured-macro ac:name=\"info\"><ac:rich-text-body><h3>No section</h3><p>Careful.</p></ac:rich-text-body>\
        </ac:structured-macro></ac:layout-cell><ac:layout-cell><h2>Right</h2><p>See <ac:link><ri:page \
        ri:content-title=\"Other &amp; page\" /></ac:link>, <ac:link><ri:user ri:account-id=\"5b10\" /></ac:link>, \
        <ac:structured-macro ac:name=\"status\"><ac:parameter ac:name=\"title\">DONE</ac:parameter>\
        </ac:structured-macro> <time datetime=\"2026-11-21\" /> <ac:inline-comment-marker ac:ref=\"x\">marked\
        </ac:inline-comment-marker> <ac:emoticon ac:name=\"smile\" ac:emoji-fallback=\"🙂\" /> \
        <ac:image><ri:attachment ri:filename=\"a.png\" /></ac:image></p>\
        <ac:structured-macro ac:name=\"toc\" /><p><a href=\"javascript:alert(1)\">text</a></p>\
        </ac:layout-cell></ac:layout-section></ac:layout>";
    let text = read(storage);
    assert_eq!(
        text,
        "## Left side\n\n> **Info**\n>\n> **No section**\n>\n> Careful.\n\n## Right\n\nSee Other & page, @5b10, DONE \
         2026-11-21 marked 🙂 [a.png]\n\ntext\n"
    );
    assert_eq!(Outline::of(&text).spans().len(), 2);
}

#[test]
fn cells_keep_the_numbers_of_their_lists() {
    let lists = "<ol start=\"3\"><li><p>this</p></li><li>that</li></ol><ul><li>it</li></ul>";
    let storage = format!("<table><tbody><tr><th>{lists}</th></tr></tbody></table>");
    assert_eq!(read(&storage), "| 3. this<br>4. that<br><br>• it |\n|---|\n");
}

#[test]
fn an_edit_leaves_every_other_byte_alone() {
    let storage = "<p>Intro &ndash; x</p><h2 local-id='1'>Steps</h2><p data-x=\"1\">keep <ac:link><ri:user \
        ri:account-id=\"5b\"/></ac:link></p><ac:structured-macro ac:name='anchor'><ac:parameter ac:name=''>here\
        </ac:parameter></ac:structured-macro><p>old</p><ac:structured-macro ac:name=\"jira\"><ac:parameter \
        ac:name=\"key\">PAY-1</ac:parameter></ac:structured-macro><h2>Next</h2><p>y</p>";
    let text = read(storage);
    let outline = Outline::of(&text);
    let edit = Edit::new(&outline, "steps", "keep @5b\n\nnew **bold**\n\nand more\n\nPAY-1").unwrap();
    assert_eq!(
        replaced(storage, &edit).unwrap(),
        storage.replace("<p>old</p>", "<p>new <strong>bold</strong></p><p>and more</p>")
    );
    let top = Edit::new(&outline, "top", "Hello").unwrap();
    assert_eq!(replaced(storage, &top).unwrap(), storage.replace("<p>Intro &ndash; x</p>", "<p>Hello</p>"));
    let last = Edit::new(&outline, "next", "").unwrap();
    assert_eq!(replaced(storage, &last).unwrap(), storage.replace("<p>y</p>", ""));
    let elsewhere = "<h2>Steps</h2><p>other</p>";
    assert_eq!(replaced(elsewhere, &edit).unwrap_err().code(), error::Code::Conflict);
}

#[test]
fn what_markdown_cannot_say_does_not_come_back() {
    let panel = "<ac:structured-macro ac:name=\"info\"><ac:rich-text-body><p>o</p></ac:rich-text-body>\
        </ac:structured-macro>";
    let code = "<ac:structured-macro ac:name=\"code\" ac:schema-version=\"1\" ac:macro-id=\"1\"><ac:parameter \
        ac:name=\"language\">sh</ac:parameter><ac:plain-text-body><![CDATA[ls]]></ac:plain-text-body>\
        </ac:structured-macro>";
    let columns =
        "<ac:layout-cell><h2>A</h2><p>o</p></ac:layout-cell><ac:layout-cell><p>p</p></ac:layout-cell>";
    for (body, comes_back) in [
        ("<p local-id=\"1\">o &ndash; <b>p: </b>q</p>\n<ul><li>one</li><li><p>two</p></li></ul><hr />", true),
        (
            "<table data-layout=\"default\"><tbody><tr><th><p>a</p></th></tr><tr><td>b</td></tr></tbody></table>",
            true,
        ),
        ("<p>See <a href=\"https://a.example/x\">it</a>.</p><blockquote><p>q</p></blockquote>", true),
        (
            "<ac:task-list><ac:task><ac:task-id>7</ac:task-id><ac:task-status>complete</ac:task-status>\
             <ac:task-body>done</ac:task-body></ac:task></ac:task-list>",
            true,
        ),
        (code, true),
        (columns, false),
        (panel, false),
        ("<p>o <ac:link><ri:user ri:account-id=\"5b\" /></ac:link></p>", false),
        ("<p>o <u>p</u></p>", false),
        ("<p style=\"text-align: center;\">o</p>", false),
        ("<p><a href=\"https://a.example\" data-card-appearance=\"inline\">o</a></p>", false),
        (
            "<table><tbody><tr><th>a</th><th>b</th></tr><tr><td colspan=\"2\">c</td></tr></tbody></table>",
            false,
        ),
        ("<table><tbody><tr><td>a</td></tr></tbody></table>", false),
        ("<table><tbody><tr><th>a</th></tr><tr><td><p>b</p><p>c</p></td></tr></tbody></table>", false),
        ("<ul><li><h3>o</h3></li></ul>", false),
        ("<p><a href=\"javascript:alert(1)\">o</a></p>", false),
    ] {
        let storage = match body.starts_with("<ac:layout") {
            true => body.to_owned(),
            false => format!("<h2>A</h2>{body}<h2>B</h2><p>y</p>"),
        };
        let text = read(&storage);
        let edit = Edit::new(&Outline::of(&text), "a", "x").unwrap();
        assert_eq!(comes_back_after(&storage, &edit), comes_back, "{body}");
    }
    // What an edit keeps it need not give back.
    let storage = format!("<h2>A</h2>{panel}<p>o</p>");
    let text = read(&storage);
    let outline = Outline::of(&text);
    let kept =
        Edit::new(&outline, "a", &outline.body(&outline.spans()[0]).replace("\no\n", "\nx\n")).unwrap();
    assert!(replaced(&storage, &kept).unwrap().contains(panel));
    assert!(comes_back_after(&storage, &kept));
}

fn comes_back_after(storage: &str, edit: &Edit) -> bool {
    comes_back(storage, &replaced(storage, edit).unwrap(), edit)
}

#[test]
fn text_goes_in_where_there_was_none() {
    for (storage, section, wanted) in [
        ("", "top", "<p>x</p>"),
        ("<h2>A</h2><h2>B</h2>", "a", "<h2>A</h2><p>x</p><h2>B</h2>"),
        ("<h2>A</h2>", "a", "<h2>A</h2><p>x</p>"),
        (
            "<ac:layout-cell><h2>A</h2><p>o</p></ac:layout-cell><ac:layout-cell><p>p</p></ac:layout-cell>",
            "a",
            "<ac:layout-cell><h2>A</h2><p>x</p></ac:layout-cell><ac:layout-cell></ac:layout-cell>",
        ),
    ] {
        let text = read(storage);
        let edit = Edit::new(&Outline::of(&text), section, "x").unwrap();
        assert_eq!(replaced(storage, &edit).unwrap(), wanted);
    }
}

#[test]
fn a_comment_hangs_on_the_very_heading() {
    let page = Page::read("<p>Steps first</p><h2>Steps</h2><p>Steps</p><h2>Steps</h2><h2></h2>").unwrap();
    let spot = |index| Some(Spot { selection: "Steps".into(), index, total: 4 });
    assert_eq!(page.place_of(Some(0)), spot(1));
    assert_eq!(page.place_of(Some(1)), spot(3));
    assert_eq!(page.place_of(None).unwrap().selection, "Steps first");
    assert_eq!(page.place_of(Some(2)), None);
    assert_eq!(page.place_of(Some(9)), None);
}

#[test]
fn deep_nesting_is_flattened_not_followed() {
    let quotes = format!("{}x", "> ".repeat(20_000));
    assert!(from_markdown(&quotes).contains('x'));
    let lists: String = (0..500).map(|n| format!("{}- x\n", "  ".repeat(n))).collect();
    assert!(read(&from_markdown(&lists)).contains("- x"));
}

/// Texts of Markdown's own characters and words.
fn markdown_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z ]{1,6}",
        "[-#>*_`~|\\[\\]()<&!+.=0-9: ]{1,4}",
        Just("\n".to_owned()),
        Just("\n\n".to_owned()),
        Just("\n\n## H\n\n".to_owned()),
        Just("```".to_owned()),
        Just("**b**".to_owned()),
        Just("- [ ] ".to_owned()),
        Just("\n- ".to_owned()),
        Just("\n1. ".to_owned()),
        Just("\n\n7. ".to_owned()),
        Just("\n| a | b |\n|---|---|\n| c | d |\n".to_owned()),
        Just("ü設\u{202E}\u{0}".to_owned()),
        Just("]]>".to_owned()),
        Just("</p>".to_owned()),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_can_be_read_and_is_stable(text in markdown_like()) {
        let once = through(&text);
        prop_assert_eq!(through(&once), once.clone(), "{:?}", text);
    }

    #[test]
    fn headings_are_counted_alike(text in markdown_like()) {
        let storage = from_markdown(&text);
        let page = Page::read(&storage).unwrap();
        let headings = page.parts.iter().filter_map(Part::level).collect::<Vec<_>>();
        let shown = page.text();
        let outline = Outline::of(&shown);
        let levels: Vec<u8> = outline.spans().iter().filter(|s| s.heading.is_some()).map(|s| s.section.level).collect();
        prop_assert_eq!(headings, levels, "{:?}", shown);
    }

    #[test]
    fn an_edit_changes_one_section(text in markdown_like(), with in markdown_like(), pick in any::<prop::sample::Index>()) {
        let storage = from_markdown(&text);
        let before = read(&storage);
        let outline = Outline::of(&before);
        let span = &outline.spans()[pick.index(outline.spans().len())];
        let Ok(edit) = Edit::new(&outline, &span.section.anchor, &with) else { return Ok(()) };
        let after = read(&replaced(&storage, &edit).unwrap());
        prop_assert!(after.starts_with(before[..span.body.start].trim_end()), "{before:?} {after:?}");
        prop_assert!(after.trim_end().ends_with(before[span.body.end..].trim()), "{before:?} {after:?}");
        prop_assert_eq!(&read(&storage), &before);
    }
}
