#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/util.h"
#include "cli/access.h"
#include "cli/command.h"
#include "cli/config_load.h"
#include "input/file.h"
#include "output/file.h"

enum { TEXT_MAX = 1 << 16, REFERENCE_MAX = 1 << 20 };

struct check_options {
    char *config;
    bool reference;
};

static const struct ps_command_option check_rows[] = {
    {
        .letter = 'c',
        .argument = "FILE",
        .row =
            {
                .name = "config",
                .type = PS_OPTION_STRING,
                .offset = offsetof(struct check_options, config),
                .doc = "the configuration; needed, but for --reference",
            },
    },
    {
        .row =
            {
                .name = "reference",
                .type = PS_OPTION_BOOL,
                .offset = offsetof(struct check_options, reference),
                .doc = "print every key of the configuration with its default instead",
            },
    },
};

static void strings_print(const struct ps_strings *list)
{
    for (size_t i = 0; i < list->n; i++)
        (void)printf("%s%s", i ? ", " : "", list->v[i]);
}

/* What an input or output can't do without says best which one it is. Maps hold other programs' settings, passwords
 * among them: not shown. */
static void required_print(const struct ps_option_table *table, const void *options)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct ps_option *row = &table->rows[i];
        const void *member = (const char *)options + row->offset;
        if (!row->required || (row->type != PS_OPTION_STRING && row->type != PS_OPTION_STRING_LIST))
            continue;
        (void)printf(", %s ", row->name);
        if (row->type == PS_OPTION_STRING)
            (void)printf("%s", *(char *const *)member);
        else
            strings_print(member);
    }
}

static void condition_print(const struct ps_condition *c)
{
    bool list = c->values.n > 1;
    (void)printf("%s: %s", c->name, list ? "[" : "");
    for (size_t i = 0; i < c->values.n; i++)
        (void)printf("%s%s", i ? ", " : "", *c->values.v[i] ? c->values.v[i] : "''");
    (void)printf("%s", list ? "]" : "");
}

/* "  drop    {event: debug}, {event: delivery, status: [sent, deliverable]}", where there are any. */
static void conditions_print(const char *name, const struct ps_conditions *list)
{
    for (size_t i = 0; i < list->n; i++) {
        (void)printf("%s%s{", i ? ", " : "  ", i ? "" : name);
        for (size_t j = 0; j < list->v[i].n; j++) {
            (void)printf("%s", j ? ", " : "");
            condition_print(&list->v[i].v[j]);
        }
        (void)printf("}");
    }
    if (list->n)
        (void)printf("\n");
}

static void pipeline_print(const struct ps_config *config, const struct ps_config_pipeline *p)
{
    (void)printf("pipeline %s\n", p->name);
    (void)printf("  input   %s: %s", p->input->name, p->input->ops->kind);
    required_print(&p->input->ops->options, p->input->options);
    if (p->input->host)
        (void)printf(", host %s", p->input->host);
    (void)printf("\n  output  %s: %s", p->output->name, p->output->ops->kind);
    required_print(&p->output->ops->options, p->output->options);
    (void)printf("\n");
    conditions_print("keep    ", &p->keep);
    conditions_print("drop    ", &p->drop);
    (void)printf("  window  %lld events, %lld KiB\n", (long long)p->window, (long long)(p->window_bytes >> 10));
    (void)printf("  state   %s/%s.checkpoint\n", config->state_dir, p->name);
}

/* "warning: WHERE: text", where there is a text. */
static void warning_print(const char *what, const char *name, struct ps_buf *text)
{
    const char *s = text->n ? ps_buf_cstr(text) : NULL;
    if (s)
        (void)fprintf(stderr, "warning: %s%s: %s\n", what, name, s);
    ps_buf_clear(text);
}

static void input_warn(const struct ps_config_input *in, struct ps_buf *text)
{
    if (in->ops != &ps_input_file)
        return;
    const struct ps_input_file_options *file = in->options;
    for (size_t i = 0; i < file->paths.n; i++) {
        struct stat st;
        ps_access_read_explain(file->paths.v[i], text);
        if (!text->n && stat(file->paths.v[i], &st) < 0)
            (void)ps_buf_printf(text, "%s: %s; it is read when it is there", file->paths.v[i], strerror(errno));
        warning_print("inputs.", in->name, text);
    }
}

static const struct ps_output_file_options *file_output(const struct ps_config_pipeline *p)
{
    return p->output->ops == &ps_output_file ? p->output->options : NULL;
}

/* Two that append to one file write over each other's half lines. */
static void same_file_warn(const struct ps_config *config, size_t i, struct ps_buf *text)
{
    const struct ps_output_file_options *mine = file_output(&config->pipelines[i]);
    for (size_t j = 0; mine && j < i; j++) {
        const struct ps_output_file_options *other = file_output(&config->pipelines[j]);
        if (other && strcmp(mine->path, other->path) == 0)
            (void)ps_buf_printf(text, "writes to the same file as %s; give each a file of its own",
                                config->pipelines[j].name);
        warning_print("pipelines.", config->pipelines[i].name, text);
    }
}

static void output_directory_warn(const struct ps_config_output *out, struct ps_buf *text)
{
    if (out->ops != &ps_output_file)
        return;
    const struct ps_output_file_options *file = out->options;
    const char *slash = strrchr(file->path, '/');
    if (!slash || slash == file->path)
        return;
    _cleanup_free_ char *directory = strndup(file->path, (size_t)(slash - file->path));
    if (directory)
        ps_access_directory_explain(directory, text);
    warning_print("outputs.", out->name, text);
}

static bool input_is_used(const struct ps_config *config, const struct ps_config_input *in)
{
    for (size_t i = 0; i < config->pipelines_n; i++)
        if (config->pipelines[i].input == in)
            return true;
    return false;
}

static bool output_is_used(const struct ps_config *config, const struct ps_config_output *out)
{
    for (size_t i = 0; i < config->pipelines_n; i++)
        if (config->pipelines[i].output == out)
            return true;
    return false;
}

/* What is legal but hardly meant. */
static void warnings_print(const struct ps_config *config)
{
    _cleanup_(ps_buf_done) struct ps_buf text = {.max = TEXT_MAX};
    ps_access_directory_explain(config->state_dir, &text);
    warning_print("state_dir", "", &text);
    for (size_t i = 0; i < config->inputs_n; i++) {
        if (input_is_used(config, &config->inputs[i])) {
            input_warn(&config->inputs[i], &text);
            continue;
        }
        (void)ps_buf_append_str(&text, "no pipeline reads it");
        warning_print("inputs.", config->inputs[i].name, &text);
    }
    for (size_t i = 0; i < config->outputs_n; i++) {
        if (output_is_used(config, &config->outputs[i])) {
            output_directory_warn(&config->outputs[i], &text);
            continue;
        }
        (void)ps_buf_append_str(&text, "no pipeline writes to it");
        warning_print("outputs.", config->outputs[i].name, &text);
    }
    for (size_t i = 0; i < config->pipelines_n; i++)
        same_file_warn(config, i, &text);
}

static int reference_print(void)
{
    _cleanup_(ps_buf_done) struct ps_buf text = {.max = REFERENCE_MAX};
    if (ps_config_reference_write(&text) < 0) {
        (void)fprintf(stderr, "postship: out of memory\n");
        return PS_EXIT_FAILURE;
    }
    (void)fwrite(text.p, 1, text.n, stdout);
    return ps_command_output_end();
}

static int run(const void *options, char **args)
{
    (void)args;
    const struct check_options *o = options;
    if (o->reference)
        return reference_print();
    if (!o->config)
        return ps_command_usage_fail(&ps_command_check, "--config FILE is missing: the configuration");
    _cleanup_(ps_config_freep) struct ps_config *config = ps_config_load(o->config);
    if (!config)
        return PS_EXIT_FAILURE;
    for (size_t i = 0; i < config->pipelines_n; i++)
        pipeline_print(config, &config->pipelines[i]);
    int status = ps_command_output_end();
    warnings_print(config);
    return status;
}

const struct ps_command ps_command_check = {
    .name = "check",
    .summary = "Read a configuration and tell what would run",
    .help = "Everything that is wrong is told, with its place in the file; the exit status is then 1. Warnings name\n"
            "what is allowed but hardly meant, such as a log file that this user can't read.\n",
    .options = check_rows,
    .options_n = PS_COUNT(check_rows),
    .size = sizeof(struct check_options),
    .run = run,
};
