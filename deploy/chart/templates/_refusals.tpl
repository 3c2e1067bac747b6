{{/*
What the server would refuse at its start, or what would do harm quietly, is refused here, with the cure.
*/}}
{{- define "chancery.refuse" -}}
{{- $s := .s -}}
{{- $config := $s.parsed -}}
{{- $at := printf "servers.%s" $s.domain -}}
{{- $values := .root.Values -}}
{{- if hasKey $config "Error" -}}
{{- fail (printf "%s.config: this is no TOML: %s" $at $config.Error) -}}
{{- end -}}
{{- if empty $config.source -}}
{{- fail (printf "%s.config: no source is configured: write a [source.NAME] table with `vendor` and `auth`, or pass a file: --set-file %s.config=%s.toml" $at $at $s.domain) -}}
{{- end -}}
{{- if contains "\"env:" .text -}}
{{- fail (printf "%s.config: %s: the chart sets no such variable, and a variable would not follow a rotated secret. Put it into a Secret and write file:/run/secrets/NAME/KEY" $at (regexFind "env:[A-Z0-9_a-z]+" .text)) -}}
{{- end -}}
{{- include "chancery.refuse.rules" (dict "s" $s "at" $at "values" $values) -}}
{{- include "chancery.refuse.files" (dict "text" .text "at" $at) -}}
{{- include "chancery.refuse.callers" (dict "s" $s "at" $at) -}}
{{- include "chancery.refuse.state" (dict "s" $s "at" $at) -}}
{{- include "chancery.refuse.network" (dict "values" $values) -}}
{{- end -}}

{{/* Files come out of Secrets, or the pod would look for what is not there. */}}
{{- define "chancery.refuse.files" -}}
{{- range regexFindAll "\"(file|ca_file|cert_file|key_file|client_ca_file|revoked_file)\":\"[^\"]*\"|\"file:[^\"]*\"|\"[^\"]*/run/secrets/[^\"]*\"" .text -1 -}}
{{- $path := regexReplaceAll "^.*\"(file:)?([^\"]*)\"$" . "${2}" -}}
{{- if not (regexMatch "^/run/secrets/[a-z0-9][a-z0-9.-]*/[-._a-zA-Z0-9]+$" $path) -}}
{{- fail (printf "%s.config: %s is not in the pod: put the file into a Secret and write /run/secrets/NAME/KEY; the chart mounts the Secret NAME there" $.at $path) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Beyond loopback callers are told apart, over TLS. */}}
{{- define "chancery.refuse.callers" -}}
{{- $config := .s.parsed -}}
{{- $identity := $config.identity | default dict -}}
{{- if not (or $config.issuer $identity.keys $identity.certificates) -}}
{{- fail (printf "%s.config: nothing says who calls, and in a cluster everybody could. Configure [issuer.NAME] for access tokens, [identity.keys] for API keys or [[identity.certificates]] for client certificates" .at) -}}
{{- end -}}
{{- if and $config.issuer (not $identity.resource) -}}
{{- fail (printf "%s.config: tokens of an issuer are for a resource: set `resource` in [identity] to the URL that clients know this server by, such as https://%s.example.com/mcp" .at .s.domain) -}}
{{- end -}}
{{- if not (or $config.tls (dig "server" "behind_tls_proxy" false $config)) -}}
{{- fail (printf "%s.config: tokens must not be sent in the clear. Set `cert_file` and `key_file` in [tls], for a Secret of cert-manager /run/secrets/%s-tls/tls.crt and tls.key; or `behind_tls_proxy = true` in [server] where an ingress, a gateway or a mesh ends TLS" .at .s.domain) -}}
{{- end -}}
{{- $page := dig "approvals" "listen" "" $config -}}
{{- if and $page (not (or (hasPrefix "0.0.0.0:" $page) (hasPrefix "[::]:" $page))) -}}
{{- fail (printf "%s.config: nobody reaches the approval page at %s: set `listen = \"0.0.0.0:8090\"` in [approvals]" .at $page) -}}
{{- end -}}
{{- if and $identity.certificates (not (dig "tls" "client_ca_file" "" $config)) -}}
{{- fail (printf "%s.config: [[identity.certificates]] needs `client_ca_file` in [tls], which needs TLS to end in the server" .at) -}}
{{- end -}}
{{- end -}}

{{/* What replicas must share, and where a server may write. */}}
{{- define "chancery.refuse.state" -}}
{{- $s := .s -}}
{{- $url := dig "store" "url" "" $s.parsed | toString -}}
{{- $shared := regexMatch "^(postgres://|postgresql://|file:)" $url -}}
{{- if and $s.several (not $s.readOnly) (not $shared) -}}
{{- fail (printf "%s: several replicas need a store they share, or a repeated write could be done twice: set `url = \"file:/run/secrets/NAME/KEY\"` in [store] of its config to a Secret with the URL of a PostgreSQL. Or say `readOnly: true`, or run one replica" .at) -}}
{{- end -}}
{{- if and $s.several (empty (dig "seal" "keys" list $s.parsed)) -}}
{{- fail (printf "%s: what one replica sealed the others must open: set `keys = [\"file:/run/secrets/NAME/KEY\"]` in [seal] of its config (make one with `openssl rand -base64 32`). Or run one replica" .at) -}}
{{- end -}}
{{- if and $s.autoscaling.enabled (gt (int $s.autoscaling.minReplicas) (int $s.autoscaling.maxReplicas)) -}}
{{- fail (printf "%s.autoscaling: minReplicas is above maxReplicas" .at) -}}
{{- end -}}
{{- if and $s.several (dig "tenants" "in_store" false $s.parsed) (not $shared) -}}
{{- fail (printf "%s: tenants stand in the store, and each replica would have one of its own: name a PostgreSQL in [store], or use `rules.tenants`" .at) -}}
{{- end -}}
{{- range $key, $path := dict "audit.dir" (dig "audit" "dir" "" $s.parsed) "store.url" (hasPrefix "/" $url | ternary $url "") -}}
{{- if and $path (not (hasPrefix "/var/lib/chancery/" $path)) -}}
{{- fail (printf "%s.config: %s: only the claim at /var/lib/chancery can be written. Remove the key: the default is there" $.at $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The files of `rules` are named by the chart. */}}
{{- define "chancery.refuse.rules" -}}
{{- range $key, $file := dict "roles" (dig "policy" "roles" "" .s.parsed) "freeze" (dig "policy" "freeze" "" .s.parsed) "tenants" (dig "tenants" "file" "" .s.parsed) -}}
{{- if $file -}}
{{- fail (printf "%s.config: the file %s is not in the pod: remove the key and put the text into rules.%s, which holds for all servers and is followed without a restart" $.at $file $key) -}}
{{- end -}}
{{- end -}}
{{- if and .values.rules.tenants (dig "tenants" "in_store" false .s.parsed) -}}
{{- fail (printf "%s.config: tenants stand in one place: remove rules.tenants, or `in_store`" .at) -}}
{{- end -}}
{{- end -}}

{{/* A policy that lets nothing out would be a server that reaches no vendor. */}}
{{- define "chancery.refuse.network" -}}
{{- $network := .values.network -}}
{{- $proxy := $network.proxy -}}
{{- if and $proxy.url (regexMatch "://[^/@]*:[^/@]*@" $proxy.url) -}}
{{- fail "network.proxy.url: a password in it would stand in the pod's definition; let the proxy know the servers by their network" -}}
{{- end -}}
{{- if $network.policy -}}
{{- if and $proxy.url (empty $proxy.peers) -}}
{{- fail "network.proxy.peers: say where the proxy is, such as [{ipBlock: {cidr: 10.0.9.4/32}}], or the policy keeps the servers from it" -}}
{{- end -}}
{{- if not (or $network.egress.cidrs $network.egress.rules $proxy.url $network.cilium.enabled) -}}
{{- fail "network: the policy would let nothing out, and no vendor could be reached. Name `egress.cidrs`, a `proxy`, or say `cilium.enabled: true`; `policy: false` opens everything" -}}
{{- end -}}
{{- end -}}
{{- end -}}
