//! What a workflow tells, line by line as it comes to know it.

use std::time::Instant;

use serde_json::Value;

use crate::agent::{Notes, Outcome, list};
use crate::{Agent, Fleet, Result};

/// Where lines go: the terminal in the demo, a buffer in tests.
pub type Sink<'a> = dyn Fn(&str) + Sync + 'a;

/// A report under way.
pub struct Report<'a> {
    sink: &'a Sink<'a>,
    begun: Instant,
}

impl<'a> Report<'a> {
    /// Begins a report with its title.
    #[must_use]
    pub fn begin(sink: &'a Sink<'a>, title: &str) -> Self {
        sink("");
        sink(title);
        sink(&"=".repeat(title.chars().count()));
        Self { sink, begun: Instant::now() }
    }

    /// Begins a section.
    pub fn section(&self, title: &str) {
        (self.sink)("");
        (self.sink)(title);
    }

    /// A line of it.
    pub fn line(&self, line: &str) {
        (self.sink)(&format!("  {line}"));
    }

    /// A line for each row of an answer's list, or what stands in their place.
    pub fn rows(&self, outcome: &Outcome, name: &str, row: &dyn Fn(&Value) -> String) {
        let Ok(answer) = outcome else { return self.line("not known: see what is missing") };
        let mut rows = list(answer, name).peekable();
        if rows.peek().is_none() {
            self.line("nothing");
        }
        rows.for_each(|value| self.line(&row(value)));
        if answer["next_cursor"].is_string() {
            self.line("... and more");
        }
    }

    /// Ends the report: what was written and who would have to agree, what is missing, how long it took, and the
    /// trail it left in the audit logs of all servers.
    pub async fn end(self, agent: &Agent, fleet: &Fleet) -> Result<()> {
        self.tell(&agent.notes());
        self.trail(agent, fleet).await
    }

    fn tell(&self, notes: &Notes) {
        self.section("What was written");
        for write in &notes.writes {
            self.line(&format!("{}: {} {} [{}]", write.tool, write.status, write.target, write.consent));
        }
        if notes.writes.is_empty() {
            self.line("nothing");
        }
        self.section("What is missing");
        for missing in &notes.missing {
            self.line(missing);
        }
        if notes.missing.is_empty() {
            self.line("nothing: every source answered");
        }
        let failed = notes.calls.iter().filter(|c| c.failed).count();
        let slowest = notes.calls.iter().max_by_key(|c| c.took);
        let slowest =
            slowest.map_or_else(String::new, |c| format!(", the slowest {} in {:.0?}", c.tool, c.took));
        let (calls, took) = (notes.calls.len(), self.begun.elapsed());
        self.section(&format!("{calls} calls in {took:.1?}, {failed} failed{slowest}"));
    }

    /// One trail over all servers, read by the tool that auditors use.
    async fn trail(&self, agent: &Agent, fleet: &Fleet) -> Result<()> {
        let Some(first) = fleet.servers().first() else { return Ok(()) };
        let dirs: Vec<String> = fleet.servers().iter().map(|s| s.audit().display().to_string()).collect();
        let dirs: Vec<&str> = dirs.iter().flat_map(|dir| ["--dir", dir.as_str()]).collect();
        let query = [&["audit", "query", "--workflow", agent.workflow.as_str()], dirs.as_slice()].concat();
        let records = first.run(&query).await?.lines().count();
        first.run(&[&["audit", "verify"], dirs.as_slice()].concat()).await?;
        self.line(&format!("audit: {records} records of workflow {}, all chains verified", agent.workflow));
        self.line(&format!("  {} {}", first.binary.display(), query.join(" ")));
        Ok(())
    }
}
