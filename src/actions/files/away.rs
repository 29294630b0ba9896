//! What `rm -r` takes away on another machine: the folders that databases and
//! their kin keep their data in, backups, and the system's own roots. Any other
//! folder over there is everyday work, as it is here. Words in, an action out.

use crate::action::{Action, Effect, Flag, Flags, Scope};
use crate::invocation::{COMPUTED, Context, HOLE};
use crate::target::Target;
use crate::text::visible;

use super::own::Touch;
use super::words::Path;

/// Folders of which nothing is left when they go, whole or by `/*`.
const ROOTS: &[&str] = &[
    "/", "/bin", "/boot", "/etc", "/home", "/lib", "/opt", "/root", "/srv", "/usr", "/var",
    "/var/lib", "/var/opt", "/var/www",
];

/// Folders that hold data, at any depth.
const DATA: &[&str] = &[
    "/data",
    "/mnt/data",
    "/pgdata",
    "/srv/data",
    "/var/lib/cassandra",
    "/var/lib/ceph",
    "/var/lib/clickhouse",
    "/var/lib/consul",
    "/var/lib/containerd",
    "/var/lib/couchdb",
    "/var/lib/docker",
    "/var/lib/elasticsearch",
    "/var/lib/etcd",
    "/var/lib/grafana",
    "/var/lib/influxdb",
    "/var/lib/jenkins",
    "/var/lib/kafka",
    "/var/lib/kubelet",
    "/var/lib/libvirt",
    "/var/lib/mariadb",
    "/var/lib/minio",
    "/var/lib/mongo",
    "/var/lib/mongodb",
    "/var/lib/mysql",
    "/var/lib/neo4j",
    "/var/lib/opensearch",
    "/var/lib/pgsql",
    "/var/lib/postgresql",
    "/var/lib/prometheus",
    "/var/lib/rabbitmq",
    "/var/lib/redis",
    "/var/lib/vault",
    "/var/lib/zookeeper",
    "/var/opt/gitlab",
    "/var/opt/mssql",
];

/// Names of folders that hold an application's data, wherever they lie but in
/// folders for what nobody keeps.
const KEPT: &[&str] = &["data", "pgdata", "uploads", "volumes"];
const UNKEPT: &[&str] = &["build", "cache", "dist", "node_modules", "releases", "target", "tmp"];

/// Folders of backups.
const BACKUPS: &[&str] =
    &["/backup", "/backups", "/mnt/backup", "/mnt/backups", "/var/backups", "/var/lib/pgbackrest"];

/// What a command that touches these paths destroys in the place where it runs.
pub fn read(context: &Context<'_>, touched: &[Path]) -> Option<Action> {
    let place = context.invocation.place.as_ref()?;
    // `find -mtime +30 -delete` takes what is old.
    let bounds = ["-mtime", "-mmin", "-ctime", "-cmin", "-atime", "-amin", "-size", "-newer"];
    let is_bounded = context.invocation.argv.iter().any(|word| bounds.iter().any(|it| word == it));
    let deep = touched.iter().filter_map(|path| match path {
        Path::Searched { text, names } if names.is_empty() && !is_bounded => {
            std::str::from_utf8(text).ok()
        }
        Path::Touched { text, touch: Touch::Remove { deep: true } } => {
            std::str::from_utf8(text).ok()
        }
        _ => None,
    });
    // `cd /var/lib && rm -r mysql`
    let cwd = context.invocation.cwd.as_ref().and_then(|cwd| cwd.to_str());
    let cwd = cwd.filter(|cwd| cwd.starts_with('/') && !cwd.contains(COMPUTED));
    let whole = |text: &str| match cwd {
        Some(cwd) if !text.starts_with(['/', '~']) && !text.starts_with(HOLE) => {
            format!("{cwd}/{text}")
        }
        _ => text.to_owned(),
    };
    let mut deep = deep.map(whole);
    let (path, flags) = deep.find_map(|text| data(&text).map(|flags| (text, flags)))?;
    let shown = visible(&path.replace(HOLE, "…"), 200);
    Some(Action {
        flags,
        scope: Scope::Host,
        object: Some(format!("folder {shown}")),
        summary: format!("Removes {shown} with everything in it, on {}.", place.what),
        rule: "files/away".into(),
        instead: Some("Move it aside instead, and remove it when nobody has missed it.".into()),
        target: Target::of("host"),
        ..Action::new(Effect::Destroy, context.invocation.tool().to_owned())
    })
}

/// What goes with a folder, if it is one that holds data.
fn data(path: &str) -> Option<Flags> {
    // The home of whoever logs in: what is named like data there counts too.
    let path = path
        .strip_prefix('~')
        .filter(|rest| rest.starts_with('/'))
        .map_or_else(|| path.to_owned(), |rest| format!("/home/someone{rest}"));
    if !path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if parts.last().is_some_and(|last| ["*", "{*,.*}", ".*"].contains(last)) {
        parts.pop();
    }
    let path = format!("/{}", parts.join("/"));
    let below = |folders: &[&str]| {
        folders.iter().any(|folder| {
            path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let irreversible = Flags::of(&[Flag::Irreversible]);
    match path.as_str() {
        _ if below(BACKUPS) => Some(irreversible.with(Flag::Backups)),
        path if ROOTS.contains(&path) => Some(irreversible),
        _ if below(DATA) => Some(irreversible),
        _ if is_kept(&parts) => Some(irreversible),
        _ => None,
    }
}

/// Whether the last part of a path is a name of data.
fn is_kept(parts: &[&str]) -> bool {
    let named = parts.last().is_some_and(|last| KEPT.contains(last));
    named && !parts.iter().any(|part| UNKEPT.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_data_are_known_by_their_paths() {
        for path in [
            "/",
            "/*",
            "/var/lib/postgresql",
            "/var/lib/postgresql/15/main/*",
            "//var//lib/mysql/",
            "/data",
            "/data/orders",
            "/etc",
            "/var/lib/../lib/redis",
            "/home/*",
            "/srv/app/data",
            "/var/www/shop/uploads/*",
            "/opt/db/pgdata/",
            "~/uploads",
            "~/shop/data/*",
        ] {
            assert_eq!(data(path), Some(Flags::of(&[Flag::Irreversible])), "{path}");
        }
        assert!(data("/backups/2026").is_some_and(|flags| flags.has(Flag::Backups)));
        for path in [
            "",
            "x",
            "data",
            "/tmp/x",
            "/tmp/x/data",
            "/srv/app/releases/1/data",
            "/srv/app/data-old/cache",
            "/srv/app/releases/1",
            "/home/ana/x",
            "~/x",
            "~/tmp/data",
            "~",
            "/var/log/app",
            "/var/lib/apt/lists",
            "/database",
            "/opt/app/cache",
            "/var/www/html/cache",
        ] {
            assert_eq!(data(path), None, "{path}");
        }
    }
}
