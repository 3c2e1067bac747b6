//! `cargo xtask new server`: the template under another name, without what is about usage.
//!
//! What is left counts figures by week, customer and topic: nouns to be replaced, in a server whose every part works.

use super::{
    Made,
    draft::Draft,
    name::{self, title},
};
use crate::{
    Result,
    tidy::{Tree, pascal},
};

const TEMPLATE: &str = "servers/template";

/// The template's only vendor.
const VENDOR: &str = "warehouse";

pub(super) fn draft(tree: &Tree, domain: &str, vendor: Option<&str>) -> Result<Made> {
    name::domain(domain)?;
    let taken =
        tree.folders("servers").iter().any(|folder| [*folder, tree.package(folder)].contains(&domain));
    if taken || tree.folders("crates").contains(domain) {
        return Err(format!("there is something called `{domain}` already").into());
    }
    if let Some(vendor) = vendor {
        name::vendor(vendor)?;
        if vendor == domain {
            return Err(format!("`{vendor}`: a vendor has another name than its server").into());
        }
    }
    let words = Words { domain, vendor: vendor.unwrap_or(VENDOR) };
    let folder = format!("servers/{domain}");
    let mut draft = Draft::default();
    for file in tree.below(TEMPLATE).filter(|file| !is_made(&file.path)) {
        let path = words.renamed(&file.path[TEMPLATE.len()..]);
        let text = match path.as_str() {
            "/asks.toml" => words.named(include_str!("texts/server/asks.txt")),
            "/src/company.rs" => include_str!("texts/server/company.txt").to_owned(),
            _ => words.renamed(&file.text),
        };
        draft.file(format!("{folder}{path}"), text);
    }
    let next = words.next(&folder);
    Ok(Made { draft, package: domain.to_owned(), next })
}

/// Whether the copy makes the file itself: its contract is its own, and it has released none.
fn is_made(path: &str) -> bool {
    path.contains("/contract/") || path.ends_with("/released.json")
}

/// What the copy is called.
struct Words<'a> {
    domain: &'a str,
    vendor: &'a str,
}

impl Words<'_> {
    /// A text of the template in the copy's words: names first, then phrases, then what is left of its nouns.
    fn renamed(&self, text: &str) -> String {
        let names = NAMES.iter().map(|(from, to)| (*from, self.named(to)));
        let nouns = NOUNS.iter().map(|(from, to)| (*from, (*to).to_owned()));
        let vendor = [
            (VENDOR, self.vendor.to_owned()),
            ("Warehouse", pascal(self.vendor)),
            ("WAREHOUSE", self.vendor.to_uppercase()),
        ];
        let all = names.chain(nouns).chain(vendor);
        let renamed = all.fold(text.to_owned(), |text, (from, to)| text.replace(from, &to));
        whole_words(&renamed, &[("calls", "counts"), ("Calls", "Counts")])
    }

    /// A text of ours with the domain's name for `{domain}`, `{Domain}` and `{title}`.
    fn named(&self, text: &str) -> String {
        text.replace("{domain}", self.domain)
            .replace("{Domain}", &pascal(self.domain))
            .replace("{title}", &title(self.domain))
    }

    fn next(&self, folder: &str) -> String {
        format!(
            "\n`{domain}` counts figures by week, customer and topic, as the template does: nouns for you to replace. Next:\n\
             \n\
             1. {folder}/src/model.rs and meter.rs: your nouns and your port (`Able` says what a vendor may lack).\n\
             2. src/tools: one file each; `cargo xtask new tool {domain} verb_noun` begins one.\n\
             3. src/vendors/memory.rs and src/behavior.rs: what every vendor must do, tried without one.\n\
             4. src/vendors/{vendor}: yours; `cargo xtask new vendor {domain} name` begins another.\n\
             5. src/company.rs: what the demo company holds; asks.toml: what people say; config.example.toml, README.md.\n\
             6. cargo test -p {domain} && cargo xtask bless {domain} && cargo run -p {domain} -- call get_{domain}_figures \\\n\
             \x20     '{{\"customer\":\"nordwind.example\"}}' --sandbox",
            domain = self.domain,
            vendor = self.vendor,
        )
    }
}

/// Names of the template, the longer ones first.
const NAMES: [(&str, &str); 25] = [
    ("get_product_usage", "get_{domain}_figures"),
    ("list_usage_drops", "list_{domain}_drops"),
    ("annotate_usage", "annotate_{domain}_figures"),
    ("GetProductUsage", "Get{Domain}Figures"),
    ("ListUsageDrops", "List{Domain}Drops"),
    ("AnnotateUsage", "Annotate{Domain}Figures"),
    ("Get product usage", "Get {title} figures"),
    ("List usage drops", "List {title} drops"),
    ("Annotate usage", "Annotate {title} figures"),
    ("chancery-usage", "chancery-{domain}"),
    ("chancery_usage", "chancery_{domain}"),
    ("dev.chancery/usage", "dev.chancery/{domain}"),
    ("Chancery Usage", "Chancery {title}"),
    ("halden-usage-agent", "halden-{domain}-agent"),
    ("name = \"usage\"", "name = \"{domain}\""),
    ("Domain::new(\"usage\"", "Domain::new(\"{domain}\""),
    ("usage::domain()", "{domain}::domain()"),
    ("bless usage", "bless {domain}"),
    ("usage.mcp.", "{domain}.mcp."),
    ("usage:read", "{domain}:read"),
    ("usage:write", "{domain}:write"),
    ("UsageMeter", "{Domain}Meter"),
    ("product usage, counted by week", "{title} figures, counted by week"),
    (
        " It is also the template: the\nsmallest server that has every part, and what `cargo xtask new server` copies.",
        "",
    ),
    ("MCP server for product usage", "MCP server for {title} figures"),
];

/// What the template says of usage and products, as it is said of figures and topics.
const NOUNS: [(&str, &str); 22] = [
    (
        "How much a customer uses each product: calls last week, the change",
        "A customer's figures by topic: the count of last week, the change",
    ),
    ("How much a customer uses one product", "A customer's figures of one topic"),
    ("How much one customer uses, product by product", "One customer's figures, topic by topic"),
    (
        "Customers that use a product less than before (declining volume, churn risk)",
        "Customers whose figures fell",
    ),
    ("weekly history (adoption, volume, trend)", "weekly history"),
    ("A customer that uses a product less than before", "A customer whose figure fell"),
    ("Who uses the products", "Whom the figures are of"),
    (
        "What a customer uses, by product; a product it does not use is no row",
        "A customer's figures by topic; a topic without any is no row",
    ),
    ("how much customers use each product, by week", "customers' figures by topic and week"),
    ("how much customers use what", "customers' figures"),
    ("this customer uses no such product", "this customer has no such topic"),
    (
        "Product usage of customers by week: what they use, what falls",
        "Figures of customers by week: what they are, what falls",
    ),
    ("Three tools over a warehouse of product usage", "Three tools over a warehouse of figures"),
    ("A warehouse of product usage", "A warehouse of figures"),
    ("product usage", "figures"),
    ("Product", "Topic"),
    ("product", "topic"),
    ("PAYMENTS", "FIRST"),
    ("paymnts", "frist"),
    ("payments", "first"),
    ("Usage", "Figures"),
    ("usage", "figures"),
];

/// Replaces words that are no part of another.
fn whole_words(text: &str, words: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars().chain(['\0']) {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        let to = words.iter().find(|(from, _)| *from == word).map_or(word.as_str(), |(_, to)| to);
        out.push_str(to);
        word.clear();
        out.push(c);
    }
    out.pop();
    out
}
