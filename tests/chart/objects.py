"""What every rendered object must be, and what each set of values is there to show."""

import kubernetes_validate

# Kinds of operators; kubernetes-validate has no schema of theirs.
FOREIGN = {"ServiceMonitor", "PrometheusRule", "CiliumNetworkPolicy", "ExternalSecret"}


def stateful_sets(rendered):
    return of(rendered, "StatefulSet")


def of(rendered, kind):
    return [document for document in rendered if document["kind"] == kind]


def one(rendered, kind, name):
    return next(d for d in of(rendered, kind) if d["metadata"]["name"] == name)


def check(rendered, version):
    assert rendered, "nothing was rendered"
    names = [(d["kind"], d["metadata"]["name"]) for d in rendered]
    assert len(names) == len(set(names)), f"twice: {names}"
    for document in rendered:
        if document["kind"] not in FOREIGN:
            minor = ".".join(version.split(".")[:2])
            kubernetes_validate.validate(document, minor, strict=True)
    for pod in [d["spec"]["template"]["spec"] for d in rendered if d["kind"] in ("StatefulSet", "Job")]:
        restricted(pod)
    for pod in stateful_sets(rendered):
        whole(rendered, pod)
    claims(rendered)
    silent(rendered)


def restricted(pod):
    """Pod security `restricted`, and beyond it: no token, no root, nothing to write to but claims."""
    security = pod["securityContext"]
    assert security["runAsNonRoot"] and security["runAsUser"] == security["fsGroup"] == 65532
    assert security["fsGroupChangePolicy"] == "OnRootMismatch"
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False and pod["enableServiceLinks"] is False
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container["resources"]["limits"]
        # A secret in a variable would be in every listing of the pod, and would not follow a rotation.
        assert all("value" in variable and "SECRET" not in variable["name"] for variable in container.get("env", []))
    for volume in pod["volumes"]:
        assert set(volume) - {"name"} <= {"configMap", "secret", "persistentVolumeClaim"}, volume
        if "secret" in volume:
            assert volume["secret"]["defaultMode"] == 0o440


def whole(rendered, stateful):
    """A server has its Services, account, configuration and network; its claims stay; it has time to drain."""
    name, spec = stateful["metadata"]["name"], stateful["spec"]
    labels, pod = spec["template"]["metadata"]["labels"], spec["template"]["spec"]
    selector = spec["selector"]["matchLabels"].items()
    assert selector <= labels.items()
    for service in (one(rendered, "Service", name), one(rendered, "Service", f"{name}-admin")):
        assert service["spec"]["selector"].items() == selector
        ports = {port["name"] for port in pod["containers"][0]["ports"]}
        assert all(port["targetPort"] in ports for port in service["spec"]["ports"])
    assert spec["serviceName"] == f"{name}-admin"
    assert one(rendered, "ServiceAccount", name)["automountServiceAccountToken"] is False
    assert one(rendered, "NetworkPolicy", name)["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    pause = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] >= pause + 25 + 10
    paths = {probe: pod["containers"][0][probe]["httpGet"]["path"] for probe in ("livenessProbe", "readinessProbe")}
    assert paths == {"livenessProbe": "/healthz", "readinessProbe": "/readyz"}
    mounted = {m["name"] for m in pod["containers"][0]["volumeMounts"]} - {"data"}
    assert mounted == {v["name"] for v in pod["volumes"]}
    maps = [v["configMap"]["name"] for v in pod["volumes"] if "configMap" in v]
    assert [one(rendered, "ConfigMap", m) for m in maps]


def claims(rendered):
    """A Job reads the claims that the StatefulSet has, and cannot change them."""
    for job in of(rendered, "Job"):
        pod = job["spec"]["template"]["spec"]
        owned = {
            f"data-{s['metadata']['name']}-{i}" for s in stateful_sets(rendered) for i in range(s["spec"]["replicas"])
        }
        assert {v["persistentVolumeClaim"]["claimName"] for v in pod["volumes"]} <= owned
        assert all(mount["readOnly"] for mount in pod["containers"][0]["volumeMounts"])


def silent(rendered):
    """Whoever reads the record can tell nobody."""
    policy = one(rendered, "NetworkPolicy", "chancery-audit-query")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"] and not policy.keys() & {"ingress", "egress"}
    for job in of(rendered, "Job"):
        labels = job["spec"]["template"]["metadata"]["labels"].items()
        assert policy["podSelector"]["matchLabels"].items() <= labels
        assert not [s for s in of(rendered, "Service") if s["spec"]["selector"].items() <= labels]


def check_set(name, rendered):
    globals()[name.replace("-", "_")](rendered)


def container(rendered, name):
    return one(rendered, "StatefulSet", name)["spec"]["template"]["spec"]["containers"][0]


def one_server(rendered):
    assert [s["metadata"]["name"] for s in stateful_sets(rendered)] == ["chancery-crm"]
    assert {d["kind"] for d in rendered} == {
        "StatefulSet", "Service", "ConfigMap", "ServiceAccount", "NetworkPolicy",
    }
    assert container(rendered, "chancery-crm")["image"] == "chancery-crm:1.0.0"


def all_servers(rendered):
    assert len(stateful_sets(rendered)) == 5
    image = container(rendered, "chancery-crm")["image"]
    assert image.startswith("registry.example.com/chancery/chancery-crm@sha256:"), image
    assert "--lockdown" in container(rendered, "chancery-crm")["args"]
    names = {v["name"] for v in container(rendered, "chancery-docs")["env"]}
    assert {"CHANCERY_POLICY__ROLES", "CHANCERY_POLICY__FREEZE", "CHANCERY_TENANTS__FILE"} <= names
    assert "approvals" in [p["name"] for p in one(rendered, "Service", "chancery-itsm")["spec"]["ports"]]
    assert len(one(rendered, "NetworkPolicy", "chancery-itsm")["spec"]["ingress"]) == 3
    assert len(one(rendered, "NetworkPolicy", "chancery-crm")["spec"]["ingress"]) == 2
    (monitor,) = of(rendered, "ServiceMonitor")
    admin = one(rendered, "Service", "chancery-crm-admin")
    assert monitor["spec"]["selector"]["matchLabels"].items() <= admin["metadata"]["labels"].items()
    mcp = one(rendered, "Service", "chancery-crm")
    assert not monitor["spec"]["selector"]["matchLabels"].items() <= mcp["metadata"]["labels"].items()
    assert monitor["spec"]["endpoints"] == [{"port": "admin", "path": "/metrics", "interval": "30s"}]
    (rules,) = of(rendered, "PrometheusRule")
    assert len(rules["spec"]["groups"]) == 4 and "release" in rules["metadata"]["labels"]


def external_secrets(rendered):
    (secret,) = of(rendered, "ExternalSecret")
    assert secret["apiVersion"] == "external-secrets.io/v1"
    assert secret["spec"]["data"] == [
        {"secretKey": "sap", "remoteRef": {"key": "chancery/finance", "property": "sap"}}
    ]
    volumes = one(rendered, "StatefulSet", "chancery-finance")["spec"]["template"]["spec"]["volumes"]
    assert secret["spec"]["target"]["name"] in [v["secret"]["secretName"] for v in volumes if "secret" in v]


def mtls(rendered):
    mounts = {m["mountPath"] for m in container(rendered, "chancery-itsm")["volumeMounts"]}
    assert {"/run/secrets/itsm-tls", "/run/secrets/agents-ca", "/run/secrets/itsm-keys"} <= mounts
    assert one(rendered, "Service", "chancery-itsm")["spec"]["ports"][0]["name"] == "https"


def autoscaling(rendered):
    stateful = one(rendered, "StatefulSet", "chancery-issues")
    # A number here would fight the autoscaler at each upgrade.
    assert "replicas" not in stateful["spec"]
    (scaler,) = of(rendered, "HorizontalPodAutoscaler")
    assert scaler["spec"]["scaleTargetRef"]["kind"] == "StatefulSet" and scaler["spec"]["maxReplicas"] == 8
    assert of(rendered, "PodDisruptionBudget")[0]["spec"]["maxUnavailable"] == 1
    egress = one(rendered, "NetworkPolicy", "chancery-issues")["spec"]["egress"]
    assert [rule["ports"][0]["port"] for rule in egress] == [53, 443, 5432, 6379]


def read_only(rendered):
    assert one(rendered, "StatefulSet", "chancery-docs")["spec"]["replicas"] == 3
    assert "--read-only" in container(rendered, "chancery-docs")["args"]
    assert of(rendered, "PodDisruptionBudget")


def proxy_and_cilium(rendered):
    env = {v["name"]: v["value"] for v in container(rendered, "chancery-crm")["env"]}
    assert env["HTTPS_PROXY"] == "http://egress.example.com:3128" and env["NO_PROXY"] == ".svc,10.0.0.0/8"
    egress = one(rendered, "NetworkPolicy", "chancery-crm")["spec"]["egress"]
    assert [rule["ports"][0]["port"] for rule in egress] == [53, 3128]
    opened = {
        (name, rule["toPorts"][0]["ports"][0]["port"])
        for rule in one(rendered, "CiliumNetworkPolicy", "chancery-issues-vendors")["spec"]["egress"]
        for host in rule.get("toFQDNs", [])
        for name in host.values()
    }
    # Not api.github.com: the source has a base URL of its own. Not the site of Jira: calls go through the gateway.
    assert opened == {
        ("api.atlassian.com", "443"), ("auth.atlassian.com", "443"), ("github.example.com", "443"),
        ("login.example.com", "8443"), ("*.blob.example.com", "443"),
    }, opened
    (hubspot,) = [
        [h for rule in p["spec"]["egress"] for host in rule.get("toFQDNs", []) for h in host.values() if "hub" in h]
        for p in of(rendered, "CiliumNetworkPolicy") if p["metadata"]["name"] == "chancery-crm-vendors"
    ]
    assert hubspot == ["api.hubapi.com"]


def no_name_service(rendered):
    # A rule with an empty `to` would open the port to everybody.
    egress = one(rendered, "NetworkPolicy", "chancery-crm")["spec"]["egress"]
    assert [rule["to"] for rule in egress] == [[{"ipBlock": {"cidr": "10.0.9.4/32"}}]], egress


def audit_query(rendered):
    (job,) = of(rendered, "Job")
    assert [v["persistentVolumeClaim"]["claimName"] for v in job["spec"]["template"]["spec"]["volumes"]] == [
        "data-chancery-docs-0", "data-chancery-docs-1", "data-chancery-docs-2",
    ]


def audit_query_per_claim(rendered):
    jobs = of(rendered, "Job")
    assert [len(j["spec"]["template"]["spec"]["volumes"]) for j in jobs] == [1, 1, 1]
    near = jobs[2]["spec"]["template"]["spec"]["affinity"]["podAffinity"][
        "requiredDuringSchedulingIgnoredDuringExecution"
    ]
    assert near[0]["labelSelector"]["matchLabels"] == {"statefulset.kubernetes.io/pod-name": "chancery-docs-2"}
