# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads the tables of mptcpscope export as strings, like the cells of csv."""
import pandas


def cells(path, table):
    """The rows of a table, {column: text} each. What is not known is "". A column that is not known
    anywhere must not look like a number that it may be."""
    frame = pandas.read_hdf(path, table)
    columns = {}
    for name in frame.columns:
        if name.endswith("_valid") and name[:-len("_valid")] in frame.columns:
            continue
        values = frame[name]
        texts = values.astype(str)
        if name + "_valid" in frame.columns:
            valid = frame[name + "_valid"]
            assert set(valid) <= {0, 1}, name
            unknown = values[valid == 0]
            assert (unknown != 0).all(), name
            texts = texts.where(valid == 1, "")
        elif values.dtype.kind == "f":
            texts = texts.where(values.notna(), "")
        columns[name] = list(texts)
    return [dict(zip(columns, row)) for row in zip(*columns.values())]
