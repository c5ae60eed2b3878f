/* What the rows of a pipeline's `keep` and `drop` can't say: whether names are fields', and values such as they have.
 */
#pragma once

#include "config_section.h"

/* The list that stands below `path` under the name of its row; NULL is fine. */
void ps_config_filter_check(struct ps_config_reader *reader, const struct ps_yaml_node *list, const char *path,
                            const char *row);
