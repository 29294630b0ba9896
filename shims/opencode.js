// Calls `holdpoint hook @AGENT@` before every tool of the agent's.
// Written by `holdpoint hooks install @AGENT@`; `holdpoint hooks uninstall @AGENT@` takes it away.
import { spawnSync } from "node:child_process"

const PROGRAM = "@PROGRAM@"

export const Holdpoint = async ({ directory }) => ({
  "tool.execute.before": async (input, output) => {
    const payload = {
      hook_event_name: "tool.execute.before",
      session_id: input.sessionID,
      tool_use_id: input.callID,
      cwd: directory,
      tool_name: input.tool,
      tool_input: output.args ?? {},
    }
    const done = spawnSync(PROGRAM, ["hook", "@AGENT@"], {
      input: JSON.stringify(payload),
      encoding: "utf8",
      timeout: 10000,
    })
    if (done.status !== 0) {
      throw new Error((done.stderr || "").trim() || "holdpoint did not answer; nothing was run")
    }
  },
})
