/* Option rows: one constant table says what a configuration section can hold. The configuration reader, `postship
 * --help` and conf/postship.yaml all follow from the rows; no option exists anywhere else. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ps_option_type {
    PS_OPTION_STRING,       /* char *: owned, NULL when absent; never empty */
    PS_OPTION_BOOL,         /* bool: "true" or "false" */
    PS_OPTION_INT,          /* int64_t, min..max */
    PS_OPTION_SIZE,         /* int64_t bytes; "16MiB", "64 KiB", "1000"; min..max */
    PS_OPTION_DURATION,     /* int64_t microseconds; "30s", "5m", "250ms", "28d", "2h"; min..max in microseconds */
    PS_OPTION_ENUM,         /* int: index into choices */
    PS_OPTION_STRING_LIST,  /* struct ps_strings: a sequence; one scalar counts as a sequence of one */
    PS_OPTION_STRING_MAP,   /* struct ps_pairs: a mapping of scalars; keys unique */
    PS_OPTION_NETWORK_LIST, /* struct ps_networks */
    PS_OPTION_CONDITIONS    /* struct ps_conditions: a sequence of mappings, each of names to one or several scalars */
};

/* Units of SIZE: KiB, MiB, GiB (of 1024), kB, MB, GB (of 1000), none (bytes). "16M" is refused: it means either to
 * somebody. Units of DURATION: us, ms, s, m, h, d; there is none without. A blank may stand before the unit. */

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

struct ps_condition {
    char *name;               /* owned */
    struct ps_strings values; /* one of them; may be empty texts */
};
struct ps_condition_set {
    struct ps_condition *v; /* all of them together; each name once */
    size_t n;
};
struct ps_conditions {
    struct ps_condition_set *v; /* one suffices */
    size_t n;
};

struct ps_option {
    const char *name;
    enum ps_option_type type;
    size_t offset;              /* of the member in the options struct, which starts as all zero bytes */
    const char *standard;       /* the default, written as in the configuration; NULL: absent (zero); maps and
                                   conditions have none */
    int64_t min, max;           /* INT, SIZE, DURATION: both inclusive; max 0: no upper limit. Others: unused */
    const char *const *choices; /* ENUM: NULL-terminated */
    bool required;
    const char *doc;     /* one line */
    const char *example; /* for the reference, where a required row has no default; NULL: none */
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

/* True for the types that hold several values: lists and maps. */
bool ps_option_is_list(const struct ps_option *row);

/* What the whole value should be, in words: "a size such as 16MiB, at least 1KiB"; cut to n bytes. */
void ps_option_expect(const struct ps_option *row, char *buf, size_t n);

/* Reads one scalar into the member that the row names, over what stood there. Lists and maps: adds one element (`key`
 * is NULL but for maps). Conditions: adds one value to the condition `key` of the last set. 0; -EINVAL with what would
 * have been right, in words, in `buf`; -ENOMEM. On failure the member is as before. */
int ps_option_scalar_set(const struct ps_option *row, void *options, const char *key, const char *text, char *buf,
                         size_t n);

/* Conditions: adds an empty set. 0 or -ENOMEM. */
int ps_option_set_begin(const struct ps_option *row, void *options);

/* Frees what one member owns and leaves zero bytes. */
void ps_option_value_clear(const struct ps_option *row, void *options);

/* Fills in the defaults of all rows; 0 or -ENOMEM. */
int ps_option_defaults_set(const struct ps_option_table *table, void *options);

/* Frees what the rows own, leaves zero bytes. NULL is fine. */
void ps_option_values_done(const struct ps_option_table *table, void *options);
