//! `get_pipeline_summary`.

use std::cmp::Reverse;

use call::Cx;
use content::Label;
use error::{Error, Result};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Day, Meta, SourceReport, Sources, Tool, Totals, When};

use crate::book::{Book, PipelineQuery, Shares};
use crate::model::{GroupBy, Pipeline, PipelineGroup, Standing};

/// The sales pipeline in numbers: how much is open, won and lost of what closes in a period, counted and added up per
/// currency by stage, owner or forecast category. For a forecast of revenue or a quarterly review.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetPipelineSummary {
    /// First close date; this quarter's first day if absent
    from: Option<When>,
    /// Day after the last close date; three months after `from` if absent
    before: Option<When>,
    group_by: Option<GroupBy>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Tool for GetPipelineSummary {
    type Port = Book;
    type Out = Pipeline;
    const META: Meta = Meta::read("get_pipeline_summary", "Summarize the pipeline", "crm:read").report();

    async fn run(self, cx: &Cx, sources: &Sources<Book>) -> Result<Pipeline> {
        let query = &self.query(cx)?;
        let asked = sources.narrowed(self.source.as_deref())?;
        let answers = sources.ask(cx, asked, |source| source.port.pipeline(cx, query)).await;
        let mut pipeline = Pipeline {
            from: Day(query.from),
            before: Day(query.before),
            groups: Vec::new(),
            open: Totals::default(),
            won: Totals::default(),
            complete: true,
            sources: Vec::new(),
        };
        let mut failures = Vec::new();
        for (source, answer) in answers {
            match answer {
                Ok(shares) => {
                    pipeline.sources.push(SourceReport::ok(source, shares.as_of));
                    add(&mut pipeline, &source.name, query.group_by, shares);
                }
                Err(error) => {
                    pipeline.sources.push(SourceReport::failed(source, &error));
                    pipeline.complete = false;
                    failures.push(error.said_by(&source.name));
                }
            }
        }
        if !failures.is_empty() && failures.len() == pipeline.sources.len() {
            return Err(tool::worth_repeating(failures));
        }
        pipeline.groups.sort_by(|a, b| order(a).cmp(&order(b)));
        Ok(pipeline)
    }
}

impl GetPipelineSummary {
    fn query(&self, cx: &Cx) -> Result<PipelineQuery> {
        let day = |when: &Option<When>, path| when.as_ref().map(|w| w.day(cx.now(), path)).transpose();
        let today = cx.now().to_zoned(TimeZone::UTC).date();
        let from = day(&self.from, "from")?.unwrap_or_else(|| quarter(today));
        let before = match day(&self.before, "before")? {
            Some(before) => before,
            None => from.checked_add(3.months()).map_err(|_| Error::invalid("from", "too far ahead"))?,
        };
        if from >= before {
            return Err(Error::invalid("from", "must lie before `before`"));
        }
        Ok(PipelineQuery { from, before, group_by: self.group_by.unwrap_or_default() })
    }
}

/// The first day of the quarter that `day` is in.
fn quarter(day: Date) -> Date {
    let month = day.month() - (day.month() - 1) % 3;
    day.with().month(month).day(1).build().unwrap_or(day)
}

fn add(pipeline: &mut Pipeline, source: &str, by: GroupBy, shares: Shares) {
    let label = |group: &str| match by {
        GroupBy::Owner => Label::new(group).of_person(),
        GroupBy::Stage | GroupBy::Forecast => Label::new(group),
    };
    pipeline.complete &= shares.complete;
    for share in shares.shares {
        let sum = match share.standing {
            Standing::Open => Some(&mut pipeline.open),
            Standing::Won => Some(&mut pipeline.won),
            Standing::Lost => None,
        };
        if let Some(sum) = sum {
            share.totals.iter().for_each(|money| sum.add(money));
        }
        pipeline.groups.push(PipelineGroup {
            source: source.to_owned(),
            standing: share.standing,
            group: share.group.as_deref().map(label),
            count: share.count,
            totals: share.totals,
        });
    }
}

fn order(group: &PipelineGroup) -> (Standing, Reverse<u64>, &str, Option<&Label>) {
    (group.standing, Reverse(group.count), &group.source, group.group.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_begin_in_january_april_july_october() {
        for (day, first) in
            [("2026-01-31", "2026-01-01"), ("2026-06-30", "2026-04-01"), ("2026-11-21", "2026-10-01")]
        {
            assert_eq!(quarter(day.parse().unwrap()).to_string(), first);
        }
    }
}
