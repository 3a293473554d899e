# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared by tests that write files: each has a folder of its own."""
import os
import shutil
import tempfile
import unittest


class FolderCase(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def at(self, name):
        """The path of a file in the folder."""
        return os.path.join(self.folder, name)
