"""A server of the Model Context Protocol on standard input and output. Its one
tool, `query`, adds a line to the file that is named on the command line."""

import json
import sys

TOOL = {
    "name": "query",
    "description": "Runs SQL.",
    "inputSchema": {
        "type": "object",
        "properties": {"sql": {"type": "string"}},
        "required": ["sql"],
    },
}


def answer(method, params):
    if method == "initialize":
        return {
            "protocolVersion": params.get("protocolVersion", "2025-06-18"),
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "postgres", "version": "1"},
        }
    if method == "tools/list":
        return {"tools": [TOOL]}
    if method == "tools/call":
        with open(sys.argv[1], "a", encoding="utf-8") as mark:
            mark.write("mcp " + params["arguments"]["sql"] + "\n")
        return {"content": [{"type": "text", "text": "mcp ran"}]}
    return {}


for line in sys.stdin:
    message = json.loads(line)
    if "id" in message:
        result = answer(message.get("method"), message.get("params") or {})
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
