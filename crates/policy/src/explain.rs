//! How a decision comes about, for people.

use std::fmt;

use call::Caller;
use tool::{Meta, Stakes};

use crate::authorize::Inquiry;
use crate::checks::CHECKS;
use crate::load::nearest;
use crate::policy::{House, Policy, Role};
use crate::{Ask, Circumstances, Decision, Stage, Subject, Verdict, authorize};

/// The way to a decision, step by step.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The role asked about.
    pub role: String,
    /// What the role is for.
    pub about: String,
    /// The answer for each tool asked about: all of the server's, or one.
    pub tools: Vec<(&'static str, Decision)>,
    /// Every check of the one tool asked about; none where all tools were.
    pub steps: Vec<Step>,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The rule: `role.buyer.ceilings`.
    pub rule: String,
    /// Whether it lets the call pass.
    pub passes: bool,
    /// What it says.
    pub says: String,
}

/// What to explain: a role, and perhaps one tool, and perhaps one call of it.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The role's name.
    pub role: &'a str,
    /// The tool's name.
    pub tool: Option<&'a str>,
    /// What is at stake in the call.
    pub stakes: Option<&'a Stakes>,
}

/// Explains what a role may do.
///
/// # Errors
/// In words: there is no such role or tool, with the nearest that there is.
pub fn explain(
    policy: &Policy,
    house: &House,
    question: &Question<'_>,
    now: &Circumstances<'_>,
) -> Result<Explanation, String> {
    let role = policy.roles.get(question.role);
    let role = role.ok_or_else(|| unknown("role", question.role, &mut policy.roles()))?;
    let who = Subject::of(&Caller::local("explain"), vec![question.role.to_owned()]);
    let metas: Vec<&Meta> = match question.tool {
        None => house.tools.iter().collect(),
        Some(name) => {
            let name = name.strip_prefix(&format!("{}:", house.domain)).unwrap_or(name);
            let found = house.tools.iter().find(|meta| meta.name == name);
            vec![found.ok_or_else(|| unknown("tool", name, &mut house.tools.iter().map(|meta| meta.name)))?]
        }
    };
    let stage = question.stakes.map_or(Stage::List, Stage::Call);
    let decide = |meta: &Meta| authorize(policy, &Ask { who: &who, tool: meta, stage }, now);
    let steps = match (question.tool, metas.as_slice()) {
        (Some(_), [tool]) => steps(policy, role, &Ask { who: &who, tool, stage }, now),
        _ => Vec::new(),
    };
    Ok(Explanation {
        role: question.role.to_owned(),
        about: role.about.clone(),
        tools: metas.into_iter().map(|meta| (meta.name, decide(meta))).collect(),
        steps,
    })
}

fn unknown(what: &str, name: &str, known: &mut dyn Iterator<Item = &str>) -> String {
    let all: Vec<&str> = known.collect();
    match nearest(name, all.iter().copied()) {
        Some(near) => format!("there is no {what} `{name}`; did you mean `{near}`?"),
        None => format!("there is no {what} `{}`; there are {}", content::cut(name, 60), all.join(", ")),
    }
}

fn steps(policy: &Policy, role: &Role, ask: &Ask<'_>, now: &Circumstances<'_>) -> Vec<Step> {
    let step = |rule: String, passes: bool, says: String| Step { rule, passes, says };
    let tool = ask.tool.name;
    let mut steps = Vec::new();
    if let Some(rule) = role.forbids.get(tool) {
        steps.push(step(rule.clone(), false, format!("`{tool}` is forbidden")));
    }
    let Some(grant) = role.grants.get(tool) else {
        steps.push(step("default".to_owned(), false, format!("no rule allows `{tool}`")));
        return steps;
    };
    steps.push(step(grant.rule.clone(), true, format!("allows `{tool}`")));
    if let Some(stakes) = ask.stakes() {
        let inquiry = Inquiry { role, grant, ask, now, audiences: &policy.audiences };
        for (name, check) in CHECKS {
            let refusal = check(&inquiry, stakes);
            let says = refusal.clone().unwrap_or_else(|| "nothing stands against it".to_owned());
            steps.push(step(inquiry.rule(name), refusal.is_none(), says));
        }
    }
    steps
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "role {}: {}", self.role, self.about)?;
        for step in &self.steps {
            let mark = if step.passes { "passes" } else { "REFUSES" };
            writeln!(f, "  {mark:7}  {:<34}  {}", step.rule, step.says)?;
        }
        for (tool, decision) in &self.tools {
            writeln!(f, "{tool:<32}  {}", Line(decision))?;
        }
        let Some((_, decision)) = self.tools.first().filter(|_| !self.steps.is_empty()) else {
            return Ok(());
        };
        decision.reasons.iter().try_for_each(|reason| writeln!(f, "  because {reason}"))
    }
}

/// A decision on one line.
struct Line<'a>(&'a Decision);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Decision { verdict, obligations: bound, .. } = self.0;
        if let Verdict::Denied(code) = verdict {
            return write!(f, "denied ({code})");
        }
        write!(f, "allowed")?;
        if self.0.consent() != tool::Consent::None {
            write!(f, ", consent {}", format!("{:?}", self.0.consent()).to_lowercase())?;
        }
        if !bound.sources.is_all() {
            write!(f, ", sources {}", bound.sources)?;
        }
        if !bound.places.is_all() {
            write!(f, ", places {}", bound.places)?;
        }
        let ceilings: Vec<String> = bound.ceilings.iter().map(|money| money.to_string()).collect();
        if !ceilings.is_empty() {
            write!(f, ", up to {}", ceilings.join(" or "))?;
        }
        if let Some(rows) = bound.rows {
            write!(f, ", {rows} rows")?;
        }
        if bound.withhold {
            write!(f, ", without text from outside")?;
        }
        if bound.settle {
            write!(f, ", asked again once the record is known")?;
        }
        Ok(())
    }
}
