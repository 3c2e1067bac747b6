//! What an image holds besides crates. It comes from the machine that builds.

use super::Compiler;

/// How to put another C library in the place of the one that is linked, which its license wants said.
pub(super) const RELINK: &str = "\
The GNU C library is that of the distribution that built the image, which has its very sources. To link the server
with another one, take the sources of the project, https://github.com/chancery/chancery, at the revision in the
image's labels, and run `deploy/image` where that library is installed. Nothing else is needed.
";

/// One of them.
pub(super) struct Part<'a> {
    pub(super) name: &'static str,
    /// Where we know it.
    pub(super) version: Option<&'a str>,
    /// Its type in CycloneDX.
    pub(super) kind: &'static str,
    /// By its SPDX identifiers.
    pub(super) license: &'static str,
    pub(super) about: &'static str,
    pub(super) sources: &'static str,
}

impl Part<'_> {
    /// Its name within the bill.
    pub(super) fn reference(&self) -> String {
        format!("image/{}", self.name)
    }
}

/// All of them, the same in each image.
pub(super) fn all(compiler: &Compiler) -> [Part<'_>; 3] {
    [
        Part {
            name: "glibc",
            version: None,
            kind: "library",
            license: "LGPL-2.1-or-later",
            about: "the GNU C library, linked statically",
            sources: "https://sourceware.org/git/glibc.git",
        },
        Part {
            name: "rust-std",
            version: Some(&compiler.release),
            kind: "library",
            license: "MIT OR Apache-2.0",
            about: "Rust's standard library, linked statically",
            sources: "https://github.com/rust-lang/rust",
        },
        Part {
            name: "mozilla-ca-certificates",
            version: None,
            kind: "data",
            license: "MPL-2.0",
            about: "Mozilla's certificate authorities, /etc/ssl/certs/ca-certificates.crt",
            sources: "https://hg.mozilla.org/projects/nss",
        },
    ]
}
