//! Static credentials: nothing is asked for, the header is built from the secret.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use error::{Code, Error, Result};
use secrecy::ExposeSecret as _;

use super::{Issued, Life};
use crate::{Secret, Token};

pub(crate) enum Fixed {
    Bearer(Secret),
    Basic { user: String, password: Secret },
    Token(Secret),
}

impl Fixed {
    pub(crate) fn read(&self) -> Result<Issued> {
        let (secret, token) = match self {
            Self::Bearer(secret) => (secret, token("Bearer ", secret)?),
            Self::Token(secret) => (secret, token("Token token=", secret)?),
            Self::Basic { user, password } => {
                let pair = format!("{user}:{}", password.resolve()?.expose_secret());
                (password, Token::new("Basic ", &BASE64_STANDARD.encode(pair))?)
            }
        };
        Ok(Issued { token, life: if secret.can_change() { Life::Reread } else { Life::Unknown } })
    }
}

fn token(scheme: &str, secret: &Secret) -> Result<Token> {
    Token::new(scheme, secret.resolve()?.expose_secret()).map_err(|_| {
        Error::new(Code::UpstreamAuth, format!("{secret:?} has characters that no header may have"))
            .hint("Tell the operator: put the token there alone, on one line.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_as_vendors_document_them() {
        let header = |fixed: Fixed| fixed.read().unwrap().token.header().to_str().unwrap().to_owned();
        assert_eq!(header(Fixed::Bearer(Secret::literal("t"))), "Bearer t");
        assert_eq!(header(Fixed::Token(Secret::literal("t"))), "Token token=t");
        // RFC 7617, section 2.
        let basic = Fixed::Basic { user: "Aladdin".into(), password: Secret::literal("open sesame") };
        assert_eq!(header(basic), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }

    #[test]
    fn a_token_that_no_header_can_carry_is_not_repeated() {
        let error = Fixed::Bearer(Secret::literal("canary\r\nHost: x")).read().err().unwrap();
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        assert_eq!(error.code(), Code::UpstreamAuth, "the operator's to mend");
        assert!(error.wire("").hint.contains("one line"));
    }
}
