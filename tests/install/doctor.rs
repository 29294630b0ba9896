//! `holdpoint doctor` on what install.sh has made, whole and damaged.

use std::fs;
use std::process::Command;

use crate::home::{Home, said};

fn doctor(home: &Home, shell: &str, path: &str) -> (String, Option<i32>) {
    let mut command = Command::new(home.path(".local/bin/holdpoint"));
    home.surround(&mut command, shell);
    let output = command.arg("doctor").env("PATH", path).output().unwrap();
    assert_eq!(said(&output.stderr), "");
    (said(&output.stdout), output.status.code())
}

fn with_shims(home: &Home, behind: &str) -> String {
    format!("{}:{behind}", home.path(".local/share/holdpoint/shims").display())
}

#[test]
fn doctor_is_content_with_what_install_sh_did() {
    let home = Home::new();
    home.install("bash", &[]);
    let path = with_shims(&home, "/usr/bin:/bin");
    let (text, status) = doctor(&home, "bash", &path);
    assert_eq!(status, Some(0), "{text}");
    for line in [
        "ok    new shells   bash, login, interactive: the shims come first",
        "ok    new shells   bash, login, not interactive: the shims come first",
        "ok    new shells   bash, interactive: the shims come first",
        "ok    path         the shims come first on PATH",
        "/usr/bin/curl",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn doctor_finds_what_is_in_front() {
    let home = Home::new();
    home.install("bash", &[]);
    home.tool(".pyenv/shims/curl");
    let front = home.path(".pyenv/shims");
    home.write(".bash_login", format!("PATH={}:/usr/bin:/bin\n", front.display()).as_bytes());
    let path = format!("{}:{}", front.display(), with_shims(&home, "/usr/bin:/bin"));
    let (text, status) = doctor(&home, "bash", &path);
    assert_eq!(status, Some(1), "{text}");
    let hidden = format!("curl ({}/curl)", front.display());
    assert!(text.contains(&format!("FIX   path         found in front of its shim: {hidden}")));
    assert!(text.contains("note  path         pyenv stands in front of the shims"), "{text}");
    // The login file resets PATH: there the shims are not hidden but gone.
    let gone = "FIX   new shells   bash, login, interactive: the shims are not on PATH";
    assert!(text.contains(gone), "{text}");
    assert!(text.contains("ok    new shells   bash, interactive"), "{text}");
}

#[test]
fn doctor_sees_the_real_tool_behind_a_version_manager_s_shim() {
    let home = Home::new();
    home.install("bash", &[]);
    home.tool(".asdf/shims/curl");
    let behind = format!("{}:/usr/bin:/bin", home.path(".asdf/shims").display());
    let (text, status) = doctor(&home, "bash", &with_shims(&home, &behind));
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains(".asdf/shims/curl") && !text.contains("asdf stands in front"), "{text}");
}

#[test]
fn doctor_misses_shims_that_are_gone() {
    let home = Home::new();
    home.install("bash", &[]);
    fs::remove_file(home.path(".local/share/holdpoint/shims/curl")).unwrap();
    let (text, status) = doctor(&home, "bash", &with_shims(&home, "/usr/bin:/bin"));
    assert_eq!(status, Some(1), "{text}");
    assert!(
        text.contains("curl (missing)") && text.contains("→ holdpoint shims install"),
        "{text}"
    );
    home.run("bash", &["--no-modify-rc"]);
    assert_eq!(doctor(&home, "bash", &with_shims(&home, "/usr/bin:/bin")).1, Some(0));
}

#[test]
fn doctor_does_not_wait_for_a_shell_that_hangs() {
    let home = Home::new();
    home.install("bash", &[]);
    home.write(".bash_login", b"sleep 1000\n");
    let start = std::time::Instant::now();
    let (text, status) = doctor(&home, "bash", &with_shims(&home, "/usr/bin:/bin"));
    assert_eq!(status, Some(1));
    assert!(text.contains("bash, login, interactive: it did not answer"), "{text}");
    assert!(start.elapsed().as_secs() < 300);
}

#[test]
fn doctor_as_json() {
    let home = Home::new();
    home.install("bash", &[]);
    let mut command = Command::new(home.path(".local/bin/holdpoint"));
    home.surround(&mut command, "bash");
    let output = command.args(["doctor", "--json"]).env("PATH", "/usr/bin:/bin").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["fine"], false);
    let checks = report["checks"].as_array().unwrap();
    let path = checks.iter().find(|check| check["check"] == "path").unwrap();
    assert_eq!(path["status"], "finding");
    assert!(path["fix"].as_str().unwrap().contains("export PATH="));
}
