//! What an edit changes, line by line, for a reader.

/// Lines of unchanged text around a change.
const CONTEXT: usize = 3;

/// Lines up to which two texts are compared line by line; beyond, the change is shown as one block.
const LIMIT: usize = 2_000;

/// The change from `before` to `after` in the form of a unified diff without file names: hunks of lines that begin
/// with a space, `-` or `+`. Empty if nothing changed.
#[must_use]
pub fn diff(before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let steps = steps(&old, &new);
    let changed: Vec<usize> =
        steps.iter().enumerate().filter(|(_, s)| !matches!(s, Step::Keep(_))).map(|(at, _)| at).collect();
    let mut out = String::new();
    let mut rest = changed.as_slice();
    while let Some(&first) = rest.first() {
        // Changes whose surroundings touch share a hunk.
        let gap = rest.windows(2).position(|w| w[1] - w[0] > 2 * CONTEXT);
        let (hunk, later) = rest.split_at(gap.map_or(rest.len(), |at| at + 1));
        rest = later;
        let last = hunk.last().copied().unwrap_or(first);
        let range = first.saturating_sub(CONTEXT)..(last + CONTEXT + 1).min(steps.len());
        write_hunk(&mut out, &steps, range);
    }
    out
}

enum Step<'t> {
    Keep(&'t str),
    Drop(&'t str),
    Add(&'t str),
}

fn write_hunk(out: &mut String, steps: &[Step<'_>], range: std::ops::Range<usize>) {
    let count = |steps: &[Step<'_>], old: bool| {
        let on = |s: &&Step<'_>| !matches!((s, old), (Step::Add(_), true) | (Step::Drop(_), false));
        steps.iter().filter(on).count()
    };
    let (before, within) = (&steps[..range.start], &steps[range]);
    let start = |old| count(before, old) + usize::from(count(within, old) > 0);
    out.push_str(&format!(
        "@@ -{},{} +{},{} @@\n",
        start(true),
        count(within, true),
        start(false),
        count(within, false)
    ));
    for step in within {
        let (sign, line) = match step {
            Step::Keep(line) => (' ', line),
            Step::Drop(line) => ('-', line),
            Step::Add(line) => ('+', line),
        };
        out.push(sign);
        out.push_str(line);
        out.push('\n');
    }
}

/// The shortest way from `old` to `new` by the longest common subsequence, drops before adds.
fn steps<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Step<'t>> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut steps: Vec<Step<'t>> = old[..head].iter().map(|l| Step::Keep(l)).collect();
    if a.len().max(b.len()) > LIMIT {
        steps.extend(a.iter().map(|l| Step::Drop(l)));
        steps.extend(b.iter().map(|l| Step::Add(l)));
    } else {
        walk(a, b, &mut steps);
    }
    steps.extend(old[old.len() - tail..].iter().map(|l| Step::Keep(l)));
    steps
}

fn walk<'t>(a: &[&'t str], b: &[&'t str], steps: &mut Vec<Step<'t>>) {
    let width = b.len() + 1;
    // common[i * width + j]: lines that a[i..] and b[j..] have in common, in order.
    let mut common = vec![0_u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            common[i * width + j] = if a[i] == b[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            steps.push(Step::Keep(a[i]));
            (i, j) = (i + 1, j + 1);
        } else if i < a.len() && (j == b.len() || common[(i + 1) * width + j] >= common[i * width + j + 1]) {
            steps.push(Step::Drop(a[i]));
            i += 1;
        } else {
            steps.push(Step::Add(b[j]));
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_diff_shows_what_goes_and_what_comes() {
        assert_eq!(diff("a\nb\nc\n", "a\nB\nc\nd\n"), "@@ -1,3 +1,4 @@\n a\n-b\n+B\n c\n+d\n");
        assert_eq!(diff("", "x"), "@@ -0,0 +1,1 @@\n+x\n");
        assert_eq!(diff("same", "same\n"), "");
    }

    #[test]
    fn far_changes_are_hunks_of_their_own() {
        let old: String = (0..30).map(|n| format!("{n}\n")).collect();
        let new = old.replace("\n5\n", "\nfive\n").replace("\n25\n", "\n");
        let diff = diff(&old, &new);
        assert_eq!(diff.matches("@@ -").count(), 2, "{diff}");
        assert!(diff.contains("-25\n") && !diff.contains(" 15\n"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn keeps_and_drops_are_the_old_text_keeps_and_adds_the_new(
            old in "([abc]\n){0,12}", new in "([abc]\n){0,12}"
        ) {
            let (a, b): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
            let steps = steps(&a, &b);
            let side = |old: bool| steps.iter().filter_map(|s| match (s, old) {
                (Step::Keep(l), _) | (Step::Drop(l), true) | (Step::Add(l), false) => Some(*l),
                _ => None,
            }).collect::<Vec<_>>();
            prop_assert_eq!(side(true), a);
            prop_assert_eq!(side(false), b);
        }
    }
}
