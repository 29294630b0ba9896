//! Callers made of plain values: who each of them is.

use super::*;
use crate::world::fake::FakeWorld;

/// A process of the account 1000 in session 50 on terminal 34816, at
/// `exe`, whose kernel name is the executable's.
fn process(pid: i32, ppid: i32, exe: &str) -> Process {
    Process {
        pid,
        ppid,
        session: 50,
        tty: 34816,
        comm: ancestry::base_name(exe).chars().take(15).collect(),
        uid: 1000,
        cmdline: vec![exe.to_owned()],
        exe: Some(exe.into()),
    }
}

fn outside(mut process: Process, uid: u32) -> Process {
    (process.session, process.tty, process.uid) = (process.pid, 0, uid);
    if uid == 0 {
        process.exe = None;
    }
    process
}

fn init() -> Process {
    outside(process(1, 0, "/usr/lib/systemd/systemd"), 0)
}

/// The shim in a shell (the leader, pid 50) below `owner`.
fn below(owner: &[Process]) -> FakeWorld {
    let parent = owner.first().map_or(0, |process| process.pid);
    let mut ancestors =
        vec![process(60, 50, "/home/ana/.local/bin/psql"), process(50, parent, "/usr/bin/bash")];
    ancestors.extend_from_slice(owner);
    FakeWorld { ancestors, terminal: true, ..FakeWorld::new() }
}

fn sshd() -> [Process; 4] {
    let child = Process { exe: None, ..outside(process(40, 30, "/usr/sbin/sshd"), 1000) };
    [
        child,
        outside(process(30, 20, "/usr/sbin/sshd"), 0),
        outside(process(20, 1, "/usr/sbin/sshd"), 0),
        init(),
    ]
}

fn kind(world: &FakeWorld) -> ActorKind {
    identify(world, &ActorPolicy::default()).kind
}

#[test]
fn a_person_over_ssh_at_a_console_or_in_an_emulator() {
    assert_eq!(kind(&below(&sshd())), ActorKind::Human);
    let login = outside(process(40, 1, "/usr/bin/login"), 0);
    assert_eq!(kind(&below(&[login, init()])), ActorKind::Human);
    for emulator in ["/usr/libexec/gnome-terminal-server", "/usr/bin/kitty", "/usr/bin/foot"] {
        let owner = outside(process(40, 1, emulator), 1000);
        assert_eq!(kind(&below(&[owner, init()])), ActorKind::Human, "{emulator}");
    }
}

#[test]
fn what_runs_inside_a_persons_terminal_does_not_matter() {
    let mut world = below(&sshd());
    for (number, exe) in ["/usr/bin/make", "/usr/bin/node", "/usr/bin/script"].iter().enumerate() {
        let pid = 70 + i32::try_from(number).unwrap();
        world.ancestors[0].ppid = pid;
        world.ancestors.insert(1, process(pid, 50, exe));
    }
    assert_eq!(kind(&world), ActorKind::Human);
}

#[test]
fn a_terminal_that_a_program_made_is_no_person() {
    for exe in [
        "/usr/bin/script",
        "/usr/bin/expect",
        "/usr/bin/python3.11",
        "/usr/bin/node",
        "/usr/bin/socat",
    ] {
        let maker = outside(process(40, 30, exe), 1000);
        let mut owner = vec![maker, outside(process(30, 20, "/usr/bin/bash"), 1000)];
        owner.extend(sshd().into_iter().skip(2));
        assert_eq!(kind(&below(&owner)), ActorKind::Unknown, "{exe}");
    }
}

#[test]
fn a_name_alone_is_no_owner() {
    // An account's own program of sshd's name, hidden or not.
    let own = outside(process(40, 1, "/home/ana/sshd"), 1000);
    assert_eq!(kind(&below(&[own.clone(), init()])), ActorKind::Unknown);
    let hidden = Process { exe: None, ..own };
    assert_eq!(kind(&below(&[hidden, init()])), ActorKind::Unknown);
    // The account's own sshd from the system's executable.
    let own = outside(process(40, 1, "/usr/sbin/sshd"), 1000);
    assert_eq!(kind(&below(&[own, init()])), ActorKind::Unknown);
    // A kernel name, over another executable.
    let named =
        Process { comm: "kitty".into(), ..outside(process(40, 1, "/usr/bin/python3"), 1000) };
    assert_eq!(kind(&below(&[named, init()])), ActorKind::Unknown);
    // An emulator that the account could have written.
    let copied = outside(process(40, 1, "/home/ana/bin/kitty"), 1000);
    assert_eq!(kind(&below(&[copied, init()])), ActorKind::Unknown);
    let hidden = Process { exe: None, ..outside(process(40, 1, "/usr/bin/xterm"), 1000) };
    assert_eq!(kind(&below(&[hidden, init()])), ActorKind::Unknown);
}

#[test]
fn for_root_the_executable_counts_too() {
    let mut world = below(&sshd());
    for process in &mut world.ancestors {
        process.uid = 0;
        process.exe = Some("/usr/sbin/sshd".into());
    }
    assert_eq!(kind(&world), ActorKind::Human);
    for process in &mut world.ancestors {
        process.exe = Some("/tmp/sshd".into());
    }
    assert_eq!(kind(&world), ActorKind::Unknown);
}

#[test]
fn the_user_may_name_a_terminal_of_their_own() {
    let policy = ActorPolicy {
        trusted_terminals: vec!["/home/ana/bin/*".into(), "xterm".into()],
        ..ActorPolicy::default()
    };
    let own = outside(process(40, 1, "/home/ana/bin/kitty"), 1000);
    assert_eq!(identify(&below(&[own, init()]), &policy).kind, ActorKind::Human);
    let xterm = Process { exe: None, ..outside(process(40, 1, "/usr/bin/xterm"), 1000) };
    assert_eq!(identify(&below(&[xterm, init()]), &policy).kind, ActorKind::Human);
    let other = outside(process(40, 1, "/tmp/kitty"), 1000);
    assert_eq!(identify(&below(&[other, init()]), &policy).kind, ActorKind::Unknown);
}

#[test]
fn an_agent_among_the_ancestors_or_in_the_environment_is_an_agent() {
    let mut world = below(&sshd());
    world.ancestors[0].ppid = 55;
    world.ancestors.insert(1, process(55, 50, "/home/ana/.local/bin/claude"));
    let actor = identify(&world, &ActorPolicy::default());
    assert_eq!(actor.kind, ActorKind::Agent);
    assert_eq!(actor.name.as_deref(), Some("claude-code"));
    assert_eq!(actor.signals, ["ancestor claude-code (pid 55)"]);

    let world = below(&sshd()).with_var("CLAUDECODE", "0");
    assert_eq!(kind(&world), ActorKind::Agent);
    assert_eq!(kind(&below(&sshd()).with_file("/opt/.devin/x", "")), ActorKind::Agent);
}

#[test]
fn nothing_in_the_environment_makes_a_person() {
    let mut world = FakeWorld::new();
    for name in ["HUMAN", "HOLDPOINT_ACTOR", "SSH_TTY", "SSH_CONNECTION", "TMUX", "TERM_PROGRAM"] {
        world = world.with_var(name, "human");
    }
    assert_eq!(kind(&world), ActorKind::Unknown);
    let script = outside(process(40, 1, "/usr/bin/script"), 1000);
    let mut world = below(&[script, init()]);
    world = world.with_var("SSH_TTY", "/dev/pts/0").with_var("AI_AGENT_NOT", "1");
    assert_eq!(kind(&world), ActorKind::Unknown);
}

#[test]
fn ci_is_ci_even_at_a_terminal_and_an_agent_in_ci_is_an_agent() {
    let world = below(&sshd()).with_var("GITHUB_ACTIONS", "true").with_var("CI", "true");
    let actor = identify(&world, &ActorPolicy::default());
    assert_eq!((actor.kind, actor.name.as_deref()), (ActorKind::Ci, Some("github-actions")));
    assert_eq!(actor.signals, ["env GITHUB_ACTIONS", "env CI"]);
    assert_eq!(kind(&world.with_var("CODEX_THREAD_ID", "1")), ActorKind::Agent);
}

#[test]
fn policy_adds_markers() {
    let policy = ActorPolicy {
        extra_agent_env: vec!["ACME_BOT*".into()],
        extra_agent_processes: vec!["acme-bot".into()],
        extra_ci_env: vec!["ACME_CI".into()],
        ..ActorPolicy::default()
    };
    let world = below(&sshd());
    assert_eq!(identify(&world, &policy).kind, ActorKind::Human);
    let marked = world.clone().with_var("ACME_BOT_ID", "7");
    assert_eq!(identify(&marked, &policy).signals, ["env ACME_BOT_ID, by policy"]);
    assert_eq!(identify(&world.clone().with_var("ACME_CI", "1"), &policy).kind, ActorKind::Ci);
    let mut below_bot = world;
    below_bot.ancestors.insert(1, process(55, 50, "/home/ana/acme-bot"));
    assert_eq!(identify(&below_bot, &policy).kind, ActorKind::Agent);
}

#[test]
fn an_ides_terminal_is_nobodys_unless_the_user_says_so() {
    let host = outside(process(40, 1, "/usr/share/code/code"), 1000);
    let world = below(&[host, init()]);
    let actor = identify(&world, &ActorPolicy::default());
    assert_eq!(actor.kind, ActorKind::Unknown);
    assert_eq!(actor.signals[1], "VS Code shares its terminals with its agents");
    let trusting = ActorPolicy { trust_ide_terminals: true, ..ActorPolicy::default() };
    assert_eq!(identify(&world, &trusting).kind, ActorKind::Human);
    assert_eq!(
        identify(&world.with_var("CLAUDECODE", "1"), &trusting).kind,
        ActorKind::Agent,
        "trust in the IDE is no trust in its agent"
    );
    // The variable alone, where the IDE itself is out of sight.
    let marked = below(&sshd()).with_var("TERM_PROGRAM", "vscode");
    assert_eq!(kind(&marked), ActorKind::Unknown);
    assert_eq!(identify(&marked, &trusting).kind, ActorKind::Human);
}

/// A pane of a tmux server (pid 40), and an ssh login on terminal 34900.
fn pane() -> FakeWorld {
    let server = outside(process(40, 1, "/usr/bin/tmux"), 1000);
    let mut world = below(&[server, init()]);
    let mut login = process(80, 40, "/usr/bin/bash");
    (login.session, login.tty) = (80, 34900);
    let mut chain = sshd().to_vec();
    for process in &mut chain {
        if process.pid != 1 {
            process.pid += 100;
        }
        if process.ppid > 1 {
            process.ppid += 100;
        }
    }
    login.ppid = chain[0].pid;
    let mut client = process(81, 80, "/usr/bin/tmux");
    (client.session, client.tty) = (80, 34900);
    world.processes.extend([login, client]);
    world.raw.push(34900);
    world.processes.extend(chain.into_iter().take(3));
    world
}

#[test]
fn tmux_counts_while_a_persons_terminal_is_attached() {
    let mut world = pane();
    assert_eq!(kind(&world), ActorKind::Unknown, "nobody is attached");
    world.held.insert(40, vec![34900]);
    let actor = identify(&world, &ActorPolicy::default());
    assert_eq!(actor.kind, ActorKind::Human);
    assert_eq!(
        actor.signals,
        ["terminal of tmux (pid 40), attached from the terminal of sshd (pid 140)"]
    );
    world.held.insert(40, vec![34901]);
    assert_eq!(kind(&world), ActorKind::Unknown, "somebody attached, from no known terminal");
    world.held.insert(40, vec![34900]);
    let client = world.processes.iter_mut().find(|process| process.pid == 81).unwrap();
    client.exe = Some("/usr/bin/cat".into());
    assert_eq!(kind(&world), ActorKind::Unknown, "a person's terminal held, by no client");
    let mut world = pane();
    world.held.insert(40, vec![34900]);
    world.raw.clear();
    assert_eq!(kind(&world), ActorKind::Unknown, "a client that shows no session");
}

#[test]
fn an_agents_client_of_tmux_is_not_a_person_attached() {
    let mut world = pane();
    world.held.insert(40, vec![34900]);
    let mut agent = process(90, 80, "/home/ana/.local/bin/claude");
    (agent.session, agent.tty) = (80, 34900);
    let client = world.processes.iter_mut().find(|process| process.pid == 81).unwrap();
    client.ppid = 90;
    world.processes.push(agent);
    assert_eq!(kind(&world), ActorKind::Unknown);
}

#[test]
fn tmux_launders_neither_a_made_terminal_nor_an_ides() {
    for exe in ["/usr/bin/python3", "/usr/share/code/code", "/home/ana/.local/bin/claude"] {
        let mut world = pane();
        world.held.insert(40, vec![34900]);
        let sshd = world.processes.iter_mut().find(|process| process.pid == 140).unwrap();
        *sshd = outside(process(140, 1, exe), 1000);
        assert_eq!(kind(&world), ActorKind::Unknown, "{exe}");
    }
}

#[test]
fn sudos_own_terminal_is_the_one_it_was_called_from() {
    let sudo = |owner: &[Process]| {
        let mut world = below(owner);
        for (process, pid) in world.ancestors.iter_mut().zip([92, 91]) {
            (process.pid, process.ppid, process.session, process.uid) = (pid, pid - 1, 91, 0);
        }
        // sudo 1.9.13 keeps the caller's real user id.
        let sudo = process(90, 50, "/usr/bin/sudo");
        let leader = process(50, owner[0].pid, "/usr/bin/bash");
        world.ancestors.splice(2..2, [sudo, leader]);
        world
    };
    let mut person = sudo(&sshd());
    for process in person.ancestors.iter_mut().filter(|process| process.comm == "sshd") {
        process.exe = Some("/usr/sbin/sshd".into());
    }
    assert_eq!(kind(&person), ActorKind::Human);
    let script = outside(process(40, 1, "/usr/bin/script"), 1000);
    assert_eq!(kind(&sudo(&[script, init()])), ActorKind::Unknown);
    let own = person.ancestors.iter_mut().find(|process| process.pid == 90).unwrap();
    own.exe = Some("/home/ana/sudo".into());
    assert_eq!(kind(&person), ActorKind::Unknown, "a program of the account's, named sudo");
}

#[test]
fn what_cannot_be_seen_is_no_person() {
    let mut world = below(&sshd());
    world.terminal = false;
    assert_eq!(identify(&world, &ActorPolicy::default()).signals, ["no terminal"]);
    // The leader of the session is gone.
    let mut world = below(&sshd());
    world.ancestors.remove(1);
    assert_eq!(kind(&world), ActorKind::Unknown);
    // The first process of a container, and a chain cut off.
    let mut world = below(&[]);
    assert_eq!(kind(&world), ActorKind::Unknown);
    world.ancestors.clear();
    assert_eq!(kind(&world), ActorKind::Unknown);
    let mut world = below(&sshd());
    world.ancestors.truncate(4);
    assert_eq!(kind(&world), ActorKind::Unknown);
}
