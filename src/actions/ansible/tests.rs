//! Playbooks in a world of maps: which of their tasks are judged, where, and
//! what comes of it.

use super::*;
use crate::action::Flag;
use crate::judgement::{Judgement, Verdict};
use crate::testing::judge;
use crate::world::fake::FakeWorld;

const INVENTORY: &str = "[web]\nweb1.acme.com\n[db]\nbox7\n[production:children]\ndb\n\
                         [staging]\nweb2.acme.com\n";

fn world(playbook: &str) -> FakeWorld {
    FakeWorld::new().with_file("hosts", INVENTORY).with_file("site.yml", playbook)
}

fn operations(judgement: &Judgement) -> Vec<&str> {
    let stopped = judgement.actions.iter().filter(|judged| judged.verdict == Verdict::Refuse);
    stopped.map(|judged| &*judged.action.operation).collect()
}

/// A play on these hosts with one task.
fn play(hosts: &str, task: &str) -> String {
    let task = task.replace('\n', "\n      ");
    format!("- hosts: {hosts}\n  tasks:\n    - name: one\n      {task}\n")
}

#[test]
fn a_task_that_destroys_is_judged_where_it_runs() {
    for (task, operation) in [
        ("shell: psql -c 'drop table users'", "DROP TABLE"),
        ("ansible.builtin.command:\n  argv: [dropdb, shop]", "dropdb"),
        ("raw: sudo dropdb shop", "dropdb"),
        ("command: dropdb shop\nargs:\n  chdir: /srv", "dropdb"),
        ("postgresql_db: name=shop state=absent", "dropdb"),
        ("community.postgresql.postgresql_db:\n  name: shop\n  state: absent", "dropdb"),
        ("postgresql_query:\n  query: DROP TABLE users\n  db: shop", "DROP TABLE"),
        ("mysql_query:\n  query: [\"DROP TABLE users\"]", "DROP TABLE"),
        ("mysql_db:\n  name: shop\n  state: absent", "DROP DATABASE"),
        ("redis:\n  command: flush", "FLUSHALL"),
        ("file:\n  path: /var/lib/postgresql\n  state: absent", "rm"),
        ("shell: rm -rf /var/lib/mysql/*", "rm"),
        ("lvol:\n  vg: a\n  lv: b\n  state: absent", "lvremove"),
        ("zfs:\n  name: tank/a\n  state: absent", "destroy"),
        ("docker_volume:\n  name: a\n  state: absent", "volume rm"),
        ("service:\n  name: nginx\n  state: stopped", "stop"),
        ("reboot:", "reboot"),
        ("docker_container: {name: a, state: absent}", "rm"),
        ("hcloud_server:\n  name: web1\n  state: absent", "ansible hcloud_server"),
        ("user:\n  name: ana\n  state: absent\n  remove: yes", "ansible user"),
        ("postgresql_db:\n  name: shop\n  state: '{{ s }}'", "ansible"),
        ("shell: \"{{ command }}\"", "shell -c"),
        ("command: dropdb {{ item }}\nloop: [a, b]", "dropdb"),
        ("block:\n  - shell: dropdb shop\nwhen: never_mind", "dropdb"),
        ("block: []\nrescue:\n  - shell: dropdb shop", "dropdb"),
        ("action: shell dropdb shop", "dropdb"),
    ] {
        let production =
            judge("ansible-playbook -i hosts site.yml", &world(&play("production", task)));
        assert_eq!(production.verdict, Verdict::Refuse, "{task}: {:?}", production.actions);
        let found = operations(&production);
        assert!(found.iter().any(|have| have.contains(operation)), "{task}: {found:?}");
        let staging = judge("ansible-playbook -i hosts site.yml", &world(&play("staging", task)));
        let bounded = staging.actions.iter().all(|judged| {
            let flags = judged.action.flags;
            judged.verdict == Verdict::Allow || flags.has(Flag::Irreversible)
        });
        assert!(bounded, "{task}: {:?}", staging.actions);
        let checked =
            judge("ansible-playbook -i hosts site.yml --check", &world(&play("db", task)));
        assert_eq!(checked.verdict, Verdict::Allow, "{task}");
    }
}

#[test]
fn ordinary_tasks_pass() {
    for task in [
        "apt:\n  name: nginx\n  state: absent",
        "copy:\n  src: a\n  dest: /etc/a",
        "template: src=a dest=/etc/b",
        "file:\n  path: /tmp/build\n  state: absent",
        "file:\n  path: /var/lib/postgresql\n  state: directory",
        "file:\n  path: '{{ app }}/releases/{{ old }}'\n  state: absent",
        "service: name=nginx state=restarted",
        "shell: ./deploy.sh {{ version }}",
        "command: psql -c 'select 1'",
        "postgresql_db: name=shop state=present",
        "postgresql_db:\n  name: shop\n  state: \"{{ item.state | default('present') }}\"",
        "debug:\n  msg: dropdb shop",
        "shell: dropdb shop\nwhen: false",
        "uri:\n  url: https://api.acme.com/health",
        "git:\n  repo: https://example.com/a.git\n  dest: /srv/app",
        "hcloud_firewall:\n  name: a\n  state: absent",
        "include_tasks: missing.yml",
        "include_role:\n  name: missing",
    ] {
        let judged = judge("ansible-playbook -i hosts site.yml", &world(&play("production", task)));
        assert_eq!(judged.verdict, Verdict::Allow, "{task}: {:?}", judged.actions);
        let write = judged.actions.iter().any(|one| one.action.effect == Effect::Write);
        assert!(write, "{task}: {:?}", judged.actions);
    }
    let container = "- hosts: production\n  tasks:\n    - docker_container: {name: a, state: absent}\n    \
                     - docker_container: {name: a, image: b}\n";
    let judged = judge("ansible-playbook -i hosts site.yml", &world(container));
    assert_eq!(judged.verdict, Verdict::Allow, "{:?}", judged.actions);
    let again = "- hosts: production\n  tasks:\n    - service: name=app state=stopped\n    \
                 - service: name=app state=started\n";
    assert_eq!(judge("ansible-playbook -i hosts site.yml", &world(again)).verdict, Verdict::Allow);
}

#[test]
fn the_hosts_are_those_that_ansible_would_choose() {
    let drop = |hosts: &str| play(hosts, "shell: dropdb shop");
    for (hosts, words, verdict) in [
        ("production", "-i hosts", Verdict::Refuse),
        ("box7", "-i hosts", Verdict::Refuse),
        ("all", "-i hosts", Verdict::Refuse),
        ("db", "-i hosts -l production", Verdict::Refuse),
        ("web1.acme.com", "-i dev,", Verdict::Refuse),
        ("dev1", "-i dev1,", Verdict::Allow),
        ("web", "-i inventories/dev", Verdict::Allow),
        ("web", "-i inventories/prod", Verdict::Refuse),
        ("localhost", "", Verdict::Allow),
        ("all", "-c local -i localhost,", Verdict::Allow),
        ("'{{ target }}'", "-i hosts -e target=dev1", Verdict::Allow),
        ("'{{ target }}'", "-i hosts -e target=production", Verdict::Refuse),
        ("'{{ target }}'", "-i hosts", Verdict::Refuse),
    ] {
        let judged = judge(&format!("ansible-playbook {words} site.yml"), &world(&drop(hosts)));
        assert_eq!(judged.verdict, verdict, "{hosts} {words}: {:?}", judged.actions);
    }
    let settings = "[defaults]\ninventory = inventories/prod\n";
    let world = world(&drop("web")).with_file("ansible.cfg", settings);
    assert_eq!(judge("ansible-playbook site.yml", &world).verdict, Verdict::Refuse);
    let delegated = play("localhost", "shell: dropdb shop\ndelegate_to: box7");
    let world = world.with_file("site.yml", &delegated);
    assert_eq!(judge("ansible-playbook -i hosts site.yml", &world).verdict, Verdict::Refuse);
}

#[test]
fn what_a_playbook_pulls_in_is_read() {
    let drop = "- name: gone\n  shell: dropdb shop\n  tags: [wipe]\n";
    let line = "ansible-playbook -i hosts site.yml";
    for (playbook, files) in [
        ("- import_playbook: other.yml\n", vec![("other.yml", play("db", "shell: dropdb shop"))]),
        ("- hosts: db\n  tasks:\n    - include_tasks: a.yml\n", vec![("a.yml", drop.to_owned())]),
        (
            "- hosts: db\n  tasks:\n    - import_tasks: {file: a.yml}\n",
            vec![("a.yml", drop.to_owned())],
        ),
        (
            "- hosts: db\n  tasks:\n    - include_tasks: 'x-{{ os }}.yml'\n",
            vec![("x-debian.yml", drop.to_owned())],
        ),
        ("- hosts: db\n  roles: [pg]\n", vec![("roles/pg/tasks/main.yml", drop.to_owned())]),
        (
            "- hosts: db\n  roles:\n    - role: pg\n",
            vec![("roles/pg/handlers/main.yml", drop.to_owned())],
        ),
        (
            "- hosts: db\n  roles: [app]\n",
            vec![
                ("roles/app/meta/main.yml", "dependencies:\n  - pg\n".to_owned()),
                ("roles/pg/tasks/main.yml", drop.to_owned()),
            ],
        ),
        (
            "- hosts: db\n  tasks:\n    - include_role: {name: pg, tasks_from: wipe}\n",
            vec![("roles/pg/tasks/wipe.yml", drop.to_owned())],
        ),
        (
            "- hosts: db\n  roles: [pg]\n",
            vec![("/home/ana/.ansible/roles/pg/tasks/main.yml", drop.to_owned())],
        ),
        (
            "- hosts: db\n  tasks:\n    - script: wipe.sh now\n",
            vec![("wipe.sh", "#!/bin/bash\ndropdb shop\n".to_owned())],
        ),
        ("- hosts: db\n  handlers:\n    - shell: dropdb shop\n", vec![]),
    ] {
        let mut world = world(playbook);
        for (path, text) in &files {
            world = world.with_file(path, text);
        }
        let judged = judge(line, &world);
        assert_eq!(judged.verdict, Verdict::Refuse, "{playbook}: {:?}", judged.actions);
        let skipped = judge(&format!("{line} --skip-tags wipe"), &world);
        let tagged = files.iter().any(|(_, text)| text.contains("tags:"));
        assert_eq!(skipped.verdict == Verdict::Allow, tagged, "{playbook}");
        let other = judge(&format!("{line} --tags other"), &world);
        assert_eq!(other.verdict, Verdict::Allow, "{playbook}");
    }
}

#[test]
fn a_playbook_that_cannot_be_read_is_opaque() {
    for text in ["- hosts: [", "$ANSIBLE_VAULT;1.1;AES256\n6162", "- import_playbook: '{{ x }}'\n"]
    {
        let judged = judge("ansible-playbook -i hosts site.yml", &world(text));
        assert_eq!(judged.verdict, Verdict::Refuse, "{text}");
        let flags = judged.worst().map(|judged| judged.action.flags);
        assert!(flags.is_some_and(|flags| flags.has(Flag::Opaque)), "{text}");
    }
    // It imports itself.
    let own = world("- import_playbook: site.yml\n- hosts: db\n  roles: [r]\n").with_file(
        "roles/r/tasks/main.yml",
        "- include_tasks: main.yml\n- include_role: {name: r}\n",
    );
    let _ = judge("ansible-playbook -i hosts site.yml", &own);
}

#[test]
fn variables_that_say_production_count_beside_a_development_inventory() {
    let drop = play("db", "shell: psql -c 'drop table users'");
    let dev = || {
        FakeWorld::new()
            .with_file("inventories/dev/hosts", "[db]\nbox-dev\n[web]\nweb-dev\n")
            .with_file("site.yml", &drop)
            .with_file("play/site.yml", &drop)
            .with_file("vars/prod.yml", "size: 3\n")
            .with_file("vars/a.yml", "deploy_env: production\n")
            .with_file("vars/dev.yml", "deploy_env: dev\n")
    };
    let line = "ansible-playbook -i inventories/dev/hosts site.yml";
    let verdict = |line: &str, world: &FakeWorld| judge(line, world).verdict;
    assert_eq!(verdict(line, &dev()), Verdict::Allow);
    for (path, text) in [
        ("inventories/dev/group_vars/all.yml", "env: prod\n"),
        ("inventories/dev/group_vars/db", "env: production\n"),
        ("inventories/dev/group_vars/db/main.yaml", "deploy_env: prod\n"),
        ("inventories/dev/host_vars/box-dev.yml", "ansible_host: db1.prod.acme.com\n"),
        ("group_vars/all.json", "{\"stage\": \"live\"}"),
    ] {
        let world = dev().with_file(path, text);
        assert_eq!(verdict(line, &world), Verdict::Refuse, "{path}");
    }
    for (path, text) in [
        ("inventories/dev/group_vars/all.yml", "env: dev\nnode_env: production\n"),
        ("inventories/dev/group_vars/web.yml", "env: prod\n"),
        ("inventories/dev/host_vars/web-dev.yml", "env: prod\n"),
        ("inventories/dev/group_vars/all/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n"),
        ("group_vars/all.yml", "env: [\n"),
        ("group_vars/all.txt", "env: prod\n"),
        ("play/group_vars/all.yml", "env: prod\n"),
    ] {
        let world = dev().with_file(path, text);
        assert_eq!(verdict(line, &world), Verdict::Allow, "{path}");
    }
    let world = dev().with_file("play/group_vars/all.yml", "env: prod\n");
    let other = "ansible-playbook -i inventories/dev play/site.yml";
    assert_eq!(verdict(other, &world), Verdict::Refuse);
    for (words, expected) in [
        ("-e @vars/prod.yml", Verdict::Refuse),
        ("-e @vars/a.yml", Verdict::Refuse),
        ("-e env=prod", Verdict::Refuse),
        ("--extra-vars '{\"target_env\": \"production\"}'", Verdict::Refuse),
        ("-e @vars/dev.yml", Verdict::Allow),
        ("-e node_env=production", Verdict::Allow),
        ("-e @vars/prod.yml --check", Verdict::Allow),
    ] {
        assert_eq!(verdict(&format!("{line} {words}"), &dev()), expected, "{words}");
    }
    let ad_hoc = "ansible db -i inventories/dev/hosts -m shell -a 'dropdb shop'";
    assert_eq!(verdict(ad_hoc, &dev()), Verdict::Allow);
    assert_eq!(verdict(&format!("{ad_hoc} -e env=prod"), &dev()), Verdict::Refuse);
}

#[test]
fn an_inventory_that_is_a_program_says_nothing() {
    let drop = play("dev", "shell: psql -c 'drop table users'");
    let world =
        |text: &str| FakeWorld::new().with_file("site.yml", &drop).with_file("dev-hosts", text);
    let line = "ansible-playbook -i dev-hosts site.yml";
    assert_eq!(judge(line, &world("[dev]\ndev1\n")).verdict, Verdict::Allow);
    for text in ["#!/usr/bin/env python3\nprint('{}')\n", "$ANSIBLE_VAULT;1.1;AES256\n61\n"] {
        assert_eq!(judge(line, &world(text)).verdict, Verdict::Refuse, "{text}");
    }
}
