/* A subcommand: one constant table is dispatcher, option parser, help and completion. */
#pragma once

#include "base/option.h"

struct ps_command_option {
    char letter;          /* its short form, or 0 */
    const char *argument; /* what the value is called in the help; NULL: a flag (its row is BOOL) */
    struct ps_option row; /* fills a member of the command's options struct */
};

struct ps_command {
    const char *name;
    const char *summary;   /* one line, without a full stop */
    const char *arguments; /* as in the usage line: "[FILE...]"; NULL: takes none */
    const char *help;      /* what the options don't say; whole lines; NULL: nothing */
    const struct ps_command_option *options;
    size_t options_n;
    size_t size; /* sizeof the options struct */
    /* The exit status. `args`: what is left besides options, NULL-terminated. */
    int (*run)(const void *options, char **args);
};

enum { PS_EXIT_OK = 0, PS_EXIT_FAILURE = 1, PS_EXIT_USAGE = 2 };

/* All of them, NULL-terminated; main.c. */
extern const struct ps_command *const ps_commands[];

extern const struct ps_command ps_command_run;
extern const struct ps_command ps_command_check;
extern const struct ps_command ps_command_parse;
extern const struct ps_command ps_command_completion;

/* Reads options and runs the command; argv[0] is its name. The exit status. */
int ps_command_run_args(const struct ps_command *command, int argc, char **argv);

/* Says what is wrong with the command line and what to do next, on standard error. `command` NULL: the program as a
 * whole. Returns PS_EXIT_USAGE. */
int ps_command_usage_fail(const struct ps_command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* After the last print to standard output, makes sure that all of it arrived: PS_EXIT_OK, or PS_EXIT_FAILURE after a
 * message. */
int ps_command_output_end(void);
int ps_command_version_print(void);
