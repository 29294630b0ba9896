//! kubeconfig files: text in, the names and addresses that say where a client
//! goes out. Several files are merged as kubectl does it (1.27, 1.33.9 and
//! 1.35.2, by the server that each mixture reaches). Tokens, keys and passwords
//! are never taken over.

use serde_json::Value;

use super::settings;

/// The most entries of a list that are taken over.
const MAX_ENTRIES: usize = 4096;

/// What kubeconfig files say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The current context's name; empty if there is none.
    pub current: String,
    /// The contexts, by name.
    pub contexts: Vec<(String, Way)>,
    /// The clusters, by name.
    pub clusters: Vec<(String, Server)>,
    /// The users, by name.
    pub users: Vec<(String, User)>,
}

/// A context.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Way {
    /// Its cluster's name.
    pub cluster: String,
    /// Its user's name.
    pub user: String,
    /// Its namespace; empty if it names none.
    pub namespace: String,
}

/// A cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Server {
    /// Its address.
    pub server: String,
    /// The name that its certificate is checked for, if another one.
    pub tls_name: String,
    /// The proxy through which it is reached, if one.
    pub proxy: String,
}

/// A user: what its credential plugin is told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct User {
    /// The profile that the plugin uses.
    pub profile: String,
    /// The cluster that the plugin mints a token for.
    pub cluster: String,
}

/// Reads one file.
///
/// # Errors
/// A clause that says why it cannot be read.
pub fn parse(text: &[u8]) -> Result<Config, String> {
    let tree = settings::yaml(text)?;
    let mut config = Config { current: string(&tree, "current-context"), ..Config::default() };
    config.contexts = entries(&tree, "contexts", "context", |entry| Way {
        cluster: string(entry, "cluster"),
        user: string(entry, "user"),
        namespace: string(entry, "namespace"),
    });
    config.clusters = entries(&tree, "clusters", "cluster", |entry| Server {
        server: string(entry, "server"),
        tls_name: string(entry, "tls-server-name"),
        proxy: string(entry, "proxy-url"),
    });
    config.users = entries(&tree, "users", "user", user);
    Ok(config)
}

impl Config {
    /// Adds a file that stands behind those so far: what they name stays.
    pub fn merge(&mut self, other: Config) {
        if self.current.is_empty() {
            self.current = other.current;
        }
        add(&mut self.contexts, other.contexts);
        add(&mut self.clusters, other.clusters);
        add(&mut self.users, other.users);
    }
}

/// The entry of a name.
pub fn find<'a, T>(entries: &'a [(String, T)], name: &str) -> Option<&'a T> {
    entries.iter().find(|(known, _)| known == name).map(|(_, entry)| entry)
}

fn add<T>(entries: &mut Vec<(String, T)>, more: Vec<(String, T)>) {
    for (name, entry) in more {
        if entries.len() < MAX_ENTRIES && find(entries, &name).is_none() {
            entries.push((name, entry));
        }
    }
}

fn string(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A list of named entries. kubectl refuses a file with two of one name.
fn entries<T>(tree: &Value, list: &str, key: &str, read: fn(&Value) -> T) -> Vec<(String, T)> {
    let list = tree.get(list).and_then(Value::as_array);
    let mut found: Vec<(String, T)> = Vec::new();
    for entry in list.into_iter().flatten().take(MAX_ENTRIES) {
        let name = string(entry, "name");
        let value = read(entry.get(key).unwrap_or(&Value::Null));
        found.push((name, value));
    }
    found
}

/// What `exec` or the variables in it tell a credential plugin.
fn user(entry: &Value) -> User {
    let Some(exec) = entry.get("exec") else { return User::default() };
    let mut user = User::default();
    let empty = Vec::new();
    let words = exec.get("args").and_then(Value::as_array).unwrap_or(&empty);
    let mut words = words.iter().take(64).filter_map(Value::as_str);
    while let Some(word) = words.next() {
        let (name, attached) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word, None),
        };
        let mut value = || attached.clone().or_else(|| words.next().map(str::to_owned));
        match name {
            "--profile" => user.profile = value().unwrap_or_default(),
            "--cluster-name" | "--cluster-id" | "--cluster" | "-i" => {
                user.cluster = value().unwrap_or_default();
            }
            _ => {}
        }
    }
    let variables = exec.get("env").and_then(Value::as_array).unwrap_or(&empty);
    let profile = variables.iter().take(64).find(|one| string(one, "name") == "AWS_PROFILE");
    if let Some(profile) = profile.filter(|_| user.profile.is_empty()) {
        user.profile = string(profile, "value");
    }
    user
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_file_that_names_an_entry_counts() {
        let mut config = parse(
            b"current-context: ''\nclusters:\n- {name: a, cluster: {server: 'https://one'}}\n",
        )
        .unwrap();
        let more = b"{\"current-context\": \"x\", \"clusters\": [{\"name\": \"a\", \"cluster\":
            {\"server\": \"https://two\"}}, {\"name\": \"b\", \"cluster\": {}}]}";
        config.merge(parse(more).unwrap());
        assert_eq!(config.current, "x");
        assert_eq!(find(&config.clusters, "a").unwrap().server, "https://one");
        assert_eq!(find(&config.clusters, "b").unwrap().server, "");
        assert!(find(&config.clusters, "c").is_none());
    }

    #[test]
    fn a_plugin_is_told_a_profile_and_a_cluster() {
        let text = "users:\n- name: a\n  user:\n    token: secret\n    exec:\n      args: [eks, \
            get-token, --cluster-name, shop, '--profile=acme-prod']\n- name: b\n  user: {exec: \
            {env: [{name: AWS_PROFILE, value: dev}]}}\n";
        let config = parse(text.as_bytes()).unwrap();
        let user = find(&config.users, "a").unwrap();
        assert_eq!((user.profile.as_str(), user.cluster.as_str()), ("acme-prod", "shop"));
        assert_eq!(find(&config.users, "b").unwrap().profile, "dev");
        assert!(!format!("{config:?}").contains("secret"));
    }

    #[test]
    fn what_is_broken_is_an_error_and_nothing_is_nothing() {
        assert_eq!(parse(b""), Ok(Config::default()));
        assert!(parse(b"clusters: [").is_err());
        assert_eq!(parse(b"clusters: 3\ncontexts: {a: b}\n"), Ok(Config::default()));
    }
}
