/* A YAML document (libyaml) as a tree of nodes with their places. Aliases are resolved: a node can be reached on
 * several ways, even from within itself, so a reader descends by its own schema, never by the tree's. */
#pragma once

#include "config_errors.h"

struct ps_yaml;      /* the document; owns all nodes and texts */
struct ps_yaml_node; /* opaque */

enum ps_yaml_kind {
    PS_YAML_NOTHING, /* "key:" with nothing behind it, or null */
    PS_YAML_SCALAR,
    PS_YAML_LIST,
    PS_YAML_MAPPING
};

/* 0; -EINVAL, -ENOMEM or another negative errno, with what is wrong in *errors. */
int ps_yaml_read(const char *path, struct ps_config_errors *errors, struct ps_yaml **ret);
struct ps_yaml *ps_yaml_free(struct ps_yaml *y);

/* NULL: the document is empty. */
const struct ps_yaml_node *ps_yaml_root(struct ps_yaml *y);

/* A NULL node is nothing. */
enum ps_yaml_kind ps_yaml_kind(const struct ps_yaml_node *node);
struct ps_config_place ps_yaml_place(const struct ps_yaml_node *node);

/* The text of a scalar; NULL where it isn't one, or has a NUL character in it. */
const char *ps_yaml_text(const struct ps_yaml_node *node);

/* Elements of a list, pairs of a mapping; 0 for anything else. */
size_t ps_yaml_length(const struct ps_yaml_node *node);
const struct ps_yaml_node *ps_yaml_element(struct ps_yaml *y, const struct ps_yaml_node *list, size_t i);
const struct ps_yaml_node *ps_yaml_key(struct ps_yaml *y, const struct ps_yaml_node *mapping, size_t i);
const struct ps_yaml_node *ps_yaml_value(struct ps_yaml *y, const struct ps_yaml_node *mapping, size_t i);

/* The first value of that key; NULL: none. */
const struct ps_yaml_node *ps_yaml_member(struct ps_yaml *y, const struct ps_yaml_node *mapping, const char *key);

/* "'text'", cut at PS_CONFIG_QUOTE_MAX bytes; "nothing", "a list", "a mapping". `secret`: never the text itself. */
enum { PS_YAML_FOUND_MAX = PS_CONFIG_QUOTE_MAX + 16 };
const char *ps_yaml_found(const struct ps_yaml_node *node, bool secret, char buf[PS_YAML_FOUND_MAX]);
