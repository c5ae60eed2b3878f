#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "base/util.h"
#include "cli/command.h"

const struct ps_command *const ps_commands[] = {
    &ps_command_run, &ps_command_check, &ps_command_parse, &ps_command_completion, NULL,
};

static int help_print(void)
{
    (void)printf("postship ships the logs of mail servers as JSON: to Kafka, to a file.\n\n"
                 "Usage: postship COMMAND [options]\n\nCommands:\n");
    for (const struct ps_command *const *c = ps_commands; *c; c++)
        (void)printf("  %-12s %s\n", (*c)->name, (*c)->summary);
    (void)printf("\n'postship COMMAND --help' tells more. Exit status: 0, 1 (failed), 2 (wrong usage).\n");
    return ps_command_output_end();
}

static int unknown_command_fail(const char *name)
{
    struct ps_suggest suggest = {.word = name};
    for (const struct ps_command *const *c = ps_commands; *c; c++)
        ps_suggest_offer(&suggest, (*c)->name);
    return ps_command_usage_fail(NULL, "there is no command '%s'%s%s%s", name, suggest.best ? "; did you mean " : "",
                                 suggest.best ? suggest.best : "", suggest.best ? "?" : "");
}

/* A standard descriptor that is closed would become that of the next file, and messages would be written into it.
 * Opened the wrong way round, its use still fails. */
static bool standard_descriptors_hold(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return false;
    return true;
}

int main(int argc, char **argv)
{
    if (!standard_descriptors_hold())
        return PS_EXIT_FAILURE;
    /* A reader that went away is an error of write(2), not a death by signal. */
    (void)signal(SIGPIPE, SIG_IGN);

    const char *name = argc > 1 ? argv[1] : NULL;
    if (!name)
        return ps_command_usage_fail(NULL, "a command is missing");
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return help_print();
    if (strcmp(name, "--version") == 0)
        return ps_command_version_print();
    if (name[0] == '-')
        return ps_command_usage_fail(NULL, "expected a command, found '%s'", name);
    for (const struct ps_command *const *c = ps_commands; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return ps_command_run_args(*c, argc - 1, argv + 1);
    return unknown_command_fail(name);
}
