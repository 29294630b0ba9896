//! Commands in the little languages of other programs, and in variables that
//! make a program run something.

use super::{ALLOW, DROP, Guarded, REFUSE};

/// The command as it stands between double quotes.
fn escaped() -> String {
    "psql -h db.prod.acme.com -c \\\"DROP TABLE users\\\"".to_owned()
}

#[test]
fn a_command_in_a_little_language() {
    let guarded = Guarded::new();
    let drop = escaped();
    guarded.file("tidy.awk", &format!("BEGIN {{ system(\"{drop}\") }}\n"));
    guarded.file("tidy.sed", "1e sh deploy.sh\n");
    for line in [
        format!("awk 'BEGIN {{ system(\"{drop}\") }}'"),
        format!("awk 'BEGIN {{ \"{drop}\" | getline }}'"),
        "awk 'BEGIN { print \"DROP TABLE users\" | \"psql -h db.prod.acme.com\" }'".to_owned(),
        "awk -f tidy.awk".to_owned(),
        "sed '1e sh deploy.sh' look.sql".to_owned(),
        "sed -n 's/.*/sh deploy.sh/e' look.sql".to_owned(),
        "sed -f tidy.sed look.sql".to_owned(),
        "sed e deploy.sh".to_owned(),
        "vim -es -c '!sh deploy.sh' -c q!".to_owned(),
        "ed -s look.sql <<< '!sh deploy.sh'".to_owned(),
        "expect -c 'log_user 0; spawn sh deploy.sh; expect eof; puts stderr $expect_out(buffer)'"
            .to_owned(),
        "tclsh <<< 'puts stderr [exec sh deploy.sh 2>@1]'".to_owned(),
        "printf 'all:\\n\\tsh deploy.sh\\n' | make -f -".to_owned(),
        "newgrp root <<< 'sh deploy.sh'".to_owned(),
    ] {
        guarded.stops(&line);
    }
    for line in [
        "awk '{ cmd[1] = \"psql -h db.prod.acme.com -c \\\"\"; cmd[2] = \"DROP TABLE users\"; \
         system(cmd[1] cmd[2]) }' look.sql",
        "echo '0 3 * * * /usr/bin/psql -h db.prod.acme.com -c \"DROP TABLE users\"' | crontab -",
        "crontab - <<'X'\nPGHOST=db.prod.acme.com\n@daily psql -c 'DROP TABLE users'\nX",
        "{ crontab -l; echo '@daily sh /srv/deploy.sh'; echo '@reboot dropdb -h db.prod.acme.com x'; } \
         | crontab -",
    ] {
        assert_eq!(guarded.check(line), REFUSE, "{line}");
    }
    for line in [
        format!("awk '/{WORDS}/ {{ print }}' look.sql"),
        format!("sed 's/x/{WORDS}/' look.sql"),
        "awk '{ system(\"mkdir -p \" $1) }' look.sql".to_owned(),
        format!("echo \"# {DROP}\" | crontab -"),
    ] {
        assert_eq!(guarded.check(&line), ALLOW, "{line}");
    }
}

/// The command without quotes, as a pattern or a text may hold it.
const WORDS: &str = "psql -h db.prod.acme.com -c DROP TABLE users";

#[test]
fn a_command_in_a_variable_that_a_program_runs() {
    let guarded = Guarded::new();
    guarded.sandbox.write("home/.gitconfig", "[user]\n\tname = a\n\temail = a@b.c\n");
    let new = "export TERM=xterm; git init -q . 2> /dev/null; git add look.sql; ";
    for variable in ["EDITOR", "VISUAL", "GIT_EDITOR"] {
        guarded.stops(&format!("{new}{variable}='sh deploy.sh #' git commit"));
        guarded
            .stops(&format!("{new}export {variable}='sh deploy.sh #'; git commit --allow-empty"));
    }
    guarded.stops(&format!("{new}git -c core.editor='sh deploy.sh #' commit"));
    guarded.stops("PSQL_EDITOR='sh deploy.sh #' psql -h db.prod.acme.com -f drop.sql");
    for line in [
        format!("PAGER=\"{DROP}\" git log"),
        format!("PAGER=\"{DROP}\" man ls"),
        format!("KUBE_EDITOR=\"{DROP}\" kubectl --context kind-a edit deploy x"),
    ] {
        assert_eq!(guarded.check(&line), REFUSE, "{line}");
    }
    for line in ["EDITOR=vim git commit", "PAGER=cat git log", "LESSOPEN='|lesspipe %s' less x"] {
        assert_eq!(guarded.check(line), ALLOW, "{line}");
    }
}
