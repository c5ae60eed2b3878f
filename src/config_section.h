/* One mapping of the configuration, read by option rows. */
#pragma once

#include "base/option.h"
#include "config_yaml.h"

struct ps_config_reader {
    struct ps_yaml *yaml;
    struct ps_config_errors *errors;
};

/* A key that a section can have besides its rows; the section's owner reads what it holds. */
struct ps_config_key {
    const char *name;
    bool found;                       /* filled in */
    const struct ps_yaml_node *value; /* filled in; NULL where the key isn't there */
};

enum { PS_CONFIG_ROWS_MAX = 64 };

/* Fills in the defaults, then reads `node` into options (zero bytes before; values_done afterwards in any case) and
 * finds the `more_n` other keys. What is wrong goes to the errors; true: nothing was. A node that is nothing counts as
 * an empty mapping. */
bool ps_config_section_read(struct ps_config_reader *reader, const struct ps_yaml_node *node, const char *path,
                            const struct ps_option_table *table, void *options, struct ps_config_key *more,
                            size_t more_n);

/* The key of pair i as text. NULL, after an error, where it isn't one or stood before in the same mapping. */
const char *ps_config_key_read(struct ps_config_reader *reader, const struct ps_yaml_node *mapping, size_t i,
                               const char *path);
