//! Whether a tool's words find it: every ask of every `asks.toml` is ranked over all tools of the house.
//!
//! The scorer is plain BM25 over names, titles, descriptions and parameters, and stays that. What ranks badly reads
//! badly: mend the description, not the scorer.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// Asks a server must bring at least.
const ASKS: usize = 12;
/// The share of asks whose tool must be first, and among the first three.
const FIRST: f64 = 0.75;
const AMONG_THREE: f64 = 0.90;

#[derive(Deserialize)]
struct Asks {
    ask: Vec<Ask>,
}

/// What somebody says, and what should answer it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    say: String,
    tool: Option<String>,
    server: Option<String>,
    #[serde(default)]
    none: bool,
}

/// A tool as a model sees it.
struct Tool {
    name: String,
    server: String,
    words: Vec<String>,
}

fn servers() -> Vec<(String, Vec<Value>, Asks)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("servers");
    let mut folders: Vec<_> = std::fs::read_dir(root).unwrap().map(|f| f.unwrap().path()).collect();
    folders.sort();
    let read = |folder: &Path| {
        let contracts = std::fs::read_dir(folder.join("contract")).unwrap().map(|f| f.unwrap().path());
        let mut contracts: Vec<_> = contracts.collect();
        contracts.sort();
        let tools: Vec<Value> = contracts.iter().map(|f| serde_json::from_str(&text(f)).unwrap()).collect();
        let scope = tools[0]["_meta"]["dev.chancery/scope"].as_str().unwrap();
        let asks = toml::from_str(&text(&folder.join("asks.toml")))
            .unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        (scope.split(':').next().unwrap().to_owned(), tools, asks)
    };
    folders.iter().map(|folder| read(folder)).collect()
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn tool(server: &str, contract: &Value) -> Tool {
    let name = contract["name"].as_str().unwrap().to_owned();
    let mut words = Vec::new();
    // The name and the title say what it is: they count twice.
    for said in [&contract["name"], &contract["name"], &contract["title"], &contract["description"]] {
        words.extend(stems(said.as_str().unwrap_or_default()));
    }
    parameters(&contract["inputSchema"], &mut words);
    Tool { name, server: server.into(), words }
}

/// Names, descriptions and values of the arguments. What every tool takes tells nothing and is left out.
fn parameters(schema: &Value, words: &mut Vec<String>) {
    const EVERYWHERE: [&str; 9] = [
        "source",
        "limit",
        "cursor",
        "ids",
        "detail",
        "plan",
        "idempotency_key",
        "max_bytes",
        "external_key",
    ];
    for (name, argument) in schema["properties"].as_object().into_iter().flatten() {
        if !EVERYWHERE.contains(&name.as_str()) {
            words.extend(stems(name));
            words.extend(stems(argument["description"].as_str().unwrap_or_default()));
            let items = argument["items"]["enum"].as_array();
            let values = argument["enum"].as_array().into_iter().chain(items).flatten();
            words.extend(values.filter_map(Value::as_str).flat_map(stems));
            parameters(argument, words);
        }
    }
}

/// Words in lower case without their endings; those that carry no meaning are left out.
fn stems(text: &str) -> Vec<String> {
    const EMPTY: [&str; 60] = [
        "a", "an", "and", "any", "are", "as", "at", "be", "been", "by", "can", "could", "did", "do", "does",
        "for", "from", "give", "has", "have", "how", "i", "in", "into", "is", "it", "its", "me", "my", "of",
        "on", "or", "our", "s", "show", "so", "than", "that", "the", "their", "them", "there", "these",
        "they", "this", "to", "us", "was", "we", "were", "what", "when", "where", "which", "who", "will",
        "with", "would", "you", "your",
    ];
    let words = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    words.filter(|w| !w.is_empty() && !EMPTY.contains(&w.as_str())).map(|w| stem(&w)).collect()
}

/// `supplies`, `supplied` and `supply` are one word, as far as that can be said without a dictionary.
fn stem(word: &str) -> String {
    let cut = |ending: &str, put: &str| {
        let stem = word.strip_suffix(ending).filter(|stem| stem.len() >= 3)?;
        Some(format!("{stem}{put}"))
    };
    let stem = [("ies", "y"), ("ied", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", ""), ("s", "")]
        .into_iter()
        .filter(|(ending, _)| !(word.ends_with("ss") && *ending == "s"))
        .find_map(|(ending, put)| cut(ending, put))
        .unwrap_or_else(|| word.to_owned());
    stem.strip_suffix('e').filter(|short| short.len() >= 3).map_or(stem.clone(), str::to_owned)
}

/// BM25 with the usual constants (Robertson and Zaragoza, 2009: k1 1.2, b 0.75).
struct Index {
    tools: Vec<Tool>,
    counts: Vec<HashMap<String, f64>>,
    rarity: HashMap<String, f64>,
    mean: f64,
}

impl Index {
    fn of(tools: Vec<Tool>) -> Self {
        let mut counts = Vec::new();
        let mut holders: HashMap<String, f64> = HashMap::new();
        for tool in &tools {
            let mut own: HashMap<String, f64> = HashMap::new();
            tool.words.iter().for_each(|word| *own.entry(word.clone()).or_default() += 1.0);
            own.keys().for_each(|word| *holders.entry(word.clone()).or_default() += 1.0);
            counts.push(own);
        }
        let all = tools.len() as f64;
        let rarity = holders.into_iter().map(|(word, n)| (word, (1.0 + (all - n + 0.5) / (n + 0.5)).ln()));
        let mean = tools.iter().map(|t| t.words.len() as f64).sum::<f64>() / all;
        Self { counts, rarity: rarity.collect(), mean, tools }
    }

    /// The tools, the best first.
    fn rank(&self, say: &str) -> Vec<(&Tool, f64)> {
        let asked: HashSet<String> = stems(say).into_iter().collect();
        let score = |at: usize| {
            let length = 0.25 + 0.75 * self.tools[at].words.len() as f64 / self.mean;
            let of = |word: &String| {
                let count = self.counts[at].get(word).copied().unwrap_or_default();
                self.rarity.get(word).copied().unwrap_or_default() * count * 2.2 / (count + 1.2 * length)
            };
            asked.iter().map(of).sum::<f64>()
        };
        let mut ranked: Vec<_> = self.tools.iter().enumerate().map(|(at, tool)| (tool, score(at))).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.name.cmp(&b.0.name)));
        ranked
    }
}

/// How the asks came out.
#[derive(Default)]
struct Tally {
    asks: f64,
    first: f64,
    among_three: f64,
    missed: Vec<String>,
    confused: BTreeMap<(String, String), usize>,
}

impl Tally {
    fn of<'a>(index: &Index, asks: impl IntoIterator<Item = &'a Ask>) -> Self {
        let mut tally = Self::default();
        for ask in asks {
            let ranked = index.rank(&ask.say);
            if let Some(wanted) = &ask.tool {
                tally.take(ask, &ranked, |tool| tool.name == *wanted, wanted);
            } else if let Some(wanted) = &ask.server {
                tally.take(ask, &ranked, |tool| tool.server == *wanted, &format!("any of {wanted}"));
            }
        }
        tally
    }

    fn take(&mut self, ask: &Ask, ranked: &[(&Tool, f64)], right: impl Fn(&Tool) -> bool, wanted: &str) {
        let place = ranked.iter().position(|(tool, score)| right(tool) && *score > 0.0);
        self.asks += 1.0;
        self.first += f64::from(u8::from(place == Some(0)));
        self.among_three += f64::from(u8::from(place.is_some_and(|at| at < 3)));
        if place != Some(0) {
            let best = &ranked[0].0.name;
            *self.confused.entry((wanted.to_owned(), best.clone())).or_default() += 1;
            let place = place.map_or("nowhere".to_owned(), |at| format!("{}.", at + 1));
            self.missed.push(format!("{place:>8} {wanted}: {:?} finds {best}", ask.say));
        }
    }

    fn report(&self) -> String {
        let percent = |share: f64| 100.0 * share / self.asks;
        let pairs = self.confused.iter().map(|((wanted, found), n)| format!("{n:>8} {wanted} / {found}"));
        format!(
            "{} asks: {:.0} % first, {:.0} % among the first three\n\nnot first:\n{}\n\nconfused pairs:\n{}",
            self.asks,
            percent(self.first),
            percent(self.among_three),
            self.missed.join("\n"),
            pairs.collect::<Vec<_>>().join("\n")
        )
    }
}

#[test]
fn the_right_tool_is_found_by_its_words() {
    let servers = servers();
    let tools = servers.iter().flat_map(|(name, tools, _)| tools.iter().map(|t| tool(name, t)));
    let index = Index::of(tools.collect());
    let all = servers.iter().flat_map(|(_, _, asks)| &asks.ask);
    let report = Tally::of(&index, all).report();
    println!("{report}");
    // The house as a whole may not hide a server whose tools nobody finds.
    for (server, _, asks) in &servers {
        let tally = Tally::of(&index, &asks.ask);
        let enough = tally.first >= FIRST * tally.asks && tally.among_three >= AMONG_THREE * tally.asks;
        assert!(enough, "{server}: {}\n\nall servers: {report}", tally.report());
    }
}

#[test]
fn every_server_brings_asks_for_all_its_tools_and_for_what_it_is_not() {
    let servers = servers();
    let names: HashSet<&str> = servers.iter().map(|(name, ..)| name.as_str()).collect();
    let mut seen = HashSet::new();
    for (name, tools, asks) in &servers {
        assert!(asks.ask.len() >= ASKS, "{name} has {} asks", asks.ask.len());
        for tool in tools.iter().map(|t| t["name"].as_str().unwrap()) {
            assert!(seen.insert(tool.to_owned()), "two servers have a tool {tool}");
            let asked = asks.ask.iter().any(|a| a.tool.as_deref() == Some(tool));
            assert!(asked, "{name}: nobody asks for {tool}");
        }
        for ask in &asks.ask {
            let answers = [ask.tool.is_some(), ask.server.is_some(), ask.none];
            assert_eq!(answers.iter().filter(|a| **a).count(), 1, "{name}: {}", ask.say);
            if let Some(tool) = &ask.tool {
                assert!(tools.iter().any(|t| t["name"] == tool.as_str()), "{name} has no tool {tool}");
            }
            if let Some(other) = &ask.server {
                assert!(names.contains(other.as_str()) && other != name, "{name}: {}", ask.say);
            }
        }
        assert!(asks.ask.iter().any(|a| a.server.is_some()), "{name}: nothing belongs to another server");
        assert!(asks.ask.iter().any(|a| a.none), "{name}: there is always something nobody should answer");
    }
}

/// An ask that nothing should answer scores below what a fitting tool usually reaches.
#[test]
fn what_nothing_should_answer_finds_little() {
    let servers = servers();
    let tools = servers.iter().flat_map(|(name, tools, _)| tools.iter().map(|t| tool(name, t)));
    let index = Index::of(tools.collect());
    let asks = || servers.iter().flat_map(|(_, _, asks)| &asks.ask);
    let best = |ask: &Ask| index.rank(&ask.say)[0].1;
    let mut fitting: Vec<f64> = asks().filter(|a| a.tool.is_some()).map(best).collect();
    fitting.sort_by(f64::total_cmp);
    let none: Vec<f64> = asks().filter(|a| a.none).map(best).collect();
    let mean = none.iter().sum::<f64>() / none.len() as f64;
    let median = fitting[fitting.len() / 2];
    assert!(mean < median, "what fits nothing scores {mean:.1} on average, what fits {median:.1}");
}
