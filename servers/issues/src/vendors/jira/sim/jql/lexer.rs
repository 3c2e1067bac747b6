//! JQL's words, strings and signs.

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// An unquoted word: keyword, field, value or function.
    Word(String),
    /// A quoted string, unescaped.
    Quoted(String),
    /// `( ) , [ ] = != ~ !~ < <= > >= ! && ||`.
    Sign(&'static str),
}

const SIGNS: [&str; 18] =
    ["!=", "!~", "<=", ">=", "&&", "||", "(", ")", ",", "[", "]", "=", "~", "<", ">", "!", "&", "|"];

/// Characters that stand for nothing yet and must be quoted (Atlassian, "Reserved characters").
const RESERVED: &str = "?*/%^{};:#@$`+";

/// Splits a query. Errors: Jira's message, with line and character.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut lexer = Lexer { rest: text, whole: text };
    let mut tokens = Vec::new();
    loop {
        lexer.rest = lexer.rest.trim_start();
        let Some(first) = lexer.rest.chars().next() else { return Ok(tokens) };
        tokens.push(match first {
            '"' | '\'' => lexer.quoted(first)?,
            _ => match SIGNS.iter().find(|sign| lexer.rest.starts_with(**sign)) {
                Some(sign) => {
                    lexer.rest = &lexer.rest[sign.len()..];
                    Token::Sign(sign)
                }
                None => lexer.word()?,
            },
        });
    }
}

struct Lexer<'a> {
    rest: &'a str,
    whole: &'a str,
}

impl Lexer<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    fn quoted(&mut self, quote: char) -> Result<Token, String> {
        self.next();
        let mut text = String::new();
        loop {
            match self.next() {
                None => {
                    let shown: String = text.chars().take(40).collect();
                    return Err(self.fault(&format!("The quoted string '{shown}' has not been completed.")));
                }
                Some(c) if c == quote => return Ok(Token::Quoted(text)),
                Some('\\') => text.push(self.escape()?),
                Some('\n' | '\r') => {
                    return Err(
                        self.fault("The quoted string contains a line break. Use '\\n' or '\\r' instead.")
                    );
                }
                Some(c) => text.push(self.legal(c)?),
            }
        }
    }

    fn word(&mut self) -> Result<Token, String> {
        let mut text = String::new();
        while let Some(c) = self.rest.chars().next() {
            let ends = c.is_whitespace() || c == '"' || c == '\'' || SIGNS.iter().any(|s| s.starts_with(c));
            if ends {
                break;
            }
            self.next();
            match c {
                '\\' => text.push(self.escape()?),
                _ if RESERVED.contains(c) => {
                    return Err(self.fault(&format!(
                        "The character '{c}' is a reserved JQL character. You must enclose it in a string or use \
                         the escape '\\u{:04x}' instead.",
                        c as u32
                    )));
                }
                _ => text.push(self.legal(c)?),
            }
        }
        Ok(Token::Word(text))
    }

    fn escape(&mut self) -> Result<char, String> {
        match self.next() {
            Some(c @ ('"' | '\'' | '\\' | ' ')) => Ok(c),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('u') => {
                let digits = self.rest.get(..4).unwrap_or_default();
                let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
                let code = code.filter(|_| digits.bytes().all(|b| b.is_ascii_hexdigit()));
                let code = code.ok_or_else(|| self.illegal_escape(&format!("\\u{digits}")))?;
                self.rest = &self.rest[4..];
                Ok(code)
            }
            other => Err(self.illegal_escape(&format!("\\{}", other.map(String::from).unwrap_or_default()))),
        }
    }

    /// Control characters and non-characters are refused wherever they stand.
    fn legal(&self, c: char) -> Result<char, String> {
        let noncharacter = (c as u32) & 0xFFFE == 0xFFFE || ('\u{FDD0}'..='\u{FDEF}').contains(&c);
        if noncharacter || (c.is_control() && c != '\t') {
            return Err(self.fault(&format!("Illegal character '\\u{:04x}'.", c as u32)));
        }
        Ok(c)
    }

    fn illegal_escape(&self, shown: &str) -> String {
        self.fault(&format!(
            "'{shown}' is an illegal JQL escape sequence. The valid escape sequences are \\', \\\", \\t, \\n, \\r, \
             \\\\, '\\ ' and \\uXXXX."
        ))
    }

    fn fault(&self, message: &str) -> String {
        let before = &self.whole[..self.whole.len() - self.rest.len()];
        let line = before.matches('\n').count() + 1;
        let character = before.chars().rev().take_while(|c| *c != '\n').count();
        format!("Error in the JQL Query: {message} (line {line}, character {character})")
    }
}
