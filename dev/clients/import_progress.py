#!/usr/bin/env python3
"""Sends bank files and watches their import, as a page in the field does: written from section 3 of the wire contract
alone, with the package `websockets`.

    import_progress.py URL FILE…              sends the files as one batch, prints each message as a line of JSON
    import_progress.py --cancel URL FILE…     the same, and cancels the batch once the stage `parsing` is told

Ends with 0 where the messages keep the contract; else with 1, saying which sentence is broken.
"""

import argparse
import asyncio
import json
import sys
import urllib.request
import uuid
from pathlib import Path

import websockets

STAGES = {
    "validation": (0, 20),
    "scanning": (20, 40),
    "parsing": (40, 60),
    "database": (60, 80),
    "categorization": (80, 100),
}
FINAL = {"completed", "error", "cancelled"}
STATUSES = FINAL | {"connected", "processing"}


def call(method, url, body=None, headers=None):
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.status, json.load(answer)


def log_in(url):
    status, answer = call(
        "POST",
        url + "/api/v1/auth/login",
        b"username=somebody&password=anything",
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    expect(status == 200 and answer["token_type"] == "bearer" and answer["access_token"], "login answers with a token")
    expect(answer["expires_in"] > 0, "login says how long its token lasts")
    return answer["access_token"]


def socket_token(url, token):
    status, answer = call("POST", url + "/api/v1/auth/websocket-token", b"", {"Authorization": "Bearer " + token})
    expect(status == 200 and answer["token_type"] == "websocket", "a token for sockets has that type")
    expect(answer["expires_in"] == 300, "a token for sockets lasts 300 s")
    return answer["websocket_token"]


def send(url, token, batch, files):
    boundary = uuid.uuid4().hex
    body = b""
    for name, value in [("batch_id", batch), ("currency", "EUR")]:
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    for file in files:
        body += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n'
            "Content-Type: text/csv\r\n\r\n"
        ).encode()
        body += file.read_bytes() + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return call(
        "POST",
        url + "/api/v1/upload/csv",
        body,
        {"Content-Type": "multipart/form-data; boundary=" + boundary, "Authorization": "Bearer " + token},
    )


def expect(holds, sentence):
    if not holds:
        raise AssertionError(sentence)


class Follower:
    """Checks each message against the contract, and all of them together."""

    def __init__(self, batch, files):
        self.batch = batch
        self.size = sum(file.stat().st_size for file in files)
        self.single = len(files) == 1
        self.progress = -1
        self.told = []
        self.last = None

    def take(self, message):
        expect(message["batch_id"] == self.batch, "a message names its batch")
        expect(message["status"] in STATUSES, "a status is one of five")
        expect(0 <= message["progress"] <= 100, "progress is a percentage")
        expect(message["progress"] >= self.progress, "progress never goes back")
        expect(message["timestamp"].endswith("Z"), "a timestamp is RFC 3339 in UTC")
        expect(isinstance(message["message"], str), "a message says something")
        if self.last is None:
            expect(message["status"] == "connected", "the first message has the status connected")
            expect("details" not in message, "the first message has no details")
        elif message["status"] == "processing":
            self.take_details(message["details"])
        if "stage" in message:
            low, high = STAGES[message["stage"]]
            if self.single and message["status"] == "processing":
                expect(low <= message["progress"] <= high, "progress lies within its stage")
            self.told.append((message["stage"], message["progress"]))
        self.progress = message["progress"]
        self.last = message

    def take_details(self, details):
        for key in ("processed", "total", "errors", "size"):
            expect(isinstance(details[key], int), f"details have {key} as an integer")
        expect(details["size"] == self.size, "details sum the sizes of all files")
        expect(isinstance(details["filename"], str), "details name a file")

    def require_stages(self):
        """Every stage is told at its start and at its end."""
        for stage, (low, high) in STAGES.items():
            places = [progress for told, progress in self.told if told == stage]
            expect(low in places, f"the stage {stage} is told at its start")
            expect(high in places, f"the stage {stage} is told at its end")


async def follow(url, token, files, cancel):
    batch = str(uuid.uuid4())
    follower = Follower(batch, files)
    address = url.replace("http", "ws", 1) + "/ws/upload-progress/" + batch + "?token=" + socket_token(url, token)
    async with websockets.connect(address, max_size=1 << 20) as socket:
        await socket.send("ping")
        answers = [await socket.recv(), await socket.recv()]
        expect("pong" in answers, "ping is answered with the bare word pong")
        answers.remove("pong")
        follower.take(json.loads(answers[0]))
        status, sent = await asyncio.to_thread(send, url, token, batch, files)
        expect(status == 202, "the files are taken with 202")
        expect(sent["batch_id"] == batch and sent["status"] == "processing", "the answer names the batch")
        expect(sent["filename"] == files[0].name, "the answer names the first file")
        expect(sent["size"] == follower.size, "the answer sums the sizes")
        cancelled = False
        try:
            async for text in socket:
                message = json.loads(text)
                print(text, flush=True)
                follower.take(message)
                if cancel and not cancelled and message.get("stage") == "parsing":
                    cancelled = True
                    await asyncio.to_thread(call, "POST", url + "/api/v1/batch/cancel/" + batch, b"")
        except websockets.ConnectionClosedOK:
            pass
        expect(socket.close_code == 1000, "after a final status the socket is closed with 1000")
        expect(socket.close_reason == follower.last["status"], "the close's reason is the status")
    expect(follower.last["status"] in FINAL, "the last message has a final status")
    if cancel:
        expect(follower.last["status"] == "cancelled", "a cancelled batch says so")
    elif follower.last["status"] == "completed" and follower.single:
        follower.require_stages()
        expect(follower.progress == 100, "what is completed is at 100")
    _, polled = await asyncio.to_thread(call, "GET", url + "/api/v1/imports/" + batch)
    expect(polled["status"] == follower.last["status"], "who polls sees the latest message")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--cancel", action="store_true")
    arguments.add_argument("url")
    arguments.add_argument("files", nargs="+", type=Path)
    given = arguments.parse_args()
    try:
        asyncio.run(asyncio.wait_for(follow(given.url, log_in(given.url), given.files, given.cancel), 120))
    except AssertionError as broken:
        print(f"not kept: {broken}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
