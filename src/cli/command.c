#include "cli/command.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "base/util.h"

enum {
    OPTIONS_MAX = 16,
    OPTION_HELP = 'h',
    OPTION_VERSION = 256, /* no letter */
    OPTION_FIRST = 257,   /* of the command's own */
    HELP_COLUMN = 26
};

int ps_command_usage_fail(const struct ps_command *command, const char *format, ...)
{
    const char *blank = command ? " " : "", *name = command ? command->name : "";
    (void)fprintf(stderr, "postship%s%s: ", blank, name);
    va_list args;
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fprintf(stderr, "\nTry 'postship%s%s --help'.\n", blank, name);
    return PS_EXIT_USAGE;
}

int ps_command_output_end(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return PS_EXIT_OK;
    if (errno == EPIPE) /* whoever reads has seen enough */
        return PS_EXIT_OK;
    (void)fprintf(stderr, "postship: can't write to standard output: %s\n", strerror(errno));
    return PS_EXIT_FAILURE;
}

int ps_command_version_print(void)
{
    (void)printf("postship %s\n", PS_VERSION);
    return ps_command_output_end();
}

static void option_help_print(char letter, const char *name, const char *argument, const char *doc)
{
    char head[64];
    char letters[] = {'-', letter, ',', ' ', '\0'};
    (void)snprintf(head, sizeof head, "  %s--%s%s%s", letter ? letters : "    ", name, argument ? " " : "",
                   argument ? argument : "");
    (void)printf("%-*s  %s", HELP_COLUMN, head, doc);
}

static void row_help_print(const struct ps_command_option *option)
{
    const struct ps_option *row = &option->row;
    option_help_print(option->letter, row->name, option->argument, row->doc);
    for (size_t i = 0; row->choices && row->choices[i]; i++)
        (void)printf("%s%s", i ? ", " : ": ", row->choices[i]);
    if (row->standard)
        (void)printf(" (default %s)", row->standard);
    (void)putchar('\n');
}

static void usage_print(const struct ps_command *command)
{
    (void)printf("Usage: postship %s", command->name);
    bool optional = false;
    for (size_t i = 0; i < command->options_n; i++) {
        const struct ps_command_option *option = &command->options[i];
        if (option->row.required)
            (void)printf(" %s%s %s", option->letter ? "-" : "--",
                         option->letter ? (const char[]){option->letter, '\0'} : option->row.name, option->argument);
        optional |= !option->row.required;
    }
    (void)printf("%s%s%s\n", optional ? " [options]" : "", command->arguments ? " " : "",
                 command->arguments ? command->arguments : "");
}

static int help_print(const struct ps_command *command)
{
    (void)printf("%s.\n\n", command->summary);
    usage_print(command);
    (void)printf("\nOptions:\n");
    for (size_t i = 0; i < command->options_n; i++)
        row_help_print(&command->options[i]);
    option_help_print('h', "help", NULL, "show this help\n");
    option_help_print('\0', "version", NULL, "show the version\n");
    if (command->help)
        (void)printf("\n%s", command->help);
    return ps_command_output_end();
}

/* What getopt_long wants, from the rows. */
struct parser {
    struct option longs[OPTIONS_MAX + 3];
    char shorts[2 * OPTIONS_MAX + 3];
};

static void parser_make(const struct ps_command *command, struct parser *p)
{
    *p = (struct parser){0};
    size_t letters = 0, n = 0;
    p->shorts[letters++] = ':'; /* a missing value is told from an unknown option */
    p->shorts[letters++] = OPTION_HELP;
    for (size_t i = 0; i < command->options_n && i < OPTIONS_MAX; i++) {
        const struct ps_command_option *option = &command->options[i];
        p->longs[n++] = (struct option){option->row.name, option->argument ? required_argument : no_argument, NULL,
                                        OPTION_FIRST + (int)i};
        if (option->letter)
            p->shorts[letters++] = option->letter;
        if (option->letter && option->argument)
            p->shorts[letters++] = ':';
    }
    p->longs[n++] = (struct option){"help", no_argument, NULL, OPTION_HELP};
    p->longs[n] = (struct option){"version", no_argument, NULL, OPTION_VERSION};
}

static const struct ps_command_option *option_find(const struct ps_command *command, int code)
{
    for (size_t i = 0; i < command->options_n; i++)
        if (code == OPTION_FIRST + (int)i || (command->options[i].letter && code == command->options[i].letter))
            return &command->options[i];
    return NULL;
}

static int unknown_option_fail(const struct ps_command *command, const struct parser *p, const char *word)
{
    if (optopt && optopt < OPTION_VERSION)
        return ps_command_usage_fail(command, "there is no option -%c", optopt);
    if (optopt) /* a flag that was given a value */
        return ps_command_usage_fail(command, "%s: the option takes no value", word);
    char name[64];
    (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    struct ps_suggest suggest = {.word = name};
    for (const struct option *known = p->longs; known->name; known++)
        ps_suggest_offer(&suggest, known->name);
    return ps_command_usage_fail(command, "there is no option --%s%s%s%s", name,
                                 suggest.best ? "; did you mean --" : "", suggest.best ? suggest.best : "",
                                 suggest.best ? "?" : "");
}

static int no_memory_fail(void)
{
    (void)fprintf(stderr, "postship: out of memory\n");
    return PS_EXIT_FAILURE;
}

/* -1: go on; else the exit status. */
static int option_set(const struct ps_command *command, const struct ps_command_option *option, void *values)
{
    char expected[256];
    const char *text = option->argument ? optarg : "true";
    int r = ps_option_scalar_set(&option->row, values, NULL, text, expected, sizeof expected);
    if (r == -EINVAL)
        return ps_command_usage_fail(command, "--%s: expected %s, found '%s'", option->row.name, expected, text);
    return r < 0 ? no_memory_fail() : -1;
}

/* -1: all is set, what is left begins at optind; else the exit status. */
static int options_read(const struct ps_command *command, int argc, char **argv, void *values)
{
    struct parser parser;
    parser_make(command, &parser);
    uint64_t seen = 0;
    opterr = 0;
    for (int code; (code = getopt_long(argc, argv, parser.shorts, parser.longs, NULL)) != -1;) {
        if (code == OPTION_HELP)
            return help_print(command);
        if (code == OPTION_VERSION)
            return ps_command_version_print();
        if (code == ':')
            return ps_command_usage_fail(command, "%s: a value is missing", argv[optind - 1]);
        const struct ps_command_option *option = option_find(command, code);
        if (!option)
            return unknown_option_fail(command, &parser, argv[optind - 1]);
        seen |= UINT64_C(1) << (option - command->options);
        int status = option_set(command, option, values);
        if (status >= 0)
            return status;
    }
    for (size_t i = 0; i < command->options_n; i++)
        if (command->options[i].row.required && !(seen >> i & 1))
            return ps_command_usage_fail(command, "--%s %s is missing: %s", command->options[i].row.name,
                                         command->options[i].argument, command->options[i].row.doc);
    if (!command->arguments && optind < argc)
        return ps_command_usage_fail(command, "unexpected '%s'", argv[optind]);
    return -1;
}

int ps_command_run_args(const struct ps_command *command, int argc, char **argv)
{
    struct ps_option rows[OPTIONS_MAX];
    size_t n = PS_MIN(command->options_n, (size_t)OPTIONS_MAX);
    for (size_t i = 0; i < n; i++)
        rows[i] = command->options[i].row;
    const struct ps_option_table table = {rows, n, command->size, NULL};

    void *values = calloc(1, PS_MAX(command->size, (size_t)1));
    if (!values)
        return no_memory_fail();
    int status =
        ps_option_defaults_set(&table, values) < 0 ? no_memory_fail() : options_read(command, argc, argv, values);
    if (status < 0)
        status = command->run(values, argv + optind);
    ps_option_values_done(&table, values);
    free(values);
    return status;
}
