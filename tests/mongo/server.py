"""A MongoDB server that does nothing but write down what it is asked.

Prints its port, then answers every command with success and appends one line
of JSON a command (database, command, its first values) to the file that its
argument names. Needs PyPI's pymongo for BSON.
"""

import json
import socketserver
import struct
import sys

import bson
import bson.int64

HELLO = {
    "helloOk": True, "ismaster": True, "isWritablePrimary": True, "maxBsonObjectSize": 16777216,
    "maxMessageSizeBytes": 48000000, "maxWriteBatchSize": 100000, "minWireVersion": 0,
    "maxWireVersion": 21, "readOnly": False, "logicalSessionTimeoutMinutes": 30, "ok": 1.0,
}


def answer(command):
    name = next(iter(command), "")
    if name.lower() in ("hello", "ismaster"):
        return HELLO
    if name == "buildInfo":
        return {"version": "7.0.0", "versionArray": [7, 0, 0, 0], "modules": [], "ok": 1.0}
    if name in ("find", "aggregate", "listCollections", "listIndexes"):
        namespace = "%s.x" % command.get("$db")
        batch = [{"name": "a", "type": "collection", "_id": 1}] if name == "listCollections" else []
        return {"cursor": {"id": bson.int64.Int64(0), "ns": namespace, "firstBatch": batch}, "ok": 1.0}
    if name == "listDatabases":
        return {"databases": [{"name": "a", "sizeOnDisk": 1, "empty": False}], "totalSize": 1, "ok": 1.0}
    return {"n": 1, "nModified": 1, "values": [], "ok": 1.0}


class Handler(socketserver.BaseRequestHandler):
    def read(self, count):
        data = b""
        while len(data) < count:
            more = self.request.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def handle(self):
        try:
            while True:
                length, request, _, opcode = struct.unpack("<iiii", self.read(16))
                body = self.read(length - 16)
                if opcode == 2013:
                    flags = struct.unpack("<I", body[:4])[0]
                    sections = body[4:-4] if flags & 1 else body[4:]
                    command, at = None, 0
                    while at < len(sections):
                        kind = sections[at]
                        size = struct.unpack("<i", sections[at + 1:at + 5])[0]
                        held = sections[at + 1:at + 1 + size]
                        if kind == 0:
                            command = bson.decode(held)
                        else:
                            end = held.index(b"\0", 4)
                            documents = bson.decode_all(held[end + 1:])
                            command[held[4:end].decode()] = documents
                        at += 1 + size
                    self.note(command)
                    out = struct.pack("<I", 0) + b"\0" + bson.encode(answer(command))
                    code = 2013
                else:
                    end = body.index(b"\0", 4)
                    command = bson.decode(body[end + 9:])
                    out = struct.pack("<iqii", 8, 0, 0, 1) + bson.encode(answer(command))
                    code = 1
                self.request.sendall(struct.pack("<iiii", 16 + len(out), 1, request, code) + out)
        except (EOFError, ConnectionError):
            pass

    def note(self, command):
        name = next(iter(command), "")
        database = command.pop("$db", None)
        command.pop("lsid", None)
        line = json.dumps({"db": database, "name": name, "command": command}, default=str)
        with open(sys.argv[1], "a") as log:
            log.write(line + "\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


with Server(("127.0.0.1", 0), Handler) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
