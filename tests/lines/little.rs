//! Programs whose own little language runs commands, against the programs
//! themselves.

use super::check;

#[test]
fn awk_runs_what_is_read_in_its_programs() {
    check(&[
        (r#"awk 'BEGIN { system("psql -c \"drop table a\"") }'"#, 1),
        (
            r#"awk -v t=users 'BEGIN { cmd = "psql -h there -c \"drop " t "\""; cmd | getline x; close(cmd) }'"#,
            1,
        ),
        (r#"awk '{ system("psql -h there -c " $1) }' ids"#, 2),
        (r#"awk '{ print $1 | "psql -c fed" } END { close("psql -c fed") }' ids"#, 1),
        (r#"awk 'BEGIN { print "select", "1;" | "psql" }'"#, 1),
        (r#"awk 'BEGIN { printf "drop table %s;\n", "a" | "psql -h there" }'"#, 1),
        (r#"awk 'BEGIN { print "psql -c a" | "sh" }'"#, 1),
        (r#"awk 'BEGIN { while (("psql -c " "a" | getline line) > 0) n++ }' < /dev/null"#, 1),
        (r#"awk 'BEGIN { x = 4 / 2; if (x ~ /[/"]/) y = 1; system("psql -c a") / 3 }'"#, 1),
        (r#"awk '/system("psql -c b")/ { print "psql -c a" } # system("psql -c c")' ids"#, 0),
        (
            r#"awk 'function run(c) { return system(c) } BEGIN { system("psql\x20-c \"\101\"") }'"#,
            1,
        ),
        (r#"awk '{ system("ps" "ql -c a"); exit }' ids"#, 1),
        (
            "cat > p.awk <<'E'\nBEGIN {\n  cmd = \"psql -c a\" # b\n  system(cmd)\n}\nE\nawk -f p.awk",
            1,
        ),
        ("awk -f /dev/stdin <<'E'\nBEGIN { system(\"psql -c a\") }\nE\n", 1),
        (r#"gawk -e 'BEGIN { x = 1 }' --source='BEGIN { system("psql -c a") }'"#, 1),
        (
            r#"gawk 'BEGIN { "psql -c a" |& getline; print "x" |& "psql -c b"; close("psql -c b", "to") }'"#,
            2,
        ),
        (r#"gawk --sandbox 'BEGIN { system("psql -c a") }'"#, 0),
        (r#"mawk 'BEGIN { system("psql -c a"); print 1 | "psql -c b" }'"#, 2),
        (r#"busybox awk 'BEGIN { system("psql -c a") }'"#, 1),
    ]);
}

#[test]
fn sed_runs_what_is_read_in_its_scripts() {
    check(&[
        (r#"sed '1e psql -c "drop table a"' ids"#, 1),
        (
            r#"sed -n '/two/{p;e psql -h there -c a
}' ids"#,
            1,
        ),
        (r#"sed 's/.*/psql -h there -c "drop table &"/e' ids"#, 2),
        (r#"sed 's|^|psql -h there -c |e' ids"#, 2),
        (r#"sed '1!d;s/one/psql -c a/e' ids"#, 1),
        (r#"echo 'psql -c a' | sed e"#, 1),
        ("printf 'psql -c a\\npsql -c b\\n' > lines; sed -n e lines", 2),
        ("printf '$e psql -c a\\n' > s.sed; sed -n -f s.sed ids", 1),
        (r#"sed --expression=p --expression '1e psql -c a' ids"#, 1),
        (r#"sed -s '1~2e psql -c a' ids"#, 1),
        (r#"sed 's/[]/]e psql -c a/x/;s/one/psql -c a/' ids"#, 0),
        (r#"sed 'a e psql -c a' ids"#, 0),
        (r#"sed -e 'i\' -e 'e psql -c a' ids"#, 0),
        (r#"sed --sandbox '1e psql -c a' ids"#, 0),
    ]);
}

/// `script` gives the terminal without which nothing is shown in a pager.
#[test]
fn variables_name_what_programs_run_beside_their_work() {
    let page = "printf '.TH a 1\\n.SH b\\nc\\n' > a.1; ";
    let lines = [
        (format!("{page}MANPAGER='psql -c a' script -qec 'man -l a.1' /dev/null < /dev/null"), 1),
        (
            format!(
                "{page}export PAGER='psql -c a'; script -qec 'man -l a.1' /dev/null < /dev/null"
            ),
            1,
        ),
        (format!("{page}script -qec \"man -P 'psql -c a' -l a.1\" /dev/null < /dev/null"), 1),
        (
            "LESSOPEN='|psql -h there -c %s' script -qec 'less -EX ids' /dev/null < /dev/null"
                .to_owned(),
            1,
        ),
        ("EDITOR='psql -c a' sensible-editor ids".to_owned(), 1),
    ];
    let lines: Vec<(&str, usize)> =
        lines.iter().map(|(line, runs)| (line.as_str(), *runs)).collect();
    check(&lines);
}

#[test]
fn editors_run_what_is_read_in_their_lines() {
    check(&[
        (r#"vim -es -c '!psql -c "drop table a"' -c 'q!' ids"#, 1),
        (r#"vim -es '+!psql -c a' +q! ids"#, 1),
        (
            r#"vim -es -c "call system('psql -c a')" -c "let x = systemlist(\"psql -c b\")" -c q! ids"#,
            2,
        ),
        (r#"vim -es -c 'silent! exe "!psql -c " . "a"' -c q!"#, 1),
        (r#"vim -es -c '%!psql -c a' -c 'r !psql -c b' -c 'w !psql -c c' -c q! ids"#, 3),
        (r#"vim -es -c 'g/one/exe "!psql -c a"' -c q! ids"#, 1),
        (r#"vim -es -c 'set nu | !psql -c a' -c q! ids"#, 1),
        (r#"vim -es --cmd '!psql -c a' -c q!"#, 1),
        ("ex -s ids <<'E'\n1a\n!psql -c b\n.\n!psql -c a\nq!\nE", 1),
        ("vim -es <<'E'\n!psql -c a\nq!\nE", 1),
        ("printf '!psql -c a\\nq!\\n' > s.vim; vim -es -S s.vim", 1),
        (r#"vim -es -c '%s/one/!psql -c a/' -c wq ids"#, 0),
        (r#"vim -es +/psql +q! ids"#, 0),
        ("ed -s ids <<'E'\n!psql -c a\n1r !psql -c b\nw !psql -c c\ne !psql -c d\nQ\nE", 4),
        ("ed -s ids <<'E'\n1i\n!psql -c a\n.\ns/one/!psql -c b/\nQ\nE", 0),
        ("ed -s '!psql -c a' <<< q", 1),
    ]);
}

#[test]
fn expect_and_hyperfine_run_what_is_read_in_them() {
    check(&[
        ("expect -c 'spawn psql -c {drop table a}; expect eof' < /dev/null", 1),
        ("expect <<'E'\nset host there\nspawn -noecho psql -h $host -c \"a b\"\nexpect eof\nE", 1),
        (
            "tclsh <<'E'\nproc p {x} { if {1} { exec psql -c $x > out } }\np a\nputs {exec psql -c b}\n\
          catch {exec echo x | psql -c c}\nE",
            2,
        ),
        ("printf 'system psql -c a\\nputs [exec psql -c b]\\n' > x.exp; expect -f x.exp", 2),
        ("hyperfine -r 2 -w 0 --show-output 'psql -c a'", 2),
        ("hyperfine -r 2 -w 0 -s 'psql -c s' -p 'psql -c p' -c 'psql -c c' 'psql -c a'", 6),
        ("hyperfine -r 2 -w 0 -L x a,b 'psql -h there -c {x}' -n psql -n psql", 4),
    ]);
}

#[test]
fn make_runs_a_makefile_from_its_standard_input() {
    check(&[
        ("printf 'all: x\\n\\tpsql -c a\\nx:;@psql -c b\\n' | make -f -", 2),
        ("make -sf - x <<'E'\nA = b\nall:\n\tpsql -c a\nx:\n\tpsql -c $(A)\nE\n", 1),
        ("make -f /dev/stdin <<< 'all:;psql -c a'", 1),
        ("make -nf - <<< 'all:;psql -c a'", 0),
    ]);
}
