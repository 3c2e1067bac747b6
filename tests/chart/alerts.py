"""The alerts: their expressions parse, their metrics exist, somebody explains them."""

import re
import shutil
import subprocess

import promql_parser
import yaml


def rules(path):
    return [rule for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]]


def metrics(root):
    """A metric that no code counts would be an alert that never comes."""
    code = "".join(f.read_text() for f in (root / "crates").rglob("src/**/*.rs"))
    for rule in rules(root / "deploy/chart/alerts.yaml"):
        for name in re.findall(r"chancery_[a-z_]+", rule["expr"]):
            assert f'"{name}"' in code, f"{rule['alert']}: no code counts {name}"


def explained(root):
    page = (root / "shared/docs/operations.md").read_text()
    missing = [r["alert"] for r in rules(root / "deploy/chart/alerts.yaml") if f"`{r['alert']}`" not in page]
    assert not missing, f"shared/docs/operations.md says nothing of {missing}"


def well_formed(path, tests):
    for rule in rules(path):
        promql_parser.parse(rule["expr"])
        assert rule["labels"]["severity"] in ("critical", "warning", "info")
        assert rule["annotations"]["summary"]
    promtool = shutil.which("promtool")
    if promtool is None:
        print("chart: SKIPPED: promtool is not installed (Debian: prometheus); the alerts were parsed, not tried")
        return
    for command in (["check", "rules", str(path)], ["test", "rules", str(tests)]):
        done = subprocess.run([promtool, *command], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
