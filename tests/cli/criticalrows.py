# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared by the tests of the critical path: times of its rows, and what adds up in each."""
import decimal
import unittest


def ns(seconds):
    return int(decimal.Decimal(seconds) * 10**9)


class Sums(unittest.TestCase):
    def check_sums(self, row, where):
        """Classes, causes, pieces and intervals of a row add up to the time elapsed."""
        elapsed = ns(row["elapsed"])
        self.assertEqual(ns(row["end"]) - ns(row["start"]), elapsed, where)
        for part in ("classes", "causes"):
            self.assertEqual(sum(ns(p["time"]) for p in row[part]), elapsed, (where, part))
        pieces = row["pieces"]
        self.assertEqual(pieces[0]["from_time"], row["start"], where)
        self.assertEqual(pieces[-1]["to_time"], row["end"], where)
        for piece, after in zip(pieces, pieces[1:]):
            self.assertEqual(piece["to_time"], after["from_time"], where)
        for piece in pieces:
            self.assertEqual(ns(piece["to_time"]) - ns(piece["from_time"]), ns(piece["time"]))
        for interval in row["intervals"]:
            self.assertEqual(sum(map(ns, interval["classes"].values())), ns(interval["length"]))
        self.assertEqual(sum(ns(i["length"]) for i in row["intervals"]), elapsed, where)
