//! The lines that curl runs behind its shim in these tests.

/// The incident's command, word for word, with the volume's id in it.
pub const INCIDENT: &str = r#"curl -X POST https://backboard.railway.app/graphql/v2 -H "Authorization: Bearer [token]" -d '{"query":"mutation { volumeDelete(volumeId: \"3d2c42fb-6c1e-4f0b-9d0a-52a1d6f8c7e4\") }"}'"#;

/// The body of the incident's request.
pub const BODY: &str =
    r#"{"query":"mutation { volumeDelete(volumeId: \"3d2c42fb-6c1e-4f0b-9d0a-52a1d6f8c7e4\") }"}"#;

/// The body of a request that only looks.
pub const HARMLESS_BODY: &str = r#"{"query":"{ project { name volumes { edges } } }"}"#;

/// Ways to send it, each with what stands on standard input. `PORT` is the
/// control plane's, `VOLUME` the volume's id.
pub const SPELLINGS: &[(&str, &str)] = &[
    ("curl -s http://backboard.railway.app/graphql/v2 -d @body.json", ""),
    ("curl -sd@body.json http://backboard.railway.com/graphql/v2", ""),
    ("curl -s http://BACKBOARD.Railway.App./graphql/v2 --data-binary @-", BODY),
    ("curl -s backboard.railway.app/graphql/v2 -d @-", BODY),
    ("curl -s backboard.railway.app/graphql/v2 -d @/dev/stdin", BODY),
    ("curl -sK /dev/fd/0", "url = backboard.railway.app/graphql/v2\ndata = @body.json\n"),
    ("curl -s http://backboard.railway.app/graphql/v2 --json @body.json", ""),
    ("curl -s http://backboard.railway.app/x/../graphql/v2 --json @-", BODY),
    ("curl -sX POST -T body.json http://backboard.railway.app/graphql/v2", ""),
    ("curl -s -K request.cfg", ""),
    ("curl -s -K -", "url = backboard.railway.app/graphql/v2\ndata = @body.json\n"),
    ("curl -s http://backboard.railway.app/graphql/v2 -K data.cfg", ""),
    (
        "curl -sG http://backboard.railway.app/graphql/v2 \
         --data-urlencode 'query=mutation { volumeDelete(volumeId: \"VOLUME\") }'",
        "",
    ),
    (
        "curl -sg 'http://backboard.railway.app/graphql/v2?query=\
         mutation%20{volumeDelete(volumeId:%22VOLUME%22)}'",
        "",
    ),
    (
        "curl -s http://backboard.railway.app/graphql/v2 \
         -d '{\"query\":\"mutation { ok: vol\\u0075meDelete(volumeId: \\\"VOLUME\\\") }\"}'",
        "",
    ),
    (
        "curl -s http://backboard.railway.app/graphql/v2 \
         -d '{\"query\":\"mutation($v: String!) { ...F } fragment F on Mutation { \
         ... on Mutation { n: volumeDelete(volumeId: $v) } }\",\"variables\":{\"v\":\"VOLUME\"}}'",
        "",
    ),
    (
        "curl -s http://backboard.railway.app/graphql/v2 -d '[{\"query\":\"{ project { name } }\"},\
         {\"query\":\"mutation { volumeDelete(volumeId: \\\"VOLUME\\\") }\"}]'",
        "",
    ),
    (
        "curl -s http://backboard.railway.app/graphql/v2 -d '{\"operationName\":\"B\",\
         \"query\":\"query A { project { name } } \
         mutation B { volumeDelete(volumeId: \\\"VOLUME\\\") }\"}'",
        "",
    ),
    (
        "curl -s http://backboard.railway.app/graphql/v2 -H 'Content-Type: application/graphql' \
         --data-raw 'mutation { volumeDelete(volumeId: \"VOLUME\") }'",
        "",
    ),
    (
        "curl -s http://backboard.railway.app/graphql/v2 \
         --data-urlencode 'query=mutation { volumeDelete(volumeId: \"VOLUME\") }'",
        "",
    ),
    (
        "curl -qs --connect-to backboard.railway.app:80:127.0.0.1:PORT -d @body.json \
         http://backboard.railway.app/graphql/v2",
        "",
    ),
    (
        "curl -qs --resolve backboard.railway.app:PORT:127.0.0.1 -d @body.json \
         http://backboard.railway.app:PORT/graphql/v2",
        "",
    ),
    (
        "curl -qs -H 'Host: backboard.railway.app' -d @body.json http://127.0.0.1:PORT/graphql/v2",
        "",
    ),
    (
        "curl -s http://127.0.0.1:PORT/ --next -s -d @body.json \
         --connect-to ::127.0.0.1:PORT http://backboard.railway.app/graphql/v2",
        "",
    ),
];

/// Requests that take something away at a control plane, or anywhere else
/// with credentials.
pub const DELETIONS: &[&str] = &[
    "curl -X DELETE http://api.github.com/repos/acme/app",
    "curl -sXDELETE http://api.github.com/repos/acme/app",
    "curl -s --request DELETE api.github.com/repos/acme/app -H 'Authorization: Bearer t'",
    "curl -s 'http://api.github.com/repos/acme/{one,two}' -X DELETE",
    "curl -s http://api.github.com/zen --next --connect-to ::127.0.0.1:PORT -X DELETE \
     http://api.github.com/repos/acme/app",
    "curl -s -K delete.cfg http://api.github.com/repos/acme/app",
    "curl -sI -X DELETE http://api.github.com/repos/acme/app",
    "curl -s -d '' -H 'X-HTTP-Method-Override: DELETE' http://api.github.com/repos/acme/app",
    "curl -s -X DELETE -u ana:pw http://api.acme.example/v1/users",
    "curl -s -X DELETE -b session=1 http://api.acme.example/v1/users",
    "curl -s -d '{\"query\":\"mutation { deleteTeam(id: 1) { ok } }\"}' \
     -H 'Authorization: Bearer t' http://api.linear.example/graphql",
];

/// Lines that take nothing away. `PORT` is the port of a server that knows no
/// API, which also answers for `acme.test`; every other host is the control
/// plane. Each can be run twice.
pub const HARMLESS: &[&str] = &[
    "curl -s http://backboard.railway.app/graphql/v2 --json @query.json",
    "curl -s http://backboard.railway.app/graphql/v2 -d '{\"query\":\"mutation { x }\"}'",
    "curl -sG http://backboard.railway.app/graphql/v2 --data-urlencode 'query={ project { name } }'",
    "curl -sSi http://backboard.railway.app/graphql/v2 --json @query.json -H @headers.txt",
    "curl -sf http://backboard.railway.app/elsewhere",
    "curl -s http://backboard.railway.app/elsewhere -o got.bin -w '%{http_code} %{method}\\n'",
    "curl -sO http://acme.test:PORT/got.tar.gz",
    "curl -fsSL http://acme.test:PORT/install.sh",
    "curl -sI http://acme.test:PORT/",
    "curl -s http://acme.test:PORT/v1/users -d name=ana -d @plain.txt -u ana:pw",
    "curl -sX PATCH http://acme.test:PORT/v1/users/7 --json '{\"delete\":\"mutation\"}'",
    "curl -sF file=@plain.txt -F note=x http://acme.test:PORT/upload",
    "curl -sT plain.txt http://acme.test:PORT/drop/",
    "curl -sX DELETE http://localhost:PORT/v1/users",
    "curl -s http://127.0.0.1:PORT/graphql -d '{\"query\":\"mutation { deleteUser(id: 1) }\"}'",
    "curl -s 'http://acme.test:PORT/{a,b}[1-2]'",
    "curl -s http://127.0.0.1:1/",
    "curl -sS unknown://acme.test/",
    "curl --no-such-option http://acme.test/",
    "curl -sS -d @missing.txt http://acme.test:PORT/",
    "curl -X",
    "curl",
    "curl --version",
    "curl --help",
];
