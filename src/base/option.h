/* Option rows: one constant table says what a configuration section can hold. The configuration reader, `postship
 * --help` and conf/postship.yaml all follow from the rows; no option exists anywhere else. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ps_option_type {
    PS_OPTION_STRING,      /* char *: owned, NULL when absent */
    PS_OPTION_BOOL,        /* bool */
    PS_OPTION_INT,         /* int64_t, min..max */
    PS_OPTION_SIZE,        /* int64_t bytes; "16MiB", "64 KiB", "1000"; min..max */
    PS_OPTION_DURATION,    /* int64_t microseconds; "30s", "5m", "250ms", "28d", "2h"; min..max in microseconds */
    PS_OPTION_ENUM,        /* int: index into choices */
    PS_OPTION_STRING_LIST, /* struct ps_strings: a sequence; one scalar counts as a sequence of one */
    PS_OPTION_STRING_MAP,  /* struct ps_pairs: a mapping of scalars; keys unique */
    PS_OPTION_NETWORK_LIST /* struct ps_networks */
};

struct ps_strings {
    char **v; /* owned, n of them */
    size_t n;
};

struct ps_pair {
    char *key, *value; /* owned */
};
struct ps_pairs {
    struct ps_pair *v;
    size_t n;
};

struct ps_networks {
    struct ps_network *v; /* base/ip.h */
    size_t n;
};

struct ps_option {
    const char *name;
    enum ps_option_type type;
    size_t offset;              /* of the member in the options struct, which starts as all zero bytes */
    const char *standard;       /* the default, written as in the configuration; NULL: absent (zero) */
    int64_t min, max;           /* INT, SIZE, DURATION: both inclusive; STRING and lists: unused */
    const char *const *choices; /* ENUM: NULL-terminated */
    bool required;
    const char *doc; /* one line */
};

/* The rows of one section, the size of the struct that they fill, and a check over the whole. */
struct ps_option_table {
    const struct ps_option *rows;
    size_t n;
    size_t size; /* sizeof the options struct */
    /* NULL, or what single rows can't say: returns NULL when fine, else a constant message and the name of the row to
     * blame. */
    const char *(*check)(const void *options, const char **ret_row);
};

/* Reads one scalar into the member that the row names. 0; -EINVAL with *ret_expected set to what would have been right,
 * in words
 * ("a size such as 16MiB, at least 1KiB"), in `buf`; -ENOMEM. Lists and maps: adds one element (`key` is NULL but for
 * maps). */
int ps_option_scalar_set(const struct ps_option *row, void *options, const char *key, const char *text, char *buf,
                         size_t n);

/* Fills in the defaults of all rows; 0 or -ENOMEM. */
int ps_option_defaults_set(const struct ps_option_table *table, void *options);

/* Frees what the rows own, leaves zero bytes. NULL is fine. */
void ps_option_values_done(const struct ps_option_table *table, void *options);
