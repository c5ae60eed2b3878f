/* What is wrong with a configuration: gathered while it is read, told in one go, in the order of the file. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct ps_config_place {
    size_t line, column; /* counted from 1; line 0: the file as a whole */
};

struct ps_config_error {
    struct ps_config_place place;
    char *text; /* owned */
};

/* Zero-initialised it is ready. */
struct ps_config_errors {
    struct ps_config_error *v;
    size_t n;
    bool no_memory; /* something could not be read or told */
};

enum { PS_CONFIG_PATH_MAX = 512, PS_CONFIG_QUOTE_MAX = 64 };

/* The dotted path of a key below `parent` ("" at the top), over-long names cut. */
void ps_config_path_make(char dst[PS_CONFIG_PATH_MAX], const char *parent, const char *name);

/* Control characters in the text are replaced by '?'. */
void ps_config_error_add(struct ps_config_errors *e, struct ps_config_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Appends "FILE:LINE:COLUMN: text" lines; what *out has no room for is left out. */
void ps_config_errors_write(struct ps_config_errors *e, const char *file, struct ps_buf *out);
void ps_config_errors_done(struct ps_config_errors *e);

/* The bytes of s to show, at most PS_CONFIG_QUOTE_MAX, not within a UTF-8 sequence. */
int ps_config_quote_len(const char *s);
