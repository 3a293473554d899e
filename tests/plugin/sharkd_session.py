"""A session of sharkd with the plugin.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import subprocess


class Sharkd:
    def __init__(self, command, environment=None, log=subprocess.DEVNULL):
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=log,
                                        text=True)

    def __call__(self, method, **params):
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())["result"]

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
