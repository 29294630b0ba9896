"""A Kubernetes API server that holds nothing and writes down what it is asked.

Usage: kube_server.py LOG. Prints its port, then answers until it is killed.
Each request is one line of LOG: the port, the method and the path. Discovery
lists the kinds that the tests need; every object that is asked for exists,
and every list has the objects `one` and `two`.
"""

import http.server
import json
import sys
import threading

GROUPS = {
    "v1": [
        ("pods", "Pod", "po", True, ["all"]),
        ("services", "Service", "svc", True, ["all"]),
        ("replicationcontrollers", "ReplicationController", "rc", True, ["all"]),
        ("configmaps", "ConfigMap", "cm", True, []),
        ("secrets", "Secret", "", True, []),
        ("serviceaccounts", "ServiceAccount", "sa", True, []),
        ("endpoints", "Endpoints", "ep", True, []),
        ("events", "Event", "ev", True, []),
        ("limitranges", "LimitRange", "limits", True, []),
        ("resourcequotas", "ResourceQuota", "quota", True, []),
        ("persistentvolumeclaims", "PersistentVolumeClaim", "pvc", True, []),
        ("persistentvolumes", "PersistentVolume", "pv", False, []),
        ("namespaces", "Namespace", "ns", False, []),
        ("nodes", "Node", "no", False, []),
    ],
    "apps/v1": [
        ("deployments", "Deployment", "deploy", True, ["all"]),
        ("statefulsets", "StatefulSet", "sts", True, ["all"]),
        ("daemonsets", "DaemonSet", "ds", True, ["all"]),
        ("replicasets", "ReplicaSet", "rs", True, ["all"]),
    ],
    "batch/v1": [
        ("jobs", "Job", "", True, ["all"]),
        ("cronjobs", "CronJob", "cj", True, ["all"]),
    ],
    "networking.k8s.io/v1": [
        ("ingresses", "Ingress", "ing", True, []),
        ("networkpolicies", "NetworkPolicy", "netpol", True, []),
    ],
    "rbac.authorization.k8s.io/v1": [
        ("roles", "Role", "", True, []),
        ("rolebindings", "RoleBinding", "", True, []),
        ("clusterroles", "ClusterRole", "", False, []),
        ("clusterrolebindings", "ClusterRoleBinding", "", False, []),
    ],
    "storage.k8s.io/v1": [("storageclasses", "StorageClass", "sc", False, [])],
    "apiextensions.k8s.io/v1": [
        ("customresourcedefinitions", "CustomResourceDefinition", "crd", False, ["api-extensions"]),
    ],
    "snapshot.storage.k8s.io/v1": [("volumesnapshots", "VolumeSnapshot", "vs", True, [])],
    "example.com/v1": [("widgets", "Widget", "wd", True, [])],
}
VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]


def resources(version):
    found = []
    for name, kind, short, namespaced, categories in GROUPS[version]:
        entry = {
            "name": name, "singularName": kind.lower(), "namespaced": namespaced, "kind": kind,
            "verbs": VERBS, "categories": categories,
        }
        if short:
            entry["shortNames"] = [short]
        found.append(entry)
        if name in ("deployments", "statefulsets", "replicasets", "replicationcontrollers"):
            found.append({
                "name": name + "/scale", "singularName": "", "namespaced": True, "kind": "Scale",
                "group": "autoscaling", "version": "v1", "verbs": ["get", "patch", "update"],
            })
    return {
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": found,
    }


def discovery(path):
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        groups = []
        for version in GROUPS:
            if "/" in version:
                name, number = version.split("/")
                this = {"groupVersion": version, "version": number}
                groups.append({"name": name, "versions": [this], "preferredVersion": this})
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    if path == "/version":
        return {"major": "1", "minor": "33", "gitVersion": "v1.33.0"}
    for version in GROUPS:
        if path in ("/api/" + version, "/apis/" + version):
            return resources(version)
    return None


def described(path):
    """The kind, version, namespace and name that a path leads to."""
    parts = path.strip("/").split("/")
    version, rest = (parts[1], parts[2:]) if parts[0] == "api" else ("/".join(parts[1:3]), parts[3:])
    namespace = None
    if len(rest) > 2 and rest[0] == "namespaces":
        namespace, rest = rest[1], rest[2:]
    for name, kind, _, _, _ in GROUPS.get(version, []):
        if rest and rest[0] == name:
            return kind, version, namespace, rest[1] if len(rest) > 1 else None, rest[2:]
    return None


def made(kind, version, namespace, name):
    meta = {"name": name, "uid": "u-" + name, "resourceVersion": "1"}
    if namespace:
        meta["namespace"] = namespace
    body = {"kind": kind, "apiVersion": version, "metadata": meta}
    if kind in ("Deployment", "StatefulSet", "ReplicaSet"):
        body["spec"] = {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}, "template": {}}
        body["status"] = {"replicas": 0}
    return body


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        sent = self.rfile.read(length)
        found = discovery(path)
        if found is None:
            dry = " dry" if "dryRun" in query or b'"dryRun"' in sent else ""
            with open(LOG, "a", encoding="utf-8") as log:
                log.write(f"{self.server.server_address[1]} {self.command} {path}{dry}\n")
            there = described(path) if path.count("/") > 2 else None
            if there is None:
                found = {"kind": "Status", "apiVersion": "v1", "status": "Success"}
            else:
                kind, version, namespace, name, sub = there
                if sub == ["scale"]:
                    found = {
                        "kind": "Scale", "apiVersion": "autoscaling/v1", "spec": {"replicas": 1},
                        "metadata": {"name": name, "namespace": namespace}, "status": {"replicas": 1},
                    }
                elif self.command == "DELETE":
                    found = {"kind": "Status", "apiVersion": "v1", "status": "Success"}
                elif name is None and self.command == "GET":
                    items = [made(kind, version, namespace or "default", one) for one in ("one", "two")]
                    found = {
                        "kind": kind + "List", "apiVersion": version,
                        "metadata": {"resourceVersion": "1"}, "items": items,
                    }
                elif name is None:
                    found = json.loads(sent)
                else:
                    found = made(kind, version, namespace, name)
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer


LOG = sys.argv[1]
SERVERS = [http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(3)]
for server in SERVERS:
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
print(" ".join(str(server.server_address[1]) for server in SERVERS), flush=True)
sys.stdin.read()
