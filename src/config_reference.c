#include "base/util.h"
#include "config.h"
#include "config_tables.h"

enum { TOP = 0, ENTRY = 2, SECTION = 4, ROWS = 6 };

static void indent_write(struct ps_buf *out, unsigned indent)
{
    for (unsigned i = 0; i < indent; i++)
        (void)ps_buf_append_char(out, ' ');
}

static void comment_write(struct ps_buf *out, unsigned indent, const char *text)
{
    indent_write(out, indent);
    (void)ps_buf_printf(out, "#%s%s\n", *text ? " " : "", text);
}

/* "name: value"; what need not be set is commented out. */
static void row_write(struct ps_buf *out, unsigned indent, const struct ps_option *row)
{
    comment_write(out, indent, row->doc);

    char expected[512];
    ps_option_expect(row, expected, sizeof expected);
    indent_write(out, indent);
    if (row->standard)
        (void)ps_buf_printf(out, "# %s; default %s\n", expected, row->standard);
    else
        (void)ps_buf_printf(out, "# %s; %s\n", expected, row->required ? "required" : "no default");

    const char *value = row->required && row->example ? row->example : row->standard ? row->standard : row->example;
    indent_write(out, indent);
    (void)ps_buf_printf(out, "%s%s:%s%s\n", row->required ? "" : "#", row->name, value ? " " : "", value ? value : "");
}

static void rows_write(struct ps_buf *out, unsigned indent, const struct ps_option_table *table)
{
    for (size_t i = 0; i < table->n; i++)
        row_write(out, indent, &table->rows[i]);
}

static void entry_write(struct ps_buf *out, const struct ps_option_table *common, const char *kind, const char *doc,
                        const struct ps_option_table *options)
{
    indent_write(out, ENTRY);
    (void)ps_buf_printf(out, "my_%s:\n", kind);
    rows_write(out, SECTION, common);
    comment_write(out, SECTION, doc);
    indent_write(out, SECTION);
    (void)ps_buf_printf(out, "%s:\n", kind);
    rows_write(out, ROWS, options);
}

int ps_config_reference_write(struct ps_buf *out)
{
    comment_write(out, TOP, "The configuration of postship: every key, what it takes, its default.");
    comment_write(out, TOP, "");
    comment_write(out, TOP, "Inputs are read, outputs are where events go, a pipeline joins one of each. Their names");
    comment_write(out, TOP, "(here: my_...) are free. Each input and each output has exactly one kind; all kinds are");
    comment_write(out, TOP,
                  "shown, and only what a pipeline names is used. `postship check -c FILE` tells what would run.");
    (void)ps_buf_append_char(out, '\n');
    rows_write(out, TOP, &ps_config_top);

    (void)ps_buf_append_str(out, "\ninputs:\n");
    for (const struct ps_input_ops *const *ops = ps_input_kinds; *ops; ops++)
        entry_write(out, &ps_config_input, (*ops)->kind, (*ops)->doc, &(*ops)->options);

    (void)ps_buf_append_str(out, "\noutputs:\n");
    for (const struct ps_output_ops *const *ops = ps_output_kinds; *ops; ops++)
        entry_write(out, &ps_config_output, (*ops)->kind, (*ops)->doc, &(*ops)->options);

    (void)ps_buf_append_str(out, "\npipelines:\n");
    indent_write(out, ENTRY);
    (void)ps_buf_append_str(out, "my_pipeline:\n");
    rows_write(out, SECTION, &ps_config_pipeline);
    return out->error;
}
