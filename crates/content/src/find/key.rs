//! Keys and tokens that say by their own shape whose they are.

use super::{Finding, Kind, run, steps};

/// The shape of a vendor's key: a prefix, then so many bytes of an alphabet. Shapes are the vendors' own, published
/// for secret scanning.
struct Shape {
    prefix: &'static [u8],
    name: &'static str,
    alphabet: fn(u8) -> bool,
    least: usize,
    most: usize,
}

const ANY: usize = usize::MAX;

const fn shape(
    prefix: &'static str,
    name: &'static str,
    alphabet: fn(u8) -> bool,
    least: usize,
    most: usize,
) -> Shape {
    Shape { prefix: prefix.as_bytes(), name, alphabet, least, most }
}

/// In the order of their first bytes: [`BY_FIRST`] counts on it.
const SHAPES: &[Shape] = &[
    shape("00D", "salesforce_session", session, 60, 200),
    shape("ABIA", "aws_access_key", upper, 16, 16),
    shape("ACCA", "aws_access_key", upper, 16, 16),
    shape("AIza", "google_api_key", url, 35, 35),
    shape("AKIA", "aws_access_key", upper, 16, 16),
    shape("ASIA", "aws_access_key", upper, 16, 16),
    shape("ATATT3", "atlassian_token", padded, 40, ANY),
    shape("ATBB", "atlassian_token", alphanumeric, 28, ANY),
    shape("ATCTT3", "atlassian_token", padded, 40, ANY),
    shape("GOCSPX-", "google_client_secret", url, 20, ANY),
    shape("NRAK-", "new_relic_key", alphanumeric, 27, 27),
    shape("PMAK-", "postman_key", url, 40, ANY),
    shape("SG.", "sendgrid_key", dotted, 40, ANY),
    shape("dapi", "databricks_token", hex, 32, 34),
    shape("discord.com/api/webhooks/", "webhook", path, 20, ANY),
    shape("dop_v1_", "digitalocean_token", hex, 64, 64),
    shape("figd_", "figma_token", url, 30, ANY),
    shape("gho_", "github_token", alphanumeric, 36, ANY),
    shape("ghp_", "github_token", alphanumeric, 36, ANY),
    shape("ghr_", "github_token", alphanumeric, 36, ANY),
    shape("ghs_", "github_token", dotted, 36, ANY),
    shape("ghu_", "github_token", alphanumeric, 36, ANY),
    shape("github_pat_", "github_token", url, 22, ANY),
    shape("glcbt-", "gitlab_token", url, 20, ANY),
    shape("gldt-", "gitlab_token", url, 20, ANY),
    shape("glpat-", "gitlab_token", dotted, 20, ANY),
    shape("glptt-", "gitlab_token", url, 20, ANY),
    shape("glrt-", "gitlab_token", url, 20, ANY),
    shape("glsa_", "grafana_token", url, 32, ANY),
    shape("hf_", "hugging_face_token", alphanumeric, 30, ANY),
    shape("hooks.slack.com/services/", "webhook", path, 20, ANY),
    shape("hvs.", "vault_token", url, 24, ANY),
    shape("lin_api_", "linear_key", alphanumeric, 32, ANY),
    shape("npm_", "npm_token", alphanumeric, 36, 36),
    shape("pypi-", "pypi_token", url, 50, ANY),
    shape("rk_live_", "stripe_key", alphanumeric, 16, ANY),
    shape("rk_test_", "stripe_key", alphanumeric, 16, ANY),
    shape("rubygems_", "rubygems_key", hex, 48, 48),
    shape("shpat_", "shopify_token", hex, 32, 32),
    shape("shpss_", "shopify_token", hex, 32, 32),
    shape("sk-admin-", "openai_key", url, 20, ANY),
    shape("sk-ant-", "anthropic_key", url, 20, ANY),
    shape("sk-proj-", "openai_key", url, 20, ANY),
    shape("sk-svcacct-", "openai_key", url, 20, ANY),
    shape("sk-", "openai_key", alphanumeric, 32, ANY),
    shape("sk_live_", "stripe_key", alphanumeric, 16, ANY),
    shape("sk_test_", "stripe_key", alphanumeric, 16, ANY),
    shape("sq0csp-", "square_secret", url, 43, 43),
    shape("tskey-", "tailscale_key", url, 20, ANY),
    shape("whsec_", "webhook_secret", padded, 24, ANY),
    shape("xapp-", "slack_token", url, 20, ANY),
    shape("xkeysib-", "brevo_key", url, 60, ANY),
    shape("xoxa-", "slack_token", url, 10, ANY),
    shape("xoxb-", "slack_token", url, 10, ANY),
    shape("xoxe-", "slack_token", url, 10, ANY),
    shape("xoxe.", "slack_token", url, 10, ANY),
    shape("xoxp-", "slack_token", url, 10, ANY),
    shape("xoxr-", "slack_token", url, 10, ANY),
    shape("xoxs-", "slack_token", url, 10, ANY),
    shape("ya29.", "google_token", url, 20, ANY),
];

/// The shapes that begin with a byte: from, to.
const BY_FIRST: [(usize, usize); 128] = {
    let mut ranges = [(0, 0); 128];
    let mut at = 0;
    while at < SHAPES.len() {
        let first = SHAPES[at].prefix[0] as usize;
        assert!(
            at == 0 || SHAPES[at - 1].prefix[0] as usize <= first,
            "shapes are sorted by their first byte"
        );
        if ranges[first].1 == 0 {
            ranges[first] = (at, at);
        }
        ranges[first].1 = at + 1;
        at += 1;
    }
    ranges
};

/// A vendor's key that begins at `at`.
pub(super) fn vendor(bytes: &[u8], at: usize) -> Option<Finding> {
    let (rest, first) = (&bytes[at..], usize::from(bytes[at]));
    let (from, to) = *BY_FIRST.get(first)?;
    let mut fitting = SHAPES[from..to].iter().filter(|shape| rest.starts_with(shape.prefix));
    let (name, length) = fitting.find_map(|shape| Some((shape.name, shape.length(rest)?)))?;
    Some(Finding { kind: Kind::Secret(name), start: at, end: at + length })
}

/// Whether a shape has this name.
pub(super) fn is_name(name: &str) -> bool {
    SHAPES.iter().any(|shape| shape.name == name)
}

impl Shape {
    fn length(&self, rest: &[u8]) -> Option<usize> {
        let tail = rest.get(self.prefix.len()..)?;
        let length = run(tail, self.most, self.alphabet);
        // The end of a sentence is no part of a key.
        let length = length - tail[..length].iter().rev().take_while(|b| **b == b'.').count();
        (self.least..=self.most).contains(&length).then_some(self.prefix.len() + length)
    }
}

/// A JSON web token that begins at `at`. One that fails says so for its whole first segment (`barren` is its end):
/// whatever else begins in there has the same end, and fails as well.
pub(super) fn web_token(bytes: &[u8], at: usize, barren: &mut usize) -> Option<Finding> {
    let rest = bytes.get(at..).filter(|rest| at >= *barren && rest.starts_with(b"eyJ"))?;
    let header = run(rest, ANY, url);
    let Some(length) = segments(rest, header) else {
        *barren = at + header;
        return None;
    };
    Some(Finding { kind: Kind::Secret("jwt"), start: at, end: at + length })
}

/// RFC 7515: base64url of `{"`, then segments between dots; a signature may be empty.
fn segments(rest: &[u8], header: usize) -> Option<usize> {
    const SEGMENT: usize = 10;
    let segment = |from: usize| run(&rest[from..], ANY, url);
    let body = header + 1 + (rest.get(header) == Some(&b'.')).then(|| segment(header + 1))?;
    if header < SEGMENT || body - header <= SEGMENT {
        return None;
    }
    let mut end = body;
    // Signed tokens have three segments, encrypted ones five.
    for _ in 0..3 {
        match rest.get(end) {
            Some(b'.') => end += 1 + segment(end + 1),
            _ => break,
        }
    }
    Some(if rest[end - 1] == b'.' && end > body + 1 { end - 1 } else { end })
}

/// A private key in PEM (RFC 7468) that begins at the first hyphen. One that is cut goes on as long as it looks like
/// one.
pub(super) fn private_key(text: &str, at: usize) -> Option<Finding> {
    const LONGEST_LABEL: usize = 40;
    let rest = text[at..].strip_prefix("-----BEGIN ")?;
    let label = crate::cut(rest, LONGEST_LABEL + "-----".len()).find("-----")?;
    if !rest[..label].contains("PRIVATE KEY") {
        return None;
    }
    let body = at + "-----BEGIN ".len() + label + "-----".len();
    let end = footer(text, body).unwrap_or_else(|| body + cut_body(&text.as_bytes()[body..]));
    Some(Finding { kind: Kind::Secret("private_key"), start: at, end })
}

/// The end of the key whose body begins at `body`. It is looked for as far as the next key, so that many beginnings
/// before one end are not each looked through to it.
fn footer(text: &str, body: usize) -> Option<usize> {
    let rest = &text[body..];
    let rest = &rest[..rest.find("-----BEGIN ").unwrap_or(rest.len())];
    steps::note(rest.len());
    let label = body + rest.find("-----END ")? + "-----END ".len();
    let dashes = text[label..].find("-----")?;
    steps::note(dashes);
    Some(label + dashes + "-----".len())
}

/// The bytes of lines that are nothing but base64.
fn cut_body(rest: &[u8]) -> usize {
    const LINE: usize = 16;
    let mut end = 0;
    for line in rest.split_inclusive(|b| *b == b'\n') {
        let code = line.trim_ascii();
        if !code.iter().all(|b| padded(*b) || *b == b'+' || *b == b'/')
            || (!code.is_empty() && code.len() < LINE)
        {
            break;
        }
        end += line.len();
    }
    end
}

fn alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

fn url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

fn padded(byte: u8) -> bool {
    url(byte) || byte == b'='
}

fn dotted(byte: u8) -> bool {
    url(byte) || byte == b'.'
}

fn path(byte: u8) -> bool {
    url(byte) || byte == b'/'
}

fn session(byte: u8) -> bool {
    dotted(byte) || byte == b'!'
}
