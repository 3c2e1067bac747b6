use super::*;

#[test]
fn the_files_are_what_the_seed_makes() {
    let files = generate(&root()).unwrap();
    assert_eq!(differing(&root(), &files), Vec::<String>::new(), "run `cargo xtask company`");
}

#[test]
fn a_file_that_was_edited_is_found() {
    let mut files = generate(&root()).unwrap();
    files[0].1.push_str("{}\n");
    assert_eq!(differing(&root(), &files), [format!("{}.jsonl", files[0].0)]);
}

#[test]
fn the_bulk_stays_small_enough_to_live_in_every_sandbox() {
    let bytes: usize = generate(&root()).unwrap().iter().map(|(_, text)| text.len()).sum();
    assert!(bytes < 900_000, "{bytes} bytes");
}

#[test]
fn amounts_have_the_decimals_of_their_currency() {
    let shown = ["EUR", "JPY", "KWD"].map(|currency| dice::decimal(1205, currency));
    assert_eq!(shown, ["12.05", "1205", "1.205"]);
}
