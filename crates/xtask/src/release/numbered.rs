//! Where the version of a server stands.

use crate::contract::Version;
use crate::{Result, tidy::Tree};

/// A server that gets another version.
pub(crate) struct Numbered<'a> {
    pub(crate) package: &'a str,
    /// Its folder.
    pub(crate) server: &'a str,
    pub(crate) from: Version,
    pub(crate) to: Version,
}

impl Numbered<'_> {
    /// The files that change: manifest, lock file, server.json, and whatever names the image with its tag.
    pub(crate) fn files(&self, tree: &Tree) -> Result<Vec<(String, String)>> {
        let Self { package, server, from, to } = self;
        if from == to {
            return Ok(Vec::new());
        }
        let stated = [
            (
                format!("servers/{server}/Cargo.toml"),
                format!("\nversion = \"{from}\"\n"),
                format!("\nversion = \"{to}\"\n"),
            ),
            (
                "Cargo.lock".to_owned(),
                format!("name = \"{package}\"\nversion = \"{from}\"\n"),
                format!("name = \"{package}\"\nversion = \"{to}\"\n"),
            ),
            (
                format!("servers/{server}/server.json"),
                format!("\"version\": \"{from}\""),
                format!("\"version\": \"{to}\""),
            ),
        ];
        let mut files = Vec::new();
        for (path, old, new) in stated {
            let text = tree.get(&path).map_or("", |file| file.text.as_str());
            if !text.contains(&old) {
                return Err(
                    format!("{path} does not say that {package} is {from}: write it there first").into()
                );
            }
            files.push((path, self.tagged(&text.replacen(&old, &new, 1))));
        }
        files.extend(self.naming(tree));
        Ok(files)
    }

    /// Other files that name the image with its tag. What a changelog says of a version stays.
    fn naming(&self, tree: &Tree) -> Vec<(String, String)> {
        let of_server = |name: &str| format!("servers/{}/{name}", self.server);
        let done = [of_server("Cargo.toml"), of_server("server.json"), "Cargo.lock".to_owned()];
        let others =
            tree.files().filter(|file| !done.contains(&file.path) && !file.path.ends_with("CHANGELOG.md"));
        let tagged = others.map(|file| (file, self.tagged(&file.text)));
        let changed = tagged.filter(|(file, text)| *text != file.text);
        changed.map(|(file, text)| (file.path.clone(), text)).collect()
    }

    /// `chancery-itsm:1.4.2`, and the same with a suffix such as `-sandbox`.
    fn tagged(&self, text: &str) -> String {
        let image = format!("chancery-{}:", self.package);
        let (old, new) = (format!("{image}{}", self.from), format!("{image}{}", self.to));
        let mut parts = text.split(old.as_str());
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            // `1.4.2` is also how `1.4.20` begins.
            out.push_str(if part.starts_with(|c: char| c.is_ascii_digit()) { &old } else { &new });
            out.push_str(part);
        }
        out
    }
}
