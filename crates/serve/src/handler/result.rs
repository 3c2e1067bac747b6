//! Answers and errors in the protocol's words.

use call::Cx;
use content::Tally;
use error::{Code, Error, Result};
use rmcp::ErrorData;
use rmcp::model::{
    CacheScope, CallToolResult, ContentBlock, ErrorCode, Implementation, MetaObject, ReadResourceResult,
    Resource, ResourceContents,
};
use serde_json::{Map, Value, json};
use tool::{Answer, Link};

use super::listing::DEPRECATED;
use super::resource;
use crate::catalogue::Catalogue;

/// The key under which every result names its server (MCP 2026-07-28, "Results").
const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

/// Puts answers into results.
pub(super) struct Results {
    domain: &'static str,
    /// Kinds of resources that can be read.
    kinds: Vec<&'static str>,
    server: Value,
}

impl Results {
    pub(super) fn of(catalogue: &Catalogue) -> Self {
        let server = json!(Implementation::new(catalogue.program(), catalogue.version));
        let kinds = catalogue.kinds.iter().map(|kind| kind.name).collect();
        Self { domain: catalogue.name, kinds, server }
    }

    /// The `_meta` of every result.
    pub(super) fn meta(&self) -> MetaObject {
        let mut meta = Map::new();
        meta.insert(SERVER_INFO.into(), self.server.clone());
        MetaObject(meta)
    }

    /// The result of a call: structured content and the same as text, or the error as the model shall read it.
    /// Only a tool that does not exist is an error of the protocol. A `former` name says by what it is to be replaced.
    pub(super) fn of_call(
        &self,
        cx: &Cx,
        answer: Result<Answer>,
        former: Option<Value>,
    ) -> Result<CallToolResult, ErrorData> {
        let mut meta = self.meta();
        meta.insert("dev.chancery/correlation_id".into(), cx.correlation_id().into());
        meta.0.extend(former.map(|told| (DEPRECATED.to_owned(), told)));
        let mut result = match answer {
            Ok(answer) => {
                if answer.tally.suspected > 0 {
                    let Tally { suspected, rules, .. } = &answer.tally;
                    meta.insert(
                        "dev.chancery/suspected".into(),
                        json!({ "texts": suspected, "rules": rules }),
                    );
                }
                self.answered(answer)
            }
            Err(error) if error.code() == Code::UnknownTool => return Err(self.protocol_error(cx, &error)),
            Err(error) => {
                let wire = json!(error.wire(cx.correlation_id()));
                let text = wire.to_string();
                meta.insert("dev.chancery/error".into(), wire);
                CallToolResult::error(vec![ContentBlock::text(text)])
            }
        };
        result.meta = Some(meta);
        Ok(result)
    }

    /// The result of reading a resource: the structured answer of its tool as JSON.
    pub(super) fn of_resource(
        &self,
        cx: &Cx,
        uri: &str,
        one_of_a_list: bool,
        answer: Result<Answer>,
    ) -> Result<ReadResourceResult, ErrorData> {
        let answer = answer.map_err(|e| self.resource_error(cx, &e))?;
        if one_of_a_list && answer.rows == 0 {
            // A list that does not find the one record it was asked for is no error to the tool.
            let absent =
                Error::new(Code::NotFound, "this record does not exist, or this account may not see it");
            return Err(self.resource_error(cx, &absent));
        }
        let contents = ResourceContents::text(answer.text, uri).with_mime_type(resource::MIME);
        let mut result = ReadResourceResult::new(vec![contents]);
        // A record changes at any time, and what is shown of it depends on who asks.
        (result.ttl_ms, result.cache_scope) = (Some(0), Some(CacheScope::Private));
        result.meta = Some(self.meta());
        Ok(result)
    }

    /// An error where the protocol knows no results that are errors. The object an agent sees is its data.
    pub(super) fn protocol_error(&self, cx: &Cx, error: &Error) -> ErrorData {
        let code = match error.code() {
            Code::UnknownTool | Code::InvalidArgument | Code::NotFound => ErrorCode::INVALID_PARAMS,
            _ => ErrorCode::INTERNAL_ERROR,
        };
        ErrorData::new(code, error.message().to_owned(), Some(json!(error.wire(cx.correlation_id()))))
    }

    /// An error of `resources/read`: what does not exist has a code of its own before 2026-07-28.
    pub(super) fn resource_error(&self, cx: &Cx, error: &Error) -> ErrorData {
        match error.code() {
            Code::NotFound => ErrorData::resource_not_found(
                error.message().to_owned(),
                Some(json!(error.wire(cx.correlation_id()))),
            ),
            _ => self.protocol_error(cx, error),
        }
    }

    fn answered(&self, answer: Answer) -> CallToolResult {
        let mut blocks = vec![ContentBlock::text(answer.text)];
        // A link leads somewhere: not every record that is written can be read again.
        if answer.withheld > 0 {
            let texts = if answer.withheld == 1 { "text" } else { "texts" };
            let word = format!("{} {texts} from outside the company withheld", answer.withheld);
            blocks.push(ContentBlock::text(word));
        }
        let readable = answer.links.iter().filter(|link| self.kinds.iter().any(|kind| *kind == link.kind));
        blocks.extend(readable.map(|link| ContentBlock::ResourceLink(self.link(link))));
        let mut result = CallToolResult::success(blocks);
        result.structured_content = Some(answer.value);
        result
    }

    fn link(&self, link: &Link) -> Resource {
        Resource::new(resource::uri(self.domain, link), link.id.to_string())
            .with_title(link.label.clone())
            .with_mime_type(resource::MIME)
    }
}
