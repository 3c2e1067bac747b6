//! The contract files are what clients see: `contract/<tool>.json`, one a tool, golden.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// With `CHANCERY_BLESS=1` the files are written, else they are compared.
#[test]
fn contract_files_are_what_clients_see() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("contract");
    let seen: BTreeMap<String, String> = crate::domain().contract().unwrap().iter().map(golden).collect();
    if std::env::var_os("CHANCERY_BLESS").is_some() {
        std::fs::create_dir_all(&folder).unwrap();
        for file in std::fs::read_dir(&folder).unwrap() {
            std::fs::remove_file(file.unwrap().path()).unwrap();
        }
        for (name, text) in &seen {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }
    let files = std::fs::read_dir(&folder).unwrap().map(|file| {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).unwrap())
    });
    let golden: BTreeMap<String, String> = files.collect();
    assert_eq!(golden, seen, "if the change is meant: cargo xtask bless usage");
}

fn golden(tool: &Value) -> (String, String) {
    let name = tool["name"].as_str().unwrap();
    (format!("{name}.json"), format!("{tool:#}\n"))
}
