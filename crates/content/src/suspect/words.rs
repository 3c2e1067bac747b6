//! Words that mean the same to a rule, in the languages that companies write in.

use std::collections::HashMap;
use std::sync::LazyLock;

/// How many classes there are.
pub(super) const CLASSES: usize = 16;

pub(super) const OVERRIDE: u32 = 1;
pub(super) const PRIOR: u32 = 1 << 1;
pub(super) const RULES: u32 = 1 << 2;
pub(super) const MODEL: u32 = 1 << 3;
pub(super) const MUST: u32 = 1 << 4;
pub(super) const SEND: u32 = 1 << 5;
pub(super) const SECRETS: u32 = 1 << 6;
pub(super) const OUTSIDE: u32 = 1 << 7;
pub(super) const REVEAL: u32 = 1 << 8;
pub(super) const SYSTEM: u32 = 1 << 9;
pub(super) const USER: u32 = 1 << 10;
pub(super) const NOT: u32 = 1 << 11;
pub(super) const TELL: u32 = 1 << 12;
pub(super) const CALL: u32 = 1 << 13;
pub(super) const TOOL: u32 = 1 << 14;
pub(super) const NEW: u32 = 1 << 15;

/// Bytes of the longest word of a rule.
const LONGEST: usize = 32;

/// The words of a text: letters, and what stands inside of words.
pub(super) fn of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty())
}

/// The classes of a word, whatever its case.
pub(super) fn classes(word: &str) -> u32 {
    static TABLE: LazyLock<Table> = LazyLock::new(Table::new);
    if !word.is_ascii() {
        return TABLE.class(&word.to_lowercase());
    }
    if !TABLE.may_hold(word) {
        return 0;
    }
    let mut small = [0; LONGEST];
    let Some(small) = small.get_mut(..word.len()) else { return 0 };
    small.copy_from_slice(word.as_bytes());
    small.make_ascii_lowercase();
    str::from_utf8(small).map_or(0, |word| TABLE.class(word))
}

/// The words of all classes, in small letters.
struct Table {
    classes: HashMap<&'static str, u32>,
    /// By first and last byte the lengths of the words that have them, a bit each: nearly all words of a text are told
    /// apart by that, before anything is copied or hashed.
    lengths: [u64; 256],
}

impl Table {
    fn new() -> Self {
        let words = WORDS.iter().flat_map(|(class, words)| words.iter().map(|word| (*word, *class)));
        let mut table = Self { classes: words.collect(), lengths: [0; 256] };
        for word in table.classes.keys() {
            table.lengths[ends(word)] |= length(word);
        }
        table
    }

    fn class(&self, word: &str) -> u32 {
        self.classes.get(word).copied().unwrap_or_default()
    }

    /// Whether a word of Latin letters could be one of the table's, by its ends and its length.
    fn may_hold(&self, word: &str) -> bool {
        self.lengths[ends(word)] & length(word) != 0
    }
}

/// A word's first and last byte, whatever their case, as one number that few pairs share.
fn ends(word: &str) -> usize {
    let [first, last] = [word.bytes().next(), word.bytes().next_back()]
        .map(|end| end.unwrap_or_default().to_ascii_lowercase());
    usize::from(first.wrapping_mul(31) ^ last)
}

/// A word's length as a bit; the last stands for all that are longer.
fn length(word: &str) -> u64 {
    1 << word.len().min(63)
}

/// Every class with its words.
#[rustfmt::skip]
const WORDS: &[(u32, &[&str])] = &[
    // English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Russian, Turkish
    (OVERRIDE, &[
        "ignore", "ignores", "ignoring", "disregard", "disregarding", "forget", "override", "overrides", "bypass",
        "ignoriere", "ignorieren", "ignoriert", "vergiss", "vergessen", "missachte", "ignorez", "oublie", "oubliez",
        "ignora", "ignorad", "olvida", "olvide", "dimentica", "ignorare", "esqueça", "negeer", "vergeet",
        "zignoruj", "zapomnij", "ignorera", "glöm", "игнорируй", "игнорируйте", "забудь", "забудьте", "yoksay",
        "unut",
    ]),
    (PRIOR, &[
        "previous", "prior", "above", "earlier", "preceding", "former", "foregoing", "all", "any", "your",
        "existing", "original", "safety", "vorherigen", "vorherige", "vorhergehenden", "obigen", "bisherigen",
        "alle", "deine", "ihre", "précédentes", "précédente", "toutes", "tes", "vos", "anteriores", "previas",
        "todas", "tus", "precedenti", "tutte", "suas", "eerdere", "vorige", "poprzednie", "wszystkie", "tidigare",
        "alla", "предыдущие", "все", "önceki", "tüm",
    ]),
    (RULES, &[
        "instruction", "instructions", "guidelines", "directives", "directive", "restrictions", "rules", "prompts",
        "anweisungen", "anweisung", "regeln", "vorgaben", "consignes", "règles", "instrucciones", "reglas",
        "istruzioni", "regole", "instruções", "regras", "instructies", "regels", "instrukcje", "polecenia",
        "instruktioner", "инструкции", "правила", "talimatları", "safeguards", "guardrails",
    ]),
    (RULES | SYSTEM, &[
        "prompt", "systemprompt",
    ]),
    (MODEL, &[
        "ai", "assistant", "llm", "chatbot", "copilot", "claude", "gpt", "chatgpt", "gemini", "agent", "agents",
        "ki", "assistent", "ia", "asistente", "assistente", "ассистент", "ии",
    ]),
    (MUST, &[
        "must", "should", "shall", "please", "immediately", "need", "needs", "musst", "soll", "sollst", "bitte",
        "doit", "dois", "debe", "debes", "deve", "moet",
    ]),
    (SEND, &[
        "send", "forward", "email", "upload", "exfiltrate", "leak", "transmit", "post", "copy", "paste", "append",
        "sende", "schicke", "senden", "envoie", "envoyez", "envía", "envie", "invia", "stuur", "отправь",
    ]),
    (SECRETS, &[
        "password", "passwords", "credential", "credentials", "secrets", "secret", "token", "tokens", "keys",
        "cookies", "confidential", "private", "passwörter", "zugangsdaten", "passe", "contraseñas", "пароль",
        "пароли",
    ]),
    (OUTSIDE, &[
        "http", "https", "www", "webhook", "gmail", "protonmail", "public", "external",
    ]),
    (REVEAL, &[
        "reveal", "print", "repeat", "disclose", "output", "verrate", "zeige", "révèle", "revela", "rivela",
        "покажи",
    ]),
    (SYSTEM, &[
        "system", "initial", "hidden", "developer", "système", "sistema", "системный",
    ]),
    (USER, &[
        "user", "users", "human", "anyone", "anybody", "benutzer", "nutzer", "utilisateur", "usuario", "utente",
    ]),
    (NOT, &[
        "not", "never", "without", "don't", "dont", "nicht", "niemals", "ohne", "sans", "sin", "senza", "zonder",
    ]),
    (TELL, &[
        "tell", "telling", "inform", "informing", "mention", "mentioning", "asking", "alert", "notify", "notifying",
        "sage", "erwähne", "dis", "digas", "dire",
    ]),
    (CALL, &[
        "call", "invoke", "execute", "use", "run", "rufe", "appelle", "llama",
    ]),
    (TOOL, &[
        "tool", "tools", "function", "functions", "werkzeug", "outil", "herramienta",
    ]),
    (NEW, &[
        "new", "updated", "neue", "nouvelles", "nuevas", "nuove", "новые",
    ]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_known_whatever_its_case() {
        for (class, words) in WORDS {
            for word in *words {
                assert_eq!(classes(word) & class, *class, "{word}");
                let capitals = word.to_uppercase();
                // Turkish has a capital of its own for its letter without a dot.
                assert!(word.contains('ı') || classes(&capitals) & class == *class, "{word}");
            }
        }
        assert_eq!(classes("customer") | classes("") | classes("ignored"), 0);
    }
}
