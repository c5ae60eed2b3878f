/* Log files: followed by inotify, over rotations, known by device, inode and content. */
#pragma once

#include "input/input.h"

struct ps_input_file_options {
    struct ps_strings paths;
    int read_from;         /* enum ps_read_from */
    int64_t max_line;      /* bytes */
    int64_t scan_interval; /* microseconds */
};

extern const struct ps_input_ops ps_input_file;
