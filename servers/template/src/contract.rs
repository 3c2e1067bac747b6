//! The contract files are what clients see: `contract/<tool>.json`, one a tool, golden.

#[test]
fn contract_files_are_what_clients_see() {
    serve::testing::assert_contract(&crate::domain(), env!("CARGO_MANIFEST_DIR"));
}
