//! Where the version of a server stands.

use crate::contract::{Size, Version};
use crate::{Result, tidy::Tree};

/// The chart, and its table of the servers' images.
const CHART: &str = "deploy/chart/Chart.yaml";
const CHARTED: &str = "deploy/chart/domains.yaml";

/// A server that gets another version.
pub(crate) struct Numbered<'a> {
    pub(crate) package: &'a str,
    /// Its folder.
    pub(crate) server: &'a str,
    pub(crate) from: Version,
    pub(crate) to: Version,
}

impl Numbered<'_> {
    /// The files that change: manifest, lock file, server.json, whatever names the image with its tag, and the chart
    /// that deploys it.
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
        if files.iter().any(|(path, _)| path == CHARTED) {
            files.push(next_chart(tree)?);
        }
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

    /// `chancery-itsm:1.4.2`, the same with a suffix such as `-sandbox`, and the archive `chancery-itsm-1.4.2.tar`.
    fn tagged(&self, text: &str) -> String {
        let named = |text: &str, joint: char| {
            let image = format!("chancery-{}{joint}", self.package);
            replaced(text, &format!("{image}{}", self.from), &format!("{image}{}", self.to))
        };
        named(&named(text, ':'), '-')
    }
}

/// The chart with its next version: one version of it deploys one set of images.
fn next_chart(tree: &Tree) -> Result<(String, String)> {
    let text = tree.get(CHART).map_or("", |file| file.text.as_str());
    let version = text.lines().find_map(|line| line.strip_prefix("version: "));
    let version: Version = version.ok_or_else(|| format!("{CHART} has no `version: `"))?.parse()?;
    let next = version.next(Size::Patch);
    let raised = text.replacen(&format!("\nversion: {version}\n"), &format!("\nversion: {next}\n"), 1);
    Ok((CHART.to_owned(), raised))
}

/// `new` in the place of `old`, but for where a digit follows: `1.4.2` is also how `1.4.20` begins.
fn replaced(text: &str, old: &str, new: &str) -> String {
    let mut parts = text.split(old);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(if part.starts_with(|c: char| c.is_ascii_digit()) { old } else { new });
        out.push_str(part);
    }
    out
}
