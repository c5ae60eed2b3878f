/* The configuration: YAML (libyaml) read by option rows into one tree, which never changes afterwards. */
#pragma once

#include "base/ip.h"
#include "base/option.h"
#include "input/input.h"
#include "output/output.h"

struct ps_config_input {
    char *name;
    char *host; /* NULL: from the line */
    const struct ps_input_ops *ops;
    void *options; /* by ops->options */
};

struct ps_config_output {
    char *name;
    const struct ps_output_ops *ops;
    void *options;
};

struct ps_config_pipeline {
    char *name;
    char *input_name, *output_name;
    const struct ps_config_input *input; /* in the same tree */
    const struct ps_config_output *output;
    struct ps_pairs add;
    struct ps_conditions keep, drop; /* the names are those of fields, the values such that they can fit */
    int64_t window;                  /* records */
    int64_t window_bytes;
};

struct ps_config {
    char *state_dir;
    int64_t shutdown_timeout; /* microseconds */
    struct ps_strings own_domains;
    struct ps_networks own_networks;
    struct ps_config_input *inputs;
    size_t inputs_n;
    struct ps_config_output *outputs;
    size_t outputs_n;
    struct ps_config_pipeline *pipelines;
    size_t pipelines_n;
};

/* 0 and the tree. -EINVAL: *errors holds all that is wrong, one "FILE:LINE:COLUMN: key: expected …, found …" a line.
 * Negative errno where the file can't be read, with a line in *errors too. */
int ps_config_read(const char *path, struct ps_config **ret, struct ps_buf *errors);
struct ps_config *ps_config_free(struct ps_config *c);

/* Appends the reference: every key of every section, commented, with its default, as YAML. What conf/postship.yaml
 * holds. */
int ps_config_reference_write(struct ps_buf *out);
