{{/*
Everything the templates need to know of one server, as JSON: its settings over the defaults, its parsed configuration,
and what follows from both. Called with `root` and `domain`. Refuses what would not work before anything is rendered.
*/}}
{{- define "chancery.server" -}}
{{- $root := .root -}}
{{- $domain := .domain -}}
{{- $domains := $root.Files.Get "domains.yaml" | fromYaml -}}
{{- if not (hasKey $domains $domain) -}}
{{- fail (printf "servers.%s: there is no such server: choose among %s. A server of your own needs an entry in the chart's domains.yaml" $domain (keys $domains | sortAlpha | join ", ")) -}}
{{- end -}}
{{- $own := index $root.Values.servers $domain | default dict -}}
{{- $s := mergeOverwrite (deepCopy $root.Values.defaults) (deepCopy $own) -}}
{{- $known := index $domains $domain -}}
{{- $config := fromToml $s.config -}}
{{- $text := toJson $config -}}
{{- $_ := set $s "domain" $domain -}}
{{- $_ := set $s "name" (printf "%s-%s" $root.Release.Name $domain | trunc 52 | trimSuffix "-") -}}
{{- $_ := set $s "parsed" $config -}}
{{- $_ := set $s "several" (or (gt (int $s.replicas) 1) $s.autoscaling.enabled) -}}
{{- $image := splitn ":" 2 $known.image -}}
{{- $tag := $s.image.tag | default $image._1 -}}
{{- $repository := printf "%s%s" (empty $root.Values.image.registry | ternary "" (printf "%s/" (trimSuffix "/" $root.Values.image.registry))) $image._0 -}}
{{- $_ := set $s "imageName" (empty $s.image.digest | ternary (printf "%s:%s" $repository $tag) (printf "%s@%s" $repository $s.image.digest)) -}}
{{- $_ := set $s "version" $tag -}}
{{- $_ := set $s "secrets" (regexFindAll "/run/secrets/[a-z0-9][a-z0-9.-]*/" $text -1 | uniq | sortAlpha) -}}
{{- $approvals := dig "approvals" "listen" "" $config -}}
{{- $_ := set $s "approvalsPort" (empty $approvals | ternary 0 (int (regexFind "[0-9]+$" $approvals))) -}}
{{- $_ := set $s "tls" (hasKey $config "tls") -}}
{{- /* The listener drains, then calls under way end (25 s), then the record is made whole. */ -}}
{{- $drain := int (dig "limits" "drain_seconds" 25 $config) -}}
{{- $_ := set $s "grace" (add (int $s.preStopSeconds) $drain 25 5) -}}
{{- include "chancery.refuse" (dict "root" $root "s" $s "text" $text) -}}
{{- $_ := set $s "hosts" (include "chancery.hosts" (dict "config" $config "vendors" $known.vendors) | fromYamlArray) -}}
{{- toJson $s -}}
{{- end -}}

{{/* Labels that never change, by which pods are found. */}}
{{- define "chancery.selector" -}}
app.kubernetes.io/name: chancery-{{ .s.domain }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{- define "chancery.labels" -}}
{{ include "chancery.selector" . }}
app.kubernetes.io/part-of: chancery
app.kubernetes.io/version: {{ .s.version | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end -}}

{{/* What every container of a server is allowed: nothing beyond running. Pod security `restricted`. */}}
{{- define "chancery.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
# `Always` would make the store's file writable for the group at each start, which the server refuses.
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "chancery.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/*
The hosts a server calls, as a list of `host:port`: base and token URLs of its sources, its issuers, the webhook, and the
database and limiter where their URLs are no secret.
*/}}
{{- define "chancery.hosts" -}}
{{- $urls := list -}}
{{- range $name, $source := .config.source -}}
{{- $vendor := index $.vendors (toString $source.vendor) | default dict -}}
{{- if or (empty $source.base_url) $source.cloud_id -}}
{{- range $vendor.base }}{{ $urls = append $urls (printf "https://%s" .) }}{{ end -}}
{{- end -}}
{{- $auth := $source.auth | default dict -}}
{{- if and (eq (toString $auth.grant) "client_credentials") (empty $auth.token_url) -}}
{{- range $vendor.token }}{{ $urls = append $urls (printf "https://%s" .) }}{{ end -}}
{{- end -}}
{{- $urls = concat $urls (list $source.base_url $auth.token_url) -}}
{{- end -}}
{{- range $name, $issuer := .config.issuer -}}
{{- $urls = concat $urls (list $issuer.issuer $issuer.jwks_url (dig "introspection" "url" "" $issuer)) -}}
{{- end -}}
{{- $urls = concat $urls (list (dig "approvals" "webhook" "url" "" .config) (dig "store" "url" "" .config) (dig "limits" "shared" "" .config)) -}}
{{- $ports := dict "https" "443" "http" "80" "postgres" "5432" "postgresql" "5432" "redis" "6379" "rediss" "6379" -}}
{{- $hosts := list -}}
{{- range compact $urls -}}
{{- if contains "://" (toString .) -}}
{{- $url := urlParse . -}}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default (index $ports $url.scheme) -}}
{{- $hosts = append $hosts (printf "%s:%s" $url.hostname $port) -}}
{{- end -}}
{{- end -}}
{{- $hosts | uniq | sortAlpha | toYaml -}}
{{- end -}}
