#include "config_section.h"

#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "base/util.h"

enum { EXPECTED_MAX = 512 };

struct section {
    struct ps_config_reader *reader;
    const struct ps_yaml_node *node;
    const char *path;
    const struct ps_option_table *table;
    void *options;
    struct ps_config_key *more;
    size_t more_n;
    uint64_t seen; /* bit i: row i was there */
};

const char *ps_config_key_read(struct ps_config_reader *reader, const struct ps_yaml_node *mapping, size_t i,
                               const char *path)
{
    const struct ps_yaml_node *key = ps_yaml_key(reader->yaml, mapping, i);
    const char *name = ps_yaml_text(key);
    const char *colon = *path ? ": " : "";
    char found[PS_YAML_FOUND_MAX];
    if (!name || ps_yaml_kind(key) == PS_YAML_NOTHING) {
        ps_config_error_add(reader->errors, ps_yaml_place(key), "%s%sexpected a word as the key, found %s", path, colon,
                            ps_yaml_found(key, false, found));
        return NULL;
    }
    for (size_t j = 0; j < i; j++) {
        const struct ps_yaml_node *before = ps_yaml_key(reader->yaml, mapping, j);
        const char *other = ps_yaml_text(before);
        if (!other || strcmp(other, name) != 0)
            continue;
        char full[PS_CONFIG_PATH_MAX];
        ps_config_path_make(full, path, name);
        ps_config_error_add(reader->errors, ps_yaml_place(key), "%s: expected each key once, found it in line %zu, too",
                            full, ps_yaml_place(before).line);
        return NULL;
    }
    return name;
}

static void expected_add(struct section *s, const struct ps_yaml_node *at, const char *path, const char *expected,
                         bool secret)
{
    char found[PS_YAML_FOUND_MAX];
    ps_config_error_add(s->reader->errors, ps_yaml_place(at), "%s: expected %s, found %s", path, expected,
                        ps_yaml_found(at, secret, found));
}

/* One scalar, or one element of a list or map. Values of maps are another program's settings, passwords among them:
 * they are never shown. */
static void scalar_read(struct section *s, const struct ps_option *row, const char *path, const char *key,
                        const struct ps_yaml_node *value)
{
    bool map = row->type == PS_OPTION_STRING_MAP;
    enum ps_yaml_kind kind = ps_yaml_kind(value);
    const char *text = kind == PS_YAML_SCALAR ? ps_yaml_text(value) : kind == PS_YAML_NOTHING ? "" : NULL;
    if (!text && !map)
        text = ""; /* which only maps take: gives the words */
    char expected[EXPECTED_MAX] = "a text";
    int r = text ? ps_option_scalar_set(row, s->options, key, text, expected, sizeof expected) : -EINVAL;
    if (r == -ENOMEM)
        s->reader->errors->no_memory = true;
    else if (r < 0)
        expected_add(s, value, path, expected, map);
}

static void list_read(struct section *s, const struct ps_option *row, const char *path,
                      const struct ps_yaml_node *value)
{
    for (size_t i = 0; i < ps_yaml_length(value); i++)
        scalar_read(s, row, path, NULL, ps_yaml_element(s->reader->yaml, value, i));
}

static void map_read(struct section *s, const struct ps_option *row, const char *path, const struct ps_yaml_node *value)
{
    for (size_t i = 0; i < ps_yaml_length(value); i++) {
        const char *key = ps_config_key_read(s->reader, value, i, path);
        if (!key)
            continue;
        char full[PS_CONFIG_PATH_MAX];
        ps_config_path_make(full, path, key);
        scalar_read(s, row, full, key, ps_yaml_value(s->reader->yaml, value, i));
    }
}

/* One value of a condition; an empty text is one, nothing is none. */
static void condition_value_read(struct section *s, const struct ps_option *row, const char *path, const char *name,
                                 const struct ps_yaml_node *value, const char *expected)
{
    if (ps_yaml_kind(value) == PS_YAML_SCALAR && ps_yaml_text(value))
        scalar_read(s, row, path, name, value);
    else
        expected_add(s, value, path, expected, false);
}

static void condition_read(struct section *s, const struct ps_option *row, const char *path, const char *name,
                           const struct ps_yaml_node *value)
{
    static const char expected[] = "a text or a list of texts";
    if (ps_yaml_kind(value) != PS_YAML_LIST)
        condition_value_read(s, row, path, name, value, expected);
    else if (ps_yaml_length(value) == 0)
        ps_config_error_add(s->reader->errors, ps_yaml_place(value), "%s: expected %s, found it empty", path, expected);
    else
        for (size_t i = 0; i < ps_yaml_length(value); i++)
            condition_value_read(s, row, path, name, ps_yaml_element(s->reader->yaml, value, i), "a text");
}

static void conditions_read(struct section *s, const struct ps_option *row, const char *path,
                            const struct ps_yaml_node *value)
{
    for (size_t i = 0; i < ps_yaml_length(value); i++) {
        const struct ps_yaml_node *set = ps_yaml_element(s->reader->yaml, value, i);
        if (ps_yaml_kind(set) != PS_YAML_MAPPING || ps_yaml_length(set) == 0) {
            char found[PS_YAML_FOUND_MAX];
            ps_config_error_add(s->reader->errors, ps_yaml_place(set),
                                "%s: expected a mapping of fields to texts such as {event: debug}, found %s", path,
                                ps_yaml_kind(set) == PS_YAML_MAPPING ? "an empty one"
                                                                     : ps_yaml_found(set, false, found));
            continue;
        }
        if (ps_option_set_begin(row, s->options) < 0) {
            s->reader->errors->no_memory = true;
            return;
        }
        for (size_t j = 0; j < ps_yaml_length(set); j++) {
            const char *name = ps_config_key_read(s->reader, set, j, path);
            if (!name)
                continue;
            char full[PS_CONFIG_PATH_MAX];
            ps_config_path_make(full, path, name);
            condition_read(s, row, full, name, ps_yaml_value(s->reader->yaml, set, j));
        }
    }
}

/* The kinds of node that a row takes. */
static bool kind_is_right(const struct ps_option *row, enum ps_yaml_kind kind)
{
    if (row->type == PS_OPTION_STRING_MAP)
        return kind == PS_YAML_MAPPING;
    if (row->type == PS_OPTION_CONDITIONS)
        return kind == PS_YAML_LIST;
    return kind == PS_YAML_SCALAR || (ps_option_is_list(row) && kind == PS_YAML_LIST);
}

static void value_read(struct section *s, const struct ps_option *row, const char *path,
                       const struct ps_yaml_node *value)
{
    enum ps_yaml_kind kind = ps_yaml_kind(value);
    if (ps_option_is_list(row))
        ps_option_value_clear(row, s->options);

    bool empty_list = ps_yaml_length(value) == 0 && (kind == PS_YAML_LIST || kind == PS_YAML_MAPPING);
    bool right = kind_is_right(row, kind);
    /* a list without conditions could be meant to fit everything as well as nothing */
    bool filled = row->required || row->type == PS_OPTION_CONDITIONS;
    if (ps_option_is_list(row) && kind == PS_YAML_NOTHING && !row->required)
        return; /* a list whose elements are all commented out */
    if (!right || (filled && empty_list)) {
        char expected[EXPECTED_MAX];
        ps_option_expect(row, expected, sizeof expected);
        if (right)
            ps_config_error_add(s->reader->errors, ps_yaml_place(value), "%s: expected %s, found it empty", path,
                                expected);
        else
            expected_add(s, value, path, expected, row->type == PS_OPTION_STRING_MAP);
    } else if (row->type == PS_OPTION_CONDITIONS) {
        conditions_read(s, row, path, value);
    } else if (kind == PS_YAML_LIST) {
        list_read(s, row, path, value);
    } else if (kind == PS_YAML_MAPPING) {
        map_read(s, row, path, value);
    } else {
        scalar_read(s, row, path, NULL, value);
    }
}

static void unknown_key_add(struct section *s, size_t i, const char *path, const char *name)
{
    struct ps_suggest suggest = {.word = name};
    char expected[EXPECTED_MAX] = "";
    size_t at = 0;
    for (size_t j = 0; j < s->table->n + s->more_n; j++) {
        const char *known = j < s->table->n ? s->table->rows[j].name : s->more[j - s->table->n].name;
        ps_suggest_offer(&suggest, known);
        if (at < sizeof expected)
            at += (size_t)snprintf(expected + at, sizeof expected - at, "%s%s", j ? ", " : "", known);
    }
    ps_config_error_add(s->reader->errors, ps_yaml_place(ps_yaml_key(s->reader->yaml, s->node, i)),
                        "%s: expected one of %s, found an unknown key%s%s%s", path, expected,
                        suggest.best ? "; did you mean " : "", suggest.best ? suggest.best : "",
                        suggest.best ? "?" : "");
}

static void pair_read(struct section *s, size_t i)
{
    const char *name = ps_config_key_read(s->reader, s->node, i, s->path);
    if (!name)
        return;
    const struct ps_yaml_node *value = ps_yaml_value(s->reader->yaml, s->node, i);
    char path[PS_CONFIG_PATH_MAX];
    ps_config_path_make(path, s->path, name);

    for (size_t j = 0; j < s->table->n; j++)
        if (strcmp(s->table->rows[j].name, name) == 0) {
            s->seen |= UINT64_C(1) << j;
            value_read(s, &s->table->rows[j], path, value);
            return;
        }
    for (size_t j = 0; j < s->more_n; j++)
        if (strcmp(s->more[j].name, name) == 0) {
            s->more[j].found = true;
            s->more[j].value = value;
            return;
        }
    unknown_key_add(s, i, path, name);
}

static void required_check(struct section *s)
{
    for (size_t j = 0; j < s->table->n; j++) {
        const struct ps_option *row = &s->table->rows[j];
        if (!row->required || s->seen >> j & 1)
            continue;
        char path[PS_CONFIG_PATH_MAX], expected[EXPECTED_MAX];
        ps_config_path_make(path, s->path, row->name);
        ps_option_expect(row, expected, sizeof expected);
        ps_config_error_add(s->reader->errors, ps_yaml_place(s->node), "%s: expected %s, found nothing", path,
                            expected);
    }
}

static void whole_check(struct section *s)
{
    const char *blamed = NULL;
    const char *message = s->table->check ? s->table->check(s->options, &blamed) : NULL;
    if (!message)
        return;
    char path[PS_CONFIG_PATH_MAX];
    (void)snprintf(path, sizeof path, "%s", s->path);
    if (blamed)
        ps_config_path_make(path, s->path, blamed);
    const struct ps_yaml_node *at = blamed ? ps_yaml_member(s->reader->yaml, s->node, blamed) : NULL;
    ps_config_error_add(s->reader->errors, ps_yaml_place(at ? at : s->node), "%s: %s", path, message);
}

bool ps_config_section_read(struct ps_config_reader *reader, const struct ps_yaml_node *node, const char *path,
                            const struct ps_option_table *table, void *options, struct ps_config_key *more,
                            size_t more_n)
{
    struct section s = {reader, node, path, table, options, more, more_n, 0};
    size_t errors = reader->errors->n;
    if (ps_option_defaults_set(table, options) < 0)
        reader->errors->no_memory = true;

    enum ps_yaml_kind kind = ps_yaml_kind(node);
    if (kind != PS_YAML_MAPPING && kind != PS_YAML_NOTHING) {
        char found[PS_YAML_FOUND_MAX];
        ps_config_error_add(reader->errors, ps_yaml_place(node), "%s%sexpected a mapping of keys to values, found %s",
                            path, *path ? ": " : "", ps_yaml_found(node, true, found));
        return false;
    }
    for (size_t i = 0; i < ps_yaml_length(node); i++)
        pair_read(&s, i);
    required_check(&s);
    if (reader->errors->n == errors && !reader->errors->no_memory)
        whole_check(&s);
    return reader->errors->n == errors && !reader->errors->no_memory;
}
