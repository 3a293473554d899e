/* table_write.h: writes tables as text, csv and json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TABLE_WRITE_H
#define MPS_TABLE_WRITE_H

#include <mptcpscope/style.h>
#include <stdio.h>

/* Where text is written, and how it looks. */
typedef struct {
    FILE *file;
    const mps_style *style;
} mps_text;

/** @return characters that a line of a table has at most, unless a word is longer. */
unsigned mps_text_width(const mps_text *text);

/** @return characters that a line of sentences has at most, unless a word is longer: those of a
 *  table, but not more than are easily read. */
unsigned mps_sentence_width(const mps_text *text);

/* What text has of a column, where that is not its own heading. */
typedef struct {
    const char *name;    /* of the column or of its group, or GROUP.NAME; NULL ends a list */
    const char *title;   /* its heading in text; NULL: text does not have it */
    const char *unknown; /* what stands for null; NULL: "-" */
    bool when_wide;      /* text has it where lines are wide enough for it */
} mps_text_choice;

/* Text does not have a column; text has it where a line is wider than MPS_TEXT_WIDTH and has room
 * for it; text has it with another heading, or with other words for null; the end of a list. */
#define MPS_TEXT_WITHOUT(name)                                                                     \
    {                                                                                              \
        name, NULL, NULL, false                                                                    \
    }
#define MPS_TEXT_WHEN_WIDE(name)                                                                   \
    {                                                                                              \
        name, NULL, NULL, true                                                                     \
    }
#define MPS_TEXT_AS(name, title)                                                                   \
    {                                                                                              \
        name, title, NULL, false                                                                   \
    }
#define MPS_TEXT_UNKNOWN_AS(name, title, unknown)                                                  \
    {                                                                                              \
        name, title, unknown, false                                                                \
    }
#define MPS_TEXT_END MPS_TEXT_WITHOUT(NULL)

/* How a table is written as text. */
typedef struct {
    const char *title;
    const char *filter;             /* NULL: none */
    const char *const *only;        /* groups, or names of columns without a group, that are shown;
                                     * ended by NULL. NULL: all */
    const mps_text_choice *choices; /* NULL: none */
    bool below; /* directly below another table: the rule between them is written already, and the
                 * filter is named there */
} mps_text_form;

/** Write a table as text between rules, with its title and filter. Where a line would be longer
 *  than the width of text, headings have two lines, long cells are broken, or the table is written
 * in parts (text_layout.h). */
void mps_write_text_form(mps_text *out, const mps_table *table, const mps_text_form *form);

/** Write rows in columns of fixed widths, for more rows to follow. @param heading  write it, too */
void mps_write_text_live(mps_text *out, const mps_table *table, const mps_text_form *form,
                         bool heading);

/** Write `NAME: TEXT` as a line of text. @param text  printed as mps_printable() gives it */
void mps_write_text_line(mps_text *out, const char *name, const char *text);

/** The same with all columns that have a heading. @param filter  NULL: none */
void mps_write_text(mps_text *out, const mps_table *table, const char *title, const char *filter);

/** The same directly below another table. */
void mps_write_text_below(mps_text *out, const mps_table *table, const char *title);

/** Write the columns and rows of a table as text between other text: no rules, no title.
 *  @param indent  characters before each line */
void mps_write_text_indented(mps_text *out, const mps_table *table, unsigned indent);

/** Write some columns of a table as text. @param names, below  as `only` and `below` of a form */
void mps_write_text_part(mps_text *out, const mps_table *table, const char *title,
                         const char *const *names, bool below);

/** Write a table as csv, with a header line. Of a string only printable characters are written as
 *  they are. One that a spreadsheet would take for a formula gets a quote (') before it: it begins
 *  with = + - @, tab or carriage return, and is neither a number nor "-" alone. */
void mps_write_csv(FILE *out, const mps_table *table);

/** Write the header line of mps_write_csv(). */
void mps_write_csv_heading(FILE *out, const mps_table *table);

/** Write one row as csv. */
void mps_write_csv_row(FILE *out, const mps_table *table, unsigned row);

/** Write all rows as csv, without a header line. */
void mps_write_csv_rows(FILE *out, const mps_table *table);

/** Write one row as members of a json object, without the braces. */
void mps_write_json_members(FILE *out, const mps_table *table, unsigned row);

/** Write one row as a json object. */
void mps_write_json_row(FILE *out, const mps_table *table, unsigned row);

/** Write a member of a json document: the key and an array of rows. */
void mps_write_json_table(FILE *out, const mps_table *table, const char *key);

/** Write a member of a json document: the key and an array of strings.
 *  @param strings   char *  @param in_lines  each in a line of its own */
void mps_write_json_strings(FILE *out, const char *key, const GPtrArray *strings, bool in_lines);

/** Write `"rows": [ … ]`, the last member of a json document. */
void mps_write_json_rows(FILE *out, const mps_table *table);

/** Write a sentence, printable, and a newline, broken at spaces into lines of at most
 *  mps_sentence_width() characters.
 *  @param column  where the first line continues  @param indent  of the lines after it */
void mps_write_wrapped(mps_text *out, const char *sentence, size_t column, unsigned indent);

/** Write a line of `width` characters. */
void mps_write_rule(mps_text *out, char c, unsigned width);

/** Write the title of a report or a table, and a newline. */
void mps_write_title(mps_text *out, const char *title);

/** Write a label as it is, and a sentence after it, as mps_write_wrapped() does.
 *  @param indent  of the lines after the first one */
void mps_write_labelled(mps_text *out, const char *label, const char *sentence, unsigned indent);

/** @return bytes of the text up to the blank at which a line may be broken, or to the end. A number
 *  and its unit stay together. */
size_t mps_unbroken_length(const char *text);

/** Write notes as lines of text. @param notes  char *, one sentence each */
void mps_write_text_notes(mps_text *out, const GPtrArray *notes);

/** Write notes as the member `notes` of a json document. csv has none. */
void mps_write_json_notes(FILE *out, const GPtrArray *notes);

/** Write a json string with its quotes. Invalid UTF-8 is replaced; characters that cannot be
 * printed are escaped. */
void mps_write_json_string(FILE *out, const char *string);

/** Write a value as json. */
void mps_write_json_value(FILE *out, const mps_value *value);

/** Write a value as csv does, but without quotes. */
void mps_write_bare(FILE *out, const mps_value *value);

#endif
