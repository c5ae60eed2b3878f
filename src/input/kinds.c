#include <string.h>

#include "input/file.h"
#include "input/input.h"

const struct ps_input_ops *const ps_input_kinds[] = {
    &ps_input_file,
    NULL,
};

const struct ps_input_ops *ps_input_kind_find(const char *kind)
{
    for (const struct ps_input_ops *const *ops = ps_input_kinds; *ops; ops++)
        if (strcmp((*ops)->kind, kind) == 0)
            return *ops;
    return NULL;
}
