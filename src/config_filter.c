#include "config_filter.h"

#include <string.h>

#include "base/glob.h"
#include "base/ip.h"
#include "base/suggest.h"
#include "base/util.h"
#include "model/event.h"

/* Fields that come into being behind the filter: a condition on them would never fit, or always. */
static bool field_is_late(enum ps_field f)
{
    static const enum ps_field late[] = {PS_F_ENCODING_REPAIRED, PS_F_CLIENT_IP_TOKEN,      PS_F_RELAY_IP_TOKEN,
                                         PS_F_SERVER_IP_TOKEN,   PS_F_ORIG_CLIENT_IP_TOKEN, PS_F_RESPONDER_IP_TOKEN,
                                         PS_F_PSEUDONYM_KEY,     PS_F_PSEUDONYM_PERIOD};
    for (size_t i = 0; i < PS_COUNT(late); i++)
        if (late[i] == f)
            return true;
    return false;
}

static void suggestion_add(struct ps_config_reader *reader, const struct ps_yaml_node *at, const char *path,
                           const char *expected, const char *found, const char *best)
{
    ps_config_error_add(reader->errors, ps_yaml_place(at), "%s: expected %s, found %s%s%s%s", path, expected, found,
                        best ? "; did you mean " : "", best ? best : "", best ? "?" : "");
}

/* False after an error. */
static bool field_read(struct ps_config_reader *reader, const struct ps_yaml_node *key, const char *path,
                       const char *name, enum ps_field *ret)
{
    struct ps_suggest suggest = {.word = name};
    if (!ps_field_find(ps_slice_from_str(name), ret)) {
        for (int i = 0; i < PS_FIELD_COUNT; i++)
            ps_suggest_offer(&suggest, ps_field_name((enum ps_field)i));
        suggestion_add(reader, key, path, "the name of a field of events", "an unknown one", suggest.best);
        return false;
    }
    if (field_is_late(*ret)) {
        ps_config_error_add(reader->errors, ps_yaml_place(key),
                            "%s: expected a field that events have when they are filtered, found one that comes later",
                            path);
        return false;
    }
    return true;
}

/* One of the kinds, at least. */
static bool kind_exists(struct ps_slice v, struct ps_suggest *suggest)
{
    for (int i = 0; i < PS_KIND_COUNT; i++) {
        if (ps_glob_matches(v, ps_kind_infos[i].name))
            return true;
        ps_suggest_offer(suggest, ps_kind_name((enum ps_kind)i));
    }
    return false;
}

static bool outcome_exists(struct ps_slice v, struct ps_suggest *suggest)
{
    for (int i = PS_OUTCOME_SUCCESS; i <= PS_OUTCOME_UNKNOWN; i++) {
        struct ps_slice name = ps_outcome_name((enum ps_outcome)i);
        if (ps_glob_matches(v, name))
            return true;
        ps_suggest_offer(suggest, name.p);
    }
    return false;
}

/* What a value of that field should be, in words, where this one could never fit; else NULL. */
static const char *value_expected(enum ps_field f, struct ps_slice v, struct ps_suggest *suggest)
{
    bool pattern = ps_glob_has_wildcards(v);
    if (f == PS_F_EVENT)
        return kind_exists(v, suggest) ? NULL : "an event kind such as delivery or login_failed";
    if (f == PS_F_OUTCOME)
        return outcome_exists(v, suggest) ? NULL : "one of success, failure, unknown";
    switch (ps_field_infos[f].type) {
    case PS_TYPE_BOOL:
        return ps_slice_equal(v, PS_SLICE("true")) || ps_slice_equal(v, PS_SLICE("false")) ? NULL : "true or false";
    case PS_TYPE_INT:
        return pattern || ps_value_is_int(v) ? NULL : "a whole number, or a pattern such as 5*";
    case PS_TYPE_FLOAT:
        return pattern || ps_value_is_float(v) ? NULL : "a number, or a pattern such as 0.*";
    case PS_TYPE_IP:
        return pattern || ps_ip_valid(v) ? NULL : "an address, or a pattern such as 192.0.2.*";
    case PS_TYPE_KEYWORD:
    case PS_TYPE_TEXT:
    case PS_TYPE_TIME:
    case PS_TYPE_LIST:
        return NULL;
    }
    return NULL;
}

static void value_check(struct ps_config_reader *reader, const struct ps_yaml_node *node, const char *path,
                        enum ps_field f)
{
    const char *text = ps_yaml_kind(node) == PS_YAML_SCALAR ? ps_yaml_text(node) : NULL;
    if (!text)
        return; /* said before */
    struct ps_suggest suggest = {.word = text};
    char found[PS_YAML_FOUND_MAX];
    const char *expected = value_expected(f, ps_slice_from_str(text), &suggest);
    if (expected)
        suggestion_add(reader, node, path, expected, ps_yaml_found(node, false, found), suggest.best);
}

static void condition_check(struct ps_config_reader *reader, const struct ps_yaml_node *set, size_t i, const char *path)
{
    const struct ps_yaml_node *key = ps_yaml_key(reader->yaml, set, i), *value = ps_yaml_value(reader->yaml, set, i);
    const char *name = ps_yaml_text(key);
    char full[PS_CONFIG_PATH_MAX];
    enum ps_field field;
    if (!name || ps_yaml_kind(key) != PS_YAML_SCALAR)
        return; /* said before */
    ps_config_path_make(full, path, name);
    if (!field_read(reader, key, full, name, &field))
        return;
    if (ps_yaml_kind(value) != PS_YAML_LIST)
        value_check(reader, value, full, field);
    else
        for (size_t j = 0; j < ps_yaml_length(value); j++)
            value_check(reader, ps_yaml_element(reader->yaml, value, j), full, field);
}

void ps_config_filter_check(struct ps_config_reader *reader, const struct ps_yaml_node *list, const char *path,
                            const char *row)
{
    char full[PS_CONFIG_PATH_MAX];
    ps_config_path_make(full, path, row);
    for (size_t i = 0; ps_yaml_kind(list) == PS_YAML_LIST && i < ps_yaml_length(list); i++) {
        const struct ps_yaml_node *set = ps_yaml_element(reader->yaml, list, i);
        for (size_t j = 0; ps_yaml_kind(set) == PS_YAML_MAPPING && j < ps_yaml_length(set); j++)
            condition_check(reader, set, j, full);
    }
}
