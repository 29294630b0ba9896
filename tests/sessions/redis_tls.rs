//! The real redis-cli through TLS: the filter has openssl speak it, believes
//! whom redis-cli would believe, and passes every byte.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::*;
use crate::port;
use crate::redis::{PROMPT, asked, exchange, open, person, until, words_of_client};
use crate::redis_server::RedisServer;

/// Certificates of a test's own: two authorities, and by the first one's word
/// a server, a client, and another client through an authority in between.
pub struct Certificates {
    dir: TempDir,
}

impl Certificates {
    pub fn make() -> Certificates {
        let made = Certificates { dir: tempfile::tempdir().expect("a folder") };
        made.one("ca", None);
        made.one("other", None);
        for (name, by) in
            [("server", "ca"), ("client", "ca"), ("between", "ca"), ("far", "between")]
        {
            made.one(name, Some(by));
        }
        let read = |name: &str| fs::read_to_string(made.path(name)).expect("made");
        fs::write(made.path("chain.crt"), read("far.crt") + &read("between.crt")).expect("written");
        fs::write(made.path("all.crt"), read("ca.crt") + &read("between.crt")).expect("written");
        let key =
            ["ec", "-in", "client.key", "-aes128", "-passout", "pass:x", "-out", "locked.key"];
        made.openssl(&key);
        made
    }

    fn one(&self, name: &str, by: Option<&str>) {
        let files = [format!("{name}.key"), format!("{name}.csr"), format!("{name}.crt")];
        let [key, request, certificate] = files.each_ref().map(String::as_str);
        let subject = format!("/CN={name}.acme.com");
        let new =
            ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key];
        let new = [&["req", "-subj", &subject][..], &new].concat();
        let Some(by) = by else {
            return self
                .openssl(&[&new[..], &["-x509", "-days", "2", "-out", certificate]].concat());
        };
        self.openssl(&[&new[..], &["-out", request]].concat());
        let authority = match name {
            "between" => "basicConstraints=critical,CA:true",
            _ => "basicConstraints=CA:false",
        };
        fs::write(self.path("extensions"), authority).expect("written");
        let (from, with) = (format!("{by}.crt"), format!("{by}.key"));
        self.openssl(&[
            "x509",
            "-req",
            "-in",
            request,
            "-CA",
            &from,
            "-CAkey",
            &with,
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            "extensions",
            "-out",
            certificate,
        ]);
    }

    fn openssl(&self, words: &[&str]) {
        let mut command = Command::new("/usr/bin/openssl");
        command.args(words).current_dir(self.dir.path()).stderr(Stdio::null());
        assert!(command.status().expect("openssl is installed").success(), "{words:?}");
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }

    pub fn at(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// What has a server speak TLS at a port.
    pub fn words(&self, port: &str) -> Vec<String> {
        let files = ["server.crt", "server.key", "ca.crt"].map(|name| self.at(name));
        let [certificate, key, authority] = files.each_ref().map(String::as_str);
        let words = ["--tls-port", port, "--tls-cert-file", certificate, "--tls-key-file", key];
        let more = ["--tls-ca-cert-file", authority, "--tls-auth-clients", "no"];
        words.into_iter().chain(more).map(str::to_owned).collect()
    }
}

/// A server that speaks TLS at a port of its own, and what made it.
struct Secure {
    server: RedisServer,
    port: String,
    made: Certificates,
}

impl Secure {
    fn start() -> Secure {
        let made = Certificates::make();
        let port = port::free().to_string();
        let server = RedisServer::start_with(&made.words(&port));
        server.run(&["mset", "a", "1", "b", "2"]);
        server.run(&["-n", "3", "set", "c", "3"]);
        Secure { server, port, made }
    }
}

/// A process's words, or its variables, as one text.
fn told(process: &fs::DirEntry, what: &str) -> Option<String> {
    let bytes = fs::read(process.path().join(what)).ok()?;
    Some(String::from_utf8_lossy(&bytes).replace('\0', " "))
}

/// The processes that speak TLS for a session, by the folder of its socket.
fn speakers(socket: &std::path::Path) -> Vec<fs::DirEntry> {
    let place = format!("-unix {}/tls ", socket.parent().expect("a folder").display());
    let all = fs::read_dir("/proc").expect("processes").flatten();
    all.filter(|it| told(it, "cmdline").is_some_and(|words| words.ends_with(&place))).collect()
}

#[test]
fn redis_cli_through_tls_opens_read_only_and_writes_once_confirmed() {
    let Secure { server, port, made } = Secure::start();
    let asks =
        |words: &[&str]| server.run(&[&["--no-auth-warning", "-a", "s3cret"], words].concat());
    server.run(&["config", "set", "requirepass", "s3cret"]);
    let mut person = person();
    // A path is one of the folder that redis-cli was started in.
    person.terminal().run(&format!("cd {}", made.dir.path().display()));
    let plain = format!("redis-cli -p {port} --cacert ca.crt");
    let command = format!("redis-cli -p {port} --tls --cacert ca.crt");
    let socket =
        open(&mut person, "REDISCLI_AUTH=s3cret", &format!("{command} -n 3; echo status=$?"));
    let name = format!("127.0.0.1:{port}.read-only");
    assert_eq!(socket.file_name().and_then(|it| it.to_str()), Some(&*name));
    assert_eq!(words_of_client(&socket), format!("{plain} -n 3 -s {}", socket.display()));
    person.says("get c", "[3]> ", "\"3\"");
    // The password is nothing to whoever speaks TLS.
    let speaker = speakers(&socket);
    assert_eq!(speaker.len(), 1);
    let [words, variables] = ["cmdline", "environ"].map(|it| told(&speaker[0], it).expect("told"));
    assert!(words.contains("s_client") && words.contains(&made.at("ca.crt")), "{words}");
    assert!(variables.contains("PATH=") && !format!("{words}{variables}").contains("s3cret"));
    person.says("select 0", PROMPT, "OK");
    for statement in ["set a 9", "del a", "flushall", "eval 'return 1' 0", "shutdown nosave"] {
        person.says(statement, PROMPT, "READONLY holdpoint opened this session read-only");
    }
    person.says("get a", PROMPT, "\"1\"");
    person.terminal().line("quit");
    person.terminal().expect("status=0");
    person.terminal().prompt();
    until("the socket goes with the session", || !socket.parent().expect("a folder").exists());
    until("and so does what spoke TLS", || speakers(&socket).is_empty());
    assert_eq!(asks(&["mget", "a", "b"]), "1\n2");

    // A URL asks for TLS as well, and says no more than it did.
    let url = format!("redis-cli --cacert ca.crt -u rediss://default:s3cret@127.0.0.1:{port}/3");
    let socket = open(&mut person, "", &url);
    let led = url.replace("rediss:", "redis:");
    assert_eq!(words_of_client(&socket), format!("{led} -s {}", socket.display()));
    person.says("get c", "[3]> ", "\"3\"");
    person.says("del c", "[3]> ", "READONLY");
    person.terminal().run("quit");
    assert_eq!(asks(&["-n", "3", "get", "c"]), "3");

    // With write access: asked for, and confirmed; redis-cli speaks TLS itself.
    let prompt = format!("127.0.0.1:{port}> ");
    let login = "-a s3cret --no-auth-warning";
    person.confirms(&format!("holdpoint exec --write -- {command} {login}"), &prompt);
    person.says("del a", &prompt, "(integer) 1");
    person.terminal().run("quit");
    assert_eq!(asks(&["exists", "a"]), "0");

    person.opens_none_as_an_agent(&command, "as redis-cli's own words");
}

/// Opens a session, types one command, and gives what the client said to it.
fn first(person: &mut Person, variables: &str, command: &str) -> String {
    open(person, variables, command);
    person.terminal().line("get a");
    let said = person.terminal().expect("> ");
    person.terminal().send("\u{4}");
    person.terminal().prompt();
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same words, and the same answer as without a filter: a connection, or
/// none.
#[test]
fn whom_redis_cli_believes_the_filter_believes() {
    let Secure { server, port, made } = Secure::start();
    let mut person = person();
    person.terminal().run(&format!("cd {}", made.dir.path().display()));
    let mut compare = |words: &str, wanted: &str| {
        let (variables, words) = words.split_once(';').unwrap_or(("", words));
        let command = format!("redis-cli -p {port} --tls {words}");
        let said = first(&mut person, variables, &command);
        let failed = format!("holdpoint: could not connect to 127.0.0.1:{port}: {wanted}");
        let wanted = if wanted == "\"1\"" { wanted } else { &failed };
        assert!(said.contains(wanted), "{words}: {said}");
        let output = Command::new("sh")
            .args(["-c", &format!("{variables} /usr/bin/{command} get a")])
            .current_dir(made.dir.path())
            .output()
            .expect("it starts");
        assert_eq!(output.stdout == b"1\n", wanted == "\"1\"", "{words}: {output:?}");
    };
    compare("--cacert ca.crt", "\"1\"");
    // The certificate says server.acme.com, and that is not compared.
    compare("--cacert ca.crt --sni another.acme.com", "\"1\"");
    compare("--insecure", "\"1\"");
    compare("--cacert other.crt --insecure", "\"1\"");
    compare("--cacert all.crt", "\"1\"");
    compare("--cacert ca.crt --tls-ciphersuites TLS_AES_128_GCM_SHA256", "\"1\"");
    let distrusted = "certificate verify failed: self-signed certificate in certificate chain";
    compare("--cacert other.crt", distrusted);
    compare("", distrusted);
    // The system's own, where no word names others.
    compare("SSL_CERT_FILE=ca.crt;", "\"1\"");
    compare("SSL_CERT_FILE=ca.crt;--cacert other.crt", distrusted);
    compare("--cacert gone.crt", "No such file or directory (calling fopen(/");
    compare("--cacert ca.crt --tls-ciphers none", "Call to SSL_CONF_cmd(-cipher, none) failed");
    server.run(&["config", "set", "tls-auth-clients", "yes"]);
    compare("--cacert ca.crt", "tlsv13 alert certificate required");
    compare("--cacert ca.crt --cert client.crt", "tlsv13 alert certificate required");
    compare("--cacert ca.crt --cert client.crt --key client.key", "\"1\"");
    compare("--cacert ca.crt --cert far.crt --key far.key", "tlsv1 alert unknown ca");
    compare("--cacert ca.crt --cert chain.crt --key far.key", "\"1\"");
    compare("--cacert all.crt --cert far.crt --key far.key", "\"1\"");
    compare("--cacert ca.crt --cert client.crt --key far.key", "error setting private key");
}

/// What a client says first names no server, but for `--sni`.
#[test]
fn a_servers_name_is_said_where_it_is_said_without_a_filter() {
    let mut person = person();
    person.sandbox.policy(
        "version = 1\n[[environment]]\nname = \"cache\"\nclass = \"production\"\n\
         host = [\"localhost\"]\n",
    );
    for (words, names) in [("", false), ("--sni cache.acme.com", true)] {
        for program in ["/usr/bin/redis-cli", "redis-cli"] {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
            let port = listener.local_addr().expect("its number").port();
            person.types("", &format!("{program} -h localhost -p {port} --tls {words}"));
            let (mut stream, _) = listener.accept().expect("a client");
            let mut hello = [0; 4096];
            let count = std::io::Read::read(&mut stream, &mut hello).expect("a hello");
            let hello = String::from_utf8_lossy(&hello[..count]).into_owned();
            assert_eq!(hello.contains("cache.acme.com"), names, "{program} {words}");
            assert!(!hello.contains("localhost"), "{program} {words}");
            drop((stream, listener));
            let (filtered, _) = person.terminal().expect_any(&["SSL_connect failed", PROMPT]);
            assert_eq!(filtered == 1, program == "redis-cli");
            person.terminal().send("\u{3}");
            person.terminal().prompt();
        }
    }
}

#[test]
fn every_byte_passes_and_what_speaks_tls_ends_with_the_session() {
    let Secure { server, port, made } = Secure::start();
    // What openssl would take for commands of its own, at whatever place the
    // bytes are cut.
    let key = "QRKk".repeat(100_000);
    let value: Vec<u8> = (0..5 << 20).map(|at: u32| at.to_le_bytes()[(at % 3) as usize]).collect();
    let mut direct =
        std::net::TcpStream::connect(format!("127.0.0.1:{}", server.port())).expect("");
    for part in [
        format!("*3\r\n$3\r\nset\r\n${}\r\n{key}\r\n${}\r\n", key.len(), value.len()).as_bytes(),
        &value,
        b"\r\n",
    ] {
        std::io::Write::write_all(&mut direct, part).expect("sent");
    }
    std::io::Read::read_exact(&mut direct, &mut [0; 5]).expect("answered");
    let mut person = person();
    let command = format!("redis-cli -p {port} --tls --cacert {}", made.at("ca.crt"));
    // A filter that is killed leaves nobody behind who speaks on.
    let socket = open(&mut person, "", &command);
    let speaker = speakers(&socket).pop().expect("somebody speaks");
    let status = fs::read_to_string(speaker.path().join("status")).expect("told");
    let filter = status.lines().find_map(|line| line.strip_prefix("PPid:")).expect("a parent");
    let filter = nix::unistd::Pid::from_raw(filter.trim().parse().expect("a number"));
    nix::sys::signal::kill(filter, nix::sys::signal::Signal::SIGKILL).expect("killed");
    until("nobody speaks", || speakers(&socket).is_empty());
    person.says("get a", "not connected> ", "Error: ");
    person.terminal().send("\u{4}");
    person.terminal().prompt();
    fs::remove_dir_all(socket.parent().expect("a folder")).expect("it was left");

    let socket = open(&mut person, "", &format!("{command}; echo status=$?"));
    let connect = || {
        let socket = std::os::unix::net::UnixStream::connect(&socket).expect("it listens");
        socket.set_read_timeout(Some(std::time::Duration::from_secs(20))).expect("set");
        socket
    };
    let mut one = connect();
    let request = format!("*2\r\n$3\r\nGET\r\n${}\r\n{key}\r\nping\r\n", key.len());
    std::io::Write::write_all(&mut one, request.as_bytes()).expect("sent");
    let wanted = [format!("${}\r\n", value.len()).as_bytes(), &value, b"\r\n+PONG\r\n"].concat();
    let mut answer = vec![0; wanted.len()];
    std::io::Read::read_exact(&mut one, &mut answer).expect("answered");
    assert!(answer == wanted);
    // Many at once, each with its refusal in its place.
    let mut many = connect();
    let sent =
        exchange(&mut many, "get a\r\nset a 9\r\n".repeat(500).as_bytes(), "redis-cli …\r\n");
    let sent = sent + &exchange(&mut many, b"ping\r\n", "+PONG\r\n");
    assert_eq!(sent.matches("$1\r\n1\r\n-READONLY ").count(), 500);
    assert_eq!(speakers(&socket).len(), 3, "redis-cli's own, and these two");
    // A connection that ends takes its speaker with it.
    drop((one, many));
    until("two are gone", || speakers(&socket).len() == 1);

    // The server goes: the session says so, and goes on.
    drop(server);
    person.says("get a", "not connected> ", "Error: ");
    let refused = format!("holdpoint: could not connect to 127.0.0.1:{port}: Connection refused");
    person.says("get a", "> ", &refused);
    person.terminal().send("\u{4}");
    person.terminal().prompt();
    until("the socket goes with the session", || !socket.exists());

    // However the client ends, nothing of it stays; and a server that never
    // answers holds nobody back.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = silent.local_addr().expect("its number").port();
    person.types("", &format!("redis-cli -p {port} --tls --insecure; echo status=$?"));
    let (stream, _) = silent.accept().expect("a client");
    let speaking = || {
        let all = fs::read_dir("/proc").expect("processes").flatten();
        let is = |it: &fs::DirEntry| {
            let folder = told(it, "cmdline").unwrap_or_default();
            folder.contains("-verify_quiet -noservername -unix /tmp/holdpoint-")
                && told(it, "environ").unwrap_or_default().contains(&person.sandbox.search_path())
        };
        all.filter(is).count()
    };
    until("somebody speaks", || speaking() == 1);
    person.login.terminal.send("\u{3}");
    person.login.terminal.expect("status=");
    until("nobody speaks", || speaking() == 0);
    drop(stream);
}

#[test]
fn where_nobody_can_speak_tls_the_session_is_asked_about() {
    let Secure { port, made, server: _server } = Secure::start();
    let mut person = person();
    let only = person.sandbox.path("only");
    fs::create_dir(&only).expect("a folder");
    std::os::unix::fs::symlink("/usr/bin/redis-cli", only.join("redis-cli")).expect("a link");
    let shims = person.sandbox.shims();
    let variables = format!("PATH={}:{}", shims.display(), only.display());
    let command = format!("redis-cli -p {port} --tls --cacert {}", made.at("ca.crt"));
    let without = "Through TLS it is opened read-only with the help of openssl, but";
    for command in [&command, "redis-cli -u rediss://cache.prod.acme.com"] {
        let text = asked(&mut person, &variables, command);
        assert!(text.contains(&format!("{without} openssl: command not found.")), "{text}");
    }
    // Nor by one that says nothing of what it can.
    person.sandbox.tool("openssl", "echo old >&2; exit 1");
    let text = asked(&mut person, "", &command);
    assert!(text.contains("is not known to have s_client -quiet"), "{text}");
    fs::remove_file(person.sandbox.path("tools/openssl")).expect("it was there");
    // A key's passphrase would have to be asked for.
    let locked = format!("--cert {} --key {}", made.at("client.crt"), made.at("locked.key"));
    let text = asked(&mut person, "", &format!("{command} {locked}"));
    assert!(text.contains("its key has a passphrase"), "{text}");
    // All of that is about sessions only, and about no other.
    person.types("", &format!("{command} get a; echo status=$?"));
    let text = person.terminal().expect("status=0");
    assert!(text.contains("\"1\"") && !text.contains("read-only."), "{text}");
}
