#include <string.h>

#include "output/file.h"
#include "output/output.h"
#ifdef PS_WITH_KAFKA
#include "output/kafka.h"
#endif

const struct ps_output_ops *const ps_output_kinds[] = {
    &ps_output_file,
#ifdef PS_WITH_KAFKA
    &ps_output_kafka,
#endif
    NULL,
};

const struct ps_output_ops *ps_output_kind_find(const char *kind)
{
    for (const struct ps_output_ops *const *ops = ps_output_kinds; *ops; ops++)
        if (strcmp((*ops)->kind, kind) == 0)
            return *ops;
    return NULL;
}
