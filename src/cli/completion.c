#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "cli/command.h"

/* After an option that takes one of several words, these; after any other with a value, file names. */
static void values_print(const struct ps_command_option *option)
{
    if (!option->argument)
        return;
    (void)printf("            ");
    if (option->letter)
        (void)printf("-%c | ", option->letter);
    (void)printf("--%s)", option->row.name);
    if (option->row.choices) {
        (void)printf(" mapfile -t COMPREPLY < <(compgen -W '");
        for (const char *const *choice = option->row.choices; *choice; choice++)
            (void)printf("%s%s", choice == option->row.choices ? "" : " ", *choice);
        (void)printf("' -- \"$word\");");
    }
    (void)printf(" return ;;\n");
}

static void command_print(const struct ps_command *command)
{
    (void)printf("    %s)\n        case ${COMP_WORDS[COMP_CWORD - 1]} in\n", command->name);
    for (size_t i = 0; i < command->options_n; i++)
        values_print(&command->options[i]);
    (void)printf("        esac\n        words='");
    for (size_t i = 0; i < command->options_n; i++)
        (void)printf("--%s ", command->options[i].row.name);
    (void)printf("--help --version'\n        ;;\n");
}

static int bash_print(void)
{
    (void)printf("# Completion of postship for bash. Made by 'postship completion bash'.\n"
                 "_postship()\n{\n"
                 "    local word=${COMP_WORDS[COMP_CWORD]} words=\n"
                 "    COMPREPLY=()\n"
                 "    if ((COMP_CWORD == 1)); then\n"
                 "        mapfile -t COMPREPLY < <(compgen -W '");
    for (const struct ps_command *const *c = ps_commands; *c; c++)
        (void)printf("%s ", (*c)->name);
    (void)printf("--help --version' -- \"$word\")\n"
                 "        return\n"
                 "    fi\n"
                 "    case ${COMP_WORDS[1]} in\n");
    for (const struct ps_command *const *c = ps_commands; *c; c++)
        command_print(*c);
    (void)printf("    esac\n"
                 "    if [[ $word == -* ]]; then\n"
                 "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
                 "    fi\n"
                 "}\n"
                 "complete -o default -F _postship postship\n");
    return ps_command_output_end();
}

static int run(const void *options, char **args)
{
    (void)options;
    if (!args[0] || args[1] || strcmp(args[0], "bash") != 0)
        return ps_command_usage_fail(&ps_command_completion, "expected the name of a shell: bash");
    return bash_print();
}

const struct ps_command ps_command_completion = {
    .name = "completion",
    .summary = "Print the completion for a shell",
    .arguments = "bash",
    .help = "For this shell alone: source <(postship completion bash)\n",
    .run = run,
};
