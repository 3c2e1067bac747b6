"""Checks the chart: `check.py ROOT BINARIES`. One line for each check; exit 1 if one failed."""

import pathlib
import sys

import helm_python
import yaml

import alerts
import known
import objects
import started

HERE = pathlib.Path(__file__).parent
# The oldest and the newest Kubernetes that the chart is for.
KUBERNETES = ("1.30.0", "1.36.0")

UNCHECKED = (
    "chart: NOT CHECKED: ServiceMonitor, PrometheusRule, CiliumNetworkPolicy and ExternalSecret against their operators' "
    "schemas, only against what is expected of them here; the gateway's file against agentgateway"
)


def main(root: pathlib.Path, binaries: pathlib.Path) -> int:
    path = root / "deploy" / "chart"
    chart = helm_python.Chart.load(str(path))
    results = []

    def tried(name, check, *arguments):
        try:
            check(*arguments)
            results.append(True)
            print(f"PASS {name}", flush=True)
        except Exception as problem:  # pylint: disable=broad-except
            results.append(False)
            print(f"FAIL {name}: {type(problem).__name__}: {problem}", flush=True)

    for file in sorted((HERE / "values").glob("*.yaml")):
        values = yaml.safe_load(file.read_text())
        tried(f"lint {file.stem}", lint, path, values)
        rendered = []
        tried(f"render {file.stem}", render, chart, values, rendered)
        for version in KUBERNETES:
            tried(f"objects of {file.stem}, Kubernetes {version}", objects.check, rendered, version)
        tried(f"what {file.stem} is for", objects.check_set, file.stem, rendered)
        for pod in objects.stateful_sets(rendered):
            name = pod["metadata"]["name"]
            tried(f"{name} of {file.stem} starts", started.check, root, binaries, rendered, pod)
    one, query = HERE / "values" / "one-server.yaml", HERE / "values" / "audit-query.yaml"
    tried("an audit query over three claims", started.audit_query, chart, query, binaries)
    tried("a freeze in the ConfigMap is followed", started.freeze, root, chart, one, binaries)
    for file in sorted((HERE / "refused").glob("*.yaml")):
        tried(f"refused: {file.stem}", refuse, chart, file)
    tried("images are those of the servers", known.images, root)
    tried("vendors' hosts are those of the servers", known.hosts, root)
    tried("the README's table has every value", known.readme, root)
    tried("alerts name metrics that exist", alerts.metrics, root)
    tried("alerts are explained", alerts.explained, root)
    tried("alerts are well formed", alerts.well_formed, path / "alerts.yaml", HERE / "alerts.test.yaml")
    passed = sum(results)
    print(UNCHECKED)
    print(f"chart: {passed} passed, {len(results) - passed} failed")
    return 0 if passed == len(results) else 1


def lint(path, values):
    report = helm_python.lint(str(path), values, strict=True)
    findings = [m for m in report["messages"] if m["severity"] >= 2] + report["errors"]
    # An icon is for catalogues of charts.
    assert not findings, findings


def render(chart, values, into):
    files = chart.render(values=values, name="chancery", namespace="tools")
    for name, text in files.items():
        if not name.endswith("NOTES.txt"):
            into += [document for document in yaml.safe_load_all(text) if document]
    notes = next(text for name, text in files.items() if name.endswith("NOTES.txt"))
    for domain in values["servers"]:
        assert f"exec chancery-{domain}-0 -- /bin/chancery check" in notes, notes
    # Whoever leaves them as they are is told who is shut out.
    network = values.get("network", {})
    assert ("`network.callers`" in notes) == ("callers" not in network), notes
    scraped = values.get("monitoring", {}).get("serviceMonitor", {}).get("enabled", False)
    assert ("`network.scrapers`" in notes) == (scraped and "scrapers" not in network), notes


def refuse(chart, file):
    first, _, text = file.read_text().partition("\n")
    expected = first.removeprefix("# refused: ")
    try:
        chart.render(values=yaml.safe_load(text), name="chancery", namespace="tools")
    except (helm_python.HelmRenderError, helm_python.HelmValuesError) as problem:
        assert expected in str(problem), f"expected {expected!r}, got: {problem}"
        assert "canary" not in str(problem), "the refusal repeats a secret"
        return
    raise AssertionError("it was rendered")


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))
