//! The token endpoint: OAuth 2 client credentials (RFC 6749, 4.4), signed assertions (RFC 7523) and revocation
//! (RFC 7009).

use std::time::Duration;

use http::header;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use crate::{Answer, Ask, Credential, JwtBearer, Principal, Scheme, assertion};

/// A vendor's client credentials grant. Takes form and JSON bodies, and the secret in the body or as Basic.
pub struct ClientCredentials {
    lifetime: Duration,
    clients: Vec<Client>,
    signers: Vec<JwtBearer>,
    finish: fn(&Ask, &Principal, &mut Map<String, Value>),
    extra: Map<String, Value>,
    refused_client: u16,
}

struct Client {
    id: String,
    secret: String,
    principal: Principal,
}

/// A refusal of RFC 6749, 5.2.
struct OauthError {
    status: u16,
    error: &'static str,
    description: &'static str,
}

impl ClientCredentials {
    /// A grant whose tokens live this long.
    #[must_use]
    pub fn new(lifetime: Duration) -> Self {
        Self {
            lifetime,
            clients: Vec::new(),
            signers: Vec::new(),
            finish: |_, _, _| {},
            extra: Map::new(),
            refused_client: 401,
        }
    }

    /// A client and the account it acts as. It may ask for the account's scopes or fewer.
    #[must_use]
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<String>, principal: Principal) -> Self {
        self.clients.push(Client { id: id.into(), secret: secret.into(), principal });
        self
    }

    /// A client that may show a signed assertion at the same endpoint.
    #[must_use]
    pub fn jwt_bearer(mut self, client: JwtBearer) -> Self {
        self.signers.push(client);
        self
    }

    /// The last word on a token reply: fields that depend on the request, such as Salesforce's `instance_url`, or a
    /// vendor that does not say `expires_in`.
    #[must_use]
    pub fn finished_by(mut self, finish: fn(&Ask, &Principal, &mut Map<String, Value>)) -> Self {
        self.finish = finish;
        self
    }

    /// The status of `invalid_client`, where a vendor says 400 and not 401 (RFC 6749, 5.2, allows both).
    #[must_use]
    pub fn refusing_clients_with(mut self, status: u16) -> Self {
        self.refused_client = status;
        self
    }

    /// A field more in every token reply.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn credentials(&self) -> impl Iterator<Item = Credential> {
        let by_secret = self.clients.iter().map(|client| Credential::ClientCredentials {
            client_id: client.id.clone(),
            client_secret: client.secret.clone(),
            scope: client.principal.scopes.join(" "),
        });
        by_secret.chain(self.signers.iter().map(JwtBearer::credential))
    }

    /// The account of the first client, which the ready token stands for.
    pub(crate) fn first_principal(&self) -> Option<&Principal> {
        self.clients.first().map(|client| &client.principal)
    }

    /// Answers the token endpoint.
    pub(crate) fn answer(&self, ask: &Ask) -> Answer {
        self.grant(ask).unwrap_or_else(|refused| refused.answer(ask)).private()
    }

    /// Answers the revocation endpoint: 200 for unknown tokens too (RFC 7009, 2.2).
    pub(crate) fn revoke(&self, ask: &Ask) -> Answer {
        let fields = fields(ask);
        let revoked = self.authenticated(ask, &fields).and_then(|_| {
            let token = field(&fields, "token").ok_or(invalid_request("token is missing"))?;
            ask.tokens().revoke(token);
            Ok(Answer::empty(200))
        });
        revoked.unwrap_or_else(|refused| refused.answer(ask)).private()
    }

    fn grant(&self, ask: &Ask) -> Result<Answer, OauthError> {
        let fields = fields(ask);
        let account = match field(&fields, "grant_type") {
            Some("client_credentials") => self.authenticated(ask, &fields)?.principal.clone(),
            Some(assertion::GRANT_TYPE) if !self.signers.is_empty() => {
                let shown = field(&fields, "assertion").ok_or(invalid_request("assertion is missing"))?;
                JwtBearer::judge(&self.signers, shown, ask)
                    .map_err(|wrong| refused(400, "invalid_grant", wrong))?
            }
            Some(_) => return Err(refused(400, "unsupported_grant_type", "grant type not supported")),
            None => return Err(invalid_request("grant_type is missing")),
        };
        let principal = narrowed(&account, field(&fields, "scope"))?;
        Ok(uncached(Answer::json(200, self.issued(ask, principal))))
    }

    fn issued(&self, ask: &Ask, principal: Principal) -> Map<String, Value> {
        let issued = ask.tokens().issue(principal.clone(), self.lifetime);
        let mut reply = Map::from_iter([
            ("access_token".to_owned(), json!(issued.token)),
            ("token_type".to_owned(), json!("Bearer")),
            ("expires_in".to_owned(), json!(self.lifetime.as_secs())),
            ("scope".to_owned(), json!(principal.scopes.join(" "))),
        ]);
        reply.extend(self.extra.clone());
        (self.finish)(ask, &principal, &mut reply);
        reply
    }

    /// The client, by Basic or by the body (RFC 6749, 2.3.1), never by both.
    fn authenticated(&self, ask: &Ask, fields: &[(String, String)]) -> Result<&Client, OauthError> {
        let unknown = || refused(self.refused_client, "invalid_client", "client authentication failed");
        let basic = Scheme::Basic.read(&ask.headers);
        let (id, secret) = match &basic {
            Some(_) if field(fields, "client_secret").is_some() => {
                return Err(invalid_request("more than one way of client authentication"));
            }
            Some(shown) => shown.value.split_once(':').ok_or_else(unknown)?,
            None => (
                field(fields, "client_id").ok_or_else(unknown)?,
                field(fields, "client_secret").ok_or_else(unknown)?,
            ),
        };
        let known = |client: &&Client| same(id, &client.id) && same(secret, &client.secret);
        self.clients.iter().find(known).ok_or_else(unknown)
    }
}

impl OauthError {
    fn answer(self, ask: &Ask) -> Answer {
        let body = json!({ "error": self.error, "error_description": self.description });
        let answer = uncached(Answer::json(self.status, body));
        let tried_basic = self.status == 401 && ask.headers.contains_key(header::AUTHORIZATION);
        if tried_basic { answer.header("www-authenticate", "Basic realm=\"token\"") } else { answer }
    }
}

fn refused(status: u16, error: &'static str, description: &'static str) -> OauthError {
    OauthError { status, error, description }
}

fn invalid_request(description: &'static str) -> OauthError {
    refused(400, "invalid_request", description)
}

/// The request's parameters, from a form or a flat JSON object.
fn fields(ask: &Ask) -> Vec<(String, String)> {
    if !ask.is_json() {
        return ask.form();
    }
    let object: Map<String, Value> = serde_json::from_slice(&ask.body).unwrap_or_default();
    let text = |(name, value): (String, Value)| Some((name, value.as_str()?.to_owned()));
    object.into_iter().filter_map(text).collect()
}

/// Whether a client showed this text, plainly or form-encoded as RFC 6749, 2.3.1 wants it inside Basic.
fn same(shown: &str, own: &str) -> bool {
    shown == own || shown == form_urlencoded::byte_serialize(own.as_bytes()).collect::<String>()
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// The account with the asked scopes. Vendors separate them by spaces or commas.
fn narrowed(principal: &Principal, asked: Option<&str>) -> Result<Principal, OauthError> {
    let asked: Vec<&str> =
        asked.unwrap_or_default().split([' ', ',']).filter(|one| !one.is_empty()).collect();
    if asked.is_empty() {
        return Ok(principal.clone());
    }
    if !asked.iter().all(|scope| principal.may(scope)) {
        return Err(refused(400, "invalid_scope", "the client may not have one of these scopes"));
    }
    Ok(Principal::new(&principal.name, &asked))
}

/// Token replies must not be cached (RFC 6749, 5.1).
fn uncached(answer: Answer) -> Answer {
    answer.header("cache-control", "no-store").header("pragma", "no-cache")
}
