#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "base/suggest.h"
#include "base/util.h"
#include "config_filter.h"
#include "config_section.h"
#include "config_tables.h"
#include "lib/idn.h"
#include "model/fields.h"

enum { NAME_MAX_LEN = 64, KINDS_MAX = 16, NAMES_SHOWN_MAX = 256 };

PS_CLEANUP_DEFINE(struct ps_config, ps_config_free)
PS_CLEANUP_DEFINE(struct ps_yaml, ps_yaml_free)

static void *zeros_new(struct ps_config_reader *reader, size_t n, size_t size)
{
    void *p = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(n, PS_MAX(size, (size_t)1));
    if (!p)
        reader->errors->no_memory = true;
    return p;
}

static char *name_copy(struct ps_config_reader *reader, const char *name)
{
    char *copy = ps_fault(PS_FAULT_MALLOC) ? NULL : strdup(name);
    if (!copy)
        reader->errors->no_memory = true;
    return copy;
}

/* Names of inputs, outputs and pipelines: those of pipelines become names of files. */
static bool name_is_good(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    size_t n = strlen(name);
    return n > 0 && n <= NAME_MAX_LEN && strspn(name, allowed) == n && name[0] != '.';
}

/* ", "-separated names, gathered for a message. */
struct names {
    char text[NAMES_SHOWN_MAX];
    size_t n;
};

static void names_add(struct names *names, const char *name)
{
    if (names->n < sizeof names->text)
        names->n +=
            (size_t)snprintf(names->text + names->n, sizeof names->text - names->n, "%s%s", names->n ? ", " : "", name);
}

/* The one kind of an input or output: its index among `kinds`, or -1 after an error. */
static int kind_choose(struct ps_config_reader *reader, const struct ps_yaml_node *node, const char *path,
                       const struct ps_config_key *kinds, size_t n)
{
    struct names all = {0}, found = {0};
    int chosen = -1;
    unsigned count = 0;
    for (size_t i = 0; i < n; i++) {
        names_add(&all, kinds[i].name);
        if (!kinds[i].found)
            continue;
        names_add(&found, kinds[i].name);
        chosen = (int)i;
        count++;
    }
    if (count == 1)
        return chosen;
    ps_config_error_add(reader->errors, ps_yaml_place(node), "%s: expected exactly one of the kinds %s, found %s", path,
                        all.text, count ? found.text : "none");
    return -1;
}

/* Reads the mapping of a kind by its own rows into new options. */
static void *kind_read(struct ps_config_reader *reader, const struct ps_config_key *kind, const char *path,
                       const struct ps_option_table *table, bool *ret_good)
{
    void *options = zeros_new(reader, 1, table->size);
    if (!options)
        return NULL;
    char full[PS_CONFIG_PATH_MAX];
    ps_config_path_make(full, path, kind->name);
    *ret_good = ps_config_section_read(reader, kind->value, full, table, options, NULL, 0);
    return options;
}

static void input_read(struct ps_config_reader *reader, const struct ps_yaml_node *node, const char *path,
                       struct ps_config_input *in)
{
    struct ps_config_key kinds[KINDS_MAX];
    size_t n = 0;
    for (; ps_input_kinds[n] && n < KINDS_MAX; n++)
        kinds[n] = (struct ps_config_key){.name = ps_input_kinds[n]->kind};
    (void)ps_config_section_read(reader, node, path, &ps_config_input, in, kinds, n);

    int kind = kind_choose(reader, node, path, kinds, n);
    if (kind < 0)
        return;
    bool good = false;
    in->ops = ps_input_kinds[kind];
    in->options = kind_read(reader, &kinds[kind], path, &in->ops->options, &good);
}

static void output_read(struct ps_config_reader *reader, const struct ps_yaml_node *node, const char *path,
                        struct ps_config_output *out)
{
    struct ps_config_key kinds[KINDS_MAX];
    size_t n = 0;
    for (; ps_output_kinds[n] && n < KINDS_MAX; n++)
        kinds[n] = (struct ps_config_key){.name = ps_output_kinds[n]->kind};
    (void)ps_config_section_read(reader, node, path, &ps_config_output, out, kinds, n);

    int kind = kind_choose(reader, node, path, kinds, n);
    if (kind < 0)
        return;
    bool good = false;
    out->ops = ps_output_kinds[kind];
    out->options = kind_read(reader, &kinds[kind], path, &out->ops->options, &good);

    char why[512] = "";
    if (good && out->ops->check && out->ops->check(out->options, why, sizeof why) < 0)
        ps_config_error_add(reader->errors, ps_yaml_place(kinds[kind].value), "%s.%s: %s", path, out->ops->kind, why);
}

/* Names of members that are added to events: of their own, and plain in every schema. */
static void added_names_check(struct ps_config_reader *reader, const struct ps_yaml_node *add, const char *path)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    if (ps_yaml_kind(add) != PS_YAML_MAPPING)
        return;
    for (size_t i = 0; i < ps_yaml_length(add); i++) {
        const struct ps_yaml_node *key = ps_yaml_key(reader->yaml, add, i);
        const char *name = ps_yaml_text(key);
        enum ps_field field;
        const char *expected = NULL;
        if (!name)
            continue; /* said before */
        if (!*name || strlen(name) > NAME_MAX_LEN || strspn(name, allowed) != strlen(name))
            expected = "a name of a-z, 0-9 and _, at most 64 long";
        else if (ps_field_find(ps_slice_from_str(name), &field))
            expected = "a name that no field of an event has";
        if (!expected)
            continue;
        char full[PS_CONFIG_PATH_MAX], found[PS_YAML_FOUND_MAX];
        ps_config_path_make(full, path, "add");
        ps_config_error_add(reader->errors, ps_yaml_place(key), "%s: expected %s, found %s", full, expected,
                            ps_yaml_found(key, false, found));
    }
}

static void pipeline_read(struct ps_config_reader *reader, const struct ps_yaml_node *node, const char *path,
                          struct ps_config_pipeline *p)
{
    (void)ps_config_section_read(reader, node, path, &ps_config_pipeline, p, NULL, 0);
    added_names_check(reader, ps_yaml_member(reader->yaml, node, "add"), path);
    ps_config_filter_check(reader, ps_yaml_member(reader->yaml, node, "keep"), path, "keep");
    ps_config_filter_check(reader, ps_yaml_member(reader->yaml, node, "drop"), path, "drop");
}

/* The name of an input or output that a pipeline looks for, among those that are there. */
struct wanted {
    const char *row;  /* "input", "output" */
    const char *name; /* NULL: said before */
    struct names known;
    struct ps_suggest suggest;
};

static struct wanted wanted_make(const char *row, const char *name)
{
    return (struct wanted){.row = row, .name = name, .suggest = {.word = name ? name : ""}};
}

static bool wanted_match(struct wanted *w, const char *name)
{
    names_add(&w->known, name);
    ps_suggest_offer(&w->suggest, name);
    return w->name && strcmp(w->name, name) == 0;
}

static void wanted_fail(struct ps_config_reader *reader, const struct ps_yaml_node *pipeline, const char *path,
                        const struct wanted *w)
{
    char full[PS_CONFIG_PATH_MAX], found[PS_YAML_FOUND_MAX];
    if (!w->name)
        return;
    const char *best = w->suggest.best;
    ps_config_path_make(full, path, w->row);
    const struct ps_yaml_node *at = ps_yaml_member(reader->yaml, pipeline, w->row);
    ps_config_error_add(reader->errors, ps_yaml_place(at), "%s: expected the name of an %s (%s), found %s%s%s%s", full,
                        w->row, w->known.n ? w->known.text : "there is none", ps_yaml_found(at, false, found),
                        best ? "; did you mean " : "", best ? best : "", best ? "?" : "");
}

static void pipeline_connect(struct ps_config_reader *reader, const struct ps_yaml_node *node, const char *path,
                             struct ps_config_pipeline *p, const struct ps_config *c)
{
    struct wanted input = wanted_make("input", p->input_name);
    for (size_t i = 0; c->inputs && i < c->inputs_n; i++)
        if (wanted_match(&input, c->inputs[i].name))
            p->input = &c->inputs[i];
    if (!p->input)
        wanted_fail(reader, node, path, &input);

    struct wanted output = wanted_make("output", p->output_name);
    for (size_t i = 0; c->outputs && i < c->outputs_n; i++)
        if (wanted_match(&output, c->outputs[i].name))
            p->output = &c->outputs[i];
    if (!p->output)
        wanted_fail(reader, node, path, &output);
}

/* One of the maps inputs, outputs, pipelines: its entries with good names, one by one. */
struct entries {
    struct ps_config_reader *reader;
    const struct ps_yaml_node *node;
    const char *path;
    size_t next;
};

/* How many pairs there can be; 0 after an error where there is no entry. */
static size_t entries_begin(struct entries *e)
{
    size_t n = ps_yaml_kind(e->node) == PS_YAML_MAPPING ? ps_yaml_length(e->node) : 0;
    char found[PS_YAML_FOUND_MAX];
    if (n == 0)
        ps_config_error_add(
            e->reader->errors, ps_yaml_place(e->node), "%s: expected a mapping of names to %s, found %s", e->path,
            e->path, ps_yaml_kind(e->node) == PS_YAML_MAPPING ? "an empty one" : ps_yaml_found(e->node, false, found));
    return n;
}

/* False: no further entry. *ret_name is an owned copy, NULL without memory. */
static bool entries_next(struct entries *e, char **ret_name, char path[PS_CONFIG_PATH_MAX],
                         const struct ps_yaml_node **ret_value)
{
    while (e->next < ps_yaml_length(e->node)) {
        size_t i = e->next++;
        const char *name = ps_config_key_read(e->reader, e->node, i, e->path);
        if (!name)
            continue;
        const struct ps_yaml_node *key = ps_yaml_key(e->reader->yaml, e->node, i);
        char found[PS_YAML_FOUND_MAX];
        if (!name_is_good(name)) {
            ps_config_error_add(e->reader->errors, ps_yaml_place(key),
                                "%s: expected a name of A-Z, a-z, 0-9, _, . and -, at most 64 long and without a . "
                                "in front, found %s",
                                e->path, ps_yaml_found(key, false, found));
            continue;
        }
        ps_config_path_make(path, e->path, name);
        *ret_name = name_copy(e->reader, name);
        *ret_value = ps_yaml_value(e->reader->yaml, e->node, i);
        return *ret_name != NULL;
    }
    return false;
}

static void inputs_read(struct ps_config_reader *reader, const struct ps_yaml_node *node, struct ps_config *c)
{
    struct entries e = {reader, node, "inputs", 0};
    size_t n = entries_begin(&e);
    c->inputs_n = 0;
    c->inputs = n ? zeros_new(reader, n, sizeof *c->inputs) : NULL;
    char *name, path[PS_CONFIG_PATH_MAX];
    const struct ps_yaml_node *value;
    while (c->inputs && entries_next(&e, &name, path, &value)) {
        struct ps_config_input *in = &c->inputs[c->inputs_n++];
        in->name = name;
        input_read(reader, value, path, in);
    }
}

static void outputs_read(struct ps_config_reader *reader, const struct ps_yaml_node *node, struct ps_config *c)
{
    struct entries e = {reader, node, "outputs", 0};
    size_t n = entries_begin(&e);
    c->outputs_n = 0;
    c->outputs = n ? zeros_new(reader, n, sizeof *c->outputs) : NULL;
    char *name, path[PS_CONFIG_PATH_MAX];
    const struct ps_yaml_node *value;
    while (c->outputs && entries_next(&e, &name, path, &value)) {
        struct ps_config_output *out = &c->outputs[c->outputs_n++];
        out->name = name;
        output_read(reader, value, path, out);
    }
}

static void pipelines_read(struct ps_config_reader *reader, const struct ps_yaml_node *node, struct ps_config *c)
{
    struct entries e = {reader, node, "pipelines", 0};
    size_t n = entries_begin(&e);
    c->pipelines = n ? zeros_new(reader, n, sizeof *c->pipelines) : NULL;
    char *name, path[PS_CONFIG_PATH_MAX];
    const struct ps_yaml_node *value;
    while (c->pipelines && entries_next(&e, &name, path, &value)) {
        struct ps_config_pipeline *p = &c->pipelines[c->pipelines_n++];
        p->name = name;
        pipeline_read(reader, value, path, p);
        pipeline_connect(reader, value, path, p, c);
    }
}

/* Into *ret, owned: in its ASCII form, in lower case, as domains are compared. 0, -EINVAL or -ENOMEM. */
static int domain_normalize(const char *domain, char **ret)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
    char ascii[PS_IDN_MAX + 1];
    size_t n = strlen(domain);
    bool is_ascii = true;
    for (size_t i = 0; i < n; i++)
        is_ascii &= (unsigned char)domain[i] < 0x80;
    if (is_ascii && n > PS_IDN_MAX)
        return -EINVAL;
    for (size_t i = 0; is_ascii && i < n; i++)
        ascii[i] = domain[i] >= 'A' && domain[i] <= 'Z' ? (char)(domain[i] - 'A' + 'a') : domain[i];
    int r = is_ascii ? 0 : ps_idn_to_ascii((struct ps_slice){domain, n}, ascii, &n);
    if (r < 0)
        return r;
    ascii[n] = '\0';
    if (strspn(ascii, allowed) != n || n == 0 || ascii[0] == '.' || ascii[n - 1] == '.' || strstr(ascii, ".."))
        return -EINVAL;
    char *copy = ps_fault(PS_FAULT_MALLOC) ? NULL : strdup(ascii);
    if (!copy)
        return -ENOMEM;
    *ret = copy;
    return 0;
}

static void own_domains_normalize(struct ps_config_reader *reader, const struct ps_yaml_node *node, struct ps_config *c)
{
    bool list = ps_yaml_kind(node) == PS_YAML_LIST;
    for (size_t i = 0, taken = 0; taken < c->own_domains.n; i++) {
        const struct ps_yaml_node *at = list ? ps_yaml_element(reader->yaml, node, i) : node;
        char **domain = &c->own_domains.v[taken], *ascii;
        const char *text = ps_yaml_text(at);
        if (!text || strcmp(text, *domain) != 0)
            continue; /* refused before */
        taken++;
        char found[PS_YAML_FOUND_MAX];
        int r = domain_normalize(text, &ascii);
        if (r == -ENOMEM)
            reader->errors->no_memory = true;
        else if (r < 0)
            ps_config_error_add(reader->errors, ps_yaml_place(at),
                                "own_domains: expected a domain such as example.org, found %s",
                                ps_yaml_found(at, false, found));
        if (r < 0)
            continue;
        free(*domain);
        *domain = ascii;
    }
}

static void top_read(struct ps_config_reader *reader, struct ps_config *c)
{
    enum { INPUTS, OUTPUTS, PIPELINES, MAPS };
    struct ps_config_key maps[MAPS] = {{.name = "inputs"}, {.name = "outputs"}, {.name = "pipelines"}};
    const struct ps_yaml_node *root = ps_yaml_root(reader->yaml);
    (void)ps_config_section_read(reader, root, "", &ps_config_top, c, maps, MAPS);
    if (ps_yaml_kind(root) != PS_YAML_MAPPING && ps_yaml_kind(root) != PS_YAML_NOTHING)
        return;
    own_domains_normalize(reader, ps_yaml_member(reader->yaml, root, "own_domains"), c);
    inputs_read(reader, maps[INPUTS].value, c);
    outputs_read(reader, maps[OUTPUTS].value, c);
    pipelines_read(reader, maps[PIPELINES].value, c);
}

static int tree_read(const char *path, struct ps_config_errors *errors, struct ps_config **ret)
{
    _cleanup_(ps_yaml_freep) struct ps_yaml *yaml = NULL;
    int r = ps_yaml_read(path, errors, &yaml);
    if (r < 0)
        return r;
    struct ps_config_reader reader = {yaml, errors};
    _cleanup_(ps_config_freep) struct ps_config *c = zeros_new(&reader, 1, sizeof *c);
    if (c)
        top_read(&reader, c);
    if (errors->no_memory)
        return -ENOMEM;
    if (errors->n)
        return -EINVAL;
    *ret = c;
    c = NULL;
    return 0;
}

int ps_config_read(const char *path, struct ps_config **ret, struct ps_buf *errors)
{
    struct ps_config_errors found = {0};
    int r = tree_read(path, &found, ret);
    if (r < 0)
        ps_config_errors_write(&found, path, errors);
    ps_config_errors_done(&found);
    return r;
}

struct ps_config *ps_config_free(struct ps_config *c)
{
    if (!c)
        return NULL;
    for (size_t i = 0; i < c->inputs_n; i++) {
        struct ps_config_input *in = &c->inputs[i];
        if (in->ops)
            ps_option_values_done(&in->ops->options, in->options);
        free(in->options);
        free(in->name);
        ps_option_values_done(&ps_config_input, in);
    }
    for (size_t i = 0; i < c->outputs_n; i++) {
        struct ps_config_output *out = &c->outputs[i];
        if (out->ops)
            ps_option_values_done(&out->ops->options, out->options);
        free(out->options);
        free(out->name);
        ps_option_values_done(&ps_config_output, out);
    }
    for (size_t i = 0; i < c->pipelines_n; i++) {
        free(c->pipelines[i].name);
        ps_option_values_done(&ps_config_pipeline, &c->pipelines[i]);
    }
    free(c->inputs);
    free(c->outputs);
    free(c->pipelines);
    ps_option_values_done(&ps_config_top, c);
    free(c);
    return NULL;
}
