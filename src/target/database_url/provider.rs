//! What a database host's name tells: the provider, and which project,
//! instance or app of it the host belongs to. Reads names alone; nothing is
//! looked up, and no class follows from a provider.

use crate::target::{Evidence, Kind};

/// A provider's hosts.
struct Provider {
    /// What its hosts end in.
    suffix: &'static str,
    /// Its name.
    name: &'static str,
    /// Which label, from the left and from 0, names something of the user's,
    /// and what; none where the labels are the provider's own.
    label: Option<(usize, Kind)>,
}

const fn provider(
    suffix: &'static str,
    name: &'static str,
    label: Option<(usize, Kind)>,
) -> Provider {
    Provider { suffix, name, label }
}

/// The providers, by their documentation's examples of connection strings.
const PROVIDERS: &[Provider] = &[
    provider(".pooler.supabase.com", "Supabase", None),
    provider(".supabase.co", "Supabase", Some((1, Kind::Project))),
    provider(".neon.tech", "Neon", Some((0, Kind::Resource))),
    provider(".proxy.rlwy.net", "Railway", None),
    provider(".railway.internal", "Railway", Some((0, Kind::App))),
    provider(".railway.app", "Railway", Some((0, Kind::App))),
    provider(".psdb.cloud", "PlanetScale", None),
    provider(".render.com", "Render", Some((0, Kind::Resource))),
    provider(".flycast", "Fly.io", Some((0, Kind::App))),
    provider(".fly.dev", "Fly.io", Some((0, Kind::App))),
    provider(".rds.amazonaws.com", "Amazon RDS", Some((0, Kind::Resource))),
    provider(".docdb.amazonaws.com", "Amazon DocumentDB", Some((0, Kind::Cluster))),
    provider(".cache.amazonaws.com", "Amazon ElastiCache", Some((0, Kind::Cluster))),
    provider(".redshift.amazonaws.com", "Amazon Redshift", Some((0, Kind::Cluster))),
    provider(".compute-1.amazonaws.com", "Amazon EC2, where Heroku's databases are", None),
    provider(".compute.amazonaws.com", "Amazon EC2, where Heroku's databases are", None),
    provider(".database.azure.com", "Azure", Some((0, Kind::Resource))),
    provider(".database.windows.net", "Azure", Some((0, Kind::Resource))),
    provider(".cosmos.azure.com", "Azure", Some((0, Kind::Resource))),
    provider(".redis.cache.windows.net", "Azure", Some((0, Kind::Resource))),
    provider(".mongodb.net", "MongoDB Atlas", Some((0, Kind::Cluster))),
    provider(".turso.io", "Turso", Some((0, Kind::Resource))),
    provider(".upstash.io", "Upstash", Some((0, Kind::Resource))),
    provider(".aivencloud.com", "Aiven", Some((0, Kind::Resource))),
    provider(".db.ondigitalocean.com", "DigitalOcean", Some((0, Kind::Resource))),
    provider(".cockroachlabs.cloud", "CockroachDB Cloud", Some((0, Kind::Cluster))),
    provider(".clickhouse.cloud", "ClickHouse Cloud", Some((0, Kind::Resource))),
    provider(".tidbcloud.com", "TiDB Cloud", None),
    provider(".prisma.io", "Prisma Postgres", None),
];

/// The evidence in a host's name, `user` being the one that logs in there.
pub fn evidence(host: &str, user: Option<&str>) -> Vec<Evidence> {
    if let Some(place) = host.strip_prefix("/cloudsql/") {
        return cloud_sql(place);
    }
    let host = host.to_ascii_lowercase();
    let Some(provider) = PROVIDERS.iter().find(|provider| host.ends_with(provider.suffix)) else {
        return Vec::new();
    };
    let mut found = vec![Evidence::hint(Kind::Service, "host name", provider.name)];
    let mut name = |kind: Kind, value: &str| {
        let source = format!("{}'s host name", provider.name);
        found.push(Evidence::name(kind, source, value));
    };
    if let Some((at, kind)) = provider.label
        && let Some(label) = host.split('.').nth(at)
    {
        // Neon's pooler has the endpoint's name with an ending.
        name(kind, label.strip_suffix("-pooler").unwrap_or(label));
    }
    // Supabase's pooler is told the project by the user's name.
    if provider.suffix == ".pooler.supabase.com"
        && let Some((_, project)) = user.and_then(|user| user.split_once('.'))
    {
        found.push(Evidence::name(Kind::Project, "Supabase's user name", project));
    }
    found
}

/// `project:region:instance`, as Cloud SQL's sockets are called.
fn cloud_sql(place: &str) -> Vec<Evidence> {
    let mut found = vec![Evidence::hint(Kind::Service, "socket name", "Cloud SQL")];
    let kinds = [Kind::Project, Kind::Region, Kind::Resource];
    for (part, kind) in place.trim_end_matches('/').split(':').zip(kinds) {
        found.push(Evidence::name(kind, "Cloud SQL's socket name", part));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(host: &str, user: Option<&str>) -> Vec<(Kind, String)> {
        evidence(host, user).into_iter().map(|found| (found.kind, found.value)).collect()
    }

    #[test]
    fn what_host_names_tell() {
        for (host, provider, kind, name) in [
            ("db.abcdefgh.supabase.co", "Supabase", Kind::Project, "abcdefgh"),
            ("ep-a-b-1-pooler.eu-west-2.aws.neon.tech", "Neon", Kind::Resource, "ep-a-b-1"),
            ("postgres.railway.internal", "Railway", Kind::App, "postgres"),
            ("shop.c9x.eu-west-1.rds.amazonaws.com", "Amazon RDS", Kind::Resource, "shop"),
            ("shop.postgres.database.azure.com", "Azure", Kind::Resource, "shop"),
            ("DPG-1-a.oregon-postgres.render.com", "Render", Kind::Resource, "dpg-1-a"),
            ("shop-db.flycast", "Fly.io", Kind::App, "shop-db"),
        ] {
            let found = told(host, None);
            assert!(found.contains(&(Kind::Service, provider.to_owned())), "{host}");
            assert!(found.contains(&(kind, name.to_owned())), "{host}: {found:?}");
        }
    }

    #[test]
    fn a_pooler_is_told_the_project_by_the_user() {
        let found = told("aws-0-eu-west-1.pooler.supabase.com", Some("postgres.abcdefgh"));
        assert!(found.contains(&(Kind::Project, "abcdefgh".to_owned())));
    }

    #[test]
    fn cloud_sql_names_its_project_in_the_socket() {
        let found = told("/cloudsql/acme-prod:europe-west1:shop", None);
        assert!(found.contains(&(Kind::Project, "acme-prod".to_owned())));
        assert!(found.contains(&(Kind::Resource, "shop".to_owned())));
    }

    #[test]
    fn other_hosts_tell_nothing() {
        for host in ["", ".", "db.acme.com", "supabase.co.evil.test", "/var/run/postgresql"] {
            assert_eq!(told(host, None), [], "{host}");
        }
    }
}
