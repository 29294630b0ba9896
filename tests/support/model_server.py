"""A model on loopback that says what it is told to: one tool call a turn, then
"Done.". Speaks Anthropic's messages, OpenAI's chat completions and responses,
and Gemini's generateContent, streamed or whole.

    model_server.py CALLS LOG

CALLS is a JSON list of {"name", "arguments"}; the call of a turn is the one
whose index is the number of tool results that the request carries, and a
request that offers no tools gets none. Prints its port. Each request is a line
of LOG. Ends with its standard input.
"""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CALLS, LOG = sys.argv[1:3]
LOCK = threading.Lock()
USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


def count(value, wanted):
    """How many objects of a request are `wanted`."""
    if isinstance(value, dict):
        return int(wanted(value)) + sum(count(item, wanted) for item in value.values())
    if isinstance(value, list):
        return sum(count(item, wanted) for item in value)
    return 0


def next_call(turn, offered):
    with open(CALLS, encoding="utf-8") as file:
        calls = json.load(file)
    return calls[turn] if offered and turn < len(calls) else None


class Model(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def read(self):
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        data = b""
        while size := int(self.rfile.readline().strip() or b"0", 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return data

    def note(self):
        try:
            body = json.loads(self.read() or b"null")
        except ValueError:
            body = None
        with LOCK, open(LOG, "a", encoding="utf-8") as log:
            log.write(json.dumps({"path": self.path, "body": body}) + "\n")
        return body if isinstance(body, dict) else {}

    def reply(self, kind, text, status=200):
        data = text.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def whole(self, value, status=200):
        self.reply("application/json", json.dumps(value), status)

    def stream(self, events):
        text = ""
        for name, value in events:
            text += f"event: {name}\n" if name else ""
            text += f"data: {value if isinstance(value, str) else json.dumps(value)}\n\n"
        self.reply("text/event-stream", text)

    def do_GET(self):
        self.note()
        if self.path.split("?")[0].endswith("/models"):
            model = {"id": "fake", "object": "model", "created": 0, "owned_by": "x"}
            return self.whole({"object": "list", "data": [model], "models": []})
        return self.whole({}, 404)

    def do_POST(self):
        body = self.note()
        path = self.path.split("?")[0]
        if path.endswith("/messages"):
            return self.messages(body)
        if path.endswith("/responses"):
            return self.openai_responses(body)
        if path.endswith("/chat/completions"):
            return self.completions(body)
        if "enerateContent" in path:
            return self.gemini(body, path)
        if path.endswith("count_tokens"):
            return self.whole({"input_tokens": 10})
        return self.whole({}, 404)

    def messages(self, body):
        turn = count(body.get("messages"), lambda item: item.get("type") == "tool_result")
        call = next_call(turn, body.get("tools"))
        usage = {"input_tokens": 1, "output_tokens": 1}
        stop = "tool_use" if call else "end_turn"
        if call:
            block = {"type": "tool_use", "id": f"toolu_{turn}", "name": call["name"]}
            filled, empty = {"input": call["arguments"]}, {"input": {}}
            part = {"type": "input_json_delta", "partial_json": json.dumps(call["arguments"])}
        else:
            block = {"type": "text"}
            filled, empty = {"text": "Done."}, {"text": ""}
            part = {"type": "text_delta", "text": "Done."}
        message = {
            "id": f"msg_{turn}", "type": "message", "role": "assistant", "model": "fake",
            "content": [block | filled], "stop_reason": stop, "stop_sequence": None,
            "usage": usage,
        }
        if not body.get("stream"):
            return self.whole(message)
        begun = message | {"content": [], "stop_reason": None}
        ended = {"stop_reason": stop, "stop_sequence": None}
        events = [
            {"type": "message_start", "message": begun},
            {"type": "content_block_start", "index": 0, "content_block": block | empty},
            {"type": "content_block_delta", "index": 0, "delta": part},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": ended, "usage": usage},
            {"type": "message_stop"},
        ]
        return self.stream([(event["type"], event) for event in events])

    def openai_responses(self, body):
        ends = lambda item: str(item.get("type")).endswith("_call_output")
        turn = count(body.get("input"), ends)
        call = next_call(turn, body.get("tools"))
        if call:
            item = {
                "type": "function_call", "id": f"fc_{turn}", "call_id": f"call_{turn}",
                "name": call["name"], "arguments": json.dumps(call["arguments"]),
                "status": "completed",
            }
            if "namespace" in call:
                item["namespace"] = call["namespace"]
        else:
            text = {"type": "output_text", "text": "Done.", "annotations": []}
            item = {"type": "message", "id": f"msg_{turn}", "role": "assistant",
                    "status": "completed", "content": [text]}
        usage = {
            "input_tokens": 1, "output_tokens": 1, "total_tokens": 2,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        }
        whole = {"id": f"resp_{turn}", "object": "response", "created_at": 0, "model": "fake",
                 "status": "completed", "output": [item], "usage": usage}
        if not body.get("stream"):
            return self.whole(whole)
        begun = whole | {"status": "in_progress", "output": [], "usage": None}
        events = [
            {"type": "response.created", "response": begun},
            {"type": "response.output_item.added", "output_index": 0, "item": item},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": whole},
        ]
        return self.stream(
            (event["type"], event | {"sequence_number": at}) for at, event in enumerate(events)
        )

    def completions(self, body):
        turn = count(body.get("messages"), lambda item: item.get("role") == "tool")
        call = next_call(turn, body.get("tools"))
        said = {"role": "assistant", "content": None if call else "Done."}
        if call:
            function = {"name": call["name"], "arguments": json.dumps(call["arguments"])}
            said["tool_calls"] = [
                {"index": 0, "id": f"call_{turn}", "type": "function", "function": function}
            ]
        stop = "tool_calls" if call else "stop"
        head = {"id": f"chat_{turn}", "created": 0, "model": "fake"}
        if not body.get("stream"):
            choice = {"index": 0, "message": said, "finish_reason": stop}
            return self.whole(
                head | {"object": "chat.completion", "choices": [choice], "usage": USAGE}
            )
        head["object"] = "chat.completion.chunk"
        first = {"index": 0, "delta": said, "finish_reason": None}
        last = {"index": 0, "delta": {}, "finish_reason": stop}
        return self.stream([
            (None, head | {"choices": [first]}),
            (None, head | {"choices": [last]}),
            (None, head | {"choices": [], "usage": USAGE}),
            (None, "[DONE]"),
        ])

    def gemini(self, body, path):
        turn = count(body.get("contents"), lambda item: "functionResponse" in item)
        call = next_call(turn, body.get("tools"))
        part = {"text": "Done."}
        if call:
            function = {"name": call["name"], "args": call["arguments"]}
            part = {"functionCall": function, "thoughtSignature": "c2tpcA=="}
        content = {"role": "model", "parts": [part]}
        answer = {
            "candidates": [{"index": 0, "finishReason": "STOP", "content": content}],
            "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1,
                              "totalTokenCount": 2},
        }
        if "stream" in path:
            return self.stream([(None, answer)])
        return self.whole(answer)


server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
os._exit(0)
