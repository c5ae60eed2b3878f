#include "config_yaml.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "base/fault.h"
#include "base/util.h"

enum { FILE_MAX = 1 << 20, READ_SIZE = 16384 };

struct ps_yaml {
    yaml_document_t document;
};

/* The header's opaque type is libyaml's own. */
static const yaml_node_t *node_of(const struct ps_yaml_node *node)
{
    return (const yaml_node_t *)(const void *)node;
}

static const struct ps_yaml_node *node_get(struct ps_yaml *y, int id)
{
    return (const struct ps_yaml_node *)(const void *)yaml_document_get_node(&y->document, id);
}

static struct ps_config_place place_of(yaml_mark_t mark)
{
    return (struct ps_config_place){mark.line + 1, mark.column + 1};
}

static const struct ps_config_place whole_file = {0};

static int content_read(int fd, struct ps_buf *content)
{
    for (;;) {
        int r = ps_buf_reserve(content, READ_SIZE);
        if (r < 0)
            return r == -ENOBUFS ? -EFBIG : r;
        ssize_t n = ps_fault(PS_FAULT_READ) ? -1 : read(fd, content->p + content->n, READ_SIZE);
        if (n == 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            content->n += (size_t)n;
    }
}

static int file_read(const char *path, struct ps_buf *content)
{
    _cleanup_close_ int fd = ps_fault(PS_FAULT_OPEN) ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return -errno;
    return content_read(fd, content);
}

/* The reader of characters knows only the offset, in bytes. */
static struct ps_config_place offset_place(struct ps_slice content, size_t offset)
{
    struct ps_config_place place = {1, 1};
    for (size_t i = 0; i < offset && i < content.n; i++) {
        place.column++;
        if (content.p[i] == '\n')
            place = (struct ps_config_place){place.line + 1, 1};
    }
    return place;
}

/* A mark counts characters. */
static char char_at(struct ps_slice content, yaml_mark_t mark)
{
    size_t at = 0;
    for (size_t line = 0; line < mark.line && at < content.n; at++)
        line += content.p[at] == '\n';
    for (size_t column = 0; column < mark.column && at < content.n; column++)
        for (at++; at < content.n && ((unsigned char)content.p[at] & 0xc0) == 0x80;)
            at++;
    return at < content.n ? content.p[at] : '\0';
}

/* libyaml's texts are constant: nothing of the file is in them. */
static int syntax_error_add(const yaml_parser_t *parser, struct ps_slice content, struct ps_config_errors *errors)
{
    if (parser->error == YAML_MEMORY_ERROR) {
        errors->no_memory = true;
        return -ENOMEM;
    }
    const char *problem = parser->problem ? parser->problem : "it can't be read";
    if (parser->error == YAML_READER_ERROR) {
        ps_config_error_add(errors, offset_place(content, parser->problem_offset), "not valid YAML: %s", problem);
        return -EINVAL;
    }
    bool tab = char_at(content, parser->problem_mark) == '\t' && !strstr(problem, "tab");
    ps_config_error_add(errors, place_of(parser->problem_mark), "not valid YAML: %s%s%s%s",
                        parser->context ? parser->context : "", parser->context ? ", " : "", problem,
                        tab ? " (a tab: indent with blanks)" : "");
    return -EINVAL;
}

static int second_document_check(yaml_parser_t *parser, struct ps_slice content, struct ps_config_errors *errors)
{
    yaml_document_t second;
    if (!yaml_parser_load(parser, &second))
        return syntax_error_add(parser, content, errors);
    const yaml_node_t *root = yaml_document_get_root_node(&second);
    if (root)
        ps_config_error_add(errors, place_of(root->start_mark), "expected a single document, found a second one");
    yaml_document_delete(&second);
    return root ? -EINVAL : 0;
}

static int document_load(struct ps_slice content, struct ps_config_errors *errors, struct ps_yaml *y)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        errors->no_memory = true;
        return -ENOMEM;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)(content.n ? content.p : ""), content.n);
    int r = 0;
    if (!yaml_parser_load(&parser, &y->document))
        r = syntax_error_add(&parser, content, errors);
    else if (yaml_document_get_root_node(&y->document))
        r = second_document_check(&parser, content, errors);
    yaml_parser_delete(&parser);
    return r;
}

PS_CLEANUP_DEFINE(struct ps_yaml, ps_yaml_free)

int ps_yaml_read(const char *path, struct ps_config_errors *errors, struct ps_yaml **ret)
{
    _cleanup_(ps_buf_done) struct ps_buf content = {.max = FILE_MAX};
    int r = file_read(path, &content);
    if (r == -EFBIG) {
        ps_config_error_add(errors, whole_file, "expected a file of less than 1 MiB");
        return r;
    }
    if (r < 0) {
        ps_config_error_add(errors, whole_file, "can't be read: %s", strerror(-r));
        return r;
    }
    /* Zero bytes are a document without nodes, which yaml_document_delete takes. */
    _cleanup_(ps_yaml_freep) struct ps_yaml *y = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(1, sizeof *y);
    if (!y) {
        errors->no_memory = true;
        return -ENOMEM;
    }
    r = document_load(ps_buf_slice(&content), errors, y);
    if (r < 0)
        return r;
    *ret = y;
    y = NULL;
    return 0;
}

struct ps_yaml *ps_yaml_free(struct ps_yaml *y)
{
    if (y) {
        yaml_document_delete(&y->document);
        free(y);
    }
    return NULL;
}

const struct ps_yaml_node *ps_yaml_root(struct ps_yaml *y)
{
    return (const struct ps_yaml_node *)(const void *)yaml_document_get_root_node(&y->document);
}

static bool is_null(const yaml_node_t *scalar)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    if (scalar->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    for (size_t i = 0; i < PS_COUNT(words); i++)
        if (strcmp((const char *)scalar->data.scalar.value, words[i]) == 0)
            return true;
    return false;
}

enum ps_yaml_kind ps_yaml_kind(const struct ps_yaml_node *node)
{
    const yaml_node_t *n = node_of(node);
    if (!n)
        return PS_YAML_NOTHING;
    switch (n->type) {
    case YAML_SCALAR_NODE:
        return is_null(n) ? PS_YAML_NOTHING : PS_YAML_SCALAR;
    case YAML_SEQUENCE_NODE:
        return PS_YAML_LIST;
    case YAML_MAPPING_NODE:
        return PS_YAML_MAPPING;
    case YAML_NO_NODE:
        break;
    }
    return PS_YAML_NOTHING;
}

struct ps_config_place ps_yaml_place(const struct ps_yaml_node *node)
{
    return node ? place_of(node_of(node)->start_mark) : (struct ps_config_place){1, 1};
}

const char *ps_yaml_text(const struct ps_yaml_node *node)
{
    const yaml_node_t *n = node_of(node);
    if (!n || n->type != YAML_SCALAR_NODE)
        return NULL;
    const char *text = (const char *)n->data.scalar.value;
    return strlen(text) == n->data.scalar.length ? text : NULL;
}

size_t ps_yaml_length(const struct ps_yaml_node *node)
{
    const yaml_node_t *n = node_of(node);
    if (n && n->type == YAML_SEQUENCE_NODE)
        return (size_t)(n->data.sequence.items.top - n->data.sequence.items.start);
    if (n && n->type == YAML_MAPPING_NODE)
        return (size_t)(n->data.mapping.pairs.top - n->data.mapping.pairs.start);
    return 0;
}

const struct ps_yaml_node *ps_yaml_element(struct ps_yaml *y, const struct ps_yaml_node *list, size_t i)
{
    return node_get(y, node_of(list)->data.sequence.items.start[i]);
}

const struct ps_yaml_node *ps_yaml_key(struct ps_yaml *y, const struct ps_yaml_node *mapping, size_t i)
{
    return node_get(y, node_of(mapping)->data.mapping.pairs.start[i].key);
}

const struct ps_yaml_node *ps_yaml_value(struct ps_yaml *y, const struct ps_yaml_node *mapping, size_t i)
{
    return node_get(y, node_of(mapping)->data.mapping.pairs.start[i].value);
}

const struct ps_yaml_node *ps_yaml_member(struct ps_yaml *y, const struct ps_yaml_node *mapping, const char *key)
{
    if (ps_yaml_kind(mapping) != PS_YAML_MAPPING)
        return NULL;
    for (size_t i = 0; i < ps_yaml_length(mapping); i++) {
        const char *name = ps_yaml_text(ps_yaml_key(y, mapping, i));
        if (name && strcmp(name, key) == 0)
            return ps_yaml_value(y, mapping, i);
    }
    return NULL;
}

const char *ps_yaml_found(const struct ps_yaml_node *node, bool secret, char buf[PS_YAML_FOUND_MAX])
{
    switch (ps_yaml_kind(node)) {
    case PS_YAML_NOTHING:
        return "nothing";
    case PS_YAML_LIST:
        return "a list";
    case PS_YAML_MAPPING:
        return "a mapping";
    case PS_YAML_SCALAR:
        break;
    }
    const char *text = ps_yaml_text(node);
    if (!text)
        return "a text with a NUL in it";
    if (secret)
        return "a text";
    int n = ps_config_quote_len(text);
    (void)snprintf(buf, PS_YAML_FOUND_MAX, "'%.*s'%s", n, text, text[n] ? "..." : "");
    return buf;
}
