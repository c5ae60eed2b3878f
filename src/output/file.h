/* Appends one JSON object a line to a file, or to standard output. A record is done when fsync has returned (standard
 * output, pipes, terminals: when write has). */
#pragma once

#include "output/output.h"

struct ps_output_file_options {
    char *path; /* "-": standard output */
};

extern const struct ps_output_ops ps_output_file;
