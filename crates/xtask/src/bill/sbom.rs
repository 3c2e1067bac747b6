//! `cargo xtask sbom`: the bill of materials of a server's image, CycloneDX 1.6.
//!
//! The same tree gives the same bytes: there is no serial number, and a time only where `SOURCE_DATE_EPOCH` sets one.

use std::{collections::BTreeMap, fs};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    Args, Bill, Id, Linked, checksums,
    parts::{self, Part},
};
use crate::{Result, root};

/// Prints the bill of a server.
pub(crate) fn run(args: &Args) -> Result {
    let lock = fs::read_to_string(root().join("Cargo.lock"))?;
    let epoch = std::env::var("SOURCE_DATE_EPOCH").ok().map(|epoch| epoch.parse()).transpose()?;
    let time = epoch.map(jiff::Timestamp::from_second).transpose()?;
    println!("{:#}", document(&Bill::of(&args.server)?, &lock, time)?);
    Ok(())
}

pub(super) fn document(bill: &Bill, lock: &str, time: Option<jiff::Timestamp>) -> Result<Value> {
    let checksums = checksums(lock)?;
    let server = &bill.crates[&bill.server];
    let mut metadata = json!({
        "lifecycles": [{ "phase": "build" }],
        "tools": { "components": [{ "type": "application", "group": "chancery", "name": "xtask" }] },
        "component": {
            "type": "application",
            "bom-ref": reference(&bill.server, server),
            "group": "chancery",
            "name": format!("chancery-{}", bill.server.name),
            "version": bill.server.version,
            "licenses": [{ "expression": server.license }],
        },
        "properties": [
            { "name": "chancery:target", "value": bill.compiler.host },
            { "name": "chancery:features", "value": "none" },
            { "name": "chancery:cargo-lock:sha256", "value": sha256(lock) },
        ],
    });
    if let Some(time) = time {
        metadata["timestamp"] = json!(time.to_string());
    }
    let parts = parts::all(&bill.compiler);
    let crates = bill.crates.iter().filter(|(id, _)| **id != bill.server);
    let components =
        crates.map(|(id, linked)| component(id, linked, &checksums)).chain(parts.iter().map(part));
    let dependencies = bill.crates.iter().map(|(id, linked)| dependency(bill, id, linked));
    let dependencies = dependencies.chain(parts.iter().map(independent));
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": metadata,
        "components": components.collect::<Vec<_>>(),
        "dependencies": dependencies.collect::<Vec<_>>(),
    }))
}

fn component(id: &Id, linked: &Linked, checksums: &BTreeMap<Id, String>) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": reference(id, linked),
        "name": id.name,
        "version": id.version,
        "licenses": [{ "expression": linked.license }],
    });
    if linked.ours {
        component["group"] = json!("chancery");
    } else {
        component["purl"] = json!(reference(id, linked));
    }
    if let Some(checksum) = checksums.get(id) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    if !linked.ours && !linked.repository.is_empty() {
        component["externalReferences"] = json!([{ "type": "vcs", "url": linked.repository }]);
    }
    component
}

/// What is no crate.
fn part(part: &Part<'_>) -> Value {
    let mut component = json!({
        "type": part.kind,
        "bom-ref": part.reference(),
        "name": part.name,
        "description": part.about,
        "licenses": [{ "expression": part.license }],
        "externalReferences": [{ "type": "vcs", "url": part.sources }],
    });
    if let Some(version) = part.version {
        component["version"] = json!(version);
    }
    component
}

/// The server alone needs what is no crate: it is in the image for its sake.
fn dependency(bill: &Bill, id: &Id, linked: &Linked) -> Value {
    let parts = parts::all(&bill.compiler);
    let parts = parts.iter().filter(|_| *id == bill.server).map(Part::reference);
    let needs = linked.needs.iter().map(|need| reference(need, &bill.crates[need])).chain(parts);
    json!({ "ref": reference(id, linked), "dependsOn": needs.collect::<Vec<_>>() })
}

fn independent(part: &Part<'_>) -> Value {
    json!({ "ref": part.reference(), "dependsOn": [] })
}

/// The package URL of a crate. Ours have none: `error` of this workspace is not the crate of that name at crates.io.
fn reference(id: &Id, linked: &Linked) -> String {
    let Id { name, version } = id;
    match linked.ours {
        true => format!("chancery/{name}@{version}"),
        false => format!("pkg:cargo/{name}@{}", version.replace('+', "%2B")),
    }
}

fn sha256(text: &str) -> String {
    call::hex(&Sha256::digest(text))
}
