//! Agents' calls, and the answers that they get.

use serde_json::{Value, json};

use super::*;
use crate::world::fake::FakeWorld;

fn verdict_in(world: &FakeWorld, payload: &Value) -> Verdict {
    let agent = agent::find("claude").unwrap();
    let judged = judge(agent, payload.to_string().as_bytes(), world).unwrap();
    judged.iter().map(|judged| judged.outcome.judgement.verdict).max().unwrap_or(Verdict::Allow)
}

fn tool(name: &str, input: Value) -> Value {
    json!({"hook_event_name": "PreToolUse", "tool_name": name, "tool_input": input, "cwd": "/app"})
}

#[track_caller]
fn stops(payload: Value) {
    assert_eq!(verdict_in(&FakeWorld::new(), &payload), Verdict::Refuse, "{payload}");
}

#[track_caller]
fn passes(payload: Value) {
    assert_eq!(verdict_in(&FakeWorld::new(), &payload), Verdict::Allow, "{payload}");
}

const LINE: &str = "railway volume delete -v data";
const POLICY: &str = "/home/ana/.config/holdpoint/policy.toml";

#[test]
fn a_command_is_found_wherever_an_agent_puts_it() {
    for name in ["Bash", "Execute", "execute_bash", "run_shell_command", "shell", "runInTerminal"] {
        stops(tool(name, json!({"command": LINE})));
        passes(tool(name, json!({"command": "git status"})));
    }
    stops(tool("exec_command", json!({"cmd": LINE, "workdir": "/app"})));
    stops(tool("shell", json!({"command": ["bash", "-lc", LINE]})));
    stops(
        json!({"agent_action_name": "pre_run_command", "tool_info": {"command_line": LINE, "cwd": "/app"}}),
    );
    stops(json!({"hook_event_name": "beforeShellExecution", "command": LINE, "cwd": ""}));
    stops(json!({"toolName": "bash", "toolArgs": json!({"command": LINE}).to_string()}));
    stops(json!({"toolName": "bash", "toolArgs": {"command": LINE}}));
    stops(
        json!({"hookName": "PreToolUse", "preToolUse": {"toolName": "execute_command", "parameters": {"command": LINE}}}),
    );
}

#[test]
fn each_of_several_lines_counts() {
    let call = |name: &str, commands: Value| {
        json!({"hookName": "tool_call", "tool_call":
        {"id": "1", "name": name, "input": {"commands": commands}}})
    };
    stops(call("run_commands", json!(["git status", LINE])));
    stops(call("run_commands", json!([{"command": LINE}])));
    stops(call(
        "run_commands",
        json!([{"command": "railway", "args": ["volume", "delete", "-v", "data"]}]),
    ));
    stops(call("other", json!(["ls", LINE])));
    passes(call("run_commands", json!(["git status", "ls"])));
    // What older versions send: every argument a text.
    let old = |commands: Value| {
        json!({"hookName": "PreToolUse", "preToolUse":
        {"toolName": "run_commands", "parameters": {"commands": commands.to_string()}}})
    };
    stops(old(json!(["ls", LINE])));
    passes(old(json!(["ls"])));
    passes(json!({"hookName": "tool_result", "tool_result": {"name": "run_commands"}}));
}

#[test]
fn nothing_beside_a_command_hides_it() {
    let patch = "*** Begin Patch\n*** Add File: /app/a\n+x\n*** End Patch";
    for name in ["Bash", "run_in_terminal", "background_process"] {
        stops(tool(name, json!({"command": LINE, "description": patch})));
        stops(tool(name, json!({"command": LINE, "path": "/app/a", "content": "x"})));
        stops(tool(name, json!({"path": "/app/a", "old_str": "a", "new_str": "b", "cmd": LINE})));
    }
    // A patch's own lines are no commands.
    let patch = format!("*** Begin Patch\n*** Update File: a.sh\n {LINE}\n-a\n+b\n*** End Patch");
    passes(tool("apply_patch", json!({"command": patch})));
}

#[test]
fn a_patch_is_read_in_a_shells_line_too() {
    let patch =
        |path: &str| format!("*** Begin Patch\n*** Update File: {path}\n-a\n+b\n*** End Patch");
    for (path, judged) in [(POLICY, stops as fn(Value)), ("src/main.rs", passes)] {
        judged(tool(
            "Bash",
            json!({"command": format!("apply_patch <<'EOF'\n{}\nEOF", patch(path))}),
        ));
        judged(tool("shell", json!({"command": ["apply_patch", patch(path)]})));
        judged(tool("Bash", json!({"command": format!("cd / && apply_patch '{}'", patch(path))})));
    }
}

#[test]
fn what_an_agent_keeps_for_itself_is_its_own() {
    let call = |tool: &str| {
        json!({"sessionId": "s", "cwd": "/app", "toolName": tool,
        "toolArgs": {"description": "x", "query": "drop table todos"}})
        .to_string()
    };
    let judged = |agent: &str, tool: &str| {
        let agent = agent::find(agent).unwrap();
        let judged = judge(agent, call(tool).as_bytes(), &FakeWorld::new()).unwrap();
        judged.iter().any(|judged| judged.outcome.judgement.verdict == Verdict::Refuse)
    };
    assert!(!judged("copilot", "sql") && !judged("copilot", "session_store_sql"));
    assert!(judged("copilot", "postgres-query") && judged("copilot", "sql-sql"));
    assert!(judged("claude", "sql"));
}

#[test]
fn what_happens_after_a_call_is_not_judged() {
    let mut payload = tool("Bash", json!({"command": LINE}));
    payload["hook_event_name"] = json!("PostToolUse");
    passes(payload);
    passes(json!({"hook_event_name": "Stop"}));
    passes(json!({"hook_event_name": "beforeReadFile", "file_path": POLICY, "content": "x"}));
}

#[test]
fn malformed_payloads_are_no_calls() {
    for bytes in [
        &b""[..],
        b"{",
        b"[]",
        b"null",
        b"{}",
        b"\xff\xfe",
        br#"{"tool_name":"Bash"}"#,
        br#"{"tool_name":"Bash","tool_input":{}}"#,
        br#"{"tool_name":"Bash","tool_input":{"command":1}}"#,
        br#"{"tool_name":"Bash","tool_input":{"command":["a",1]}}"#,
        br#"{"tool_name":"Bash","tool_input":7}"#,
        br#"{"toolName":"bash","toolArgs":"{"}"#,
        br#"{"hook_event_name":"PreToolUse"}"#,
        br#"{"agent_action_name":"pre_run_command","tool_info":{}}"#,
        br#"{"hookName":"tool_call","tool_call":{"input":{"commands":["ls"]}}}"#,
        br#"{"hookName":"tool_call","tool_call":{"name":"run_commands","input":{}}}"#,
        br#"{"hookName":"tool_call","tool_call":{"name":"run_commands","input":{"commands":[1]}}}"#,
        br#"{"hookName":"tool_call","tool_call":{"name":"x","input":{"commands":{}}}}"#,
        br#"{"preToolUse":{"preToolUse":{"toolName":"x"}}}"#,
    ] {
        assert!(Payload::read(bytes).is_err(), "{}", String::from_utf8_lossy(bytes));
    }
    let nested = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    assert!(Payload::read(&nested).is_err());
}

#[test]
fn edits_of_what_is_holdpoints_are_stopped() {
    stops(tool("Write", json!({"file_path": POLICY, "content": ""})));
    stops(tool("Edit", json!({"file_path": POLICY, "old_string": "a", "new_string": "b"})));
    stops(tool("create_file", json!({"filePath": POLICY, "content": ""})));
    stops(tool("delete_file", json!({"target_file": POLICY})));
    stops(tool(
        "str_replace_editor",
        json!({"command": "create", "path": POLICY, "file_text": ""}),
    ));
    stops(tool(
        "Write",
        json!({"file_path": "/home/ana/.local/state/holdpoint/audit.jsonl", "content": ""}),
    ));
    stops(tool(
        "Write",
        json!({"file_path": "../home/ana/.config/holdpoint/policy.toml", "content": ""}),
    ));
    let patch =
        |header: &str| format!("*** Begin Patch\n*** {header}: {POLICY}\n-a\n+b\n*** End Patch");
    stops(tool("apply_patch", json!({"command": patch("Update File")})));
    stops(tool("apply_patch", json!({"input": patch("Delete File")})));
    stops(json!({"agent_action_name": "pre_write_code", "tool_info": {"file_path": POLICY,
        "edits": [{"old_string": "a", "new_string": "b"}]}}));
    passes(tool("Write", json!({"file_path": "/app/src/main.rs", "content": LINE})));
    passes(tool("Read", json!({"file_path": POLICY})));
    passes(tool("Grep", json!({"path": POLICY, "pattern": "prod"})));
}

#[test]
fn a_hook_may_not_be_taken_out_of_its_file() {
    const SETTINGS: &str = "/home/ana/.claude/settings.json";
    let hooked = r#"{"model":"x","hooks":{"PreToolUse":[{"hooks":[{"type":"command","command":"/b/holdpoint hook claude"}]}]}}"#;
    let world = FakeWorld::new().with_file(SETTINGS, hooked);
    let edit = |old: &str, new: &str| {
        tool("Edit", json!({"file_path": SETTINGS, "old_string": old, "new_string": new}))
    };
    let write = |text: &str| tool("Write", json!({"file_path": SETTINGS, "content": text}));
    let line = |text: &str| tool("Bash", json!({"command": text}));
    for payload in [
        edit("/b/holdpoint hook claude", "true"),
        edit("holdpoint hook", "holdpoint  hook"),
        edit(r#""model":"x""#, r#""disableAllHooks": true"#),
        write("{}"),
        line("rm ~/.claude/settings.json"),
        line("rm -rf ~/.claude"),
        line("mv ~/.claude /tmp/x"),
        line("echo {} > ~/.claude/settings.json"),
        line("sed -i /holdpoint/d ~/.claude/settings.json"),
    ] {
        assert_eq!(verdict_in(&world, &payload), Verdict::Refuse, "{payload}");
    }
    for payload in [
        edit(r#""model":"x""#, r#""model":"y""#),
        write(&hooked.replace("\"x\"", "\"z\"")),
        line("cat ~/.claude/settings.json"),
        line("rm -rf ~/.claude/todos"),
    ] {
        assert_eq!(verdict_in(&world, &payload), Verdict::Allow, "{payload}");
    }
    // Without a hook in it, the file is anybody's.
    let world = FakeWorld::new().with_file(SETTINGS, "{}");
    assert_eq!(verdict_in(&world, &write("[]")), Verdict::Allow);
}

#[test]
fn other_servers_tools_are_judged_by_name_and_arguments() {
    stops(tool("mcp__railway__volume_delete", json!({"volumeId": "3d2c42fb"})));
    stops(tool("mcp__postgres__query", json!({"sql": "drop table users"})));
    stops(tool("@railway/volume-delete", json!({"volumeId": "3d2c42fb"})));
    stops(json!({"hook_event_name": "BeforeTool", "tool_name": "mcp_rw_volume_delete",
        "tool_input": {"id": "a"}, "mcp_context": {"server_name": "railway", "tool_name": "volume_delete"}}));
    stops(json!({"hook_event_name": "beforeMCPExecution", "tool_name": "execute_sql",
        "tool_input": "{\"sql\":\"drop table users\"}", "command": "npx @acme/postgres-mcp"}));
    stops(
        json!({"agent_action_name": "pre_mcp_tool_use", "tool_info": {"mcp_server_name": "supabase",
        "mcp_tool_name": "execute_sql", "mcp_tool_arguments": {"query": "truncate users"}}}),
    );
    passes(tool("mcp__railway__list_services", json!({})));
    passes(tool("mcp__memory__delete_entities", json!({"names": ["a"]})));
    passes(tool("TodoWrite", json!({"todos": [{"content": "delete the railway volume"}]})));
    passes(tool("WebFetch", json!({"url": "https://railway.app/volumes/delete", "prompt": "x"})));
}

#[test]
fn other_servers_shells_and_editors_are_judged_as_ones_own() {
    for name in ["mcp__desktop-commander__start_process", "mcp__shell__run", "@term/exec"] {
        stops(tool(name, json!({"command": LINE})));
        stops(tool(name, json!({"command": format!("cd /srv && {LINE}"), "timeout_ms": 1})));
        stops(tool(
            name,
            json!({"command": "railway", "args": ["volume", "delete", "-v", "data"]}),
        ));
        passes(tool(name, json!({"command": "git status"})));
    }
    stops(tool("mcp__filesystem__write_file", json!({"path": POLICY, "content": "x"})));
    stops(tool("mcp__filesystem__move_file", json!({"source": POLICY, "destination": "/tmp/x"})));
    stops(tool("mcp__filesystem__move_file", json!({"source": "/tmp/x", "destination": POLICY})));
    passes(tool("mcp__filesystem__read_file", json!({"path": POLICY})));
    passes(tool("mcp__filesystem__write_file", json!({"path": "/app/a.txt", "content": LINE})));
    passes(tool("mcp__notes__write_note", json!({"path": "a.md", "content": LINE})));
    stops(
        json!({"agent_action_name": "pre_mcp_tool_use", "tool_info": {"mcp_server_name": "shell",
        "mcp_tool_name": "run", "mcp_tool_arguments": {"command": LINE}}}),
    );
}

#[test]
fn what_is_typed_into_a_running_program_counts_as_a_line() {
    stops(tool("write_stdin", json!({"session_id": 1, "chars": format!("{LINE}\n")})));
    stops(tool("write_bash", json!({"sessionId": "1", "input": format!("{LINE}{{enter}}")})));
    passes(tool("write_stdin", json!({"session_id": 1, "chars": "y\n"})));
    passes(tool(
        "write_stdin",
        json!({"session_id": 1, "chars": "print('railway volume delete')\n"}),
    ));
}

#[test]
fn kiros_tool_for_aws_is_the_command_that_it_starts() {
    let aws = |operation: &str, parameters: Value| {
        tool(
            "use_aws",
            json!({"service_name": "rds", "operation_name": operation,
            "parameters": parameters, "region": "eu-west-1", "profile_name": "prod", "label": "x"}),
        )
    };
    stops(aws(
        "delete-db-instance",
        json!({"DBInstanceIdentifier": "a", "--skip-final-snapshot": ""}),
    ));
    stops(aws(
        "modify-db-instance",
        json!({"db_instance_identifier": "a", "backup_retention_period": 0}),
    ));
    passes(aws(
        "modify-db-instance",
        json!({"db-instance-identifier": "a", "allocated-storage": 20}),
    ));
    passes(aws("describe-db-instances", json!({})));
}

#[test]
fn a_command_under_a_second_name_counts_too() {
    stops(tool("Bash", json!({"command": "ls", "cmd": LINE})));
    passes(tool("Bash", json!({"command": "ls", "cmd": "pwd"})));
}

#[test]
fn the_directory_of_the_payload_counts() {
    let world = FakeWorld::new().with_file("/srv/shop/drop.sql", "drop table users;");
    let mut payload = tool("Bash", json!({"command": "psql -h db.prod.acme.com -f drop.sql"}));
    payload["cwd"] = json!("/srv/shop");
    assert_eq!(verdict_in(&world, &payload), Verdict::Refuse);
    let inner = tool(
        "bash",
        json!({"command": "psql -h db.prod.acme.com < drop.sql", "workdir": "/srv/shop"}),
    );
    assert_eq!(verdict_in(&world, &inner), Verdict::Refuse);
}

#[test]
fn what_is_typed_later_is_not_read_as_nothing() {
    stops(tool("Bash", json!({"command": "psql -h db.prod.acme.com"})));
    passes(tool("Bash", json!({"command": "psql -h db.prod.acme.com -c 'select 1'"})));
    passes(tool("Bash", json!({"command": "psql -h localhost"})));
}

#[test]
fn nothing_that_an_agent_is_told_permits() {
    for agent in agent::ALL {
        let form = reply::Form::of(agent, b"{}");
        let answer = form.pass();
        let said = format!("{}{}", answer.stdout, answer.stderr);
        assert!(!said.contains("allow") && !said.contains("approve"), "{}: {said}", agent.word);
        assert_eq!(answer.status, i32::from(agent.word == "amp"), "{}", agent.word);
        let denied = form.deny("why");
        let said = format!("{}{}", denied.stdout, denied.stderr);
        assert!(said.contains("why"), "{}", agent.word);
        for undoes in ["suppressOutput", "\"continue\"", "stopReason", "\"ask\""] {
            assert!(!said.contains(undoes), "{}: {undoes}", agent.word);
        }
    }
}
