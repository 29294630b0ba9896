//! Credentials in a change: which count, and what of them is told.

use super::*;

// Made up, and put together here so that no scanner takes this file for one
// that holds secrets.
fn token(prefix: &str, tail: &str) -> String {
    format!("{prefix}{tail}")
}

const TAIL: &str = "Zk3Qp9RtV7mXw2LbN8sHc5JdF1gYe6TuAo4K";

const UUID: &str = "7c1e4f02-9b3a-4d86-a1f5-0e2d8c6b9a47";

#[test]
fn credentials_by_shape_and_by_what_stands_around_them() {
    let stripe = token("sk_live_", "51HqLyjWDarjtT1zdp7dc");
    adds("src/pay.py", &format!("import x\nKEY = \"{stripe}\"\n"), &["credentials/stripe @:2"]);
    adds("a.txt", &token("ghp_", TAIL), &["credentials/github @:1"]);
    let secret = "aws_secret_access_key = Qm7Zt2Xc9Vb4Nk8Lp3Rw6Hy1Jd5Gs0FaTe/Uo+iB";
    let id = token("AKIA", "QX7Z2MTPW4RC6VNB");
    let pair = format!("keys = ['{id}',\n 'Qm7Zt2Xc9Vb4Nk8Lp3Rw6Hy1Jd5Gs0FaTe/Uo+iB']\n");
    adds("x.py", &pair, &["credentials/aws @:1"]);
    adds("x.py", &format!("ARN of {id}\ncommit 7c1e4f029b3a4d86a1f50e2d8c6b9a477c1e4f02\n"), &[]);
    adds("infra/credentials", &format!("[default]\n{secret}\n"), &["credentials/aws @:2"]);
    let slack = token("xoxb-", "2837465019283-8374650192837-Zk3Qp9RtV7mXw2LbN8sHc5Jd");
    adds("bot.js", &slack, &["credentials/slack @:1"]);
    let claude = token("sk-ant-api03-", "Zk3Qp9RtV7mXw2LbN8sHc5JdF1gYe6TuAo4KZk3Qp9RtV7mXw2LbN8sH");
    adds("x.ts", &claude, &["credentials/anthropic @:1"]);
    let uri =
        format!("DATABASE_URL=postgres://app:{}@db.shop.internal:5432/shop\n", "Kq7Zt2Xc9Vb4");
    adds(".env.production", &uri, &["credentials/uri @:1"]);
    let begin = ["-----BEGIN RSA", "PRIVATE KEY-----"].join(" ");
    let end = ["-----END RSA", "PRIVATE KEY-----"].join(" ");
    let key = format!("{begin}\n{}\n{end}\n", "MIIEpAIBAAKCAQEA7c1eZk3Qp9RtV7m\n".repeat(8));
    adds("deploy/id_rsa", &key, &["credentials/private-key @:1"]);
    let config = format!("users:\n- name: a\n  user:\n    client-key-data: {}\n", "TFMwdExTMUNSVWRKVGlCU1UwRWdVRkpKVmtGVVJTQkxSVmt0TFMwdExRcE5TVWxGY0ZGSlFrRkJTME5CVVVWQmVYUnlNWEE9LS0tLQ".repeat(2));
    adds("kubeconfig", &config, &["credentials/kubeconfig @:4"]);
    let state = "{\"lineage\": \"x\", \"resources\": [{\"type\": \"aws_db_instance\"}]}";
    adds("infra/terraform.tfstate", state, &["credentials/terraform-state @:1"]);
}

#[test]
fn railways_tokens_are_known_by_what_stands_around_them() {
    for text in [
        format!("RAILWAY_TOKEN={UUID}"),
        format!("export RAILWAY_API_TOKEN=\"{UUID}\""),
        format!("env:\n  RAILWAY_TOKEN: {UUID}"),
        format!("curl -H 'project-access-token: {UUID}' x"),
        format!(
            "fetch('https://backboard.railway.app/graphql/v2', {{headers: {{Authorization: 'Bearer {UUID}'}}}})"
        ),
        format!("API = 'https://backboard.railway.com'\nTOKEN = '{UUID}'"),
    ] {
        assert_eq!(found(&[change("a.txt", None, Some(&text))]).len(), 1, "{text}");
    }
    adds(
        "x/.railway/config.json",
        &format!("{{\"user\": {{\"token\": \"{UUID}\"}}}}"),
        &["credentials/railway @:1"],
    );
    for text in [
        format!("volume = \"{UUID}\""),
        format!("RAILWAY_PROJECT_ID={UUID}"),
        "RAILWAY_TOKEN=00000000-0000-0000-0000-000000000000".to_owned(),
        "RAILWAY_TOKEN=${{ secrets.RAILWAY_TOKEN }}".to_owned(),
        format!("curl https://backboard.railway.app -d '{{volumeDelete(volumeId: \"{UUID}\")}}'"),
        format!(
            "curl https://backboard.railway.app -H \"Authorization: Bearer $T\" -d '{{volumeDelete(volumeId: \"{UUID}\")}}'"
        ),
    ] {
        adds("a.txt", &text, &[]);
    }
}

#[test]
fn nothing_of_a_value_is_told_but_its_beginning() {
    let text = format!(
        "{}\nRAILWAY_TOKEN={UUID}\npostgres://app:{TAIL}@db.shop.io/x",
        token("ghp_", TAIL)
    );
    let found = of_changes(&[change("a.txt", None, Some(&text))]);
    assert_eq!(found.len(), 3);
    for finding in found {
        let said = format!("{finding:?}");
        assert!(!said.contains(&TAIL[..8]) && !said.contains(&UUID[..8]), "{said}");
    }
}

#[test]
fn a_credential_that_moves_is_not_added() {
    let secret = token("ghp_", TAIL);
    let changes = [change("a.txt", Some(&secret), None), change("b.txt", None, Some(&secret))];
    assert_eq!(found(&changes), Vec::<String>::new());
    finds("a.txt", Some(&secret), Some(&format!("x\n{secret}\n")), &[]);
    finds("a.txt", Some(&secret), None, &[]);
    let key = "client-key-data";
    finds("a.txt", Some(key), Some(&format!("{key}\n{secret}\n")), &["credentials/github @:2"]);
}
