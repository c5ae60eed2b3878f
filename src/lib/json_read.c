#include "lib/json_read.h"

#include <stdlib.h>
#include <yajl/yajl_parse.h>

#include "base/fault.h"
#include "base/utf8.h"
#include "base/util.h"

enum { JSON_DEPTH_MAX = 64, JSON_ITEMS_FIRST = 8 };

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct ps_json {
    enum json_type type;
    bool truth;             /* BOOL */
    char *name;             /* as a member of an object; owned */
    struct ps_json **items; /* ARRAY, OBJECT: count of them, owned */
    size_t count, room;
    size_t n;    /* NUMBER, STRING: bytes of text */
    char text[]; /* with a NUL behind it */
};

/* What the callbacks build. `error` says why a callback stopped the parser. */
struct builder {
    struct ps_json *root;
    struct ps_json *open[JSON_DEPTH_MAX]; /* containers, outermost first */
    size_t depth;
    char *name; /* of the member whose value comes next; owned */
    int error;
};

struct ps_json *ps_json_free(struct ps_json *root)
{
    if (!root)
        return NULL;
    for (size_t i = 0; i < root->count; i++)
        (void)ps_json_free(root->items[i]);
    free(root->items);
    free(root->name);
    free(root);
    return NULL;
}

static int stop(struct builder *b, int error)
{
    b->error = error;
    return 0;
}

static bool room_make(struct ps_json *container)
{
    if (container->count < container->room)
        return true;
    size_t room = container->room ? 2 * container->room : JSON_ITEMS_FIRST;
    struct ps_json **items =
        ps_fault(PS_FAULT_MALLOC) ? NULL : reallocarray(container->items, room, sizeof *container->items);
    if (!items)
        return false;
    container->items = items;
    container->room = room;
    return true;
}

/* Makes a value and hangs it into the tree. NULL when there is no memory. */
static struct ps_json *value_add(struct builder *b, enum json_type type, struct ps_slice text)
{
    struct ps_json *parent = b->depth ? b->open[b->depth - 1] : NULL;
    if (parent && !room_make(parent))
        return NULL;
    struct ps_json *v = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(1, sizeof *v + text.n + 1);
    if (!v)
        return NULL;
    v->type = type;
    v->n = text.n;
    if (text.n)
        memcpy(v->text, text.p, text.n);
    v->name = b->name;
    b->name = NULL;
    if (parent)
        parent->items[parent->count++] = v;
    else
        b->root = v;
    return v;
}

static int scalar_add(struct builder *b, enum json_type type, struct ps_slice text)
{
    return value_add(b, type, text) ? 1 : stop(b, -ENOMEM);
}

static int container_open(struct builder *b, enum json_type type)
{
    if (b->depth == JSON_DEPTH_MAX)
        return stop(b, -EINVAL);
    struct ps_json *v = value_add(b, type, (struct ps_slice){0});
    if (!v)
        return stop(b, -ENOMEM);
    b->open[b->depth++] = v;
    return 1;
}

static int container_close(void *ctx)
{
    struct builder *b = ctx;
    b->depth--;
    return 1;
}

static int on_null(void *ctx)
{
    return scalar_add(ctx, JSON_NULL, (struct ps_slice){0});
}

static int on_bool(void *ctx, int truth)
{
    struct builder *b = ctx;
    struct ps_json *v = value_add(b, JSON_BOOL, (struct ps_slice){0});
    if (!v)
        return stop(b, -ENOMEM);
    v->truth = truth != 0;
    return 1;
}

static int on_number(void *ctx, const char *p, size_t n)
{
    return scalar_add(ctx, JSON_NUMBER, ps_slice_make(p, n));
}

static int on_string(void *ctx, const unsigned char *p, size_t n)
{
    return scalar_add(ctx, JSON_STRING, ps_slice_make((const char *)p, n));
}

static int on_object(void *ctx)
{
    return container_open(ctx, JSON_OBJECT);
}

static int on_array(void *ctx)
{
    return container_open(ctx, JSON_ARRAY);
}

static int on_name(void *ctx, const unsigned char *p, size_t n)
{
    struct builder *b = ctx;
    if (memchr(p, '\0', n)) /* names are handed out as C strings */
        return stop(b, -EINVAL);
    char *name = ps_fault(PS_FAULT_MALLOC) ? NULL : strndup((const char *)p, n);
    if (!name)
        return stop(b, -ENOMEM);
    if (ps_json_member(b->open[b->depth - 1], name)) {
        free(name);
        return stop(b, -EINVAL);
    }
    b->name = name;
    return 1;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_bool,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_object,
    .yajl_map_key = on_name,
    .yajl_end_map = container_close,
    .yajl_start_array = on_array,
    .yajl_end_array = container_close,
};

/* The code unit of a \uXXXX escape at the start of s, or -1. */
static int code_unit(struct ps_slice s)
{
    if (s.n < 6 || s.p[0] != '\\' || s.p[1] != 'u')
        return -1;
    int unit = 0;
    for (size_t i = 2; i < 6; i++) {
        char c = s.p[i];
        int digit = c >= '0' && c <= '9'                     ? c - '0'
                    : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                             : -1;
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* Whether each escaped surrogate is one of a pair: yajl makes something else of a lone one. Outside of strings yajl
 * allows no backslash. */
static bool surrogates_paired(struct ps_slice text)
{
    size_t at = 0;
    const char *found;
    while (at < text.n && (found = memchr(text.p + at, '\\', text.n - at))) {
        at = (size_t)(found - text.p);
        int unit = code_unit(ps_slice_after(text, at));
        if (unit < 0xD800 || unit > 0xDFFF) {
            at += 2;
            continue;
        }
        int second = code_unit(ps_slice_after(text, at + 6));
        if (unit >= 0xDC00 || second < 0xDC00 || second > 0xDFFF)
            return false;
        at += 12;
    }
    return true;
}

/* libyajl's own few allocations are not checked by it: where the system refuses them the process ends. */
int ps_json_parse(struct ps_slice text, struct ps_json **ret)
{
    if (!text.n || !ps_utf8_valid(text) || !surrogates_paired(text))
        return -EINVAL;
    struct builder b = {0};
    yajl_handle parser = ps_fault(PS_FAULT_MALLOC) ? NULL : yajl_alloc(&callbacks, NULL, &b);
    if (!parser)
        return -ENOMEM;
    yajl_status status = yajl_parse(parser, (const unsigned char *)text.p, text.n);
    if (status == yajl_status_ok)
        status = yajl_complete_parse(parser);
    yajl_free(parser);

    free(b.name);
    if (status != yajl_status_ok || !b.root) {
        (void)ps_json_free(b.root);
        return b.error ? b.error : -EINVAL;
    }
    *ret = b.root;
    return 0;
}

static bool is(const struct ps_json *v, enum json_type type)
{
    return v && v->type == type;
}

const struct ps_json *ps_json_member(const struct ps_json *object, const char *name)
{
    if (is(object, JSON_OBJECT))
        for (size_t i = 0; i < object->count; i++)
            if (strcmp(object->items[i]->name, name) == 0)
                return object->items[i];
    return NULL;
}

const struct ps_json *ps_json_element(const struct ps_json *array, size_t i)
{
    return is(array, JSON_ARRAY) && i < array->count ? array->items[i] : NULL;
}

size_t ps_json_length(const struct ps_json *array_or_object)
{
    return array_or_object ? array_or_object->count : 0;
}

const char *ps_json_name(const struct ps_json *object, size_t i)
{
    return is(object, JSON_OBJECT) && i < object->count ? object->items[i]->name : NULL;
}

const struct ps_json *ps_json_value(const struct ps_json *object, size_t i)
{
    return is(object, JSON_OBJECT) && i < object->count ? object->items[i] : NULL;
}

bool ps_json_string(const struct ps_json *v, struct ps_slice *ret)
{
    if (!is(v, JSON_STRING))
        return false;
    *ret = ps_slice_make(v->text, v->n);
    return true;
}

bool ps_json_number_text(const struct ps_json *v, struct ps_slice *ret)
{
    if (!is(v, JSON_NUMBER))
        return false;
    *ret = ps_slice_make(v->text, v->n);
    return true;
}

bool ps_json_i64(const struct ps_json *v, int64_t *ret)
{
    if (!is(v, JSON_NUMBER))
        return false;
    char *end;
    errno = 0;
    long long number = strtoll(v->text, &end, 10);
    if (errno || *end) /* out of range, or a fraction or exponent */
        return false;
    *ret = number;
    return true;
}

bool ps_json_bool(const struct ps_json *v, bool *ret)
{
    if (!is(v, JSON_BOOL))
        return false;
    *ret = v->truth;
    return true;
}
